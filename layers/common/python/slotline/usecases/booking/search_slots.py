"""Search free slots. What it offers, a booking made at once accepts: the lock's own rows, by the lock's rule."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from slotline.domain.booking.apps import Agent, App, Preset
from slotline.domain.booking.claims import ZERO, Claim, ClaimKind, collision, find_collision
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
from slotline.domain.shared.errors import AppNotFound, Forbidden, InvalidRequest, NotFound
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.ports.booking import Calendars
from slotline.ports.shared import Clock

LONGEST_SEARCH = timedelta(days=92)
MOST_EXPLAINED = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)
"""A call starts after now, not at it."""


def search_slots(calendars: Calendars, clock: Clock, query: SlotQuery) -> Slots:
    """Search. Raises InvalidRequest, AppNotFound, Forbidden, or NotFound for an agent that is not there."""
    if query.end <= query.start:
        raise InvalidRequest.of_field("toUtc", "must be after fromUtc")
    if query.end - query.start > LONGEST_SEARCH:
        raise InvalidRequest.of_field("toUtc", f"must be within {LONGEST_SEARCH.days} days of fromUtc")
    now = clock.now()
    around = Interval(query.start, query.end).widened(timedelta(minutes=240), timedelta(minutes=240))
    found = calendars.read(query.app_id, query.agent_id, around, now)
    app = _usable(found.app)
    if query.agent_id is not None and not found.agents:
        raise NotFound("There is no agent of this id in this app, or they are deactivated.")
    shape = _shape(query, app.preset)
    starts = _offered(query, app, found.agents, shape, now)
    refused = _explain(query, app, found.agents, shape, now, set(starts)) if query.explain else None
    return Slots(
        agent_ids=[agent.agent_id for agent, _ in found.agents],
        length_minutes=shape.length,
        starts=starts[: query.first],
        refused=refused,
    )


def _usable(app: App | None) -> App:
    if app is None:
        raise AppNotFound("There is no such app.")
    if not app.preset.scheduling_enabled:
        raise Forbidden("Scheduling is switched off on the app's active preset.")
    return app


def _shape(query: SlotQuery, preset: Preset) -> SlotShape:
    length = query.duration_minutes or preset.duration_minutes
    return SlotShape(
        length=length,
        before=_said_or(query.buffer_before_minutes, preset.buffer_before_minutes),
        after=_said_or(query.buffer_after_minutes, preset.buffer_after_minutes),
        step=query.step_minutes or length,
    )


def _offered(
    query: SlotQuery, app: App, agents: Sequence[tuple[Agent, Sequence[Busy]]], shape: SlotShape, now: datetime
) -> list[tuple[int, int]]:
    span = _bookable(query, app.preset, shape, now)
    if span is None:
        return []
    # Start and place as one small number: such sort several times as fast as pairs.
    first, count, found = epoch_minute(span.start), len(agents), list[int]()
    for place, (agent, busy) in enumerate(agents):
        calendar = AgentCalendar(
            agent_id=agent.agent_id,
            worked=agent.worked(span) if query.respect_working_hours else None,
            busy=busy,
        )
        found += [(start - first) * count + place for start in free_starts(calendar, span, shape)]
    return [(first + number // count, number % count) for number in sorted(found)]


def _bookable(query: SlotQuery, preset: Preset, shape: SlotShape, now: datetime) -> Interval | None:
    """The part of the span that a booking made now may be in, from a point of the grid; None where there is none."""
    earliest = _whole_minute(max(now + _INSTANT, now + timedelta(minutes=preset.minimum_notice_minutes)))
    start = _whole_minute(query.start)
    if start < earliest:
        behind = (earliest - start) // MINUTE
        start += -(-behind // shape.step) * shape.step * MINUTE
    latest_end = now + preset.horizon + shape.length * MINUTE
    end = min(query.end, latest_end)
    return Interval(start, end) if start < end else None


def _explain(
    query: SlotQuery,
    app: App,
    agents: Sequence[tuple[Agent, Sequence[Busy]]],
    shape: SlotShape,
    now: datetime,
    offered: set[tuple[int, int]],
) -> Sequence[Refused]:
    """Every start of the grid that is not offered, with the first rule that refuses it."""
    grid = list(_grid(query, shape))
    if len(grid) * len(agents) > MOST_EXPLAINED:
        raise InvalidRequest.of_field(
            "explain", f"explains at most {MOST_EXPLAINED} candidates; ask for fewer days, agents or steps", "too_many"
        )
    refused: list[Refused] = []
    for place, (agent, busy) in enumerate(agents):
        claims = [_claim(taken) for taken in busy]
        for start in grid:
            if (epoch_minute(start), place) not in offered:
                rule, record = _rule(query, app.preset, agent, claims, _wanted(start, shape), now)
                refused.append(Refused(start=start, agent_id=agent.agent_id, rule=rule, record_id=record))
    return refused


def _rule(
    query: SlotQuery, preset: Preset, agent: Agent, claims: Iterable[Claim], wanted: Claim, now: datetime
) -> tuple[str, str | None]:
    start = wanted.meeting.start
    if start <= now:
        return "past", None
    if start < now + timedelta(minutes=preset.minimum_notice_minutes):
        return "minimum_notice", None
    if start > now + preset.horizon:
        return "horizon", None
    if (found := find_collision(wanted, claims, now)) is not None:
        return collision(found).code, found.id.partition(".")[0]
    if query.respect_working_hours and not agent.works_all_of(wanted.meeting):
        return "outside_working_hours", None
    return "does_not_fit", None


def _grid(query: SlotQuery, shape: SlotShape) -> Iterable[datetime]:
    start = _whole_minute(query.start)
    while start + shape.length * MINUTE <= query.end:
        yield start
        start += shape.step * MINUTE


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


def _whole_minute(instant: datetime) -> datetime:
    """The same, or the next whole minute."""
    inside = instant.second or instant.microsecond
    return instant.replace(second=0, microsecond=0) + (MINUTE if inside else ZERO)


def _said_or(said: int | None, default: int) -> int:
    return default if said is None else said
