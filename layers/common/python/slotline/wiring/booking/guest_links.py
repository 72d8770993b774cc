"""The keys of guests' links, and the links in answers, imported when they are first needed: a mail has none."""

from functools import cache
from typing import TYPE_CHECKING, cast

from slotline.domain.booking.guest_links import KEPT_FOR, keys_of
from slotline.ports.booking import GuestLinkKeys
from slotline.tokens.kept_secret import KeptSecret
from slotline.wiring import common

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from slotline.http.booking.guest_urls import GuestUrls


@cache
def secrets() -> "SecretsManagerClient":
    """Where they are kept."""
    return cast("SecretsManagerClient", common.client("secretsmanager"))


@cache
def link_keys() -> GuestLinkKeys:
    """The keys, as they are by now."""
    return KeptSecret(
        secrets, common.settings().guest_link_secret_id, common.clock(), keys_of, "the keys of guests' links", KEPT_FOR
    )


@cache
def guest_urls() -> "GuestUrls":
    """Links in the answers to whoever may write."""
    from slotline.http.booking.guest_urls import GuestUrls

    return GuestUrls(keys=link_keys(), clock=common.clock())
