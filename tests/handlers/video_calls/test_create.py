"""POST /api/calls: the two documented requests, and all that a website may say of a call."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from slotline.domain.booking.apps import Preset
from slotline.domain.instant.rooms import is_call_id
from tests.handlers.video_calls.conftest import KEY, OTHER_KEY
from tests.support.aws.moto_tables import TABLES
from tests.support.handlers import APP_ID

SEED = {
    "title": "Support Session #1234",
    "description": "Customer onboarding walkthrough",
    "metadata": {"ticketId": "T-1234", "priority": "high"},
    "hostName": "Sarah (Support)",
    "guestName": "John",
    "recordOnStart": True,
    "presetId": "my-preset",
}
LINKS = {"callId", "callSecret", "hostJoinUrl", "guestJoinUrl", "joinUrl", "agentJoinUrl", "previewEnabled", "metadata"}


@pytest.mark.parametrize("headers", [{}, {"content-type": "application/json"}], ids=["no type", "typed"])
def test_the_documented_minimal_call(site, headers):
    reply = site.create(headers=headers)
    assert reply.status == 201
    assert set(reply.json) == {"ok", "data"}
    assert reply.json["ok"] is True
    data = reply.json["data"]
    assert set(data) == LINKS, "title and description were not sent, and are absent"
    assert data["metadata"] == {}
    assert data["previewEnabled"] is True
    assert is_call_id(data["callId"])
    room = f"https://video.example.com/c/{data['callId']}"
    assert data["joinUrl"] == data["guestJoinUrl"] == room
    assert data["agentJoinUrl"] == data["hostJoinUrl"] == f"{room}?role=agent&appId={APP_ID}&widgetKey={KEY}"


def test_the_documented_call_with_metadata_and_config(site):
    site.put_preset("my-preset", preview_enabled=False)
    reply = site.create(SEED)
    assert reply.status == 201
    data = reply.json["data"]
    assert set(data) == LINKS | {"title", "description"}
    assert {name: data[name] for name in ("title", "description", "metadata")} == {
        name: SEED[name] for name in ("title", "description", "metadata")
    }
    assert data["previewEnabled"] is False
    (row,) = site.rows()
    assert row["host_name"] == "Sarah (Support)"
    assert row["guest_name"] == "John"
    assert row["record_on_start"] is True
    assert row["preset_id"] == "my-preset"


@pytest.mark.parametrize("raw", [None, "", "{}", "  \n"], ids=["none", "empty", "object", "space"])
@pytest.mark.parametrize("headers", [{}, {"content-type": "application/json; charset=utf-8"}], ids=["bare", "typed"])
def test_a_body_with_nothing_in_it_is_as_none(site, raw, headers):
    assert site.create(raw=raw, headers=headers).status == 201


def test_a_body_in_base64_is_read(site):
    assert site.create(raw="eyJ0aXRsZSI6ICJIaSJ9", encoded=True).json["data"]["title"] == "Hi"


@pytest.mark.usefixtures("tables")
def test_what_was_sent_comes_back_as_it_was(site):
    sent = {
        "title": "=Hi",
        "description": "Zeile 1\nこんにちは \u202e!",
        "metadata": {"": None, "deep": {"list": [1, 1.5, -0.0, 1e300, 12345678901234567890, True, {}]}, "é": "\u0000"},
    }
    created = site.create(sent).json["data"]
    read = site.get(created["callId"]).json["data"]
    for data in (created, read):
        assert {name: data[name] for name in sent} == sent
    assert "1.5" in json.dumps(read["metadata"])


def test_null_is_as_not_said(site):
    reply = site.create(dict.fromkeys([*SEED, "genesys"]))
    assert reply.status == 201
    assert set(reply.json["data"]) == LINKS


def test_what_is_not_said_is_the_presets(site):
    site.put_preset("warm", host_name="Concierge", guest_name="Visitor", record_on_start=True)
    call_id = site.started({"presetId": "warm", "guestName": ""})
    data = site.get(call_id).json["data"]
    assert (data["presetId"], data["hostName"], data["guestName"], data["recordOnStart"]) == (
        "warm",
        "Concierge",
        "Visitor",
        True,
    )


def test_what_is_said_outdoes_the_preset(site):
    site.put_preset("warm", host_name="Concierge", record_on_start=True)
    data = site.get(site.started({"presetId": "warm", "hostName": "Ada", "recordOnStart": False})).json["data"]
    assert (data["hostName"], data["recordOnStart"]) == ("Ada", False)


def test_without_a_preset_the_active_one_rules(site):
    assert site.get(site.started()).json["data"]["presetId"] == "preset-1"
    assert site.create({"presetId": "preset-1"}).status == 201


def test_a_preset_is_named_by_its_slug_too(site):
    preset = Preset(preset_id="01890000-0000-7000-8000-0000000000b1", name="Warm", slug="warm", host_name="Concierge")
    site.ports.presets.add(APP_ID, preset, site.ports.clock.now(), None)
    data = site.get(site.started({"presetId": "warm"})).json["data"]
    assert (data["presetId"], data["hostName"]) == (preset.preset_id, "Concierge")


def test_a_preset_that_is_not_there_is_named(site):
    reply = site.create({"presetId": "my-preset"})
    assert reply.status == 400
    assert "my-preset" in reply.error["message"]
    assert reply.error["details"][0]["field"] == "presetId"
    assert not site.rows()


@pytest.mark.parametrize(
    ("credentials", "query", "body"),
    [
        ({"x-app-id": APP_ID, "x-widget-key": KEY}, {}, None),
        ({}, {"appId": APP_ID, "widgetKey": KEY}, None),
        ({}, {}, {"appId": APP_ID, "widgetKey": KEY}),
        ({"x-app-id": APP_ID}, {"widgetKey": KEY}, None),
        ({"x-widget-key": KEY}, {}, {"appId": APP_ID}),
        ({}, {"appId": APP_ID}, {"widgetKey": KEY}),
        # what an earlier place says stands, and the later ones are not looked at
        ({"x-app-id": APP_ID, "x-widget-key": KEY}, {"appId": "x", "widgetKey": OTHER_KEY}, {"widgetKey": "wrong"}),
        ({}, {"appId": APP_ID, "widgetKey": KEY}, {"appId": "x", "widgetKey": "wrong"}),
        ({}, {}, {"appId": APP_ID, "widgetKey": KEY, "title": "With the credentials beside it"}),
    ],
)
def test_the_credentials_are_taken_from_the_first_place_that_says_them(site, credentials, query, body):
    reply = site.create(body, credentials=credentials, query=query)
    assert reply.status == 201, reply.text
    assert reply.json["data"]["hostJoinUrl"].endswith(f"widgetKey={KEY}")
    assert "appId" not in reply.json["data"]


GENESYS = {
    "conversationId": "c-1",
    "gcHostOrigin": "https://apps.mypurecloud.de",
    "gcTargetEnv": "prod-euc1",
    "gcLangTag": "en-us",
    "gcUsePopupAuth": True,
}


@pytest.mark.parametrize(
    ("body", "query", "kept"),
    [
        ({"genesys": GENESYS}, {}, GENESYS),
        (None, {**GENESYS, "gcUsePopupAuth": "true"}, GENESYS),
        ({"title": "x"}, {"gcUsePopupAuth": "0"}, {"gcUsePopupAuth": False}),
        (
            {"genesys": {"gcLangTag": "de"}},
            {"gcLangTag": "fr", "conversationId": "q"},
            {"gcLangTag": "de", "conversationId": "q"},
        ),
        ({"genesys": {"gcLangTag": None}}, {"gcLangTag": "fr"}, {"gcLangTag": "fr"}),
        ({"genesys": None}, {"gcLangTag": "fr", "gcTargetEnv": "", "utm_source": "x"}, {"gcLangTag": "fr"}),
        ({"genesys": {}}, {}, None),
        (None, {}, None),
    ],
)
def test_genesys_comes_from_body_and_query_and_the_body_wins(site, body, query, kept):
    call_id = site.started(body, query=query)
    shown = site.get(call_id).json["data"]["genesys"]
    assert shown == (None if kept is None else dict.fromkeys(GENESYS) | kept)


def test_the_answer_to_a_new_call_says_nothing_of_genesys(site):
    assert "genesys" not in site.create({"genesys": GENESYS}).text.lower()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"title": "x" * 201}, ["title"]),
        ({"title": 7}, ["title"]),
        ({"title": "two\nlines"}, ["title"]),
        ({"description": "x" * 4001}, ["description"]),
        ({"description": ["x"]}, ["description"]),
        ({"metadata": []}, ["metadata"]),
        ({"metadata": "x"}, ["metadata"]),
        ({"metadata": {"x": "y" * 16_380}}, ["metadata"]),
        ({"hostName": "x" * 201}, ["hostName"]),
        ({"guestName": {}}, ["guestName"]),
        ({"recordOnStart": "true"}, ["recordOnStart"]),
        ({"recordOnStart": 1}, ["recordOnStart"]),
        ({"presetId": 1}, ["presetId"]),
        ({"genesys": "x"}, ["genesys"]),
        ({"genesys": {"gcLangTag": 1, "gcUsePopupAuth": "yes"}}, ["genesys.gcLangTag", "genesys.gcUsePopupAuth"]),
        ({"genesys": {"interactionId": "x"}}, ["genesys.interactionId"]),
        ({"record_on_start": True}, ["record_on_start"]),
        ({"joinTokens": True, "Title": "x"}, ["Title", "joinTokens"]),
        ({"appId": 1}, ["appId"]),
        ({"title": 1, "hostName": 2, "what": 3}, ["hostName", "title", "what"]),
    ],
)
def test_every_bad_field_is_named(site, body, fields):
    reply = site.create(body)
    assert reply.status == 400
    assert reply.json["ok"] is False
    assert reply.error["type"] == "invalid_request"
    assert sorted(detail["field"] for detail in reply.error["details"]) == fields
    assert all(field in reply.error["message"] for field in fields)
    assert not site.rows()


def test_a_bad_query_is_named(site):
    reply = site.create(query={"gcUsePopupAuth": "maybe"})
    assert (reply.status, reply.error["details"][0]["field"]) == (400, "genesys.gcUsePopupAuth")


@pytest.mark.parametrize(
    "raw",
    [
        "{",
        "[]",
        "null",
        '"x"',
        "1",
        "[" * 5_000,
        '{"metadata": ' + '{"x": ' * 50 + "1" + "}" * 51,
        '{"metadata": {"x": 1e999}}',
        '{"metadata": {"x": NaN}}',
        '{"title": "\\ud800"}',
        "{} {}",
    ],
)
def test_a_body_that_is_no_json_object_is_a_400(site, raw):
    reply = site.create(raw=raw)
    assert reply.status == 400
    assert reply.json["ok"] is False
    assert reply.error["type"] == "invalid_request"


@pytest.mark.usefixtures("tables")
def test_metadata_may_be_nested_as_deep_as_a_body_may(site):
    raw = '{"metadata": ' + '{"x": ' * 48 + "{}" + "}" * 49
    created = site.create(raw=raw)
    assert created.status == 201, created.text
    assert site.get(created.json["data"]["callId"]).json["data"]["metadata"] == json.loads(raw)["metadata"]


@pytest.mark.usefixtures("tables")
def test_metadata_may_be_16_kb(site):
    assert site.create({"metadata": {"x": "y" * (16 * 1024 - len('{"x":""}'))}}).status == 201


def test_another_kind_of_body_is_a_415(site):
    reply = site.create(raw="title=x", headers={"content-type": "application/x-www-form-urlencoded"})
    assert (reply.status, reply.json["ok"], reply.error["type"]) == (415, False, "invalid_request")


def test_an_endless_body_is_a_413(site):
    reply = site.create({"title": "x" * 300_000})
    assert (reply.status, reply.json["ok"], reply.error["type"]) == (413, False, "invalid_request")


@pytest.mark.usefixtures("tables")
def test_the_call_is_kept_under_its_app_and_for_good(site):
    call_id = site.started({"title": "Kept"})
    (row,) = site.rows()
    assert (row["pk"], row["room_id"], row["app_id"], row["kind"]) == (f"ROOM#{call_id}", call_id, APP_ID, "instant")
    assert row["calendar_pk"] == f"APP#{APP_ID}#ROOMS#2026-04"
    assert row["created_at"] == "2026-04-22T12:00:00.000Z"
    assert row["source"] == "widget_key"
    assert row["created_by"].startswith("widget-")
    assert "expires_at" not in row


def test_the_key_is_kept_nowhere_and_logged_nowhere(site, tables, logged):
    query = {"appId": APP_ID, "widgetKey": KEY, "conversationId": "secret-conversation"}
    reply = site.create({"title": "Private", "guestName": "Jane"}, credentials={"idempotency-key": "k"}, query=query)
    site.get(reply.json["data"]["callId"], credentials={}, query=query)
    site.create({"title": 1}, credentials={}, query=query)
    log = logged()
    assert log.count("'msg': 'answered'") == 3
    kept = json.dumps([tables.scan(TableName=table)["Items"] for table in TABLES], default=str)
    assert KEY not in kept
    for private in (KEY, "secret-conversation", "Private", "Jane"):
        assert private not in log


def test_another_visitor_with_the_same_key_and_body_gets_a_call_of_their_own(site):
    """Everybody has the widget key, and the answer has the call's secret."""
    once = {"headers": {"idempotency-key": "1"}}
    first = site.create(**once).json["data"]
    assert site.create(**once).json["data"] == first
    other = site.create(**once, address="192.0.2.77").json["data"]
    assert other["callId"] != first["callId"]
    assert other["callSecret"] != first["callSecret"]


def test_an_answer_with_a_key_in_it_is_not_stored(site):
    reply = site.create()
    assert reply.headers["Cache-Control"] == "no-store"
    assert parse_qs(urlsplit(reply.json["data"]["hostJoinUrl"]).query)["role"] == ["agent"]


def test_a_deployment_without_a_domain_answers_with_the_requests(site, monkeypatch):
    monkeypatch.setenv("VIDEO_BASE_URL", "")
    assert site.create().json["data"]["joinUrl"].startswith("https://api.example.com/c/")
