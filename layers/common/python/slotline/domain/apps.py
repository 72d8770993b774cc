"""What an organization sets up: the app, the preset that rules its bookings, the agents who take the calls."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class AssignmentMode(StrEnum):
    """How the public page finds an agent."""

    PICK_FROM_OPTIONS = "pick_from_options"
    ANY_AVAILABLE = "any_available"
    URL_FORCED = "url_forced"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLimit:
    """At most so many bookings of one customer in a sliding window (`hour|day|week|month`)."""

    max_bookings: int
    per: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """The rules that bookings of an app follow. Every field has the product's default."""

    preset_id: str
    name: str
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
    no_show_grace_minutes: int = 15
    reminders: dict[str, list[str]] = field(default_factory=dict)
    allowed_embed_origins: tuple[str, ...] = ()
    branding_name: str | None = None
    branding_color: str | None = None

    @property
    def horizon(self) -> timedelta:
        """How far ahead a call may start."""
        return timedelta(days=self.horizon_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One video app of an organization, with its active preset."""

    app_id: str
    organization_id: str
    name: str
    timezone: str
    preset: Preset


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Somebody who takes calls. `weight` is the share of round-robin bookings."""

    agent_id: str
    name: str
    weight: int = 1
    active: bool = True
