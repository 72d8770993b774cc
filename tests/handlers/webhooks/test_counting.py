"""The stream's batches bring counters up to the calls, whatever else is in them."""

from collections import Counter as Sums
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.booking.calls import Actor, ActorType, EventType, TimelineEvent
from slotline.ports.shared import StoreBusyError
from slotline.store.booking.derived import IN_ALL, day_row
from slotline.store.booking.items import event_to_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.wiring import common
from slotline.wiring.shared import derived
from tests.handlers.webhooks.conftest import book, cancel, due_rows, events_of, fan_out, record, subscribe
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.bookings import TOMORROW
from tests.support.handlers import APP_ID
from tests.support.memory.faults import Fault
from tests.support.memory.timing import MemoryDeadLetters
from tests.support.memory.wiring import MemoryPorts

pytestmark = pytest.mark.usefixtures("app")
Ports = MemoryPorts | TablePorts


def counts(row: str = IN_ALL, agent_id: str | None = None, last: str | None = None) -> dict[str, int]:
    return dict(derived.of_bookings().counts(keys.counted_calls(APP_ID, agent_id), row, last))


def call_row(ports: Ports, call: dict[str, Any]) -> dict[str, Any]:
    found = ports.row(keys.call(APP_ID, call["id"]))
    assert found
    return to_values(found)


def removal(ports: Ports, call: dict[str, Any]) -> dict[str, Any]:
    """What the stream brings of a call that is deleted, which it is from now on."""
    row = call_row(ports, call)
    ports.drop(keys.call(APP_ID, call["id"]))
    gone = record(row, "REMOVE", OldImage=row)
    del gone["dynamodb"]["NewImage"]
    return gone


def test_a_booked_call_is_counted_in_its_app_and_for_its_agent_in_all_and_on_its_day(ports: Ports) -> None:
    book()
    fan_out(events_of(ports))
    assert counts() == counts(agent_id="agent-1") == {"scheduled_api": 1}
    day = day_row(TOMORROW.date().replace(month=5, day=4))
    assert counts(day) == counts(day, "agent-1") == {"scheduled_api": 1}
    assert counts(agent_id="agent-2") == counts(day_row(TOMORROW.date())) == {}


def test_a_batch_that_comes_again_counts_nothing_twice(ports: Ports) -> None:
    cancel(book())
    for _ in range(3):
        fan_out(events_of(ports))
    assert counts() == {"cancelled_api": 1}


def test_what_happened_to_a_message_is_counted_once_on_its_day_by_its_channel() -> None:
    call = book()
    sent = TimelineEvent(
        id="sent",
        call_id=call["id"],
        revision=2,
        sequence=32,
        event_type=EventType.REMINDER_SENT,
        actor=Actor(type=ActorType.SYSTEM),
        payload={"channel": "email"},
        created_at=TOMORROW.replace(month=5, day=3),
    )
    for _ in range(2):
        fan_out([record(to_values(event_to_item(APP_ID, sent)))])
    assert dict(derived.of_bookings().counts(keys.rolled_up(APP_ID), "MESSAGES#2026-05")) == {"03.email.sent": 1}


def test_what_a_delivery_has_come_to_is_counted_on_the_day_of_its_event(ports: Ports) -> None:
    subscribe()
    book()
    fan_out(events_of(ports))
    (row,) = due_rows(ports)
    pending = {name: value for name, value in row.items() if value is not None}
    for number, status in enumerate(["failed", "pending", "delivered"], start=1):
        changed = {**pending, "status": status, "revision": number}
        for _ in range(2):
            fan_out([record(to_values(changed), "MODIFY", OldImage=to_values(pending))])
    counted = derived.of_bookings().counts(keys.rolled_up(APP_ID), "MESSAGES#2026-04")
    assert dict(counted) == {"22.webhook.delivered": 1}


def test_a_change_of_a_call_without_an_event_is_counted_too(ports: Ports) -> None:
    call = book()
    fan_out(events_of(ports))
    row = call_row(ports, call)
    ports.put({**(ports.row(keys.call(APP_ID, call["id"])) or {}), "status": "confirmed", "revision": 2})
    fan_out([record(call_row(ports, call), "MODIFY", OldImage=row)])
    assert counts() == {"confirmed_api": 1}


def test_a_call_that_is_deleted_is_counted_no_longer_and_its_older_changes_do_not_bring_it_back(ports: Ports) -> None:
    call, other = book(), book(scheduledAtUtc="2026-05-04T12:00:00Z")
    older = events_of(ports)
    fan_out(older)
    assert counts() == {"scheduled_api": 2}
    fan_out([removal(ports, call)])
    fan_out(older)
    assert (
        counts()
        == counts(day_row(TOMORROW.date()), last=day_row(TOMORROW.date().replace(year=2027)))
        == {"scheduled_api": 1}
    )
    assert other


def test_an_event_and_a_call_that_nobody_can_read_hold_up_neither_webhooks_nor_other_calls(
    ports: Ports, dead_letters: MemoryDeadLetters
) -> None:
    subscribe()
    call, _ = book(), book(scheduledAtUtc="2026-05-04T12:00:00Z")
    poison = {**events_of(ports)[0]["dynamodb"]["NewImage"], "sk": {"S": "EVENT#00000009#x"}, "event_type": {"S": "?"}}
    fan_out([record(poison), *events_of(ports)])
    assert counts() == {"scheduled_api": 2}
    assert len(due_rows(ports)) == 2
    assert len(dead_letters.letters) == 1
    assert call


def test_what_is_derived_asks_for_no_counting_of_its_own(dead_letters: MemoryDeadLetters) -> None:
    rows = [keys.derived("APP#a#CALL#c"), keys.counters("APP#a#CALLS", IN_ALL, 3), keys.calls_are_counted("a")]
    fan_out([record(to_values({**row, "version": 1, "app_id": "a"})) for row in rows])
    assert (counts(), dead_letters.letters) == ({}, [])


def test_a_store_that_does_not_count_fails_the_batch_and_webhooks_hear_once(ports: MemoryPorts) -> None:
    subscribe()
    book()
    batch = events_of(ports)
    ports.derivations.faults.commits.extend([None, *[Fault.BUSY] * 20])
    with pytest.raises(StoreBusyError):
        fan_out(batch)
    ports.derivations.faults.commits.clear()
    fan_out(batch)
    assert counts() == {"scheduled_api": 1}
    assert Sums(row["event"] for row in due_rows(ports)) == {"scheduled.created": 1}


def test_a_store_that_does_not_count_holds_up_webhooks_for_a_quarter_of_an_hour_at_most(
    ports: MemoryPorts, dead_letters: MemoryDeadLetters
) -> None:
    subscribe()
    call = book()
    made_at = common.clock().now() - timedelta(minutes=16)
    batch = events_of(ports)
    batch[0]["dynamodb"]["ApproximateCreationDateTime"] = made_at.timestamp()
    ports.derivations.faults.commits.extend([None, *[Fault.BUSY] * 20])
    fan_out(batch)
    assert Sums(row["event"] for row in due_rows(ports)) == {"scheduled.created": 1}
    assert [letter["subject"] for letter in dead_letters.letters] == [keys.call(APP_ID, call["id"])["pk"]]
