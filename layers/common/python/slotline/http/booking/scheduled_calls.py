"""Scheduled calls as they travel: the request to book one, and the call and its timeline as they are shown."""

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from slotline.domain.booking.calls import Actor, AssignmentMethod, BookingSource, Call, CallStatus, Guest, TimelineEvent
from slotline.domain.booking.holds import Holder
from slotline.domain.booking.promises import ZoneOutcome
from slotline.domain.booking.requests import BookingRequest
from slotline.domain.booking.sent_codes import GivenCode
from slotline.http.booking.guest_urls import CallUrls
from slotline.http.booking.shown_calls import shown_call, shown_event
from slotline.http.core.fields import (
    AgentId,
    AgentIds,
    Buffer,
    Digits,
    Duration,
    Email,
    ExternalId,
    Flag,
    HoldId,
    Instant,
    Language,
    Metadata,
    Notes,
    OneLine,
    Phone,
    PresetRef,
    Tags,
    VerificationId,
    Zone,
    refused,
)
from slotline.http.core.models import Model, Moment, RequestBody, check_not_sent


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
    preset_id: Annotated[PresetRef | None, Field(description="Its id or slug; left out: the active preset")] = None
    external_id: ExternalId | None = None
    metadata: Annotated[
        Metadata | None, Field(description="Free-form JSON, at most 16 KB; nested at most 49 deep. Kept, never read")
    ] = None
    answers: Annotated[
        dict[str, Any] | None,
        Field(
            description="To the preset's questions, by their keys: text, a number, true or false, or a list of texts"
        ),
    ] = None
    required_tags: Annotated[Tags | None, Field(description="Tags the agent must carry, beside the preset's")] = None
    agent_ids: Annotated[AgentIds | None, Field(description="Only these agents may have it; none listed: all")] = None
    verification_id: Annotated[
        VerificationId | None, Field(description="From POST verifications: where a website books, if the service asks")
    ] = None
    verification_code: Annotated[Digits | None, Field(description="The six digits that the guest was sent")] = None
    booking_source: Annotated[Any, Field(description="Accepted and ignored: it is stamped by the server.")] = None

    @model_validator(mode="after")
    def _one_contact(self) -> Self:
        if not self.guest_phone and not self.guest_email:
            raise refused("required", "guestPhone or guestEmail is required: one way to reach the guest")
        return self

    def check_for(self, source: BookingSource) -> None:
        """Raises InvalidRequest that names each field which is not for whoever books: a guest, or a partner."""
        by_guest = source is BookingSource.PUBLIC_BOOKING
        barred = _NOT_FOR_GUESTS if by_guest else _FOR_GUESTS
        why = "the service decides this" if by_guest else "only bookings with a widget key prove the guest's contact"
        check_not_sent(self, barred, f"must be left out: {why}")

    def to_request(
        self, app_id: str, source: BookingSource, actor: Actor, holders: tuple[Holder, ...] = ()
    ) -> BookingRequest:
        """What the core is asked, with the source and the actor that the handler vouches for."""
        self.check_for(source)
        code = None
        if self.verification_id or self.verification_code:
            code = GivenCode(id=self.verification_id or "", code=self.verification_code or "")
        return BookingRequest(
            holders=holders,
            code=code,
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
            preset_id=self.preset_id,
            external_id=self.external_id,
            metadata=self.metadata,
            answers=self.answers or {},
            required_tags=tuple(self.required_tags or ()),
            agent_ids=tuple(self.agent_ids or ()),
        )


class ZoneChangeView(Model):
    """How the rules of a time zone changed a call's wall time. What was promised is null if nobody kept it."""

    outcome: ZoneOutcome
    reason: str | None
    old_app_time: str | None
    new_app_time: str
    old_guest_time: str | None
    new_guest_time: str | None
    old_zone_data: str | None
    new_zone_data: str
    found_at: Moment


_NOT_FOR_GUESTS = (
    "assignment_method",
    "duration_minutes",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "require_confirmation",
    "external_id",
    "metadata",
    "agent_ids",
)
_FOR_GUESTS = ("verification_id", "verification_code")


class WebsiteCallView(Model):
    """A call as the website sees it that booked it: what the guest said and was promised, and nothing from inside."""

    id: str
    app_id: str
    preset_id: str | None
    booking_source: BookingSource
    assigned_agent_id: str | None
    guest_name: str
    guest_phone: str | None
    guest_email: str | None
    guest_timezone: str | None
    guest_language: str | None
    guest_intake_notes: str | None
    answers: dict[str, Any]
    scheduled_at: Moment
    duration_minutes: int
    app_timezone: str
    status: CallStatus
    join_url: str
    guest_url: Annotated[str | None, Field(description="Whoever has it acts as the guest")]
    created_at: Moment

    @classmethod
    def of(cls, call: Call, video_base_url: str, urls: CallUrls) -> Self:
        """The view of a call that was just booked."""
        shown = shown_call(call, video_base_url)
        said = {name: value for name, value in shown.items() if name in cls.model_fields}
        return cls.model_validate({**said, "guest_url": urls.guest})


class WebsiteCallData(Model):
    """`data` of an answer to a website that booked a call."""

    call: WebsiteCallView


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
    host_join_url: Annotated[
        str | None,
        Field(
            description="The host's link, until the call's end or until another agent has it; who has it is the host. "
            "Null for a caller without scheduling:write, and of a call that is over"
        ),
    ]
    guest_url: Annotated[
        str | None,
        Field(description="The guest's link; who has it acts as the guest. Null for a caller without scheduling:write"),
    ]
    revision: int
    created_at: Moment
    updated_at: Moment
    cancelled_at: Moment | None
    cancellation_reason: str | None
    preset_id: str | None
    preset_revision: int | None
    external_id: str | None
    metadata: dict[str, Any] | None
    answers: dict[str, Any]
    required_tags: list[str]
    agent_ids: list[str]
    zone_change: ZoneChangeView | None

    @classmethod
    def of(cls, call: Call, video_base_url: str, urls: CallUrls) -> Self:
        """The view of a call whose room is under this address."""
        shown = shown_call(call, video_base_url)
        return cls.model_validate({**shown, "host_join_url": urls.host, "guest_url": urls.guest})


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
