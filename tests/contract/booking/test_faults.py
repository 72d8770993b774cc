"""What happens when DynamoDB is busy, in its own way, or does not answer: no false 409, and nothing half-written."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from slotline.domain.access.rate_limits import Window
from slotline.domain.booking.call_lists import CallQuery
from slotline.domain.shared.errors import SlotTaken, Unavailable
from slotline.domain.shared.intervals import Interval
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, RaceLost, StoreBusyError
from slotline.store.access.rates import DynamoRates
from slotline.store.booking import items
from slotline.store.booking.bookings import DynamoBookings
from slotline.store.booking.calls import DynamoCalls
from slotline.store.dynamodb import parts
from slotline.store.dynamodb.rows import TRIES
from slotline.store.messages.reminders import DynamoReminders
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.book_call import BookCall
from slotline.usecases.shared.retrying import MAX_TRIES
from tests.support.aws.requests import Failing, refusal
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW, SetClock, put_app
from tests.support.builders.bookings import (
    AGENT,
    APP_ID,
    TOMORROW,
    a_call,
    a_key,
    a_reminder,
    a_request,
    minutes,
    read_for,
    write_of,
)
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.ticket_queue import MemoryTicketQueue
from tests.support.memory.timing import due_of

URL = "http://dynamodb.example"
THROTTLED: list[Exception] = [
    refusal("ProvisionedThroughputExceededException"),
    refusal("ThrottlingException"),
    refusal("RequestLimitExceeded"),
    refusal("InternalServerError"),
    refusal("TransactionInProgressException"),
    ConnectTimeoutError(endpoint_url=URL),
    ReadTimeoutError(endpoint_url=URL),
    EndpointConnectionError(endpoint_url=URL),
]


@pytest.fixture
def scheduling(tables: Any) -> Any:
    """The client, and an app with its agents."""
    put_app(TablePorts(tables), APP_ID)
    return tables


@dataclass(frozen=True)
class Booking:
    """The use case on a client that fails as planned."""

    client: Failing
    backoff: RecordedBackoff
    book: BookCall


def booking(client: Any, **plans: list[Any]) -> Booking:
    failing, backoff, clock = Failing(client, **plans), RecordedBackoff(), SetClock()
    bookings = DynamoBookings(failing, "SchedulingTable", "AccessTable", clock)
    return Booking(
        failing,
        backoff,
        BookCall(
            screen=refusal_of,
            bookings=bookings,
            clock=clock,
            ids=NumberedIds(),
            backoff=backoff,
            ticket_queue=MemoryTicketQueue(),
        ),
    )


def cancelled(reason: str, at: int = 0) -> Callable[[dict[str, Any]], Exception]:
    """A cancelled transaction: one of its items for this reason, the others for none."""

    def step(request: dict[str, Any]) -> Exception:
        reasons = ["None"] * len(request["TransactItems"])
        reasons[at] = reason
        return refusal("TransactionCanceledException", reasons=reasons)

    return step


def always(error: Exception, times: int = 40) -> list[Callable[[dict[str, Any]], Exception]]:
    return [lambda _: error] * times


def calls_written(client: Any) -> list[str]:
    return [row["sk"]["S"] for row in client.scan(TableName="SchedulingTable")["Items"] if "CALL#" in row["pk"]["S"]]


def test_three_conflicts_of_transactions_are_tried_again_and_are_no_409(scheduling: Any) -> None:
    it = booking(scheduling, transact_write_items=[cancelled("TransactionConflict")] * 3)
    booked = it.book(a_request(), None, lambda: None)
    assert booked.tries == 4
    assert it.backoff.pauses == [1, 2, 3]
    assert len(calls_written(scheduling)) == 2, "the call and its event, once"


@pytest.mark.parametrize(
    "reason",
    ["ThrottlingError", "ProvisionedThroughputExceeded", "TransactionConflict"],
)
def test_a_transaction_cancelled_by_the_machinery_is_busy_not_a_decision(scheduling: Any, reason: str) -> None:
    it = booking(scheduling, transact_write_items=[cancelled(reason)])
    assert it.book(a_request(), None, lambda: None).tries == 2


@pytest.mark.parametrize("reason", ["ValidationError", "ItemCollectionSizeLimitExceeded"])
def test_a_transaction_that_can_never_be_made_is_not_tried_again(scheduling: Any, reason: str) -> None:
    it = booking(scheduling, transact_write_items=[cancelled(reason)])
    with pytest.raises(ClientError):
        it.book(a_request(), None, lambda: None)
    assert calls_written(scheduling) == []


@pytest.mark.parametrize("error", THROTTLED, ids=lambda error: getattr(error, "operation_name", "") + str(error)[:60])
@pytest.mark.parametrize("operation", ["batch_get_item", "transact_write_items"])
def test_throttled_throughout_is_unavailable_and_nothing_is_written(
    scheduling: Any, operation: str, error: Exception
) -> None:
    it = booking(scheduling, **{operation: always(error)})
    with pytest.raises(Unavailable) as refused:
        it.book(a_request(), a_key(), lambda: None)
    assert refused.value.retry_after_seconds >= 1
    assert it.client.tried == [operation] * MAX_TRIES
    assert calls_written(scheduling) == []
    assert scheduling.scan(TableName="AccessTable")["Items"] == []


def test_a_booking_whose_rows_stay_unread_is_decided_again(scheduling: Any) -> None:
    class HalfRead(Failing):
        def __getattr__(self, name: str) -> Any:
            if name != "batch_get_item" or len(self.tried) == TRIES:
                return super().__getattr__(name)
            self.tried.append(name)
            return lambda **request: {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}

    clock = SetClock()
    bookings = DynamoBookings(HalfRead(scheduling), "SchedulingTable", "AccessTable", clock)
    ids, backoff, lines = NumberedIds(), RecordedBackoff(), MemoryTicketQueue()
    book = BookCall(screen=refusal_of, bookings=bookings, clock=clock, ids=ids, backoff=backoff, ticket_queue=lines)
    assert book(a_request(), None, lambda: None).tries == 2


@pytest.mark.parametrize("key", [None, a_key()], ids=["no key", "a key"])
@pytest.mark.parametrize("agent", [AGENT, None], ids=["an agent", "unassigned"])
def test_an_answer_lost_after_the_commit_makes_one_booking(scheduling: Any, key: Any, agent: str | None) -> None:
    def lose(request: dict[str, Any]) -> Exception:
        scheduling.transact_write_items(**request)
        return ReadTimeoutError(endpoint_url=URL)

    it = booking(scheduling, transact_write_items=[lose])
    booked = it.book(a_request(assigned_agent_id=agent), key, lambda: None)
    assert not booked.replayed
    assert len(calls_written(scheduling)) == 2
    found = DynamoCalls(scheduling, "SchedulingTable").get(APP_ID, booked.call.id)
    assert found
    assert found[0] == booked.call


def test_an_error_that_is_no_throttling_is_not_tried_again(scheduling: Any) -> None:
    it = booking(scheduling, transact_write_items=always(refusal("ValidationException")))
    with pytest.raises(ClientError):
        it.book(a_request(), None, lambda: None)
    assert it.client.tried == ["transact_write_items"]


def test_a_collision_that_stands_is_a_409_at_once_and_writes_nothing(scheduling: Any) -> None:
    booking(scheduling).book(a_request(), None, lambda: None)
    it = booking(scheduling, transact_write_items=[])
    it.book.ids.new()  # the first id is the call's that stands there
    with pytest.raises(SlotTaken):
        it.book(a_request(), None, lambda: None)
    assert it.client.tried == []


REASONS: list[tuple[str, dict[int, str], type[Exception]]] = [
    ("the day's guard moved", {0: "ConditionalCheckFailed"}, RaceLost),
    ("the call is there", {1: "ConditionalCheckFailed"}, AlreadyWritten),
    ("the key was answered", {-1: "ConditionalCheckFailed"}, AlreadyAnswered),
    ("guard and call", {0: "ConditionalCheckFailed", 1: "ConditionalCheckFailed"}, AlreadyWritten),
    ("guard and key", {0: "ConditionalCheckFailed", -1: "ConditionalCheckFailed"}, AlreadyAnswered),
    ("guard, and a busy neighbour", {0: "ConditionalCheckFailed", 1: "TransactionConflict"}, RaceLost),
    ("only busy neighbours", {0: "TransactionConflict", 1: "ThrottlingError"}, StoreBusyError),
]


@pytest.mark.parametrize(("reasons", "outcome"), [row[1:] for row in REASONS], ids=[row[0] for row in REASONS])
def test_a_cancelled_transaction_means_what_its_positions_say(
    scheduling: Any, reasons: dict[int, str], outcome: type[Exception]
) -> None:
    def step(request: dict[str, Any]) -> Exception:
        parts = ["None"] * len(request["TransactItems"])
        for position, reason in reasons.items():
            parts[position] = reason
        return refusal("TransactionCanceledException", reasons=parts)

    bookings = DynamoBookings(
        Failing(scheduling, transact_write_items=[step]), "SchedulingTable", "AccessTable", SetClock()
    )
    call = a_call()
    with pytest.raises(outcome):
        bookings.commit(write_of(call, read_for(bookings, call, a_key()), a_key()))


def test_a_repeat_of_the_same_writes_carries_the_same_client_token_and_other_writes_another(scheduling: Any) -> None:
    tokens: list[str] = []

    def note(request: dict[str, Any]) -> Exception:
        tokens.append(request["ClientRequestToken"])
        return refusal("ThrottlingException")

    bookings = DynamoBookings(
        Failing(scheduling, transact_write_items=[note] * 3), "SchedulingTable", "AccessTable", SetClock()
    )
    call = a_call()
    write = write_of(call, read_for(bookings, call))
    for one in (write, write, write_of(a_call(), read_for(bookings, call))):
        with pytest.raises(StoreBusyError):
            bookings.commit(one)
    assert tokens[0] == tokens[1] != tokens[2]
    assert all(1 <= len(token) <= 36 for token in tokens)


def _touch_app(calls: DynamoCalls) -> None:
    calls.app_exists(APP_ID)


def _touch_call(calls: DynamoCalls) -> None:
    calls.get(APP_ID, "anything")


def _touch_list(calls: DynamoCalls) -> None:
    calls.find(CallQuery(app_id=APP_ID))


@pytest.mark.parametrize(
    ("operation", "touch"), [("get_item", _touch_app), ("query", _touch_call), ("batch_get_item", _touch_list)]
)
def test_a_throttled_reading_is_busy(scheduling: Any, operation: str, touch: Callable[[DynamoCalls], None]) -> None:
    failing = Failing(scheduling, **{operation: always(refusal("ThrottlingException"))})
    with pytest.raises(StoreBusyError):
        touch(DynamoCalls(failing, "SchedulingTable"))


def test_a_throttled_counting_is_busy_and_any_other_error_is_itself(tables: Any) -> None:
    failing = Failing(
        tables, update_item=[lambda _: refusal("ThrottlingException"), lambda _: refusal("ValidationException")]
    )
    rates = DynamoRates(failing, "AccessTable")
    limits = dict.fromkeys(Window, 10)
    with pytest.raises(StoreBusyError):
        rates.count("client-1", limits, NOW)
    with pytest.raises(ClientError):
        rates.count("client-1", limits, NOW)


def test_looking_reads_strongly_consistent_in_one_request(scheduling: Any) -> None:
    seen: list[dict[str, Any]] = []
    failing = Failing(scheduling, batch_get_item=[seen.append])
    bookings = DynamoBookings(failing, "SchedulingTable", "AccessTable", SetClock())
    bookings.read_for_booking(APP_ID, AGENT, Interval.starting(TOMORROW, minutes(12 * 60)), a_key())
    assert len(seen) == 1
    assert all(table["ConsistentRead"] for table in seen[0]["RequestItems"].values())


def test_a_claim_whose_answer_was_lost_is_known_by_the_repeat_that_botocore_makes(scheduling: Any) -> None:
    """Taken for somebody else's, it would leave its message until the lease is over."""
    reminder = a_reminder()
    put = parts.put_row("SchedulingTable", items.reminder_to_item(reminder))["Put"]
    scheduling.put_item(**put)
    until = TOMORROW + minutes(2)

    def claims_and_loses_the_answer(**request: Any) -> Any:
        scheduling.update_item(**request)
        return scheduling.update_item(**request)

    repeating = SimpleNamespace(update_item=claims_and_loses_the_answer)
    reminders = DynamoReminders(repeating, "SchedulingTable", "AccessTable", SetClock())  # type: ignore[arg-type]
    claimed = reminders.claim(due_of(reminder), "claim-1", until)
    assert claimed == replace(reminder, claim_id="claim-1", due_at=until, attempts=1)
    assert reminders.claim(due_of(reminder), "claim-2", until) is None
