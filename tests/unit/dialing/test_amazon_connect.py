"""Amazon Connect is asked as its service model has it, and what it says is told apart."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from slotline.aws import client_config, within
from slotline.carriers.amazon_connect import PLACING, ConnectCarrier, report_of
from slotline.domain.dialing.carrier_orders import Order
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.shared.deadlines import RECORDING
from slotline.ports.dialing import CarrierRefused, CarrierUnknownError
from tests.support.builders.deadlines import SetDeadline

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ENDED = {"Id": "contact-1", "DisconnectTimestamp": NOW}
ORDER = Order(
    organization_id="org-1",
    call_id="call-1",
    attempt=2,
    use_case_id="use-case",
    campaign_id="campaign",
    to="+573005550100",
    from_number="+15005550006",
    max_duration=timedelta(minutes=10),
    detects_machines=True,
    waits_for_the_tone=True,
)


@pytest.fixture
def connect() -> Iterator[tuple[ConnectCarrier, Stubber]]:
    account = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    client = boto3.client("connect", region_name="eu-west-1", config=client_config(PLACING), **account)
    with Stubber(client) as stub:
        yield ConnectCarrier(client=client, instance_id="instance-1", flow_id="flow-1"), stub
        stub.assert_no_pending_responses()


def test_an_order_has_the_attempts_own_token(connect: tuple[ConnectCarrier, Stubber]) -> None:
    carrier, stub = connect
    expected = {
        "InstanceId": "instance-1",
        "ContactFlowId": "flow-1",
        "DestinationPhoneNumber": ORDER.to,
        "SourcePhoneNumber": ORDER.from_number,
        "ClientToken": "call-1.2",
        "RingTimeoutInSeconds": 40,
        "Attributes": ANY,
        "TrafficType": "CAMPAIGN",
        "CampaignId": "campaign",
        "AnswerMachineDetectionConfig": {"EnableAnswerMachineDetection": True, "AwaitAnswerMachinePrompt": True},
    }
    stub.add_response("start_outbound_voice_contact", {"ContactId": "contact-1"}, expected)
    assert carrier.dial(ORDER) == "contact-1"


def test_a_call_that_there_is_no_time_to_wait_for_is_not_ordered_and_may_be_later(
    connect: tuple[ConnectCarrier, Stubber],
) -> None:
    carrier, stub = connect
    stub.deactivate()  # it would answer before anybody asks how much time is left
    within(carrier.client, SetDeadline(18), then=RECORDING)
    with pytest.raises(CarrierRefused) as refusal:
        carrier.dial(ORDER)
    assert (refusal.value.may_pass, refusal.value.reason) == (True, "NoTimeLeftError")


@pytest.mark.parametrize(
    ("code", "kind", "may_pass"),
    [
        ("DestinationNotAllowedException", CarrierRefused, False),
        ("LimitExceededException", CarrierRefused, True),
        ("InternalServiceException", CarrierUnknownError, None),
    ],
)
def test_a_refusal_is_for_good_for_now_or_none(
    connect: tuple[ConnectCarrier, Stubber], code: str, kind: type[Exception], may_pass: bool | None
) -> None:
    carrier, stub = connect
    stub.add_client_error("start_outbound_voice_contact", code, f"no call to {ORDER.to}")
    with pytest.raises(kind) as error:
        carrier.dial(ORDER)
    assert getattr(error.value, "may_pass", None) is may_pass
    assert ORDER.to not in str(error.value)
    assert error.value.__cause__ is None


def test_an_answer_that_was_lost_is_searched_by_the_attempt(connect: tuple[ConnectCarrier, Stubber]) -> None:
    carrier, stub = connect
    stub.add_response("search_contacts", {"Contacts": [{"Id": "contact-1"}]})
    stub.add_response("describe_contact", {"Contact": {**ENDED, "ConnectedToSystemTimestamp": NOW}})
    report = carrier.look_up(ORDER, None, NOW)
    assert report is not None
    assert (report.status, report.carrier_call_id) == (DialStatus.COMPLETED, "contact-1")


def test_what_the_search_does_not_find_nobody_knows(connect: tuple[ConnectCarrier, Stubber]) -> None:
    """The instance may not make the attribute searchable: nothing found is nothing known, and never dialled again."""
    carrier, stub = connect
    stub.add_response("search_contacts", {"Contacts": []})
    with pytest.raises(CarrierUnknownError):
        carrier.look_up(ORDER, None, NOW)


def test_an_answer_that_cannot_be_read_is_one_that_nobody_knows(connect: tuple[ConnectCarrier, Stubber]) -> None:
    carrier, stub = connect
    stub.add_response("describe_contact", {"Contact": {}})
    with pytest.raises(CarrierUnknownError):
        carrier.look_up(ORDER, "contact-1", NOW)


@pytest.mark.parametrize(
    ("contact", "status", "machine"),
    [
        ({"Id": "contact-1"}, DialStatus.INITIATED, None),
        ({"Id": "contact-1", "ConnectedToSystemTimestamp": NOW}, DialStatus.IN_PROGRESS, None),
        (ENDED, DialStatus.NO_ANSWER, None),
        ({**ENDED, "DisconnectReason": "TELECOM_PROBLEM"}, DialStatus.FAILED, None),
        ({**ENDED, "AnsweringMachineDetectionStatus": "SIT_TONE_BUSY"}, DialStatus.BUSY, None),
        (
            {**ENDED, "ConnectedToSystemTimestamp": NOW, "AnsweringMachineDetectionStatus": "VOICEMAIL_BEEP"},
            DialStatus.COMPLETED,
            True,
        ),
    ],
)
def test_a_contact_tells_how_its_attempt_goes_on(contact: Any, status: DialStatus, machine: bool | None) -> None:
    report = report_of(contact)
    assert (report.status, report.answered_by_machine) == (status, machine)
