"""How fast a number may place calls: starts a second, and lines at once.

The rule guarded here: in no second do more calls start than the number may start, wherever that second begins. Starts
are given out in order, each a fixed gap after the one before it. A gap is a little longer than the even share of a
second, so that a start that happens up to `SLACK` after its moment is still in order; the rate stays above 96 %.

The state is small, and whoever changes it does so on condition that it is as it was read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

SECOND = timedelta(seconds=1)
SLACK = timedelta(milliseconds=40)
LINES_ASKED_AGAIN = SECOND
"""When to ask again where all lines are taken: they are given back without notice."""

LINE_LASTS = timedelta(minutes=10)
"""How far ahead those who wait are told to come again: within what a queue holds back by itself."""

CROWDING = 0.9
"""They come a little faster than starts are given out: one who is late, or never comes, leaves no gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A line that an attempt has: from when it may start, and until when it has the line if nobody gives it back."""

    starts_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What a number has given out: when its next call may start, and who has its lines.

    `asked_at`: when the last of those who were told to wait comes again.
    """

    free_at: datetime | None = None
    asked_at: datetime | None = None
    leases: Mapping[str, Lease] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A moment that was given out, which may be a little ahead. `pace`: the state to write with it."""

    at: datetime
    pace: Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nothing was given out: ask again at this moment."""

    until: datetime


def gap_between(calls_per_second: int) -> timedelta:
    """The time between two starts of a number."""
    return (SECOND + SLACK) / calls_per_second


def ask(
    pace: Pace,
    attempt: str,
    now: datetime,
    *,
    calls_per_second: int,
    lines: int,
    hold: timedelta,
    patience: timedelta = timedelta(0),
) -> Start | Wait:
    """A line and a start for an attempt; or when to ask again, where the next start is further off than the patience.

    `hold`: how long the line is kept for it at most; afterwards it counts as given back. An attempt that asks again
    gets what it got. The state is written with the start, or the start is not taken.
    """
    leases = {name: lease for name, lease in pace.leases.items() if lease.until > now}
    if (known := leases.get(attempt)) is not None:
        return Start(at=known.starts_at, pace=pace)
    at = max(now, pace.free_at or now)
    if at > now + patience:
        return Wait(until=at - patience)
    if len(leases) >= lines:
        return Wait(until=min(now + LINES_ASKED_AGAIN, *(lease.until for lease in leases.values())))
    leases[attempt] = Lease(starts_at=at, until=at + hold)
    return Start(at=at, pace=replace(pace, free_at=at + gap_between(calls_per_second), leases=leases))


def wait_in_line(pace: Pace, wait: Wait, now: datetime, *, calls_per_second: int) -> Start:
    """When to ask again, behind those who were told before; `pace` is to be written.

    However many wait, about as many ask in a second as the number may start: they come one after the other, and where
    the line would grow too long the next one is told to come first. Nobody's place is kept: who comes asks anew.
    """
    at = wait.until
    if pace.asked_at is not None:
        at = max(at, pace.asked_at + CROWDING * gap_between(calls_per_second))
    if at > now + LINE_LASTS:
        at = wait.until
    return Start(at=at, pace=replace(pace, asked_at=at))


def give_back(pace: Pace, attempt: str) -> Pace:
    """The state without the attempt's line; itself where it had none."""
    if attempt not in pace.leases:
        return pace
    return replace(pace, leases={name: lease for name, lease in pace.leases.items() if name != attempt})
