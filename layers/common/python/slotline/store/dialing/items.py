"""Calls to be dialled, their attempts and events as items of DialingTable, and back."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.call_lists import month_of
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.events import DialEvent
from slotline.domain.dialing.numbers import CarrierName
from slotline.domain.dialing.own_times import own_time_from_json
from slotline.domain.dialing.pace import Lease, Pace
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.shared.instants import instant_or_none, parse_instant
from slotline.domain.shared.plain_json import plain
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import Item
from slotline.store.dynamodb.keys import due_fields

if TYPE_CHECKING:
    from slotline.store.dynamodb.streams import Change


def dial_call_to_item(call: DialCall) -> Item:
    """The call's row, with its place in its organization's calendar.

    `params` and `metadata` are JSON in one text: what a caller sends may hold any number, and nobody searches in it.
    """
    key = keys.dial_call(call.organization_id, call.id)
    return {
        **key,
        **due_fields(key, call.due_at),
        "calendar_pk": keys.dial_calendar(call.organization_id, month_of(call.scheduled_at)),
        "calendar_sk": keys.calendar_time(call.scheduled_at, call.id),
        "id": call.id,
        "organization_id": call.organization_id,
        "use_case_id": call.use_case_id,
        "number_id": call.number_id,
        "phone_number": call.phone_number,
        "e164": call.e164,
        "status": call.status.value,
        "scheduled_at": call.scheduled_at,
        "max_duration_mins": call.max_duration_mins,
        "campaign_id": call.campaign_id,
        "language": call.language,
        "zones": call.zones,
        "params": _to_text(call.params),
        "metadata": _to_text(call.metadata),
        "rules": [
            {"query": rule.query, "retry_period": rule.retry_period, "max_retry_per_day": rule.max_retry_per_day}
            for rule in call.rules
        ],
        "max_retries": call.max_retries,
        "attempted_at": call.attempted_at,
        "withdrawn": call.withdrawn,
        "last_outcome": call.last_outcome.value if call.last_outcome else None,
        "called_off": call.is_called_off,
        "own_time": call.has_own_time,
        "asked_for": plain(call.own_time),
        "carrier_call_id": call.carrier_call_id,
        "reason": call.reason,
        "revision": call.revision,
        "created_at": call.created_at,
        "updated_at": call.updated_at,
    }


def dial_call_from_item(item: Mapping[str, Any]) -> DialCall:
    """The call of a row."""
    return DialCall(
        id=item["id"],
        organization_id=item["organization_id"],
        use_case_id=item["use_case_id"],
        number_id=item["number_id"],
        phone_number=item["phone_number"],
        e164=item["e164"],
        status=DialStatus(item["status"]),
        scheduled_at=parse_instant(item["scheduled_at"]),
        max_duration_mins=item["max_duration_mins"],
        campaign_id=item.get("campaign_id"),
        language=item.get("language"),
        zones=tuple(item["zones"]),
        params=json.loads(item["params"]),
        metadata=json.loads(item["metadata"]),
        rules=tuple(
            RetryRule(
                query=rule["query"],
                retry_period=rule["retry_period"],
                max_retry_per_day=rule.get("max_retry_per_day"),
            )
            for rule in item["rules"]
        ),
        max_retries=item["max_retries"],
        due_at=instant_or_none(item.get("due_at")),
        attempted_at=tuple(parse_instant(at) for at in item["attempted_at"]),
        withdrawn=item["withdrawn"],
        last_outcome=DialStatus(item["last_outcome"]) if "last_outcome" in item else None,
        is_called_off=item["called_off"],
        has_own_time=item.get("own_time", False),
        own_time=own_time_from_json(item.get("asked_for")),
        carrier_call_id=item.get("carrier_call_id"),
        reason=item.get("reason"),
        revision=item["revision"],
        created_at=parse_instant(item["created_at"]),
        updated_at=parse_instant(item["updated_at"]),
    )


def attempt_to_item(organization_id: str, attempt: DialAttempt) -> Item:
    """The attempt's row, beside its call's."""
    return {
        **keys.dial_attempt(organization_id, attempt.call_id, attempt.number),
        "call_id": attempt.call_id,
        "number": attempt.number,
        "status": attempt.status.value,
        "carrier": attempt.carrier.value,
        "claimed_at": attempt.claimed_at,
        "updated_at": attempt.updated_at,
        "claim_id": attempt.claim_id,
        "carrier_call_id": attempt.carrier_call_id,
        "answered_by": attempt.answered_by,
        "ended_at": attempt.ended_at,
        "looks": attempt.lookups,
        "reason": attempt.reason,
    }


def attempt_from_item(item: Mapping[str, Any]) -> DialAttempt:
    """The attempt of a row."""
    return DialAttempt(
        call_id=item["call_id"],
        number=item["number"],
        status=DialStatus(item["status"]),
        carrier=CarrierName(item["carrier"]),
        claimed_at=parse_instant(item["claimed_at"]),
        updated_at=parse_instant(item["updated_at"]),
        claim_id=item.get("claim_id"),
        carrier_call_id=item.get("carrier_call_id"),
        answered_by=item.get("answered_by"),
        ended_at=instant_or_none(item.get("ended_at")),
        lookups=item["looks"],
        reason=item.get("reason"),
    )


def dial_event_to_item(event: DialEvent) -> Item:
    """The event's row, beside its call's."""
    return {
        **keys.dial_event(event.organization_id, event.call_id, event.sequence),
        "organization_id": event.organization_id,
        "call_id": event.call_id,
        "campaign_id": event.campaign_id,
        "sequence": event.sequence,
        "status": event.status.value,
        "attempt": event.attempt,
        "reason": event.reason,
        "acts_at": event.due_at,  # `due_at` would put the event's row into index `due`
        "occurred_at": event.occurred_at,
    }


def dial_event_from_item(item: Mapping[str, Any]) -> DialEvent:
    """The event of a row."""
    return DialEvent(
        organization_id=item["organization_id"],
        call_id=item["call_id"],
        campaign_id=item.get("campaign_id"),
        sequence=item["sequence"],
        status=DialStatus(item["status"]),
        attempt=item["attempt"],
        reason=item.get("reason"),
        due_at=instant_or_none(item.get("acts_at")),
        occurred_at=parse_instant(item["occurred_at"]),
    )


def new_dial_event(change: "Change") -> DialEvent | None:
    """The event that a change of a row brings: one that was not there."""
    if change.old is not None or change.new is None or not keys.is_event(change.new["sk"]):
        return None
    return dial_event_from_item(change.new)


def pace_to_fields(pace: Pace) -> Item:
    """What a number has given out. Instants keep their microseconds: a gap is a few milliseconds."""
    return {
        "free_at": pace.free_at.isoformat() if pace.free_at else None,
        "asked_at": pace.asked_at.isoformat() if pace.asked_at else None,
        "leases": {
            name: {"starts_at": lease.starts_at.isoformat(), "until": lease.until.isoformat()}
            for name, lease in pace.leases.items()
        },
    }


def pace_from_fields(item: Mapping[str, Any]) -> Pace:
    """The same of a row."""
    return Pace(
        free_at=_exact(item.get("free_at")),
        asked_at=_exact(item.get("asked_at")),
        leases={
            name: Lease(
                starts_at=datetime.fromisoformat(lease["starts_at"]), until=datetime.fromisoformat(lease["until"])
            )
            for name, lease in item["leases"].items()
        },
    )


def _to_text(values: Mapping[str, object]) -> str:
    return json.dumps(dict(values), ensure_ascii=False, separators=(",", ":"))


def _exact(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
