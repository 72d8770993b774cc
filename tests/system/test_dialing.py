"""Dialing on the whole system: rows become due, the real Twilio adapter dials the local carrier, and it reports back.

DIALED_SLOW says how many calls are dialled at once, CANCELED_SLOW how many a campaign has that is canceled.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.process import running_system
from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.numbers import CarrierName, Number
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.dialing.statuses import DialStatus
from slotline.store.dialing.calls import DynamoDialCalls
from slotline.store.dialing.campaigns import DynamoCampaigns
from slotline.store.dialing.grants import DynamoNumberGrants
from slotline.store.dialing.settings import USE_CASES, DynamoDialSettings
from tests.support.builders.apps import SetClock
from tests.support.builders.dialing import a_campaign, a_dial_call, a_grant, a_use_case
from tests.support.oracles.dialing import fullest_second
from tests.support.worlds.api import Api, own_app
from tests.support.worlds.hooks import Receiver, a_receiver, hooks
from tests.support.worlds.later import Later, until

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(1800)]

CALLS = int(os.environ.get("DIALED_SLOW", "100"))
CANCELED = int(os.environ.get("CANCELED_SLOW", "20"))
RATE = 5
ENDS = {
    0: DialStatus.COMPLETED,
    1: DialStatus.BUSY,
    2: DialStatus.NO_ANSWER,
    3: DialStatus.AMD_TERMINATED,
    4: DialStatus.FAILED,
    5: DialStatus.COMPLETED,
    6: DialStatus.COMPLETED,
    7: DialStatus.FAILED,
    8: DialStatus.COMPLETED,
}
"""How a call to a number with this last digit ends; `local/carrier.py` says why."""


class Dialer:
    """The rows of an organization on a running system."""

    def __init__(self, later: Later) -> None:
        self.later = later
        tables = later.system.tables
        client = later.client("dynamodb")
        self.calls = DynamoDialCalls(client, tables["dialing"])
        self._campaigns = DynamoCampaigns(client, tables["dialing"], tables["access"])
        self._settings: Any = (client, tables["dialing"], tables["access"], SetClock(later.now()))

    def sets_up(self, **more: Any) -> None:
        use_case = a_use_case(callee_start="00:00", callee_end="24:00", params={"message": "Hello {name}."}, **more)
        number = Number(
            id="number",
            organization_id="org",
            phone_number="+15005550006",
            carrier=CarrierName.TWILIO,
            calls_per_second=RATE,
            lines=100,
        )
        DynamoDialSettings(*self._settings, USE_CASES).add(use_case, None)
        grant = a_grant(phone_number=number.phone_number, revision=0)
        DynamoNumberGrants(*self._settings).add_number(number, grant, None)
        now = self.later.now()
        self._campaigns.open(a_campaign(CampaignState.RUNNING, first_at=now, last_at=now + timedelta(days=1)))

    def adds(self, digits: list[int], **more: Any) -> list[DialCall]:
        now = self.later.now()
        said = {"campaign_id": "campaign", "scheduled_at": now, "due_at": now, "created_at": now, "updated_at": now}
        calls = [
            a_dial_call(
                id=f"call-{now:%H%M%S}-{n}",
                e164=f"+57300{n:06}{digit}",
                params={"name": f"guest {n}"},
                metadata={"from": "+15005550006"},
                **{**said, **more},
            )
            for n, digit in enumerate(digits)
        ]
        self.calls.add(calls)
        return calls

    def pauses(self, state: CampaignState) -> None:
        campaign = self._campaigns.get("org", "campaign")
        assert campaign is not None
        self._campaigns.replace(campaign.moved_to(state, self.later.now()), campaign.revision)

    def found(self, call: DialCall) -> tuple[DialCall, list[DialAttempt]]:
        there = self.calls.get("org", call.id)
        assert there is not None
        return there[0], list(there[1])

    def are_over(self, calls: list[DialCall]) -> bool:
        return all(self.found(call)[0].is_over for call in calls)

    def sees_through(self, calls: list[DialCall]) -> None:
        """Wait for every call's end; a machine that is too slow for its wake-ups gets more time on the clock."""
        for _ in range(6):
            ends = time.monotonic() + 60
            while time.monotonic() < ends:
                if self.are_over(calls):
                    return
                time.sleep(1)
            self.later.advance(timedelta(minutes=16))
            self.later.sweep(2)
        assert self.are_over(calls), "some call never ended"

    def rang(self) -> Counter[str]:
        return Counter(call["to"] for call in self.later.phone_calls())


@pytest.fixture
def dialer() -> Iterator[Dialer]:
    """A system of the test's own: nobody else's clock moves with it."""
    with running_system(ready_timeout=120) as system:
        yield Dialer(Later(system))


def test_a_campaign_is_dialled_at_its_numbers_pace_and_every_call_ends_as_its_number_says(dialer: Dialer) -> None:
    dialer.sets_up(amd=True)
    calls = dialer.adds([n % 9 for n in range(CALLS)])
    dialer.sees_through(calls)
    for n, call in enumerate(calls):
        assert dialer.found(call)[0].status is ENDS[n % 9]
    placed = [call for n, call in enumerate(calls) if n % 9 != 7]
    assert dialer.rang() == Counter({call.e164: 1 for call in placed}), "every phone rang once"
    heard = {call["to"]: call["heard"] for call in dialer.later.phone_calls()}
    assert "Hello guest 0." in heard[calls[0].e164]
    starts = sorted(datetime.fromisoformat(call["at"]) for call in dialer.later.phone_calls())
    reached = (len(starts) - 1) / (starts[-1] - starts[0]).total_seconds()
    print(  # noqa: T201 - shown by pytest -s
        f"\n{len(starts)} phones rang at {reached:.2f} of {RATE} a second; {fullest_second(starts)} in the fullest"
    )


def test_a_retry_follows_on_its_hour_and_a_paused_campaign_waits(dialer: Dialer) -> None:
    dialer.sets_up()
    (call,) = dialer.adds([1], rules=(RetryRule(query="Busy", retry_period=60),), max_retries=2)
    until(lambda: dialer.found(call)[0].last_outcome is not None, "the first attempt's end")
    dialer.pauses(CampaignState.PAUSED)
    dialer.later.advance(timedelta(minutes=62))
    dialer.later.sweep(2)
    until(lambda: dialer.found(call)[0].reason == "campaign_paused", "the pause")
    assert dialer.rang() == Counter({call.e164: 1})
    dialer.pauses(CampaignState.RUNNING)
    dialer.later.advance(timedelta(minutes=20))
    dialer.later.sweep(2)
    until(lambda: len(dialer.found(call)[1]) == 2, "the second attempt")


def test_a_call_of_which_nothing_is_reported_is_looked_into_when_it_should_have_ended(dialer: Dialer) -> None:
    dialer.sets_up()
    (call,) = dialer.adds([9], max_duration_mins=1)
    until(lambda: dialer.found(call)[0].status is DialStatus.IN_PROGRESS, "the answer")
    dialer.later.advance(timedelta(minutes=9))
    dialer.later.sweep(2)
    until(lambda: dialer.are_over([call]), "its end")
    assert dialer.found(call)[0].status is DialStatus.COMPLETED
    assert dialer.rang() == Counter({call.e164: 1})


DIAL_EVENTS = ["dial.call.updated", "dial.campaign.updated"]


def asked(api: Api, method: str, path: str, body: Any = None) -> Any:
    """What the dial API answers."""
    answer = api.client.request(method, f"/api/v1/{path}", json=body)
    assert answer.status_code < 300, answer.text
    found = answer.json()
    return found.get("data", found)


def campaign_of(api: Api, count: int, **at: str) -> str:
    """A campaign of so many calls, the first of which is answered and the second busy; its id."""
    use_case = asked(
        api, "POST", "use-cases", {"name": "Kate", "callee_start": "00:00", "callee_end": "24:00", "amd": False}
    )["use_case"]
    number = asked(api, "POST", "numbers", {"phone_number": "+15005550006", "carrier": "twilio", "lines": 5})["number"]
    calls = [{"phone_number": f"+57300000{number:04}", **at} for number in range(count)]
    body = {"use_case_id": use_case["id"], "number_id": number["id"], "calls": calls}
    campaign_id: str = asked(api, "POST", "dial/scheduled", body)["campaign_id"]
    return campaign_id


def state_of(api: Api, campaign_id: str) -> str:
    return str(asked(api, "GET", f"campaigns/{campaign_id}")["campaign"]["state"])


def over_of(api: Api, campaign_id: str) -> int | None:
    over: int | None = asked(api, "GET", f"campaigns/{campaign_id}")["progress"]["over"]
    return over


def arrived(receiver: Receiver, secret: str, campaign_id: str) -> dict[str, list[str]]:
    """What was told of each call of a campaign, and of the campaign, signed and in order."""
    told: dict[str, list[str]] = {}
    for kind in ("dial_call", "campaign"):
        for subject, arrivals in receiver.of_each(kind).items():
            assert all(arrival.is_signed_with(secret) for arrival in arrivals)
            sequences = [arrival.event["sequence"] for arrival in arrivals]
            assert sequences == sorted(set(sequences)), "in order, and each once"
            payloads = [arrival.event["payload"] for arrival in arrivals]
            if kind == "campaign":
                told[subject] = [payload["campaign"]["state"] for payload in payloads]
            elif payloads[0]["dial_call"]["campaign_id"] == campaign_id:
                told[payloads[0]["dial_call"]["phone_number"]] = [payload["event"]["status"] for payload in payloads]
    return told


def test_a_campaigns_events_arrive_signed_and_in_order_until_it_is_completed() -> None:
    with running_system(ready_timeout=120, webhooks_to="127.0.0.0/8") as system, a_receiver() as receiver:
        later, app = Later(system), own_app(system)
        with app.client() as api:
            secret = hooks(api, "POST", body={"url": receiver.url, "events": DIAL_EVENTS})["secret"]
            app.grants("+15005550006")
            campaign_id = campaign_of(api, 2)
            calls = asked(api, "GET", f"calls?campaign_id={campaign_id}")["calls"]
            until(lambda: len(later.phone_calls()) == len(calls) == 2, "both phones")
            for _ in range(12):
                if state_of(api, campaign_id) == "completed":
                    break
                later.sweep()
            assert state_of(api, campaign_id) == "completed"
            until(lambda: "completed" in arrived(receiver, secret, campaign_id).get(campaign_id, []), "its end")
        told = arrived(receiver, secret, campaign_id)
        assert told[campaign_id] == ["running", "completed"]
        answered, busy = told["+573000000000"], told["+573000000001"]
        assert (answered[0], answered[-1]) == (busy[0], "Completed") == ("Queued", "Completed")
        assert busy[-1] == "Busy"
        print(f"\n{len(receiver.arrivals)} requests to the receiver: {told}")  # noqa: T201 - shown by pytest -s


def test_what_a_canceled_campaign_has_not_dialled_is_canceled_within_minutes() -> None:
    with running_system(ready_timeout=120, webhooks_to="127.0.0.0/8") as system, a_receiver() as receiver:
        later, app = Later(system), own_app(system)
        with app.client() as api:
            secret = hooks(api, "POST", body={"url": receiver.url, "events": DIAL_EVENTS})["secret"]
            in_a_week = later.now() + timedelta(days=7)
            app.grants("+15005550006")
            campaign_id = campaign_of(
                api, CANCELED, scheduled_date=f"{in_a_week:%Y-%m-%d}", scheduled_time="12:00:00", timezone="UTC"
            )
            until(lambda: state_of(api, campaign_id) == "running", "all calls", 300)
            began = time.monotonic()
            asked(api, "POST", f"campaigns/{campaign_id}/cancel")
            until(lambda: over_of(api, campaign_id) == CANCELED, "the end of all calls", 300)
            took = time.monotonic() - began
            until(lambda: len(arrived(receiver, secret, campaign_id)) == CANCELED + 1, "word of all calls", 600)
            calls = asked(api, "GET", f"calls?campaign_id={campaign_id}")["calls"]
        assert {(call["status"], call["reason"]) for call in calls} == {("Canceled", "campaign_canceled")}
        told = arrived(receiver, secret, campaign_id)
        assert told.pop(campaign_id) == ["running", "canceled"]
        assert list(told.values()) == [["Canceled"]] * CANCELED
        assert later.phone_calls() == []
        print(f"\n{CANCELED} calls were canceled in {took:.1f} s")  # noqa: T201 - shown by pytest -s
