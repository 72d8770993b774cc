"""What an organization sets up: the app, the preset that rules its bookings, the agents who take the calls."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from slotline.domain.booking.agent_time import ScheduleException, extra_time
from slotline.domain.booking.local_days import DayCap
from slotline.domain.booking.questions import Question
from slotline.domain.booking.texts import Text
from slotline.domain.shared.intervals import Interval
from slotline.domain.shared.working_hours import Window, worked_time

THE_AGENT = "agent"
"""As a preset's `reply_to`: the address of the agent who has the call."""


class AssignmentMode(StrEnum):
    """How the public page finds an agent."""

    PICK_FROM_OPTIONS = "pick_from_options"
    ANY_AVAILABLE = "any_available"
    URL_FORCED = "url_forced"


class Verification(StrEnum):
    """Over what a guest gets the code that proves their address, where a website or the public page books."""

    NONE = "none"
    EMAIL = "email"
    SMS = "sms"


class AgentMessage(StrEnum):
    """What an agent gets a calendar mail about."""

    ASSIGNED = "assigned"
    MOVED = "moved"
    TAKEN_AWAY = "taken_away"
    CANCELLED = "cancelled"


class OnZoneChange(StrEnum):
    """What a call keeps if the rules of its time zone change: its instant, or the wall time it promised."""

    KEEP_INSTANT = "keep_instant"
    KEEP_WALL_TIME = "keep_wall_time"


class Period(StrEnum):
    """The length of a customer limit's sliding window. A month is 30 days."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def length(self) -> timedelta:
        """How far back the window reaches."""
        return _PERIODS[self]


_PERIODS = {
    Period.HOUR: timedelta(hours=1),
    Period.DAY: timedelta(days=1),
    Period.WEEK: timedelta(days=7),
    Period.MONTH: timedelta(days=30),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLimit:
    """At most so many bookings of one customer in a sliding window."""

    max_bookings: int
    per: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """The rules that bookings of an app follow: a service that guests book. Every field has the product's default.

    `revision` counts its changes. Whom it offers: `agent_ids`, if it names any, who carry all its `required_tags`.
    """

    preset_id: str
    name: str
    revision: int = 1
    slug: str | None = None
    title: Text | None = None
    description: Text | None = None
    public: bool = True
    """Whether websites and the booking page offer it. A new one is not; one from before there was a choice is."""
    agent_ids: tuple[str, ...] = ()
    required_tags: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    verification: Verification = Verification.NONE
    agent_messages: tuple[AgentMessage, ...] = ()
    on_zone_change: OnZoneChange = OnZoneChange.KEEP_INSTANT
    scheduling_enabled: bool = True
    duration_minutes: int = 30
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    horizon_days: int = 730
    minimum_notice_minutes: int = 0
    assignment_mode: AssignmentMode = AssignmentMode.PICK_FROM_OPTIONS
    require_confirmation: bool = False
    guest_can_reschedule: bool = False
    guest_can_cancel: bool = False
    customer_limits: tuple[CustomerLimit, ...] = ()
    cancelled_bookings_count: bool = True
    no_show_grace_minutes: int = 15
    reminders: dict[str, list[str]] = field(default_factory=dict)
    reminders_per_call_per_day: int = 10
    reminders_per_recipient_per_hour: int = 5
    reminders_per_app_per_hour: int = 200
    allow_foreign_recipients: bool = False
    genesys_dispatch_minutes: int | None = None
    genesys_origins: tuple[str, ...] = ()
    """Of the active preset: where agents of the app have My schedules in a frame."""
    reply_to: str | None = None
    """Where answers to mails go: an address, or THE_AGENT."""
    language: str = "en"
    allowed_embed_origins: tuple[str, ...] = ()
    branding_name: str | None = None
    branding_color: str | None = None
    host_name: str | None = None
    guest_name: str | None = None
    record_on_start: bool = False
    preview_enabled: bool = True
    join_tokens: bool = False
    """Whether links into a room carry role tokens, instead of the widget key or nothing."""
    recording_days: int = 30
    """How long recordings are kept."""

    @property
    def horizon(self) -> timedelta:
        """How far ahead a call may start."""
        return timedelta(days=self.horizon_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetOfApp:
    """A preset, and whether it is the one that rules its app."""

    preset: Preset
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One video app of an organization, with its active preset."""

    app_id: str
    organization_id: str
    name: str
    timezone: str
    preset: Preset

    @property
    def shown_name(self) -> str:
        """What guests read as the name of the organization: the preset's branding, or else the app's own name."""
        return self.preset.branding_name or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Somebody who takes calls.

    `weight` is the share of round-robin bookings; `turns` how many the engine has given so far, and `last_turn_at` when
    it last did. `turns_back` are those that cancelled calls gave back, until the agent gets others in their place.
    Without working hours an agent is never offered, and can still be booked by name. `timezone` is where their days
    begin; `max_calls_per_day` how many calls one of them may hold.
    """

    agent_id: str
    name: str
    email: str | None = None
    timezone: str | None = None
    tags: tuple[str, ...] = ()
    max_calls_per_day: int | None = None
    photo_url: str | None = None
    weight: int = 1
    active: bool = True
    working_hours: tuple[Window, ...] = ()
    exceptions: tuple[ScheduleException, ...] = ()
    turns: int = 0
    turns_back: int = 0
    last_turn_at: datetime | None = None

    @property
    def local_zone(self) -> ZoneInfo:
        """Where the agent's days begin and end: their `timezone`, else that of their first window, else UTC."""
        return ZoneInfo(self.timezone or next((window.zone for window in self.working_hours), "UTC"))

    @property
    def day_cap(self) -> DayCap | None:
        """How many calls the agent takes on a day of their own zone; None: any number."""
        return DayCap(self.max_calls_per_day, self.local_zone.key) if self.max_calls_per_day is not None else None

    def utc_days_for(self, around: Interval) -> Sequence[date]:
        """The UTC days that a decision about this time needs, in order.

        Those that it touches, and all in which the agent's calls of those local days are counted, if they are.
        """
        days = {*around.utc_days()}
        return sorted(days | self.day_cap.utc_days(around) if self.day_cap else days)

    def worked(self, span: Interval) -> tuple[Interval, ...]:
        """When the agent works, in the span's reach. What is blocked stands in the agent's days."""
        return worked_time(self.working_hours, extra_time(self.exceptions, span), span)

    def works_all_of(self, meeting: Interval) -> bool:
        """True if the whole meeting is worked. Buffers are not asked about: they may reach beyond working time."""
        return any(interval.contains(meeting) for interval in self.worked(meeting))
