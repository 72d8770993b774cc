"""PATCH of a call's length, of its buffers, and of its agent to nobody: one transaction, under the slot lock."""

from typing import Any

import pytest

from tests.handlers.changes.conftest import ALWAYS, LATER, NEXT_DAY, START, Calls, code_of, writes


def test_length_and_buffers_are_told_with_old_and_new(calls: Calls) -> None:
    call = calls.book(durationMinutes=30, bufferAfterMinutes=10)
    with calls.counted() as requests:
        answer = calls.patch(call, {"durationMinutes": 45, "bufferAfterMinutes": 15, "reason": "more to say"})
    shown = answer.json["data"]["call"]
    assert (shown["duration_minutes"], shown["buffer_before_minutes"], shown["buffer_after_minutes"]) == (45, 0, 15)
    assert shown["revision"] == 2
    after, events = calls.read(call)
    assert after == shown
    assert [event["event_type"] for event in events] == ["created", "updated"]
    assert events[-1]["payload"] == {
        "fields": ["duration_minutes", "buffer_after_minutes"],
        "old_duration_minutes": 30,
        "new_duration_minutes": 45,
        "old_buffer_after_minutes": 10,
        "new_buffer_after_minutes": 15,
        "reason": "more to say",
    }
    assert len(writes(requests)) <= 1
    assert calls.stored(call)["due_at"] == "2026-05-01T15:15:00.000Z", "a no-show is known by the start, as before"
    calls.check_days()


@pytest.mark.parametrize(
    "growth",
    [{"durationMinutes": 61}, {"bufferAfterMinutes": 31}, {"durationMinutes": 31, "bufferAfterMinutes": 30}],
)
def test_a_call_grows_only_into_free_time(calls: Calls, growth: dict[str, Any]) -> None:
    call = calls.book(durationMinutes=30)
    calls.book(scheduledAtUtc=LATER)
    assert code_of(calls.patch(call, growth))[::2] == (409, "slot_taken")
    assert calls.read(call)[0] == call
    assert calls.patch(call, {"durationMinutes": 60}).status == 200, "it may reach up to the next one"
    calls.check_days()


def test_a_longer_call_takes_its_new_time_from_others_and_a_shorter_one_gives_it_back(calls: Calls) -> None:
    call = calls.book(durationMinutes=30)
    assert calls.patch(call, {"durationMinutes": 90}).status == 200
    assert calls.asking(scheduledAtUtc=LATER).status == 409
    assert calls.patch(call, {"durationMinutes": 60}).status == 200
    assert calls.asking(scheduledAtUtc=LATER).status == 201
    calls.check_days()


def test_a_call_grows_over_midnight_into_another_day_and_back(calls: Calls) -> None:
    call = calls.book(scheduledAtUtc="2026-05-01T23:00:00.000Z", durationMinutes=30)
    assert calls.patch(call, {"bufferAfterMinutes": 60}).status == 200
    assert set(calls.day("agent-1", "2026-05-02")) == {call["id"]}
    calls.check_days()
    assert calls.patch(call, {"bufferAfterMinutes": 0}).status == 200
    assert calls.day("agent-1", "2026-05-02") == {}
    calls.check_days()


def test_a_call_whose_time_was_blocked_since_can_be_shortened_and_not_lengthened(calls: Calls) -> None:
    call = calls.book(durationMinutes=60)
    day = calls.ports.row({"pk": f"APP#{calls.app_id}#AGENT#agent-1", "sk": "DAY#2026-05-01"})
    assert day
    window = {**day[f"claim_{call['id']}"], "kind": "dnd"}
    calls.ports.put(day | {"claim_window-1": window})
    assert calls.patch(call, {"durationMinutes": 45, "bufferAfterMinutes": 15}).status == 200
    assert code_of(calls.patch(call, {"durationMinutes": 60}))[::2] == (409, "dnd")


def test_the_length_of_a_call_without_an_agent_takes_nobodys_time(calls: Calls) -> None:
    call = calls.book(assignedAgentId=None)
    shown = calls.patch(call, {"durationMinutes": 480}).json["data"]["call"]
    assert (shown["duration_minutes"], shown["assigned_agent_id"]) == (480, None)
    calls.check_days()


def test_a_started_call_may_take_longer_and_ends_with_its_new_time(calls: Calls) -> None:
    call = calls.book()
    assert calls.patch(call, {"durationMinutes": 30}).json["data"]["call"]["revision"] == 1, "as it is already"
    calls.overwrite(call, status="started")
    assert calls.patch(call, {"durationMinutes": 60}).status == 200
    assert calls.stored(call)["due_at"] == LATER


@pytest.mark.parametrize("status", ["cancelled", "completed", "no_show"])
@pytest.mark.parametrize(
    "change",
    [
        {"durationMinutes": 45},
        {"bufferBeforeMinutes": 5},
        {"assignedAgentId": None},
        {"externalId": "CRM-42"},
        {"metadata": {}},
        {"answers": {}},
    ],
)
def test_a_final_call_does_not_change(calls: Calls, status: str, change: dict[str, Any]) -> None:
    call = calls.book()
    calls.overwrite(call, status=status)
    assert code_of(calls.patch(call, change))[::2] == (409, "final_state")


def test_a_call_goes_back_to_nobody_and_its_slot_is_free_in_the_same_transaction(calls: Calls) -> None:
    call = calls.book()
    with calls.counted() as requests:
        shown = calls.patch(call, {"assignedAgentId": None, "reason": "ill"}).json["data"]["call"]
    assert (shown["assigned_agent_id"], shown["status"]) == (None, "scheduled")
    assert len(writes(requests)) <= 1
    events = calls.read(call)[1]
    assert [event["event_type"] for event in events] == ["created", "assigned"]
    payload = events[-1]["payload"]
    assert (payload["old_agent_id"], payload["new_agent_id"], payload["reason"]) == ("agent-1", None, "ill")
    assert calls.asking().status == 201, "somebody else may have the time"
    calls.check_days()
    again = calls.patch(call, {"assignedAgentId": None})
    assert (again.status, again.json["data"]["call"]["revision"]) == (200, 2), "there is nothing left to change"
    assert calls.patch(call, {"assignedAgentId": "agent-2"}).json["data"]["call"]["assigned_agent_id"] == "agent-2"
    calls.check_days()


@pytest.mark.parametrize("method", ["round_robin", "pool"])
def test_a_call_that_the_engine_placed_goes_back_to_nobody_too(calls: Calls, method: str) -> None:
    for agent_id in ("agent-1", "agent-2"):
        calls.set_agent(agent_id, working_hours=ALWAYS)
    call = calls.book(assignedAgentId=None, assignmentMethod=method)
    if method == "pool":
        assert calls.claim(call, "agent-2").status == 200
    shown = calls.patch(call, {"assignedAgentId": None}).json["data"]["call"]
    assert shown["assigned_agent_id"] is None
    assert calls.stored(call).get("held_agent_id") is None
    assert calls.day("agent-1", "2026-05-01") == calls.day("agent-2", "2026-05-01") == {}
    calls.check_days()


def test_a_started_call_keeps_its_agent(calls: Calls) -> None:
    call = calls.book()
    calls.overwrite(call, status="started")
    assert code_of(calls.patch(call, {"assignedAgentId": None}))[::2] == (409, "already_started")


def test_a_move_a_length_an_agent_and_details_are_one_transaction(calls: Calls) -> None:
    call = calls.book()
    change = {
        "scheduledAtUtc": NEXT_DAY,
        "durationMinutes": 60,
        "bufferBeforeMinutes": 10,
        "assignedAgentId": "agent-2",
        "guestName": "Joe Bloggs",
        "externalId": "CRM-42",
    }
    with calls.counted() as requests:
        assert calls.patch(call, change).status == 200
    assert len(writes(requests)) <= 1
    assert calls.events(call) == ["created", "rescheduled", "assigned", "updated"]
    payload = calls.read(call)[1][-1]["payload"]
    assert payload["fields"] == ["guest_name", "duration_minutes", "buffer_before_minutes", "external_id"]
    assert "Joe" not in str(payload)
    calls.check_days()
    calls.book(scheduledAtUtc=START)
    both = {"scheduledAtUtc": START, "durationMinutes": 15, "assignedAgentId": "agent-1", "guestName": "Jim"}
    before = calls.read(call)
    assert calls.patch(call, both).status == 409
    assert calls.read(call) == before, "all of it, or nothing"
