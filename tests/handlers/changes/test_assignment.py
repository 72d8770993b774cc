"""How a booking finds its agent, through the handler."""

import pytest

from tests.handlers.changes.conftest import ALWAYS, LATER, Calls, code_of
from tests.support.builders.apps import put_app

ENGINE = {"assignedAgentId": None, "assignmentMethod": "round_robin"}


def test_the_engine_takes_turns_and_tells_why(calls: Calls) -> None:
    booked = [calls.book(**ENGINE, scheduledAtUtc=f"2026-05-0{day}T15:00:00Z") for day in (1, 2, 3, 4)]
    assert [call["assigned_agent_id"] for call in booked] == ["agent-1", "agent-2", "agent-1", "agent-2"]
    assert {call["assignment_method"] for call in booked} == {"round_robin"}
    created, assigned = calls.read(booked[1])[1]
    assert (created["event_type"], assigned["event_type"]) == ("created", "assigned")
    decision = assigned["payload"]["decision"]
    assert decision["winner"] == assigned["payload"]["new_agent_id"] == "agent-2"
    figures = [(one["agent_id"], one["free"], one["turns"], one["weight"]) for one in decision["candidates"]]
    assert figures == [("agent-1", True, 1, 1), ("agent-2", True, 0, 1)]
    assert decision["candidates"][0]["last_turn_at"] == "2026-04-22T12:00:00.000Z"
    assert decision["candidates"][1]["last_turn_at"] is None
    calls.check_days()


def test_who_is_not_free_is_passed_over_and_nobody_free_is_a_409(calls: Calls) -> None:
    calls.book(assignedAgentId="agent-1")
    assert calls.book(**ENGINE)["assigned_agent_id"] == "agent-2"
    assert code_of(calls.asking(**ENGINE)) == (409, "conflict", "no_agent_available")
    assert code_of(calls.asking(**{**ENGINE, "assignmentMethod": "pool"})) == (409, "conflict", "no_agent_available")


@pytest.mark.parametrize("method", ["round_robin", "pool"])
def test_the_engine_keeps_the_meeting_in_working_hours_and_a_named_agent_does_not(calls: Calls, method: str) -> None:
    hours = [{"weekday": 4, "start": "15:00", "end": "15:40", "zone": "UTC"}]
    for agent_id in ("agent-1", "agent-2"):
        calls.set_agent(agent_id, working_hours=hours)
    engine = {**ENGINE, "assignmentMethod": method}
    assert code_of(calls.asking(**engine, durationMinutes=45))[2] == "no_agent_available"
    beyond = {"durationMinutes": 40, "bufferBeforeMinutes": 15, "bufferAfterMinutes": 15}
    calls.book(**engine, **beyond)
    calls.check_days()
    assert calls.book(scheduledAtUtc=LATER)["assigned_agent_id"] == "agent-1"


@pytest.mark.parametrize("method", ["round_robin", "pool"])
def test_the_engine_takes_no_name(calls: Calls, method: str) -> None:
    reply = calls.asking(assignmentMethod=method)
    assert (reply.status, reply.error["details"][0]["field"]) == (400, "assignedAgentId")


def test_who_chose_for_themselves_names_whom(calls: Calls) -> None:
    reply = calls.asking(assignmentMethod="self_selected", assignedAgentId=None)
    assert (reply.status, reply.error["details"][0]["field"]) == (400, "assignedAgentId")
    assert calls.book(assignmentMethod="self_selected")["assignment_method"] == "self_selected"


def test_a_preset_of_any_available_means_the_engine_where_nobody_is_named(calls: Calls) -> None:
    put_app(calls.ports, calls.app_id, agents=(), assignment_mode="any_available")
    call = calls.book(assignedAgentId=None)
    assert (call["assignment_method"], call["assigned_agent_id"]) == ("round_robin", "agent-1")
    named = calls.book(scheduledAtUtc=LATER)
    assert (named["assignment_method"], named["assigned_agent_id"]) == ("manual", "agent-1")
    unassigned = calls.book(assignedAgentId=None, assignmentMethod="manual")
    assert (unassigned["assignment_method"], unassigned["assigned_agent_id"]) == ("manual", None)


def test_scheduling_switched_off_is_forbidden_whatever_the_method(calls: Calls) -> None:
    put_app(calls.ports, calls.app_id, agents=(), scheduling_enabled=False)
    for method in ("manual", "round_robin", "pool"):
        reply = calls.asking(assignedAgentId=None, assignmentMethod=method)
        assert (reply.status, reply.error["type"]) == (403, "forbidden")
    assert calls.hold().status == 403


def test_a_call_given_by_name_is_no_turn(calls: Calls) -> None:
    calls.book()
    assert calls.book(**ENGINE, scheduledAtUtc=LATER)["assigned_agent_id"] == "agent-1"


def test_weights_share_out_the_turns(calls: Calls) -> None:
    calls.set_agent("agent-2", working_hours=ALWAYS, weight=3)
    got = [calls.book(**ENGINE, scheduledAtUtc=f"2026-05-0{day}T15:00:00Z")["assigned_agent_id"] for day in range(1, 9)]
    assert (got.count("agent-1"), got.count("agent-2")) == (2, 6)


def test_an_engine_s_booking_with_a_key_is_made_once(calls: Calls) -> None:
    key = {"idempotency-key": "engine-1"}
    first, again = calls.asking(headers=key, **ENGINE), calls.asking(headers=key, **ENGINE)
    assert again.json == first.json
    assert calls.book(**ENGINE, scheduledAtUtc=LATER)["assigned_agent_id"] == "agent-2", "one turn, not two"
