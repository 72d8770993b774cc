"""Who may take a call, and how many of them a day, through the handlers."""

from typing import Any

import pytest

from slotline.store.dynamodb import keys
from tests.handlers.changes.conftest import ALWAYS, LATER, NEXT_DAY, START, Calls, code_of
from tests.support.builders.apps import SetClock, put_app

ENGINE: dict[str, Any] = {"assignedAgentId": None, "assignmentMethod": "round_robin"}
POOL: dict[str, Any] = {**ENGINE, "assignmentMethod": "pool"}
SENIOR = {"requiredTags": ["senior"]}


@pytest.fixture
def team(calls: Calls) -> Calls:
    """Two agents who always work; the second carries a tag."""
    for agent_id in ("agent-1", "agent-2"):
        calls.set_agent(agent_id, working_hours=ALWAYS)
    calls.set_agent("agent-2", working_hours=ALWAYS, tags=["senior", "spanish"])
    return calls


@pytest.mark.parametrize("method", ["round_robin", "pool"])
def test_the_engine_chooses_among_those_who_carry_every_tag(team: Calls, method: str) -> None:
    booked = team.book(**{**ENGINE, "assignmentMethod": method}, requiredTags=["spanish", "senior"])
    assert booked["required_tags"] == ["spanish", "senior"]
    assert code_of(team.asking(**ENGINE, **SENIOR)) == (409, "conflict", "no_agent_available")
    none = team.asking(**ENGINE, requiredTags=["senior", "french"])
    assert [detail["code"] for detail in none.error["details"]] == ["no_agent_available", "not_eligible"]
    if method == "round_robin":
        decision = team.read(booked)[1][1]["payload"]["decision"]
        assert [one["agent_id"] for one in decision["candidates"]] == ["agent-2"]
    team.check_days()


@pytest.mark.parametrize("method", ["round_robin", "pool"])
def test_a_booking_names_the_agents_who_may_have_it(team: Calls, method: str) -> None:
    engine = {**ENGINE, "assignmentMethod": method}
    booked = team.book(**engine, agentIds=["agent-2"])
    assert booked["agent_ids"] == ["agent-2"]
    assert code_of(team.asking(**engine, agentIds=["agent-2"])) == (409, "conflict", "no_agent_available")
    both = team.asking(**engine, agentIds=["agent-1"], requiredTags=["senior"])
    assert [detail["code"] for detail in both.error["details"]] == ["no_agent_available", "not_eligible"]
    if method == "pool":
        assert code_of(team.claim(booked, "agent-1")) == (409, "conflict", "not_eligible")
        assert team.claim(booked, "agent-2").status == 200
    team.check_days()


def test_a_partner_who_names_another_agent_than_the_booking_does_passes_over_it(team: Calls) -> None:
    call = team.book(assignedAgentId="agent-1", agentIds=["agent-2"])
    assert team.read(call)[1][0]["payload"]["passed_over"] == ["agent_ids"]


def test_a_preset_names_its_agents_and_its_tags(team: Calls) -> None:
    put_app(team.ports, team.app_id, agents=(), agent_ids=["agent-1"])
    assert team.book(**ENGINE)["assigned_agent_id"] == "agent-1"
    put_app(team.ports, team.app_id, agents=(), required_tags=["senior"])
    assert team.book(**ENGINE)["assigned_agent_id"] == "agent-2"


def test_a_partner_who_names_an_agent_passes_over_the_rules_and_the_timeline_says_which(team: Calls) -> None:
    put_app(team.ports, team.app_id, agents=(), agent_ids=["agent-2"])
    call = team.book(**SENIOR)
    assert team.read(call)[1][0]["payload"]["passed_over"] == ["agent_ids", "required_tags"]
    assert "passed_over" not in team.read(team.book(assignedAgentId="agent-2", **SENIOR))[1][0]["payload"]
    other = team.book(assignedAgentId="agent-2", scheduledAtUtc=NEXT_DAY)
    assert team.patch(other, {"assignedAgentId": "agent-1"}).status == 200
    assigned = team.read(other)[1][-1]
    assert (assigned["event_type"], assigned["payload"]["passed_over"]) == ("assigned", ["agent_ids"])
    third = team.book(assignedAgentId="agent-2", scheduledAtUtc=LATER)
    team.bulk({"action": "reassign", "ids": [third["id"]], "assignedAgentId": "agent-1"})
    assert team.read(third)[1][-1]["payload"]["passed_over"] == ["agent_ids"]


def test_only_those_who_are_eligible_claim_a_call_of_the_pool(team: Calls) -> None:
    call = team.book(**POOL, **SENIOR)
    assert code_of(team.claim(call, "agent-1")) == (409, "conflict", "not_eligible")
    assert team.claim(call, "agent-2").json["data"]["call"]["assigned_agent_id"] == "agent-2"
    team.check_days()


def test_a_call_of_the_pool_that_moves_stays_with_the_eligible(team: Calls) -> None:
    call = team.book(**POOL, **SENIOR)
    team.book(assignedAgentId="agent-2", scheduledAtUtc=LATER)
    assert code_of(team.patch(call, {"scheduledAtUtc": LATER})) == (409, "conflict", "no_agent_available")
    assert team.patch(call, {"scheduledAtUtc": NEXT_DAY}).status == 200
    team.check_days()


def test_a_full_day_refuses_everybody_and_the_next_local_day_does_not(team: Calls) -> None:
    team.set_agent("agent-1", working_hours=ALWAYS, max_calls_per_day=2, timezone="America/Bogota")
    team.book(scheduledAtUtc="2026-05-01T05:00:00Z")
    team.book(scheduledAtUtc="2026-05-02T04:30:00Z")
    full = (409, "conflict", "agent_day_full")
    assert code_of(team.asking(scheduledAtUtc=START)) == full
    assert code_of(team.asking(scheduledAtUtc=START, assignmentMethod="self_selected")) == full
    assert code_of(team.hold()) == full
    assert team.book(**ENGINE)["assigned_agent_id"] == "agent-2"
    none = team.asking(**ENGINE)
    assert [detail["code"] for detail in none.error["details"]] == ["no_agent_available", "agent_day_full"]
    tomorrow = team.book(scheduledAtUtc=NEXT_DAY)
    assert code_of(team.patch(tomorrow, {"scheduledAtUtc": START})) == full
    theirs = team.book(assignedAgentId="agent-2", scheduledAtUtc=LATER)
    assert code_of(team.patch(theirs, {"assignedAgentId": "agent-1"})) == full
    bulk = team.bulk({"action": "reassign", "ids": [theirs["id"]], "assignedAgentId": "agent-1"})
    assert bulk.json["data"]["results"][0]["error"]["details"][0]["code"] == "agent_day_full"
    team.check_days()


def test_a_call_within_a_full_day_still_moves_and_what_is_cancelled_makes_room(team: Calls) -> None:
    team.set_agent("agent-1", working_hours=ALWAYS, max_calls_per_day=1)
    call = team.book()
    assert team.patch(call, {"scheduledAtUtc": LATER}).status == 200
    assert code_of(team.asking()) == (409, "conflict", "agent_day_full")
    team.cancel(call)
    team.book()
    team.check_days()


def test_holds_and_calls_held_for_the_pool_count_and_a_booking_spends_its_hold(team: Calls) -> None:
    team.set_agent("agent-2", working_hours=ALWAYS, active=False)
    team.set_agent("agent-1", working_hours=ALWAYS, max_calls_per_day=2)
    team.book(**POOL, scheduledAtUtc=LATER)
    hold = team.hold().json["data"]["hold"]
    assert code_of(team.asking(scheduledAtUtc="2026-05-01T20:00:00Z")) == (409, "conflict", "agent_day_full")
    team.book(holdId=hold["id"])
    team.check_days()


def test_a_call_that_took_place_still_counts_on_its_day(team: Calls, clock: SetClock) -> None:
    team.set_agent("agent-1", working_hours=ALWAYS, max_calls_per_day=1)
    call = team.book()
    clock.advance(days=9, hours=3)
    assert team.attend(call, "start").status == 200
    assert team.attend(call, "complete").status == 200
    assert code_of(team.asking(scheduledAtUtc="2026-05-01T20:00:00Z")) == (409, "conflict", "agent_day_full")


def test_a_cancelled_call_gives_its_turn_back_to_whose_it_was_though_another_has_the_call(team: Calls) -> None:
    call = team.book(**ENGINE)
    assert call["assigned_agent_id"] == "agent-1"
    assert team.patch(call, {"assignedAgentId": "agent-2"}).status == 200
    assert _turns(team) == [1, 0]
    team.cancel(call)
    team.cancel(call)
    assert _turns(team) == [0, 0]


def test_who_was_away_is_not_owed_their_turns(team: Calls) -> None:
    team.set_agent("agent-2", working_hours=[])
    for number in range(12):
        team.book(**ENGINE, scheduledAtUtc=f"2026-05-01T{number:02}:00:00Z")
    team.set_agent("agent-2", working_hours=ALWAYS)
    back = [team.book(**ENGINE, scheduledAtUtc=f"2026-05-01T{number:02}:00:00Z") for number in range(12, 16)]
    assert [call["assigned_agent_id"] for call in back] == ["agent-2", "agent-1", "agent-2", "agent-1"]
    figures = team.read(back[0])[1][1]["payload"]["decision"]["candidates"]
    assert [(one["turns"], one["lifted_from"]) for one in figures] == [(12, None), (11, 0)]
    assert _turns(team) == [14, 13]


def _turns(team: Calls) -> list[int]:
    rows = [team.ports.row(keys.agent(team.app_id, agent_id)) for agent_id in ("agent-1", "agent-2")]
    return [int(row.get("turns", 0)) for row in rows]
