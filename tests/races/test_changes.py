"""Changes of one call, and of calls that want each other's time, all at one instant: through the API and the store.

After every kind of race each agent's days are what the calls make them, and each call's timeline tells of every one of
its revisions. CHANGE_ROUNDS_SLOW says how many rounds of each kind there are.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Protocol

import boto3
import pytest
from botocore.config import Config

from local.process import RunningSystem
from slotline.clock import FullJitter, RandomIds, SystemClock
from slotline.domain.booking.calls import Actor, ActorType, AssignmentMethod, BookingSource, Guest
from slotline.domain.booking.requests import BookingRequest, CallUpdate
from slotline.domain.shared.errors import DomainError
from slotline.store.booking.bookings import DynamoBookings
from slotline.store.booking.ticket_queue import DynamoTicketQueue
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.book_call import BookCall
from slotline.usecases.booking.call_changes import CancelCall, ClaimCall, UpdateCall
from slotline.usecases.booking.change_call import ChangeCall, Decide
from tests.support.oracles.invariants import State, days_equal_their_calls, no_two_calls_collide
from tests.support.worlds.api import Api, OwnApp, own_app, target_of, text

ROUNDS = int(os.environ.get("CHANGE_ROUNDS_SLOW", "60"))
pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(3600)]
AT_ONCE = 6
OK = "ok"
Act = Callable[[], str]
"""One of those who race. Its answer: `ok`, or the code of what refused it."""


class Way(Protocol):
    """A way to the calls of an app. Every act answers `ok` or a code; a booking's `ok` is followed by its id."""

    def book(self, agent_id: str | None, start: datetime, *, pool: bool = False) -> tuple[str, str]: ...

    def update(self, call_id: str, agent_id: str | None = None, start: datetime | None = None) -> str: ...

    def cancel(self, call_id: str) -> str: ...

    def claim(self, call_id: str, agent_id: str) -> str: ...

    def bulk(self, call_ids: Sequence[str], agent_id: str | None = None) -> list[str]: ...


@dataclass(frozen=True)
class OverHttp:
    """The API."""

    api: Api

    def book(self, agent_id: str | None, start: datetime, *, pool: bool = False) -> tuple[str, str]:
        answer = self.api.create(agent_id, start, assignmentMethod="pool" if pool else "manual")
        if answer.status_code == 201:
            return OK, answer.json()["data"]["call"]["id"]
        return _code(answer.json()["error"]), ""

    def update(self, call_id: str, agent_id: str | None = None, start: datetime | None = None) -> str:
        body = {"assignedAgentId": agent_id, "scheduledAtUtc": text(start) if start else None}
        return self._say("PATCH", call_id, {name: value for name, value in body.items() if value})

    def cancel(self, call_id: str) -> str:
        return self._say("DELETE", call_id, None)

    def claim(self, call_id: str, agent_id: str) -> str:
        return self._say("POST", f"{call_id}/claim", {"agentId": agent_id})

    def bulk(self, call_ids: Sequence[str], agent_id: str | None = None) -> list[str]:
        action = {"action": "reassign", "assignedAgentId": agent_id} if agent_id else {"action": "cancel"}
        answer = self.api.ask("POST", "bulk", {**action, "ids": list(call_ids)})
        return [OK if one["ok"] else _code(one["error"]) for one in answer.json()["data"]["results"]]

    def _say(self, method: str, path: str, body: Any) -> str:
        answer = self.api.ask(method, path, body)
        return OK if answer.status_code == 200 else _code(answer.json()["error"])


@dataclass(frozen=True)
class OnStore:
    """The use cases on the store, without HTTP."""

    app_id: str
    bookings: DynamoBookings
    book_call: BookCall
    change_call: ChangeCall

    def book(self, agent_id: str | None, start: datetime, *, pool: bool = False) -> tuple[str, str]:
        request = BookingRequest(
            app_id=self.app_id,
            source=BookingSource.API,
            actor=Actor(type=ActorType.API, id="client-1"),
            guest=Guest(name="Jane Doe", email="jane@example.com"),
            scheduled_at=start,
            app_timezone="UTC",
            assigned_agent_id=agent_id,
            assignment_method=AssignmentMethod.POOL if pool else None,
            buffer_before_minutes=5,
            buffer_after_minutes=5,
        )
        try:
            return OK, self.book_call(request, None, lambda: None).call.id
        except DomainError as refused:
            return refused.details[0].code, ""

    def update(self, call_id: str, agent_id: str | None = None, start: datetime | None = None) -> str:
        update = CallUpdate(assigned_agent_id=agent_id, scheduled_at=start)
        return self._change(call_id, UpdateCall(screen=refusal_of, bookings=self.bookings, update=update))

    def cancel(self, call_id: str) -> str:
        return self._change(call_id, CancelCall())

    def claim(self, call_id: str, agent_id: str) -> str:
        return self._change(call_id, ClaimCall(bookings=self.bookings, agent_id=agent_id))

    def bulk(self, call_ids: Sequence[str], agent_id: str | None = None) -> list[str]:
        return [self.update(call_id, agent_id) if agent_id else self.cancel(call_id) for call_id in call_ids]

    def _change(self, call_id: str, decide: Decide) -> str:
        actor = Actor(type=ActorType.API, id="client-1")
        try:
            self.change_call(self.app_id, call_id, decide, actor, None, lambda: None)
        except DomainError as refused:
            return refused.details[0].code
        return OK


def _code(error: Any) -> str:
    return str((error["details"] or [{}])[0].get("code", error["type"]))


@dataclass
class Ring:
    """Where races are run: two agents of an app of their own, and starts that no other round uses."""

    kind: str
    way: Way
    place: OwnApp
    answers: Counter[str] = field(default_factory=Counter)
    _days: Iterator[int] = field(default_factory=count)

    @property
    def agents(self) -> Sequence[str]:
        return self.place.agent_ids

    def fresh_noon(self) -> datetime:
        """The noon of a day that stands apart from all others."""
        noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
        return noon + timedelta(days=3 + 2 * next(self._days))

    def booked(self, agent_id: str | None, start: datetime, *, pool: bool = False) -> str:
        code, call_id = self.way.book(agent_id, start, pool=pool)
        assert code == OK
        return call_id

    def race(self, *acts: Act) -> list[str]:
        """All at one instant; the answers in the order of the acts."""
        gate = threading.Barrier(len(acts))

        def run(act: Act) -> str:
            gate.wait()
            return act()

        with ThreadPoolExecutor(len(acts)) as pool:
            answers = list(pool.map(run, acts))
        assert not {"unavailable", "server_error"} & set(",".join(answers).split(",")), (
            "nobody lost so many races that they gave up"
        )
        self.answers.update(code for answer in answers for code in answer.split(","))
        return answers

    def state(self) -> State:
        client = target_of(self.place.system).client("dynamodb")
        return State.read(client, self.place.system.tables["scheduling"], self.place.app_id)


@pytest.fixture(scope="module", params=["http", "store"])
def ring(request: pytest.FixtureRequest, system: RunningSystem) -> Iterator[Ring]:
    """The races' two ways in."""
    place = own_app(system)
    if request.param == "http":
        with place.client() as api:
            yield Ring("http", OverHttp(api), place)
        return
    client = boto3.session.Session().client(
        "dynamodb",
        endpoint_url=system.emulator_url,
        region_name=system.region,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(read_timeout=20, max_pool_connections=32, retries={"mode": "standard", "total_max_attempts": 3}),
    )
    bookings = DynamoBookings(client, system.tables["scheduling"], system.tables["access"], SystemClock())
    ports: dict[str, Any] = {
        "bookings": bookings,
        "clock": SystemClock(),
        "ids": RandomIds(),
        "backoff": FullJitter(),
    }
    book = BookCall(screen=refusal_of, **ports, ticket_queue=DynamoTicketQueue(client, system.tables["access"]))
    yield Ring("store", OnStore(place.app_id, bookings, book, ChangeCall(**ports)), place)
    client.close()


def check(ring: Ring, kind: str, started: float) -> None:
    """What must hold of all that is stored."""
    state = ring.state()
    no_two_calls_collide(state)
    days_equal_their_calls(state)
    told = timelines(ring)
    for call_id, row in state.calls.items():
        revision = int(row["revision"])
        assert told[call_id] == list(range(1, revision + 1)), f"call {call_id} tells of {told[call_id]}, not {revision}"
    answers = ", ".join(f"{number} {answer}" for answer, number in sorted(ring.answers.items()))
    figures = f"{ROUNDS} rounds, {answers}, {time.perf_counter() - started:.1f} s"
    print(f"\n{kind} ({ring.kind}): {figures}")  # noqa: T201 - shown by pytest -s
    ring.answers.clear()


def timelines(ring: Ring) -> dict[str, list[int]]:
    """The revisions that each call's events tell of: each once, as every race here changes one thing at a time."""
    told: dict[str, list[int]] = {}
    client, table = target_of(ring.place.system).client("dynamodb"), ring.place.system.tables["scheduling"]
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for row in page["Items"]:
            if row["sk"]["S"].startswith("EVENT#") and row["app_id"]["S"] == ring.place.app_id:
                told.setdefault(row["call_id"]["S"], []).append(int(row["revision"]["N"]))
    return {call_id: sorted(set(revisions)) for call_id, revisions in told.items()}


def status_of(ring: Ring, call_id: str) -> str:
    return str(ring.state().calls[call_id]["status"])


def move_against_cancel(ring: Ring) -> None:
    """A move, another move and two cancellations: it ends cancelled, and nobody's time is kept."""
    noon = ring.fresh_noon()
    call_id = ring.booked(ring.agents[0], noon)
    answers = ring.race(
        lambda: ring.way.update(call_id, start=noon + timedelta(hours=3)),
        lambda: ring.way.cancel(call_id),
        lambda: ring.way.update(call_id, ring.agents[1]),
        lambda: ring.way.cancel(call_id),
    )
    assert (answers[1], answers[3]) == (OK, OK)
    assert {answers[0], answers[2]} <= {OK, "final_state"}
    assert ring.booked(ring.agents[0], noon), "its time is free at once"
    assert ring.booked(ring.agents[1], noon + timedelta(hours=3))


def move_against_move(ring: Ring) -> None:
    """Six moves of one call: each is made, one after the other, and the last one stands."""
    noon = ring.fresh_noon()
    call_id = ring.booked(ring.agents[0], noon)
    answers = ring.race(
        *(
            lambda hours=hours: ring.way.update(call_id, start=noon + timedelta(hours=hours))  # type: ignore[misc]
            for hours in range(1, AT_ONCE + 1)
        )
    )
    assert answers == [OK] * AT_ONCE


def move_against_booking(ring: Ring) -> None:
    """Two calls that would move to a time, and four who would book it: one has it afterwards."""
    noon = ring.fresh_noon()
    wanted = noon + timedelta(hours=4, minutes=10)
    movers = [ring.booked(ring.agents[0], noon + timedelta(hours=hour)) for hour in (0, 1)]
    answers = ring.race(
        *(lambda mover=mover: ring.way.update(mover, start=wanted) for mover in movers),  # type: ignore[misc]
        *(
            lambda minutes=minutes: ring.way.book(ring.agents[0], wanted + timedelta(minutes=minutes))[0]  # type: ignore[misc]
            for minutes in (0, 10, -10, 20)
        ),
    )
    assert Counter(answers) == {OK: 1, "slot_taken": AT_ONCE - 1}


def a_swap(ring: Ring) -> None:
    """Two agents would take each other's call: neither can while both stand; with one gone the other may."""
    noon = ring.fresh_noon()
    one, other = ring.booked(ring.agents[0], noon), ring.booked(ring.agents[1], noon)
    answers = ring.race(
        lambda: ring.way.update(one, ring.agents[1]),
        lambda: ring.way.update(other, ring.agents[0]),
        lambda: ring.way.update(one, start=noon + timedelta(minutes=30)),
        lambda: ring.way.update(other, ring.agents[0], noon + timedelta(minutes=30)),
    )
    assert set(answers) <= {OK, "slot_taken"}


def claim_against_cancel(ring: Ring) -> None:
    """Both agents claim a call of the pool, twice each, while it is cancelled: at most one has it."""
    noon = ring.fresh_noon()
    call_id = ring.booked(None, noon, pool=True)
    first, second = ring.agents
    answers = ring.race(
        lambda: ring.way.claim(call_id, first),
        lambda: ring.way.claim(call_id, second),
        lambda: ring.way.cancel(call_id),
        lambda: ring.way.claim(call_id, first),
        lambda: ring.way.claim(call_id, second),
    )
    assert answers[2] == OK
    assert {answers[0], answers[1], answers[3], answers[4]} <= {OK, "final_state", "already_claimed"}
    assert [answers[0], answers[3]].count(OK) == 0 or [answers[1], answers[4]].count(OK) == 0, (
        "one agent has it, or none"
    )


def claim_against_claim(ring: Ring) -> None:
    """Both agents claim a call of the pool: one has it, the other is told."""
    call_id = ring.booked(None, ring.fresh_noon(), pool=True)
    answers = ring.race(*(lambda agent=agent: ring.way.claim(call_id, agent) for agent in ring.agents))  # type: ignore[misc]
    assert sorted(answers) == ["already_claimed", OK]


def bulk_against_all(ring: Ring) -> None:
    """Two bulk cancellations, a bulk reassignment and a move, over the same calls: all end cancelled."""
    noon = ring.fresh_noon()
    ids = [ring.booked(ring.agents[0], noon + timedelta(hours=hour)) for hour in range(3)]
    answers = ring.race(
        lambda: ",".join(ring.way.bulk(ids)),
        lambda: ",".join(ring.way.bulk(list(reversed(ids)))),
        lambda: ",".join(ring.way.bulk(ids, ring.agents[1])),
        lambda: ring.way.update(ids[1], start=noon + timedelta(hours=8)),
    )
    assert answers[0] == answers[1] == ",".join([OK] * 3)
    assert set(answers[2].split(",")) <= {OK, "final_state"}
    assert answers[3] in (OK, "final_state")


KINDS: list[Callable[[Ring], None]] = [
    move_against_cancel,
    move_against_move,
    move_against_booking,
    a_swap,
    claim_against_cancel,
    claim_against_claim,
    bulk_against_all,
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_changes_that_race_leave_one_story_and_no_time_behind(ring: Ring, kind: Callable[[Ring], None]) -> None:
    started = time.perf_counter()
    for _ in range(ROUNDS):
        kind(ring)
    check(ring, kind.__name__, started)
