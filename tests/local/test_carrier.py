"""The real Twilio adapter dials through the local carrier, over HTTP; Twilio's own library says what is signed."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from local.carrier import ACCOUNT_SID, AUTH_TOKEN
from slotline.carriers.twilio import TwilioAccount, TwilioCarrier, to_twilio
from slotline.carriers.twilio_signature import is_signed
from slotline.carriers.twilio_words import report_of_fields
from slotline.domain.dialing.carrier_orders import Order
from slotline.domain.dialing.statuses import DialStatus
from slotline.ports.dialing import CarrierRefused, CarrierUnknownError
from tests.support import patient
from tests.support.builders.deadlines import SetDeadline

TWIML = "<Response><Say>Hello</Say><Hangup/></Response>"
FROM = "+15005550006"


class Door:
    """Where the carrier reports to. `told`: every form, with its URL and signature."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.told: list[tuple[str, list[tuple[str, str]], str]] = []

    def statuses(self, order: Order) -> list[str]:
        place = f"/{order.call_id}/{order.attempt}"
        return [dict(fields)["CallStatus"] for url, fields, _ in self.told if url.endswith(place) and "/status/" in url]


@contextmanager
def listening() -> Iterator[Door]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            signature = self.headers["X-Twilio-Signature"]
            door.told.append((door.url + self.path, parse_qsl(body, keep_blank_values=True), signature))
            said = TWIML.encode() if "/answer/" in self.path else b""
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    door = Door(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield door
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def door() -> Iterator[Door]:
    with listening() as open_door:
        yield open_door


@pytest.fixture
def carrier(live: Any, door: Door) -> Iterator[TwilioCarrier]:
    with closing(to_twilio(live.private_url.removesuffix("/functions/") + "/providers/twilio")) as twilio:
        yield TwilioCarrier(
            twilio=twilio,
            callbacks_at=door.url,
            account=lambda: TwilioAccount(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN),
            deadline=SetDeadline(),
        )


def order_to(digit: int, **more: Any) -> Order:
    said = {
        "organization_id": "org-1",
        "call_id": f"call-{time.monotonic_ns()}",
        "attempt": 1,
        "use_case_id": "use-case",
        "campaign_id": None,
        "to": f"+57300555010{digit}",
        "from_number": FROM,
        "max_duration": timedelta(minutes=10),
    }
    return Order(**{**said, **more})


def eventually(found: Callable[[], Any]) -> Any:
    until = time.monotonic() + patient.SECONDS
    while not (value := found()):
        assert time.monotonic() < until, "it never came"
        threading.Event().wait(0.01)
    return value


@pytest.mark.parametrize(
    ("digit", "ends"), [(0, "completed"), (1, "busy"), (2, "no-answer"), (3, "completed"), (4, "failed")]
)
def test_the_last_digit_says_what_becomes_of_a_call_and_it_is_reported_in_order(
    carrier: TwilioCarrier, door: Door, digit: int, ends: str
) -> None:
    order = order_to(digit)
    sid = carrier.dial(order)
    eventually(lambda: ends in door.statuses(order))
    talked = ["in-progress"] if ends == "completed" else []
    assert door.statuses(order) == ["initiated", "ringing", *talked, ends]
    report = carrier.look_up(order, sid, datetime.now(UTC))
    assert report is not None
    assert report.status is report_of_fields({"CallSid": sid, "CallStatus": ends}).status


def test_twilios_own_library_finds_every_report_signed(carrier: TwilioCarrier, door: Door) -> None:
    order = order_to(3, detects_machines=True)
    carrier.dial(order)
    eventually(lambda: "completed" in door.statuses(order))
    validator = RequestValidator(AUTH_TOKEN)
    for url, fields, signature in door.told:
        assert validator.validate(url, dict(fields), signature)
        assert is_signed(url, fields, signature, AUTH_TOKEN)
        assert not is_signed(url, [*fields, ("CallStatus", "busy")], signature, AUTH_TOKEN)
    (machine,) = [dict(fields) for _, fields, _ in door.told if dict(fields)["CallStatus"] == "completed"]
    assert machine["AnsweredBy"] == "machine_start"


def test_a_number_that_does_not_exist_is_refused_for_good(carrier: TwilioCarrier) -> None:
    with pytest.raises(CarrierRefused) as refusal:
        carrier.dial(order_to(7))
    assert (refusal.value.reason, refusal.value.may_pass) == ("twilio_21211", False)


def test_an_answer_that_was_lost_is_found_out_by_where_the_call_reports_to(carrier: TwilioCarrier, door: Door) -> None:
    before = order_to(8)
    for order in (before, order_to(8)):
        with pytest.raises(CarrierUnknownError):
            carrier.dial(order)
    eventually(lambda: "completed" in door.statuses(before))
    found = carrier.look_up(before, None, datetime.now(UTC))
    assert found is not None
    assert (found.status, bool(found.carrier_call_id)) == (DialStatus.COMPLETED, True)


def test_an_order_that_never_came_is_not_there(carrier: TwilioCarrier, door: Door) -> None:
    other = order_to(5)
    carrier.dial(other)
    eventually(lambda: "completed" in door.statuses(other))
    assert carrier.look_up(order_to(5), None, datetime.now(UTC)) is None


def test_a_carrier_that_cannot_be_reached_has_not_rung_anybody(carrier: TwilioCarrier) -> None:
    nowhere = replace(carrier, twilio=to_twilio("http://127.0.0.1:9"))
    with pytest.raises(CarrierRefused) as refusal:
        nowhere.dial(order_to(0))
    assert refusal.value.may_pass
    with pytest.raises(CarrierUnknownError):
        nowhere.look_up(order_to(0), "CA1", datetime.now(UTC))


def test_no_error_names_the_number_or_the_token(carrier: TwilioCarrier) -> None:
    for digit in (7, 8):
        with pytest.raises((CarrierRefused, CarrierUnknownError)) as error:
            carrier.dial(order_to(digit))
        assert "+57" not in str(error.value)
        assert error.value.__cause__ is None
    assert "auth_token" not in repr(TwilioAccount(account_sid="AC1", auth_token=AUTH_TOKEN))


def test_the_inbox_lists_who_was_called_and_what_they_heard(carrier: TwilioCarrier, door: Door, live: Any) -> None:
    order = order_to(6)
    carrier.dial(order)
    eventually(lambda: "completed" in door.statuses(order))
    answer = patient.get(f"{live.url}/__local/inbox", params={"to": order.to})
    (call,) = json.loads(answer.text)["calls"]
    assert (call["status"], call["to"], call["heard"]) == ("completed", order.to, TWIML)
    page = patient.get(f"{live.url}/__local/inbox", params={"to": order.to}, headers={"accept": "text/html"})
    assert "&lt;Say&gt;Hello" in page.text


def test_a_call_can_be_hung_up(carrier: TwilioCarrier, door: Door) -> None:
    order = order_to(0)
    sid = carrier.dial(order)
    carrier.hang_up(sid)
    eventually(lambda: "completed" in door.statuses(order))
    with pytest.raises(CarrierRefused):
        carrier.hang_up("CA0")
