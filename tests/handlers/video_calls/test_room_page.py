"""GET /c/{callId}: what a link shows, and to whom."""

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from slotline.domain.booking.apps import Preset
from slotline.pages import assets
from slotline.pages.assets import policy_hash
from slotline.pages.rendering import BRAND, brand_style
from slotline.wiring import common
from tests.handlers.video_calls.conftest import KEY, Site
from tests.support.builders.apps import NOW, SetClock, put_app
from tests.support.handlers import APP_ID, Endpoint

BEGINS = datetime(2026, 5, 1, 15, tzinfo=UTC)
page = Endpoint("pages/room", "GET", None)


def data_of(text: str) -> dict[str, Any]:
    """What the room's script begins with."""
    (found,) = re.findall(r'<script type="application/json" id="room-data">(.*?)</script>', text, re.DOTALL)
    return json.loads(unescape(found))


def test_a_stranger_with_the_link_learns_nothing_of_the_call_but_that_it_is_there(site: Site):
    said = {"title": "Support", "description": "First steps", "hostName": "Sarah", "guestName": "John"}
    call_id = site.started(said | {"metadata": {"a": "secret-ticket"}, "genesys": {"conversationId": "secret-talk"}})
    reply = page(f"/c/{call_id}")
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>Video call \N{EN DASH} Acme</title>" in reply.text
    for private in ("Support", "First steps", "Sarah", "John", "secret-ticket", "secret-talk", APP_ID):
        assert private not in reply.text
    kept = data_of(reply.text)
    assert kept.pop("words")
    assert kept == {
        "callId": call_id,
        "side": "guest",
        "previewEnabled": True,
        "isFramed": False,
        "clock": assets.url_of("room_ticks.js"),
    }


def test_it_can_be_read_by_everybody(site: Site):
    text = page(f"/c/{site.started()}").text
    assert '<html lang="en" dir="ltr">' in text
    assert '<meta name="viewport"' in text
    assert text.count("<main ") == 1


def test_the_hosts_page_is_the_hosts_by_its_address(site: Site, logged: Callable[[], str]):
    reply = page(f"/c/{site.started()}", query={"role": "agent"})
    assert data_of(reply.text)["side"] == "host"
    assert KEY not in reply.text + logged()


@pytest.mark.parametrize(
    ("query", "accepted", "preset", "language", "said"),
    [
        ({}, "", "en", "en", "Ready to join?"),
        ({}, "", "es", "es", "¿Todo listo para entrar?"),
        ({}, "ar-EG,en;q=0.5", "es", "ar", "هل أنت مستعد للانضمام؟"),
        ({"lang": "en"}, "ar", "es", "en", "Ready to join?"),
        ({"lang": "tlh"}, "fr", "es", "es", "¿Todo listo para entrar?"),
    ],
)
def test_it_speaks_the_addresss_language_else_the_browsers_else_the_presets(
    site: Site, query: dict[str, str], accepted: str, preset: str, language: str, said: str
):
    put_app(site.ports, APP_ID, language=preset)
    reply = page(f"/c/{site.started()}", query=query, headers={"accept-language": accepted})
    assert reply.headers["content-language"] == language
    assert f'<html lang="{language}"' in reply.text
    assert said in reply.text


def test_a_link_to_another_language_keeps_the_zone_and_the_side_and_nothing_else_of_the_query(booked: dict[str, Any]):
    query = {"widgetKey": KEY, "tz": "America/Bogota", "lang": "en"}
    links = re.findall(r'href="(/c/[^"]+lang=[^"]+)"', page(f"/c/{booked['id']}", query=query).text)
    assert links == [f"/c/{booked['id']}?tz=America%2FBogota&amp;lang={tag}" for tag in ("ar", "es")]


@pytest.mark.parametrize(
    ("tz", "opens", "begins"),
    [
        (None, "Friday, May 1, 2026, 2:00 PM (UTC)", "Friday, May 1, 2026, 3:00 PM (UTC)"),
        (
            "America/Bogota",
            "Friday, May 1, 2026, 9:00 AM (Bogota time, UTC-5)",
            "Friday, May 1, 2026, 10:00 AM (Bogota time, UTC-5)",
        ),
        ("Moon/Base", "Friday, May 1, 2026, 2:00 PM (UTC)", "Friday, May 1, 2026, 3:00 PM (UTC)"),
        ("../../etc/passwd\x00", "Friday, May 1, 2026, 2:00 PM (UTC)", "Friday, May 1, 2026, 3:00 PM (UTC)"),
    ],
)
def test_who_is_early_is_told_when_the_room_opens_in_words_with_the_zone(
    booked: dict[str, Any], tz: str | None, opens: str, begins: str
):
    text = page(f"/c/{booked['id']}", query={"tz": tz} if tz else {}).text
    assert '<h1 id="closed">The room is not open yet</h1>' in text
    assert f"It opens <bdi>{opens}</bdi>." in text
    assert f'<time datetime="2026-05-01T15:00:00.000Z">{begins}</time>' in text
    assert "Jane" not in text, "the guest's name is not for whoever has the link"


def test_the_room_of_a_booking_opens_an_hour_before_it_begins(booked: dict[str, Any], clock: SetClock):
    clock.instant = BEGINS - timedelta(hours=1, seconds=1)
    assert 'data-seconds="1"' in page(f"/c/{booked['id']}").text
    clock.instant = BEGINS - timedelta(hours=1)
    assert data_of(page(f"/c/{booked['id']}").text)["callId"] == booked["id"]


@pytest.mark.parametrize(
    ("status", "after", "said"),
    [
        ("scheduled", timedelta(hours=9), "The time of this call is over"),
        ("completed", timedelta(), "The call is over"),
        ("cancelled", timedelta(), "This call was cancelled"),
        ("no_show", timedelta(), "This call did not take place"),
    ],
)
def test_a_room_that_is_closed_says_why(
    booked: dict[str, Any], site: Site, clock: SetClock, status: str, after: timedelta, said: str
):
    (row,) = [one for one in site.ports.rows() if one.get("id") == booked["id"] and one["sk"] == "CALL"]
    site.ports.put(row | {"status": status})
    clock.instant = BEGINS + after
    reply = page(f"/c/{booked['id']}")
    assert reply.status == 200
    assert f'<h1 id="closed">{said}</h1>' in reply.text


def test_a_moved_calls_room_is_where_it_was_and_opens_by_the_new_time(booked: dict[str, Any], clock: SetClock):
    path = f"/api/v1/video/{APP_ID}/scheduled-calls/{booked['id']}"
    moved = {"scheduledAtUtc": "2026-05-02T15:00:00.000Z"}
    assert Endpoint("scheduled_calls/update", "PATCH")(path, moved).status == 200
    clock.instant = BEGINS
    assert "It opens <bdi>Saturday, May 2, 2026, 2:00 PM (UTC)</bdi>." in page(f"/c/{booked['id']}").text


def test_scripts_run_by_the_policys_leave_alone(booked: dict[str, Any], site: Site):
    early, room = page(f"/c/{booked['id']}"), page(f"/c/{site.started()}")
    scripts = re.findall(r"<script>(.*?)</script>", early.text, re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        assert policy_hash(script) in early.headers["content-security-policy"]
    assert not re.findall(r"<script>", room.text), "the room's scripts are files"
    assert "script-src 'self';" in room.headers["content-security-policy"]


def test_a_room_may_use_camera_microphone_and_screen_and_no_other_page_may(site: Site):
    policy = page(f"/c/{site.started()}").headers["permissions-policy"]
    for feature in ("camera", "microphone", "display-capture", "fullscreen"):
        assert f"{feature}=(self)" in policy
    assert page("/c/x").headers["permissions-policy"] == "camera=(), microphone=(), geolocation=()"


@pytest.mark.parametrize("path", ["/c/01960000-0000-7000-8000-00000000dead", "/c/x", "/c/", "/c/é<script>", "/c/a/b"])
@pytest.mark.usefixtures("app")
def test_a_call_that_never_was_is_a_page_too(path: str):
    reply = page(path)
    assert reply.status == 404
    assert "<h1>There is nothing at this address</h1>" in reply.text
    assert "script" not in reply.text
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]


def test_the_page_is_as_strict_as_it_can_be(site: Site):
    reply = page(f"/c/{site.started()}")
    assert reply.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'self' {policy_hash(brand_style(BRAND))}; script-src 'self'; "
        "connect-src 'self' https://recordings.example.com; img-src 'self' data: https:; form-action 'self'; "
        "base-uri 'none'; worker-src 'self'; "
        "frame-ancestors 'none'"
    )
    assert reply.headers["referrer-policy"] == "same-origin", "a host's address carries the widget key"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-store"


def test_it_is_framed_by_the_apps_origins_only(site: Site):
    put_app(site.ports, APP_ID, allowed_embed_origins=["https://shop.example", "https://x.example; script-src *"])
    policy = page(f"/c/{site.started()}").headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self' https://shop.example")


def test_it_is_framed_and_branded_as_the_calls_own_preset_says_now(site: Site):
    ports = site.ports
    put_app(ports, APP_ID, allowed_embed_origins=["https://active.example"], branding_name="Acme")
    origins = ("https://own.example",)
    own = Preset(preset_id="warm", name="Warm", allowed_embed_origins=origins, branding_name="Warm Ltd")
    ports.presets.add(APP_ID, own, NOW, None)
    call_id = site.started({"presetId": "warm"})
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


def test_a_call_that_is_over_says_so(site: Site):
    call_id = site.started()
    assert site.end(call_id).status == 200
    assert "The call is over" in page(f"/c/{call_id}").text


def test_an_instant_call_is_over_after_a_day(site: Site, clock: SetClock):
    call_id = site.started()
    clock.advance(hours=24)
    assert "The call is over" in page(f"/c/{call_id}").text


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("failure", "status"), [(ConnectTimeoutError(endpoint_url="https://x"), 503), (ZeroDivisionError("secret"), 500)]
)
def test_an_outage_is_a_page(site: Site, monkeypatch: pytest.MonkeyPatch, logged, failure: Exception, status: int):
    call_id = site.started()

    def fail(**_: object) -> None:
        raise failure

    monkeypatch.setattr(common.dynamodb(), "get_item", fail)
    reply = page(f"/c/{call_id}", query={"widgetKey": KEY})
    assert reply.status == status
    assert "<h1>" in reply.text
    assert KEY not in reply.text + logged()


def test_the_room_with_all_that_it_loads_is_at_most_45_kb_compressed(site: Site):
    text = page(f"/c/{site.started()}").text
    named = set(re.findall(r'(?:src|href)="/static/([^"]+)"', text))
    named.add(assets.url_of("room_ticks.js").removeprefix("/static/"))
    sizes = {name: len(gzip.compress(assets.content_of((assets.file_at(name) or ("",))[0]))) for name in named}
    sizes["page"] = len(gzip.compress(text.encode()))
    print(f"\n{sum(sizes.values())} bytes: {sizes}")  # noqa: T201 - shown by pytest -s
    assert len(sizes) == 9
    assert sum(sizes.values()) <= 45_000
