"""Webhooks of what an organization dials: who may subscribe, what arrives, and that nobody else hears of it."""

import json
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from standardwebhooks import Webhook

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.events import event_of
from slotline.domain.dialing.numbers import CarrierName
from slotline.ports.dialing import DialWrite
from slotline.store.dialing.campaigns import campaign_to_item
from slotline.store.dialing.items import dial_event_to_item
from slotline.store.dynamodb.client import to_values
from tests.handlers.webhooks.conftest import deliver_all, deliveries, path, reading, record, sending, subscribe, writing
from tests.support.builders.apps import NOW
from tests.support.builders.dialing import a_campaign, a_dial_call
from tests.support.builders.provisioned import provision
from tests.support.handlers import Endpoint, load_function, partner
from tests.support.memory.webhooks import Receiver
from tests.support.memory.wiring import MemoryPorts

pytestmark = pytest.mark.usefixtures("app")
OURS, OTHERS = "organization-1", "organization-2"
DIALS = ["dial.call.updated", "dial.campaign.updated"]
CALL = a_dial_call(organization_id=OURS, due_at=NOW, params={"first_name": "Ana"})
NO_DIALING = "scheduling:read scheduling:write webhooks:write dialing:write"
NEW = {"url": "https://example.com/hooks", "events": DIALS}


def fan_out(records: list[dict[str, Any]]) -> None:
    load_function("dialing/fan_out").handler({"Records": records}, None)


def dialled(
    ports: MemoryPorts, call: DialCall = CALL, *, carrier: CarrierName = CarrierName.TWILIO
) -> list[dict[str, Any]]:
    """A call that is claimed, and the records of all that the stream tells of it."""
    ports.dials.add([call])
    claimed = AttemptedCall.claimed(call, carrier, "claim", NOW)
    event = event_of(call, claimed.call)
    ports.dials.write(DialWrite(call=claimed.call, replaces=call.revision, claims=claimed.attempt, event=event))
    return [record(to_values(dial_event_to_item(event))) for event in ports.dials.events]


def moved(ports: MemoryPorts, *states: CampaignState) -> list[dict[str, Any]]:
    """A campaign that comes to these states, and the records of it."""
    campaign = a_campaign(CampaignState.CREATING, organization_id=OURS)
    ports.campaigns.open(campaign)
    records = [record(to_values(campaign_to_item(campaign)))]
    for state in states:
        before, revision = to_values(campaign_to_item(campaign)), campaign.revision
        campaign = campaign.moved_to(state, NOW)
        ports.campaigns.replace(campaign, revision)
        records.append(record(to_values(campaign_to_item(campaign)), "MODIFY", OldImage=before))
    return records


def said(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(post.body) for post in receiver.posts]


def shown(place: str) -> dict[str, Any]:
    """What the dial API answers."""
    data: dict[str, Any] = Endpoint("dialing/read_calls", "GET", partner())(f"/api/v1/{place}").json["data"]
    return data


class TestSubscribing:
    def test_it_needs_to_be_allowed_to_read_what_is_dialled(self) -> None:
        for events in (DIALS, ["scheduled.created", DIALS[0]]):
            reply = writing("POST", scopes=NO_DIALING)(path(), {**NEW, "events": events})
            assert (reply.status, reply.error["message"]) == (
                403,
                "This needs the scope dialing:read, which the credential does not carry.",
            )
        assert reading()(path()).json["data"]["webhooks"] == []
        assert subscribe(events=DIALS)["events"] == DIALS

    def test_it_needs_an_app_of_the_callers_own_organization(self) -> None:
        reply = writing("POST", organization_id=OTHERS)(path(), NEW)
        assert (reply.status, reply.error["type"]) == (403, "forbidden")
        webhook = subscribe()
        reply = writing("PATCH", organization_id=OTHERS)(path(webhook["id"]), {"events": DIALS})
        assert reply.status == 403
        assert reading()(path(webhook["id"])).json["data"]["webhook"]["events"] == webhook["events"]

    @pytest.mark.parametrize(
        "change", [{"events": DIALS}, {"url": "https://example.com/elsewhere"}, {"events": [*DIALS, "reminder.sent"]}]
    )
    def test_neither_is_it_turned_elsewhere_without_that_right(self, change: dict[str, Any]) -> None:
        webhook = subscribe(events=DIALS)
        assert writing("PATCH", scopes=NO_DIALING)(path(webhook["id"]), change).status == 403
        assert writing("PATCH", organization_id=OTHERS)(path(webhook["id"]), change).status == 403
        assert writing("PATCH")(path(webhook["id"]), change).status == 200

    @pytest.mark.parametrize("change", [{"events": ["reminder.sent"]}, {"status": "paused"}, {"description": "Ours"}])
    def test_what_tells_nobody_more_needs_no_more(self, change: dict[str, Any]) -> None:
        webhook = subscribe(events=DIALS)
        assert writing("PATCH", scopes=NO_DIALING)(path(webhook["id"]), change).status == 200

    def test_an_app_without_dial_events_asks_for_nothing_more(self) -> None:
        webhook = subscribe()
        change = {"events": ["reminder.sent"], "url": "https://example.com/other"}
        assert writing("PATCH", scopes=NO_DIALING)(path(webhook["id"]), change).status == 200
        assert writing("DELETE", scopes="webhooks:write")(path(webhook["id"])).status == 200


class TestFanOut:
    def test_an_event_reaches_the_receiver_signed_with_the_call_as_the_api_shows_it(
        self, ports: MemoryPorts, receiver: Receiver
    ) -> None:
        webhook = subscribe(events=DIALS)
        fan_out(dialled(ports))
        deliver_all(ports)
        (post,) = receiver.posts
        with time_machine.travel(NOW, tick=False):
            body = Webhook(webhook["secret"]).verify(post.body, dict(post.headers))
        assert body["payload"]["dial_call"] == shown(f"calls/{CALL.id}")["call"]
        assert body["payload"]["event"] == {
            "status": "Queued",
            "attempt": 1,
            "reason": None,
            "due_at": "2026-04-22T12:02:00.000Z",
        }
        assert (body["event"], body["sequence"], body["id"]) == ("dial.call.updated", 2, "call-2")
        assert deliveries(webhook["id"])[0]["id"] == "dial-call-2"

    def test_a_campaign_is_told_of_when_its_state_changes(self, ports: MemoryPorts, receiver: Receiver) -> None:
        subscribe(events=DIALS)
        fan_out(moved(ports, CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.CANCELED))
        deliver_all(ports)
        states = [(one["sequence"], one["payload"]["campaign"]["state"]) for one in said(receiver)]
        assert states == [(2, "running"), (3, "paused"), (4, "canceled")]
        assert said(receiver)[-1]["payload"]["campaign"] == shown("campaigns/campaign")["campaign"]
        assert {one["event"] for one in said(receiver)} == {"dial.campaign.updated"}

    def test_a_campaign_that_stays_where_it_is_is_not_told_of(self, ports: MemoryPorts) -> None:
        webhook = subscribe(events=DIALS)
        campaign = moved(ports)[0]["dynamodb"]["NewImage"]
        fan_out([record(campaign, "MODIFY", OldImage=campaign)])
        assert deliveries(webhook["id"]) == []

    def test_records_that_come_again_change_nothing(self, ports: MemoryPorts, receiver: Receiver) -> None:
        webhook = subscribe(events=DIALS)
        records = [*dialled(ports), *moved(ports, CampaignState.RUNNING)]
        for _ in range(2):
            fan_out(records * 2)
            deliver_all(ports)
        assert len(receiver.posts) == len(deliveries(webhook["id"])) == 2

    def test_nothing_is_told_outside_the_organization(self, ports: MemoryPorts) -> None:
        app_id = "01890000-0000-7000-8000-0000000000f2"
        provision(ports, app_id, organization_id=OTHERS)
        theirs = {"app_ids": app_id, "organization_id": OTHERS}
        added = writing("POST", **theirs)(path(app_id=app_id), NEW)
        assert added.status == 201
        ours = subscribe(events=DIALS)
        fan_out([*dialled(ports), *moved(ports, CampaignState.RUNNING)])
        assert len(deliveries(ours["id"])) == 2
        hook = added.json["data"]["webhook"]["id"]
        log = reading(**theirs)(path(hook, "deliveries", app_id=app_id)).json["data"]["deliveries"]
        assert log == []

    def test_who_has_unsubscribed_is_not_told(self, ports: MemoryPorts) -> None:
        one, two = subscribe(events=DIALS), subscribe(events=DIALS)
        writing("PATCH")(path(one["id"]), {"events": ["reminder.sent"]})
        writing("DELETE")(path(two["id"]))
        fan_out(dialled(ports))
        assert deliveries(one["id"]) == []

    def test_of_who_has_unsubscribed_no_pointer_is_left(self, tables: Any) -> None:
        one, two = subscribe(events=DIALS), subscribe(events=DIALS)

        def pointers() -> list[dict[str, Any]]:
            rows = tables.scan(TableName="SchedulingTable")["Items"]
            return [row for row in rows if row["pk"]["S"].startswith("ORG#")]

        assert len(pointers()) == 2
        writing("PATCH")(path(one["id"]), {"events": ["reminder.sent"]})
        writing("DELETE")(path(two["id"]))
        assert pointers() == []

    def test_what_is_on_its_way_does_not_follow_a_webhook_that_is_turned_elsewhere(
        self, ports: MemoryPorts, receiver: Receiver
    ) -> None:
        webhook = subscribe(events=DIALS)
        fan_out(dialled(ports))
        elsewhere = {"events": ["reminder.sent"], "url": "https://example.com/elsewhere"}
        assert writing("PATCH", scopes=NO_DIALING)(path(webhook["id"]), elsewhere).status == 200
        deliver_all(ports)
        since = {"since": "2026-04-22T00:00:00Z"}
        assert sending(scopes=NO_DIALING)(path(webhook["id"], "replay"), since).status == 403
        again = sending()(path(webhook["id"], "replay"), since)
        assert (again.status, again.json["data"]["replayed"]) == (202, 1)
        deliver_all(ports)
        assert receiver.posts == []
        assert [found["status"] for found in deliveries(webhook["id"])] == ["held"]

    def test_parameters_that_are_too_large_are_left_out_and_the_rest_is_told(
        self, ports: MemoryPorts, receiver: Receiver
    ) -> None:
        subscribe(events=DIALS)
        params = {f"p{number}": "ñ" * 4_000 for number in range(30)}
        fan_out(dialled(ports, replace(CALL, params=params)))
        deliver_all(ports)
        (body,) = said(receiver)
        assert body["payload"]["dial_call"]["params"] is None
        assert body["payload"]["dial_call"]["id"] == CALL.id

    def test_a_record_that_nobody_can_read_is_put_aside_and_the_others_go_on(
        self, ports: MemoryPorts, dead_letters: Any
    ) -> None:
        webhook = subscribe(events=DIALS)
        poison = record({"pk": {"S": f"ORG#{OURS}#DIAL#call"}, "sk": {"S": "EVENT#00000009"}, "status": {"S": "odd"}})
        fan_out([poison, *dialled(ports)])
        assert len(deliveries(webhook["id"])) == 1
        assert len(dead_letters.letters) == 1

    def test_what_was_told_is_shown_to_whoever_may_read_what_is_dialled(self, ports: MemoryPorts) -> None:
        webhook = subscribe(events=DIALS)
        fan_out(dialled(ports))
        place = path(webhook["id"], "deliveries", "dial-call-2")
        assert reading()(place).status == 200
        assert reading(scopes=NO_DIALING)(place).status == 403
        assert reading(organization_id=OTHERS)(place).status == 403
        assert reading(scopes=NO_DIALING)(path(webhook["id"], "deliveries")).status == 200

    def test_neither_numbers_nor_parameters_are_logged(self, ports: MemoryPorts, capsys: Any) -> None:
        subscribe(events=DIALS)
        fan_out(dialled(ports))
        deliver_all(ports)
        printed = capsys.readouterr().out
        assert not any(hidden in printed for hidden in (CALL.e164, "Ana"))
