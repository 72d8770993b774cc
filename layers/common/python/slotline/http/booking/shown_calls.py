"""A scheduled call and what happened to it as plain JSON: what webhooks are told, and what an answer's views hold.

Without the models: who tells webhooks answers no request, and starts without what checks one.
"""

from typing import Any

from slotline.domain.booking.calls import Call, TimelineEvent
from slotline.domain.booking.promises import ZoneChange
from slotline.domain.booking.timeline import followed_zone_rules
from slotline.domain.shared.plain_json import plain


def shown_call(call: Call, video_base_url: str) -> dict[str, Any]:
    """The fields of a `CallView`: the call, whose room is under this address.

    Without the links that make somebody its guest or its host: those are for whoever asks, if anybody may have them.
    """
    join_url = f"{video_base_url}/c/{call.id}"
    return {
        "id": call.id,
        "app_id": call.app_id,
        "booking_source": plain(call.booking_source),
        "assignment_method": plain(call.assignment_method),
        "assigned_agent_id": call.assigned_agent_id,
        "guest_name": call.guest.name,
        "guest_phone": call.guest.phone,
        "guest_email": call.guest.email,
        "guest_timezone": call.guest.timezone,
        "guest_language": call.guest.language,
        "guest_intake_notes": call.guest.intake_notes,
        "scheduled_at": plain(call.scheduled_at),
        "duration_minutes": call.duration_minutes,
        "buffer_before_minutes": call.buffer_before_minutes,
        "buffer_after_minutes": call.buffer_after_minutes,
        "app_timezone": call.app_timezone,
        "status": plain(call.status),
        "join_url": join_url,
        "host_join_url": None,
        "revision": call.revision,
        "created_at": plain(call.created_at),
        "updated_at": plain(call.updated_at),
        "cancelled_at": plain(call.cancelled_at),
        "cancellation_reason": call.cancellation_reason,
        "preset_id": call.preset_id,
        "preset_revision": call.preset_revision,
        "external_id": call.external_id,
        "metadata": call.metadata,
        "answers": dict(call.answers),
        "required_tags": list(call.required_tags),
        "agent_ids": list(call.agent_ids),
        "zone_change": shown_zone_change(call.zone_change) if call.zone_change else None,
    }


def shown_zone_change(found: ZoneChange) -> dict[str, Any]:
    """The fields of a `ZoneChangeView`."""
    return {**followed_zone_rules(found).payload, "found_at": plain(found.found_at)}


def shown_event(event: TimelineEvent) -> dict[str, Any]:
    """The fields of an `EventView`. What a user is in the app stands in the payload: others who act have no role."""
    return {
        "id": event.id,
        "event_type": plain(event.event_type),
        "actor_type": plain(event.actor.type),
        "actor_id": event.actor.id,
        "payload": plain(event.payload) | ({"actor_role": event.actor.role} if event.actor.role else {}),
        "created_at": plain(event.created_at),
    }
