"""What queues, streams and schedules bring and take: each by itself, none lost, none before its second."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from json import loads
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from slotline.domain.shared.due import Due, DueKind
from slotline.ports.shared import Deadline, QueueBusyError, StoreBusyError
from slotline.queues.batches import consume
from slotline.queues.scheduler import EventBridgeSchedules
from slotline.queues.sqs import SqsDeadLetters, SqsQueues, from_body, to_body
from slotline.store.booking import items
from slotline.store.dynamodb.client import to_values
from slotline.store.dynamodb.streams import Change, each_change
from slotline.store.shared.timers import newly_due
from tests.support.aws.requests import refusal
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.bookings import TOMORROW, a_call, a_reminder, minutes
from tests.support.builders.deadlines import SetDeadline
from tests.support.memory.timing import MemoryDeadLetters, MemoryQueues, due_of

SECOND = timedelta(seconds=1)
DUE = replace(due_of(a_reminder()), at=NOW)
URLS = {kind: f"https://sqs.example/{kind}" for kind in DueKind}
NEEDED = 5 * SECOND
LOST = EndpointConnectionError(endpoint_url="https://sqs.example")


class Recorded:
    """A client of AWS that keeps what it is asked, and answers as planned; without a plan, that all went well."""

    def __init__(self, *answers: Any) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answers = list(answers)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def ask(**request: Any) -> Any:
            self.asked.append(request)
            answer = self._answers.pop(0) if self._answers else {}
            if isinstance(answer, Exception):
                raise answer
            return answer

        return ask


def a_due(number: int = 0, kind: DueKind = DueKind.CALL, late: timedelta = timedelta()) -> Due:
    """One of many rows that are due."""
    return Due(kind=kind, pk=f"APP#a#CALL#{number}", sk="CALL", at=NOW + late)


def a_batch(*bodies: str) -> dict[str, Any]:
    """What SQS hands to a function."""
    return {"Records": [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]}


class TestConsuming:
    """A batch from a queue."""

    def failed(
        self,
        event: dict[str, Any],
        act: Callable[[Due], None],
        queues: MemoryQueues | None = None,
        deadline: Deadline | None = None,
    ) -> list[str]:
        answer = consume(event, act, queues or MemoryQueues(), SetClock(), deadline or SetDeadline(), NEEDED)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def test_every_wake_up_is_acted_on(self) -> None:
        acted: list[Due] = []
        due = [a_due(number) for number in range(3)]
        assert self.failed(a_batch(*map(to_body, due)), acted.append) == []
        assert acted == due

    @pytest.mark.parametrize("error", [StoreBusyError("busy"), ValueError("whatever"), KeyError("x")])
    def test_one_that_fails_stays_in_its_queue_and_the_others_are_done(self, error: Exception) -> None:
        acted: list[Due] = []

        def act(due: Due) -> None:
            if due == a_due(1):
                raise error
            acted.append(due)

        assert self.failed(a_batch(*(to_body(a_due(number)) for number in range(3))), act) == ["1"]
        assert acted == [a_due(0), a_due(2)]

    @pytest.mark.parametrize(
        "body", ["", "{", "[]", "{}", '{"kind": "call"}', to_body(DUE).replace("reminder", "x", 1)]
    )
    def test_a_message_that_is_no_wake_up_fails_alone(self, body: str) -> None:
        acted: list[Due] = []
        assert self.failed(a_batch(body, to_body(DUE)), acted.append) == ["0"]
        assert acted == [DUE]

    def test_one_that_comes_too_early_goes_back_for_the_rest_of_its_time(self) -> None:
        """The queue holds a message back for a quarter of an hour at most, and clocks differ."""
        queues, early = MemoryQueues(), a_due(late=minutes(20))
        acted: list[Due] = []
        assert self.failed(a_batch(to_body(early)), acted.append, queues) == []
        assert (acted, queues.sent) == ([], [(NOW + minutes(15), early)])

    def test_what_there_is_no_time_for_stays_in_its_queue_and_is_not_begun(self, log: StringIO) -> None:
        acted, deadline = list[Due](), SetDeadline(12)

        def act(due: Due) -> None:
            acted.append(due)
            deadline.seconds -= 4

        event = a_batch(*(to_body(a_due(number)) for number in range(5)))
        assert self.failed(event, act, deadline=deadline) == ["2", "3", "4"]
        assert acted == [a_due(0), a_due(1)]
        assert '"WakeUpsLeftOver":' not in log.getvalue(), "a count of them is no line of the log"
        assert '"messages":3' in log.getvalue()

    def test_time_that_just_suffices_is_used(self) -> None:
        acted: list[Due] = []
        assert self.failed(a_batch(to_body(DUE)), acted.append, deadline=SetDeadline(5)) == []
        assert acted == [DUE]

    def test_a_failure_is_logged_without_what_the_message_says(self, log: StringIO) -> None:
        def act(due: Due) -> None:
            raise ValueError(f"jane@example.com {due.pk}")

        self.failed(a_batch(to_body(a_due(7))), act)
        logged = log.getvalue()
        assert "wake-up failed" in logged
        assert "jane" not in logged
        assert "CALL#7" not in logged


class TestStreams:
    """A batch from a table's stream."""

    @staticmethod
    def record(old: Any, new: Any) -> dict[str, Any]:
        images = {"OldImage": old and to_values(old), "NewImage": new and to_values(new), "Keys": {"pk": {"S": "jane"}}}
        return {"eventID": "e-1", "dynamodb": {name: image for name, image in images.items() if image}}

    def test_every_change_is_seen_in_order(self) -> None:
        seen: list[Change] = []
        first, second = (
            items.reminder_to_item(a_reminder()),
            items.reminder_to_item(a_reminder(due_at=None)),
        )
        event = {"Records": [self.record(None, first), self.record(first, second), self.record(second, None)]}
        each_change(event, seen.append, MemoryDeadLetters())
        assert [(change.old is None, change.new is None) for change in seen] == [
            (True, False),
            (False, False),
            (False, True),
        ]

    def test_a_change_that_nobody_can_read_is_put_aside_and_the_others_are_seen(self) -> None:
        letters, seen = MemoryDeadLetters(), list[Change]()
        poison = self.record(None, {"pk": "a", "sk": "NONSENSE#1", "due_at": "2026-04-22T12:00:00.000Z"})
        good = self.record(None, items.reminder_to_item(a_reminder()))

        def act(change: Change) -> None:
            newly_due(change)
            seen.append(change)

        each_change({"Records": [poison, {"eventID": "e-2"}, good]}, act, letters)
        assert (len(seen), [letter["eventID"] for letter in letters.letters]) == (1, ["e-1", "e-2"])

    @pytest.mark.parametrize(
        "error", [StoreBusyError("x"), QueueBusyError("x"), LOST, refusal("ThrottlingException", "SendMessage")]
    )
    def test_a_failure_of_the_world_brings_the_batch_again(self, error: Exception) -> None:
        def act(_: Change) -> None:
            raise error

        letters = MemoryDeadLetters()
        with pytest.raises(type(error)):
            each_change({"Records": [self.record(None, {"pk": "a"})]}, act, letters)
        assert letters.letters == []

    def test_what_is_logged_of_poison_names_nobody(self, log: StringIO) -> None:
        def act(_: Change) -> None:
            raise ValueError("jane@example.com")

        each_change({"Records": [self.record(None, {"pk": "a"})]}, act, MemoryDeadLetters())
        logged = log.getvalue()
        assert "poison record" in logged
        assert "jane" not in logged

    def test_a_row_is_newly_due_where_its_moment_is_another_than_before(self) -> None:
        call = items.call_to_item(a_call())
        later = items.call_to_item(a_call(scheduled_at=TOMORROW + minutes(60)))
        over = {name: value for name, value in call.items() if name not in ("due_at", "due_bucket")}

        def woken(old: Any, new: Any) -> list[str]:
            texts = {"due_at": lambda at: at.isoformat()}
            change = Change(
                **{
                    name: row and {key: texts.get(key, lambda value: value)(value) for key, value in row.items()}
                    for name, row in (("old", old), ("new", new))
                }
            )
            return [str(due.at - TOMORROW) for due in newly_due(change)]

        assert woken(None, call) == ["0:15:00"]
        assert woken(call, later) == ["1:15:00"]
        assert woken(over, call) == ["0:15:00"]
        assert woken(call, call) == []
        assert woken(call, over) == []
        assert woken(call, None) == []


class TestSending:
    """Messages to SQS."""

    def sent(self, *due: Due) -> list[tuple[str, int]]:
        client = Recorded()
        SqsQueues(lambda: client, URLS).send(due, NOW)  # type: ignore[arg-type]
        return [
            (request["QueueUrl"].rpartition("/")[2], entry["DelaySeconds"])
            for request in client.asked
            for entry in request["Entries"]
        ]

    @pytest.mark.parametrize(
        ("late", "seconds"),
        [
            (-minutes(9), 0),
            (timedelta(), 0),
            (timedelta(milliseconds=1), 1),
            (SECOND, 1),
            (timedelta(seconds=59.001), 60),
            (minutes(15), 900),
            (minutes(45), 900),
        ],
    )
    def test_each_is_held_back_to_its_second_and_never_less(self, late: timedelta, seconds: int) -> None:
        assert self.sent(a_due(late=late)) == [("call", seconds)]

    def test_each_kind_goes_to_its_own_queue_ten_at_a_time(self) -> None:
        client = Recorded()
        due = [a_due(number, list(DueKind)[number % 2]) for number in range(23)]
        SqsQueues(lambda: client, URLS).send(due, NOW)  # type: ignore[arg-type]
        kinds = [request["QueueUrl"].rpartition("/")[2] for request in client.asked]
        assert kinds == ["reminder", "reminder", "call", "call"]
        assert [len(request["Entries"]) for request in client.asked] == [10, 2, 10, 1]
        bodies = [entry["MessageBody"] for request in client.asked for entry in request["Entries"]]
        assert sorted(map(from_body, bodies), key=str) == sorted(due, key=str)
        assert all(
            len({entry["Id"] for entry in request["Entries"]}) == len(request["Entries"]) for request in client.asked
        )

    def test_what_a_batch_refused_is_sent_again_alone(self) -> None:
        client = Recorded({"Failed": [{"Id": "1"}]})
        SqsQueues(lambda: client, URLS).send([a_due(0), a_due(1), a_due(2)], NOW)  # type: ignore[arg-type]
        again = [from_body(entry["MessageBody"]) for entry in client.asked[1]["Entries"]]
        assert again == [a_due(1)]

    @pytest.mark.parametrize(
        "answers", [[{"Failed": [{"Id": "0"}]}] * 3, [LOST], [refusal("OverLimit", "SendMessage")]]
    )
    def test_a_queue_that_does_not_take_it_is_busy(self, answers: list[Any]) -> None:
        client = Recorded(*answers)
        with pytest.raises(QueueBusyError):
            SqsQueues(lambda: client, URLS).send([a_due()], NOW)  # type: ignore[arg-type]

    def test_nothing_is_sent_of_nothing(self) -> None:
        assert self.sent() == []

    def test_a_wake_up_comes_back_from_its_message_as_it_was(self) -> None:
        assert from_body(to_body(DUE)) == DUE
        assert loads(to_body(DUE)).keys() == {"kind", "pk", "sk", "due_at"}, "and it says nothing of anybody"

    def test_a_dead_letter_that_cannot_be_put_aside_is_an_error(self) -> None:
        with pytest.raises(QueueBusyError):
            SqsDeadLetters(lambda: Recorded(LOST), "https://sqs.example/dead").put({"eventID": "e-1"})  # type: ignore[arg-type]


class TestSchedules:
    """Schedules of EventBridge Scheduler."""

    def wake(self, *answers: Any) -> dict[str, Any]:
        client = Recorded(*answers)
        schedules = EventBridgeSchedules(
            scheduler=lambda: client,  # type: ignore[arg-type, return-value]
            group="due",
            target_arn="arn:fire",
            role_arn="arn:role",
            dead_letters_arn="arn:dead",
        )
        schedules.wake(TOMORROW)
        (request,) = client.asked
        return request

    def test_a_schedule_fires_once_a_minute_ahead_in_utc_and_is_gone_then(self) -> None:
        request = self.wake()
        assert request["ScheduleExpression"] == "at(2026-04-23T14:59:00)"
        assert (request["ScheduleExpressionTimezone"], request["FlexibleTimeWindow"]) == ("UTC", {"Mode": "OFF"})
        assert request["ActionAfterCompletion"] == "DELETE"
        assert loads(request["Target"]["Input"]) == {"minute": "2026-04-23T15:00:00.000Z"}
        assert request["Target"]["DeadLetterConfig"] == {"Arn": "arn:dead"}

    def test_a_minute_has_one_name_so_one_schedule(self) -> None:
        first, second = self.wake(), self.wake(ClientError({"Error": {"Code": "ConflictException"}}, "CreateSchedule"))
        assert first == second
        assert first["Name"] == "due-2026-04-23T15-00"

    @pytest.mark.parametrize(
        "error",
        [LOST, refusal("ThrottlingException", "CreateSchedule"), refusal("ValidationException", "CreateSchedule")],
    )
    def test_a_schedule_that_cannot_be_made_is_an_error(self, error: Exception) -> None:
        with pytest.raises(QueueBusyError):
            self.wake(error)
