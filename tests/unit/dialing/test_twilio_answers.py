"""What Twilio answers may be anything: what cannot be read is not known, and is asked again."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from slotline.carriers.twilio import TwilioAccount, TwilioCarrier
from slotline.domain.dialing.carrier_orders import Order
from slotline.ports.dialing import CarrierUnknownError
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
class Answer:
    data: bytes
    status: int = 200


@dataclass
class Answering:
    """A pool of connections to somebody who always answers the same."""

    answer: Any

    def request(self, *_: object, **__: object) -> Answer:
        return Answer(json.dumps(self.answer).encode())


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
    carrier = TwilioCarrier(
        pool=Answering(answer),  # type: ignore[arg-type] # as much of a pool as is used
        api_url="https://api.example.com",
        callbacks_at="https://us.example.com",
        account=lambda: TwilioAccount(account_sid="AC1", auth_token="token"),
        deadline=SetDeadline(),
    )
    for sid in (None, "CA1") if answer else (None,):
        with pytest.raises(CarrierUnknownError):
            carrier.look_up(ORDER, sid, NOW)
