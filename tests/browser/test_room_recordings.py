"""Recordings: each side's own, which play, and are as long as what was recorded."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support import patient
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.films import play, seconds_of, streams_of
from tests.support.browser.talkers import Meet, Talker, start_call
from tests.support.worlds.later import until

WITHIN = 0.05
"""Of the time recorded, and what a recorder may take to begin."""
BEGINS_WITHIN = 0.7


@pytest.fixture
def practice(backstage: Backstage) -> Practice:
    return backstage.practice()


def both(meet: Meet, call: dict[str, Any]) -> tuple[Talker, Talker]:
    host, guest = meet(call["hostJoinUrl"]).join("Sarah"), meet(call["guestJoinUrl"], statuses={409}).join("John")
    for one in (host, guest):
        one.expect_moving_picture()
    return host, guest


def recordings_of(practice: Practice, call: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """As the website that started the call is told of them."""
    headers = {"X-App-Id": practice.app_id, "X-Widget-Key": practice.widget_key, "X-Call-Secret": call["callSecret"]}
    answer = patient.get(f"{practice.own.system.base_url}/api/calls/{call['callId']}", headers=headers)
    found: Sequence[dict[str, Any]] = answer.json()["data"]["recordings"]
    return found


def completed(practice: Practice, call: dict[str, Any], count: int) -> Sequence[dict[str, Any]]:
    """All of them, once none is open any more."""
    found: list[dict[str, Any]] = []

    def are_complete() -> bool:
        found[:] = recordings_of(practice, call)
        return len(found) >= count and all(one["state"] != "open" for one in found)

    until(are_complete, f"{count} recordings are complete")
    return found


def film(recording: dict[str, Any], folder: Path) -> Path:
    """Download it."""
    path = folder / f"{recording['number']}-{recording['side']}.{recording['container']}"
    answer = patient.get(recording["url"])
    assert answer.status_code == 200, answer.text[:300]
    path.write_bytes(answer.content)
    assert len(answer.content) == recording["size"]
    return path


def check_plays(recording: dict[str, Any], folder: Path, *kinds: str) -> float:
    """It plays, has these streams, and is as long as its recorder ran; how long."""
    path = film(recording, folder)
    assert streams_of(path) == set(kinds or ("audio", "video"))
    play(path)
    said, plays = recording["recordedSeconds"], seconds_of(path)
    assert abs(plays - said) <= max(WITHIN * said, BEGINS_WITHIN), f"{plays} s of {said} s"
    return plays


def agree(*talkers: Talker) -> None:
    for one in talkers:
        expect(one.page.locator("#consent-text")).to_contain_text("picture and sound of both sides")
        one.press("agree")
    for one in talkers:
        expect(one.page.locator("#recording")).to_be_visible()


def test_a_call_that_is_recorded_from_its_start_once_both_have_agreed(meet: Meet, practice: Practice, tmp_path: Path):
    call = start_call(practice, recordOnStart=True)
    host, guest = both(meet, call)
    expect(host.page.locator("#recording")).to_be_hidden()
    agree(host, guest)
    host.page.wait_for_timeout(12_000)
    host.end()
    expect(guest.page.get_by_role("heading", name="The call is over")).to_be_visible()
    found = completed(practice, call, 2)
    assert sorted(one["side"] for one in found) == ["guest", "host"]
    for one in found:
        assert check_plays(one, tmp_path) > 8
        assert one["lostPieces"] == []


def test_the_host_asks_pauses_and_ends_it_while_a_guest_comes_again_and_turns_the_camera(
    meet: Meet, practice: Practice, backstage: Backstage, tmp_path: Path
):
    call = start_call(practice)
    host, guest = both(meet, call)
    host.press("record")
    expect(host.page.locator("#consent")).to_be_hidden()
    agree(guest)
    host.page.wait_for_timeout(5_000)
    host.press("pause")
    expect(host.page.locator("#notices")).to_contain_text("The recording is paused.")
    host.page.wait_for_timeout(4_000)
    host.press("pause")
    expect(guest.page.locator("#recording")).to_be_visible()
    guest.press("camera")
    host.page.wait_for_timeout(6_000)
    guest.page.reload()
    guest.expect_moving_picture()
    expect(guest.page.locator("#recording")).to_be_visible()
    host.take_other_camera()
    guest.expect_moving_picture()
    host.page.wait_for_timeout(6_000)
    host.press("record")
    expect(guest.page.locator("#recording")).to_be_hidden()
    host.end()
    expect(guest.page.get_by_role("heading", name="The call is over")).to_be_visible()
    backstage.clock.advance(timedelta(minutes=3))  # of the page that was loaded again nobody said that it is over
    all_of_them = completed(practice, call, 5)
    found = [one for one in all_of_them if one["url"]]
    of_host = [one for one in found if one["side"] == "host"]
    assert len(of_host) == 2, "another camera begins another file, and a pause none"
    kinds = [("audio",) if "video" not in streams_of(film(one, tmp_path)) else ("audio", "video") for one in found]
    for one, streams in zip(found, kinds, strict=True):
        check_plays(one, tmp_path, *streams)
    assert ("audio",) in kinds, "without the camera"


def test_nothing_is_recorded_of_a_guest_who_refuses(meet: Meet, practice: Practice):
    call = start_call(practice)
    host, guest = both(meet, call)
    host.press("record")
    guest.press("refuse")
    expect(host.page.locator("#notices")).to_contain_text("The call is not recorded: not everybody agrees.")
    host.page.wait_for_timeout(2_000)
    assert recordings_of(practice, call) == []
    guest.press("allow")
    expect(guest.page.locator("#recording")).to_be_visible()
    guest.press("allow")
    expect(guest.page.locator("#recording")).to_be_hidden()
    expect(host.page.locator("#notices")).to_contain_text("The call is not recorded: not everybody agrees.")


def test_of_a_tab_that_is_killed_all_but_the_last_seconds_is_completed_by_the_server(
    meet: Meet, practice: Practice, backstage: Backstage, tmp_path: Path
):
    call = start_call(practice, recordOnStart=True)
    host, guest = both(meet, call)
    agree(host, guest)
    guest.page.wait_for_timeout(15_000)
    guest.page.close()
    host.press("leave")
    backstage.clock.advance(timedelta(minutes=3))
    found = completed(practice, call, 2)
    (of_guest,) = [one for one in found if one["side"] == "guest"]
    path = film(of_guest, tmp_path)
    play(path)
    assert seconds_of(path) > 8


def test_what_cannot_be_brought_is_known_and_told(meet: Meet, practice: Practice, tmp_path: Path):
    call = start_call(practice, recordOnStart=True)
    host = meet(call["hostJoinUrl"]).join("Sarah")
    guest = meet(call["guestJoinUrl"], statuses={409}, complaints=["/recordings"]).join("John")
    host.expect_moving_picture()
    guest.page.context.route("**/recordings", lambda route: route.abort(), times=1)  # it asks for its number again
    agree(host, guest)
    guest.page.context.route(re.compile(r"/recordings/.*partNumber="), lambda route: route.abort())
    guest.page.wait_for_timeout(15_000)  # the second tail; on a busy machine the first has no picture yet
    with guest.page.expect_response("**/recordings/stop", timeout=90_000):  # once it has tried often enough
        host.end()
    (of_guest,) = [one for one in completed(practice, call, 2) if one["side"] == "guest"]
    path = film(of_guest, tmp_path)
    play(path)
    lost = of_guest["lostPieces"]
    assert lost
    assert lost == list(range(lost[0], lost[-1] + 1)), "the end of it"
    missing = of_guest["recordedSeconds"] - seconds_of(path)
    assert len(lost) - 2 < missing < 2 * len(lost) + 2.5, "a piece is a second, or more on a busy machine"
