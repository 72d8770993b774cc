"""The dashboard of an app: figures of a period beside those before it, plots, and a table with each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from markupsafe import Markup

from slotline.domain.booking.calls import BookingSource, CallStatus
from slotline.domain.booking.rollups import (
    LONGEST_PERIOD,
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
from slotline.pages.signed import Answer, SignedIn
from slotline.usecases.booking.read_dashboard import Dashboard, ReadDashboard
from slotline.words.catalogue import Catalogue, catalogue_for
from slotline.words.dates import date_of
from slotline.words.numbers import number_of, percent_of

SECTION = "dashboard"
CHOICES = (7, 28, 90)
"""Days up to today."""
_USUAL = 28
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
class DashboardPage:
    """The dashboard as somebody asks for it."""

    signed: SignedIn
    read: ReadDashboard
    now: datetime

    def shown(self) -> Answer:
        """GET."""
        period, is_cut = self._period
        app = self.signed.app
        view = _View(self.read(app.app_id, app.organization_id, period), self.signed.language)
        here = f"/console/{app.app_id}"
        chosen = self._chosen_days
        return self.signed.page(
            "console_dashboard.html",
            SECTION,
            {
                "here": here,
                "choices": [
                    {"label": view.say("days", count=days), "way": f"{here}?days={days}", "is_chosen": days == chosen}
                    for days in CHOICES
                ],
                "first": period.first.isoformat(),
                "last": period.last.isoformat(),
                "span": view.span(period),
                "length": period.length,
                "longest": LONGEST_PERIOD if is_cut else None,
                "since": view.since,
                "is_whole": view.dashboard.rollups.is_whole,
                "tiles": view.tiles(),
                "panels": view.panels(),
            },
        )

    @property
    def _chosen_days(self) -> int | None:
        """How many days up to today; None if the address says dates."""
        if self._dates:
            return None
        said = self.signed.asked.query("days") or ""
        return int(said) if said in {str(days) for days in CHOICES} else _USUAL

    @cached_property
    def _dates(self) -> tuple[date, date] | None:
        first, last = self.signed.asked.day_of("from"), self.signed.asked.day_of("to")
        return (min(first, last), max(first, last)) if first and last else None

    @property
    def _period(self) -> tuple[Period, bool]:
        """The period, and whether a longer one was asked for."""
        if self._dates is None:
            return Period.ending(self.now.date(), self._chosen_days or _USUAL), False
        asked = Period(*self._dates)
        is_cut = asked.length > LONGEST_PERIOD
        return Period.ending(asked.last, LONGEST_PERIOD) if is_cut else asked, is_cut


@dataclass(frozen=True)
class _View:
    """What was counted, in words."""

    dashboard: Dashboard
    language: str

    @cached_property
    def words(self) -> Catalogue:
        return catalogue_for(self.language, "console")

    @cached_property
    def _dates(self) -> Mapping[str, Any]:
        return catalogue_for(self.language).words["dates"]  # type: ignore[no-any-return] # a table of the catalogue

    @property
    def period(self) -> Period:
        return self.dashboard.rollups.period

    def say(self, *path: str, count: int | None = None, **values: str) -> str:
        if count is not None:
            return self.words.counted("dashboard", *path, count=count).replace("{count}", self.number(count))
        text = self.words.text("dashboard", *path)
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def number(self, value: float) -> str:
        return number_of(value, self.language)

    def percent(self, share: float) -> str:
        return percent_of(share, self.language)

    def day(self, day: date) -> str:
        """`3 May`, as short as it is said."""
        return self.say("day", day=str(day.day), month=self._dates["months_short"][day.month - 1])

    def span(self, period: Period) -> str:
        words = catalogue_for(self.language)
        return self.say("span", first=date_of(words, period.first), last=date_of(words, period.last))

    @property
    def since(self) -> str | None:
        since = self.dashboard.rollups.since
        return date_of(catalogue_for(self.language), since.date()) if since else None

    # Headlines

    def tiles(self) -> Sequence[Tile]:
        rollups = self.dashboard.rollups
        both = (self.period, self.period.before)
        booked = [sum(in_all(rollups.booked, one).values()) for one in both]
        statuses = [in_all(rollups.calls, one, 0) for one in both]
        calls = [sum(one.values()) for one in statuses]
        leads = [median_lead(in_all(rollups.leads, one)) for one in both]
        cancelled = [_share(one.get(CallStatus.CANCELLED, 0), sum(one.values())) for one in statuses]
        return (
            self._tile("booked", *map(self.number, booked)),
            self._tile("starting", *map(self.number, calls)),
            self._tile("no_show_rate", *(self._rate(_no_show_rate(one)) for one in statuses)),
            self._tile("cancelled_rate", *map(self._rate, cancelled)),
            self._tile("median", *(self._lead(one) for one in leads)),
        )

    def _tile(self, name: str, figure: str, before: str) -> Tile:
        return Tile(label=self.say("tile", name), figure=figure, before=before)

    def _rate(self, share: float | None) -> str:
        return self.say("nothing") if share is None else self.percent(share)

    def _lead(self, lead: Lead | None) -> str:
        return self.say("nothing") if lead is None else self.say("lead", lead)

    # Plots

    def panels(self) -> Sequence[Panel]:
        """Those that have something to show."""
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
        return self._columns("calls", by_part(self.dashboard.rollups.calls, self.period, 0), _STATUSES, "status")

    def _deliveries(self) -> Panel | None:
        return self._columns("deliveries", self.dashboard.rollups.deliveries, _DELIVERED, "delivery")

    def _columns(self, name: str, daily: Daily, groups: Mapping[Sequence[str], int], kind: str) -> Panel | None:
        """Columns a day, with a series for each group of names that has anything in the period."""
        there = [group for group in groups if any(in_all(daily, self.period).get(one) for one in group)]
        if not there:
            return None
        series = [
            Series(
                label=self.say(kind, group[0]),
                values=[sum(daily.get(day, {}).get(one, 0) for one in group) for day in self.period.days],
                texture=groups[group],
            )
            for group in there
        ]
        sums = [sum(int(one.values[place] or 0) for one in series) for place in range(self.period.length)]
        busiest = max(range(self.period.length), key=lambda place: sums[place])
        description = self.say(
            "plot",
            name,
            total=self.number(sum(sums)),
            most=self.number(sums[busiest]),
            day=self.day(self.period.days[busiest]),
        )
        days = [self.day(day) for day in self.period.days]
        return Panel(
            id=name,
            title=self.say("title", name),
            plot=columns(self._named(name, description), days, series, self.number),
            columns=[self.say("column", "day"), *(one.label for one in series), self.say("column", "all")],
            rows=[
                [day, *(self.number(one.values[place] or 0) for one in series), self.number(sums[place])]
                for place, day in enumerate(days)
            ],
            legend=[(swatch(one.texture), one.label) for one in series],
            is_wide=True,
        )

    def _no_shows(self) -> Panel | None:
        daily = by_part(self.dashboard.rollups.calls, self.period, 0)
        rates = [_no_show_rate(daily[day]) for day in self.period.days]
        rate = _no_show_rate(in_all(daily, self.period))
        if rate is None:
            return None
        days = [self.day(day) for day in self.period.days]
        series = Series(label=self.say("title", "no_shows"), values=rates, texture=2)
        return Panel(
            id="no_shows",
            title=self.say("title", "no_shows"),
            plot=line(
                self._named("no_shows", self.say("plot", "no_shows", rate=self.percent(rate))),
                days,
                series,
                lambda share: percent_of(share, self.language),
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
                    self.number(daily[day].get(CallStatus.NO_SHOW, 0)),
                    self.number(_over(daily[day])),
                    self._rate(one),
                ]
                for name, day, one in zip(days, self.period.days, rates, strict=True)
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
                self._named("loads", self.say("plot", "loads", total=self.number(total))),
                [
                    Bar(
                        label=name,
                        figure=self.number(counts.get(Load.CALLS, 0)),
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
                [name, *(self.number(counts.get(one, 0)) for one in (Load.CALLS, Load.NO_SHOW))]
                for name, counts in (*rows, *last)
            ],
            legend=[(swatch(1), self.say("agents", "kept")), (swatch(2), self.say("status", CallStatus.NO_SHOW))],
            note=" ".join(
                (
                    self.say("note", "loads"),
                    *(self.say("note", "others", who=who, total=self.number(one[Load.CALLS])) for who, one in last),
                )
            ),
        )

    def _leads(self) -> Panel | None:
        leads = in_all(self.dashboard.rollups.leads, self.period)
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
                [Bar(label=name, figure=self.number(count), parts=[(count, 1)]) for name, count in rows],
            ),
            columns=[self.say("column", "lead"), self.say("column", "bookings"), self.say("column", "share")],
            rows=[[name, self.number(count), self.percent(count / total)] for name, count in rows],
        )

    def _messages(self) -> Panel | None:
        counts = in_all(self.dashboard.rollups.messages, self.period)
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
                        sent=self.number(sent),
                        failed=self.number(failed),
                        bounced=self.number(back),
                    ),
                ),
                [
                    Bar(
                        label=self.say("channel", channel),
                        figure=self.number(sum(came_to(channel)[:2])),
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
            rows=[[self.say("channel", channel), *map(self.number, came_to(channel))] for channel in channels],
            legend=[
                (swatch(1), self.say("outcome", "sent")),
                (swatch(3), self.say("outcome", "bounced")),
                (swatch(2), self.say("outcome", "failed")),
            ],
            note=self.say("note", "messages"),
        )

    def _dialed(self) -> Panel | None:
        counts = in_all(self.dashboard.rollups.dialed, self.period)
        if not counts:
            return None
        total = sum(counts.values())
        rows = sorted(counts.items(), key=lambda one: -one[1])
        return Panel(
            id="dialed",
            title=self.say("title", "dialed"),
            plot=bars(
                self._named("dialed", self.say("plot", "dialed", total=self.number(total))),
                [
                    Bar(label=self._dial_status(name), figure=self.number(count), parts=[(count, 1)])
                    for name, count in rows
                ],
            ),
            columns=[self.say("column", "outcome"), self.say("column", "calls"), self.say("column", "share")],
            rows=[[self._dial_status(name), self.number(count), self.percent(count / total)] for name, count in rows],
            note=self.say("note", "dialed"),
        )

    def _dial_status(self, name: str) -> str:
        return self.say("dial_status", name.lower().replace(" ", "_"))

    def _named(self, name: str, description: str) -> Named:
        return Named(id=f"plot-{name}", title=self.say("title", name), description=description)


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
