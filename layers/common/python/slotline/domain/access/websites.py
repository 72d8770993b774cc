"""Websites: what speaks for an app with nothing but a widget key.

A widget key stands in a page's source, so it proves little: it names the app, and may start calls, see slots and book.
What narrows it is the preset's list of origins and the key's own rate limit.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from slotline.domain.access.identity import RateLimits
from slotline.domain.access.rate_limits import Window
from slotline.domain.booking.apps import App

DEFAULT_LIMITS = RateLimits(minute=60, hour=1_000, day=10_000)
"""Of a widget key whose row has no limits of its own."""
LONGEST_ID, LONGEST_KEY = 128, 256

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?", re.ASCII)


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

    @property
    def principal(self) -> str:
        """The credential's name in receipts, counters and logs. A hash of 256 random bits gives nothing away."""
        return f"widget-{self.key.key_hash}"

    @property
    def limits(self) -> Mapping[Window, int]:
        """How often it may ask."""
        limits = self.key.limits
        return {Window.MINUTE: limits.minute, Window.HOUR: limits.hour, Window.DAY: limits.day}

    @property
    def origins(self) -> frozenset[str]:
        """The origins that the app's active preset lists. None: every website may use the key."""
        return origins(self.app.preset.allowed_embed_origins)


def origins(listed: Iterable[str]) -> frozenset[str]:
    """Origins as browsers write them. What is no origin is left out: it must not reach a header."""
    return frozenset(origin for text in listed if _ORIGIN.fullmatch(origin := text.strip().rstrip("/").lower()))


def could_be(app_id: str, widget_key: str) -> bool:
    """Whether these could be an app's id and a key at all: visible ASCII, and not endless."""
    return all(
        0 < len(text) <= longest and text.isascii() and text.isprintable() and " " not in text
        for text, longest in ((app_id, LONGEST_ID), (widget_key, LONGEST_KEY))
    )
