"""The free times that the booking page shows, without reading what changes none of them.

They are those that `search_slots` offers guests: if the service finds the agent, every time at which somebody is free;
if guests choose, the times of the agent who is chosen, or else of the one who is free first, and the first time of
everybody else. So of most agents few days are read. What working hours allow is known without them; a day is read only
if one of its times is still open: nobody was found free at it, or it is about the agent whose times are shown.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import groupby, repeat

from slotline.domain.booking.agent_time import ExceptionKind
from slotline.domain.booking.apps import Agent, App, AssignmentMode
from slotline.domain.booking.eligibility import Terms, is_eligible
from slotline.domain.booking.services import check_bookable
from slotline.domain.booking.slots import SlotQuery, Slots, SlotShape, free_starts, still_free
from slotline.domain.shared.errors import NotFound
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.ports.booking import Calendars, Taken
from slotline.ports.shared import Clock
from slotline.usecases.booking.free_month import Search
from slotline.usecases.booking.search_slots import bookable, calendar_of, check_guests_choice, is_within, shape_of

GuestsSearch = Callable[[str | None], Search]
"""The search by the agent whose times are shown; None: whoever is free first."""
_ASKED_AT_ONCE = (2, 3, 6, None)
"""How many agents are asked for a time that nobody was found free at, round by round; None: all who are left."""
_TIMES_AT_ONCE = (16, 64, None)
"""How many times of each agent are looked at for the first free one, round by round; None: all that are left."""
_MINUTES_A_DAY = 24 * 60
_FIRST_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def search_for_guests(calendars: Calendars, clock: Clock, app: App, query: SlotQuery) -> GuestsSearch:
    """The search that shows the times of the agent who is named, from one instant to another. Agents are read once.

    `app`: with the preset that rules. Raises InvalidRequest, Forbidden, or NotFound for an agent that is not there.
    """
    check_bookable(app)
    check_guests_choice(query, app.preset)
    active = calendars.agents(app.app_id, query.agent_id)
    if query.agent_id is not None and not active:
        raise NotFound("There is no agent of this id in this app, or they are deactivated.")
    terms = Terms.asked(query.required_tags, query.agent_ids).under(app.preset)
    agents = [agent for agent in active if is_eligible(agent, terms)]
    shape = shape_of(query, app.preset)

    def shows(chosen: str | None) -> Search:
        def search(start: datetime, end: datetime) -> Slots:
            now, asked = clock.now(), replace(query, start=start, end=end)
            look = _Look(calendars, app, agents, asked, shape, bookable(asked, app.preset, shape, now), now)
            finds_agent = app.preset.assignment_mode is AssignmentMode.ANY_AVAILABLE
            return look.of_anybody() if finds_agent else look.of_each(chosen)

        return search

    return shows


@dataclass(slots=True)
class _Team:
    """Agents who work at the same times."""

    starts: Sequence[int]
    agents: list[Agent] = field(default_factory=list)


@dataclass(slots=True)
class _TeamDay:
    """The starts of a team on one day. `asked`: how many of the agents were asked for those that were open then."""

    agents: Sequence[Agent]
    starts: Sequence[int]
    asked: int = 0


@dataclass(slots=True)
class _OfAgent:
    """The starts of one agent: those before `looked_at` were looked at, and some of them are free."""

    place: int
    agent: Agent
    starts: Sequence[int]
    looked_at: int = 0
    free: list[int] = field(default_factory=list)

    def next(self, most: int | None) -> Sequence[int]:
        """Up to so many starts that are to be looked at."""
        first, self.looked_at = self.looked_at, len(self.starts) if most is None else self.looked_at + most
        return self.starts[first : self.looked_at]

    def may_be_free_before(self, start: int, place: int) -> bool:
        """Whether this agent could still turn out to be free before another."""
        unseen = self.starts[self.looked_at : self.looked_at + 1]
        return not self.free and any((one, self.place) < (start, place) for one in unseen)


@dataclass(frozen=True, slots=True)
class _Look:
    calendars: Calendars
    app: App
    agents: Sequence[Agent]
    query: SlotQuery
    shape: SlotShape
    span: Interval | None
    now: datetime

    def of_anybody(self) -> Slots:
        """Each time at which somebody is free."""
        days, free = [day for team in self._teams() for day in _days_of(team)], set[int]()
        for most in _ASKED_AT_ONCE:
            wanted = _next_asked(days, free, most)
            if not wanted:
                break
            for starts in self._free(wanted):
                free.update(starts)
        return self._slots([(start, 0) for start in sorted(free)], ())

    def of_each(self, agent_id: str | None) -> Slots:
        """The times of one agent, and the first of everybody else."""
        allowed = {agent.agent_id: team.starts for team in self._teams() for agent in team.agents}
        everybody = [_OfAgent(place, agent, allowed[agent.agent_id]) for place, agent in enumerate(self.agents)]
        chosen = next((one for one in everybody if one.agent.agent_id == agent_id), None)
        if chosen is None and len(could := [one for one in everybody if one.starts]) == 1:
            chosen = could[0]
        for most in (*_TIMES_AT_ONCE, None):
            chosen = chosen or _first_free(everybody)
            turns = {one.place: one.next(None if one is chosen else most) for one in everybody if _is_open(one, chosen)}
            found = self._free([(self.agents[place], mine) for place, mine in turns.items()])
            for place, free in zip(turns, found, strict=True):
                everybody[place].free += free
        starts_shown = [
            (start, one.place) for one in everybody for start in (one.free if one is chosen else one.free[:1])
        ]
        return self._slots(sorted(starts_shown), [one.agent for one in everybody if one.free])

    def _slots(self, starts: list[tuple[int, int]], shown: Sequence[Agent]) -> Slots:
        ids = [agent.agent_id for agent in self.agents]
        return Slots(agent_ids=ids, length_minutes=self.shape.length, starts=starts, shown_to_guests=shown)

    def _teams(self) -> Iterable[_Team]:
        """All agents, by their working time: what it allows is the same for all who share it."""
        teams: dict[object, _Team] = {}
        for agent in self.agents:
            extra = tuple(one for one in agent.exceptions if one.kind is ExceptionKind.AVAILABLE_EXTRA)
            hours = (agent.working_hours, agent.timezone, extra)
            if hours not in teams:
                teams[hours] = _Team(self._allowed(agent))
            teams[hours].agents.append(agent)
        return teams.values()

    def _allowed(self, agent: Agent) -> Sequence[int]:
        """The starts that the agent's working time allows, ascending."""
        if self.span is None:
            return []
        return free_starts(calendar_of(agent, (), self.span, self.query), self.span, self.shape)

    def _free(self, wanted: Sequence[tuple[Agent, Sequence[int]]]) -> list[list[int]]:
        """Of each agent's starts, those that are free by the calendars."""
        if not any(starts for _, starts in wanted):
            return [[] for _ in wanted]
        days = [(agent, self._days(agent, starts)) for agent, starts in wanted]
        taken = self.calendars.taken(self.app.app_id, days, self.now)
        return [self._left(agent, starts, of) for (agent, starts), of in zip(wanted, taken, strict=True)]

    def _days(self, agent: Agent, starts: Sequence[int]) -> Sequence[date]:
        """The UTC days in which something could stand in the way of these starts: two, if a call goes over midnight."""
        before, last = self.shape.before, self.shape.length + self.shape.after - 1
        touched = {(start - before) // _MINUTES_A_DAY for start in starts}
        touched |= {(start + last) // _MINUTES_A_DAY for start in starts}
        days = {date.fromordinal(_FIRST_DAY + number) for number in touched}
        if cap := agent.day_cap:
            days |= {day for start in starts for day in cap.utc_days(self._meeting(start))}
        return sorted(days)

    def _left(self, agent: Agent, starts: Sequence[int], taken: Taken) -> list[int]:
        left = still_free(starts, taken.busy, self.shape)
        if left and (cap := agent.day_cap):
            counted = [one.start for one in taken.busy if one.kind.is_counted]
            around = Interval(self._meeting(left[0]).start, self._meeting(left[-1]).end)
            full = cap.full_spans([*counted, *taken.ended], around)
            left = [start for start in left if not is_within(start, full)]
        return left

    def _meeting(self, start: int) -> Interval:
        return Interval.starting(_EPOCH + start * MINUTE, timedelta(minutes=self.shape.length))


def _days_of(team: _Team) -> Iterator[_TeamDay]:
    for _, starts in groupby(team.starts, lambda start: start // _MINUTES_A_DAY):
        yield _TeamDay(team.agents, list(starts))


def _next_asked(days: Iterable[_TeamDay], free: set[int], most: int | None) -> Sequence[tuple[Agent, Sequence[int]]]:
    """Whom to ask next for which times: so many agents for each time that nobody was found free at.

    Whose day is read is asked for all of its open times.
    """
    wanted: dict[str, tuple[Agent, list[int]]] = {}
    asked: dict[int, int] = {}
    for day in days:
        day.starts = [start for start in day.starts if start not in free]
        if not day.starts:
            continue
        fewest = min(map(asked.get, day.starts, repeat(0)))
        more = day.agents[day.asked :] if most is None else day.agents[day.asked : day.asked + max(most - fewest, 0)]
        for agent in more:
            wanted.setdefault(agent.agent_id, (agent, []))[1].extend(day.starts)
        day.asked += len(more)
        for start in day.starts:
            asked[start] = asked.get(start, 0) + len(more)
    return list(wanted.values())


def _first_free(everybody: Sequence[_OfAgent]) -> _OfAgent | None:
    """The agent who is free first, once nobody else can be."""
    found = min((one for one in everybody if one.free), key=lambda one: (one.free[0], one.place), default=None)
    if found and any(one.may_be_free_before(found.free[0], found.place) for one in everybody):
        return None
    return found


def _is_open(one: _OfAgent, chosen: _OfAgent | None) -> bool:
    """Whether there is something left to look at."""
    return one.looked_at < len(one.starts) and (one is chosen or not one.free)
