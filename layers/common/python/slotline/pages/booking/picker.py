"""Choosing a time: a month with its free days, and the times of one day, in the reader's zone.

Clocks and calendars are read here, by the zone rules of the deployment, and nowhere else: the script that shows another
day is given what it writes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from slotline.domain.booking.slots import epoch_minute
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.wall_time import even_day
from slotline.usecases.booking.free_month import FreeMonth, month_after
from slotline.words.catalogue import Catalogue
from slotline.words.dates import day_of, month_of, offset_of, time_of

_WEEK = timedelta(days=7)
PARTS = (("morning", 0, 12), ("afternoon", 12, 17), ("evening", 17, 24))
"""Parts of a day, by the hours that they begin and end at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A cell of the month. `free`: how many times; `label`: the whole date, and how many are free."""

    number: int
    date: date
    text: str
    free: int
    label: str
    is_chosen: bool
    is_today: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """A free time: its instant, in the reader's zone, and as it is read. `is_twice`: the day's clock shows it twice."""

    at: datetime
    text: str
    is_twice: bool = False

    @property
    def start(self) -> str:
        """The instant, as the API writes it."""
        return format_instant(self.at.astimezone(UTC))

    @property
    def data(self) -> Sequence[object]:
        """For the script: epoch minute and minute of the day's clock, and the text where these two do not give it."""
        minutes: list[object] = [int(self.at.timestamp()) // 60, self.at.hour * 60 + self.at.minute]
        return [*minutes, self.text] if self.is_twice else minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Picker:
    """What the template shows of a month."""

    month: str
    earlier: date | None
    later: date | None
    weekdays: Sequence[tuple[str, str]]
    """Short and whole, from the language's first day of the week."""
    weeks: Sequence[Sequence[Day | None]]
    """Without those that are over."""
    chosen: str | None
    """The day whose times are shown, in words; None if the month has none."""
    times: Sequence[tuple[str, Sequence[Time]]]
    """Of that day, by the part of the day."""
    data: Mapping[str, Any]
    """For the script."""


def picker_of(month: FreeMonth, day: date | None, now: datetime, words: Catalogue, texts: Catalogue) -> Picker:
    """The picker. `day`: the one that is chosen, if it is free; else the first that is. `words`: those of dates."""
    chosen = day if day in month.days else min(month.days, default=None)
    today = now.astimezone(month.zone).date()
    times = _times(month, chosen, words) if chosen else []
    dates = words.words["dates"]

    def cell(at: date) -> Day | None:
        if at.month != month.first.month:
            return None
        text, count = day_of(words, at), len(month.days.get(at, ()))
        return Day(
            number=at.day,
            date=at,
            text=text,
            free=count,
            label=f"{text}: {texts.counted('book', 'free', count=count)}",
            is_chosen=at == chosen,
            is_today=at == today,
        )

    return Picker(
        month=month_of(words, month.first),
        earlier=(month.first - timedelta(days=1)).replace(day=1) if month.has_earlier else None,
        later=month_after(month.first) if month.has_later else None,
        weekdays=[(dates["weekdays_short"][at], dates["weekdays"][at]) for at in _week_from(dates["first_weekday"])],
        weeks=[[cell(at) for at in week] for week in _weeks(month.first, dates["first_weekday"]) if week[-1] >= today],
        chosen=day_of(words, chosen) if chosen else None,
        times=_by_part(times, texts),
        data={
            "days": {at.isoformat(): _data(month, at, words) for at in month.days},
            "parts": [[texts.text("book", name), begin, end] for name, begin, end in PARTS],
            **{name: dates[name] for name in ("hours", "am", "pm")},
        },
    )


def as_said(month: date | None, day: date | None) -> dict[str, str | None]:
    """A month and a day, as addresses say them."""
    return {"month": f"{month:%Y-%m}" if month else None, "day": day.isoformat() if day else None}


def _times(month: FreeMonth, day: date, words: Catalogue) -> Sequence[Time]:
    starts = [datetime.fromtimestamp(start * 60, month.zone) for start, _ in month.days[day]]
    times = [Time(at=at, text=time_of(words, at)) for at in starts]
    shown = Counter(time.text for time in times)
    if len(shown) == len(times):
        return times
    return [
        replace(time, text=f"{time.text} ({offset_of(time.at)})", is_twice=True) if shown[time.text] > 1 else time
        for time in times
    ]


def _data(month: FreeMonth, day: date, words: Catalogue) -> Sequence[Sequence[object]]:
    """The times of a day for the script. Where clocks run on, they show how long ago the day began."""
    if (whole := even_day(day, month.zone)) is None:
        return [time.data for time in _times(month, day, words)]
    midnight = epoch_minute(whole.start)
    return [[start, start - midnight] for start, _ in month.days[day]]


def _week_from(first_weekday: int) -> list[int]:
    return [(first_weekday + shift) % 7 for shift in range(7)]


def _weeks(first: date, first_weekday: int) -> list[list[date]]:
    """The weeks that a month touches."""
    begin, after = first - timedelta(days=(first.weekday() - first_weekday) % 7), month_after(first)
    weeks = []
    while begin < after:
        weeks.append([begin + timedelta(days=shift) for shift in range(7)])
        begin += _WEEK
    return weeks


def _by_part(times: Sequence[Time], texts: Catalogue) -> list[tuple[str, list[Time]]]:
    found = [(name, [time for time in times if begin <= time.at.hour < end]) for name, begin, end in PARTS]
    return [(texts.text("book", name), of_part) for name, of_part in found if of_part]
