"""What a guest does to their call: within what the preset lets guests, as the guest, once for a key."""

from typing import Any

import pytest

from slotline.domain.booking.apps import AssignmentMode, CustomerLimit, Period
from slotline.ports.apps import AgentChange
from slotline.store.dynamodb import keys
from tests.handlers.guests.conftest import START, Guest, Invite, booked
from tests.support.handlers import APP_ID, Endpoint
from tests.support.memory.wiring import MemoryPorts
from tests.support.oracles.invariants import State, days_equal_their_calls, no_two_calls_collide

FREE = {"guest_can_cancel": True, "guest_can_reschedule": True}
ANYBODY = {**FREE, "assignment_mode": AssignmentMode.ANY_AVAILABLE}
ENGINE: dict[str, Any] = {"assignedAgentId": None, "assignmentMethod": "round_robin"}
TUESDAY = "2026-05-05T10:00:00.000Z"
NOT_FREE = {"message": "That time is not free.", "code": "slot_taken"}
"""All that a guest learns, whatever is in the way: another call and its buffers, a hold, a full day."""
NOBODY_FREE = {
    "message": "No agent is at work for the whole meeting and free for it with its buffers.",
    "code": "no_agent_available",
}


def _move(guest: Guest, to: str = TUESDAY, **headers: str) -> Any:
    return guest.post("reschedule", {"scheduledAtUtc": to}, **headers)


def _last(guest: Guest) -> dict[str, Any]:
    event: dict[str, Any] = guest.now()["events"][-1]
    return event


def test_the_guest_confirms(invite: Invite):
    guest = invite(requireConfirmation=True)
    reply = guest.post("confirm")
    assert (reply.status, reply.json["data"]["call"]["status"]) == (200, "confirmed")
    assert not reply.json["data"]["call"]["can_confirm"]
    event = _last(guest)
    assert (event["event_type"], event["actor_type"], event["actor_id"]) == ("confirmed", "guest", None)
    assert guest.now()["call"]["booking_source"] == "api"


def test_to_confirm_again_changes_nothing(invite: Invite):
    guest = invite(requireConfirmation=True)
    guest.post("confirm")
    assert guest.post("confirm").status == 200
    assert guest.now()["call"]["revision"] == 2


@pytest.mark.parametrize("name", ["cancel", "reschedule"])
def test_what_the_preset_does_not_let_guests_do_is_forbidden(invite: Invite, name: str):
    guest = invite()
    reply = guest.post(name, {"scheduledAtUtc": TUESDAY} if name == "reschedule" else None)
    assert (reply.status, reply.error["type"]) == (403, "forbidden")
    assert "WWW-Authenticate" not in reply.headers
    assert guest.now()["call"]["revision"] == 1


def test_the_guest_cancels_and_says_why(invite: Invite):
    guest = invite(FREE)
    call = guest.post("cancel", {"reason": "I am ill"}).json["data"]["call"]
    assert (call["status"], call["cancellation_reason"], call["join_url"]) == ("cancelled", "I am ill", None)
    event = _last(guest)
    assert (event["event_type"], event["actor_type"], event["payload"]["reason"]) == ("cancelled", "guest", "I am ill")
    assert guest.post("cancel").status == 200  # again: unchanged


def test_a_cancelled_call_gives_its_time_back(invite: Invite):
    guest = invite(FREE)
    guest.post("cancel")
    assert booked().call["status"] == "scheduled"


def test_the_guest_moves_the_call_and_keeps_link_agent_and_status(invite: Invite):
    guest = invite(FREE, requireConfirmation=True)
    call = _move(guest).json["data"]["call"]
    assert (call["scheduled_at"], call["moved_from"], call["agent_name"]) == (TUESDAY, START, "Agent-1")
    now = guest.now()["call"]
    assert (now["assigned_agent_id"], now["status"]) == ("agent-1", "pending_confirmation")
    assert now["guest_url"] == guest.call["guest_url"]
    assert guest.get().status == 200
    event = _last(guest)
    assert (event["event_type"], event["actor_type"]) == ("rescheduled", "guest")
    assert booked().call["scheduled_at"] == START  # the old time is free


def test_every_time_that_is_offered_is_accepted_and_no_other(invite: Invite):
    guest = invite(FREE)
    booked(scheduledAtUtc="2026-05-05T09:30:00.000Z", durationMinutes=60)
    offered = set(guest.times())
    grid = [f"2026-05-05T{hour:02}:{minute:02}:00.000Z" for hour in range(7, 19) for minute in (0, 30)]
    accepted = {at for at in grid if _move(guest, at).status == 200}
    assert accepted == offered


def test_a_guest_is_bound_by_working_hours(invite: Invite):
    reply = _move(invite(FREE), "2026-05-05T20:00:00.000Z")
    refusal = {"message": "The agent does not work then.", "code": "outside_working_hours"}
    assert (reply.status, reply.error["details"]) == (409, [refusal])


def test_of_a_time_that_is_taken_nothing_is_said_but_that_it_is_not_free(invite: Invite):
    guest = invite(FREE)
    booked(scheduledAtUtc=TUESDAY)
    reply = _move(guest)
    assert (reply.status, reply.error["message"], reply.error["details"]) == (409, NOT_FREE["message"], [NOT_FREE])
    assert guest.now()["call"]["scheduled_at"] == START


def test_if_guests_get_whoever_is_available_another_agent_takes_over_one_who_is_not(invite: Invite):
    guest = invite(ANYBODY)
    booked(scheduledAtUtc=TUESDAY, assignedAgentId="agent-1")
    assert _move(guest).json["data"]["call"]["agent_name"] == "Agent-2"
    kinds = [event["event_type"] for event in guest.now()["events"]]
    assert kinds == ["created", "rescheduled", "assigned"]


def _turns(ports: MemoryPorts) -> list[int]:
    return [ports.agents.find(APP_ID, agent_id)[1].turns for agent_id in ("agent-1", "agent-2")]


def test_who_takes_a_moved_call_over_has_had_a_turn_and_whose_turn_it_was_gets_it_back(
    ports: MemoryPorts, invite: Invite
):
    guest = invite(ANYBODY, **ENGINE)
    assert _turns(ports) == [1, 0]
    booked(scheduledAtUtc=TUESDAY, assignedAgentId="agent-1")
    _move(guest)
    assert _turns(ports) == [0, 1]
    decision = _last(guest)["payload"]["decision"]
    assert decision["winner"] == "agent-2"
    assert [one["free"] for one in decision["candidates"]] == [False, True]
    guest.post("cancel")
    assert _turns(ports) == [0, 0]


def test_who_takes_a_moved_call_over_may_be_owed_a_turn(ports: MemoryPorts, invite: Invite):
    guest = invite(ANYBODY, **ENGINE)
    booked(scheduledAtUtc=TUESDAY, assignedAgentId="agent-1")
    ports.change(keys.agent(APP_ID, "agent-2"), turns_back=1)
    assert _move(guest).status == 200
    agent = ports.agents.find(APP_ID, "agent-2")[1]
    assert (agent.turns, agent.turns_back) == (1, 0)


def test_an_agent_who_keeps_a_moved_call_has_no_other_turn(ports: MemoryPorts, invite: Invite):
    guest = invite(ANYBODY, **ENGINE)
    _move(guest)
    assert _turns(ports) == [1, 0]


def test_an_agent_whose_own_turn_comes_back_to_them_has_had_it_once(ports: MemoryPorts, invite: Invite):
    guest = invite(ANYBODY, **ENGINE)
    path = f"/api/v1/video/{APP_ID}/scheduled-calls/{guest.call['id']}"
    assert Endpoint("scheduled_calls/update", "PATCH")(path, {"assignedAgentId": "agent-2"}).status == 200
    booked(scheduledAtUtc=TUESDAY, assignedAgentId="agent-2")
    assert _move(guest).json["data"]["call"]["agent_name"] == "Agent-1"
    assert _turns(ports) == [1, 0]
    guest.post("cancel")
    assert _turns(ports) == [0, 0]


def test_a_named_agents_call_that_the_engine_gives_away_is_a_turn_of_the_new_agent(ports: MemoryPorts, invite: Invite):
    guest = invite(ANYBODY)
    booked(scheduledAtUtc=TUESDAY, assignedAgentId="agent-1")
    _move(guest)
    assert _turns(ports) == [0, 1]
    guest.post("cancel")
    assert _turns(ports) == [0, 0]


def test_what_the_pool_holds_is_nobodys_turn_though_its_time_moves_to_another_agent(ports: MemoryPorts, invite: Invite):
    guest = invite(ANYBODY, assignedAgentId=None, assignmentMethod="pool")
    booked(scheduledAtUtc=TUESDAY, assignedAgentId="agent-1")
    assert _move(guest).status == 200
    assert _turns(ports) == [0, 0]


def test_an_agent_whom_the_guest_chose_is_not_exchanged(invite: Invite):
    guest = invite(ANYBODY, assignmentMethod="self_selected")
    booked(scheduledAtUtc=TUESDAY, assignedAgentId="agent-1")
    assert TUESDAY not in guest.times()
    reply = _move(guest)
    assert (reply.status, reply.error["details"]) == (409, [NOT_FREE])


def test_the_same_agent_keeps_the_call_if_they_are_free(invite: Invite):
    guest = invite(ANYBODY)
    assert _move(guest).json["data"]["call"]["agent_name"] == "Agent-1"


def test_a_guest_is_bound_by_who_is_eligible(ports: MemoryPorts, invite: Invite):
    guest = invite({**ANYBODY, "required_tags": ("loans",)})
    ports.agents.change(APP_ID, "agent-2", AgentChange(values={"tags": ("loans",)}))
    # The partner named agent-1 although they lack the tag. A guest who moves the call gets who has it.
    assert _move(guest).json["data"]["call"]["agent_name"] == "Agent-2"
    assert TUESDAY in guest.times(), "its own time is not in its way"


def test_an_agent_who_is_not_eligible_has_no_other_times_for_a_guest(invite: Invite):
    guest = invite({**FREE, "required_tags": ("loans",)})
    assert guest.times() == []
    reply = _move(guest)
    refusal = {"message": "The agent takes no calls of this kind any more.", "code": "not_eligible"}
    assert (reply.status, reply.error["details"]) == (409, [refusal])


def test_an_agents_full_day_takes_no_moved_call(ports: MemoryPorts, invite: Invite):
    guest = invite(FREE)
    ports.agents.change(APP_ID, "agent-1", AgentChange(values={"max_calls_per_day": 1}))
    booked(scheduledAtUtc="2026-05-05T15:00:00.000Z")
    assert guest.times() == []
    reply = _move(guest)
    assert (reply.status, reply.error["details"]) == (409, [NOT_FREE])
    assert _move(guest, "2026-05-04T11:00:00.000Z").status == 200  # its own day: it counts there already


def test_nobody_free_is_told(invite: Invite):
    guest = invite(ANYBODY)
    for agent_id in ("agent-1", "agent-2"):
        booked(scheduledAtUtc=TUESDAY, assignedAgentId=agent_id)
    reply = _move(guest)
    assert (reply.status, reply.error["details"]) == (409, [NOBODY_FREE])


def test_a_call_of_the_pool_stays_in_the_pool(invite: Invite):
    guest = invite(FREE, assignedAgentId=None, assignmentMethod="pool")
    call = _move(guest).json["data"]["call"]
    assert (call["scheduled_at"], call["agent_name"]) == (TUESDAY, None)
    assert guest.now()["call"]["assigned_agent_id"] is None


def test_a_call_without_an_agent_moves_to_a_time_at_which_somebody_could_take_it(invite: Invite):
    guest = invite(FREE, assignedAgentId=None)
    assert _move(guest).status == 200
    reply = _move(guest, "2026-05-05T20:00:00.000Z")
    assert (reply.status, reply.error["details"]) == (409, [NOBODY_FREE])


@pytest.mark.parametrize(
    ("preset", "to", "code"),
    [
        ({"horizon_days": 14}, "2026-05-12T10:00:00.000Z", "horizon"),
        ({"minimum_notice_minutes": 43_200}, "2026-05-05T10:00:00.000Z", "minimum_notice"),
        ({}, "2026-04-21T10:00:00.000Z", "past"),
        ({}, "2026-05-05T10:00:30.000Z", "whole_minute"),
    ],
)
def test_the_presets_rules_for_starts_bind_guests(invite: Invite, preset: dict[str, Any], to: str, code: str):
    far = {"scheduledAtUtc": "2026-06-01T10:00:00.000Z"} if "minimum_notice_minutes" in preset else {}
    reply = _move(invite({**FREE, **preset}, **far), to)
    assert reply.status == 400
    assert [(detail["field"], detail["code"]) for detail in reply.error["details"]] == [("scheduledAtUtc", code)]


def test_a_move_does_not_count_as_another_booking(invite: Invite):
    limits = (CustomerLimit(max_bookings=1, per=Period.WEEK),)
    guest = invite({**FREE, "customer_limits": limits})
    assert _move(guest).status == 200
    assert _move(guest, "2026-05-06T10:00:00.000Z").status == 200


def test_once_the_call_begins_its_guest_changes_nothing(ports: MemoryPorts, invite: Invite):
    guest = invite(FREE)
    ports.clock.advance(days=11, hours=22, minutes=1)
    for reply, what in ((guest.post("cancel"), "cancelled"), (_move(guest), "moved")):
        message = f"The call's time has come; it cannot be {what} any more."
        assert (reply.status, reply.error["details"]) == (409, [{"message": message, "code": "already_started"}])
    call = guest.get().json["data"]["call"]
    assert (call["can_cancel"], call["can_reschedule"]) == (False, False)


def test_a_guest_confirms_late_but_not_once_the_call_is_over(ports: MemoryPorts, invite: Invite):
    guest = invite(requireConfirmation=True)
    ports.clock.advance(days=11, hours=22, minutes=15)
    assert guest.get().json["data"]["call"]["can_confirm"]
    assert "<form" in guest.page().text
    ports.clock.advance(minutes=15)
    assert not guest.get().json["data"]["call"]["can_confirm"]
    assert "<form" not in guest.page().text
    reply = guest.post("confirm")
    refusal = {"message": "The call's time has come; there is nothing left to confirm.", "code": "already_started"}
    assert (reply.status, reply.error["details"]) == (409, [refusal])
    assert guest.press().status == 303
    assert guest.now()["call"]["status"] == "pending_confirmation"


def test_a_call_that_is_over_does_not_change(invite: Invite):
    guest = invite(FREE)
    guest.post("cancel")
    for reply in (guest.post("confirm"), _move(guest)):
        refusal = {"message": "The call is cancelled; it does not change any more.", "code": "final_state"}
        assert (reply.status, reply.error["details"]) == (409, [refusal])


def test_a_key_has_one_effect_and_one_answer(invite: Invite):
    guest = invite(FREE)
    first, again = (_move(guest, Idempotency_Key="move-1") for _ in range(2))
    assert (first.status, first.json) == (again.status, again.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert guest.now()["call"]["revision"] == 2
    other = _move(guest, "2026-05-06T10:00:00.000Z", Idempotency_Key="move-1")
    assert (other.status, other.error["type"]) == (422, "idempotency_mismatch")


def test_the_same_key_of_two_guests_is_two_keys(invite: Invite):
    here = invite(FREE)
    there = booked(scheduledAtUtc="2026-05-04T12:00:00.000Z")
    assert here.post("cancel", Idempotency_Key="k").status == 200
    assert there.post("cancel", Idempotency_Key="k").status == 200
    assert there.now()["call"]["status"] == "cancelled"


def test_a_repeat_is_told_what_the_first_was_told_whatever_came_later(ports: MemoryPorts, invite: Invite):
    guest = invite(FREE)
    soon = "2026-04-23T09:00:00.000Z"
    first = _move(guest, soon, Idempotency_Key="move-1")
    _move(guest, "2026-05-06T10:00:00.000Z")
    ports.clock.advance(hours=22)
    assert _move(guest, soon, Idempotency_Key="move-1").json == first.json


def test_a_key_of_whoever_had_the_link_before_is_none_of_the_present_guests(invite: Invite):
    before = invite(FREE)
    assert _move(before, Idempotency_Key="1").status == 200
    _correct(before)
    now = Guest(before.now()["call"]["guest_url"].rpartition("/")[2], before.call)
    reply = _move(now, "2026-05-06T10:00:00.000Z", Idempotency_Key="1")
    assert (reply.status, reply.json["data"]["call"]["scheduled_at"]) == (200, "2026-05-06T10:00:00.000Z")


def test_a_key_does_not_keep_a_dead_link_alive(invite: Invite):
    guest = invite(FREE)
    assert _move(guest, Idempotency_Key="move-1").status == 200
    _correct(guest)
    assert _move(guest, Idempotency_Key="move-1").status == 404


@pytest.mark.parametrize(
    ("name", "body", "fields"),
    [
        ("confirm", {"status": "confirmed"}, ["status"]),
        ("cancel", {"why": "ill"}, ["why"]),
        ("reschedule", {"startUtc": TUESDAY}, ["scheduledAtUtc", "startUtc"]),
        ("reschedule", {"scheduledAtUtc": "tomorrow"}, ["scheduledAtUtc"]),
        ("reschedule", {"scheduledAtUtc": TUESDAY, "assignedAgentId": "agent-2"}, ["assignedAgentId"]),
    ],
)
def test_fields_that_are_wrong_unknown_or_missing_are_named(invite: Invite, name: str, body: Any, fields: list[str]):
    reply = invite(FREE).post(name, body)
    assert reply.status == 400
    assert sorted(detail["field"] for detail in reply.error["details"]) == fields


def test_changes_leave_the_agents_days_as_the_calls_say(ports: MemoryPorts, invite: Invite):
    guest = invite(ANYBODY)
    booked(scheduledAtUtc=TUESDAY, assignedAgentId="agent-1")
    _move(guest)
    _move(guest, "2026-05-06T10:00:00.000Z")
    guest.post("cancel")
    state = State.of(ports.rows(), APP_ID)
    days_equal_their_calls(state)
    no_two_calls_collide(state)


def _correct(guest: Guest) -> None:
    path = f"/api/v1/video/{APP_ID}/scheduled-calls/{guest.call['id']}"
    reply = Endpoint("scheduled_calls/update", "PATCH")(path, {"guestEmail": "joan@example.com"})
    assert reply.status == 200
