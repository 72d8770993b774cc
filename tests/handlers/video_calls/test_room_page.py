"""GET /c/{callId}: what a link shows, and to whom."""

import re
from dataclasses import replace

import pytest
from botocore.exceptions import ConnectTimeoutError

from slotline.domain.access.identity import secret_hash
from slotline.domain.booking.apps import Preset
from slotline.pages.assets import policy_hash
from slotline.pages.rendering import BRAND, brand_style
from slotline.store.booking.items import scheduled_room_item
from slotline.wiring import common
from slotline.wiring.booking import calls
from tests.support.builders.apps import NOW, put_app
from tests.support.handlers import APP_ID, Endpoint

BOOKING = {
    "guestName": "Jane Doe",
    "guestEmail": "jane@example.com",
    "scheduledAtUtc": "2026-05-01T15:00:00.000Z",
    "appTimezone": "UTC",
}
KEY = "slw_example-example-example-example-example-123"
page = Endpoint("pages/room", "GET", None)


def started(**fields):
    headers = {"x-app-id": APP_ID, "x-widget-key": KEY}
    return Endpoint("video_calls/create", "POST", None)("/api/calls", fields, headers=headers).json["data"]


@pytest.fixture
def start(ports, app):
    """Make a call; its id."""
    ports.access.add_widget_key(secret_hash(KEY), app, "2026-04-01T12:00:00.000Z")

    def start(**fields):
        return started(**fields)["callId"]

    return start


@pytest.fixture
def booked(ports, app):
    """Book a call for its time; its id."""
    reply = Endpoint("scheduled_calls/create", "POST")(f"/api/v1/video/{app}/scheduled-calls", BOOKING)
    call_id = reply.json["data"]["call"]["id"]
    call, _ = calls.calls().get(app, call_id)
    ports.put(scheduled_room_item(call))
    return call_id


def test_the_page_names_the_call_and_its_people(start):
    reply = page(f"/c/{start(title='Support', description='First steps', hostName='Sarah', guestName='John')}")
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>Support \N{EN DASH} Acme</title>" in reply.text
    for words in ("Acme", "Support", "First steps", "Sarah", "John", "Nobody has joined yet"):
        assert words in reply.text


def test_it_can_be_read_by_everybody(start):
    text = page(f"/c/{start()}").text
    assert '<html lang="en" dir="ltr">' in text
    assert '<meta name="viewport"' in text
    assert text.count("<main ") == text.count("<h1>") == 1
    assert "<h1>Video call</h1>" in text


def test_it_keeps_to_itself_what_a_guest_need_not_know(start, logged):
    call_id = start(metadata={"ticket": "secret-ticket"}, genesys={"conversationId": "secret-conversation"})
    reply = page(f"/c/{call_id}", query={"role": "agent", "appId": APP_ID, "widgetKey": KEY})
    assert reply.status == 200
    for private in ("secret-ticket", "secret-conversation", KEY, APP_ID, "role=agent"):
        assert private not in reply.text
    assert KEY not in logged()


@pytest.mark.parametrize(
    ("query", "accepted", "preset", "language", "said"),
    [
        ({}, "", "en", "en", "Nobody has joined yet"),
        ({}, "", "es", "es", "Todavía no ha entrado nadie"),
        ({}, "ar-EG,en;q=0.5", "es", "ar", "المكالمة جاهزة"),
        ({"lang": "en"}, "ar", "es", "en", "The call is ready"),
        ({"lang": "tlh"}, "fr", "es", "es", "La llamada está lista"),
    ],
)
def test_it_speaks_the_addresss_language_else_the_browsers_else_the_presets(
    start, ports, query, accepted, preset, language, said
):
    put_app(ports, APP_ID, language=preset)
    reply = page(f"/c/{start()}", query=query, headers={"accept-language": accepted})
    assert reply.headers["content-language"] == language
    assert f'<html lang="{language}"' in reply.text
    assert said in reply.text


def test_a_link_to_another_language_keeps_the_zone_and_nothing_else_of_the_query(booked):
    text = page(f"/c/{booked}", query={"widgetKey": KEY, "tz": "America/Bogota", "lang": "en"}).text
    links = re.findall(r'href="(/c/[^"]+)"', text)
    assert links == [f"/c/{booked}?tz=America%2FBogota&amp;lang={tag}" for tag in ("ar", "es")]


@pytest.mark.parametrize(
    ("tz", "moment"),
    [
        (None, "Friday, May 1, 2026, 3:00 PM (UTC)"),
        ("America/Bogota", "Friday, May 1, 2026, 10:00 AM (Bogota time, UTC-5)"),
        ("Asia/Kathmandu", "Friday, May 1, 2026, 8:45 PM (Kathmandu time, UTC+5:45)"),
        ("Moon/Base", "Friday, May 1, 2026, 3:00 PM (UTC)"),
        ("../../etc/passwd\x00", "Friday, May 1, 2026, 3:00 PM (UTC)"),
    ],
)
def test_a_scheduled_call_says_its_time_in_words_with_the_zone(booked, tz, moment):
    text = page(f"/c/{booked}", query={"tz": tz} if tz else {}).text
    assert f'<time datetime="2026-05-01T15:00:00.000Z">{moment}</time>' in text


def test_the_zone_of_the_device_is_asked_for_by_a_script_that_the_policy_names_and_only_if_there_is_a_time(
    booked, start
):
    scheduled, instant = page(f"/c/{booked}"), page(f"/c/{start()}")
    (script,) = re.findall(r"<script>(.*?)</script>", scheduled.text, re.DOTALL)
    assert f"script-src {policy_hash(script)};" in scheduled.headers["content-security-policy"]
    assert 'data-zone="UTC"' in scheduled.text
    assert "<script" not in instant.text
    assert "script-src 'none'" in instant.headers["content-security-policy"]


@pytest.mark.parametrize("field", ["title", "description", "hostName", "guestName"])
def test_words_are_no_markup(start, field):
    call_id = start(**{field: '<script>alert(1)</script>"><img>'})
    text = page(f"/c/{call_id}").text
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize("path", ["/c/01960000-0000-7000-8000-00000000dead", "/c/x", "/c/", "/c/é<script>", "/c/a/b"])
@pytest.mark.usefixtures("app")
def test_a_call_that_never_was_is_a_page_too(path):
    reply = page(path)
    assert reply.status == 404
    assert "<h1>There is nothing at this address</h1>" in reply.text
    assert "script" not in reply.text
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]


def test_the_page_is_as_strict_as_it_can_be(start):
    reply = page(f"/c/{start()}")
    assert reply.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'self' {policy_hash(brand_style(BRAND))}; script-src 'none'; "
        "connect-src 'self'; img-src 'self' data: https:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert reply.headers["referrer-policy"] == "same-origin", "a host's address carries the widget key"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-store"


def test_it_is_framed_by_the_apps_origins_only(start, ports):
    put_app(ports, APP_ID, allowed_embed_origins=["https://shop.example", "https://x.example; script-src *"])
    policy = page(f"/c/{start()}").headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self' https://shop.example")


def test_it_is_framed_and_branded_as_the_calls_own_preset_says_now(start, ports):
    put_app(ports, APP_ID, allowed_embed_origins=["https://active.example"], branding_name="Acme")
    origins = ("https://own.example",)
    own = Preset(preset_id="warm", name="Warm", allowed_embed_origins=origins, branding_name="Warm Ltd")
    ports.presets.add(APP_ID, own, NOW, None)
    call_id = start(presetId="warm")
    reply = page(f"/c/{call_id}")
    assert reply.headers["content-security-policy"].endswith("frame-ancestors 'self' https://own.example")
    assert "Warm Ltd" in reply.text
    _, kept = ports.presets.find(APP_ID, "warm")
    ports.presets.change(APP_ID, kept, replace(own, allowed_embed_origins=(), revision=2), "change-1", active=False)
    assert page(f"/c/{call_id}").headers["content-security-policy"].endswith("frame-ancestors 'none'")
    _, kept = ports.presets.find(APP_ID, "warm")
    ports.presets.remove(APP_ID, kept)
    policy = page(f"/c/{call_id}").headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self' https://active.example")


@pytest.mark.usefixtures("start")
def test_a_call_that_is_over_says_so():
    call = started()
    call_id = call["callId"]
    headers = {"x-app-id": APP_ID, "x-widget-key": KEY, "x-call-secret": call["callSecret"]}
    Endpoint("video_calls/end", "POST", None)(f"/api/calls/{call_id}/end", headers=headers)
    assert "The call is over" in page(f"/c/{call_id}").text


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("failure", "status"), [(ConnectTimeoutError(endpoint_url="https://x"), 503), (ZeroDivisionError("secret"), 500)]
)
def test_an_outage_is_a_page(start, monkeypatch, logged, failure, status):
    call_id = start()

    def fail(**_):
        raise failure

    monkeypatch.setattr(common.dynamodb(), "get_item", fail)
    reply = page(f"/c/{call_id}", query={"widgetKey": KEY})
    assert reply.status == status
    assert "<h1>" in reply.text
    assert KEY not in reply.text + logged()
