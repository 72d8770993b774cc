"""The hours of an agent's week: in words, and as a form of a few rows for each day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any

from slotline.domain.shared.working_hours import Window, overlapping
from slotline.domain.shared.zone_places import place_of
from slotline.pages.faults import Faults
from slotline.words.catalogue import Catalogue
from slotline.words.dates import time_of

DAYS = range(7)
MOST_ROWS = 12
"""Of one day."""
_MIDNIGHT = "24:00"
_TO = "\N{EN DASH}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Two fields of a day: from when until when. Both empty: nothing. `zone`: if the week has several."""

    start: str = ""
    end: str = ""
    zone: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        return not self.start and not self.end

    def to_json(self, weekday: int, zone: str) -> dict[str, Any]:
        """As the API takes it. Clocks have no 24:00, so midnight at the end is written 00:00."""
        end = _MIDNIGHT if self.end == "00:00" else self.end
        return {"weekday": weekday, "start": self.start, "end": end, "zone": self.zone or zone}


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekForm:
    """The form of a week. `zone`: of every row that has none of its own."""

    zone: str
    days: Sequence[Sequence[Row]]
    is_of_several_zones: bool = False

    @classmethod
    def of(cls, windows: Sequence[Window], zone: str) -> "WeekForm":
        """A week as it is; `zone`: if it has no window that says one."""
        zones = {window.zone for window in windows}
        several = len(zones) > 1

        def rows(day: int) -> list[Row]:
            found = sorted((one for one in windows if one.weekday == day), key=lambda one: (one.start, one.zone))
            return [_row(one, several=several) for one in found]

        shared = next(iter(zones)) if len(zones) == 1 else zone
        return cls(zone=shared, days=[rows(day) for day in DAYS], is_of_several_zones=several)

    @classmethod
    def sent(cls, form: Mapping[str, Sequence[str]]) -> "WeekForm":
        """The form as it was sent: rows without a time are left out."""
        several = (form.get("several") or [""])[-1] == "yes"

        def rows(day: int) -> list[Row]:
            starts, ends, zones = (form.get(f"d{day}.{part}", ()) for part in ("start", "end", "zone"))
            found = [
                Row(start=start.strip(), end=end.strip(), zone=zones[number].strip() if number < len(zones) else "")
                for number, (start, end) in enumerate(zip(starts, ends, strict=False))
            ]
            return [row for row in found if not row.is_empty][:MOST_ROWS]

        zone = (form.get("zone") or [""])[-1].strip()
        return cls(zone=zone, days=[rows(day) for day in DAYS], is_of_several_zones=several)

    def copied(self, source: int, days: Iterable[int]) -> "WeekForm":
        """With one day's rows on others, too."""
        to = {*days}
        return WeekForm(
            zone=self.zone,
            days=[self.days[source] if day in to else self.days[day] for day in DAYS],
            is_of_several_zones=self.is_of_several_zones,
        )

    def to_json(self) -> list[dict[str, Any]]:
        """As the API takes it."""
        return [row.to_json(day, self.zone) for day in DAYS for row in self.days[day]]

    def place_of(self, field: str) -> str:
        """The day that a field of the API's answer is about, as `d3`; `zone` for a zone that all rows have."""
        parts = field.split(".")
        if len(parts) < 2 or not parts[1].isdecimal():
            return "week"
        if parts[-1] == "zone" and not self.is_of_several_zones:
            return "zone"
        places = [day for day in DAYS for _ in self.days[day]]
        return f"d{places[int(parts[1])]}"

    def overlaps(self, faults: Faults) -> Faults:
        """With a fault at the day on which two rows share time, if the API would refuse the week for it."""
        windows = [Window(**one) for one in self.to_json()]
        found = overlapping(windows)
        return faults.with_said(f"d{windows[found[0]].weekday}", "overlap") if found else faults


def in_words(windows: Sequence[Window], words: Catalogue) -> Sequence[str]:
    """For each run of days with the same hours: from when until when, Monday to Friday. `words`: the messages' book.

    A week of several zones says after each time where.
    """
    several = len({window.zone for window in windows}) > 1
    names = words.words["dates"]["weekdays_short"]

    def hours(day: int) -> tuple[str, ...]:
        found = sorted((window for window in windows if window.weekday == day), key=lambda window: window.start)
        return tuple(_in_words(window, words, with_place=several) for window in found)

    runs = [(said, [*days]) for said, days in groupby(DAYS, hours) if said]
    return [
        f"{names[days[0]]}{_TO + names[days[-1]] if len(days) > 1 else ''} {', '.join(said)}" for said, days in runs
    ]


def _in_words(window: Window, words: Catalogue, *, with_place: bool) -> str:
    said = f"{_time(window.start, words)}\N{NO-BREAK SPACE}{_TO} {_time(window.end, words)}"
    return f"{said} ({place_of(window.zone) or window.zone})" if with_place else said


def _time(text: str, words: Catalogue) -> str:
    at = time.min if text == _MIDNIGHT else time.fromisoformat(text)
    return time_of(words, datetime.combine(date.min, at))


def _row(window: Window, *, several: bool) -> Row:
    end = "00:00" if window.end == _MIDNIGHT else window.end
    return Row(start=window.start, end=end, zone=window.zone if several else "")
