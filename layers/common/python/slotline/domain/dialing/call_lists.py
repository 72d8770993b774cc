"""Lists of calls to be dialled: what may be asked, and where a page ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.dialing.calls import DialCall, DialPosition
from slotline.domain.dialing.statuses import DialStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DialQuery:
    """Which calls of an organization. Times are half-open, `since <= scheduled_at < until`; both are needed.

    A campaign's calls are all between the first and the last moment that it planned. What is empty filters nothing.
    """

    organization_id: str
    since: datetime
    until: datetime
    campaign_id: str | None = None
    number_id: str | None = None
    statuses: frozenset[DialStatus] = frozenset()
    limit: int = 50
    after: DialPosition | None = None

    def takes(self, call: DialCall) -> bool:
        """True for a call that it asks for."""
        return (
            call.organization_id == self.organization_id
            and self.since <= call.scheduled_at < self.until
            and self.campaign_id in (None, call.campaign_id)
            and self.number_id in (None, call.number_id)
            and (not self.statuses or call.status in self.statuses)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DialPage:
    """One page in ascending order of `scheduled_at`. `next`: None on the last one."""

    calls: Sequence[DialCall]
    next: DialPosition | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many calls have each status, and how many of all are over."""

    by_status: Mapping[DialStatus, int]
    over: int


def position_of(call: DialCall) -> DialPosition:
    """Where the call stands in a list."""
    return DialPosition(scheduled_at=call.scheduled_at, call_id=call.id)


def month_of(at: datetime) -> str:
    """The UTC month of an instant, `2026-05`: the part of the organization's calendar that it is in."""
    return at.strftime("%Y-%m")
