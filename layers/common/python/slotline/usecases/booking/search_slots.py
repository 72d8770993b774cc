"""Search free slots. What it offers, a booking made at once accepts: the lock's own rows, by the lock's rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice, repeat

from slotline.domain.booking import slot_grid
from slotline.domain.booking.apps import Agent, App, AssignmentMode, Preset
from slotline.domain.booking.claims import WIDEST_BUFFER, Claim, ClaimKind, collision, find_collision
from slotline.domain.booking.eligibility import Terms, is_eligible
from slotline.domain.booking.services import check_bookable, ruled_by
from slotline.domain.booking.slots import (
    AgentCalendar,
    Busy,
    Refused,
    SlotQuery,
    Slots,
    SlotShape,
    epoch_minute,
    free_starts,
)
from slotline.domain.shared.errors import InvalidRequest, NotFound
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.ports.booking import AppCalendars, Calendars
from slotline.ports.shared import Clock

LONGEST_SEARCH = timedelta(days=92)
MOST_EXPLAINED = 10_000
_FullDays = Mapping[str, Sequence[tuple[int, int]]]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)
"""A call starts after now, not at it."""


def search_slots(calendars: Calendars, clock: Clock, query: SlotQuery, as_booked: App | None = None) -> Slots:
    """Search. Raises InvalidRequest, AppNotFound, Forbidden, or NotFound for an agent that is not there.

    `as_booked`: the app with the rules of a call that is to be moved.
    """
    if query.end <= query.start:
        raise InvalidRequest.of_field("toUtc", "must be after fromUtc")
    if query.end - query.start > LONGEST_SEARCH:
        raise InvalidRequest.of_field("toUtc", f"must be within {LONGEST_SEARCH.days} days of fromUtc")
    now = clock.now()
    around = Interval(query.start, query.end).widened(WIDEST_BUFFER, WIDEST_BUFFER)
    asked = Terms.asked(query.required_tags, query.agent_ids)
    read = calendars.read(query.app_id, query.agent_id, around, now, query.preset_id, asked)
    app = as_booked or ruled_by(read.app, query.preset_id, read.named_preset, public_only=query.for_guests)
    check_bookable(app)
    if query.for_guests:
        check_guests_choice(query, app.preset)
    found = _eligible(read, asked.under(app.preset))
    if query.moving is not None:
        found = _without(found, query.moving)
    if query.agent_id is not None and not (found.agents or found.not_eligible):
        raise NotFound("There is no agent of this id in this app, or they are deactivated.")
    shape = shape_of(query, app.preset)
    full = _full_days(query, found)
    starts = _offered(query, found, app, shape, full, now)
    refused = _explain(query, found, app, shape, full, now, set(starts)) if query.explain else None
    slots = Slots(
        agent_ids=[agent.agent_id for agent, _ in found.agents],
        length_minutes=shape.length,
        starts=starts,
        refused=refused,
    )
    if query.for_guests:
        slots = _as_guests_choose(slots, app.preset, [agent for agent, _ in found.agents])
    return replace(slots, starts=slots.starts[: query.first])


def _as_guests_choose(slots: Slots, preset: Preset, agents: Sequence[Agent]) -> Slots:
    """With those whom guests choose from; each time once where they choose nobody."""
    if preset.assignment_mode is AssignmentMode.ANY_AVAILABLE:
        times = dict.fromkeys(start for start, _ in slots.starts)
        return replace(slots, starts=[(start, 0) for start in times], shown_to_guests=())
    places = {place for _, place in slots.starts}
    return replace(slots, shown_to_guests=[agent for place, agent in enumerate(agents) if place in places])


def check_guests_choice(query: SlotQuery, preset: Preset) -> None:
    """Raises InvalidRequest for an agent too few or too many, by the preset's mode."""
    if preset.assignment_mode is AssignmentMode.ANY_AVAILABLE:
        message = "must be left out: this service finds the agent"
        for name, agents in (("agentId", query.agent_id), ("agentIds", query.agent_ids)):
            if agents:
                raise InvalidRequest.of_field(name, message, "not_allowed")
    if preset.assignment_mode is AssignmentMode.URL_FORCED and query.agent_id is None:
        raise InvalidRequest.of_field("agentId", "is required: this service is booked with one agent", "required")


def _eligible(read: AppCalendars, terms: Terms) -> AppCalendars:
    """The same, without the calendars of those who are not eligible under the preset that rules."""
    others = [agent for agent, _ in read.agents if not is_eligible(agent, terms)]
    agents = [(agent, busy) for agent, busy in read.agents if is_eligible(agent, terms)]
    return replace(read, agents=agents, not_eligible=[*read.not_eligible, *others])


def _without(found: AppCalendars, call_id: str) -> AppCalendars:
    """The calendars but for a call. What is taken of a day over midnight is named after its call, too."""
    agents = [
        (agent, [taken for taken in busy if taken.id.partition(".")[0] != call_id]) for agent, busy in found.agents
    ]
    return replace(found, agents=agents)


def shape_of(query: SlotQuery, preset: Preset) -> SlotShape:
    """The call that is looked for: as the query has it, else as the preset does."""
    length = query.duration_minutes or preset.duration_minutes
    return SlotShape(
        length=length,
        before=_said_or(query.buffer_before_minutes, preset.buffer_before_minutes),
        after=_said_or(query.buffer_after_minutes, preset.buffer_after_minutes),
        step=query.step_minutes or length,
    )


def _full_days(query: SlotQuery, found: AppCalendars) -> _FullDays:
    """By the agent's id, the local days on which they take no more calls."""
    span = Interval(query.start, query.end)
    full: dict[str, Sequence[tuple[int, int]]] = {}
    for agent, busy in found.agents:
        if cap := agent.day_cap:
            starts = [taken.start for taken in busy if taken.kind.is_counted]
            full[agent.agent_id] = cap.full_spans([*starts, *found.ended.get(agent.agent_id, ())], span)
    return full


def _offered(
    query: SlotQuery, found: AppCalendars, app: App, shape: SlotShape, full: _FullDays, now: datetime
) -> list[tuple[int, int]]:
    span = bookable(query, app.preset, shape, now)
    if span is None:
        return []
    # Start and place as one small number: such sort several times as fast as pairs.
    first, count, offered = epoch_minute(span.start), len(found.agents), list[int]()
    for place, (agent, busy) in enumerate(found.agents):
        starts = free_starts(calendar_of(agent, busy, span, query), span, shape)
        if days := full.get(agent.agent_id):
            starts = [start for start in starts if not is_within(start, days)]
        offered += [(start - first) * count + place for start in starts]
    return [(first + number // count, number % count) for number in sorted(offered)]


def is_within(minute: int, days: Sequence[tuple[int, int]]) -> bool:
    """Whether a minute is on one of these days."""
    return any(first <= minute < end for first, end in days)


def calendar_of(agent: Agent, busy: Sequence[Busy], span: Interval, query: SlotQuery) -> AgentCalendar:
    """What decides an agent's slots in this time."""
    if not query.respect_working_hours:
        return AgentCalendar(worked=None, busy=busy, grid=slot_grid.days_of(agent, span))
    stretches = slot_grid.working_stretches(agent, span)
    return AgentCalendar(worked=stretches, busy=busy, grid=slot_grid.grid_of(agent, stretches))


def bookable(query: SlotQuery, preset: Preset, shape: SlotShape, now: datetime) -> Interval | None:
    """The part of the span that a booking made now may be in; None if there is none. It only cuts the grid."""
    earliest = max(now + _INSTANT, now + timedelta(minutes=preset.minimum_notice_minutes))
    start = max(query.start, earliest)
    end = min(query.end, now + preset.horizon + shape.length * MINUTE)
    return Interval(start, end) if start < end else None


def _explain(
    query: SlotQuery,
    found: AppCalendars,
    app: App,
    shape: SlotShape,
    full: _FullDays,
    now: datetime,
    offered: set[tuple[int, int]],
) -> Sequence[Refused]:
    """Every start of the grid that is not offered, with the first rule that refuses it."""
    asked_for = [agent for agent in found.not_eligible if not query.agent_ids or agent.agent_id in query.agent_ids]
    agents = [*(agent for agent, _ in found.agents), *asked_for]
    points = chain.from_iterable(
        zip(_explained(agent, query, shape), repeat(place)) for place, agent in enumerate(agents)
    )
    bounded = list(islice(points, MOST_EXPLAINED + 1))
    if len(bounded) > MOST_EXPLAINED:
        raise InvalidRequest.of_field(
            "explain", f"explains at most {MOST_EXPLAINED} candidates; ask for fewer days, agents or steps", "too_many"
        )
    claims = [[_claim(taken) for taken in busy] for _, busy in found.agents]
    refused: list[Refused] = []
    for minute, place in bounded:
        if (minute, place) not in offered:
            agent, wanted = agents[place], _wanted(_EPOCH + minute * MINUTE, shape)
            rule, record = _rule_of_time(app.preset, wanted.meeting.start, now), None
            if rule is None and place >= len(claims):
                rule = "not_eligible"
            if rule is None:
                rule, record = _rule(query, agent, claims[place], wanted, full.get(agent.agent_id, ()), now)
            refused.append(Refused(start=wanted.meeting.start, agent_id=agent.agent_id, rule=rule, record_id=record))
    return refused


def _explained(agent: Agent, query: SlotQuery, shape: SlotShape) -> Sequence[int]:
    """The whole grid. Between working stretches it is that of the days, to say that they are outside working hours."""
    span = Interval(query.start, query.end)
    by_day = list(slot_grid.candidates(slot_grid.days_of(agent, span), span, shape.length, shape.step))
    if not query.respect_working_hours:
        return by_day
    stretches = slot_grid.working_stretches(agent, span)
    pieces = slot_grid.grid_of(agent, stretches)
    worked = slot_grid.candidates(pieces, span, shape.length, shape.step)
    return sorted({*worked, *slot_grid.outside(stretches, by_day)})


def _rule_of_time(preset: Preset, start: datetime, now: datetime) -> str | None:
    """The rule that refuses the start to everybody, if one does."""
    if start <= now:
        return "past"
    if start < now + timedelta(minutes=preset.minimum_notice_minutes):
        return "minimum_notice"
    return "horizon" if start > now + preset.horizon else None


def _rule(
    query: SlotQuery,
    agent: Agent,
    claims: Iterable[Claim],
    wanted: Claim,
    full: Sequence[tuple[int, int]],
    now: datetime,
) -> tuple[str, str | None]:
    """The rule of the agent's own time that refuses the start, and the record behind it."""
    if (found := find_collision(wanted, claims, now)) is not None:
        return collision(found).code, found.id.partition(".")[0]
    if is_within(epoch_minute(wanted.meeting.start), full):
        return "agent_day_full", None
    if query.respect_working_hours and not agent.works_all_of(wanted.meeting):
        return "outside_working_hours", None
    return "does_not_fit", None


def _wanted(start: datetime, shape: SlotShape) -> Claim:
    return Claim(
        id="",
        kind=ClaimKind.CALL,
        meeting=Interval.starting(start, shape.length * MINUTE),
        before=shape.before * MINUTE,
        after=shape.after * MINUTE,
    )


def _claim(busy: Busy) -> Claim:
    return Claim(
        id=busy.id,
        kind=busy.kind,
        meeting=Interval(_EPOCH + busy.start * MINUTE, _EPOCH + busy.end * MINUTE),
        before=busy.before * MINUTE,
        after=busy.after * MINUTE,
    )


def _said_or(said: int | None, default: int) -> int:
    return default if said is None else said
