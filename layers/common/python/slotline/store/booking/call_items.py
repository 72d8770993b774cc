"""Scheduled calls and their timelines as rows, and back."""

from collections.abc import Mapping
from typing import Any

from slotline.domain.booking.call_json import call_to_json
from slotline.domain.booking.call_lists import searchable
from slotline.domain.booking.calls import (
    Actor,
    ActorType,
    Call,
    EventType,
    TimelineEvent,
)
from slotline.domain.booking.lifecycle import next_step_at
from slotline.domain.shared.instants import parse_instant
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
        **call_to_json(call),
    }


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
