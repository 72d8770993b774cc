"""What Twilio answers may be anything: what cannot be read is not known, and is asked again."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from slotline.aws.connections import Answer, Sent
from slotline.carriers.twilio import TwilioAccount, TwilioCarrier
from slotline.domain.dialing.carrier_orders import Order
from slotline.ports.dialing import CarrierRefused, CarrierUnknownError
from tests.support.builders.apps import NOW
from tests.support.builders.deadlines import SetDeadline

ORDER = Order(
    organization_id="org",
    call_id="call",
    attempt=1,
    use_case_id="use-case",
    campaign_id=None,
    to="+573005550100",
    from_number="+12025550100",
    max_duration=timedelta(minutes=10),
)


@dataclass
class Answering:
    """Connections to somebody who always answers the same."""

    answer: Any
    status: int = 200
    path: str = ""
    host: str = "api.example.com"
    waited: list[float | None] = field(default_factory=list)

    def send(self, sent: Sent, before_sending: Callable[[], None], *, may_repeat: bool) -> Answer:
        before_sending()
        assert not may_repeat
        self.waited.append(sent.seconds)
        return Answer(self.status, {}, json.dumps(self.answer).encode())


def a_carrier(twilio: Answering, seconds_left: float = 900) -> TwilioCarrier:
    return TwilioCarrier(
        twilio=twilio,  # type: ignore[arg-type] # as much of it as is used
        callbacks_at="https://us.example.com",
        account=lambda: TwilioAccount(account_sid="AC1", auth_token="token"),
        deadline=SetDeadline(seconds_left),
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "busy-ish", "sid": "CA1"},
        {},
        [],
        {"calls": [{}]},
        {"calls": ["CA1"]},
        {"calls": [{"date_created": "yesterday", "sid": "CA1"}]},
        {"calls": [{"date_created": "Fri, 01 May 2099 12:00:00 +0000"}]},
        {"calls": 7},
        {"events": [{}], "calls": [{"date_created": "Fri, 01 May 2099 12:00:00 +0000", "sid": "CA1"}]},
    ],
)
def test_an_answer_that_cannot_be_read_is_one_that_nobody_knows(answer: Any) -> None:
    carrier = a_carrier(Answering(answer))
    for sid in (None, "CA1") if answer else (None,):
        with pytest.raises(CarrierUnknownError):
            carrier.look_up(ORDER, sid, NOW)


def test_a_call_that_there_is_no_time_to_wait_for_is_not_ordered_and_may_be_later() -> None:
    twilio = Answering({"sid": "CA1"}, 201)
    with pytest.raises(CarrierRefused) as refusal:
        a_carrier(twilio, seconds_left=6.5).dial(ORDER)
    assert (refusal.value.may_pass, twilio.waited) == (True, [])


def test_what_there_is_no_time_to_ask_is_not_known() -> None:
    twilio = Answering({"status": "completed", "sid": "CA1"})
    with pytest.raises(CarrierUnknownError):
        a_carrier(twilio, seconds_left=6.5).look_up(ORDER, "CA1", NOW)
    with pytest.raises(CarrierUnknownError):
        a_carrier(twilio, seconds_left=6.5).hang_up("CA1")
    assert twilio.waited == []


@pytest.mark.parametrize(("left", "given"), [(900, 13), (19, 13), (12, 6), (7, 1)])
def test_the_carrier_is_waited_for_as_long_as_its_answer_can_be_written_down(left: int, given: int) -> None:
    twilio = Answering({"sid": "CA1"}, 201)
    assert a_carrier(twilio, seconds_left=left).dial(ORDER) == "CA1"
    assert twilio.waited == [given]
