"""A call whose wake-up is already in a function's hands: what somebody says before its start still holds."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.instants import parse_instant
from slotline.ports.dialing import DialWrite
from slotline.queues.sqs import to_body
from slotline.store.dynamodb import keys
from slotline.wiring.dialing import attempts, changing
from tests.handlers.dialing.conftest import Dialer, reading_calls, writing
from tests.support.aws.moto_tables import ENVIRONMENT
from tests.support.builders.apps import SetClock
from tests.support.builders.dialing import a_number
from tests.support.builders.phones import BARRED
from tests.support.handlers import Endpoint, load_function, partner
from tests.support.memory.wiring import MemoryPorts
from tests.support.worlds.twilio import Twilio

FIRST, SECOND = "+573005550143", "+573005550144"
Says = Callable[["Campaign"], None]


class Interrupted:
    """`Waits` in which something happens before time goes on."""

    def __init__(self, clock: SetClock) -> None:
        self.clock = clock
        self.meanwhile: list[Callable[[], None]] = []

    def until(self, at: datetime) -> None:
        if self.meanwhile and at > self.clock.now():
            self.meanwhile.pop()()
        self.clock.instant = max(self.clock.instant, at)


class Campaign:
    """A campaign of two calls from a number that starts one call a second."""

    def __init__(self, dialer: Dialer, ports: MemoryPorts, waits: Interrupted, rang: list[str]) -> None:
        self.ports, self.clock, self.waits, self.rang = ports, ports.clock, waits, rang
        settings = {"name": "Kate", "callee_start": "00:00", "callee_end": "24:00"}
        self.use_case_id = writing()("/api/v1/use-cases", settings).json["data"]["use_case"]["id"]
        number = {"phone_number": "+12025550101", "carrier": "twilio", "calls_per_second": 1, "lines": 5}
        self.number_id = writing()("/api/v1/numbers", number).json["data"]["number"]["id"]
        place = {"use_case_id": self.use_case_id, "number_id": self.number_id}
        made = dialer.schedule(calls=[{"phone_number": to} for to in (FIRST, SECOND)], **place).json
        self.id = made["campaign_id"]
        self.first, self.second = (call["id"] for call in made["createdCalls"])
        self.clock.advance(minutes=1)

    def call(self, call_id: str) -> dict[str, Any]:
        found: dict[str, Any] = reading_calls()(f"/api/v1/calls/{call_id}").json["data"]["call"]
        return found

    def message(self, call_id: str) -> dict[str, Any]:
        """What the queue hands to a function: the wake-up of the call as it is due now."""
        due_at = parse_instant(self.call(call_id)["due_at"])
        due = Due(kind=DueKind.ATTEMPT, **keys.dial_call("organization-1", call_id), at=due_at)
        return {"Records": [{"messageId": "message-1", "body": to_body(due)}]}

    def works_on(self, message: dict[str, Any]) -> None:
        """A function has taken the message."""
        assert load_function("dialing/place_call").handler(message, None) == {"batchItemFailures": []}

    def asks(self, folder: str, method: str, path: str, body: Any = None) -> None:
        reply = Endpoint(folder, method, partner())(f"/api/v1/{path}", body)
        assert reply.status < 300, reply.text

    def keep_as(self, call_id: str, e164: str) -> None:
        """As a row from before has its number."""
        found = self.ports.dials.get("organization-1", call_id)
        assert found
        kept = replace(found[0], e164=e164, revision=found[0].revision + 1)
        self.ports.dials.write(DialWrite(call=kept, replaces=found[0].revision))

    def pause(self) -> None:
        self.asks("dialing/change_campaign", "POST", f"campaigns/{self.id}/pause")

    def resume(self) -> None:
        self.asks("dialing/change_campaign", "POST", f"campaigns/{self.id}/resume")

    def cancel(self) -> None:
        self.asks("dialing/change_campaign", "POST", f"campaigns/{self.id}/cancel")

    def call_off(self) -> None:
        self.asks("dialing/call_off", "POST", f"calls/{self.second}/cancel")

    def bar(self) -> None:
        self.asks("dialing/do_not_call", "POST", "do-not-call", {"phone_number": SECOND})

    def delete_use_case(self) -> None:
        self.asks("dialing/write_settings", "DELETE", f"use-cases/{self.use_case_id}")

    def delete_number(self) -> None:
        self.asks("dialing/write_settings", "DELETE", f"numbers/{self.number_id}")

    def revoke(self) -> None:
        """The operator takes the number away. What is paused beside is not looked at here."""
        there = self.ports.grants.get("+12025550101")
        assert there
        self.ports.grants.put(there.revoked(self.clock.now()))

    def hand_over(self) -> None:
        """The operator gives it to another organization."""
        self.revoke()
        there = self.ports.grants.get("+12025550101")
        assert there
        self.ports.grants.put(there.granted("organization-2", None, self.clock.now()))


@pytest.fixture
def campaign(dialer: Dialer, ports: MemoryPorts, monkeypatch: pytest.MonkeyPatch) -> Iterator[Campaign]:
    waits, twilio = Interrupted(ports.clock), Twilio()
    monkeypatch.setattr(attempts, "SleepingWaits", lambda _: waits)
    content = json.dumps({"account_sid": "AC1", "auth_token": "token"})
    ports.secrets.kept[ENVIRONMENT["TWILIO_SECRET_ID"]] = content
    with twilio as url:
        monkeypatch.setenv("TWILIO_API_URL", url)
        yield Campaign(dialer, ports, waits, twilio.rang)


ORDERS: list[tuple[str, Says, str, str | None]] = [
    ("pause", Campaign.pause, "Scheduled", "campaign_paused"),
    ("cancel", Campaign.cancel, "Canceled", "campaign_canceled"),
    ("call off", Campaign.call_off, "Canceled", "called_off"),
    ("do not call", Campaign.bar, "Canceled", "do_not_call"),
    ("no use case", Campaign.delete_use_case, "Canceled", "use_case_gone"),
    ("no number", Campaign.delete_number, "Canceled", "number_gone"),
    ("revoke", Campaign.revoke, "Scheduled", "number_not_granted"),
    ("hand over", Campaign.hand_over, "Scheduled", "number_not_granted"),
]
stopped_by = pytest.mark.parametrize(
    ("says", "status", "reason"), [order[1:] for order in ORDERS], ids=[order[0] for order in ORDERS]
)


def test_both_calls_go_out_a_second_apart_where_nobody_says_anything(campaign: Campaign):
    began = campaign.clock.now()
    for call_id in (campaign.first, campaign.second):
        campaign.works_on(campaign.message(call_id))
    assert campaign.rang == [FIRST, SECOND]
    assert campaign.clock.now() - began >= timedelta(seconds=1)


def test_a_clock_that_is_finer_than_what_rows_keep_does_not_hide_a_claim_from_its_claimer(campaign: Campaign):
    campaign.clock.advance(microseconds=529)
    campaign.works_on(campaign.message(campaign.first))
    assert campaign.rang == [FIRST]


@stopped_by
def test_what_is_said_while_the_wake_up_lies_in_its_queue_holds(
    campaign: Campaign, says: Says, status: str, reason: str
):
    message = campaign.message(campaign.second)
    says(campaign)
    campaign.works_on(message)
    assert campaign.rang == []
    call = campaign.call(campaign.second)
    assert (call["status"], call["reason"], call["attempts"]) == (status, reason, 0)


@stopped_by
def test_what_is_said_while_the_call_waits_for_its_start_holds(
    campaign: Campaign, says: Says, status: str, reason: str
):
    campaign.works_on(campaign.message(campaign.first))
    message = campaign.message(campaign.second)
    campaign.waits.meanwhile.append(lambda: says(campaign))
    campaign.works_on(message)
    assert campaign.waits.meanwhile == [], "it did wait"
    assert campaign.rang == [FIRST]
    call = campaign.call(campaign.second)
    assert (call["status"], call["reason"], call["attempts"]) == (status, reason, 0)
    campaign.works_on(message)
    assert campaign.rang == [FIRST], "nor when the message comes again"


@pytest.mark.parametrize("number", BARRED)
def test_nobody_rings_a_number_that_was_kept_before_it_was_barred(campaign: Campaign, number: str):
    campaign.keep_as(campaign.second, number)
    campaign.works_on(campaign.message(campaign.second))
    call = campaign.call(campaign.second)
    assert (call["status"], call["reason"], campaign.rang) == ("Canceled", "number_barred", [])


def test_a_number_that_was_kept_with_its_trunk_prefix_rings_without_it(campaign: Campaign):
    campaign.keep_as(campaign.second, "+4402079460960")
    campaign.works_on(campaign.message(campaign.second))
    assert campaign.rang == ["+442079460960"]


def test_a_number_that_was_kept_with_its_trunk_prefix_does_not_ring_once_it_is_listed(campaign: Campaign):
    campaign.keep_as(campaign.second, "+4402079460960")
    campaign.asks("dialing/do_not_call", "POST", "do-not-call", {"phone_number": "+44 20 7946 0960"})
    campaign.works_on(campaign.message(campaign.second))
    assert (campaign.call(campaign.second)["reason"], campaign.rang) == ("do_not_call", [])


def test_a_campaign_whose_number_is_revoked_is_paused_by_its_next_call_and_says_why(campaign: Campaign):
    campaign.revoke()
    for call_id in (campaign.first, campaign.second):
        campaign.works_on(campaign.message(call_id))
    found = Endpoint("dialing/read_calls", "GET", partner())(f"/api/v1/campaigns/{campaign.id}").json["data"]
    assert (found["campaign"]["state"], found["campaign"]["reason"]) == ("paused", "number_not_granted")
    assert campaign.call(campaign.second)["status"] == "Scheduled", "it may go on once the number is granted again"


def test_a_call_outside_campaigns_is_over_when_its_number_was_revoked(campaign: Campaign):
    place = {"use_case_id": campaign.use_case_id, "number_id": campaign.number_id}
    body = {**place, "phone_number": FIRST}
    made = Endpoint("dialing/schedule", "POST", partner())("/api/v1/dial/outbound", body).json
    call_id = made["createdCalls"][0]["id"]
    campaign.revoke()
    campaign.works_on(campaign.message(call_id))
    call = campaign.call(call_id)
    assert (call["status"], call["reason"], campaign.rang) == ("Canceled", "number_not_granted", [])


def test_starts_and_lines_are_given_out_by_the_number_itself_and_not_by_a_row_of_it(campaign: Campaign):
    campaign.works_on(campaign.message(campaign.first))
    assert set(campaign.ports.paces.kept) == {"+12025550101"}
    leases = campaign.ports.paces.kept["+12025550101"].pace.leases
    assert set(leases) == {f"{campaign.first}.1"}


def test_a_second_row_of_a_number_goes_by_the_pace_and_lines_of_the_one_that_was_granted(campaign: Campaign):
    double = a_number(id="double", organization_id="organization-1", phone_number="+12025550101", lines=500)
    campaign.ports.numbers.add(double, None)
    number, is_granted = changing.find_number()("organization-1", "double")
    assert is_granted
    assert number
    assert (number.id, number.lines) == (campaign.number_id, 5)


def test_a_paused_call_looks_again_within_minutes_and_goes_out_once_the_campaign_goes_on(campaign: Campaign):
    message = campaign.message(campaign.first)
    campaign.pause()
    campaign.works_on(message)
    for _ in range(3):
        due_at = parse_instant(campaign.call(campaign.first)["due_at"])
        assert due_at - campaign.clock.now() <= timedelta(minutes=2)
        campaign.clock.instant = due_at
        campaign.works_on(campaign.message(campaign.first))
    assert campaign.rang == []
    campaign.resume()
    campaign.clock.instant = parse_instant(campaign.call(campaign.first)["due_at"])
    campaign.works_on(campaign.message(campaign.first))
    assert campaign.rang == [FIRST]


def test_of_a_message_that_came_twice_one_rings(campaign: Campaign):
    message = campaign.message(campaign.first)
    for _ in range(3):
        campaign.works_on(message)
    assert campaign.rang == [FIRST]
