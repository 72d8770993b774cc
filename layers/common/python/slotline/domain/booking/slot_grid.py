"""Where the starts of slots lie: on a grid that hangs on the agent's own time, never on the range that is asked for.

A grid is a list of pieces. The candidates of a piece are its start and every step after it, before its end. If working
time binds, the pieces are the working stretches: windows and extra hours that touch or overlap are one stretch, over
midnight too. If it does not, they are the days of the agent's zone. What is taken, blocked or past removes candidates
and moves none. So two requests for ranges that overlap offer the same starts, and a stretch that is as long as a slot
offers its opening (docs/decisions/0054).
"""

from collections.abc import Iterator, Sequence

from slotline.domain.booking.apps import Agent
from slotline.domain.booking.slots import epoch_minute, next_minute
from slotline.domain.shared.intervals import DAY, Interval
from slotline.domain.shared.wall_time import local_days
from slotline.domain.shared.working_hours import merged

LONGEST_STRETCH = 8 * DAY
"""A week that has a gap has no longer stretch, whatever clocks do: who works longer works around the clock."""
_LOOKING_BACK = LONGEST_STRETCH + 2 * DAY
"""From anywhere in a stretch that began earlier than this, its grid hangs on days by now, wherever it began."""


def working_stretches(agent: Agent, span: Interval) -> Sequence[Interval]:
    """The agent's working time in the span's reach, each stretch from its opening, also if that is before the span.

    A stretch that began more than `_LOOKING_BACK` before the span may come without its beginning.
    """
    worked = agent.worked(span)
    if not worked or span.start < worked[0].start:
        return worked
    before = agent.worked(Interval(span.start - _LOOKING_BACK, span.start))
    return [stretch for stretch in merged([*before, *worked]) if span.start < stretch.end]


def grid_of(agent: Agent, stretches: Sequence[Interval]) -> Sequence[Interval]:
    """The pieces of the grid that hangs on these working stretches of the agent.

    A stretch longer than a week can have, such as that of an agent who works around the clock, has no opening that
    anybody goes by: after LONGEST_STRETCH, from the next midnight of the agent's zone, its grid hangs on the days.
    """
    if all(stretch.length <= LONGEST_STRETCH for stretch in stretches):
        return stretches
    return [piece for stretch in stretches for piece in _pieces(agent, stretch)]


def days_of(agent: Agent, span: Interval) -> Sequence[Interval]:
    """The pieces of the grid if working time does not bind: the days of the agent's zone."""
    return local_days(span, agent.local_zone)


def candidates(pieces: Sequence[Interval], span: Interval, length: int, step: int) -> Iterator[int]:
    """The starts of a grid, in epoch minutes and ascending, at which a slot of this length lies in the span whole."""
    first, last = next_minute(span.start), epoch_minute(span.end) - length
    for piece in pieces:
        opening = next_minute(piece.start)
        begin = max(opening, first + (opening - first) % step)
        yield from range(begin, min(epoch_minute(piece.end), last + 1), step)


def outside(stretches: Sequence[Interval], minutes: Sequence[int]) -> Iterator[int]:
    """Those of the ascending epoch minutes that are in none of the stretches."""
    ends = iter(stretches)
    stretch = next(ends, None)
    for minute in minutes:
        while stretch is not None and epoch_minute(stretch.end) <= minute:
            stretch = next(ends, None)
        if stretch is None or minute < next_minute(stretch.start):
            yield minute


def _pieces(agent: Agent, stretch: Interval) -> Iterator[Interval]:
    days = [day for day in local_days(stretch, agent.local_zone) if stretch.start + LONGEST_STRETCH <= day.start]
    yield Interval(stretch.start, days[0].start if days else stretch.end)
    for day in days:
        yield Interval(day.start, min(day.end, stretch.end))
