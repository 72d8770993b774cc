"""POST /c/{callId}/enter, /ways, /sync and /leave: what a page in a room is told, and who is refused."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from slotline.domain.booking.rooms import Side
from slotline.wiring import common
from tests.handlers.video_calls.conftest import KEY, OTHER_APP_ID, OTHER_KEY, Site, Tab
from tests.support.builders.apps import SetClock
from tests.support.builders.relays import SECRET
from tests.support.handlers import APP_ID, Endpoint, Reply

page = Endpoint("pages/room", "GET", None)


def host_token(call_id: str, app_id: str = APP_ID, key: str = KEY) -> str:
    """What a host's link is exchanged for."""
    reply = page(f"/c/{call_id}", query={"role": "agent", "appId": app_id, "widgetKey": key})
    assert reply.status == 303, reply.text
    return reply.headers["location"].partition("#")[2]


def host_of(call_id: str) -> Tab:
    return Tab(call_id, "host", host_token(call_id), seat="a-hosts-seat-that-nobody-else-finds-1")


def code(reply: Reply) -> str:
    return reply.error["details"][0]["code"]


def test_whoever_enters_is_told_what_the_website_said_of_the_call(site: Site):
    said = {"title": "Support", "description": "First steps", "hostName": "Sarah", "guestName": "John"}
    call_id = site.started(said | {"recordOnStart": True, "metadata": {"ticket": "T-1"}})
    guest, told = Tab(call_id), host_of(call_id).enter(name="Sarah").json["data"]
    assert guest.enter(name="Johnny").json["data"]["call"] == told["call"] | {"guestName": None}
    assert told["call"] == {
        "organization": "Acme",
        "title": "Support",
        "description": "First steps",
        "hostName": "Sarah",
        "guestName": "John",
        "scheduledAt": None,
        "endsAt": None,
        "recordOnStart": True,
    }
    assert told["peer"] == {"isThere": False, "tab": 0, "name": None, "hasLeft": False}


def test_who_has_nothing_but_the_link_is_told_what_the_call_is_about_once_the_host_is_there(site: Site):
    call_id = site.started({"title": "Support", "description": "First steps", "hostName": "Sarah", "guestName": "John"})
    guest = Tab(call_id)
    alone = guest.enter().text + guest.sync(look=True).text
    for said in ("Support", "First steps", "Sarah", "John"):
        assert said not in alone
    host_of(call_id).enter()
    told = guest.sync(look=True).json["data"]["call"]
    assert (told["title"], told["description"], told["hostName"], told["guestName"]) == (
        "Support",
        "First steps",
        "Sarah",
        None,
    )


def test_who_shows_a_token_is_told_at_once(site: Site):
    site.put_preset("guarded", join_tokens=True)
    made = site.create({"presetId": "guarded", "title": "Support"}).json["data"]
    token = urlsplit(made["guestJoinUrl"]).fragment
    assert Tab(made["callId"], "guest", token).enter().json["data"]["call"]["title"] == "Support"


def test_the_other_side_is_told_the_name_that_was_given_at_the_door(site: Site):
    call_id = site.started()
    Tab(call_id).enter(name="Johnny")
    assert host_of(call_id).enter().json["data"]["peer"]["name"] == "Johnny"


def test_what_genesys_knows_is_the_hosts_alone(site: Site):
    call_id = site.started({"genesys": {"conversationId": "c-1", "gcHostOrigin": "https://apps.example"}})
    assert "genesys" not in Tab(call_id).enter().json["data"]["call"]
    told = host_of(call_id).enter().json["data"]["call"]
    assert told["genesys"] == {"conversation_id": "c-1", "gc_host_origin": "https://apps.example"}


@pytest.mark.parametrize(
    "origin", ["*", "null", "javascript:alert(1)", "https://*.example", "https://a.example/path", "a"]
)
def test_what_genesys_knows_goes_to_no_origin_that_is_none(site: Site, origin: str):
    refused = site.create({"genesys": {"conversationId": "c-1", "gcHostOrigin": origin}})
    assert (refused.status, refused.error["details"][0]["field"]) == (400, "genesys.gcHostOrigin")
    assert site.create(None, query={"gcHostOrigin": origin}).status == 400


def test_a_third_person_is_told_nothing_but_that_somebody_is_there(site: Site):
    call_id = site.started({"title": "Support"})
    Tab(call_id).enter(name="Jane")
    told = Tab(call_id, seat="another-seat-that-nobody-else-finds-1").enter(name="Eve").json["data"]
    assert told == {"state": "waiting", "askAgainIn": 3000}


def test_the_host_may_let_a_replacement_in_and_the_page_before_it_learns_that(site: Site):
    call_id = site.started()
    first, second, host = Tab(call_id), Tab(call_id, seat="another-seat-that-nobody-else-finds-1"), host_of(call_id)
    first.enter(name="Jane")
    host.enter()
    second.enter(name="Joan")
    knock = host.sync().json["data"]["knock"]
    assert (knock["side"], knock["name"]) == ("guest", "Joan")
    assert first.sync().json["data"]["knock"] is None, "of who waits a guest is told nothing"
    refused = first.sync(admit=knock["id"])
    assert (refused.status, code(refused)) == (403, "not_host")
    assert host.sync(admit=knock["id"]).status == 200
    assert second.enter(name="Joan").json["data"]["state"] == "in"
    refused = first.sync()
    assert (refused.status, code(refused)) == (409, "seat_lost")


def test_relays_are_told_to_nobody_whose_call_is_over(site: Site):
    call_id = site.started()
    host = host_of(call_id)
    host.enter()
    stranger = Tab(call_id, seat="another-seat-that-nobody-else-finds-1")
    body = {"side": "guest", "seat": stranger.seat}
    assert stranger.ask("ways", body).status == 200
    host.leave("end")
    refused = stranger.ask("ways", body)
    assert (refused.status, code(refused)) == (409, "room_over")


def test_whoever_comes_in_again_and_again_is_told_when_to_go_on(site: Site):
    call_id = site.started()
    body = {"side": "guest", "seat": Tab(call_id).seat}
    answers = [Tab(call_id).ask("ways", body) for _ in range(121)]
    assert {one.status for one in answers[:120]} == {200}
    assert answers[120].status == 429
    assert int(answers[120].headers["Retry-After"]) >= 1


def test_a_page_that_goes_is_told_nothing_of_the_call(site: Site):
    call_id = site.started()
    host = host_of(call_id)
    host.enter()
    host.leave("end")
    assert Tab(call_id).leave("away").json["data"] == {"isOver": False}


@pytest.mark.parametrize("token", [None, "", "x", "A" * 50, "A" * 200])
def test_nobody_is_the_host_without_a_token_of_the_host(site: Site, token: str | None):
    refused = Tab(site.started(), "host", token).enter()
    assert (refused.status, code(refused)) == (403, "no_role")


def test_a_token_opens_the_call_and_the_side_that_it_was_made_for_alone(site: Site):
    mine, other = site.started(), site.started()
    token = host_token(mine)
    assert Tab(mine, "host", token).enter().status == 200
    assert Tab(other, "host", token).enter().status == 403


@pytest.mark.parametrize(
    ("app_id", "key"), [(APP_ID, OTHER_KEY), (APP_ID, "x"), (APP_ID, ""), (OTHER_APP_ID, OTHER_KEY)]
)
def test_a_key_that_is_none_of_the_calls_app_makes_nobody_its_host(site: Site, app_id: str, key: str):
    call_id = site.started()
    reply = page(f"/c/{call_id}", query={"role": "agent", "appId": app_id, "widgetKey": key})
    assert reply.status == (401 if key else 200), "without a key the page asks for a token"
    assert "location" not in reply.headers
    assert KEY not in reply.text


def test_the_key_is_gone_from_the_address_before_anything_is_shown(site: Site):
    call_id = site.started()
    query = {"role": "agent", "appId": APP_ID, "widgetKey": KEY, "lang": "es", "gcHostOrigin": "https://apps.example"}
    reply = page(f"/c/{call_id}", query=query)
    address, _, token = reply.headers["location"].partition("#")
    assert (reply.status, reply.text, len(token)) == (303, "", 50)
    assert address == f"/c/{call_id}?role=agent&lang=es&gcHostOrigin=https%3A%2F%2Fapps.example"


def test_with_join_tokens_neither_link_has_the_key_and_both_have_a_token(site: Site):
    site.put_preset("guarded", join_tokens=True)
    made = site.create({"presetId": "guarded"}).json["data"]
    links = {side: urlsplit(made[f"{side}JoinUrl"]) for side in ("guest", "host")}
    assert KEY not in json.dumps(made)
    assert parse_qs(links["host"].query) == {"role": ["agent"]}
    for side, link in links.items():
        assert Tab(made["callId"], side, link.fragment).enter().status == 200
        assert Tab(made["callId"], Side(side).other, link.fragment).enter().status == 403
    assert Tab(made["callId"]).enter().status == 403, "the link alone"


def test_with_join_tokens_the_websites_key_makes_nobody_a_host(site: Site):
    site.put_preset("guarded", join_tokens=True)
    call_id = site.started({"presetId": "guarded"})
    assert page(f"/c/{call_id}", query={"role": "agent", "appId": APP_ID, "widgetKey": KEY}).status == 401


@pytest.mark.usefixtures("site")
def test_a_bookings_host_has_a_link_of_its_own_and_the_websites_key_is_none(booked: dict[str, Any], clock: SetClock):
    link = urlsplit(booked["host_join_url"])
    clock.instant = datetime(2026, 5, 1, 14, 30, tzinfo=UTC)
    refused = page(f"/c/{booked['id']}", query={"role": "agent", "appId": APP_ID, "widgetKey": KEY})
    assert refused.status == 401
    told = Tab(booked["id"], "host", link.fragment).enter().json["data"]["call"]
    assert (told["guestName"], told["scheduledAt"]) == ("Jane Doe", "2026-05-01T15:00:00.000Z")


@pytest.mark.usefixtures("site")
def test_a_room_that_is_not_open_yet_says_when_it_is(booked: dict[str, Any]):
    refused = Tab(booked["id"]).enter()
    assert (refused.status, code(refused)) == (409, "room_early")
    assert refused.error["details"][0]["opensAt"] == "2026-05-01T14:00:00.000Z"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://api.example.com"},
    ],
)
@pytest.mark.parametrize("verb", ["enter", "ways", "sync", "leave"])
def test_no_other_site_may_ask(site: Site, headers: dict[str, str], verb: str):
    tab = Tab(site.started(), headers=headers)
    assert tab.ask(verb, {"side": "guest", "seat": tab.seat}).status == 403


def test_the_rooms_own_page_may(site: Site):
    headers = {"sec-fetch-site": "same-origin", "origin": "https://video.example.com"}
    assert Tab(site.started(), headers=headers).enter().status == 200


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("enter", {}),
        ("enter", []),
        ("enter", {"side": "agent"}),
        ("enter", {"seat": "short"}),
        ("enter", {"seat": 1}),
        ("enter", {"name": "x" * 101}),
        ("enter", {"name": "a\nb"}),
        ("enter", {"token": "x" * 201}),
        ("enter", {"more": 1}),
        ("ways", {"side": None}),
        ("sync", {"tab": 0}),
        ("sync", {"tab": "1"}),
        ("sync", {"after": "1"}),
        ("sync", {"send": {}}),
        ("sync", {"send": [{"number": 1}]}),
        ("sync", {"send": [{"number": 0, "text": ""}]}),
        ("sync", {"send": [{"number": 2001, "text": ""}]}),
        ("sync", {"send": [{"number": 1, "text": "x" * 16_001}]}),
        ("sync", {"send": [{"number": at, "text": "x"} for at in range(1, 18)]}),
        ("sync", {"linked": "yes"}),
        ("leave", {"how": "fly"}),
    ],
)
def test_a_body_that_says_something_else_is_a_400(site: Site, verb: str, body: Any):
    tab = Tab(site.started())
    tab.enter()
    rest = {"side": "guest", "seat": tab.seat} | ({} if verb in {"enter", "ways"} else {"tab": 1})
    said = body if isinstance(body, list) or not body else rest | body
    assert tab.ask(verb, said).status == 400


def test_letters_reach_the_other_side_once_and_in_their_order(site: Site):
    call_id = site.started()
    guest, host = Tab(call_id), host_of(call_id)
    guest.enter()
    host.enter()
    letters = [{"number": number, "text": f"letter {number}"} for number in (2, 1, 2)]
    host.sync(send=letters)
    host.sync(send=letters)
    got = guest.sync().json["data"]["mail"]
    assert [(one["tab"], one["number"], one["text"]) for one in got] == [(1, 1, "letter 1"), (1, 2, "letter 2")]
    assert guest.sync(after="000001.000001").json["data"]["mail"] == got[1:]
    assert host.sync().json["data"]["mail"] == []


def test_a_page_is_heard_by_its_own_secret_alone(site: Site):
    tab = Tab(site.started())
    tab.enter()
    stranger = Tab(tab.call_id, seat="another-seat-that-nobody-else-finds-1", tab=1)
    for asked in (stranger.sync, stranger.leave):
        refused = asked()
        assert (refused.status, code(refused)) == (409, "seat_lost")
    assert tab.sync().status == 200


def test_a_page_learns_that_another_tab_of_its_own_has_the_seat(site: Site):
    first = Tab(site.started())
    first.enter()
    Tab(first.call_id).enter()
    refused = first.sync()
    assert (refused.status, code(refused)) == (409, "joined_elsewhere")


@pytest.mark.parametrize("path", ["01960000-0000-7000-8000-00000000dead", "x", "..", "%2e"])
@pytest.mark.usefixtures("site")
def test_there_is_no_room_without_a_call(path: str):
    for verb in ("enter", "ways"):
        assert Tab(path).ask(verb, {"side": "guest", "seat": "s" * 40}).status == 404
    assert Tab(path).leave().status == 404


def test_the_host_ends_it_for_both_and_the_website_is_told(site: Site):
    call_id = site.started()
    guest, host = Tab(call_id), host_of(call_id)
    guest.enter()
    host.enter()
    assert site.get(call_id).json["data"]["status"] == "started"
    refused = guest.leave("end")
    assert (refused.status, code(refused)) == (403, "not_host")
    assert host.leave("end").json["data"] == {"isOver": True}
    assert site.get(call_id).json["data"]["status"] == "ended"
    again = guest.enter()
    assert (again.status, code(again)) == (409, "room_over")


def test_a_side_is_given_a_relay_with_a_password_of_an_hour_that_names_nobody(site: Site):
    call_id = site.started()
    ice = Tab(call_id).enter(name="Jane").json["data"]["ice"]
    (server,) = ice["servers"]
    ends, _, bearer = server["username"].partition(":")
    assert int(ends) - common.clock().now().timestamp() == 3600
    assert bearer == f"{call_id}-guest"
    assert ice | {"servers": []} == {"servers": [], "only": False, "relay": True}
    asked = Tab(call_id).ask("ways", {"side": "guest", "seat": "s" * 40}).json["data"]["ice"]
    assert asked["servers"] == [server]
    assert SECRET not in json.dumps(ice)


def test_nobody_tests_the_relays_without_the_right_to_a_side(site: Site):
    assert Tab(site.started()).ask("ways", {"side": "host", "seat": "s" * 40}).status == 403


def test_nothing_that_is_said_reaches_a_log_and_no_proof_is_kept(site: Site, logged):
    call_id = site.started()
    host = host_of(call_id)
    host.enter(name="Sarah Secret")
    host.sync(send=[{"number": 1, "text": "a private letter"}])
    host.leave()
    said = logged()
    for private in ("Sarah Secret", "a private letter", host.seat, host.token, KEY):
        assert private not in said
    kept = json.dumps(site.ports.rows(), default=str)
    for secret in (host.seat, host.token):
        assert secret not in kept


def test_an_outage_is_told_as_one(site: Site, monkeypatch: pytest.MonkeyPatch):
    tab = Tab(site.started())
    tab.enter()

    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("slotline.wiring.instant.rooms.sync_room", fail)
    reply = tab.sync()
    assert (reply.status, reply.json["ok"]) == (500, False)
    assert "secret" not in reply.text
