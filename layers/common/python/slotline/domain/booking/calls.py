"""A scheduled call and its timeline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.booking.promises import PromisedTime, ZoneChange
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.intervals import Interval
from slotline.domain.shared.phones import to_e164


class CallStatus(StrEnum):
    """Where a call is in its life. `rescheduled` is reserved: a moved call keeps its record and its status."""

    SCHEDULED = "scheduled"
    PENDING_CONFIRMATION = "pending_confirmation"
    CONFIRMED = "confirmed"
    STARTED = "started"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    RESCHEDULED = "rescheduled"


FINAL = frozenset({CallStatus.CANCELLED, CallStatus.COMPLETED, CallStatus.NO_SHOW, CallStatus.RESCHEDULED})


class BookingSource(StrEnum):
    """The surface a booking came from; set by the server, never taken from a request."""

    ADMIN = "admin"
    AGENT = "agent"
    PUBLIC_BOOKING = "public_booking"
    API = "api"


class AssignmentMethod(StrEnum):
    """How the call finds its agent."""

    MANUAL = "manual"
    SELF_SELECTED = "self_selected"
    ROUND_ROBIN = "round_robin"
    POOL = "pool"


class EventType(StrEnum):
    """What happened to a call."""

    CREATED = "created"
    CONFIRMED = "confirmed"
    RESCHEDULED = "rescheduled"
    ASSIGNED = "assigned"
    UPDATED = "updated"
    JOINED = "joined"
    STARTED = "started"
    LEFT = "left"
    ENDED = "ended"
    REOPENED = "reopened"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    ZONE_RULES_CHANGED = "zone_rules_changed"
    REMINDER_SENT = "reminder_sent"
    REMINDER_FAILED = "reminder_failed"
    REMINDER_BOUNCED = "reminder_bounced"
    REMINDER_COMPLAINED = "reminder_complained"


ROOM_EVENTS = frozenset({EventType.JOINED, EventType.LEFT, EventType.ENDED})
"""What happens in the room of a call, also of one that nobody booked."""


class Outcome(StrEnum):
    """What a call that took place came to, by whoever completed it."""

    SUCCESSFUL = "successful"
    FOLLOW_UP = "follow_up"
    UNSUCCESSFUL = "unsuccessful"


class ActorType(StrEnum):
    """Who did it."""

    ADMIN = "admin"
    AGENT = "agent"
    GUEST = "guest"
    API = "api"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: the client, user or guest, by id. The system has none. `role`: what a user is in the app."""

    type: ActorType
    id: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Whom the call is with. `phone` is as given, `phone_e164` as compared; at least a phone or an e-mail is there."""

    name: str
    phone: str | None = None
    phone_e164: str | None = None
    email: str | None = None
    timezone: str | None = None
    language: str | None = None
    intake_notes: str | None = None

    @classmethod
    def reachable(
        cls, *, name: str, phone: str | None, email: str | None, phone_e164: str | None = None, **more: str | None
    ) -> "Guest":
        """A guest with at least one way to be reached. Raises InvalidRequest where there is none, or a bad number.

        `phone_e164`: how the number is compared, if that is kept already.
        """
        if not phone and not email:
            raise InvalidRequest.of_field(
                "guestPhone", "guestPhone or guestEmail is required: one way to reach the guest", "required"
            )
        e164 = (phone_e164 or to_e164(phone, "guestPhone")) if phone else None
        return cls(name=name, phone=phone or None, phone_e164=e164, email=email or None, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One scheduled call. `revision` counts its changes and is its optimistic lock."""

    id: str
    app_id: str
    booking_source: BookingSource
    assignment_method: AssignmentMethod
    assigned_agent_id: str | None
    guest: Guest
    scheduled_at: datetime
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    app_timezone: str
    status: CallStatus
    revision: int
    created_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None = None
    cancellation_reason: str | None = None
    held_agent_id: str | None = None
    """Whose time a pool booking takes while nobody has claimed it; shown to nobody."""
    change_id: str | None = None
    """The change that made this revision: how a retry after a lost answer knows its own."""
    counted_as: tuple[str, ...] = ()
    """In whose windows the booking was counted (`slotline.domain.booking.customer_limits`); none: it was not."""
    no_show_grace_minutes: int = 15
    """How long after the start somebody may still join: the preset's, when the call was booked."""
    reminder_ids: tuple[str, ...] = ()
    """Every message to its guest that was ever planned (`slotline.domain.booking.planned_messages`)."""
    calendar_sequence: int | None = 0
    """The SEQUENCE of its calendar entries (`slotline.domain.booking.invitations`); None: a release before wrote it."""
    preset_id: str | None = None
    preset_revision: int | None = None
    """The preset whose rules it follows, as that was when the call was booked. None: booked before calls kept it."""
    external_id: str | None = None
    metadata: Mapping[str, object] | None = field(default=None, hash=False)
    answers: Mapping[str, object] = field(default_factory=dict, hash=False)
    """To the preset's questions, by their keys."""
    required_tags: tuple[str, ...] = ()
    agent_ids: tuple[str, ...] = ()
    """Only these may have it, if any are named."""
    turn_agent_id: str | None = None
    """Whose turn the engine's pick took, which goes back to them if the call is cancelled."""
    contact_epoch: int = 0
    """Counts corrections of the guest's contact: links that were sent to the former one are dead."""
    promised: PromisedTime | None = None
    """What people were told of its start. None: booked before calls kept it, and no walk has come to it yet."""
    zone_change: ZoneChange | None = None
    """Why it is on the list of calls whose wall time is another than was promised, until somebody moves it."""

    @property
    def grace(self) -> timedelta:
        """How long after its start somebody may still join."""
        return timedelta(minutes=self.no_show_grace_minutes)

    @property
    def agent_with_time(self) -> str | None:
        """Whose time the call takes: the agent it is assigned to, or the one the pool holds for it."""
        return self.assigned_agent_id or self.held_agent_id

    @property
    def is_final(self) -> bool:
        """True once nothing about it changes any more, and it takes no time from anybody."""
        return self.status in FINAL

    @property
    def has_zone_change(self) -> bool:
        """True while it is on the list of calls whose wall time is another than was promised."""
        return self.zone_change is not None and not self.is_final

    @property
    def is_in_pool(self) -> bool:
        """True while the agents of the pool may claim it."""
        is_open = self.assignment_method is AssignmentMethod.POOL and self.assigned_agent_id is None
        return is_open and not self.is_final

    @property
    def month(self) -> str:
        """The UTC month of its start, `2026-05`: the part of the app's calendar that it stands in."""
        return self.scheduled_at.strftime("%Y-%m")

    @property
    def claim(self) -> Claim:
        """The time it takes from its agent."""
        return Claim(
            id=self.id,
            kind=ClaimKind.CALL,
            meeting=Interval.starting(self.scheduled_at, timedelta(minutes=self.duration_minutes)),
            before=timedelta(minutes=self.buffer_before_minutes),
            after=timedelta(minutes=self.buffer_after_minutes),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """One thing that happened to a call, in the order of the call's revisions.

    `sequence` rises from event to event of a call, with gaps.
    """

    id: str
    call_id: str
    revision: int
    sequence: int
    event_type: EventType
    actor: Actor
    payload: Mapping[str, object]
    created_at: datetime
