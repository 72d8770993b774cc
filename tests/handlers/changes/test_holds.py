"""Holds: time that is nobody else's while a form is filled."""

from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from slotline.wiring import common
from tests.handlers.changes.conftest import LATER, START, Calls, code_of
from tests.support.aws.requests import Failing
from tests.support.builders.apps import SetClock, put_app


def held(calls: Calls, **changes: Any) -> dict[str, Any]:
    reply = calls.hold(**changes)
    assert reply.status == 201, reply.text
    hold: dict[str, Any] = reply.json["data"]["hold"]
    return hold


def test_a_hold_is_shown_with_its_time_and_its_end(calls: Calls) -> None:
    hold = held(calls, seconds=60)
    assert {name: hold[name] for name in ("agent_id", "start", "end", "expires_at")} == {
        "agent_id": "agent-1",
        "start": START,
        "end": "2026-05-01T15:30:00.000Z",
        "expires_at": "2026-04-22T12:01:00.000Z",
    }
    assert held(calls, startUtc=LATER)["expires_at"] == "2026-04-22T12:10:00.000Z", "ten minutes by default"


def test_a_hold_is_read_while_it_lasts(calls: Calls, clock: SetClock) -> None:
    hold = held(calls, seconds=60)
    reply = calls.kept_hold("GET", hold["id"])
    assert (reply.status, reply.json["data"]) == (200, {"hold": hold})
    assert hold["preset_id"] is None
    clock.advance(seconds=60)
    assert code_of(calls.kept_hold("GET", hold["id"]))[:2] == (404, "not_found")


def test_a_hold_that_is_let_go_is_free_at_once(calls: Calls) -> None:
    hold = held(calls)
    reply = calls.kept_hold("DELETE", hold["id"])
    assert (reply.status, reply.json["data"]) == (200, {"hold": hold})
    assert calls.day("agent-1", "2026-05-01") == {}
    for verb in ("GET", "DELETE"):
        assert code_of(calls.kept_hold(verb, hold["id"]))[:2] == (404, "not_found"), verb
    assert code_of(calls.asking(holdId=hold["id"])) == (409, "conflict", "stale_hold")
    calls.book()
    calls.check_days()


def test_a_spent_hold_is_neither_read_nor_let_go(calls: Calls) -> None:
    hold = held(calls)
    call = calls.book(holdId=hold["id"])
    for verb in ("GET", "DELETE"):
        assert calls.kept_hold(verb, hold["id"]).status == 404, verb
    assert list(calls.day("agent-1", "2026-05-01")) == [call["id"]]


def test_a_hold_is_its_clients_alone(calls: Calls) -> None:
    """To another client of the app it is as none: not read, not let go, not replaced and not spent."""
    hold, other = held(calls), {"client_id": "client-2"}
    for verb in ("GET", "DELETE"):
        assert calls.kept_hold(verb, hold["id"], **other).json["error"]["type"] == "not_found", verb
    assert code_of(calls.hold(startUtc=LATER, replaces=hold["id"], caller=other)) == (409, "conflict", "stale_hold")
    assert code_of(calls.asking(holdId=hold["id"], caller=other)) == (409, "conflict", "stale_hold")
    assert list(calls.day("agent-1", "2026-05-01")) == [hold["id"]]
    assert calls.kept_hold("GET", hold["id"]).status == 200


def test_who_may_read_a_hold_and_who_may_let_it_go(calls: Calls) -> None:
    hold = held(calls)
    assert calls.kept_hold("GET", hold["id"], scopes="scheduling:read").status == 200
    assert calls.kept_hold("DELETE", hold["id"], scopes="scheduling:read").status == 403
    assert calls.kept_hold("GET", hold["id"], scopes="scheduling:write").status == 403
    assert calls.kept_hold("GET", hold["id"], app_ids="another").status == 403
    assert calls.kept_hold("GET", "nonsense").status == 404
    assert calls.kept_hold("DELETE", hold["id"], scopes="scheduling:write").status == 200


def test_a_hold_takes_the_place_of_another(calls: Calls) -> None:
    old = held(calls)
    new = held(calls, startUtc=LATER, replaces=old["id"])
    assert list(calls.day("agent-1", "2026-05-01")) == [new["id"]]
    assert calls.kept_hold("GET", old["id"]).status == 404
    assert calls.kept_hold("GET", new["id"]).json["data"]["hold"] == new
    calls.book()
    calls.book(scheduledAtUtc=LATER, holdId=new["id"])
    calls.check_days()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2026-05-01T15:00:00.000Z", "2026-05-01T15:10:00.000Z"),
        ("2026-05-01T23:45:00.000Z", "2026-05-02T00:00:00.000Z"),
        ("2026-05-02T00:00:00.000Z", "2026-05-01T23:45:00.000Z"),
        ("2026-05-01T15:00:00.000Z", "2026-05-20T15:00:00.000Z"),
    ],
    ids=["over itself", "out of a midnight", "into a midnight", "another week"],
)
@pytest.mark.parametrize("agent_id", ["agent-1", "agent-2"])
def test_of_the_same_agent_or_another_and_on_any_day(calls: Calls, first: str, second: str, agent_id: str) -> None:
    old = held(calls, startUtc=first)
    new = held(calls, startUtc=second, agentId=agent_id, replaces=old["id"])
    days = ("2026-05-01", "2026-05-02", "2026-05-20")
    there = {(agent, claim) for agent in ("agent-1", "agent-2") for day in days for claim in calls.day(agent, day)}
    assert there == {(agent_id, new["id"])}


def test_whose_new_slot_is_not_free_keeps_the_old_one(calls: Calls) -> None:
    calls.book(scheduledAtUtc=LATER)
    old = held(calls)
    assert code_of(calls.hold(startUtc=LATER, replaces=old["id"])) == (409, "conflict", "slot_taken")
    assert calls.kept_hold("GET", old["id"]).json["data"]["hold"] == old


def test_a_hold_that_is_gone_is_not_replaced(calls: Calls, clock: SetClock) -> None:
    spent, over = held(calls), held(calls, startUtc=LATER, seconds=60)
    calls.book(holdId=spent["id"])
    clock.advance(seconds=60)
    for gone in (spent["id"], over["id"], "nonsense"):
        refused = calls.hold(startUtc="2026-05-01T20:00:00.000Z", replaces=gone)
        assert code_of(refused) == (409, "conflict", "stale_hold"), gone


def test_a_key_replaces_once(calls: Calls) -> None:
    old, key = held(calls), {"idempotency-key": "swap-1"}
    first = calls.hold(headers=key, startUtc=LATER, replaces=old["id"])
    again = calls.hold(headers=key, startUtc=LATER, replaces=old["id"])
    assert (again.status, again.json) == (201, first.json)
    assert len(calls.day("agent-1", "2026-05-01")) == 1


def test_who_holds_as_many_as_it_may_still_replaces_one(calls: Calls) -> None:
    holds = [held(calls, startUtc=f"2026-05-{day:02}T15:00:00.000Z") for day in range(1, 21)]
    assert code_of(calls.hold(startUtc="2026-05-21T15:00:00.000Z"))[2] == "hold_limit"
    held(calls, startUtc="2026-05-21T15:00:00.000Z", replaces=holds[3]["id"])
    assert calls.kept_hold("DELETE", holds[4]["id"]).status == 200
    held(calls, startUtc="2026-05-22T15:00:00.000Z")
    assert calls.hold(startUtc="2026-05-23T15:00:00.000Z").status == 429


def test_held_time_is_nobody_elses_and_the_holders_booking_spends_it(calls: Calls) -> None:
    hold = held(calls)
    assert code_of(calls.asking()) == (409, "conflict", "slot_taken")
    assert code_of(calls.hold()) == (409, "conflict", "slot_taken")
    call = calls.book(holdId=hold["id"])
    assert list(calls.day("agent-1", "2026-05-01")) == [call["id"]]
    calls.check_days()


def test_a_hold_is_spent_once(calls: Calls) -> None:
    hold = held(calls)
    call = calls.book(holdId=hold["id"])
    calls.cancel(call)
    assert code_of(calls.asking(holdId=hold["id"])) == (409, "conflict", "stale_hold")
    assert code_of(calls.asking(holdId="nonsense")) == (409, "conflict", "stale_hold")


def test_a_hold_ends_by_the_clock_and_goes_in_passing(calls: Calls, clock: SetClock) -> None:
    hold = held(calls, seconds=60)
    clock.advance(seconds=59)
    assert code_of(calls.asking()) == (409, "conflict", "slot_taken")
    clock.advance(seconds=1)
    assert code_of(calls.asking(holdId=hold["id"])) == (409, "conflict", "stale_hold")
    assert hold["id"] in calls.day("agent-1", "2026-05-01"), "it lies there, and binds nobody"
    call = calls.book(scheduledAtUtc=LATER)
    assert list(calls.day("agent-1", "2026-05-01")) == [call["id"]]
    calls.book()


def test_a_hold_of_one_agent_with_another_is_a_400_that_names_whose_it_is(calls: Calls) -> None:
    hold = held(calls)
    reply = calls.asking(holdId=hold["id"], assignedAgentId="agent-2")
    assert code_of(reply) == (400, "invalid_request", "hold_mismatch")
    assert reply.error["details"][0]["field"] == "holdId"
    assert reply.error["details"][0]["message"] == "this hold is for agent agent-1, and assignedAgentId is agent-2"
    assert hold["id"] in calls.day("agent-1", "2026-05-01")


@pytest.mark.parametrize("change", [{"scheduledAtUtc": "2026-05-01T18:00:00Z"}, {"durationMinutes": 90}])
def test_a_hold_of_another_time_is_a_400_that_says_which(calls: Calls, change: dict[str, Any]) -> None:
    hold = held(calls)
    reply = calls.asking(holdId=hold["id"], **change)
    assert code_of(reply) == (400, "invalid_request", "hold_mismatch")
    assert f"this hold is for {hold['start']} to {hold['end']}" in reply.error["details"][0]["message"]


def test_a_hold_for_one_preset_is_not_spent_under_another(calls: Calls) -> None:
    hold = held(calls, presetId="preset-1")
    assert hold["preset_id"] == "preset-1"
    put_app(calls.ports, calls.app_id, agents=(), preset_id="another-1")
    reply = calls.asking(holdId=hold["id"])
    assert code_of(reply) == (400, "invalid_request", "hold_mismatch")
    expected = "this hold is for preset preset-1, and the booking follows preset another-1"
    assert reply.error["details"][0]["message"] == expected


def test_a_hold_is_spent_with_its_agent_named(calls: Calls) -> None:
    hold = held(calls)
    for method in (None, "manual", "round_robin", "pool"):
        reply = calls.asking(holdId=hold["id"], assignedAgentId=None, assignmentMethod=method)
        assert (reply.status, reply.error["details"][0]["field"]) == (400, "assignedAgentId"), method
    assert hold["id"] in calls.day("agent-1", "2026-05-01")


def test_a_hold_over_midnight_is_spent_on_both_sides_even_by_a_shorter_call(calls: Calls) -> None:
    hold = held(calls, startUtc="2026-05-01T23:45:00Z")
    call = calls.book(holdId=hold["id"], scheduledAtUtc="2026-05-01T23:45:00Z", durationMinutes=15)
    assert list(calls.day("agent-1", "2026-05-01")) == [call["id"]]
    assert calls.day("agent-1", "2026-05-02") == {}
    again = calls.asking(holdId=hold["id"], scheduledAtUtc="2026-05-02T00:00:00Z")
    assert code_of(again) == (409, "conflict", "stale_hold")
    calls.check_days()


def test_a_hold_stands_against_a_move_and_a_claim_and_the_engine(calls: Calls) -> None:
    call, pool = calls.book(scheduledAtUtc=LATER), calls.book(assignedAgentId=None, assignmentMethod="pool")
    assert calls.stored(pool)["held_agent_id"] == "agent-1"
    held(calls, agentId="agent-2")
    assert code_of(calls.claim(pool, "agent-2"))[2] == "slot_taken"
    assert code_of(calls.patch(call, {"scheduledAtUtc": START, "assignedAgentId": "agent-2"}))[2] == "slot_taken"
    assert code_of(calls.asking(assignedAgentId=None, assignmentMethod="round_robin"))[2] == "no_agent_available"


def test_buffers_and_length_come_from_the_preset_where_they_are_not_said(calls: Calls) -> None:
    put_app(calls.ports, calls.app_id, agents=(), duration_minutes=45, buffer_after_minutes=15)
    hold = held(calls)
    assert hold["end"] == "2026-05-01T15:45:00.000Z"
    assert code_of(calls.asking(scheduledAtUtc="2026-05-01T15:59:00Z"))[0] == 409
    assert calls.asking(scheduledAtUtc="2026-05-01T16:00:00Z").status == 201


def test_a_key_gets_the_first_hold_again(calls: Calls) -> None:
    key = {"idempotency-key": "hold-1"}
    first, again = calls.hold(headers=key), calls.hold(headers=key)
    assert (again.json, again.headers.get("Idempotency-Replayed")) == (first.json, "true")
    assert len(calls.day("agent-1", "2026-05-01")) == 1
    assert calls.hold(headers=key, seconds=30).status == 422


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "hold-1"}], ids=["no key", "a key"])
def test_a_hold_whose_answer_was_lost_is_shown_as_it_is_stored(
    calls: Calls, clock: SetClock, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    def lose(request: dict[str, Any]) -> Exception:
        calls.ports.client.transact_write_items(**request)
        clock.advance(milliseconds=250)
        return ReadTimeoutError(endpoint_url="https://dynamodb.example")

    failing = Failing(common.dynamodb(), transact_write_items=[lose])
    monkeypatch.setattr(common, "dynamodb", lambda: failing)
    reply = calls.hold(headers=headers)
    assert (reply.status, reply.headers.get("Idempotency-Replayed")) == (201, None)
    hold = reply.json["data"]["hold"]
    stored = calls.day("agent-1", "2026-05-01")
    assert {hold_id: claim["expires_at"] for hold_id, claim in stored.items()} == {hold["id"]: hold["expires_at"]}
    assert hold["expires_at"] == "2026-04-22T12:10:00.000Z"
    assert (hold["start"], hold["end"]) == (START, "2026-05-01T15:30:00.000Z")
    assert failing.tried == ["transact_write_items"]


def test_bad_holds(calls: Calls) -> None:
    bad: list[tuple[dict[str, Any], str]] = [
        ({"startUtc": "2026-04-22T12:00:00Z"}, "startUtc"),
        ({"startUtc": "2026-05-01T15:00:30Z"}, "startUtc"),
        ({"startUtc": "tomorrow"}, "startUtc"),
        ({"seconds": 9}, "seconds"),
        ({"seconds": 601}, "seconds"),
        ({"durationMinutes": 4}, "durationMinutes"),
        ({"bufferBeforeMinutes": 241}, "bufferBeforeMinutes"),
        ({"agentId": "nobody"}, "agentId"),
        ({"agentId": None}, "agentId"),
        ({"guestName": "Jane"}, "guestName"),
    ]
    for change, field in bad:
        reply = calls.hold(**change)
        assert (reply.status, reply.error["details"][0]["field"]) == (400, field), change
    assert calls.day("agent-1", "2026-05-01") == {}


def test_a_client_holds_twenty_slots_at_a_time_and_is_told_when_it_may_hold_more(calls: Calls, clock: SetClock) -> None:
    holds = [held(calls, startUtc=f"2026-05-{day:02}T15:00:00.000Z", seconds=300) for day in range(1, 21)]
    clock.advance(minutes=1)
    refused = calls.hold(startUtc="2026-05-21T15:00:00.000Z")
    assert code_of(refused) == (429, "rate_limit_exceeded", "hold_limit")
    assert refused.error["details"][0]["nextAllowedAt"] == holds[0]["expires_at"]
    assert refused.headers["Retry-After"] == "240"
    calls.book(holdId=holds[0]["id"])
    held(calls, startUtc="2026-05-21T15:00:00.000Z")
    assert calls.hold(startUtc="2026-05-22T15:00:00.000Z").status == 429
    clock.advance(minutes=4)
    held(calls, startUtc="2026-05-22T15:00:00.000Z")


def test_a_live_hold_of_a_far_day_is_a_400_and_not_said_to_be_over(calls: Calls) -> None:
    hold = held(calls, startUtc="2026-05-20T15:00:00.000Z")
    reply = calls.asking(holdId=hold["id"])
    assert code_of(reply) == (400, "invalid_request", "hold_mismatch")
    assert f"this hold is for {hold['start']} to {hold['end']}" in reply.error["details"][0]["message"]
