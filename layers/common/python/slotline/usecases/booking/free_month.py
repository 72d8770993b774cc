"""The month in which there is a free time next, or any other: its days with their starts, in the reader's own zone."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from slotline.domain.booking.slots import Slots, epoch_minute
from slotline.domain.shared.intervals import MINUTE
from slotline.domain.shared.wall_time import day_start, even_day

MOST_MONTHS = 7
"""That are looked through for the next free time: half a year ahead."""

Search = Callable[[datetime, datetime], Slots]
"""The free times from one instant to another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeMonth:
    """A month with its free starts.

    `days`: by the local day, the starts as epoch minutes with the agent's place, ascending. `found`: the search behind
    it. `has_earlier`, `has_later`: whether a call could be in another month before or after it at all.
    """

    first: date
    zone: ZoneInfo
    days: Mapping[date, Sequence[tuple[int, int]]]
    found: Slots
    has_earlier: bool
    has_later: bool


def free_month(
    search: Search, zone: ZoneInfo, now: datetime, length: timedelta, horizon: timedelta, month: date | None
) -> FreeMonth:
    """The month that is named; else the first that has a free time, or the present one if none has.

    A month that is over, or beyond the horizon, is as none. `length`: of a call, which may end in the next month.
    """
    last = (now + horizon).astimezone(zone).date().replace(day=1)
    first = now.astimezone(zone).date().replace(day=1)
    look = _Look(search, zone, now, length, first, last)
    if month is not None and first <= month.replace(day=1) <= last:
        return look.at(month.replace(day=1))
    found = present = look.at(first)
    for _ in range(MOST_MONTHS - 1):
        if found.days or not found.has_later:
            break
        found = look.at(month_after(found.first))
    return found if found.days else present


def with_day(
    month: FreeMonth, search: Search, now: datetime, length: timedelta, horizon: timedelta, day: date
) -> FreeMonth:
    """The same with the free times of a day of another month: whoever looks at other months keeps the day they chose.

    A day that is over, or beyond the horizon, is as none.
    """
    today, last = (at.astimezone(month.zone).date() for at in (now, now + horizon))
    if day.replace(day=1) == month.first or not today <= day <= last:
        return month
    opens, closes = day_start(day, month.zone), day_start(day + timedelta(days=1), month.zone)
    found = search(max(opens, now), closes + length)
    places = {agent_id: place for place, agent_id in enumerate(month.found.agent_ids)}
    starts = [
        (start, places[found.agent_ids[place]])
        for start, place in found.starts
        if found.agent_ids[place] in places and datetime.fromtimestamp(start * 60, month.zone).date() == day
    ]
    return replace(month, days={**month.days, day: starts}) if starts else month


def month_after(first: date) -> date:
    """The first of the next month."""
    return (first + timedelta(days=31)).replace(day=1)


def _by_day(starts: Sequence[tuple[int, int]], zone: ZoneInfo) -> Iterator[tuple[date, list[tuple[int, int]]]]:
    """Ascending starts by the day that clocks show. One look at the clocks is enough for a day on which they run on."""
    rest, begin = list(starts), 0
    changing: dict[date, list[tuple[int, int]]] = {}
    while begin < len(rest):
        day = datetime.fromtimestamp(rest[begin][0] * 60, zone).date()
        if whole := even_day(day, zone):
            end = bisect_left(rest, (epoch_minute(whole.end), 0), begin)
            yield day, rest[begin:end]
            begin = end
        else:
            changing.setdefault(day, []).append(rest[begin])
            begin += 1
    yield from changing.items()


@dataclass(frozen=True, slots=True)
class _Look:
    search: Search
    zone: ZoneInfo
    now: datetime
    length: timedelta
    first: date
    last: date

    def at(self, month: date) -> FreeMonth:
        after = month_after(month)
        opens, closes = day_start(month, self.zone), day_start(after, self.zone)
        found = self.search(max(opens, self.now), closes + self.length - MINUTE)
        days = {day: starts for day, starts in _by_day(found.starts, self.zone) if month <= day < after}
        return FreeMonth(
            first=month,
            zone=self.zone,
            days=days,
            found=found,
            has_earlier=month > self.first,
            has_later=after <= self.last,
        )
