"""Whom an app sends nothing to any more: what an operator sees of it, and how they undo it."""

import re
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from typing import Any

from slotline.domain.booking.apps import App
from slotline.domain.booking.reminders import Audience, Channel
from slotline.domain.booking.sendings import Suppression
from slotline.domain.messages.bounds import identity_of, suppressed_as
from slotline.domain.messages.sending import HEARD_BACK_FROM
from slotline.domain.shared.phones import to_e164
from slotline.domain.shared.plain_json import plain
from slotline.ports.messages import Suppressions
from slotline.ports.shared import Clock
from tools import reading
from tools.acts import act
from tools.errors import ToolError

PAGE = 100
"""Rows of one read."""

_ID = re.compile(r"([a-z]+):([0-9a-f]{64})")


def lift_options(parser: ArgumentParser) -> None:
    """Of which app, and whom."""
    parser.add_argument("--app", required=True, metavar="ID", help="the app's id")
    parser.add_argument("recipient", help="an e-mail address, a number with + and country code, or an id of the list")


def all_of(suppressions: Suppressions, app_id: str) -> Iterator[Suppression]:
    """Every one of an app."""
    after = None
    while True:
        page = suppressions.list(app_id, PAGE, after)
        yield from page.rows
        if page.next is None:
            return
        after = page.next


def shown(suppression: Suppression) -> dict[str, Any]:
    """A suppression as it is shown. Nobody can read the address out of it; the call says whose it was."""
    fields: dict[str, Any] = plain(suppression)
    recipient = fields.pop("recipient")
    return {"id": f"{suppression.channel}:{recipient}", **fields}


def places_of(recipient: str) -> Sequence[tuple[Channel, str]]:
    """Where the suppressions of what was typed would stand: by channel and identity.

    Raises InvalidRequest or ToolError for what is no address, no number and no id.
    """
    if found := _ID.fullmatch(recipient):
        if found[1] not in {channel.value for channel in HEARD_BACK_FROM}:
            raise ToolError(f"there is nothing to lift on channel {found[1]}")
        return [(Channel(found[1]), found[2])]
    if "@" in recipient:
        address = reading.email_of(recipient, "RECIPIENT")
        return [(Channel.EMAIL, suppressed_as(address, audience)) for audience in (Audience.GUEST, Audience.AGENT)]
    number = to_e164(recipient, "RECIPIENT")
    return [(channel, identity_of(number)) for channel in (Channel.SMS, Channel.WHATSAPP)]


def lift(suppressions: Suppressions, app: App, recipient: str, clock: Clock) -> Sequence[Channel]:
    """Send there again; over which channels nothing was sent until now. Raises ToolError if there are none.

    The audit log says over which channel, and not whose it is.
    """
    lifted = [
        channel
        for channel, identity in places_of(recipient)
        if suppressions.lift(
            app.app_id,
            channel,
            identity,
            act(clock).entry("suppression.lifted", app.app_id, {"channel": channel}, None, of=app),
        )
    ]
    if not lifted:
        raise ToolError("nothing is suppressed there: compare app and recipient with `suppressions list`")
    return list(dict.fromkeys(lifted))
