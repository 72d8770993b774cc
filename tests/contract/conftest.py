"""Both backends of the ports. What a test says here holds for each of them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

import pytest

from slotline.domain.working_hours import Window
from slotline.ports import Bookings, Calls, Lines, Rates
from slotline.store import keys
from slotline.store.calls import DynamoCalls
from slotline.store.dynamo import to_values
from slotline.store.ledger import DynamoBookings
from slotline.store.lines import DynamoLines
from slotline.store.rates import DynamoRates
from tests.support.aws import aws_in_memory
from tests.support.bookings import AGENT, APP_ID, OTHER_APP_ID, an_agent, an_app
from tests.support.memory import MemoryLines, MemoryRates, MemoryStore
from tests.support.scheduling import SetClock, put_app

AGENTS = (AGENT, "agent-2")
ALWAYS = tuple(Window(weekday=day, start="00:00", end="24:00", zone="UTC") for day in range(7))
KINDS = ("dynamodb", "memory")


@dataclass(frozen=True)
class Backend:
    """The ports on one backend, with two apps of two agents each."""

    bookings: Bookings
    calls: Calls
    rates: Rates
    lines: Lines
    clock: SetClock
    works_always: Callable[[str], None]
    """Give an agent of the first app working hours around the clock."""
    lists_in: str
    """The module that reads lists."""


@pytest.fixture
def tables() -> Iterator[Any]:
    """A DynamoDB client; the tables hold nothing."""
    with aws_in_memory() as client:
        yield client


@contextmanager
def backend_of(kind: str) -> Iterator[Backend]:
    """A fresh one of this kind."""
    clock = SetClock()
    with ExitStack() as stack:
        if kind == "memory":
            yield _in_memory(clock)
        else:
            yield _on_dynamodb(clock, stack.enter_context(aws_in_memory()))


@pytest.fixture(params=KINDS)
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Each backend in turn, with nothing in it but its apps."""
    with backend_of(request.param) as made:
        yield made


def _on_dynamodb(clock: SetClock, client: Any) -> Backend:
    for app_id in (APP_ID, OTHER_APP_ID):
        put_app(client, app_id, agents=AGENTS)

    def works_always(agent_id: str) -> None:
        client.update_item(
            TableName="SchedulingTable",
            Key=to_values(keys.agent(APP_ID, agent_id)),
            UpdateExpression="SET working_hours = :hours",
            ExpressionAttributeValues=to_values({":hours": [asdict(window) for window in ALWAYS]}),
        )

    return Backend(
        works_always=works_always,
        bookings=DynamoBookings(client, "SchedulingTable", "AccessTable", clock),
        calls=DynamoCalls(client, "SchedulingTable"),
        rates=DynamoRates(client, "AccessTable"),
        lines=DynamoLines(client, "AccessTable"),
        clock=clock,
        lists_in="slotline.store.calls",
    )


def _in_memory(clock: SetClock) -> Backend:
    store = MemoryStore(clock)
    for app_id in (APP_ID, OTHER_APP_ID):
        store.apps[app_id] = an_app(app_id)
        store.agents |= {(app_id, agent_id): an_agent(agent_id) for agent_id in AGENTS}

    def works_always(agent_id: str) -> None:
        store.agents[APP_ID, agent_id] = replace(store.agents[APP_ID, agent_id], working_hours=ALWAYS)

    return Backend(
        works_always=works_always,
        bookings=store,
        calls=store,
        rates=MemoryRates(),
        lines=MemoryLines(),
        clock=clock,
        lists_in="tests.support.memory",
    )
