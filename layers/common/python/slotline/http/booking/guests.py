"""A guest's call as it travels behind the guest's link: what the guest may see and do, and nothing of others."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from slotline.domain.access.rate_limits import Window
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.guest_rights import GuestsLook, can_confirm, why_not_cancel, why_not_reschedule
from slotline.domain.booking.slots import Slots
from slotline.domain.booking.texts import text_in
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.plain_json import plain
from slotline.http.booking.guest_door import AT, LIMITS, counted_as
from slotline.http.core.api import Api, Event, Tools, make_api
from slotline.http.core.bodies import fingerprint
from slotline.http.core.fields import Instant, Reason
from slotline.http.core.models import Model, Moment, RequestBody
from slotline.ports.booking import GuestLinkKeys

LinkToken = Annotated[str, Path(description="What the guest's link ends with")]


def make_guest_api(tools: Tools, link_keys: Callable[[], GuestLinkKeys], *, body_optional: bool = False) -> Api:
    """A resolver for handlers behind the guest's link: the link is all that a guest has, so addresses are counted."""

    def share(event: Event) -> tuple[str, Mapping[Window, int]]:
        return counted_as(event, link_keys()()), LIMITS

    return make_api(tools, public=True, body_optional=body_optional, share=share)


def key_of_guest(event: Event, key: str | None, name: str, call: Call) -> IdempotencyKey | None:
    """The idempotency key of a guest's request. The link itself is written nowhere, so its scope is the call.

    And the contact: who has the link once that was corrected is somebody else, and knows nothing of keys used before.
    """
    if key is None:
        return None
    principal, route = f"guest-{call.id}.{call.contact_epoch}", f"POST {AT}{{token}}/{name}"
    return IdempotencyKey(principal=principal, route=route, key=key, fingerprint=fingerprint(event))


class GuestCallView(Model):
    """A call as its guest sees it. Absent values are null."""

    status: CallStatus
    title: str | None = Field(description="Of the service, in the guest's language")
    description: str | None
    organization_name: str
    agent_name: str | None
    guest_name: str
    scheduled_at: Moment
    ends_at: Moment
    duration_minutes: int
    timezone: str = Field(description="The guest's, or else the app's")
    moved_from: Moment | None = Field(description="The start before the last move")
    join_url: str | None = Field(description="Null once the call is over or cancelled")
    cancelled_at: Moment | None
    cancellation_reason: str | None
    can_confirm: bool = Field(description="It waits for the guest to confirm")
    can_cancel: bool
    can_reschedule: bool

    @classmethod
    def of(cls, look: GuestsLook, video_base_url: str, now: datetime) -> Self:
        """The view of a call whose room is under this address."""
        call, preset = look.call, look.app.preset
        language = call.guest.language or preset.language
        texts = {
            name: None if text is None else text_in(text, language, preset.language)
            for name, text in (("title", preset.title), ("description", preset.description))
        }
        return cls(
            status=call.status,
            **texts,
            organization_name=look.app.shown_name,
            agent_name=look.agent_name,
            guest_name=call.guest.name,
            scheduled_at=format_instant(call.scheduled_at),
            ends_at=format_instant(call.scheduled_at + timedelta(minutes=call.duration_minutes)),
            duration_minutes=call.duration_minutes,
            timezone=call.guest.timezone or call.app_timezone,
            moved_from=plain(look.moved_from),
            join_url=None if call.is_final else f"{video_base_url}/c/{call.id}",
            cancelled_at=plain(call.cancelled_at),
            cancellation_reason=call.cancellation_reason,
            can_confirm=can_confirm(call, now),
            can_cancel=why_not_cancel(call, preset, now) is None,
            can_reschedule=why_not_reschedule(call, preset, now) is None,
        )


class GuestCallData(Model):
    """`data` of an answer with a guest's call."""

    call: GuestCallView


class Withdrawal(RequestBody):
    """The body of `POST cancel`, which may be left out."""

    reason: Reason | None = None


class Rescheduling(RequestBody):
    """The body of `POST reschedule`."""

    scheduled_at_utc: Instant
    reason: Reason | None = None


class GuestSlotsAsked(Model):
    """The query of `GET availability`."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)

    from_utc: Instant
    to_utc: Instant


class GuestSlotView(Model):
    """A time that the call can be moved to."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    start_utc: Moment
    end_utc: Moment


class GuestSlotsData(Model):
    """`data` of a guest's search."""

    slots: list[GuestSlotView]


def guest_slots(found: Slots) -> GuestSlotsData:
    """The times at which anybody who may take the call is free; whose they are is not said."""
    minutes = sorted({start for start, _ in found.starts})
    return GuestSlotsData(
        slots=[
            GuestSlotView(start_utc=_minute(start), end_utc=_minute(start + found.length_minutes)) for start in minutes
        ]
    )


def _minute(minute: int) -> str:
    return format_instant(datetime.fromtimestamp(minute * 60, UTC))
