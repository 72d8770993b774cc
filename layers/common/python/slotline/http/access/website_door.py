"""What every request of a website passes, whichever answer it gets: its origin, and the counts of visitor and key."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from slotline.domain.access.rate_limits import RateState
from slotline.domain.access.websites import Allowance, origins, visitor_of
from slotline.domain.shared.errors import Forbidden, RateLimited
from slotline.ports.access import Rates
from slotline.settings import Settings

Event = Mapping[str, Any]


def visitor_in(event: Event, widget_key: str) -> str:
    """Who visits the website, as they are counted.

    API Gateway's own word for the address: a header such as X-Forwarded-For says what its sender likes.
    """
    return visitor_of(event["requestContext"]["http"]["sourceIp"], widget_key)


def check_origin(headers: dict[str, str], event: Event, listed: Iterable[str], settings: Settings) -> None:
    """Where a preset lists origins, a browser on any other may not use the key for it; our own pages always may.

    `headers`: of the answer, which begin open to any origin. Raises Forbidden. What is no browser sends no Origin, and
    is let in: a list of origins says nothing about servers.
    """
    listed = list(listed)
    if not listed:
        return
    headers.pop("Access-Control-Allow-Origin", None)
    headers["Vary"] = "Origin"
    origin = _origin(event)
    if origin is None:
        return
    if not is_among(event, listed, settings):
        raise Forbidden("This website is not among those that may use this app's widget key.")
    headers["Access-Control-Allow-Origin"] = origin


def is_among(event: Event, listed: Iterable[str], settings: Settings) -> bool:
    """Whether the page that sends this may be where these origins are listed; none are: every page may be.

    A list that nobody can read shuts all others out.
    """
    listed, origin = list(listed), _origin(event)
    if not listed or origin is None:
        return True
    own = (settings.video_base_url, settings.api_base_url, f"https://{event['requestContext']['domainName']}")
    return bool(origins([origin]) & (origins(listed) | origins(own)))


def count(rates: Rates, allowances: Iterable[Allowance], now: datetime) -> tuple[RateState, Allowance]:
    """Count a request in each, one after the other, up to the first that is full.

    Where it stands where the least is left, and whose that is.
    """
    found: list[tuple[RateState, Allowance]] = []
    for allowance in allowances:
        state = rates.count(allowance.principal, dict(allowance.limits), now, shows_use=not allowance.of_visitor)
        found.append((state, allowance))
        if not found[-1][0].allowed:
            return found[-1]
    return min(found, key=lambda one: one[0].remaining)


def check_count(state: RateState, allowance: Allowance) -> None:
    """Raises RateLimited for a request that was not counted, because there was no room for it."""
    if not state.allowed:
        whose = " from one visitor" if allowance.of_visitor else ""
        raise RateLimited(
            f"More than {state.limit} requests{whose} in one {state.window}. Retry-After says when it is over.",
            retry_after_seconds=state.retry_after_seconds,
        )


def rate_headers(state: RateState) -> dict[str, str]:
    """Where a credential stands, on its answers."""
    return {
        "X-RateLimit-Limit": str(state.limit),
        "X-RateLimit-Remaining": str(state.remaining),
        "X-RateLimit-Reset": str(int(state.resets_at.timestamp())),
        "X-RateLimit-Window": state.window.value,
    }


def _origin(event: Event) -> str | None:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return headers.get("origin")
