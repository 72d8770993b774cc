"""What must hold of the stored state after any race, checked from the rows alone.

On purpose nothing of `slotline` is imported: minutes are counted one by one, and rows are read as they lie there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

_FINAL = {"cancelled", "completed", "no_show", "rescheduled"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MINUTES = 24 * 60
_python = TypeDeserializer().deserialize


@dataclass(frozen=True)
class Slot:
    """The time that a call takes, or asks for, in minutes since 1970."""

    agent_id: str
    start: int
    length: int
    before: int = 0
    after: int = 0

    @classmethod
    @lru_cache(maxsize=65_536)
    def at(cls, agent_id: str, start: datetime | str, length: int, before: int = 0, after: int = 0) -> "Slot":
        """From an instant."""
        instant = datetime.fromisoformat(start) if isinstance(start, str) else start
        return cls(agent_id, int((instant - _EPOCH).total_seconds()) // 60, length, before, after)

    @cached_property
    def meeting(self) -> frozenset[int]:
        """Its minutes."""
        return frozenset(range(self.start, self.start + self.length))

    @cached_property
    def padded(self) -> frozenset[int]:
        """Its minutes and those of its buffers."""
        return frozenset(range(self.start - self.before, self.start + self.length + self.after))

    def collides(self, other: "Slot") -> bool:
        """Minute by minute: a meeting of one in the padded time of the other."""
        return self.agent_id == other.agent_id and bool(self.meeting & other.padded or self.padded & other.meeting)

    def days(self) -> set[str]:
        """The UTC days of its padded minutes."""
        days = {minute // _DAY_MINUTES for minute in self.padded}
        return {(_EPOCH + timedelta(days=day)).date().isoformat() for day in days}

    def hours_of(self, day: str) -> set[int]:
        """The hours of a UTC day that its padded minutes are in."""
        midnight = int((datetime.fromisoformat(f"{day}T00:00:00+00:00") - _EPOCH).total_seconds()) // 60
        return {(minute - midnight) // 60 for minute in self.padded if midnight <= minute < midnight + _DAY_MINUTES}


@dataclass(frozen=True)
class State:
    """The calls and agents' days of one app."""

    calls: Mapping[str, Mapping[str, Any]]
    days: Mapping[tuple[str, str], Mapping[str, Any]]

    @classmethod
    def read(cls, client: Any, table: str, app_id: str) -> "State":
        """Every row of the app, by a consistent Scan."""
        pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        mine = (row for page in pages for row in page["Items"] if row["pk"]["S"].startswith(f"APP#{app_id}#"))
        return cls.of(({name: _python(value) for name, value in row.items()} for row in mine), app_id)

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], app_id: str) -> "State":
        """From rows of all apps."""
        calls: dict[str, Mapping[str, Any]] = {}
        days: dict[tuple[str, str], Mapping[str, Any]] = {}
        for row in rows:
            if not row["pk"].startswith(f"APP#{app_id}#"):
                continue
            if row["sk"] == "CALL":
                calls[row["id"]] = row
            elif row["sk"].startswith("DAY#"):
                days[row["pk"].split("#AGENT#")[1], row["sk"].removeprefix("DAY#")] = row
        return cls(calls, days)

    def active(self) -> dict[str, Slot]:
        """The slots of the calls that take somebody's time, by id."""
        return {
            call_id: Slot.at(
                agent_id,
                row["scheduled_at"],
                int(row["duration_minutes"]),
                int(row["buffer_before_minutes"]),
                int(row["buffer_after_minutes"]),
            )
            for call_id, row in self.calls.items()
            if row["status"] not in _FINAL and (agent_id := row.get("assigned_agent_id") or row.get("held_agent_id"))
        }


def no_two_calls_collide(state: State) -> None:
    """I1, over every pair of one agent's calls within a day and a half of each other."""
    by_agent: defaultdict[str, list[tuple[int, str, Slot]]] = defaultdict(list)
    for call_id, slot in state.active().items():
        by_agent[slot.agent_id].append((slot.start, call_id, slot))
    for agent_id, slots in by_agent.items():
        for (_, one, first), (_, other, second) in combinations(sorted(slots, key=lambda entry: entry[:2]), 2):
            if second.start - first.start > 1.5 * _DAY_MINUTES:
                continue
            assert not first.collides(second), f"I1: calls {one} and {other} of agent {agent_id} collide"


def every_booking_exists(state: State, acknowledged: Mapping[str, Slot]) -> None:
    """I2: what was answered with 201 is there, at the time that was asked for."""
    active = state.active()
    for call_id, slot in acknowledged.items():
        assert active.get(call_id) == slot, f"I2: call {call_id} was acknowledged and is not there as it was"


def every_refusal_was_true(state: State, refused: Iterable[Slot]) -> None:
    """I3, where nothing was cancelled meanwhile: something active collides with each slot refused by a 409."""
    active = state.active().values()
    for slot in refused:
        assert any(slot.collides(other) for other in active), f"I3: nothing collides with {slot}"


def days_equal_their_calls(state: State) -> None:
    """I4: each agent's day holds the claims of its active calls, no more and no less, and counted each."""
    expected: defaultdict[tuple[str, str], dict[str, Slot]] = defaultdict(dict)
    for call_id, slot in state.active().items():
        for day in slot.days():
            expected[slot.agent_id, day][call_id] = slot
    assert expected.keys() <= state.days.keys(), "I4: a day that calls stand in has no row"
    for (agent_id, day), row in state.days.items():
        claims = {
            name.removeprefix("claim_"): Slot(
                agent_id,
                int(claim["start"]),
                int(claim["end"] - claim["start"]),
                int(claim["before"]),
                int(claim["after"]),
            )
            for name, claim in row.items()
            if name.startswith("claim_") and claim["kind"] == "call"
        }
        assert claims == expected.get((agent_id, day), {}), f"I4: {day} of agent {agent_id} differs from its calls"
        hours = [slot.hours_of(day) for slot in claims.values()]
        for hour in range(24):
            inside = sum(hour in reached for reached in hours)
            assert int(row.get(f"guard_{hour:02d}", 0)) >= inside, f"I4: {day} {hour}:00 of {agent_id} missed a claim"


def one_booking_a_key(answers: Mapping[str, Sequence[str]], state: State, made: Mapping[str, int]) -> None:
    """I5: all answers to a key name one call; `made` is how many calls the key's guest has: one."""
    for key, call_ids in answers.items():
        assert len(set(call_ids)) == 1, f"I5: key {key} has {len(set(call_ids))} calls"
        assert call_ids[0] in state.calls
        assert made[key] == 1, f"I5: key {key} made {made[key]} calls"
