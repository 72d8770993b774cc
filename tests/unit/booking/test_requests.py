"""The rules of a booking that need no other booking to be decided."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from slotline.domain.booking.apps import AssignmentMode
from slotline.domain.booking.calls import AssignmentMethod, CallStatus, Guest
from slotline.domain.booking.requests import assignment_of, check_start, new_call
from slotline.domain.shared.errors import Forbidden, InvalidRequest
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import AGENT, a_request, an_app, minutes


def code_of(error: InvalidRequest) -> tuple[str | None, str]:
    return error.details[0].field, error.details[0].code


@pytest.mark.parametrize(
    ("start", "preset", "code"),
    [
        (NOW + timedelta(seconds=30), {}, "whole_minute"),
        (NOW + timedelta(minutes=1, microseconds=1), {}, "whole_minute"),
        (NOW - minutes(1), {}, "past"),
        (NOW, {}, "past"),
        (NOW + minutes(59), {"minimum_notice_minutes": 60}, "minimum_notice"),
        (NOW + timedelta(days=7, minutes=1), {"horizon_days": 7}, "horizon"),
        (NOW + timedelta(days=730, minutes=1), {}, "horizon"),
    ],
)
def test_a_call_may_not_start_then(start: datetime, preset: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_start(start, an_app(**preset).preset, NOW)
    assert code_of(refused.value) == ("scheduledAtUtc", code)


@pytest.mark.parametrize(
    ("start", "preset"),
    [
        (NOW + minutes(1), {}),
        (NOW + minutes(60), {"minimum_notice_minutes": 60}),
        (NOW + timedelta(days=7), {"horizon_days": 7}),
        (NOW + timedelta(days=730), {}),
    ],
)
def test_a_call_may_start_then(start: datetime, preset: dict[str, Any]) -> None:
    check_start(start, an_app(**preset).preset, NOW)


METHODS: list[tuple[AssignmentMethod | None, str | None, AssignmentMode, AssignmentMethod | str]] = [
    (None, AGENT, AssignmentMode.PICK_FROM_OPTIONS, AssignmentMethod.MANUAL),
    (None, None, AssignmentMode.PICK_FROM_OPTIONS, AssignmentMethod.MANUAL),
    (None, None, AssignmentMode.URL_FORCED, AssignmentMethod.MANUAL),
    (None, AGENT, AssignmentMode.ANY_AVAILABLE, AssignmentMethod.MANUAL),
    (None, None, AssignmentMode.ANY_AVAILABLE, AssignmentMethod.ROUND_ROBIN),
    (AssignmentMethod.MANUAL, AGENT, AssignmentMode.ANY_AVAILABLE, AssignmentMethod.MANUAL),
    (AssignmentMethod.MANUAL, None, AssignmentMode.ANY_AVAILABLE, AssignmentMethod.MANUAL),
    (AssignmentMethod.SELF_SELECTED, AGENT, AssignmentMode.PICK_FROM_OPTIONS, AssignmentMethod.SELF_SELECTED),
    (AssignmentMethod.SELF_SELECTED, None, AssignmentMode.PICK_FROM_OPTIONS, "required"),
    (AssignmentMethod.ROUND_ROBIN, None, AssignmentMode.PICK_FROM_OPTIONS, AssignmentMethod.ROUND_ROBIN),
    (AssignmentMethod.ROUND_ROBIN, AGENT, AssignmentMode.PICK_FROM_OPTIONS, "invalid"),
    (AssignmentMethod.POOL, None, AssignmentMode.PICK_FROM_OPTIONS, AssignmentMethod.POOL),
    (AssignmentMethod.POOL, AGENT, AssignmentMode.PICK_FROM_OPTIONS, "invalid"),
]


@pytest.mark.parametrize(("method", "agent", "mode", "outcome"), METHODS)
def test_method_and_agent_go_together(
    method: AssignmentMethod | None, agent: str | None, mode: AssignmentMode, outcome: AssignmentMethod | str
) -> None:
    request = a_request(assignment_method=method, assigned_agent_id=agent)
    preset = an_app(assignment_mode=mode).preset
    if isinstance(outcome, AssignmentMethod):
        assert assignment_of(request, preset) is outcome
    else:
        with pytest.raises(InvalidRequest) as refused:
            assignment_of(request, preset)
        assert code_of(refused.value) == ("assignedAgentId", outcome)


def test_a_hold_is_an_agents_so_who_spends_one_names_the_agent() -> None:
    with pytest.raises(InvalidRequest) as refused:
        assignment_of(a_request(hold_id="hold", assigned_agent_id=None), an_app().preset)
    assert code_of(refused.value) == ("assignedAgentId", "required")
    assert assignment_of(a_request(hold_id="hold"), an_app().preset) is AssignmentMethod.MANUAL


def test_what_is_not_said_comes_from_the_preset() -> None:
    app = an_app(
        duration_minutes=45,
        buffer_before_minutes=5,
        buffer_after_minutes=10,
        require_confirmation=True,
        no_show_grace_minutes=7,
    )
    call = new_call(a_request(), app, call_id="c", now=NOW)
    assert call.no_show_grace_minutes == 7
    assert (call.duration_minutes, call.buffer_before_minutes, call.buffer_after_minutes) == (45, 5, 10)
    assert call.status is CallStatus.PENDING_CONFIRMATION


def test_what_is_said_stands_even_where_it_is_nothing() -> None:
    app = an_app(duration_minutes=45, buffer_before_minutes=5, buffer_after_minutes=10, require_confirmation=True)
    request = a_request(duration_minutes=5, buffer_before_minutes=0, buffer_after_minutes=0, require_confirmation=False)
    call = new_call(request, app, call_id="c", now=NOW)
    assert (call.duration_minutes, call.buffer_before_minutes, call.buffer_after_minutes) == (5, 0, 0)
    assert call.status is CallStatus.SCHEDULED


def test_a_new_call_is_its_first_revision_made_now() -> None:
    call = new_call(a_request(), an_app(), call_id="c", now=NOW)
    assert (call.id, call.revision, call.created_at, call.updated_at) == ("c", 1, NOW, NOW)
    assert call.app_timezone == "UTC"
    assert (call.duration_minutes, call.claim.meeting.length) == (30, minutes(30))
    assert not call.is_final


def test_scheduling_switched_off_is_forbidden_before_anything_else_is_looked_at() -> None:
    with pytest.raises(Forbidden):
        new_call(a_request(scheduled_at=NOW), an_app(scheduling_enabled=False), call_id="c", now=NOW)


class TestGuests:
    def test_a_guest_has_a_phone_or_an_email(self) -> None:
        with pytest.raises(InvalidRequest) as refused:
            Guest.reachable(name="Jane", phone=None, email="")
        assert code_of(refused.value) == ("guestPhone", "required")

    def test_a_phone_is_kept_as_given_and_as_compared(self) -> None:
        guest = Guest.reachable(name="Jane", phone="+57 300 555 0100", email=None)
        assert (guest.phone, guest.phone_e164, guest.email) == ("+57 300 555 0100", "+573005550100", None)

    def test_what_else_is_known_of_a_guest_is_kept(self) -> None:
        guest = Guest.reachable(name="Jane", phone=None, email="jane@example.com", timezone="UTC", language="es")
        assert (guest.timezone, guest.language, guest.intake_notes) == ("UTC", "es", None)

    def test_a_bad_phone_is_named_even_beside_an_email(self) -> None:
        with pytest.raises(InvalidRequest) as refused:
            Guest.reachable(name="Jane", phone="5550100", email="jane@example.com")
        assert code_of(refused.value) == ("guestPhone", "phone")
