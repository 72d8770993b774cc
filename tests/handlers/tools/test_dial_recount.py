"""A recount of what is dialled brings in old calls and finds what the stream lost, and may be stopped anywhere."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.dialing.call_lists import BEGINNING, END, DialQuery, Tally
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.statuses import DialStatus
from slotline.ports.shared import StoreBusyError
from slotline.store.dialing.calls import DynamoDialCalls
from slotline.store.dialing.derived import derived_of_call
from slotline.store.dialing.items import dial_call_to_item
from slotline.store.dialing.lists import DynamoDialLists
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.store.shared.derived import DynamoDerivations
from tests.handlers.tools.conftest import Ran
from tests.support.aws.moto_tables import REGION, TABLES, aws_in_memory
from tests.support.builders.apps import SetClock
from tests.support.builders.dialing import MONDAY, a_dial_call
from tools.dial_recount import DialRecount, recount_dials
from tools.provision import Provision
from tools.target import Target

OF_MAY = DialQuery(organization_id="org", campaign_id="may", since=BEGINNING, until=END)
BUSY, SCHEDULED = DialStatus.BUSY, DialStatus.SCHEDULED


class Stack:
    """Its tables, with five calls of a campaign that are older than counters and lists."""

    def __init__(self) -> None:
        self.target = Target(None, REGION, *TABLES)
        self.client: Any = self.target.client("dynamodb")
        self.table = self.target.dialing_table
        self.derivations = DynamoDerivations(self.client, self.table, SetClock())
        self.calls = [a_dial_call(id=f"call-{n}", campaign_id="may", due_at=MONDAY) for n in range(5)]
        DynamoDialCalls(self.client, self.table).add(self.calls)

    def put(self, call: DialCall) -> None:
        """As it is now, and the stream has not brought it."""
        self.client.put_item(TableName=self.table, Item=to_values(dial_call_to_item(call)))

    def recount(self, **more: Any) -> DialRecount:
        walk = DialRecount(self.client, self.table, self.derivations, **more)
        walk()
        return walk

    @property
    def lists(self) -> DynamoDialLists:
        return DynamoDialLists(self.client, self.table, self.derivations)

    def tally(self) -> Tally | None:
        return self.lists.of_campaign("org", "may")

    def listed(self) -> list[str] | None:
        page = self.lists.page(OF_MAY)
        return page and [call.id for call in page.calls]  # type: ignore[return-value] # no page is None


@pytest.fixture
def stack() -> Iterator[Stack]:
    with aws_in_memory():
        yield Stack()


@pytest.mark.parametrize("page", [None, 1, 3])
def test_calls_from_before_there_were_lists_are_counted_and_listed_then(stack: Stack, page: int | None) -> None:
    assert (stack.tally(), stack.listed()) == (None, None)
    walk = stack.recount(page=page)
    assert (walk.calls, walk.mended) == (5, 5)
    assert stack.tally() == Tally(by_status={SCHEDULED: 5}, over=0)
    assert stack.listed() == [call.id for call in stack.calls]


def test_a_change_that_the_stream_lost_is_found(stack: Stack) -> None:
    stack.recount()
    stack.put(replace(stack.calls[2], status=BUSY, due_at=None, revision=2))
    assert stack.tally() == Tally(by_status={SCHEDULED: 5}, over=0)
    assert stack.recount().mended == 1
    assert stack.tally() == Tally(by_status={SCHEDULED: 4, BUSY: 1}, over=1)


def test_a_recount_of_what_is_right_changes_nothing(stack: Stack) -> None:
    stack.derivations.apply([derived_of_call(call) for call in stack.calls])
    assert stack.recount().mended == 0
    assert stack.tally() == Tally(by_status={SCHEDULED: 5}, over=0)


def test_a_record_without_its_call_goes(stack: Stack) -> None:
    stack.recount()
    stack.client.delete_item(TableName=stack.table, Key=to_values(keys.dial_call("org", "call-1")))
    assert stack.recount().mended == 1
    assert stack.tally() == Tally(by_status={SCHEDULED: 4}, over=0)


def test_a_run_that_is_stopped_goes_on_from_there_and_only_its_end_turns_the_lists_on(stack: Stack) -> None:
    class Dying:
        scans = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(stack.client, name)

        def scan(self, **request: Any) -> Any:
            self.scans += 1
            if self.scans == 3:
                raise StoreBusyError("throttled")
            return stack.client.scan(**request)

    dying: Any = Dying()
    first = DialRecount(dying, stack.table, stack.derivations, page=2)
    with pytest.raises(StoreBusyError):
        first()
    assert first.calls > 0
    assert stack.tally() is None
    rest = stack.recount(page=2)
    assert first.calls + rest.calls == 5
    assert stack.tally() == Tally(by_status={SCHEDULED: 5}, over=0)


def test_a_call_that_nobody_can_read_is_named_and_holds_up_no_other(stack: Stack) -> None:
    key = keys.dial_call("org", "call-3")
    stack.client.put_item(TableName=stack.table, Item=to_values({**key, "revision": 1}))
    found = recount_dials(stack.target, SetClock())
    assert (found["phone_calls"], found["unreadable"]) == (5, [key["pk"]])
    assert stack.tally() == Tally(by_status={SCHEDULED: 4}, over=0)


def test_the_command_says_how_many_calls_there_are(run: Callable[..., Ran]) -> None:
    assert run("counters", "recount-dials").json == {"phone_calls": 0, "phone_calls_mended": 0}


def test_of_a_new_stack_all_calls_are_counted_from_its_first_app_on(stack: Stack) -> None:
    Provision.of(stack.target).create_app("Acme", "UTC")
    assert stack.tally() is None, "it has calls from before"
    for row in stack.client.scan(TableName=stack.table)["Items"]:
        stack.client.delete_item(TableName=stack.table, Key={name: row[name] for name in ("pk", "sk")})
    Provision.of(stack.target).create_app("Acme", "UTC")
    assert stack.tally() == Tally(by_status={}, over=0)
