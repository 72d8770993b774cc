"""What a booking writes into the partition that all bookings of its app and month share: decision 38 rests on it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.aws.requests import written_kilobytes
from tests.template.conftest import World

PARTITION = 1_000
"""Write units a second that one partition takes (DynamoDB developer guide, "Key range throughput exceeded")."""

A_CALL = 2
"""Units of one write of a call: between one and two kilobytes, unless its notes, answers or metadata are long."""

A_DELIVERY = 3
"""Units of one write of a delivery: its body is the call, with what is not set."""


def rows_written(operation: str, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows that a request puts, and what it sets of others."""
    actions = request["TransactItems"] if operation == "TransactWriteItems" else [{operation: request}]
    for action in actions:
        ((_, write),) = action.items()
        if "Item" in write:
            yield write["Item"]
        else:
            assert "calendar_" not in str(write), "a row is put into a calendar whole, or stays where it is"


@pytest.fixture
def written(world: World, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The rows in the index `calendar` that the world's functions write, one for each write of the index."""
    found: list[dict[str, Any]] = []

    def hear(service: str, operation: str, request: dict[str, Any]) -> None:
        if service == "dynamodb" and operation in {"TransactWriteItems", "PutItem", "UpdateItem"}:
            found.extend(row for row in rows_written(operation, request) if "calendar_pk" in row)

    monkeypatch.setattr(world, "hear", hear)
    return found


def most_units(rows: list[dict[str, Any]]) -> int:
    assert len({row["calendar_pk"]["S"] for row in rows}) == 1
    return max(map(written_kilobytes, rows))


def kinds(rows: list[dict[str, Any]]) -> list[str]:
    return [row["sk"]["S"].partition("#")[0] for row in rows]


@pytest.mark.parametrize("name", ["booking", "round_robin", "unassigned"])
def test_a_booking_writes_its_call_and_nothing_else_into_the_calendar(
    world: World, written: list[dict[str, Any]], name: str
) -> None:
    assert world.invoke("scheduled_calls/create", world.event(f"scheduled_calls/create/{name}"))["statusCode"] == 201
    assert kinds(written) == ["CALL"]
    assert most_units(written) <= A_CALL


def test_each_message_that_is_sent_writes_its_call_once_more(world: World, written: list[dict[str, Any]]) -> None:
    event = world.event("reminders/send/due")
    assert world.invoke("reminders/send", event)["batchItemFailures"] == []
    channels_that_are_played = 3
    assert kinds(written) == ["CALL"] * channels_that_are_played
    assert most_units(written) <= A_CALL


def test_an_event_is_put_once_into_the_log_of_each_webhook_that_wants_it(
    world: World, written: list[dict[str, Any]]
) -> None:
    world.invoke("webhooks/fan_out", world.event("webhooks/fan_out/booked"))
    logs = [row["calendar_pk"]["S"] for row in written]
    assert kinds(written) == ["DELIVERY"] * len(set(logs))
    assert max(map(written_kilobytes, written)) <= A_DELIVERY


def test_a_delivery_that_is_taken_at_once_is_changed_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    changed: list[str] = []

    def hear(_service: str, operation: str, request: dict[str, Any]) -> None:
        if operation == "UpdateItem" and request["Key"]["sk"]["S"].startswith("DELIVERY#"):
            changed.append(request["Key"]["pk"]["S"])

    monkeypatch.setattr(world, "hear", hear)
    world.invoke("webhooks/deliver", world.event("webhooks/deliver/due"))
    assert len(changed) == 2


def test_an_app_books_166_times_a_second_with_invitations_over_two_channels_and_250_times_with_one() -> None:
    assert [PARTITION // (A_CALL + messages * A_CALL) for messages in (0, 1, 2)] == [500, 250, 166]


def test_a_webhook_hears_of_111_events_a_second() -> None:
    assert PARTITION // (3 * A_DELIVERY) == 111
