"""What is counted of an app a day at a time: calls, bookings, messages and whom calls are with.

Days are UTC days, as those of all counters. A call is counted on the day of its start, by status and source; on the day
it was booked, by source and by how long before its start that was; and for its agent. A message is counted on the day
it went out, failed or came back, and never again: what happened stays so.
"""

from collections import Counter as Sums
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import accumulate

from slotline.domain.booking.calls import Call, CallStatus, EventType, TimelineEvent

LONGEST_PERIOD = 91
"""Days that are shown at once: thirteen weeks, which touch four months at most, with those before them seven."""
WEEK = 7
_DAY = timedelta(days=1)
TAKES_NO_TIME = frozenset({CallStatus.CANCELLED, CallStatus.RESCHEDULED})
"""Calls that are no agent's load."""


class Lead(StrEnum):
    """How long before its start a call was booked: less than this, and no less than the one before."""

    HOUR = "1h"
    FOUR_HOURS = "4h"
    DAY = "1d"
    TWO_DAYS = "2d"
    FOUR_DAYS = "4d"
    WEEK = "7d"
    TWO_WEEKS = "14d"
    FOUR_WEEKS = "28d"
    LONGER = "longer"


_LEAD_ENDS = {
    Lead.HOUR: timedelta(hours=1),
    Lead.FOUR_HOURS: timedelta(hours=4),
    Lead.DAY: timedelta(days=1),
    Lead.TWO_DAYS: timedelta(days=2),
    Lead.FOUR_DAYS: timedelta(days=4),
    Lead.WEEK: timedelta(days=7),
    Lead.TWO_WEEKS: timedelta(days=14),
    Lead.FOUR_WEEKS: timedelta(days=28),
}


class Outcome(StrEnum):
    """What a message came to."""

    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


_OUTCOMES: Mapping[EventType, Outcome] = {
    EventType.REMINDER_SENT: Outcome.SENT,
    EventType.REMINDER_FAILED: Outcome.FAILED,
    EventType.REMINDER_BOUNCED: Outcome.BOUNCED,
    EventType.REMINDER_COMPLAINED: Outcome.COMPLAINED,
}


OF_MESSAGES = frozenset(_OUTCOMES)
"""Events that say what a message came to."""


class Load(StrEnum):
    """What is counted of an agent: the calls that take their time, and those of them that were missed."""

    CALLS = "calls"
    NO_SHOW = "no_show"


def lead_of(call: Call) -> Lead:
    """How long before its start, as that is now, the call was booked."""
    ahead = call.scheduled_at - call.created_at
    return next((lead for lead, end in _LEAD_ENDS.items() if ahead < end), Lead.LONGER)


def loads_of(call: Call) -> Sequence[Load]:
    """Under what the call counts for its agent."""
    if call.status in TAKES_NO_TIME:
        return ()
    return (Load.CALLS, Load.NO_SHOW) if call.status is CallStatus.NO_SHOW else (Load.CALLS,)


def outcome_of(event: TimelineEvent) -> tuple[str, Outcome] | None:
    """The channel of the message that an event is about, and what it came to; None for any other event."""
    outcome, channel = _OUTCOMES.get(event.event_type), event.payload.get("channel")
    return (channel, outcome) if outcome and isinstance(channel, str) else None


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday."""

    first: date

    @property
    def days(self) -> Sequence[date]:
        """In order."""
        return [self.first + number * _DAY for number in range(WEEK)]

    @classmethod
    def of(cls, day: date) -> "Week":
        """The one that a day is in."""
        return cls(day - day.weekday() * _DAY)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last, both included."""

    first: date
    last: date

    @classmethod
    def ending(cls, last: date, days: int) -> "Period":
        """So many days, up to this one."""
        return cls(last - (days - 1) * _DAY, last)

    @property
    def length(self) -> int:
        """In days."""
        return (self.last - self.first).days + 1

    @property
    def days(self) -> Sequence[date]:
        """In order."""
        return [self.first + number * _DAY for number in range(self.length)]

    @property
    def before(self) -> "Period":
        """As many days, right before these."""
        return Period.ending(self.first - _DAY, self.length)

    @property
    def months(self) -> Sequence[str]:
        """Those that it touches: `2026-05`."""
        return list(dict.fromkeys(month_of(day) for day in self.days))

    @property
    def parts(self) -> Mapping[Week | date, int]:
        """Weeks and days that make up the period: 1 for what is added, -1 for what is taken off again.

        Of a week at its edge, the days themselves or the week without the others, whichever is less to read: so a
        quarter is no more than twenty rows.
        """
        made: dict[Week | date, int] = {}
        within = set(self.days)
        for week in dict.fromkeys(Week.of(day) for day in self.days):
            inside = [day for day in week.days if day in within]
            outside = [day for day in week.days if day not in within]
            if len(inside) <= len(outside):
                made |= dict.fromkeys(inside, 1)
            else:
                made[week] = 1
                made |= dict.fromkeys(outside, -1)
        return made


def month_of(day: date) -> str:
    """`2026-05`."""
    return day.strftime("%Y-%m")


Counts = Mapping[str, int]
"""Numbers by name. A name of several parts has dots between them: `confirmed.api`."""
Daily = Mapping[date, Counts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollups:
    """What was counted in a period, and of some of it before that. Days without anything are not there.

    `calls`: on the day of their start, `status.source`. `booked`: on the day they were booked, by source. `leads`: on
    that day too, by `Lead`. `messages`: `channel.outcome`. `deliveries`: of webhooks, on the day of their event, by
    what they have come to. `dialed`: calls of campaigns on their planned day, by status. `loads`: of the whole period,
    by agent (nobody: not assigned) and `Load`. `is_whole`: whether all that was there when counting began has been
    counted; if not, `since` is when that was.
    """

    period: Period
    calls: Daily = field(default_factory=dict)
    booked: Daily = field(default_factory=dict)
    leads: Daily = field(default_factory=dict)
    messages: Daily = field(default_factory=dict)
    deliveries: Daily = field(default_factory=dict)
    dialed: Daily = field(default_factory=dict)
    loads: Mapping[str, Counts] = field(default_factory=dict)
    is_whole: bool = True
    since: datetime | None = None


def in_all(daily: Daily, period: Period, part: int | None = None) -> Counts:
    """The sums over a period by name, or by one part of it: `in_all(calls, period, 0)` is by status."""
    sums: Sums[str] = Sums()
    for day, counts in daily.items():
        if period.first <= day <= period.last:
            for name, amount in counts.items():
                sums[name if part is None else name.split(".")[part]] += amount
    return +sums


def by_part(daily: Daily, period: Period, part: int) -> Daily:
    """Each day of the period, by one part of the names."""
    return {day: in_all({day: daily.get(day, {})}, period, part) for day in period.days}


def median_lead(leads: Counts) -> Lead | None:
    """The lead that half of the bookings do not exceed; None if there are none."""
    amounts = [leads.get(lead, 0) for lead in Lead]
    half = sum(amounts) / 2
    if not half:
        return None
    return next(lead for lead, reached in zip(Lead, accumulate(amounts), strict=True) if reached >= half)


def busiest(loads: Mapping[str, Counts], most: int) -> Iterator[str]:
    """The agents with most calls, most first; whoever has none is left out, and so are calls of nobody."""
    ranked = sorted(
        (agent_id for agent_id, counts in loads.items() if agent_id and counts.get(Load.CALLS)),
        key=lambda agent_id: (-loads[agent_id][Load.CALLS], agent_id),
    )
    yield from ranked[:most]
