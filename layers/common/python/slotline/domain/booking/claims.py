"""What takes an agent's time, and when two of them collide. The rule of the slot lock is `Claim.collides`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.shared.errors import Conflict, DoNotDisturb, SlotTaken, TimeBlocked
from slotline.domain.shared.intervals import Interval

ZERO = timedelta(0)
LONGEST_CALL = timedelta(minutes=480)
WIDEST_BUFFER = timedelta(minutes=240)
"""How much a claim takes at most. An agent's days are read that far around a time that is asked for."""


class ClaimKind(StrEnum):
    """Who has the time."""

    CALL = "call"
    HOLD = "hold"
    DO_NOT_DISTURB = "dnd"
    BLOCKED = "blocked"

    @property
    def is_counted(self) -> bool:
        """Whether it counts on an agent's day: a call, or a hold that may become one."""
        return self in (ClaimKind.CALL, ClaimKind.HOLD)


@dataclass(frozen=True, slots=True)
class Claim:
    """The time one thing takes from its agent: the meeting, and the buffers around it.

    `id` is the id of the call, hold, do-not-disturb window or exception that it stands for. A hold ends at
    `expires_at` without anybody taking it away.
    """

    id: str
    kind: ClaimKind
    meeting: Interval
    before: timedelta = ZERO
    after: timedelta = ZERO
    expires_at: datetime | None = None

    @property
    def padded(self) -> Interval:
        """The meeting with its buffers."""
        return self.meeting.widened(self.before, self.after)

    def collides(self, other: "Claim") -> bool:
        """True where either meeting reaches into the other's buffer (buffers may share time).

        So two calls never come closer than the larger of the first's after-buffer and the second's before-buffer.
        """
        behind, ahead = max(other.after, self.before), max(self.after, other.before)
        return self.meeting.start < other.meeting.end + behind and other.meeting.start < self.meeting.end + ahead

    def covers(self, other: "Claim") -> bool:
        """True where the other takes nothing that this one does not: it collides with nothing more than this one."""
        return self.meeting.contains(other.meeting) and self.padded.contains(other.padded)

    def is_active(self, now: datetime) -> bool:
        """False for a hold whose time ran out."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A claim that somebody keeps while a form is filled, and whose time it is.

    `preset_id`: the preset that it was asked for; None if none was named.
    """

    agent_id: str
    claim: Claim
    preset_id: str | None = None

    @property
    def id(self) -> str:
        """Of the hold, and of its claim."""
        return self.claim.id

    @property
    def ends_at(self) -> datetime:
        """When it ends if nobody spends it or lets it go."""
        assert self.claim.expires_at is not None  # noqa: S101 - for the type checker: a hold always ends
        return self.claim.expires_at


_FACTS: dict[ClaimKind, tuple[type[Conflict], str]] = {
    ClaimKind.CALL: (SlotTaken, "The agent already has a call at this time, or within its buffers."),
    ClaimKind.HOLD: (SlotTaken, "Somebody else is booking this time just now."),
    ClaimKind.DO_NOT_DISTURB: (DoNotDisturb, "The agent has a do-not-disturb window at this time."),
    ClaimKind.BLOCKED: (TimeBlocked, "The agent's calendar is blocked at this time."),
}


def find_collision(wanted: Claim, taken: Iterable[Claim], now: datetime) -> Claim | None:
    """The first active claim, in order of start, that the wanted one collides with. Its own earlier self is none."""
    hits = (other for other in taken if other.id != wanted.id and other.is_active(now) and wanted.collides(other))
    return min(hits, key=lambda claim: claim.meeting, default=None)


def collision(found: Claim) -> Conflict:
    """The fact to tell the client about a claim that stands in the way. Names no customer and no call."""
    fact, message = _FACTS[found.kind]
    return fact(message)
