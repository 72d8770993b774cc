"""Scheduled calls and their timelines as rows, and back."""

from collections.abc import Mapping
from typing import Any

from slotline.domain.booking.call_lists import searchable
from slotline.domain.booking.calls import (
    Actor,
    ActorType,
    AssignmentMethod,
    BookingSource,
    Call,
    CallStatus,
    EventType,
    Guest,
    TimelineEvent,
)
from slotline.domain.booking.lifecycle import next_step_at
from slotline.domain.shared.instants import instant_or_none, parse_instant
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import Item
from slotline.store.dynamodb.due import due_fields


def call_to_item(call: Call) -> Item:
    """The call's row, with its places in both calendars and the text that a search looks through."""
    agent, key = call.assigned_agent_id, keys.call(call.app_id, call.id)
    return {
        **key,
        **due_fields(key, next_step_at(call)),
        "calendar_pk": keys.calendar(call.app_id, call.month),
        "calendar_sk": keys.calendar_time(call.scheduled_at, call.id),
        "agent_calendar_pk": keys.agent_calendar(call.app_id, agent) if agent else None,
        "search_text": searchable(call.guest.name, call.guest.email, call.guest.phone, call.guest.phone_e164),
        **call_fields(call),
    }


def call_fields(call: Call) -> Item:
    """The call alone, without its places: what a receipt keeps."""
    return {
        "id": call.id,
        "app_id": call.app_id,
        "booking_source": call.booking_source.value,
        "assignment_method": call.assignment_method.value,
        "assigned_agent_id": call.assigned_agent_id,
        "guest_name": call.guest.name,
        "guest_phone": call.guest.phone,
        "guest_phone_e164": call.guest.phone_e164,
        "guest_email": call.guest.email,
        "guest_timezone": call.guest.timezone,
        "guest_language": call.guest.language,
        "guest_intake_notes": call.guest.intake_notes,
        "scheduled_at": call.scheduled_at,
        "duration_minutes": call.duration_minutes,
        "buffer_before_minutes": call.buffer_before_minutes,
        "buffer_after_minutes": call.buffer_after_minutes,
        "app_timezone": call.app_timezone,
        "status": call.status.value,
        "revision": call.revision,
        "created_at": call.created_at,
        "updated_at": call.updated_at,
        "cancelled_at": call.cancelled_at,
        "cancellation_reason": call.cancellation_reason,
        "held_agent_id": call.held_agent_id,
        "change_id": call.change_id,
        "counted_as": call.counted_as or None,
        "no_show_grace_minutes": call.no_show_grace_minutes,
        "reminder_ids": call.reminder_ids or None,
    }


def call_from_item(item: Mapping[str, Any]) -> Call:
    """The call of a row or of a receipt."""
    return Call(
        id=item["id"],
        app_id=item["app_id"],
        booking_source=BookingSource(item["booking_source"]),
        assignment_method=AssignmentMethod(item["assignment_method"]),
        assigned_agent_id=item.get("assigned_agent_id"),
        guest=Guest(
            name=item["guest_name"],
            phone=item.get("guest_phone"),
            phone_e164=item.get("guest_phone_e164"),
            email=item.get("guest_email"),
            timezone=item.get("guest_timezone"),
            language=item.get("guest_language"),
            intake_notes=item.get("guest_intake_notes"),
        ),
        scheduled_at=parse_instant(item["scheduled_at"]),
        duration_minutes=item["duration_minutes"],
        buffer_before_minutes=item["buffer_before_minutes"],
        buffer_after_minutes=item["buffer_after_minutes"],
        app_timezone=item["app_timezone"],
        status=CallStatus(item["status"]),
        revision=item["revision"],
        created_at=parse_instant(item["created_at"]),
        updated_at=parse_instant(item["updated_at"]),
        cancelled_at=instant_or_none(item.get("cancelled_at")),
        cancellation_reason=item.get("cancellation_reason"),
        held_agent_id=item.get("held_agent_id"),
        change_id=item.get("change_id"),
        counted_as=tuple(item.get("counted_as") or ()),
        no_show_grace_minutes=item["no_show_grace_minutes"],
        reminder_ids=tuple(item.get("reminder_ids") or ()),
    )


def event_to_item(app_id: str, event: TimelineEvent) -> Item:
    """The event's row, beside its call."""
    return {
        **keys.event(app_id, event.call_id, event.revision, event.id),
        "id": event.id,
        "app_id": app_id,
        "call_id": event.call_id,
        "revision": event.revision,
        "sequence": event.sequence,
        "event_type": event.event_type.value,
        "actor_type": event.actor.type.value,
        "actor_id": event.actor.id,
        "payload": dict(event.payload),
        "created_at": event.created_at,
    }


def event_from_item(item: Mapping[str, Any]) -> TimelineEvent:
    """The event of a row."""
    return TimelineEvent(
        id=item["id"],
        call_id=item["call_id"],
        revision=item["revision"],
        sequence=item["sequence"],
        event_type=EventType(item["event_type"]),
        actor=Actor(type=ActorType(item["actor_type"]), id=item.get("actor_id")),
        payload=item["payload"],
        created_at=parse_instant(item["created_at"]),
    )
