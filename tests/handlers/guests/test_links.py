"""Links that open nothing: one answer for all of them, that takes as long for each, and no word of a link anywhere."""

import base64
import json
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from slotline.domain.booking.guest_links import KEPT_FOR, TOKEN_LENGTH, keys_of, text_of
from slotline.ports.shared import StoreBusyError
from tests.handlers.guests.conftest import Guest, Invite, booked
from tests.support.builders.apps import NOW, put_app
from tests.support.builders.guest_links import KEYS
from tests.support.handlers import APP_ID, Endpoint, Reply, forget_wiring
from tests.support.memory.everything import everything_kept
from tests.support.memory.wiring import MemoryPorts

FREE = {"guest_can_cancel": True, "guest_can_reschedule": True}
OTHER_APP_ID = "01890000-0000-7000-8000-000000000002"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
MOVE = {"scheduledAtUtc": "2026-05-05T10:00:00.000Z"}
DOORS: dict[str, Callable[[Guest], Reply]] = {
    "get": lambda guest: guest.get(),
    "head": lambda guest: guest.head(),
    "availability": lambda guest: guest.get(
        "/availability", fromUtc=MOVE["scheduledAtUtc"], toUtc="2026-05-06T00:00:00Z"
    ),
    "calendar": lambda guest: guest.get("/calendar.ics"),
    "confirm": lambda guest: guest.post("confirm"),
    "cancel": lambda guest: guest.post("cancel"),
    "reschedule": lambda guest: guest.post("reschedule", MOVE),
    "page": lambda guest: guest.page(),
    "page in a language": lambda guest: guest.page(step="", lang="es", tz="Asia/Tokyo", done="moved"),
    "button": lambda guest: guest.press(),
    "before cancelling": lambda guest: guest.page(step="cancel"),
    "cancelling": lambda guest: guest.press("cancel", reason="I am ill"),
    "cancelling for no reason": lambda guest: guest.press("cancel", reason="x" * 501),
    "times": lambda guest: guest.page(step="reschedule", month="2026-05"),
    "a time": lambda guest: guest.page(step="reschedule", start=MOVE["scheduledAtUtc"]),
    "moving": lambda guest: guest.press("reschedule", start=MOVE["scheduledAtUtc"]),
    "moving to nowhere": lambda guest: guest.press("reschedule", start="never"),
    "zones": lambda guest: guest.page(step="zone"),
    "after a button": lambda guest: guest.page(step="confirm"),
}


def _answer(reply: Reply) -> Any:
    """All of an answer but its time and what counts requests."""
    headers = {name: value for name, value in reply.headers.items() if not name.startswith("X-RateLimit")}
    body = reply.text
    if reply.text.startswith("{"):
        told = reply.json
        del told["error"]["timestamp"]
        body = json.dumps(told)
    return reply.status, headers, body


def _with(guest: Guest, token: str) -> Guest:
    """Somebody at another address each time, so that nobody is counted out."""
    return replace(
        guest, token=token, address=f"2001:db8:{random.randrange(1 << 16):x}:{random.randrange(1 << 16):x}::1"
    )


def _altered(token: str, place: int) -> str:
    told = bytearray(base64.urlsafe_b64decode(token))
    told[place] ^= 1
    return base64.urlsafe_b64encode(told).decode()


def _correct(guest: Guest, **to: str) -> None:
    path = f"/api/v1/video/{APP_ID}/scheduled-calls/{guest.call['id']}"
    assert Endpoint("scheduled_calls/update", "PATCH")(path, to or {"guestEmail": "joan@example.com"}).status == 200


@pytest.fixture
def guest(invite: Invite) -> Guest:
    return invite(FREE, requireConfirmation=True)


@pytest.fixture
def refused(guest: Guest) -> dict[str, str]:
    """Links that open nothing, by what is wrong with them. One of them opened something until just now."""
    dead = guest.token
    _correct(guest)
    other = keys_of(json.dumps({"id": 1, "secret": "y" * 64}))
    now = guest.now()["call"]["guest_url"].rpartition("/")[2]
    return {
        "dead": dead,
        "never made": KEYS.token_of("01890000-0000-7000-8000-00000000dead", 0, NOW),
        "of another deployment": other.token_of(guest.call["id"], 2, NOW),
        "altered": _altered(now, 35),
        "of an epoch to come": KEYS.token_of(guest.call["id"], 3, NOW),
        "of an unknown key": _altered(now, 0),
        "too short": now[:-1],
        "too long": now + "A",
        "very long": "A" * 5_000,
        "a call's id": guest.call["id"],
        "not ASCII": "é" * TOKEN_LENGTH,
    }


@pytest.mark.parametrize("door", DOORS)
def test_a_link_that_opens_nothing_has_one_answer_whatever_is_wrong_with_it(
    guest: Guest, refused: dict[str, str], door: str
):
    before = guest.now()
    answers = {name: _answer(DOORS[door](_with(guest, token))) for name, token in refused.items()}
    assert {answer[0] for answer in answers.values()} == {404}
    assert len({json.dumps(answer) for answer in answers.values()}) == 1, answers
    assert guest.now() == before


def test_no_byte_of_a_link_may_be_another_one(guest: Guest):
    for place in range(36):
        assert _with(guest, _altered(guest.token, place)).get().status == 404
    assert guest.get().status == 200


def test_no_letter_of_a_link_may_be_another_one(guest: Guest):
    for place, letter in enumerate(guest.token):
        other = guest.token[:place] + ("A" if letter != "A" else "B") + guest.token[place + 1 :]
        assert _with(guest, other).get().status == 404


def test_guesses_open_nothing(guest: Guest):
    guesses = random.Random(16)
    for _ in range(500):
        token = guest.token[:28] + "".join(guesses.choices(LETTERS, k=TOKEN_LENGTH - 28))
        assert _with(guest, token).get().status == 404


@pytest.mark.parametrize("to", [{"guestEmail": "joan@example.com"}, {"guestPhone": "+57 300 555 0199"}])
def test_the_old_link_is_dead_once_the_contact_was_corrected_and_the_new_one_works(guest: Guest, to: dict[str, str]):
    old = guest.token
    _correct(guest, **to)
    new = guest.now()["call"]["guest_url"].rpartition("/")[2]
    assert new != old
    assert _with(guest, old).get().status == 404
    assert _with(guest, new).get().status == 200


def test_a_contact_that_is_corrected_back_does_not_bring_the_first_link_back(guest: Guest):
    old = guest.token
    _correct(guest)
    _correct(guest, guestEmail="jane@example.com")
    assert _with(guest, old).get().status == 404


def test_a_link_that_ends_between_the_look_and_the_change_changes_nothing(
    ports: MemoryPorts, guest: Guest, monkeypatch: pytest.MonkeyPatch
):
    read, corrected = ports.store.read_for_change, []

    def reading(*said: Any) -> Any:
        seen = read(*said)
        if not corrected:
            corrected.append(True)
            _correct(guest)
        return seen

    monkeypatch.setattr(ports.store, "read_for_change", reading)
    assert guest.post("cancel").status == 404
    assert guest.now()["call"]["status"] == "pending_confirmation"


def test_a_link_opens_its_own_call_and_no_other(guest: Guest, ports: MemoryPorts):
    mine = booked(guestName="Mine", scheduledAtUtc="2026-05-04T12:00:00.000Z")
    put_app(ports, OTHER_APP_ID)
    body = {
        "guestName": "Theirs",
        "guestEmail": "t@example.com",
        "scheduledAtUtc": "2026-05-04T12:00:00.000Z",
        "appTimezone": "UTC",
    }
    caller = {**(Endpoint("x", "GET").caller or {}), "app_ids": OTHER_APP_ID}
    reply = Endpoint("scheduled_calls/create", "POST", caller)(f"/api/v1/video/{OTHER_APP_ID}/scheduled-calls", body)
    theirs = Guest(reply.json["data"]["call"]["guest_url"].rpartition("/")[2], {})
    names = [one.get().json["data"]["call"]["guest_name"] for one in (guest, mine, theirs)]
    assert names == ["Jane Doe", "Mine", "Theirs"]
    # One call's proof under another's id.
    head, proof = (base64.urlsafe_b64decode(one.token) for one in (mine, theirs))
    assert _with(guest, base64.urlsafe_b64encode(head[:20] + proof[20:]).decode()).get().status == 404


def test_links_of_the_key_before_work_while_the_new_one_is_brought_in(guest: Guest, ports: MemoryPorts):
    ports.secrets.kept["GuestLinkSecret"] = text_of(KEYS.rotated("z" * 64, ports.clock.now()))
    ports.clock.instant += KEPT_FOR
    assert guest.get().status == 200
    ports.secrets.kept["GuestLinkSecret"] = text_of(KEYS.replaced("w" * 64))
    assert guest.get().status == 200  # within the minutes for which a process keeps what it has read
    ports.clock.instant += KEPT_FOR
    assert guest.get().status == 404


def test_while_nobody_knows_the_keys_a_guest_is_asked_to_come_again(guest: Guest, ports: MemoryPorts):
    forget_wiring()
    ports.secrets.kept.clear()
    reply = guest.get()
    assert (reply.status, reply.error["type"]) == (503, "unavailable")
    assert guest.page().status == 503


def test_a_button_that_the_store_is_too_busy_for_may_be_pressed_again(
    guest: Guest, ports: MemoryPorts, monkeypatch: pytest.MonkeyPatch, log: StringIO
):
    def busy(*_: Any) -> None:
        raise StoreBusyError("throttled")

    monkeypatch.setattr(ports.store, "commit", busy)
    reply = guest.press()
    assert (reply.status, reply.headers["retry-after"]) == (503, "1")
    assert "unexpected error" not in log.getvalue()


def test_every_refusal_asks_the_store_the_same(
    guest: Guest, refused: dict[str, str], ports: MemoryPorts, monkeypatch: pytest.MonkeyPatch
):
    """So how long it takes does not depend on what was wrong: requests are what takes time."""
    asked: list[str] = []

    def noted(name: str, ask: Callable[..., Any]) -> Callable[..., Any]:
        def note(*said: Any, **more: Any) -> Any:
            asked.append(name)
            return ask(*said, **more)

        return note

    for name in ("app_of", "read_for_change", "get", "several", "find", "candidate", "candidates", "commit"):
        monkeypatch.setattr(ports.store, name, noted(name, getattr(ports.store, name)))
    monkeypatch.setattr(ports.agents, "find", noted("agents", ports.agents.find))
    for open_door in DOORS.values():
        for token in refused.values():
            open_door(_with(guest, token))
            assert asked == ["app_of", "read_for_change"]
            asked.clear()


@pytest.mark.slow  # it measures, a thousand requests for each door
@pytest.mark.parametrize("door", ["get", "confirm", "page", "times", "moving"])
def test_every_refusal_takes_as_long(guest: Guest, refused: dict[str, str], door: str):
    """By the processor's time, in an order that chance makes, and by the quick ones of each: others are disturbed."""
    took: dict[str, list[float]] = {name: [] for name in refused}
    for _ in range(100):
        for name in random.sample(sorted(refused), len(refused)):
            asking = _with(guest, refused[name])
            started = time.process_time()
            DOORS[door](asking)
            took[name].append(time.process_time() - started)
    quick = {name: statistics.quantiles(times, n=10)[1] for name, times in took.items()}
    middle = statistics.median(quick.values())
    assert all(abs(found - middle) < middle / 4 for found in quick.values()), quick


def test_no_log_line_no_metric_no_row_and_no_answer_to_a_key_holds_a_link(
    guest: Guest,
    ports: MemoryPorts,
    refused: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
):
    live = guest.now()["call"]["guest_url"].rpartition("/")[2]
    tokens = [live, *refused.values()]
    assert _with(guest, live).post("reschedule", MOVE, Idempotency_Key="once").status == 200
    for token in tokens:
        for open_door in DOORS.values():
            open_door(_with(guest, token))
    _with(guest, live).post("reschedule", {"scheduledAtUtc": "never"})
    said = capsys.readouterr()
    written = said.out + said.err + "\n".join(str(vars(record)) for record in caplog.records)
    kept = everything_kept(ports)
    assert ports.store.receipts
    assert "ANY /api/v1/guest/{token}" in written
    for token in tokens:
        if token != guest.call["id"]:  # ids are logged as they always were
            assert token[:24] not in written
            assert token[:24] not in kept


def test_an_error_that_nobody_foresaw_says_no_word_of_the_link(
    guest: Guest,
    monkeypatch: pytest.MonkeyPatch,
    ports: MemoryPorts,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
):
    def broken(*_: Any) -> Any:
        raise RuntimeError(f"while looking at /b/{guest.token}")

    monkeypatch.setattr(ports.store, "read_for_change", broken)
    capsys.readouterr()
    assert guest.get().status == 500
    assert guest.page().status == 500
    written = capsys.readouterr().out + "\n".join(str(vars(record)) for record in caplog.records)
    assert "unexpected error" in written
    assert guest.token not in written
    assert guest.token not in guest.get().text + guest.page().text
