"""How far the walk over upcoming calls has come that follows a change of zone rules.

There is one walk in a deployment. It begins at the first sight of other rules, and once more when nobody runs the
former release any longer: until then calls are booked under the rules of before. A release that was taken back is run
again, so whoever runs it puts that moment off. First it lists the apps that have
upcoming calls, then it goes through the calls of each, and in the end through what is dialled. Every page is kept when
it is done, so whoever comes after a walker that died does a page again at most, and each call is found once by the
promise that is written with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.booking.promises import is_newer

SETTLED_AFTER = timedelta(hours=1)
"""How long after the first sight of other rules nobody runs the former release: a canary takes minutes."""
PUT_OFF_EVERY = timedelta(minutes=10)
"""How often those who run it say so, which the newer ones wait for."""
LEASE = timedelta(seconds=60)
"""How long a walker has to itself what it has begun: longer than it walks at a time."""


class ZonePhase(StrEnum):
    """What the walk does next."""

    WAITING = "waiting"
    LISTING = "listing"
    WALKING = "walking"
    DIALING = "dialing"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneWalk:
    """The walk under one release of the rules.

    `place`: where the listing of apps goes on, or the way through what is dialled. `found`: how many calls were found,
    by zone and outcome. `claim_id` and `held_until`: whose walk it is at present. `writes` is its optimistic lock.
    """

    release: str
    seen_at: datetime
    phase: ZonePhase = ZonePhase.WAITING
    began_at: datetime | None = None
    place: Mapping[str, object] | None = None
    found: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    claim_id: str | None = None
    held_until: datetime | None = None
    writes: int = 0

    def begun(self, now: datetime) -> "ZoneWalk":
        """From the beginning."""
        return replace(self, phase=ZonePhase.LISTING, began_at=now, place=None, found={})

    def held(self, claim_id: str, now: datetime) -> "ZoneWalk":
        """In the hands of a walker."""
        return replace(self, claim_id=claim_id, held_until=now + LEASE)

    def let_go(self) -> "ZoneWalk":
        """In nobody's hands: whoever comes goes on."""
        return replace(self, claim_id=None, held_until=None)

    def ended(self) -> "ZoneWalk":
        """All calls were looked at; once more later if some may have been booked under the former rules since."""
        return replace(self, phase=ZonePhase.OVER if self.is_settled else ZonePhase.WAITING, place=None)

    @property
    def is_settled(self) -> bool:
        """True if it began when nobody ran the former release any longer."""
        return self.began_at is not None and self.began_at >= self.seen_at + SETTLED_AFTER

    def with_found(self, zone: str, outcome: str) -> "ZoneWalk":
        """One more call found."""
        there = self.found.get(zone, {})
        return replace(self, found={**self.found, zone: {**there, outcome: there.get(outcome, 0) + 1}})


@dataclass(frozen=True, slots=True, kw_only=True)
class AppWalk:
    """An app whose calls are to be gone through. `after`: the month and the place in it of the last one done.

    Calls that go to a later hour are moved on the way back, from the last one to the first, and others on the way out:
    of two calls in a row, the one that makes room goes first. `turns_back`: some wait for that.
    """

    app_id: str
    after: tuple[str, str] | None = None
    is_back: bool = False
    turns_back: bool = False


def is_news(walk: ZoneWalk | None, release: str) -> bool:
    """True at the first sight of a release. Older rules never walk over what newer ones have found."""
    return walk is None or is_newer(release, walk.release)


def first_sight(walk: ZoneWalk | None, release: str, now: datetime) -> ZoneWalk:
    """In place of the walk under the former release, wherever that is."""
    return ZoneWalk(release=release, seen_at=now, writes=walk.writes if walk else 0)


def put_off(walk: ZoneWalk, now: datetime) -> ZoneWalk | None:
    """The walk as it is once somebody runs older rules; None if it waits for that, or comes again, as it is.

    What they book is promised by older rules, so a walk that is over, or will be, is not the last one.
    """
    if walk.phase is ZonePhase.WAITING:
        return replace(walk, seen_at=now) if now >= walk.seen_at + PUT_OFF_EVERY else None
    if not walk.is_settled:
        return None
    return replace(walk, seen_at=now, phase=ZonePhase.WAITING if walk.phase is ZonePhase.OVER else walk.phase)


def has_work(walk: ZoneWalk | None, release: str, now: datetime) -> bool:
    """True if somebody should walk now, and nobody does."""
    if walk is None or walk.release != release or walk.phase is ZonePhase.OVER:
        return False
    if walk.phase is ZonePhase.WAITING:
        return now >= walk.seen_at + SETTLED_AFTER
    return walk.held_until is None or now >= walk.held_until
