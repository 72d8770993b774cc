"""How many requests it takes to derive what follows from a batch of calls, as decision 47 has it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.booking.calls import Call, CallStatus
from slotline.store.booking.derived import derived_of_call
from slotline.store.shared.derived import MOST_PARTS, DynamoDerivations
from tests.support.aws.small_dynamodb import Row, SmallDynamoDB
from tests.support.builders.apps import SetClock
from tests.support.builders.bookings import JANE, TOMORROW, a_call

BATCH = 100


class Watched(SmallDynamoDB):
    """It keeps what is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.reads, self.sizes = 0, list[int]()

    def batch_get_item(self, **request: Any) -> Row:
        self.reads += 1
        return super().batch_get_item(**request)

    def transact_write_items(self, **request: Any) -> None:
        self.sizes.append(len(request["TransactItems"]))
        super().transact_write_items(**request)


def new_calls(agents: int, days: int) -> list[Call]:
    """Of guests with two words, an address and a number."""
    return [
        a_call(
            guest=replace(JANE, name="María García", email=f"guest-{n}@example.com", phone_e164=f"+5730055500{n:02}"),
            assigned_agent_id=f"agent-{n % agents}",
            scheduled_at=TOMORROW + timedelta(days=n % days),
        )
        for n in range(BATCH)
    ]


def asked(table: Watched, calls: Sequence[Call]) -> tuple[int, int]:
    """How many reads and transactions it takes to derive what follows from them."""
    table.reads, table.sizes = 0, []
    DynamoDerivations(table, "table", SetClock()).apply([derived_of_call(call) for call in calls])  # type: ignore[arg-type] # all it asks
    assert max(table.sizes) <= MOST_PARTS
    return table.reads, len(table.sizes)


@pytest.mark.parametrize(("agents", "days", "transactions"), [(1, 1, 12), (10, 30, 17)])
def test_a_batch_of_new_calls_takes_one_read_and_twelve_to_seventeen_transactions(
    agents: int, days: int, transactions: int
) -> None:
    assert asked(Watched(), new_calls(agents, days)) == (1, transactions)


@pytest.mark.parametrize(("agents", "days", "transactions"), [(1, 1, 4), (10, 30, 6)])
def test_a_batch_of_changes_of_status_takes_four_to_six_transactions(agents: int, days: int, transactions: int) -> None:
    table, calls = Watched(), new_calls(agents, days)
    asked(table, calls)
    changed = [replace(call, status=CallStatus.CONFIRMED, revision=call.revision + 1) for call in calls]
    assert asked(table, changed) == (1, transactions)
