"""The keys that guests' links are made with: what there is, and a rotation."""

from argparse import ArgumentParser
from typing import Any

from slotline.domain.booking.guest_links import KEPT_FOR, LinkKeys, keys_of, text_of
from slotline.domain.shared.instants import format_instant
from slotline.ids import new_secret
from slotline.ports.shared import Clock
from tools.errors import ToolError
from tools.target import Target

_MINUTE = 60


def rotate_options(parser: ArgumentParser) -> None:
    """Whether the keys before are kept."""
    parser.add_argument(
        "--replace-all",
        action="store_true",
        help="a key leaked: keep none of those before, so that every link that was sent is dead",
    )


def rotate(target: Target, clock: Clock, *, replaces_all: bool) -> dict[str, Any]:
    """One more key, or another one alone. Raises ToolError."""
    client, secret_id = target.client("secretsmanager"), _secret_id(target)
    secret = new_secret("")
    try:
        now = clock.now()
        before = keys_of(client.get_secret_value(SecretId=secret_id)["SecretString"])
        keys = before.replaced(secret) if replaces_all else before.rotated(secret, now)
    except ValueError as refusal:
        raise ToolError(str(refusal)) from refusal
    client.put_secret_value(SecretId=secret_id, SecretString=text_of(keys))
    return _shown(keys) | {"known_everywhere_within_minutes": KEPT_FOR.seconds // _MINUTE}


def shown(target: Target) -> dict[str, Any]:
    """Which keys there are, without their secrets. Raises ToolError."""
    client = target.client("secretsmanager")
    try:
        return _shown(keys_of(client.get_secret_value(SecretId=_secret_id(target))["SecretString"]))
    except ValueError as refusal:
        raise ToolError(str(refusal)) from refusal


def _shown(keys: LinkKeys) -> dict[str, Any]:
    return {
        "keys": [
            {"id": key.id, "signs_from": format_instant(key.signs_from) if key.signs_from else None}
            for key in keys.keys
        ]
    }


def _secret_id(target: Target) -> str:
    if not target.guest_link_secret:
        raise ToolError("this system has no secret for guests' links: it is of a release before there were any")
    return target.guest_link_secret
