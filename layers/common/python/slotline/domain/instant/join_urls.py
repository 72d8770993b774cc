"""Where a call is joined: the links that its website is given."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from slotline.domain.booking.guest_links import LinkKeys
from slotline.domain.booking.role_tokens import token_of
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.doors import INSTANT_LASTS
from slotline.domain.instant.rooms import VideoCall


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinUrls:
    """The links of both sides. `host`: None for whoever may not be the host."""

    guest: str = field(repr=False)
    host: str | None = field(repr=False)


def join_urls(
    call: VideoCall, rooms_at: str, widget_key: str | None, keys: Callable[[], LinkKeys], now: datetime
) -> JoinUrls:
    """The links of a call, for a website with this key, or for whoever has none.

    The host's has the key in it, which is the host's proof; where the preset wants role tokens, both have one instead,
    behind `#`. A booking's host is its agent, whose link is in the booking.
    """
    room = f"{rooms_at}/c/{call.id}"
    if not call.join_tokens:
        who = urlencode({"role": "agent", "appId": call.app_id, "widgetKey": widget_key})
        return JoinUrls(guest=room, host=f"{room}?{who}" if widget_key and not call.booked else None)
    ends_at = call.created_at + INSTANT_LASTS
    guest, host = (token_of(keys(), call.id, side, ends_at=ends_at, now=now) for side in (Side.GUEST, Side.HOST))
    return JoinUrls(guest=f"{room}#{guest}", host=f"{room}?role=agent#{host}" if widget_key else None)
