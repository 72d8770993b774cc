"""Messages as rows, and back: written with the booking that plans them."""

from collections.abc import Mapping
from typing import Any

from slotline.domain.booking.reminders import Channel, Reminder, ReminderKind, ReminderStatus
from slotline.domain.shared.instants import instant_or_none, parse_instant
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import Item
from slotline.store.dynamodb.due import due_fields


def reminder_to_item(reminder: Reminder) -> Item:
    """The message's row, beside its call."""
    key = keys.reminder(reminder.app_id, reminder.call_id, reminder.id)
    return {
        **key,
        **due_fields(key, reminder.due_at),
        "id": reminder.id,
        "app_id": reminder.app_id,
        "call_id": reminder.call_id,
        "kind": reminder.kind.value,
        "channel": reminder.channel.value,
        "fire_at": reminder.fire_at,
        "scheduled_at": reminder.scheduled_at,
        "created_at": reminder.created_at,
        "recipient": reminder.recipient,
        "moved": reminder.moved,
        "status": reminder.status.value,
        "attempts": reminder.attempts,
        "claim_id": reminder.claim_id,
    }


def reminder_from_item(item: Mapping[str, Any]) -> Reminder:
    """The message of a row."""
    return Reminder(
        id=item["id"],
        app_id=item["app_id"],
        call_id=item["call_id"],
        kind=ReminderKind(item["kind"]),
        channel=Channel(item["channel"]),
        fire_at=parse_instant(item["fire_at"]),
        scheduled_at=parse_instant(item["scheduled_at"]),
        created_at=parse_instant(item["created_at"]),
        due_at=instant_or_none(item.get("due_at")),
        recipient=item.get("recipient"),
        moved=item["moved"],
        status=ReminderStatus(item["status"]),
        attempts=item["attempts"],
        claim_id=item.get("claim_id"),
    )
