"""From a request to book to the call that would be booked: the rules that need no other booking to be decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from slotline.domain.booking.apps import Agent, App, AssignmentMode, Preset
from slotline.domain.booking.calls import Actor, AssignmentMethod, BookingSource, Call, CallStatus, Guest
from slotline.domain.booking.holds import Holder
from slotline.domain.booking.sent_codes import GivenCode
from slotline.domain.booking.services import check_bookable
from slotline.domain.shared.errors import InvalidRequest, OutsideWorkingHours
from slotline.domain.shared.intervals import Interval
from slotline.domain.shared.phones import Screen, check_may_be_reached

if TYPE_CHECKING:  # few requests come from the booking page
    from slotline.domain.booking.prefills import SaidByLink


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRequest:
    """What somebody asks for. None means "not said": the preset's value, then the product's, stands in."""

    app_id: str
    source: BookingSource
    actor: Actor
    guest: Guest
    scheduled_at: datetime
    app_timezone: str
    assignment_method: AssignmentMethod | None = None
    assigned_agent_id: str | None = None
    duration_minutes: int | None = None
    buffer_before_minutes: int | None = None
    buffer_after_minutes: int | None = None
    require_confirmation: bool | None = None
    hold_id: str | None = None
    holders: tuple[Holder, ...] = ()
    """Whose the hold is; empty: the client's that acts."""
    code: GivenCode | None = None
    """What proves the guest's contact."""
    preset_id: str | None = None
    """A preset's id or slug; None: the active one."""
    external_id: str | None = None
    metadata: Mapping[str, object] | None = None
    said_by_link: "SaidByLink | None" = None
    """From our own booking page, and from nowhere else: it takes the place of external id and metadata."""
    answers: Mapping[str, object] = field(default_factory=dict)
    required_tags: tuple[str, ...] = ()
    agent_ids: tuple[str, ...] = ()
    """Only these may have the call, if any are named."""


LENGTHS = ("duration_minutes", "buffer_before_minutes", "buffer_after_minutes")
"""What says how much of its agent's time a call takes, beside its start."""
CALL_FIELDS = (*LENGTHS, "external_id", "metadata")
"""What may be changed of a call itself, each with its old and its new value on the timeline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUpdate:
    """New values for a call: of what was sent, and of nothing else; None clears one.

    `guest`: details of the guest. `fields`: of the call itself, any of CALL_FIELDS. `answers`: by question.
    """

    scheduled_at: datetime | None = None
    assigned_agent_id: str | None = None
    unassign: bool = False
    guest: dict[str, str | None] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, object] = field(default_factory=dict)
    reason: str | None = None


def check_guest(guest: Guest, screen: Screen) -> None:
    """Raises InvalidRequest if the guest's number is one that nobody dials or texts."""
    if guest.phone_e164:
        check_may_be_reached(guest.phone_e164, screen, "guestPhone")


def assignment_of(request: BookingRequest, preset: Preset) -> AssignmentMethod:
    """The method that applies. Raises InvalidRequest where method and agent do not go together."""
    if request.source is BookingSource.PUBLIC_BOOKING:
        return method_for_guest(
            preset, names_agent=request.assigned_agent_id is not None, holds=request.hold_id is not None
        )
    if request.hold_id is not None and request.assigned_agent_id is None:
        raise InvalidRequest.of_field(
            "assignedAgentId", "is required with holdId: the agent whose time is held", "required"
        )
    if request.assignment_method is None:
        anybody = preset.assignment_mode is AssignmentMode.ANY_AVAILABLE and request.assigned_agent_id is None
        return AssignmentMethod.ROUND_ROBIN if anybody else AssignmentMethod.MANUAL
    method = request.assignment_method
    if method is AssignmentMethod.SELF_SELECTED and request.assigned_agent_id is None:
        raise InvalidRequest.of_field("assignedAgentId", "is required with assignmentMethod self_selected", "required")
    if method in (AssignmentMethod.ROUND_ROBIN, AssignmentMethod.POOL) and request.assigned_agent_id is not None:
        raise InvalidRequest.of_field(
            "assignedAgentId", f"must be left out with assignmentMethod {method}: the engine picks the agent"
        )
    return method


def method_for_guest(
    preset: Preset, *, names_agent: bool, holds: bool, field: str = "assignedAgentId"
) -> AssignmentMethod:
    """The method of whoever books for themselves, by the preset's mode.

    `holds`: they hold the time of the agent whom they name. Raises InvalidRequest for an agent too few or too many.
    """
    if preset.assignment_mode is not AssignmentMode.ANY_AVAILABLE:
        if not names_agent:
            raise InvalidRequest.of_field(
                field, "is required: guests of this service choose whom they meet", "required"
            )
        return AssignmentMethod.SELF_SELECTED
    if names_agent and not holds:
        message = "must be left out: this service finds the agent. Only the agent of a hold is named"
        raise InvalidRequest.of_field(field, message, "not_allowed")
    if holds and not names_agent:
        raise InvalidRequest.of_field(field, "is required with holdId: the agent whose time is held", "required")
    return AssignmentMethod.ROUND_ROBIN


def check_works(agent: Agent, meeting: Interval) -> None:
    """Raises OutsideWorkingHours: guests book within them. Whoever else names the agent may book outside them."""
    if not agent.works_all_of(meeting):
        raise OutsideWorkingHours("The agent does not work for the whole of this time. Availability has the times.")


def unknown_agent(field: str) -> InvalidRequest:
    """What is said of an agent that the app has not."""
    return InvalidRequest.of_field(field, "no such agent in this app", "unknown_agent")


def check_active(agent: Agent, field: str) -> None:
    """Raises InvalidRequest for an agent who is there, and takes no new calls."""
    if not agent.active:
        raise InvalidRequest.of_field(field, "this agent is deactivated and takes no new calls", "agent_inactive")


def check_start(start: datetime, preset: Preset, now: datetime, field: str = "scheduledAtUtc") -> None:
    """Raises InvalidRequest where a call may not start then: not on a minute, past, too soon, too far ahead."""
    if start.second or start.microsecond:
        raise InvalidRequest.of_field(field, "must fall on a whole minute", "whole_minute")
    if start <= now:
        raise InvalidRequest.of_field(field, "must be in the future", "past")
    if start < now + timedelta(minutes=preset.minimum_notice_minutes):
        raise InvalidRequest.of_field(
            field, f"must be at least {preset.minimum_notice_minutes} minutes from now", "minimum_notice"
        )
    if start > now + preset.horizon:
        raise InvalidRequest.of_field(
            field, f"must be within {preset.horizon_days} days from now, the preset's horizon", "horizon"
        )


def new_call(request: BookingRequest, app: App, *, call_id: str, now: datetime) -> Call:
    """The call this request would make. Raises Forbidden or InvalidRequest where the app's rules refuse it."""
    preset = app.preset
    check_bookable(app)
    check_start(request.scheduled_at, preset, now)
    said = request.said_by_link
    pending = preset.require_confirmation if request.require_confirmation is None else request.require_confirmation
    return Call(
        id=call_id,
        app_id=request.app_id,
        booking_source=request.source,
        assignment_method=assignment_of(request, preset),
        assigned_agent_id=request.assigned_agent_id,
        guest=request.guest,
        scheduled_at=request.scheduled_at,
        duration_minutes=_said_or(request.duration_minutes, preset.duration_minutes),
        buffer_before_minutes=_said_or(request.buffer_before_minutes, preset.buffer_before_minutes),
        buffer_after_minutes=_said_or(request.buffer_after_minutes, preset.buffer_after_minutes),
        app_timezone=request.app_timezone,
        status=CallStatus.PENDING_CONFIRMATION if pending else CallStatus.SCHEDULED,
        revision=1,
        created_at=now,
        updated_at=now,
        no_show_grace_minutes=preset.no_show_grace_minutes,
        preset_id=preset.preset_id,
        preset_revision=preset.revision,
        external_id=said.external_id if said else request.external_id,
        metadata=said.as_metadata if said else request.metadata,
        answers=request.answers,
        required_tags=request.required_tags,
        agent_ids=request.agent_ids,
    )


def _said_or(said: int | None, default: int) -> int:
    return default if said is None else said
