"""Scheduled calls as they travel: the request to book one, and the call and its timeline as they are shown."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from slotline.domain.booking.calls import Actor, AssignmentMethod, BookingSource, Call, CallStatus, Guest, TimelineEvent
from slotline.domain.booking.requests import BookingRequest, CallUpdate
from slotline.http.booking.shown_calls import shown_call, shown_event
from slotline.http.core.documents import ErrorContent
from slotline.http.core.fields import (
    AgentId,
    Buffer,
    Duration,
    Email,
    Flag,
    HoldId,
    Instant,
    Language,
    Notes,
    OneLine,
    Phone,
    Reason,
    Zone,
    refused,
)
from slotline.http.core.models import Model, Moment, RequestBody, not_sent


class NewScheduledCall(RequestBody):
    """The body of `POST scheduled-calls`. It needs one way to reach the guest: `guestPhone`, `guestEmail`, or both."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "guestName": "Jane Doe",
                    "guestEmail": "jane@example.com",
                    "scheduledAtUtc": "2027-05-03T15:00:00.000Z",
                    "durationMinutes": 30,
                    "appTimezone": "America/Bogota",
                }
            ],
        }
    )

    guest_name: OneLine
    scheduled_at_utc: Instant
    app_timezone: Zone
    guest_phone: Phone | None = None
    guest_email: Email | None = None
    assigned_agent_id: AgentId | None = None
    assignment_method: AssignmentMethod | None = None
    guest_timezone: Zone | None = None
    guest_language: Annotated[Language | None, Field(description="Of the messages to the guest; else the preset's")] = (
        None
    )
    guest_intake_notes: Notes | None = None
    duration_minutes: Duration | None = None
    buffer_before_minutes: Buffer | None = None
    buffer_after_minutes: Buffer | None = None
    require_confirmation: Flag | None = None
    hold_id: Annotated[HoldId | None, Field(description="A hold that this booking spends")] = None
    booking_source: Annotated[Any, Field(description="Accepted and ignored: it is stamped by the server.")] = None

    @model_validator(mode="after")
    def _one_contact(self) -> Self:
        if not self.guest_phone and not self.guest_email:
            raise refused("required", "guestPhone or guestEmail is required: one way to reach the guest")
        return self

    def to_request(self, app_id: str, source: BookingSource, actor: Actor) -> BookingRequest:
        """What the core is asked, with the source and the actor that the handler vouches for."""
        return BookingRequest(
            app_id=app_id,
            source=source,
            actor=actor,
            guest=Guest.reachable(
                name=self.guest_name,
                phone=self.guest_phone,
                email=self.guest_email,
                timezone=self.guest_timezone,
                language=self.guest_language,
                intake_notes=self.guest_intake_notes,
            ),
            scheduled_at=self.scheduled_at_utc,
            app_timezone=self.app_timezone,
            assignment_method=self.assignment_method,
            assigned_agent_id=self.assigned_agent_id,
            duration_minutes=self.duration_minutes,
            buffer_before_minutes=self.buffer_before_minutes,
            buffer_after_minutes=self.buffer_after_minutes,
            require_confirmation=self.require_confirmation,
            hold_id=self.hold_id,
        )


class ScheduledCallChanges(RequestBody):
    """The body of `PATCH scheduled-calls/{id}`. At least one field besides `reason` is required; it changes nothing."""

    # What is not sent has no value here: `model_fields_set` tells. Only the two contacts may be null: that clears them.
    scheduled_at_utc: Instant = Field(default_factory=not_sent)
    assigned_agent_id: AgentId = Field(default_factory=not_sent)
    guest_name: OneLine = Field(default_factory=not_sent)
    guest_phone: Phone | None = Field(default_factory=not_sent)
    guest_email: Email | None = Field(default_factory=not_sent)
    guest_timezone: Zone = Field(default_factory=not_sent)
    guest_language: Language = Field(default_factory=not_sent)
    guest_intake_notes: Notes = Field(default_factory=not_sent)
    reason: Reason | None = None

    @model_validator(mode="after")
    def _something_to_change(self) -> Self:
        if not self.model_fields_set - {"reason"}:
            raise refused("nothing_to_change", "at least one field besides reason is required")
        return self

    def to_update(self) -> CallUpdate:
        """What the core is asked: the fields that were sent, and no others."""
        sent = self.model_fields_set
        return CallUpdate(
            scheduled_at=self.scheduled_at_utc if "scheduled_at_utc" in sent else None,
            assigned_agent_id=self.assigned_agent_id if "assigned_agent_id" in sent else None,
            guest={name.removeprefix("guest_"): getattr(self, name) for name in sent if name.startswith("guest_")},
            reason=self.reason,
        )


class Cancellation(RequestBody):
    """The body of `DELETE scheduled-calls/{id}`, which may be left out."""

    reason: Reason | None = None


class ClaimRequest(RequestBody):
    """The body of `POST scheduled-calls/{id}/claim`."""

    agent_id: AgentId


class BulkRequest(RequestBody):
    """The body of `POST scheduled-calls/bulk`: the same change for up to a hundred calls."""

    action: Literal["cancel", "reassign"]
    ids: Annotated[list[Annotated[str, Field(strict=True, max_length=64)]], Field(min_length=1, max_length=100)]
    assigned_agent_id: Annotated[AgentId | None, Field(description="Required to reassign")] = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.action == "reassign" and self.assigned_agent_id is None:
            raise refused("required", "assignedAgentId is required to reassign")
        if self.action == "cancel" and self.assigned_agent_id is not None:
            raise refused("not_allowed", "assignedAgentId is only for reassign")
        return self


class BulkResult(Model):
    """What became of one call: its state afterwards, or the error."""

    id: str
    ok: bool
    status: CallStatus | None = None
    revision: int | None = None
    error: ErrorContent | None = None


class BulkData(Model):
    """`data` of a bulk change: a result per id, in the order asked."""

    results: list[BulkResult]


class CallView(Model):
    """A call as agents and partners see it. Absent values are null."""

    id: str
    app_id: str
    booking_source: BookingSource
    assignment_method: AssignmentMethod
    assigned_agent_id: str | None
    guest_name: str
    guest_phone: str | None
    guest_email: str | None
    guest_timezone: str | None
    guest_language: str | None
    guest_intake_notes: str | None
    scheduled_at: Moment
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    app_timezone: str
    status: CallStatus
    join_url: str
    host_join_url: str
    revision: int
    created_at: Moment
    updated_at: Moment
    cancelled_at: Moment | None
    cancellation_reason: str | None

    @classmethod
    def of(cls, call: Call, video_base_url: str) -> Self:
        """The view of a call whose room is under this address."""
        return cls.model_validate(shown_call(call, video_base_url))


class EventView(Model):
    """One event of a timeline."""

    id: str
    event_type: str
    actor_type: str
    actor_id: str | None
    payload: dict[str, Any]
    created_at: Moment

    @classmethod
    def of(cls, event: TimelineEvent) -> Self:
        """The view of an event."""
        return cls.model_validate(shown_event(event))


class CallData(Model):
    """`data` of an answer with one call."""

    call: CallView


class CallWithTimelineData(Model):
    """`data` of an answer with one call and what happened to it."""

    call: CallView
    events: list[EventView]


class CallsData(Model):
    """`data` of an answer with a page of calls."""

    calls: list[CallView]
