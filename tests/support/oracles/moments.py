"""The calendar at one instant, and what must hold of it, judged minute by minute.

The rows of a store in memory are read as they lie there. Like `tests.support.oracles.invariants`, which judges
the calls, this shares no rule with the code that it judges: time is counted in minutes since 1970.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any

from tests.support.oracles.invariants import Slot, State, days_equal_their_calls, no_two_calls_collide

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MINUTES = 24 * 60
OFFSETS = {"UTC": 0, "America/Bogota": -5 * 60}
"""Of the zones that the simulation uses, in minutes. Neither has changed its clocks for thirty years."""
Range = tuple[int, int]
DayRanges = Mapping[str, Sequence[Range]]


@dataclass(frozen=True)
class Block:
    """An exception or a do-not-disturb window: its own ranges of minutes, not yet merged."""

    agent_id: str
    kind: str
    ranges: tuple[Range, ...]
    label: str | None
    state: str = "applied"

    @cached_property
    def days(self) -> DayRanges:
        """What it blocks of each UTC day."""
        return by_day(self.ranges)

    def minutes_in(self, minutes: Collection[int]) -> bool:
        """True where it reaches one of these minutes."""
        return any(start <= minute < end for minute in minutes for start, end in self.ranges)


@dataclass(frozen=True)
class Hold:
    """A hold as it stands in a day."""

    slot: Slot
    expires_at: datetime


@dataclass(frozen=True)
class Moment:
    """Everything that is kept of one app at one instant."""

    now: datetime
    state: State
    blocks: Mapping[str, Block]
    extra: Mapping[str, Block]
    """Exceptions that add time."""
    turns: Mapping[str, int]
    decided: Mapping[str, int]
    """The turns that timelines tell of: one for each pick and what it lifted, less one for each that was cancelled."""
    caps: Mapping[str, tuple[int, int]]
    """How many calls those agents take on a local day who do not take any number, and their clocks' offset."""
    revisions: Mapping[str, Sequence[int]]
    """The revisions that each call's timeline tells of."""

    @cached_property
    def active(self) -> Mapping[str, Slot]:
        """The calls that take somebody's time."""
        return self.state.active()

    @cached_property
    def claims(self) -> Mapping[tuple[str, str], Mapping[str, Mapping[str, Any]]]:
        """What stands in each agent's day, by id."""
        return {
            place: {name.removeprefix("claim_"): claim for name, claim in row.items() if name.startswith("claim_")}
            for place, row in self.state.days.items()
        }

    @cached_property
    def holds(self) -> Mapping[str, Hold]:
        """The holds that last, by id."""
        return {hold_id: hold for hold_id, hold in self.all_holds.items() if self.now < hold.expires_at}

    @cached_property
    def all_holds(self) -> Mapping[str, Hold]:
        """The holds that stand in a day, those too whose time ran out."""
        return {
            claim_id: Hold(slot_of(agent_id, claim), claim["expires_at"])
            for (agent_id, _), claims in self.claims.items()
            for claim_id, claim in claims.items()
            if claim["kind"] == "hold"
        }

    def in_the_way(self, slot: Slot, *but: str | None) -> set[str]:
        """The codes of the refusals that would be true of this slot; what is `but` these ids does not count."""
        calls = any(slot.collides(other) for call_id, other in self.active.items() if call_id not in but)
        holds = any(slot.collides(hold.slot) for hold_id, hold in self.holds.items() if hold_id not in but)
        taken = {"slot_taken"} if calls or holds else set()
        full = {"agent_day_full"} if self.is_full(slot, *but) else set()
        return taken | full | self.blocking(slot)

    def is_full(self, slot: Slot, *but: str | None) -> bool:
        """True if the agent has as many calls and holds on the slot's local day as they take in one."""
        if slot.agent_id not in self.caps:
            return False
        most, offset = self.caps[slot.agent_id]
        there = {**self.active, **{hold_id: hold.slot for hold_id, hold in self.holds.items()}}
        day = (slot.start + offset) // DAY_MINUTES
        return most <= sum(
            call_id not in but and other.agent_id == slot.agent_id and (other.start + offset) // DAY_MINUTES == day
            for call_id, other in there.items()
        )

    def blocking(self, slot: Slot) -> set[str]:
        """The codes of what blocks this slot, by the days: a block may be half written."""
        return {
            {"dnd": "dnd", "blocked": "blocked"}[claim["kind"]]
            for day in slot.days()
            for claim in self.claims.get((slot.agent_id, day), {}).values()
            if claim["kind"] in ("dnd", "blocked") and slot.collides(slot_of(slot.agent_id, claim))
        }

    def works(self, slot: Slot, hours: range) -> bool:
        """True if every minute of the meeting is in these hours of a UTC day, or in extra time."""
        extra = [block for block in self.extra.values() if block.agent_id == slot.agent_id]
        return all(
            minute % DAY_MINUTES // 60 in hours or any(block.minutes_in((minute,)) for block in extra)
            for minute in slot.meeting
        )


def check(moment: Moment) -> None:
    """I1, I4 and I9, and that timelines and turns tell the same story as the calls."""
    no_two_calls_collide(moment.state)
    days_equal_their_calls(moment.state)
    _days_equal_their_blocks(moment)
    _holds_stand_whole(moment)
    _no_day_is_over_its_cap(moment)
    for call_id, row in moment.state.calls.items():
        told = sorted(set(moment.revisions[call_id]))
        assert told == list(range(1, row["revision"] + 1)), f"the timeline of {call_id} tells of {told}"
    assert dict(moment.turns) == dict(moment.decided), "turns differ from the picks that timelines tell of"


def _no_day_is_over_its_cap(moment: Moment) -> None:
    """I9: on no local day has an agent more calls and live holds than they take."""
    slots = [*moment.active.values(), *(hold.slot for hold in moment.holds.values())]
    for agent_id, (most, offset) in moment.caps.items():
        days = Counter((slot.start + offset) // DAY_MINUTES for slot in slots if slot.agent_id == agent_id)
        assert max(days.values(), default=0) <= most, (
            f"I9: {agent_id} has {max(days.values())} calls on a day, not {most}"
        )


def _turns_told(store: Any, app_id: str) -> Counter[str]:
    """By agent, what the engine's picks gave them, what they were lifted by, and what cancelled calls gave back."""
    told: Counter[str] = Counter()
    for (owner, call_id), events in store.events.items():
        for event in events:
            if owner == app_id and (decision := event.payload.get("decision")):
                winner = decision["winner"]
                (figures,) = (each for each in decision["candidates"] if each["agent_id"] == winner)
                had = figures["turns"] if figures["lifted_from"] is None else figures["lifted_from"]
                is_cancelled = store.calls[owner, call_id].status.value == "cancelled"
                told[winner] += figures["turns"] - had + (0 if is_cancelled else 1)
    return told


def _days_equal_their_blocks(moment: Moment) -> None:
    """I4 for blocked time: all of it while a block stands, some of it while it comes or goes, nothing else."""
    there: defaultdict[str, dict[tuple[str, str], list[Range]]] = defaultdict(lambda: defaultdict(list))
    for (agent_id, day), claims in moment.claims.items():
        for claim_id, claim in claims.items():
            if claim["kind"] in ("dnd", "blocked"):
                block_id = claim_id.partition(".")[0]
                there[block_id][agent_id, day] += by_day([(claim["start"], claim["end"])])[day]
    assert there.keys() <= moment.blocks.keys(), "I4: a day is blocked by what is not there"
    for block_id, block in moment.blocks.items():
        expected = {(block.agent_id, day): ranges for day, ranges in block.days.items()}
        found = {place: merged(ranges) for place, ranges in there[block_id].items()}
        if block.state == "applied":
            assert found == expected, f"I4: {block_id} is not what it blocks"
        else:
            assert found.items() <= expected.items(), f"I4: {block_id} blocks more than it is"


def _holds_stand_whole(moment: Moment) -> None:
    """I4 for holds: each stands alike in every day that it reaches, and two of them, or one and a call, never meet."""
    for hold_id, hold in moment.holds.items():
        days = {day for (_, day), claims in moment.claims.items() if hold_id in claims}
        assert days == hold.slot.days(), f"I4: hold {hold_id} stands in {days}"
        copies = {str(claims[hold_id]) for claims in moment.claims.values() if hold_id in claims}
        assert len(copies) == 1, f"I4: hold {hold_id} differs from day to day"
        others = [*moment.active.items(), *((other_id, other.slot) for other_id, other in moment.holds.items())]
        for other_id, other in others:
            assert other_id == hold_id or not hold.slot.collides(other), f"I1: hold {hold_id} and {other_id} collide"


def moment_of(store: Any, app_id: str) -> Moment:
    """The rows of a store in memory, now."""
    agents = {agent_id: agent for (owner, agent_id), agent in store.agents.items() if owner == app_id}
    exceptions = [(agent_id, each) for agent_id, agent in agents.items() for each in agent.exceptions]
    blocks = {each.id: _exception(agent_id, each) for agent_id, each in exceptions}
    windows = {window_id: _window(agent_id, each) for (_, agent_id, window_id), each in store.windows.items()}
    told = _turns_told(store, app_id)
    capped = {agent_id: agent for agent_id, agent in agents.items() if agent.max_calls_per_day is not None}
    return Moment(
        now=store.clock.now(),
        state=State(
            {call_id: _call(call) for (owner, call_id), call in store.calls.items() if owner == app_id},
            {
                (agent_id, day.isoformat()): _day(there)
                for (owner, agent_id, day), there in store.days.items()
                if owner == app_id
            },
        ),
        blocks={name: block for name, block in blocks.items() if block.kind == "blocked"} | windows,
        extra={name: block for name, block in blocks.items() if block.kind != "blocked"},
        turns={agent_id: agent.turns for agent_id, agent in agents.items()},
        decided={agent_id: told[agent_id] for agent_id in agents},
        caps={agent_id: (agent.max_calls_per_day, OFFSETS[agent.timezone]) for agent_id, agent in capped.items()},
        revisions={call_id: [event.revision for event in events] for (_, call_id), events in store.events.items()},
    )


def slot_of(agent_id: str, claim: Mapping[str, Any]) -> Slot:
    """The slot of a claim as it stands in a day."""
    return Slot(agent_id, claim["start"], claim["end"] - claim["start"], claim["before"], claim["after"])


def minute_of(instant: datetime) -> int:
    """Minutes since 1970."""
    return int((instant - EPOCH).total_seconds()) // 60


def by_day(ranges: Iterable[Range]) -> dict[str, list[Range]]:
    """The part of each UTC day that these ranges cover, merged."""
    days: defaultdict[str, list[Range]] = defaultdict(list)
    for start, end in ranges:
        for day in range(start // DAY_MINUTES, (end - 1) // DAY_MINUTES + 1):
            name = (EPOCH + timedelta(days=day)).date().isoformat()
            days[name].append((max(start, day * DAY_MINUTES), min(end, (day + 1) * DAY_MINUTES)))
    return {day: merged(there) for day, there in days.items()}


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The same minutes in ranges that do not touch, in order."""
    result: list[Range] = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


@lru_cache(maxsize=4_096)
def dated_ranges(first: date, last: date, start: str, end: str, zone: str) -> tuple[Range, ...]:
    """The same hours on each of these dates, on the clocks of a zone that never changes them."""
    midnights = (
        minute_of(datetime.combine(first + timedelta(days=number), time(), UTC)) - OFFSETS[zone]
        for number in range((last - first).days + 1)
    )
    return tuple((midnight + _clock(start), midnight + _clock(end)) for midnight in midnights)


def _clock(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _exception(agent_id: str, row: Any) -> Block:
    ranges = dated_ranges(row.first, row.last, row.start, row.end, row.zone)
    return Block(agent_id, row.kind.value, ranges, row.label, row.state.value)


def _window(agent_id: str, row: Any) -> Block:
    return Block(agent_id, "dnd", ((minute_of(row.interval.start), minute_of(row.interval.end)),), row.label)


@lru_cache(maxsize=4_096)
def _call(call: Any) -> Mapping[str, Any]:
    return {
        "status": call.status.value,
        "assigned_agent_id": call.assigned_agent_id,
        "held_agent_id": call.held_agent_id,
        "assignment_method": call.assignment_method.value,
        "scheduled_at": call.scheduled_at,
        "duration_minutes": call.duration_minutes,
        "buffer_before_minutes": call.buffer_before_minutes,
        "buffer_after_minutes": call.buffer_after_minutes,
        "guest_name": call.guest.name,
        "guest_email": call.guest.email,
        "created_at": call.created_at,
        "required_tags": call.required_tags,
        "revision": call.revision,
    }


def _day(day: Any) -> Mapping[str, Any]:
    claims = {
        f"claim_{claim.id}": {
            "kind": claim.kind.value,
            "start": minute_of(claim.meeting.start),
            "end": minute_of(claim.meeting.end),
            "before": int(claim.before.total_seconds()) // 60,
            "after": int(claim.after.total_seconds()) // 60,
            "expires_at": claim.expires_at,
        }
        for claim in day.claims
    }
    return claims | {f"guard_{hour:02d}": count for hour, count in day.guards.items()}
