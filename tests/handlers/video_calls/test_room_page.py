"""GET /c/{callId}: what a link shows, and to whom."""

import re
from dataclasses import replace

import pytest
from botocore.exceptions import ConnectTimeoutError

from slotline.domain.access.identity import secret_hash
from slotline.domain.booking.apps import Preset
from slotline.wiring import common
from tests.support.builders.apps import NOW, put_app
from tests.support.handlers import APP_ID, Endpoint

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


def test_the_page_names_the_call_and_its_people(start):
    reply = page(f"/c/{start(title='Support', description='First steps', hostName='Sarah', guestName='John')}")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<title>Support</title>" in reply.text
    for words in ("Acme", "Support", "First steps", "Sarah", "John", "Nobody has joined yet"):
        assert words in reply.text


def test_it_can_be_read_by_everybody(start):
    text = page(f"/c/{start()}").text
    assert '<html lang="en">' in text
    assert '<meta name="viewport"' in text
    assert text.count("<main>") == text.count("<h1>") == 1
    assert "<h1><bdi>Video call</bdi></h1>" in text


def test_it_keeps_to_itself_what_a_guest_need_not_know(start):
    call_id = start(metadata={"ticket": "secret-ticket"}, genesys={"conversationId": "secret-conversation"})
    reply = page(f"/c/{call_id}", query={"role": "agent", "appId": APP_ID, "widgetKey": KEY})
    assert reply.status == 200
    for private in ("secret-ticket", "secret-conversation", KEY, APP_ID):
        assert private not in reply.text


@pytest.mark.parametrize("field", ["title", "description", "hostName", "guestName"])
def test_words_are_no_markup(start, field):
    call_id = start(**{field: '<script>alert(1)</script>"><img>'})
    text = page(f"/c/{call_id}").text
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize("path", ["/c/01960000-0000-7000-8000-00000000dead", "/c/x", "/c/", "/c/é<script>"])
@pytest.mark.usefixtures("app")
def test_a_call_that_never_was_is_a_page_too(path):
    reply = page(path)
    assert reply.status == 404
    assert "No such call" in reply.text
    assert "script" not in reply.text
    assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]


def test_every_page_is_as_strict_as_it_can_be(start):
    reply = page(f"/c/{start()}")
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert reply.headers["Referrer-Policy"] == "no-referrer", "a host's address carries the widget key"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "no-store"
    assert not re.search(r"(src|href)=", reply.text)


def test_it_is_framed_by_the_apps_origins_only(start, ports):
    put_app(ports, APP_ID, allowed_embed_origins=["https://shop.example", "https://x.example; script-src *"])
    policy = page(f"/c/{start()}").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://shop.example")


def test_it_is_framed_and_branded_as_the_calls_own_preset_says_now(start, ports):
    put_app(ports, APP_ID, allowed_embed_origins=["https://active.example"], branding_name="Acme")
    origins = ("https://own.example",)
    own = Preset(preset_id="warm", name="Warm", allowed_embed_origins=origins, branding_name="Warm Ltd")
    ports.presets.add(APP_ID, own, NOW, None)
    call_id = start(presetId="warm")
    reply = page(f"/c/{call_id}")
    assert reply.headers["Content-Security-Policy"].endswith("frame-ancestors 'self' https://own.example")
    assert "Warm Ltd" in reply.text
    _, kept = ports.presets.find(APP_ID, "warm")
    ports.presets.change(APP_ID, kept, replace(own, allowed_embed_origins=(), revision=2), "change-1", active=False)
    assert page(f"/c/{call_id}").headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    _, kept = ports.presets.find(APP_ID, "warm")
    ports.presets.remove(APP_ID, kept)
    policy = page(f"/c/{call_id}").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://active.example")


@pytest.mark.usefixtures("start")
def test_a_call_that_is_over_says_so():
    call = started()
    call_id = call["callId"]
    headers = {"x-app-id": APP_ID, "x-widget-key": KEY, "x-call-secret": call["callSecret"]}
    Endpoint("video_calls/end", "POST", None)(f"/api/calls/{call_id}/end", headers=headers)
    assert "The call is over." in page(f"/c/{call_id}").text


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
