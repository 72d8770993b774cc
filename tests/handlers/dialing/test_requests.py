"""How many requests of DynamoDB what dials makes, by operation: what is in hand is not read again.

A request costs more than all that is decided between two of them. Whoever needs one more changes a figure here.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import boto3
import pytest

from slotline.carriers.callbacks import ANSWER, STATUS
from slotline.domain.dialing.do_not_call import DoNotCallEntry
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.instants import parse_instant
from slotline.queues.sqs import to_body
from slotline.store.dialing.do_not_call import DynamoDoNotCall
from slotline.store.dynamodb import keys
from slotline.wiring.dialing import attempts
from tests.handlers.dialing.conftest import Dialer, reading_calls, scheduling
from tests.handlers.dialing.test_carriers import TOKEN, path_of, said
from tests.support.aws.moto_tables import before_each_call
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import SetClock
from tests.support.handlers import Endpoint, load_function, partner
from tests.support.worlds.twilio import Twilio

ANA = "+573005550143"
IN_LONDON = "+442079460960"


class SetWaits:
    """`Waits` that move the clock."""

    def __init__(self, clock: SetClock) -> None:
        self.clock = clock

    def until(self, at: datetime) -> None:
        """It is then."""
        self.clock.instant = max(self.clock.instant, at)


class Desk:
    """A campaign, on tables; how many requests something made of DynamoDB."""

    def __init__(self, dialer: Dialer, ports: TablePorts, twilio: Twilio) -> None:
        self.dialer, self.ports, self.twilio = dialer, ports, twilio

    def schedule(self, *numbers: str, **more: Any) -> list[str]:
        """A campaign with a call to each of these numbers, due now; their ids."""
        made = self.dialer.schedule(calls=[{"phone_number": to} for to in numbers or (ANA,)], **more).json
        self.campaign_id = made["campaign_id"]
        self.ports.clock.advance(minutes=1)
        return [call["id"] for call in made["createdCalls"]]

    def call(self, call_id: str) -> dict[str, Any]:
        found: dict[str, Any] = reading_calls()(f"/api/v1/calls/{call_id}").json["data"]["call"]
        return found

    def wakes(self, call_id: str) -> Counter[str]:
        """Its wake-up comes when it is due."""
        due_at = parse_instant(self.call(call_id)["due_at"])
        due = Due(kind=DueKind.ATTEMPT, **keys.dial_call("organization-1", call_id), at=due_at)
        self.ports.clock.instant = max(self.ports.clock.instant, due_at)
        with counting() as requests:
            event = {"Records": [{"messageId": "message-1", "body": to_body(due)}]}
            assert load_function("dialing/place_call").handler(event, None) == {"batchItemFailures": []}
        return requests

    def hears(self, kind: str, call_id: str, status: str) -> Counter[str]:
        """The carrier says this of the first attempt."""
        path = path_of(kind, call_id).replace("/org/", "/organization-1/")
        with counting() as requests:
            assert said(path, CallSid="CA1", CallStatus=status)["statusCode"] < 300
        return requests


@contextmanager
def counting() -> Iterator[Counter[str]]:
    """The requests of DynamoDB that are made meanwhile, by operation."""
    found = Counter[str]()

    def count(model: Any, **_: Any) -> None:
        if model.service_model.service_name == "dynamodb":
            found[model.name] += 1

    with before_each_call(count):
        yield found


@pytest.fixture
def desk(tables: Any, dialer: Dialer, ports: TablePorts, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    del tables
    monkeypatch.setattr(attempts, "SleepingWaits", lambda _: SetWaits(ports.clock))
    secrets = boto3.client("secretsmanager")
    arn = secrets.create_secret(Name="twilio", SecretString=json.dumps({"account_sid": "AC1", "auth_token": TOKEN}))
    twilio = Twilio()
    with twilio as url:
        monkeypatch.setenv("TWILIO_API_URL", url)
        monkeypatch.setenv("TWILIO_SECRET_ID", arn["ARN"])
        yield Desk(dialer, ports, twilio)
    secrets.delete_secret(SecretId=arn["ARN"], ForceDeleteWithoutRecovery=True)


def test_an_attempt_makes_six_requests_and_most_of_them_write(desk: Desk) -> None:
    (call_id,) = desk.schedule()
    found = desk.wakes(call_id)
    assert found == {"GetItem": 1, "BatchGetItem": 2, "PutItem": 1, "TransactWriteItems": 2}
    assert found.total() <= 8
    assert desk.twilio.rang == [ANA]
    assert desk.call(call_id)["status"] == "Initiated"


def test_a_retry_makes_no_more_than_the_first_attempt(desk: Desk) -> None:
    retry = {"query": "Busy", "retry_period": 30, "max_retry_per_day": 3}
    (call_id,) = desk.schedule(IN_LONDON, retry_logic=[retry], max_retries=3)
    first = desk.wakes(call_id)
    desk.hears(STATUS, call_id, "busy")
    assert desk.wakes(call_id) == first
    assert desk.twilio.rang == [IN_LONDON] * 2


def test_a_call_that_waits_for_its_numbers_next_start_makes_four(desk: Desk) -> None:
    calls = desk.schedule(*(f"+57300555{n:04}" for n in range(6)))
    for call_id in calls[:5]:
        desk.wakes(call_id)
    assert desk.wakes(calls[5]) == {"GetItem": 1, "BatchGetItem": 1, "PutItem": 1, "TransactWriteItems": 1}
    assert desk.call(calls[5])["reason"] == "pace"


def test_a_call_that_may_not_be_made_is_read_ruled_over_and_written(desk: Desk) -> None:
    first, second = desk.schedule(ANA, IN_LONDON)
    DynamoDoNotCall(boto3.client("dynamodb"), "DialingTable", "AccessTable").add(
        "organization-1", [DoNotCallEntry(e164="+4402079460960", listed_at=desk.ports.clock.now())]
    )
    assert desk.wakes(second) == {"GetItem": 1, "BatchGetItem": 1, "TransactWriteItems": 1}
    assert desk.call(second)["reason"] == "do_not_call"
    Endpoint("dialing/change_campaign", "POST", partner())(f"/api/v1/campaigns/{desk.campaign_id}/pause")
    assert desk.wakes(first) == {"GetItem": 1, "BatchGetItem": 1, "TransactWriteItems": 1}
    assert desk.call(first)["reason"] == "campaign_paused"


def test_what_a_carrier_says_is_read_once_and_written(desk: Desk) -> None:
    (call_id,) = desk.schedule()
    desk.wakes(call_id)
    assert desk.hears(STATUS, call_id, "ringing") == {"Query": 1, "TransactWriteItems": 1}
    assert desk.hears(ANSWER, call_id, "in-progress") == {"Query": 1, "GetItem": 1, "TransactWriteItems": 1}
    over = {"Query": 1, "GetItem": 1, "TransactWriteItems": 1, "UpdateItem": 1}
    assert desk.hears(STATUS, call_id, "completed") == over


def test_a_carrier_is_asked_about_an_attempt_after_two_reads(desk: Desk) -> None:
    (call_id,) = desk.schedule()
    desk.wakes(call_id)
    desk.hears(STATUS, call_id, "in-progress")
    assert desk.wakes(call_id) == {"GetItem": 1, "BatchGetItem": 1, "TransactWriteItems": 1}
    desk.twilio.status = "busy"
    assert desk.wakes(call_id) == {"GetItem": 1, "BatchGetItem": 1, "TransactWriteItems": 1, "UpdateItem": 1}
    assert desk.call(call_id)["status"] == "Busy"


def test_a_campaign_and_a_call_are_created_without_reading_back_what_was_written(desk: Desk) -> None:
    with counting() as requests:
        assert desk.dialer.schedule(key="key", calls=[{"phone_number": ANA}]).status == 200
    assert requests == {"GetItem": 4, "UpdateItem": 1, "PutItem": 2, "TransactWriteItems": 2}
    said, headers = desk.dialer.body(phone_number=ANA), {"idempotency-key": "key-2"}
    with counting() as requests:
        assert scheduling()("/api/v1/dial/outbound", said, headers=headers).status == 200
    assert requests == {"GetItem": 4, "UpdateItem": 1, "PutItem": 1, "TransactWriteItems": 1}
