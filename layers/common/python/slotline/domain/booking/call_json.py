"""A scheduled call as flat JSON, and back: what its row holds, and what an idempotency record keeps of it."""

import json
from collections.abc import Mapping
from typing import Any

from slotline.domain.booking.calls import AssignmentMethod, BookingSource, Call, CallStatus, Guest
from slotline.domain.booking.promises import promise_from_json, zone_change_from_json
from slotline.domain.shared.instants import format_instant, instant_or_none, parse_instant
from slotline.domain.shared.plain_json import compact, plain


def call_to_json(call: Call) -> dict[str, Any]:
    """The call as JSON, without its places in calendars; what is not there is null."""
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
        "scheduled_at": format_instant(call.scheduled_at),
        "duration_minutes": call.duration_minutes,
        "buffer_before_minutes": call.buffer_before_minutes,
        "buffer_after_minutes": call.buffer_after_minutes,
        "app_timezone": call.app_timezone,
        "status": call.status.value,
        "revision": call.revision,
        "created_at": format_instant(call.created_at),
        "updated_at": format_instant(call.updated_at),
        "cancelled_at": format_instant(call.cancelled_at) if call.cancelled_at else None,
        "cancellation_reason": call.cancellation_reason,
        "held_agent_id": call.held_agent_id,
        "change_id": call.change_id,
        "counted_as": list(call.counted_as) or None,
        "no_show_grace_minutes": call.no_show_grace_minutes,
        "reminder_ids": list(call.reminder_ids) or None,
        "preset_id": call.preset_id,
        "preset_revision": call.preset_revision,
        "external_id": call.external_id,
        # As text: DynamoDB's numbers are not JSON's, and nothing looks into them.
        "metadata": None if call.metadata is None else compact(call.metadata),
        "answers": compact(call.answers) if call.answers else None,
        "required_tags": list(call.required_tags) or None,
        "agent_ids": list(call.agent_ids) or None,
        "turn_agent_id": call.turn_agent_id or (_NO_TURN if _takes_turns(call.assignment_method) else None),
        "contact_epoch": call.contact_epoch or None,
        "promised": plain(call.promised) if call.promised else None,
        "calendar_sequence": call.calendar_sequence,
        "zone_change": plain(call.zone_change) if call.zone_change else None,
    }


def call_from_json(item: Mapping[str, Any]) -> Call:
    """The call again. `item` may hold more: a row has the call's places too."""
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
        preset_id=item.get("preset_id"),
        preset_revision=item.get("preset_revision"),
        external_id=item.get("external_id"),
        metadata=_from_text(item.get("metadata")),
        answers=_from_text(item.get("answers")) or {},
        required_tags=tuple(item.get("required_tags") or ()),
        agent_ids=tuple(item.get("agent_ids") or ()),
        turn_agent_id=_turn_agent_id(item),
        contact_epoch=item.get("contact_epoch") or 0,
        promised=promise_from_json(item.get("promised")),
        calendar_sequence=item.get("calendar_sequence"),
        zone_change=zone_change_from_json(item.get("zone_change")),
    )


_NO_TURN = ""
"""Of a call that took one and gave it back. Without it, the call would be taken for one of a release before."""


def _takes_turns(method: str) -> bool:
    return method == AssignmentMethod.ROUND_ROBIN


def _turn_agent_id(item: Mapping[str, Any]) -> str | None:
    """A call that was written before it was kept, or by a release before, took the turn of the agent whom it has."""
    if "turn_agent_id" in item or not _takes_turns(item["assignment_method"]):
        return item.get("turn_agent_id") or None
    return None if item["status"] == CallStatus.CANCELLED else item.get("assigned_agent_id")


def _from_text(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def answer_of(call: Call) -> Mapping[str, object]:
    """The result that an idempotency record keeps of a request that booked or changed a call."""
    return {"call": call_to_json(call)}


def call_of_answer(result: Mapping[str, Any]) -> Call:
    """The call of such a result, as it was then."""
    return call_from_json(result["call"])
