"""GET /api/calls/{id} and POST /api/calls/{id}/end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.ports.shared import RaceLost
from slotline.wiring import common
from slotline.wiring.booking import calls
from slotline.wiring.instant.rooms import rooms as the_rooms
from tests.handlers.video_calls.conftest import OTHER_APP_ID, OTHER_KEY
from tests.support.handlers import APP_ID, Endpoint, partner

NOBODYS = "01960000-0000-7000-8000-00000000dead"
TOKEN = {"authorization": "Bearer …"}
OTHER = {"x-app-id": OTHER_APP_ID, "x-widget-key": OTHER_KEY}
BOOKING = {
    "guestName": "Jane Doe",
    "guestEmail": "jane@example.com",
    "guestPhone": "+57 300 555 0100",
    "guestIntakeNotes": "Private",
    "scheduledAtUtc": "2026-05-01T15:00:00.000Z",
    "appTimezone": "UTC",
}


def test_a_call_is_read_as_it_was_made(site):
    sent = {
        "title": "T",
        "description": "D",
        "metadata": {"a": [1]},
        "hostName": "H",
        "guestName": "G",
        "recordOnStart": True,
        "genesys": {"conversationId": "c"},
    }
    created = site.create(sent).json["data"]
    reply = site.get(created["callId"])
    assert reply.status == 200
    data = reply.json["data"]
    assert created.pop("callSecret").startswith("slv_")
    assert {name: data[name] for name in created} == created
    assert data.pop("genesys")["conversationId"] == "c"
    assert data.items() >= {name: value for name, value in sent.items() if name != "genesys"}.items()
    assert (data["status"], data["kind"], data["createdAt"]) == ("created", "instant", "2026-04-22T12:00:00.000Z")
    assert (data["startedAt"], data["endedAt"], data["scheduledAt"]) == (None, None, None)


def test_genesys_is_shown_to_nobody_without_the_key(site):
    call_id = site.started({"genesys": {"conversationId": "secret-conversation"}})
    for credentials in ({}, {"x-app-id": APP_ID}, OTHER):
        reply = site.get(call_id, credentials=credentials)
        assert reply.status in (401, 404)
        assert "secret-conversation" not in reply.text


@pytest.mark.parametrize("call_id", [NOBODYS, "x", "", "../x", NOBODYS.upper(), "é", "x" * 3_000])
def test_a_call_that_never_was_is_a_404(site, call_id):
    for reply in (site.get(call_id), site.end(call_id)):
        assert (reply.status, reply.json["ok"], reply.error["type"]) == (404, False, "not_found")


def test_another_apps_call_looks_as_if_it_never_was(site):
    call_id = site.started()
    assert site.get(call_id, credentials=OTHER).json == site.get(NOBODYS, credentials=OTHER).json
    assert site.end(call_id, credentials=OTHER).json == site.end(NOBODYS, credentials=OTHER).json
    assert site.get(call_id).json["data"]["status"] == "created"


@pytest.mark.parametrize("how", [{}, {"body": {}}, {"raw": ""}], ids=["no body", "object", "empty"])
def test_a_call_is_ended_once(site, clock, how):
    call_id = site.started()
    clock.advance(minutes=10)
    first = site.end(call_id, **how)
    assert first.status == 200
    assert (first.json["data"]["status"], first.json["data"]["endedAt"]) == ("ended", "2026-04-22T12:10:00.000Z")
    clock.advance(minutes=10)
    assert site.end(call_id, **how).json == first.json == site.get(call_id).json


def test_the_credentials_may_come_in_the_body_of_an_end(site):
    call_id = site.started()
    assert site.end(call_id, {"appId": APP_ID, "widgetKey": "slw_x"}).status == 200, "the headers go first"
    assert site.end(call_id, {"reason": "x"}).error["details"][0]["field"] == "reason"
    assert site.end(call_id, raw="[").status == 400


def test_an_end_is_answered_again_to_the_same_key(site, clock):
    call_id = site.started()
    once = {"headers": {"idempotency-key": "end-1"}}
    first = site.end(call_id, **once)
    clock.advance(hours=1)
    again = site.end(call_id, **once)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json == first.json


def test_two_ends_at_once_are_one(site, monkeypatch):
    call_id = site.started()
    rooms = the_rooms()
    end = type(rooms).end

    def slower(self, call, receipt):
        monkeypatch.setattr(type(rooms), "end", end)
        end(self, replace(call, ended_at=call.ended_at - timedelta(milliseconds=1)), None)
        end(self, call, receipt)

    monkeypatch.setattr(type(rooms), "end", slower)
    with pytest.raises(RaceLost):
        rooms.end(rooms.find(call_id).end(common.clock().now(), "client-1"), None)
    assert site.end(call_id).json["data"]["status"] == "ended"


def test_the_same_key_makes_one_call(site, clock):
    how = {"headers": {"idempotency-key": "k-1"}}
    first = site.create({"title": "T", "metadata": {"a": 1, "b": 2}}, **how)
    clock.advance(hours=23)
    again = site.create(raw='{ "metadata": {"b": 2, "a": 1}, "title": "T" }', **how)
    assert (first.status, again.status) == (201, 201)
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(site.rows()) == 1
    clock.advance(hours=2)
    assert site.create({"title": "T", "metadata": {"a": 1, "b": 2}}, **how).json["data"] != first.json["data"]


@pytest.mark.parametrize(
    ("body", "query"), [({"title": "U"}, {}), (None, {}), ({"title": "T"}, {"conversationId": "c"})]
)
def test_the_same_key_with_another_request_is_a_422(site, body, query):
    how = {"headers": {"idempotency-key": "k-1"}}
    site.create({"title": "T"}, **how)
    reply = site.create(body, query=query, **how)
    assert (reply.status, reply.json["ok"], reply.error["type"]) == (422, False, "idempotency_mismatch")
    assert len(site.rows()) == 1


def test_where_the_credentials_stand_makes_no_other_request(site):
    body = {"appId": APP_ID, "widgetKey": site.headers["x-widget-key"], "title": "T"}
    how = {"headers": {"idempotency-key": "k-1"}}
    first = site.create(body, credentials={}, **how)
    assert site.create({"title": "T"}, **how).json == first.json


def test_a_key_of_idempotency_is_each_widget_keys_own(site):
    how = {"headers": {"idempotency-key": "k-1"}}
    first, second = site.create(**how), site.create(credentials=OTHER, **how)
    assert first.json["data"]["callId"] != second.json["data"]["callId"]


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "é"])
def test_a_key_of_idempotency_is_visible_ascii(site, key):
    reply = site.create(headers={"idempotency-key": key})
    assert (reply.status, reply.error["details"][0]["field"]) == (400, "Idempotency-Key")


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("how", [{}, {"headers": {"idempotency-key": "k-1"}}], ids=["no key", "key"])
def test_an_answer_lost_on_its_way_from_the_store_makes_no_second_call(site, monkeypatch, how):
    client = common.dynamodb()
    send = client.transact_write_items
    failures = [ConnectionError("lost")]

    def lossy(**request):
        from botocore.exceptions import ReadTimeoutError

        done = send(**request)
        if failures:
            failures.pop()
            raise ReadTimeoutError(endpoint_url="https://dynamodb")
        return done

    monkeypatch.setattr(client, "transact_write_items", lossy)
    reply = site.create({"title": "T"}, **how)
    assert reply.status == 201
    assert "Idempotency-Replayed" not in reply.headers
    assert [row["room_id"] for row in site.rows()] == [reply.json["data"]["callId"]]


def test_a_scheduled_calls_link_leads_to_its_booking(site, ports):
    from slotline.store.booking.items import scheduled_room_item

    booked = Endpoint("scheduled_calls/create", "POST")(f"/api/v1/video/{APP_ID}/scheduled-calls", BOOKING)
    call_id = booked.json["data"]["call"]["id"]
    call, _ = calls.calls().get(APP_ID, call_id)
    ports.put(scheduled_room_item(call))
    assert site.get(call_id).status == site.end(call_id).status == 404, "nobody was given a secret of it"
    reply = site.get(call_id, caller=partner(), headers=TOKEN)
    assert reply.status == 200
    data = reply.json["data"]
    assert (data["kind"], data["status"], data["guestName"]) == ("scheduled", "created", "Jane Doe")
    assert data["scheduledAt"] == BOOKING["scheduledAtUtc"]
    for private in ("jane@example.com", "300 555 0100", "Private"):
        assert private not in reply.text
    assert site.get(call_id, credentials=OTHER).status == 404
    ended = site.end(call_id, caller=partner(), headers=TOKEN)
    assert (ended.status, ended.error["type"]) == (409, "conflict")
    page = Endpoint("pages/room", "GET", None)(f"/c/{call_id}")
    assert page.status == 200
    assert "The room is not open yet" in page.text
    assert "Jane" not in page.text
