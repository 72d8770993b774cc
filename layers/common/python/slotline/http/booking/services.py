"""Services as they travel: of each preset what a form for bookings needs, and nothing of what an admin rules by it."""

from typing import Annotated, Self

from pydantic import Field

from slotline.domain.booking.apps import AssignmentMode, PresetOfApp, Verification
from slotline.domain.booking.services import languages_of
from slotline.domain.shared.plain_json import plain
from slotline.http.booking.presets import QuestionView
from slotline.http.core.models import Model


class ServiceView(Model):
    """A service that can be booked: `presetId` of a booking is its `preset_id` or its `slug`."""

    preset_id: str
    slug: str | None
    active: Annotated[bool, Field(description="It is booked by requests that name none")]
    public: Annotated[bool, Field(description="Websites and the booking page offer it")]
    scheduling_enabled: bool
    title: Annotated[str | dict[str, str], Field(description="For guests: the preset's title, or its name")]
    description: str | dict[str, str] | None
    language: Annotated[str, Field(description="For guests whose own is not known")]
    languages: Annotated[list[str], Field(description="That its texts are written in; `language` is the first")]
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    minimum_notice_minutes: int
    horizon_days: int
    assignment_mode: AssignmentMode
    require_confirmation: bool
    verification: Verification
    guest_can_reschedule: bool
    guest_can_cancel: bool
    questions: list[QuestionView]

    @classmethod
    def of(cls, found: PresetOfApp) -> Self:
        """The view of a preset as a service."""
        preset = plain(found.preset)
        shown = {name: preset[name] for name in cls.model_fields if name in preset}
        title = preset["title"] or preset["name"]
        languages = languages_of(found.preset)
        return cls.model_validate({**shown, "active": found.active, "title": title, "languages": languages})


class ServicesData(Model):
    """`data` of an answer with an app's services."""

    services: list[ServiceView]
