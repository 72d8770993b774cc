"""The procedure of docs/operating.md for a lost table, walked through on the whole system.

The emulator restores what a table holds at the moment at which it is asked, so that moment is the cut.
"""

from argparse import Namespace
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.process import running_system
from slotline.domain.shared.instants import format_instant
from tests.support.builders.apps import SetClock
from tests.support.worlds.api import Api, own_app, target_of
from tests.support.worlds.hooks import Receiver, a_receiver, hooks
from tests.support.worlds.later import Later, until
from tools.restore import take_back_rows

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(600)]

NUMBER = "+15005550006"
BEFORE, BETWEEN, AFTER = "+573000000000", "+573000000005", "+573000000006"
"""Whom the carrier has called by the cut, between the cut and the loss, and nobody until after the restore."""
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def asked(api: Api, method: str, path: str, body: Any = None) -> Any:
    """What the dial API answers."""
    answer = api.client.request(method, f"/api/v1/{path}", json=body)
    assert answer.status_code < 300, answer.text
    found = answer.json()
    return found.get("data", found)


def campaign_of(api: Api, moments: dict[str, datetime]) -> str:
    """A campaign that calls each number at its moment; its id."""
    hours = {"callee_start": "00:00", "callee_end": "24:00"}
    use_case = asked(api, "POST", "use-cases", {"name": "Kate", "amd": False, **hours})["use_case"]
    number = asked(api, "POST", "numbers", {"phone_number": NUMBER, "carrier": "twilio"})["number"]
    calls = [
        {
            "phone_number": e164,
            "scheduled_date": f"{at:%Y-%m-%d}",
            "scheduled_time": f"{at:%H:%M:%S}",
            "timezone": "UTC",
        }
        for e164, at in moments.items()
    ]
    body = {"use_case_id": use_case["id"], "number_id": number["id"], "calls": calls}
    return str(asked(api, "POST", "dial/scheduled", body)["campaign_id"])


def is_told(receiver: Receiver, call_id: str, number: str) -> bool:
    """Whether the receiver has heard of a booking, and of the end of the call to a number."""
    heard = [arrival.event["payload"] for told in receiver.of_each("dial_call").values() for arrival in told]
    ended = {said["dial_call"]["phone_number"] for said in heard if said["event"]["status"] == "Completed"}
    return call_id in receiver.of_each("scheduled_call") and number in ended


def statuses(api: Api, campaign_id: str) -> dict[str, str]:
    """How the campaign's calls stand."""
    calls = asked(api, "GET", f"calls?campaign_id={campaign_id}")["calls"]
    return {call["phone_number"]: call["status"] for call in calls}


class Disaster:
    """What an operator does, and what made it necessary."""

    def __init__(self, later: Later) -> None:
        self._later, self._dynamodb, self._lambda = later, later.client("dynamodb"), later.client("lambda")
        self._tables = later.system.tables

    def restores(self) -> datetime:
        """Every table into a new one; the cut."""
        cut = self._later.now()
        for name in self._tables.values():
            self._dynamodb.restore_table_to_point_in_time(
                SourceTableName=name, TargetTableName=f"{name}-restored", UseLatestRestorableTime=True
            )
        return cut

    def nothing_is_to_be_delivered(self) -> bool:
        """Whether every delivery so far is recorded."""
        scan = self._dynamodb.get_paginator("scan").paginate(TableName=self._tables["scheduling"])
        rows = [row for page in scan for row in page["Items"] if row["sk"]["S"].startswith("DELIVERY#")]
        return bool(rows) and not any("due_at" in row for row in rows)

    def stops(self, *, stopped: bool) -> None:
        """Whatever reads queues and streams, or goes on with it."""
        for mapping in self._lambda.list_event_source_mappings()["EventSourceMappings"]:
            self._lambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=not stopped)

    def loses_everything(self) -> None:
        """All rows of all tables."""
        for name in self._tables.values():
            for page in self._dynamodb.get_paginator("scan").paginate(TableName=name):
                for row in page["Items"]:
                    self._dynamodb.delete_item(TableName=name, Key={"pk": row["pk"], "sk": row["sk"]})

    def takes_back(self, cut: datetime) -> dict[str, Any]:
        """The command, with the system's clock."""
        names = {kind: f"{name}-restored" for kind, name in self._tables.items()}
        given = Namespace(cut=format_instant(cut), stopped=None, rows="missing", dry_run=False, **names)
        return take_back_rows(target_of(self._later.system), SetClock(self._later.now()), given)


def test_a_stack_that_has_lost_all_its_rows_goes_on_and_no_phone_rings_twice() -> None:
    with running_system(ready_timeout=120, webhooks_to="127.0.0.0/8") as system, a_receiver() as receiver:
        later, disaster = Later(system), Disaster(Later(system))
        app = own_app(system, reminders={"reminder_1h": ["email"]})
        app.grants(NUMBER)
        with app.client() as api:
            now = later.now().replace(second=0, microsecond=0)
            hooks(api, "POST", body={"url": receiver.url, "events": ["scheduled.created", "dial.call.updated"]})
            kept = api.book(None, now + 105 * MINUTE)
            moments = {BEFORE: now + 2 * MINUTE, BETWEEN: now + 6 * MINUTE, AFTER: now + 35 * MINUTE}
            campaign_id = campaign_of(api, moments)
            later.advance_to(moments[BEFORE])
            until(lambda: statuses(api, campaign_id)[BEFORE] == "Completed", "the first call")

            until(lambda: is_told(receiver, kept, BEFORE), "word of the booking, and of the end of the first call")
            until(disaster.nothing_is_to_be_delivered, "every webhook")
            told = [arrival.event["id"] for arrival in receiver.arrivals]
            cut = disaster.restores()
            later.advance_to(moments[BETWEEN])
            until(lambda: statuses(api, campaign_id)[BETWEEN] == "Completed", "the second call")
            lost = api.book(None, now + 3 * HOUR)
            disaster.stops(stopped=True)
            disaster.loses_everything()
            later.advance(20 * MINUTE)
            done = disaster.takes_back(cut)
            disaster.stops(stopped=False)

            assert [one.partition("/")[2] for one in done["unsure_dials"]] == [
                call["id"]
                for call in asked(api, "GET", f"calls?campaign_id={campaign_id}")["calls"]
                if call["phone_number"] == BETWEEN
            ]
            assert (api.ask("GET", kept).status_code, api.ask("GET", lost).status_code) == (200, 404)
            campaign = asked(api, "GET", f"campaigns/{campaign_id}")["campaign"]
            assert (campaign["state"], campaign["reason"]) == ("paused", "restored")
            later.sweep(2)
            until(lambda: statuses(api, campaign_id)[BETWEEN] == "Completed", "what the carrier knows of it")

            asked(api, "POST", f"campaigns/{campaign_id}/resume")
            later.advance_to(moments[AFTER])
            later.sweep(2)
            until(lambda: statuses(api, campaign_id)[AFTER] == "Completed", "the third call")
            later.advance_to(now + 46 * MINUTE)
            until(lambda: len(later.messages([kept])) == 1, "the reminder")
            again = Counter(arrival.event["id"] for arrival in receiver.arrivals)
            assert {event_id: again[event_id] for event_id in told} == dict.fromkeys(told, 1)
            assert len(told) > 1
            assert Counter(call["to"] for call in later.phone_calls()) == Counter([BEFORE, BETWEEN, AFTER])
