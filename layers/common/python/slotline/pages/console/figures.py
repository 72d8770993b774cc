"""What an app's dashboard shows of a period: headlines beside those before it, and plots, each with its table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from slotline.domain.booking.calls import BookingSource, CallStatus
from slotline.domain.booking.rollups import (
    Counts,
    Daily,
    Lead,
    Load,
    Outcome,
    Period,
    by_part,
    in_all,
    median_lead,
)
from slotline.pages.plots import Bar, Named, Series, bars, columns, line, swatch
from slotline.pages.signed import SignedIn
from slotline.usecases.booking.read_dashboard import Dashboard
from slotline.words.catalogue import fill
from slotline.words.dates import date_of
from slotline.words.numbers import number_of, percent_of

_SOURCES: Mapping[Sequence[str], int] = {
    (BookingSource.PUBLIC_BOOKING,): 1,
    (BookingSource.API,): 4,
    (BookingSource.AGENT,): 6,
    (BookingSource.ADMIN,): 5,
}
"""With the texture of each, here as below: red is for what went wrong, and yellow for what may."""
_STATUSES: Mapping[Sequence[str], int] = {
    (CallStatus.COMPLETED,): 1,
    (CallStatus.NO_SHOW,): 2,
    (CallStatus.CANCELLED, CallStatus.RESCHEDULED): 3,
    (CallStatus.SCHEDULED, CallStatus.CONFIRMED, CallStatus.STARTED): 4,
    (CallStatus.PENDING_CONFIRMATION,): 5,
}
"""What is shown as one, from the foot of a column upwards: called by its first."""
_DELIVERED: Mapping[Sequence[str], int] = {("delivered",): 1, ("failed",): 2, ("held",): 3}
_CAME_TO = ((Outcome.SENT,), (Outcome.FAILED,), (Outcome.BOUNCED, Outcome.COMPLAINED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A plot, what its textures mean, and its table: names of columns, and rows that begin with a name."""

    id: str
    title: str
    plot: Markup
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    legend: Sequence[tuple[Markup, str]] = ()
    note: str = ""
    is_wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A headline figure, and what it was before."""

    label: str
    figure: str
    before: str


@dataclass(frozen=True)
class Figures:
    """What was counted, in a reader's words."""

    signed: SignedIn
    dashboard: Dashboard

    def say(self, *path: str, count: int | None = None, **values: str) -> str:
        """The dashboard's text under these keys, filled; with `count`, the one for so many."""
        if count is not None:
            return self.signed.texts.counted("dashboard", *path, count=count)
        return fill(self.signed.texts.text("dashboard", *path), values)

    def span(self, period: Period) -> str:
        """From which day to which."""
        dates = self.signed.dates
        return self.say("span", first=date_of(dates, period.first), last=date_of(dates, period.last))

    @property
    def since(self) -> str | None:
        """From which day on bookings are counted; None if all of them are."""
        since = self.dashboard.rollups.since
        return date_of(self.signed.dates, since.date()) if since else None

    def tiles(self) -> Sequence[Tile]:
        """The headlines."""
        rollups = self.dashboard.rollups
        both = (self._period, self._period.before)
        booked = [sum(in_all(rollups.booked, one).values()) for one in both]
        statuses = [in_all(rollups.calls, one, 0) for one in both]
        calls = [sum(one.values()) for one in statuses]
        leads = [median_lead(in_all(rollups.leads, one)) for one in both]
        cancelled = [_share(one.get(CallStatus.CANCELLED, 0), sum(one.values())) for one in statuses]
        return (
            self._tile("booked", *map(self._number, booked)),
            self._tile("starting", *map(self._number, calls)),
            self._tile("no_show_rate", *(self._rate(_no_show_rate(one)) for one in statuses)),
            self._tile("cancelled_rate", *map(self._rate, cancelled)),
            self._tile("median", *(self._lead(one) for one in leads)),
        )

    def _tile(self, name: str, figure: str, before: str) -> Tile:
        return Tile(label=self.say("tile", name), figure=figure, before=before)

    def _rate(self, share: float | None) -> str:
        return self.say("nothing") if share is None else self._percent(share)

    def _lead(self, lead: Lead | None) -> str:
        return self.say("nothing") if lead is None else self.say("lead", lead)

    def panels(self) -> Sequence[Panel]:
        """The plots that have something to show."""
        made = (
            self._booked(),
            self._calls(),
            self._no_shows(),
            self._messages(),
            self._loads(),
            self._leads(),
            self._deliveries(),
            self._dialed(),
        )
        return [panel for panel in made if panel]

    def _booked(self) -> Panel | None:
        return self._columns("booked", self.dashboard.rollups.booked, _SOURCES, "source")

    def _calls(self) -> Panel | None:
        return self._columns("calls", by_part(self.dashboard.rollups.calls, self._period, 0), _STATUSES, "status")

    def _deliveries(self) -> Panel | None:
        return self._columns("deliveries", self.dashboard.rollups.deliveries, _DELIVERED, "delivery")

    def _columns(self, name: str, daily: Daily, groups: Mapping[Sequence[str], int], kind: str) -> Panel | None:
        """Columns a day, with a series for each group of names that has anything in the period."""
        there = [group for group in groups if any(in_all(daily, self._period).get(one) for one in group)]
        if not there:
            return None
        series = [
            Series(
                label=self.say(kind, group[0]),
                values=[sum(daily.get(day, {}).get(one, 0) for one in group) for day in self._period.days],
                texture=groups[group],
            )
            for group in there
        ]
        sums = [sum(int(one.values[place] or 0) for one in series) for place in range(self._period.length)]
        busiest = max(range(self._period.length), key=lambda place: sums[place])
        description = self.say(
            "plot",
            name,
            total=self._number(sum(sums)),
            most=self._number(sums[busiest]),
            day=self._day(self._period.days[busiest]),
        )
        days = [self._day(day) for day in self._period.days]
        return Panel(
            id=name,
            title=self.say("title", name),
            plot=columns(self._named(name, description), days, series, self._number),
            columns=[self.say("column", "day"), *(one.label for one in series), self.say("column", "all")],
            rows=[
                [day, *(self._number(one.values[place] or 0) for one in series), self._number(sums[place])]
                for place, day in enumerate(days)
            ],
            legend=[(swatch(one.texture), one.label) for one in series],
            is_wide=True,
        )

    def _no_shows(self) -> Panel | None:
        daily = by_part(self.dashboard.rollups.calls, self._period, 0)
        rates = [_no_show_rate(daily[day]) for day in self._period.days]
        rate = _no_show_rate(in_all(daily, self._period))
        if rate is None:
            return None
        days = [self._day(day) for day in self._period.days]
        series = Series(label=self.say("title", "no_shows"), values=rates, texture=2)
        return Panel(
            id="no_shows",
            title=self.say("title", "no_shows"),
            plot=line(
                self._named("no_shows", self.say("plot", "no_shows", rate=self._percent(rate))),
                days,
                series,
                self._percent,
                most=1,
            ),
            columns=[
                self.say("column", "day"),
                self.say("status", CallStatus.NO_SHOW),
                self.say("column", "over"),
                self.say("column", "rate"),
            ],
            rows=[
                [
                    name,
                    self._number(daily[day].get(CallStatus.NO_SHOW, 0)),
                    self._number(_over(daily[day])),
                    self._rate(one),
                ]
                for name, day, one in zip(days, self._period.days, rates, strict=True)
                if _over(daily[day])
            ],
            note=self.say("note", "no_shows"),
        )

    def _loads(self) -> Panel | None:
        loads = self.dashboard.rollups.loads
        if not any(counts.get(Load.CALLS) for counts in loads.values()):
            return None
        rows = [(name, loads[agent_id]) for agent_id, name in self.dashboard.agents.items()]
        if loads.get("", {}).get(Load.CALLS):
            rows.append((self.say("agents", "nobody"), loads[""]))
        others = [
            counts
            for agent_id, counts in loads.items()
            if agent_id and agent_id not in self.dashboard.agents and counts.get(Load.CALLS)
        ]
        last = [(self.say("agents", "others", count=len(others)), _added(others))] if others else []
        total = sum(counts.get(Load.CALLS, 0) for _, counts in (*rows, *last))
        return Panel(
            id="loads",
            title=self.say("title", "loads"),
            plot=bars(
                self._named("loads", self.say("plot", "loads", total=self._number(total))),
                [
                    Bar(
                        label=name,
                        figure=self._number(counts.get(Load.CALLS, 0)),
                        parts=[
                            (counts.get(Load.CALLS, 0) - counts.get(Load.NO_SHOW, 0), 1),
                            (counts.get(Load.NO_SHOW, 0), 2),
                        ],
                    )
                    for name, counts in rows
                ],
            ),
            columns=[self.say("column", "agent"), self.say("column", "calls"), self.say("status", CallStatus.NO_SHOW)],
            rows=[
                [name, *(self._number(counts.get(one, 0)) for one in (Load.CALLS, Load.NO_SHOW))]
                for name, counts in (*rows, *last)
            ],
            legend=[(swatch(1), self.say("agents", "kept")), (swatch(2), self.say("status", CallStatus.NO_SHOW))],
            note=" ".join(
                (
                    self.say("note", "loads"),
                    *(self.say("note", "others", who=who, total=self._number(one[Load.CALLS])) for who, one in last),
                )
            ),
        )

    def _leads(self) -> Panel | None:
        leads = in_all(self.dashboard.rollups.leads, self._period)
        median = median_lead(leads)
        if median is None:
            return None
        total = sum(leads.values())
        rows = [(self.say("lead", lead), leads.get(lead, 0)) for lead in Lead]
        return Panel(
            id="leads",
            title=self.say("title", "leads"),
            plot=bars(
                self._named("leads", self.say("plot", "leads", median=self._lead(median))),
                [Bar(label=name, figure=self._number(count), parts=[(count, 1)]) for name, count in rows],
            ),
            columns=[self.say("column", "lead"), self.say("column", "bookings"), self.say("column", "share")],
            rows=[[name, self._number(count), self._percent(count / total)] for name, count in rows],
        )

    def _messages(self) -> Panel | None:
        counts = in_all(self.dashboard.rollups.messages, self._period)
        channels = sorted({name.split(".")[0] for name in counts})
        if not channels:
            return None

        def came_to(channel: str) -> list[int]:
            return [sum(counts.get(f"{channel}.{one}", 0) for one in outcomes) for outcomes in _CAME_TO]

        sent, failed, back = (sum(came_to(channel)[place] for channel in channels) for place in range(len(_CAME_TO)))
        return Panel(
            id="messages",
            title=self.say("title", "messages"),
            plot=bars(
                self._named(
                    "messages",
                    self.say(
                        "plot",
                        "messages",
                        sent=self._number(sent),
                        failed=self._number(failed),
                        bounced=self._number(back),
                    ),
                ),
                [
                    Bar(
                        label=self.say("channel", channel),
                        figure=self._number(sum(came_to(channel)[:2])),
                        # What came back was sent before: it is a part of that, though not of the same day.
                        parts=_of_messages(*came_to(channel)),
                    )
                    for channel in channels
                ],
            ),
            columns=[
                self.say("column", "channel"),
                *(self.say("outcome", one[0]) for one in _CAME_TO),
            ],
            rows=[[self.say("channel", channel), *map(self._number, came_to(channel))] for channel in channels],
            legend=[
                (swatch(1), self.say("outcome", "sent")),
                (swatch(3), self.say("outcome", "bounced")),
                (swatch(2), self.say("outcome", "failed")),
            ],
            note=self.say("note", "messages"),
        )

    def _dialed(self) -> Panel | None:
        counts = in_all(self.dashboard.rollups.dialed, self._period)
        if not counts:
            return None
        total = sum(counts.values())
        rows = sorted(counts.items(), key=lambda one: -one[1])
        return Panel(
            id="dialed",
            title=self.say("title", "dialed"),
            plot=bars(
                self._named("dialed", self.say("plot", "dialed", total=self._number(total))),
                [
                    Bar(label=self._dial_status(name), figure=self._number(count), parts=[(count, 1)])
                    for name, count in rows
                ],
            ),
            columns=[self.say("column", "outcome"), self.say("column", "calls"), self.say("column", "share")],
            rows=[[self._dial_status(name), self._number(count), self._percent(count / total)] for name, count in rows],
            note=self.say("note", "dialed"),
        )

    def _dial_status(self, name: str) -> str:
        return self.say("dial_status", name.lower().replace(" ", "_"))

    def _named(self, name: str, description: str) -> Named:
        return Named(id=f"plot-{name}", title=self.say("title", name), description=description)

    @property
    def _period(self) -> Period:
        return self.dashboard.rollups.period

    def _number(self, value: float) -> str:
        return number_of(value, self.signed.language)

    def _percent(self, share: float) -> str:
        return percent_of(share, self.signed.language)

    def _day(self, day: date) -> str:
        """`3 May`, as short as it is said."""
        return self.say("day", day=str(day.day), month=self.signed.dates.words["dates"]["months_short"][day.month - 1])


def _over(statuses: Counts) -> int:
    """Calls that took place or were missed."""
    return statuses.get(CallStatus.COMPLETED, 0) + statuses.get(CallStatus.NO_SHOW, 0)


def _no_show_rate(statuses: Counts) -> float | None:
    return _share(statuses.get(CallStatus.NO_SHOW, 0), _over(statuses))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _added(many: Sequence[Counts]) -> Counts:
    return {load: sum(counts.get(load, 0) for counts in many) for load in Load}


def _of_messages(sent: int, failed: int, back: int) -> Sequence[tuple[float, int]]:
    arrived = max(0, sent - back)
    return ((arrived, 1), (sent - arrived, 3), (failed, 2))
