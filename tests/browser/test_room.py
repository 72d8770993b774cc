"""The room: two browsers with made-up devices see and hear each other, lose each other and find each other again."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser.accessible import check_accessible
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.keyboard import check_focus_order
from tests.support.browser.layout import check_reflow
from tests.support.browser.talkers import Meet, Talker, start_call
from tests.support.browser.visits import PHONE, Screen, Visits
from tests.support.worlds.later import until


@pytest.fixture
def practice(backstage: Backstage) -> Practice:
    return backstage.practice()


@pytest.fixture
def talk(meet: Meet, practice: Practice) -> tuple[Talker, Talker]:
    """A host and a guest in an instant call, who see each other."""
    call = start_call(practice, title="Support", hostName="Sarah", guestName="John")
    host = meet(call["hostJoinUrl"]).join("Sarah")
    guest = meet(call["guestJoinUrl"], statuses={409}).join("John")  # whose place may be taken, or over
    for one in (host, guest):
        one.expect_moving_picture()
    return host, guest


def status_of(practice: Practice, call: dict[str, Any]) -> str:
    headers = {"X-App-Id": practice.app_id, "X-Widget-Key": practice.widget_key, "X-Call-Secret": call["callSecret"]}
    from tests.support import patient

    answer = patient.get(f"{practice.own.system.base_url}/api/calls/{call['callId']}", headers=headers)
    return str(answer.json()["data"]["status"])


def test_both_see_and_hear_each_other(talk: tuple[Talker, Talker]):
    for one in talk:
        one.expect_sound()
    host, guest = talk
    expect(host.page.locator("#theirs-name")).to_have_text("John")
    expect(guest.page.locator("#theirs-name")).to_have_text("Sarah")
    for one in talk:
        expect(one.page.locator("#title")).to_have_text("Support")
        expect(one.page.locator("#clock")).to_be_visible()


def test_chat_passes_both_ways_and_is_there_after_a_reload(talk: tuple[Talker, Talker]):
    host, guest = talk
    host.say("Good morning")
    guest.expect_said("Good morning")
    guest.say("Hello <b>Sarah</b>")
    host.expect_said("Hello <b>Sarah</b>")
    guest.page.reload()
    host.say("Are you still there?")  # before the two have found each other again
    guest.expect_moving_picture()
    for text in ("Good morning", "Hello <b>Sarah</b>", "Are you still there?"):
        guest.expect_said(text)
    expect(guest.page.locator("#said li")).to_have_count(3)


def test_a_reload_heals_for_both(talk: tuple[Talker, Talker]):
    for one in talk:
        one.page.reload()
        for each in talk:
            each.expect_moving_picture()
            each.expect_sound()


def test_a_camera_that_is_off_and_a_microphone_that_is_muted_are_seen_and_heard(talk: tuple[Talker, Talker]):
    host, guest = talk
    guest.press("camera")
    host.expect_still()
    expect(host.told).to_have_text("John has the camera off")
    guest.press("mic")
    expect(host.page.locator("#theirs-name")).to_contain_text("muted")
    host.expect_silence()
    guest.page.reload()
    expect(guest.page.locator("#theirs-name")).to_be_visible()
    host.expect_still()
    host.expect_silence()
    for button in ("mic", "camera"):
        guest.press(button)
    host.expect_moving_picture()
    host.expect_sound()


def test_a_screen_arrives_in_the_cameras_place_and_goes_again(talk: tuple[Talker, Talker]):
    host, guest = talk
    shared = host.page.context.new_page()
    shared.set_content("<title>Shared</title><body style='background: #f00'>")
    host.page.bring_to_front()
    host.press("share")
    expect(host.page.locator("#notices")).to_contain_text("You share your screen.")
    guest.expect_colour((255, 0, 0))
    host.press("share")
    guest.expect_moving_picture()
    expect(host.page.locator("#share")).to_have_attribute("aria-pressed", "false")


def test_the_call_goes_on_while_the_server_cannot_be_reached(meet: Meet, practice: Practice):
    call = start_call(practice)
    host = meet(call["hostJoinUrl"]).join("Sarah")
    guest = meet(call["guestJoinUrl"], complaints={"ERR_INTERNET_DISCONNECTED"}).join("John")
    host.expect_moving_picture()
    guest.expect_moving_picture()
    guest.page.context.set_offline(True)
    guest.press("chat-open")
    notices = guest.page.locator("#notices")
    expect(notices).to_contain_text("The connection to the server is lost.", timeout=25_000)
    for one in (host, guest):
        one.expect_moving_picture()
        one.expect_sound()
    guest.say("Can you hear me?")
    host.expect_said("Can you hear me?")
    guest.page.context.set_offline(False)
    expect(notices).not_to_contain_text("The connection to the server is lost.", timeout=25_000)
    guest.expect_moving_picture()


def test_leaving_ends_it_with_the_last_one(meet: Meet, practice: Practice):
    call = start_call(practice)
    host, guest = meet(call["hostJoinUrl"]).join(), meet(call["guestJoinUrl"]).join()
    host.expect_moving_picture()
    assert status_of(practice, call) == "started"
    guest.press("leave")
    expect(guest.page.get_by_role("heading", name="You have left the call")).to_be_visible()
    expect(host.page.locator("#notices")).to_contain_text("has left the call.")
    guest.press("again")
    guest.expect_moving_picture()
    guest.press("leave")
    host.press("leave")
    expect(host.page.get_by_role("heading", name="The call is over")).to_be_visible()
    assert status_of(practice, call) == "ended"


def test_the_host_ends_it_for_both(talk: tuple[Talker, Talker]):
    host, guest = talk
    expect(guest.page.locator("#end")).to_be_hidden()
    host.end()
    for one in talk:
        expect(one.page.get_by_role("heading", name="The call is over")).to_be_visible()
        one.expect_all_off()


def test_a_third_page_waits_and_the_host_lets_it_in(talk: tuple[Talker, Talker], meet: Meet):
    host, guest = talk
    third = meet(guest.page.url).join("Joan")
    expect(third.page.get_by_role("heading", name="Somebody has joined in this place already")).to_be_visible()
    assert "Support" not in third.page.inner_text("body"), "of the call it is told nothing"
    expect(host.page.locator("#knock")).to_contain_text("Joan wants to join")
    expect(guest.page.locator("#knock")).to_be_hidden()
    host.press("admit")
    third.expect_moving_picture()
    host.expect_moving_picture()
    expect(host.page.locator("#theirs-name")).to_have_text("Joan")
    expect(guest.page.get_by_role("heading", name="Somebody else has your place now")).to_be_visible()
    guest.expect_all_off()


def test_a_second_tab_of_the_same_browser_is_a_third_page(talk: tuple[Talker, Talker]):
    _, guest = talk
    second = guest.page.context.new_page()
    second.goto(guest.page.url)
    Talker(second).join("John")
    expect(second.get_by_role("heading", name="Somebody has joined in this place already")).to_be_visible()


@pytest.mark.parametrize("screen", [PHONE, Screen("phone-on-its-side", 812, 375, touch=True)], ids=lambda one: one.name)
def test_on_a_phone_held_either_way_everything_can_be_reached(meet: Meet, practice: Practice, screen: Screen):
    call = start_call(practice, title="A rather long title of a call about onboarding")
    host, guest = meet(call["hostJoinUrl"], screen=screen).join(), meet(call["guestJoinUrl"], screen=screen).join()
    for one in (host, guest):
        one.expect_moving_picture()
        if one.page.locator("#more").is_visible():
            one.press("more")
        for name in ("mic", "camera", "chat-open", "settings", "leave", "theirs"):
            one.page.locator(f"#{name}").scroll_into_view_if_needed()
            box = one.page.locator(f"#{name}").bounding_box()
            assert box, name
            assert box["x"] >= 0, name
            assert box["x"] + box["width"] <= screen.width, name
        if one.page.locator("#more").is_visible():
            one.press("more")
    theirs = guest.page.locator("#stage").bounding_box()
    assert theirs
    assert theirs["width"] * theirs["height"] > 0.3 * screen.width * screen.height


def test_who_has_no_devices_listens_and_writes(visit: Visits, meet: Meet, practice: Practice):
    call = start_call(practice)
    host = meet(call["hostJoinUrl"]).join()
    guest = Talker(visit(call["guestJoinUrl"]))
    expect(guest.page.locator("#problems")).to_contain_text("You can join without them")
    guest.join("John")
    guest.expect_moving_picture()
    host.expect_connected()
    expect(host.told).to_have_text("John has the camera off")
    guest.say("I have no camera")
    host.expect_said("I have no camera")


def test_a_bookings_status_follows_what_happens_in_its_room(meet: Meet, practice: Practice, backstage: Backstage):
    booked = practice.book(backstage.weekday())
    backstage.clock.advance_to(booked.start)
    shown = practice.ask("GET", booked)["call"]
    host, guest = meet(shown["host_join_url"]).join("Ada"), meet(shown["join_url"]).join("Jane")
    host.expect_moving_picture()

    def call() -> dict[str, Any]:
        (found,) = practice.calls()
        return found

    until(lambda: call()["status"] == "started", "the call has started")
    guest.press("leave")
    host.press("leave")
    until(lambda: call()["status"] == "completed", "the call is completed")
    kinds = [event["event_type"] for event in call()["events"]]
    assert [kind for kind in kinds if kind in {"joined", "started", "left", "ended", "completed"}] == [
        "joined",
        "joined",
        "started",
        "left",
        "left",
        "ended",
        "completed",
    ]


def test_neither_page_nor_what_it_asks_ever_shows_the_key(meet: Meet, practice: Practice):
    call = start_call(practice)
    host, guest = meet(call["hostJoinUrl"]), meet(call["guestJoinUrl"])
    asked: list[str] = []
    for one in (host, guest):
        one.page.on(
            "request", lambda request: asked.append(json.dumps([request.url, request.headers, request.post_data]))
        )
        one.join()
    host.expect_moving_picture()
    assert practice.widget_key not in host.page.url + guest.page.url
    assert asked
    for one in asked:
        assert practice.widget_key not in one
    for one in (host, guest):
        kept = one.page.evaluate(
            "() => JSON.stringify([{...sessionStorage}, {...localStorage}, document.documentElement.outerHTML])"
        )
        assert practice.widget_key not in kept


@pytest.mark.parametrize("state", ["prejoin", "call", "chat", "left"])
def test_everybody_can_use_the_room(talk: tuple[Talker, Talker], meet: Meet, state: str):
    host, guest = talk
    page: Page = guest.page
    if state == "prejoin":
        page = meet(guest.page.url).page
        expect(page.locator("#enter")).to_be_visible()
    elif state == "chat":
        guest.say("Hello")
        host.say("Hello Jane")
        guest.expect_said("Hello Jane")
    elif state == "left":
        guest.press("leave")
        expect(page.locator("#out-title")).to_be_visible()
    check_accessible(page)
    check_reflow(page)
    check_focus_order(page)
