"""The week of an agent: a grid of days and times on a wide screen, a list of days on a narrow one, the same HTML.

Where something is on the grid is said by classes, hours and minutes apart (`week.css`): a page has no inline styles,
and a part that refreshes itself brings none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from slotline.domain.booking.agents_weeks import AgentsWeek, Standing
from slotline.domain.booking.apps import Preset
from slotline.domain.booking.calls import Call
from slotline.domain.booking.claims import ClaimKind
from slotline.domain.booking.slots import Busy
from slotline.domain.booking.texts import text_in
from slotline.domain.booking.week_sheets import Piece, Sheet, Stretch, Week
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.domain.shared.names import one_line
from slotline.pages.my.lanes import lanes_of
from slotline.pages.my.ways import WEEK, Ways
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn
from slotline.words.catalogue import Catalogue, fill
from slotline.words.dates import day_of, span_of, time_of, zone_of

ReadWeek = Callable[[str, str, Week | None], tuple[Week, AgentsWeek]]
"""`slotline.usecases.booking.read_agents_week.ReadAgentsWeek`."""

STEP = 30
"""Minutes between the times that can be chosen on the grid."""
MOST_LANES = 4
_SHORT = 25
"""Minutes: less than two lines of text are high."""
_UNSAID = frozenset({"scheduled", "confirmed"})
"""What a call is as long as there is nothing to say."""
_SHORTEST = 8 * 60
_USUAL = Stretch(9 * 60, 17 * 60)
"""What the grid shows of a week in which nothing is."""
DONE = frozenset({"booked", "handed_over", "cancelled", "claimed"})
"""What a page may say that was done before it was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Time behind the calls: worked, or not to be had."""

    kind: str
    place: str
    name: str = ""
    when: str = ""
    start: str = ""
    """The instant, for scripts."""
    way: str | None = None
    """Where it is changed, if it is the agent's own time off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Something on the grid that leads somewhere: a call, or a time that can be booked."""

    kind: str
    place: str
    way: str | None
    span: str
    """When it begins."""
    start: str
    """The instant, for scripts."""
    label: str | None = None
    """All of it, for who hears it; None: what it shows says it."""
    until: str = ""
    """And when it ends, with what is between the two."""
    title: str = ""
    about: str = ""
    status: str | None = None
    call_id: str | None = None
    revision: int = 0
    moves: str | None = None
    """Where it is moved, if it may be."""
    minutes: int = 0
    buffers: Sequence[str] = ()
    """Places of the buffers around a call."""
    buffers_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the week."""

    date: str
    title: str
    weekday: str
    number: int
    is_today: bool
    bands: Sequence[Band]
    stops: Sequence[Stop]
    now: str | None

    @property
    def is_empty(self) -> bool:
        """Whether the list of days has nothing to show of it but when work is."""
        return not any(stop.call_id or stop.kind == "hold" for stop in self.stops)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A week as it is shown: what was read, on a sheet, cut to the hours in which anything is."""

    read: AgentsWeek
    sheet: Sheet
    ways: Ways
    signed: SignedIn
    window: Stretch

    @classmethod
    def of(cls, read: AgentsWeek, sheet: Sheet, ways: Ways, signed: SignedIn, *, whole: bool) -> "Shown":
        """`whole`: all hours of the day are shown."""
        window = Stretch(0, sheet.height) if whole else window_of(read, sheet)
        return cls(read=read, sheet=sheet, ways=ways, signed=signed, window=window)

    def days(self) -> Sequence[Day]:
        """From Monday to Sunday."""
        return [self._day(number) for number in range(len(self.sheet.days))]

    def hours(self) -> Sequence[tuple[str, str]]:
        """The scale: where each hour is, and what it says."""
        zone_free = datetime(2000, 1, 1)  # noqa: DTZ001 - the hour of any day
        return [
            (
                _place(Stretch(hour.place - self.window.start, hour.place - self.window.start + 60)),
                time_of(self.signed.dates, datetime.combine(zone_free, time(hour.hour))),
            )
            for hour in self.sheet.hours
            if self.window.start <= hour.place < self.window.end
        ]

    def clocks(self) -> Sequence[tuple[str, str]]:
        """Days on which clocks change: the name of what is said of it, and the day."""
        found = []
        for number, day in enumerate(self.sheet.week.days):
            span = self.sheet.days[number]
            if span and span.length != timedelta(days=1):
                kind = "back" if span.length > timedelta(days=1) else "forward"
                found.append((kind, day_of(self.signed.dates, day)))
        return found

    def _day(self, number: int) -> Day:
        day = self.sheet.week.days[number]
        local = self.read.now.astimezone(self.sheet.zone).date()
        is_now = self.sheet.day_of(self.read.now) == number
        place = self.sheet.place(number, self.read.now) if is_now else -1
        stops = [*self._events(number), *self._slots(number)]
        return Day(
            date=day.isoformat(),
            title=day_of(self.signed.dates, day),
            weekday=self.signed.dates.words["dates"]["weekdays_short"][day.weekday()],
            number=day.day,
            is_today=day == local,
            bands=list(self._bands(number)),
            stops=[stop for _, stop in sorted(stops, key=lambda found: found[0])],
            now=_place(Stretch(place - self.window.start, place - self.window.start))
            if self.window.start <= place < self.window.end
            else None,
        )

    def _bands(self, number: int) -> Iterator[Band]:
        for interval in self.read.worked:
            yield from self._band("worked", interval, number, self.signed.texts.text("my", "legend", "worked"))
        for busy in self.read.taken_by(ClaimKind.BLOCKED):
            yield from self._band("blocked", _interval(busy), number, self._label_of(busy), _exception_of(busy))
        for busy in self.read.taken_by(ClaimKind.DO_NOT_DISTURB):
            quiet = self.signed.texts.text("my", "legend", "quiet")
            yield from self._band("quiet", _interval(busy), number, quiet, busy.id)
        for room in self.sheet.empty_rooms(number):
            if cut := self._cut(room):
                yield Band(kind="void", place=_place(cut))

    def _band(
        self, kind: str, interval: Interval, number: int, name: str, absence_id: str | None = None
    ) -> Iterator[Band]:
        span = self.sheet.days[number]
        for piece in self.sheet.pieces(interval):
            cut = self._cut(Stretch(piece.start, piece.end))
            if piece.day == number and span and cut:
                start, end = max(interval.start, span.start), min(interval.end, span.end)
                all_day = start == span.start and end == span.end
                when = self.signed.texts.text("my", "all_day") if all_day else self._span(start, end)
                yield Band(
                    kind=kind,
                    place=_place(cut),
                    name=name,
                    when=when,
                    start=format_instant(start),
                    way=self.ways.time_off(absence_id) if absence_id else None,
                )

    def _label_of(self, busy: Busy) -> str:
        found = next((one for one in self.read.agent.exceptions if one.id == _exception_of(busy)), None)
        return one_line(found.label) if found and found.label else self.signed.texts.text("my", "legend", "blocked")

    def _events(self, number: int) -> Iterator[tuple[tuple[int, int], Stop]]:
        """Calls, calls of the pool, and holds of a day, each with its place in the reading order."""
        of_calls = [(call, "call") for call in self.read.shown]
        of_pool = [(call, "pool") for call in self.read.pool]
        found: list[tuple[Piece, Interval, Call | None, str]] = []
        for one, kind in (*of_calls, *of_pool):
            found += [(piece, one.claim.meeting, one, kind) for piece in self._pieces(one.claim.meeting, number)]
        for busy in self.read.taken_by(ClaimKind.HOLD):
            interval = _interval(busy)
            found += [(piece, interval, None, "hold") for piece in self._pieces(interval, number)]
        found.sort(key=lambda one: (one[0].start, one[0].end))
        # What is short is shown as high as its text needs: it takes that room from its neighbours.
        stretches = [Stretch(piece.start, max(piece.end, piece.start + 20)) for piece, *_ in found]
        for (piece, interval, call, kind), (lane, count) in zip(found, lanes_of(stretches), strict=True):
            cut = self._cut(Stretch(piece.start, piece.end))
            place = f"{_place(cut)} {_lane(lane, count)}" if cut else "out"
            yield (piece.start, 0), (self._event(call, kind, place, number) if call else self._hold(interval, place))

    def _event(self, call: Call, kind: str, place: str, number: int) -> Stop:
        meeting, padded = call.claim.meeting, call.claim.padded
        preset = self.read.preset_of(call)
        is_short = call.duration_minutes < _SHORT
        is_over = call.is_final or meeting.end <= self.read.now
        status = kind if kind == "pool" else call.status.value
        may_move = kind == "call" and not call.is_final and call.status.value != "started"
        around = [(padded.start, meeting.start), (meeting.end, padded.end)] if kind == "call" and not is_over else []
        buffers = [
            _place(cut)
            for start, end in around
            if start < end
            for piece in self._pieces(Interval(start, end), number)
            if (cut := self._cut(Stretch(piece.start, piece.end)))
        ]
        return Stop(
            kind=f"{kind} is-{call.status.value}{' is-over' if is_over else ''}{' short' if is_short else ''}",
            place=place,
            way=self.ways.call(call.id),
            span=self._time(meeting.start),
            until=self._until(meeting),
            start=format_instant(meeting.start),
            title=one_line(call.guest.name),
            about=title_of(preset, self.signed.language) if preset else "",
            status=None if status in _UNSAID else self.signed.texts.text("my", "status", status),
            call_id=call.id,
            revision=call.revision,
            moves=self.ways.call(call.id, "move") if may_move else None,
            minutes=call.duration_minutes,
            buffers=buffers,
            buffers_text=buffers_of(call, self.signed.texts) if around else "",
        )

    def _hold(self, interval: Interval, place: str) -> Stop:
        return Stop(
            kind="hold",
            place=place,
            way=None,
            span=self._time(interval.start),
            until=self._until(interval),
            start=format_instant(interval.start),
            title=self.signed.texts.text("my", "held"),
        )

    def _slots(self, number: int) -> Iterator[tuple[tuple[int, int], Stop]]:
        """The times of a day that can be booked."""
        day = day_of(self.signed.dates, self.sheet.week.days[number])
        for start in self.sheet.steps(number, STEP):
            end = start + STEP * MINUTE
            place = self.sheet.place(number, start)
            cut = self._cut(Stretch(place, min(place + STEP, self.sheet.height)))
            standing = self.read.standing(Interval(start, end))
            if cut is None or cut.end - cut.start < STEP or standing in (Standing.PAST, Standing.TAKEN):
                continue
            local, instant = self._time(start), format_instant(start)
            yield (
                (place, 1),
                Stop(
                    kind=f"slot is-{standing.value}",
                    place=_place(cut),
                    way=self.ways.new(start=instant),
                    span=local,
                    start=instant,
                    label=f"{day}, {local}, {self.signed.texts.text('my', 'slot', standing.value)}",
                ),
            )

    def _pieces(self, interval: Interval, number: int) -> Sequence[Piece]:
        return [piece for piece in self.sheet.pieces(interval) if piece.day == number]

    def _cut(self, stretch: Stretch) -> Stretch | None:
        """What of it is within the hours that are shown, counted from the first of these."""
        first, last = max(stretch.start, self.window.start), min(stretch.end, self.window.end)
        return Stretch(first - self.window.start, last - self.window.start) if first < last else None

    def _time(self, instant: datetime) -> str:
        return time_of(self.signed.dates, instant.astimezone(self.sheet.zone))

    def _until(self, interval: Interval) -> str:
        return self._span(interval.start, interval.end).removeprefix(self._time(interval.start))

    def _span(self, start: datetime, end: datetime) -> str:
        return span_of(self.signed.dates, start.astimezone(self.sheet.zone), end.astimezone(self.sheet.zone))


def week_page(signed: SignedIn, read_week: ReadWeek) -> Page:
    """GET /my/{app_id}: the week that the address names, or the present one."""
    asked, words = signed.asked, signed.texts
    week, read = read_week(signed.app.app_id, signed.agent_id, Week.named(asked.query("week")))
    sheet, ways = Sheet.of(week, read.agent.local_zone), Ways.of(signed)
    whole = asked.query("hours") == "all"
    shown = Shown.of(read, sheet, ways, signed, whole=whole)
    hours = "all" if whole else None
    done = asked.query("done")
    context: dict[str, Any] = {
        "head": ways.head(words, WEEK),
        "ways": {
            "here": ways.week(week.name, hours=hours),
            "earlier": ways.week(week.moved(-1).name, hours=hours),
            "later": ways.week(week.moved(1).name, hours=hours),
            "today": ways.week(hours=hours),
            "hours": ways.week(week.name, hours=None if whole else "all"),
        },
        "week": week.name,
        "is_present": sheet.day_of(read.now) is not None,
        "name": _name(week, words, signed.dates),
        "zone": zone_of(signed.dates, read.now.astimezone(sheet.zone)),
        "zone_name": sheet.zone.key,
        "is_whole": whole,
        "done": done if done in DONE else None,
        "shown": shown,
        "hours": (shown.window.end - shown.window.start + 59) // 60,
        "cancelled": [_cancelled(call, shown) for call in read.cancelled],
        "is_active": read.agent.active,
    }
    return signed.page("my_week.html", "my", context, scripts=("week.js",), live="my_week_grid.html")


def window_of(read: AgentsWeek, sheet: Sheet) -> Stretch:
    """The hours of a sheet in which the agent works or has a call, and eight at least."""
    intervals: Iterable[Interval] = (
        *read.worked,
        *(call.claim.padded for call in (*read.shown, *read.pool)),
        *(_interval(busy) for busy in read.taken_by(ClaimKind.HOLD)),
    )
    pieces = [piece for interval in intervals for piece in sheet.pieces(interval)] or [
        Piece(0, _USUAL.start, _USUAL.end)
    ]
    first = min(piece.start for piece in pieces) // 60 * 60
    last = min(-(-max(piece.end for piece in pieces) // 60) * 60, sheet.height)
    if last - first < _SHORTEST:
        first = max(0, min(first, sheet.height - _SHORTEST))
        last = max(last, first + _SHORTEST)
    return Stretch(first, last)


def buffers_of(call: Call, words: Catalogue) -> str:
    """How much time is kept free around a call, in words; nothing if none is."""
    around = (("before", call.buffer_before_minutes), ("after", call.buffer_after_minutes))
    texts = [words.counted("my", f"buffer_{side}", count=minutes) for side, minutes in around if minutes]
    return fill(words.text("my", "kept_free"), {"minutes": ", ".join(texts)}) if texts else ""


def title_of(preset: Preset, language: str) -> str:
    """What a service is called to who works with it."""
    return one_line(text_in(preset.title, language, preset.language)) if preset.title else one_line(preset.name)


def _name(week: Week, words: Catalogue, dates: Catalogue) -> str:
    """From Monday to Sunday, with the year of its end; of its beginning only if that is another."""
    first, last = week.days[0], week.days[-1]
    from_form = "month_day" if first.year == last.year else "month_day_year"
    return f"{_date(words, dates, first, from_form)} \N{EN DASH} {_date(words, dates, last, 'month_day_year')}"


def _date(words: Catalogue, dates: Catalogue, day: date, form: str) -> str:
    month = dates.words["dates"]["months_short"][day.month - 1]
    return fill(words.text("my", form), {"month": month, "day": str(day.day), "year": str(day.year)})


def _cancelled(call: Call, shown: Shown) -> Mapping[str, str]:
    local = call.scheduled_at.astimezone(shown.sheet.zone)
    return {
        "way": shown.ways.call(call.id),
        "when": f"{day_of(shown.signed.dates, local)}, {time_of(shown.signed.dates, local)}",
        "guest": one_line(call.guest.name),
    }


def _exception_of(busy: Busy) -> str:
    """The exception that a stretch of blocked time is of: each of its dates has one."""
    return busy.id.partition(".")[0]


def _interval(busy: Busy) -> Interval:
    start, end = (datetime.fromtimestamp(minute * 60, UTC) for minute in (busy.start, busy.end))
    return Interval(start, end)


def _place(stretch: Stretch) -> str:
    """Classes that say where a stretch begins and how long it is, hours and minutes each."""
    (hour, minute), (hours, minutes) = divmod(stretch.start, 60), divmod(stretch.end - stretch.start, 60)
    return f"h{hour} m{minute} lh{hours} lm{minutes}"


def _lane(lane: int, count: int) -> str:
    """Classes that say beside how many others; what is more than fits shares the last lane."""
    return f"of{min(count, MOST_LANES)} l{min(lane, MOST_LANES - 1)}"
