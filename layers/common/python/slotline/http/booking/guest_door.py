"""What a request behind a guest's link passes, on the page as at the API: whose address counts, which link is read.

It is a module of its own because the page does without the models of the API.
"""

from collections.abc import Mapping
from datetime import datetime

from slotline.domain.access.rate_limits import Window
from slotline.domain.access.websites import visitor_of
from slotline.domain.booking.guest_links import LinkKeys
from slotline.domain.shared.errors import RateLimited
from slotline.http.core.methods import Event
from slotline.http.core.urls import LONGEST_ID
from slotline.ports.access import Rates

LIMITS: Mapping[Window, int] = {Window.MINUTE: 120, Window.HOUR: 2_000, Window.DAY: 10_000}
"""Requests from one address. Many guests may share one; a guess at a link has no chance in any number of them."""
AT = "/api/v1/guest/"


def counted_as(event: Event, keys: LinkKeys, of: str = "guest") -> str:
    """The name under which requests from this one's address are counted. `of`: what they are counted for."""
    # API Gateway's own word for the address: a header such as X-Forwarded-For says what its sender likes.
    address = str(event["requestContext"]["http"]["sourceIp"])
    return f"{of}-{visitor_of(address, keys.for_addresses)}"


def check_count(event: Event, keys: LinkKeys, rates: Rates, now: datetime, of: str = "guest") -> None:
    """Count a request. Raises RateLimited, or StoreBusyError."""
    state = rates.count(counted_as(event, keys, of), dict(LIMITS), now)
    if not state.allowed:
        message = "Too many requests. Try again later."
        raise RateLimited(message, retry_after_seconds=state.retry_after_seconds)


def with_short_token(event: Event) -> Event:
    """The event; a token that is longer than any part of a path may be is as good as one that is none.

    So it is refused like every other: nothing about a refused link tells what was wrong with it.
    """
    parts = str(event["rawPath"]).split("/")
    short = [part if len(part.encode(errors="replace")) <= LONGEST_ID else "none" for part in parts]
    return {**event, "rawPath": "/".join(short)} if short != parts else event
