"""POST start, reopen, complete and no-show: from every status, once per key, and by whom."""

import pytest

from slotline.domain.shared.instants import parse_instant
from slotline.store.dynamodb import keys
from tests.handlers.changes.conftest import LATER, START, Calls, code_of
from tests.support.builders.apps import SetClock
from tests.support.handlers import Endpoint

ACTIONS = ("start", "complete", "no-show", "reopen")
EVENTS = {"start": "started", "complete": "completed", "no-show": "no_show", "reopen": "reopened"}
BODIES = {"reopen": {"reason": "the wrong call"}}
TRANSITIONS = [
    # status, action, and the status after it, or the code of its 409
    *((status, "start", "started") for status in ("scheduled", "pending_confirmation", "confirmed", "started")),
    *((status, "start", "final_state") for status in ("completed", "cancelled", "no_show")),
    *((status, "complete", "not_started") for status in ("scheduled", "pending_confirmation", "confirmed")),
    *((status, "complete", "completed") for status in ("started", "completed")),
    *((status, "complete", "final_state") for status in ("cancelled", "no_show")),
    *((status, "no-show", "no_show") for status in ("scheduled", "pending_confirmation", "confirmed", "started")),
    ("no_show", "no-show", "no_show"),
    *((status, "no-show", "final_state") for status in ("completed", "cancelled")),
    ("started", "reopen", "scheduled"),
    *((status, "reopen", "not_started") for status in ("scheduled", "pending_confirmation", "confirmed")),
    *((status, "reopen", "final_state") for status in ("completed", "cancelled", "no_show")),
]


def begin(clock: SetClock) -> None:
    """The calls of `START` begin."""
    clock.advance(days=9, hours=3)


def test_from_every_status(calls: Calls, clock: SetClock) -> None:
    booked = [calls.book(scheduledAtUtc=f"2026-05-0{1 + n // 20}T{n % 20:02d}:00:00Z") for n in range(len(TRANSITIONS))]
    for call, (status, action, outcome) in zip(booked, TRANSITIONS, strict=True):
        clock.instant = parse_instant(call["scheduled_at"])
        calls.overwrite(call, status=status)
        reply = calls.attend(call, action, BODIES.get(action))
        told = (status, action, reply.text)
        if outcome in ("final_state", "not_started"):
            assert code_of(reply) == (409, "conflict", outcome), told
            assert calls.read(call)[0]["status"] == status
            continue
        shown = reply.json["data"]["call"]
        assert (reply.status, shown["status"]) == (200, outcome), told
        changed = status != outcome
        assert shown["revision"] == (2 if changed else 1), told
        assert calls.events(call)[1:] == ([EVENTS[action]] if changed else []), told


def test_a_call_lives_from_start_to_completion(calls: Calls, clock: SetClock) -> None:
    call = calls.book(bufferAfterMinutes=10)
    begin(clock)
    started = calls.attend(call, "start").json["data"]["call"]
    assert started["updated_at"] == START
    assert calls.stored(call)["due_at"] == "2026-05-01T15:40:00.000Z", "time ends it with its buffer"
    assert list(calls.day("agent-1", "2026-05-01")) == [call["id"]], "it still takes its time"
    clock.advance(minutes=12)
    completed = calls.attend(call, "complete").json["data"]["call"]
    assert (completed["status"], completed["revision"]) == ("completed", 3)
    assert "due_at" not in calls.stored(call)
    assert calls.day("agent-1", "2026-05-01") == {}, "what is left of its time is free"
    shown, events = calls.read(call)
    assert shown == completed
    assert [(event["event_type"], event["actor_type"], event["actor_id"]) for event in events[1:]] == [
        ("started", "api", "client-1"),
        ("completed", "api", "client-1"),
    ]
    calls.check_days()


def test_nobody_has_missed_a_call_before_its_start(calls: Calls, clock: SetClock) -> None:
    call = calls.book()
    begin(clock)
    clock.advance(seconds=-1)
    assert code_of(calls.attend(call, "no-show")) == (409, "conflict", "not_started")
    clock.advance(seconds=1)
    reply = calls.attend(call, "no-show", {"reason": "the guest never came"})
    assert reply.json["data"]["call"]["status"] == "no_show"
    assert calls.read(call)[1][-1]["payload"] == {"reason": "the guest never came"}
    assert calls.day("agent-1", "2026-05-01") == {}
    assert calls.book(scheduledAtUtc=LATER)["id"] != call["id"]
    calls.check_days()


def test_a_started_call_is_no_no_show_for_time_but_may_be_one_for_a_person(calls: Calls, clock: SetClock) -> None:
    call = calls.book()
    begin(clock)
    calls.attend(call, "start")
    assert calls.attend(call, "no-show").json["data"]["call"]["status"] == "no_show"


@pytest.mark.parametrize(
    ("minutes", "outcome"),
    [(-61, "too_early"), (-60, "started"), (-1, "started"), (0, "started"), (44, "started"), (45, "too_late")],
)
def test_a_call_starts_from_an_hour_before_it_to_its_end(
    calls: Calls, clock: SetClock, minutes: int, outcome: str
) -> None:
    """The buffers are no part of the call, and a grace that is longer than the call does not lengthen it."""
    calls.set_preset(no_show_grace_minutes=240)
    call = calls.book(durationMinutes=45, bufferBeforeMinutes=30, bufferAfterMinutes=30)
    begin(clock)
    clock.advance(minutes=minutes)
    reply = calls.attend(call, "start")
    if outcome == "started":
        assert reply.json["data"]["call"]["status"] == "started"
        return
    assert code_of(reply) == (409, "conflict", outcome)
    first, end = "2026-05-01T14:00:00.000Z", "2026-05-01T15:45:00.000Z"
    assert reply.error["details"][0]["allowedFrom"] == first
    assert reply.error["details"][0]["allowedUntil"] == end
    assert first in reply.error["message"]
    assert end in reply.error["message"]
    assert calls.events(call) == ["created"]


def test_a_started_call_may_be_told_so_again_at_any_time(calls: Calls, clock: SetClock) -> None:
    call = calls.book()
    begin(clock)
    started = calls.attend(call, "start").json["data"]["call"]
    clock.advance(hours=2)
    assert calls.attend(call, "start").json["data"]["call"] == started


@pytest.mark.parametrize("before", ["scheduled", "pending_confirmation", "confirmed"])
def test_a_mistaken_start_is_undone_and_the_call_is_what_it_was(calls: Calls, clock: SetClock, before: str) -> None:
    calls.set_reminders(invitation=["email"], reminder_1h=["email"], reminder_15m=["email"])
    call = calls.book(requireConfirmation=before != "scheduled", bufferAfterMinutes=10)
    if before == "confirmed":
        calls.confirm(call)
    begin(clock)
    clock.advance(minutes=-40)
    calls.attend(call, "start")
    waiting = [row["sk"] for row in calls.messages(call) if "due_at" in row]
    assert waiting == ["REMINDER#invitation.email"], "what has not gone out yet is true of a call that began"
    reopened = calls.attend(call, "reopen", {"reason": "I clicked on the wrong call"}).json["data"]["call"]
    assert reopened["status"] == before
    assert calls.stored(call)["due_at"] == "2026-05-01T15:15:00.000Z", "it may be a no-show again"
    due = {row["sk"]: row["due_at"] for row in calls.messages(call) if "due_at" in row and row["sk"] not in waiting}
    assert due == {"REMINDER#reminder_15m.email": "2026-05-01T14:45:00.000Z"}, "the time of the others has passed"
    event = calls.read(call)[1][-1]
    assert (event["event_type"], event["actor_type"]) == ("reopened", "api")
    assert event["payload"] == {"status": before, "reason": "I clicked on the wrong call"}
    calls.check_days()


def test_a_call_may_be_started_and_reopened_again(calls: Calls, clock: SetClock) -> None:
    call = calls.book()
    begin(clock)
    for _ in range(2):
        calls.attend(call, "start")
        reopened = calls.attend(call, "reopen", BODIES["reopen"]).json["data"]["call"]
        again = calls.attend(call, "reopen", BODIES["reopen"]).json["data"]["call"]
        assert again == reopened, "nothing is left to undo, and who repeats a lost answer is told what is"
    assert calls.events(call) == ["created", "started", "reopened", "started", "reopened"]
    assert code_of(calls.attend(call, "complete")) == (409, "conflict", "not_started")


def test_a_start_is_undone_within_the_grace_alone(calls: Calls, clock: SetClock) -> None:
    calls.set_preset(no_show_grace_minutes=20)
    call = calls.book()
    begin(clock)
    calls.attend(call, "start")
    clock.advance(minutes=20)
    reply = calls.attend(call, "reopen", BODIES["reopen"])
    assert code_of(reply) == (409, "conflict", "grace_over")
    assert reply.error["details"][0]["allowedUntil"] == "2026-05-01T15:20:00.000Z"
    clock.advance(seconds=-1)
    assert calls.attend(call, "reopen", BODIES["reopen"]).status == 200


def test_a_call_of_the_pool_waits_there_again(calls: Calls, clock: SetClock) -> None:
    call = calls.book(assignmentMethod="pool", assignedAgentId=None)
    begin(clock)
    clock.advance(minutes=-30)
    calls.attend(call, "start")
    calls.attend(call, "reopen", BODIES["reopen"])
    assert calls.stored(call)["due_at"] == "2026-05-01T14:45:00.000Z", "then it goes to the agent whose time it holds"
    assert calls.claim(call, "agent-2").json["data"]["call"]["assigned_agent_id"] == "agent-2"
    calls.check_days()


def test_the_release_before_reads_a_reopening_as_an_update(calls: Calls, clock: SetClock) -> None:
    """It knows no such event, and would neither show the timeline nor tell anybody."""
    call = calls.book()
    begin(clock)
    calls.attend(call, "start")
    calls.attend(call, "reopen", BODIES["reopen"])
    pk = keys.call(calls.app_id, call["id"])["pk"]
    events = [row for row in calls.ports.rows() if row["pk"] == pk and row["sk"].startswith("EVENT#")]
    told = sorted((row["revision"], row["event_type"], row.get("newer_type")) for row in events)
    assert told == [(1, "created", None), (2, "started", None), (3, "updated", "reopened")]


def test_a_call_that_started_a_day_too_early_in_the_release_before_can_be_reopened(calls: Calls) -> None:
    """Starts had no bounds there."""
    calls.set_reminders(reminder_24h=["email"])
    call = calls.book()
    calls.overwrite(call, status="started")
    assert calls.attend(call, "reopen", BODIES["reopen"]).json["data"]["call"]["status"] == "scheduled"
    assert [row["due_at"] for row in calls.messages(call)] == ["2026-04-30T15:00:00.000Z"]


def test_a_call_that_began_is_reminded_of_no_more_and_of_one_that_was_missed_nothing_is_told(
    calls: Calls, clock: SetClock
) -> None:
    calls.set_reminders(invitation=["email"], reminder_1h=["email"])
    started, missed = calls.book(), calls.book(scheduledAtUtc="2026-05-01T15:30:00Z")
    assert [row["due_at"] for row in calls.messages(missed)] == ["2026-04-22T12:00:00.000Z", "2026-05-01T14:30:00.000Z"]
    begin(clock)
    calls.attend(started, "start")
    clock.advance(hours=1)
    calls.attend(missed, "no-show")
    waiting = [[row["sk"] for row in calls.messages(call) if "due_at" in row] for call in (started, missed)]
    assert waiting == [["REMINDER#invitation.email"], []]
    assert [len(calls.messages(call)) for call in (started, missed)] == [2, 2]


@pytest.mark.parametrize("action", ACTIONS)
def test_a_key_gets_the_first_answer_again_and_binds_one_body(calls: Calls, clock: SetClock, action: str) -> None:
    call, other = calls.book(), calls.book(scheduledAtUtc=LATER)
    begin(clock)
    clock.advance(minutes=5)
    if action in ("complete", "reopen"):
        calls.attend(call, "start")
    key = {"idempotency-key": "attendance-1"}
    first = calls.attend(call, action, BODIES.get(action), headers=key)
    clock.advance(minutes=1)
    again = calls.attend(call, action, BODIES.get(action), headers=key)
    assert first.status == again.status == 200
    assert (again.json, again.headers.get("Idempotency-Replayed")) == (first.json, "true")
    assert calls.events(call).count(EVENTS[action]) == 1
    if action in ("no-show", "reopen"):
        assert calls.attend(call, action, {"reason": "another"}, headers=key).status == 422
    assert calls.attend(other, "start", headers=key).status == 200, "a key belongs to its call and its action"


def test_a_key_is_answered_as_before_whatever_became_of_the_call_since(calls: Calls, clock: SetClock) -> None:
    call = calls.book()
    begin(clock)
    key = {"idempotency-key": "attendance-2"}
    first = calls.attend(call, "start", headers=key)
    calls.attend(call, "complete")
    assert calls.attend(call, "start", headers=key).json == first.json
    assert code_of(calls.attend(call, "start")) == (409, "conflict", "final_state")


@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_not_and_what_is_not_there(calls: Calls, others: Calls, clock: SetClock, action: str) -> None:
    call, theirs = calls.book(), others.book(assignedAgentId=None)
    begin(clock)
    body = BODIES.get(action)
    assert calls.attend(call, action, body, scopes="scheduling:read").status == 403
    assert calls.attend(call, action, body, app_ids="another").status == 403
    assert Endpoint("scheduled_calls/attendance", "POST", None)(calls.at(call, action), body).status == 401
    assert code_of(calls.attend(theirs["id"], action, body))[:2] == (404, "not_found")
    assert code_of(calls.attend("nonsense", action, body))[:2] == (404, "not_found")
    assert [one.read(it)[0]["status"] for one, it in ((calls, call), (others, theirs))] == ["scheduled"] * 2


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("start", {"reason": "x"}, "reason"),
        ("complete", {"at": START}, "at"),
        ("no-show", {"notify": True}, "notify"),
        ("no-show", {"reason": "x" * 501}, "reason"),
        ("no-show", {"reason": 7}, "reason"),
        ("reopen", {}, "reason"),
        ("reopen", {"reason": ""}, "reason"),
        ("reopen", {"reason": " \n "}, "reason"),
        ("reopen", {"reason": None}, "reason"),
        ("reopen", {"reason": "x" * 501}, "reason"),
    ],
)
def test_a_bad_body_names_the_field(calls: Calls, clock: SetClock, action: str, body: object, field: str) -> None:
    call = calls.book()
    begin(clock)
    reply = calls.attend(call, action, body)
    assert (reply.status, reply.error["details"][0]["field"]) == (400, field)
    assert calls.read(call)[0]["status"] == "scheduled"


@pytest.mark.parametrize("action", ["start", "complete", "no-show"])
@pytest.mark.parametrize("raw", ["null", "{}"])
def test_a_body_may_say_nothing(calls: Calls, clock: SetClock, action: str, raw: str) -> None:
    call = calls.book()
    begin(clock)
    if action == "complete":
        calls.attend(call, "start")
    reply = calls.endpoint("attendance", "POST")(calls.at(call, action), raw=raw)
    assert reply.status == 200, reply.text
