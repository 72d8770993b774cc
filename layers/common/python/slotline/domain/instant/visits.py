"""What a page in a room asks and says, and what it is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.booking.apps import App
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.mail import Letter
from slotline.domain.instant.rooms import VideoCall
from slotline.domain.instant.seats import RecordingWish, Seats


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which page of a room it is: whose seat, by which secret, in which tab."""

    side: Side
    secret: str = field(repr=False)
    tab: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering:
    """Who wants to come in. `secret`: what this tab made up, and shows each time; `token`: a role token."""

    side: Side
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A seat, or a wait for one: `waits`."""

    call: VideoCall
    app: App
    side: Side
    seats: Seats
    now: datetime
    waits: bool = False
    is_proven: bool = False
    """They have shown more than the link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a page says. `after`: how far it has read; `admits`: who knocks and is let in; `asks_of_call`: it wants to
    know how the call stands; `agrees`, `wish`: to be recorded, and whether that is wanted."""

    page: Page
    is_linked: bool
    after: str
    letters: Sequence[Letter] = ()
    admits: str | None = None
    asks_of_call: bool = False
    agrees: bool | None = None
    wish: RecordingWish | None = None

    @property
    def changes_seats(self) -> bool:
        """Whether it asks for more than to be heard."""
        return self.admits is not None or self.agrees is not None or self.wish is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What it is told. `call` and `app`: only if it asked."""

    seats: Seats
    letters: Sequence[Letter]
    ask_again_in: timedelta
    now: datetime
    call: VideoCall | None = None
    app: App | None = None


class Leaving(StrEnum):
    """How. `away`: the page goes, and may be loaded again; `end`: the host ends the call for both."""

    LEAVE = "leave"
    AWAY = "away"
    END = "end"
