"""Websites: what speaks for an app with nothing but a widget key.

A widget key stands in a page's source, so it proves little: it names the app, and may start calls, see slots and book.
What narrows it is the preset's list of origins, the key's own rate limit, and each visitor's share of that limit: one
visitor who asks without end uses up their share, and the website goes on for everybody else.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv6Address, ip_address

from slotline.domain.access.identity import RateLimits
from slotline.domain.access.rate_limits import Window
from slotline.domain.booking.apps import App, Preset
from slotline.domain.shared.origins import normal_origin

DEFAULT_LIMITS = RateLimits(minute=60, hour=1_000, day=10_000)
"""Of a widget key whose row has no limits of its own."""
VISITORS_PART = 10
"""A visitor may make one in so many of a key's requests."""
LEAST_SHARE = 10
"""Requests in each window that every visitor may make, however few the key has in all."""
LEAST_PAGES = RateLimits(minute=60, hour=600, day=3_000)
"""Looks at the booking page that a visitor has, however few requests the key has. A guest whose browser runs no script
asks for a page at each click: for each day, each month and each other time zone."""
LONGEST_ID, LONGEST_KEY = 128, 256
_VISITORS_NETWORK = 64
"""Bits of an IPv6 address that tell one visitor from another: a connection has all the addresses below them."""


class Purpose(StrEnum):
    """What a website's request is for. Each has windows of its own: looking never uses up the calls to be started."""

    START = "start"
    LOOK = "look"
    BOOK = "book"
    PAGE = "page"
    """A look at our own booking page, which is asked for at each click."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Requests that are counted together, and how many there may be. `of_visitor`: they are one visitor's."""

    principal: str
    limits: Mapping[Window, int]
    of_visitor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WidgetKey:
    """What is kept of a widget key, by its hash."""

    key_hash: str
    app_id: str
    limits: RateLimits = DEFAULT_LIMITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Website:
    """Who a widget key names: an app, through one of its keys."""

    app: App
    key: WidgetKey
    preset: Preset | None = None
    """The public preset that a request names, if it names one that is there."""

    @property
    def embed_origins(self) -> tuple[str, ...]:
        """Whose pages may use the key for what is asked: those that the preset in question lists; none are: all may."""
        return (self.preset or self.app.preset).allowed_embed_origins

    @property
    def principal(self) -> str:
        """The credential's name in receipts, counters and logs. A hash of 256 random bits gives nothing away."""
        return _principal(self.key.key_hash)

    def allowances(self, visitor: str, purpose: Purpose) -> tuple[Allowance, Allowance]:
        """Where a request of this visitor counts: first in the visitor's share, then for the whole key.

        In this order, because a request that the share refuses must not take anything from the other visitors.
        Looks at the booking page are many more than requests to the API, so each visitor may make as many as the key's
        limits say, and all together ten times that.
        """
        limits = _by_window(self.key.limits)
        if purpose is Purpose.PAGE:
            share = {window: max(limit, _by_window(LEAST_PAGES)[window]) for window, limit in limits.items()}
            whole = {window: share[window] * VISITORS_PART if limit else 0 for window, limit in limits.items()}
        else:
            share = {window: max(limit // VISITORS_PART, LEAST_SHARE) for window, limit in limits.items()}
            whole = limits
        key = _counted_as(self.key.key_hash, purpose)
        return (
            Allowance(principal=f"{key}-{visitor}", limits=share, of_visitor=True),
            Allowance(principal=key, limits=whole),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVisit:
    """A guest on our own booking page, who is let in by a website's key. `visit`: a UUID that names this visit.

    `visitors_salt`: what takes the widget key's place when the guest's address is hashed; from the second step on, only
    the key's hash is known.
    """

    website: Website
    visit: str
    visitors_salt: str = field(repr=False)


def counted_as(key_hash: str) -> Sequence[str]:
    """The names under which all requests of a widget key are counted, whoever its visitors are."""
    return [_counted_as(key_hash, purpose) for purpose in Purpose]


def _counted_as(key_hash: str, purpose: Purpose) -> str:
    return f"{_principal(key_hash)}-{purpose}"


def _principal(key_hash: str) -> str:
    return f"widget-{key_hash}"


def _by_window(limits: RateLimits) -> dict[Window, int]:
    return {Window.MINUTE: limits.minute, Window.HOUR: limits.hour, Window.DAY: limits.day}


def origins(listed: Iterable[str]) -> frozenset[str]:
    """Origins as browsers write them. What is no origin is left out: it must not reach a header."""
    found = set()
    for text in listed:
        with suppress(ValueError):
            found.add(normal_origin(text))
    return frozenset(found)


def visitor_of(address: str, widget_key: str) -> str:
    """The name under which a visitor is counted: it does not give the address away, and differs from key to key.

    The widget key keys the digest, and only its hash is stored: the addresses cannot be guessed from the table alone.
    All addresses of one IPv6 network of 64 bits are one visitor; an IPv4 address in IPv6's writing is that address.
    """
    return hmac.new(widget_key.encode(), _network_of(address).encode(), hashlib.sha256).hexdigest()[:32]


def _network_of(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    bits = found.max_prefixlen - _VISITORS_NETWORK
    return str(found.ipv4_mapped or IPv6Address(int(found) >> bits << bits))


def could_be(app_id: str, widget_key: str) -> bool:
    """Whether these could be an app's id and a key at all: visible ASCII, and not endless."""
    return all(
        0 < len(text) <= longest and text.isascii() and text.isprintable() and " " not in text
        for text, longest in ((app_id, LONGEST_ID), (widget_key, LONGEST_KEY))
    )
