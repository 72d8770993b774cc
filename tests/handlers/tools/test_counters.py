"""A recount finds what the stream lost, on a system that goes on meanwhile, and may be stopped anywhere."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.booking.calls import Call, CallStatus
from slotline.ports.shared import StoreBusyError
from slotline.store.booking.derived import IN_ALL, derived_of_call
from slotline.store.booking.items import call_to_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.store.shared.derived import DynamoDerivations
from tests.handlers.tools.conftest import Ran
from tests.support.aws.moto_tables import TABLES
from tests.support.aws.requests import refusal
from tests.support.builders.apps import SetClock
from tests.support.builders.bookings import a_call
from tools import counters
from tools.counters import Recount
from tools.target import Target

Run = Callable[..., Ran]
SCHEDULING = TABLES[0]


class Stack:
    """The tables of the stack, with one app."""

    def __init__(self, target: Target, app_id: str) -> None:
        self.client, self.app_id = target.client("dynamodb"), app_id
        self.derivations = DynamoDerivations(self.client, SCHEDULING, SetClock())

    def put(self, call: Call, *, is_counted: bool = False) -> Call:
        self.client.put_item(TableName=SCHEDULING, Item=to_values(call_to_item(call)))
        if is_counted:
            self.derivations.apply([derived_of_call(call)])
        return call

    def call(self, **more: Any) -> Call:
        return a_call(app_id=self.app_id, **more)

    def counts(self) -> dict[str, int]:
        return dict(self.derivations.counts(keys.counted_calls(self.app_id), IN_ALL))

    def has(self, key: dict[str, str]) -> bool:
        return "Item" in self.client.get_item(TableName=SCHEDULING, Key=to_values(key))

    def walk(self, client: Any = None) -> Recount:
        subjects = counters.scheduled_calls(SCHEDULING)
        return Recount(client or self.client, subjects, "AccessTable", self.derivations, page=2)


@pytest.fixture
def stack(target: Target, app_id: str) -> Stack:
    client = target.client("dynamodb")
    for row in client.scan(TableName=SCHEDULING)["Items"]:
        if row["sk"]["S"] not in {"APP", "COUNTED"} and "PRESET" not in row["sk"]["S"]:
            client.delete_item(TableName=SCHEDULING, Key={"pk": row["pk"], "sk": row["sk"]})
    return Stack(target, app_id)


def test_a_new_app_is_counted_from_its_beginning(stack: Stack) -> None:
    assert stack.has(keys.calls_are_counted(stack.app_id))


def test_calls_of_before_are_counted_and_then_the_app_is_marked(stack: Stack, run: Run) -> None:
    mark = keys.calls_are_counted(stack.app_id)
    stack.client.delete_item(TableName=SCHEDULING, Key=to_values(mark))
    for _ in range(3):
        stack.put(stack.call())
    said = run("counters", "recount").json
    assert (said["calls"], said["mended"]) == (3, 3)
    assert (stack.counts(), stack.has(mark)) == ({"scheduled_api": 3}, True)


def test_a_second_run_finds_nothing_to_mend(stack: Stack, run: Run) -> None:
    stack.put(stack.call())
    run("counters", "recount")
    assert run("counters", "recount").json["mended"] == 0
    assert stack.counts() == {"scheduled_api": 1}


def test_changes_that_the_stream_lost_are_found(stack: Stack, run: Run) -> None:
    changed, deleted, kept = (stack.put(stack.call(), is_counted=True) for _ in range(3))
    stack.put(replace(changed, status=CallStatus.CANCELLED, revision=2))
    stack.client.delete_item(TableName=SCHEDULING, Key=to_values(keys.call(stack.app_id, deleted.id)))
    assert run("counters", "recount").json["mended"] == 2
    assert stack.counts() == {"cancelled_api": 1, "scheduled_api": 1}
    assert kept


def test_a_call_that_a_restore_took_back_to_an_older_revision_is_counted_as_it_is(stack: Stack, run: Run) -> None:
    call = stack.call()
    stack.put(replace(call, status=CallStatus.CANCELLED, revision=5), is_counted=True)
    stack.put(replace(call, revision=3))
    run("counters", "recount")
    assert stack.counts() == {"scheduled_api": 1}


def test_a_row_that_nobody_can_read_is_told_and_holds_up_no_other(stack: Stack, run: Run) -> None:
    stack.put(stack.call())
    bad = stack.call()
    stack.client.put_item(TableName=SCHEDULING, Item=to_values(keys.call(stack.app_id, bad.id)))
    said = run("counters", "recount").json
    assert said["unreadable"] == [keys.call(stack.app_id, bad.id)["pk"]]
    assert stack.counts() == {"scheduled_api": 1}


class Stopped(Exception):
    """The operator had enough."""


class Stopping:
    """A client whose scan is stopped after so many pages; it counts what it reads."""

    def __init__(self, client: Any, most: int) -> None:
        self._client, self._left = client, most

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def scan(self, **request: Any) -> Any:
        if not self._left:
            raise Stopped
        self._left -= 1
        return self._client.scan(**request)


def test_a_run_that_is_stopped_goes_on_from_there_and_marks_all_apps(stack: Stack) -> None:
    stack.client.delete_item(TableName=SCHEDULING, Key=to_values(keys.calls_are_counted(stack.app_id)))
    for _ in range(9):
        stack.put(stack.call())
    pages = 0
    while True:
        walk = stack.walk(Stopping(stack.client, 2))
        try:
            walk()
        except Stopped:
            pages += 2
            assert not stack.has(keys.calls_are_counted(stack.app_id))
            continue
        break
    assert pages >= 4
    assert stack.counts() == {"scheduled_api": 9}
    assert stack.has(keys.calls_are_counted(stack.app_id))
    again = stack.walk()
    again()
    assert (again.found["calls"], again.found["mended"]) == (9, 0), "the next one begins at the beginning"


def test_a_call_that_changes_while_it_is_mended_is_read_again(stack: Stack) -> None:
    call = stack.put(stack.call())
    walk = stack.walk()
    mend = walk.derivations.mend
    raced = []

    class Racing(DynamoDerivations):
        def mend(self, subjects: Any) -> int:
            if not raced:
                raced.append(1)
                stack.put(replace(call, status=CallStatus.CONFIRMED, revision=2))
            return mend(subjects)

    walk.derivations = Racing(stack.client, SCHEDULING, SetClock())
    walk()
    assert (stack.counts(), raced) == ({"confirmed_api": 1}, [1])


def test_a_store_that_stays_busy_ends_the_run(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.put(stack.call())
    monkeypatch.setattr("slotline.clock.time.sleep", lambda _: None)

    def refuse(*_: object) -> int:
        raise StoreBusyError from refusal("ThrottlingException")

    monkeypatch.setattr(DynamoDerivations, "mend", refuse)
    with pytest.raises(StoreBusyError):
        stack.walk()()
