"""Agents' days and what takes time in them, as rows and back: claims, guards, holds, do-not-disturb windows."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from slotline.domain.booking.agent_days import AgentDay
from slotline.domain.booking.agent_time import DoNotDisturbWindow
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.shared.instants import instant_or_none, parse_instant
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.ports.booking import HeldSlot
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import Item
from slotline.store.dynamodb.due import due_fields

CLAIM, _GUARD = "claim_", "guard_"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def claim_attribute(claim_id: str) -> str:
    """The attribute of an agent day that holds this claim."""
    return f"{CLAIM}{claim_id}"


def guard_attribute(hour: int) -> str:
    """The attribute of an agent day that counts the claims ever put into this hour."""
    return f"{_GUARD}{hour:02d}"


def claim_to_value(claim: Claim) -> Item:
    """A claim as it stands in its day: minutes since 1970, so that a day of many calls stays small."""
    return {
        "kind": claim.kind.value,
        "start": (claim.meeting.start - _EPOCH) // MINUTE,
        "end": (claim.meeting.end - _EPOCH) // MINUTE,
        "before": claim.before // MINUTE,
        "after": claim.after // MINUTE,
        **({"expires_at": claim.expires_at} if claim.expires_at else {}),
    }


def agent_day_from_item(day: date, item: Mapping[str, Any] | None) -> AgentDay:
    """The day of a row; an empty day where there is none."""
    fields = item or {}
    return AgentDay(
        day=day,
        claims=tuple(
            _claim(name.removeprefix(CLAIM), value) for name, value in fields.items() if name.startswith(CLAIM)
        ),
        guards={int(name.removeprefix(_GUARD)): value for name, value in fields.items() if name.startswith(_GUARD)},
    )


def hold_to_item(hold: HeldSlot) -> Item:
    """The row that sees to the end of a hold."""
    key = keys.hold(hold.app_id, hold.agent_id, hold.claim.id)
    return {
        **key,
        **due_fields(key, hold.claim.expires_at),
        "app_id": hold.app_id,
        "agent_id": hold.agent_id,
        "id": hold.claim.id,
        "claim": claim_to_value(hold.claim),
    }


def hold_from_item(item: Mapping[str, Any]) -> HeldSlot:
    """The hold of a row."""
    return HeldSlot(app_id=item["app_id"], agent_id=item["agent_id"], claim=_claim(item["id"], item["claim"]))


def do_not_disturb_to_item(app_id: str, agent_id: str, window: DoNotDisturbWindow) -> Item:
    """The window's row, beside its agent's days."""
    return {
        **keys.do_not_disturb(app_id, agent_id, window.interval.start, window.id),
        "id": window.id,
        "agent_id": agent_id,
        "start": window.interval.start,
        "end": window.interval.end,
        "label": window.label,
        "notify": window.notify,
    }


def do_not_disturb_from_item(item: Mapping[str, Any]) -> DoNotDisturbWindow:
    """The window of a row."""
    return DoNotDisturbWindow(
        id=item["id"],
        interval=Interval(parse_instant(item["start"]), parse_instant(item["end"])),
        label=item.get("label"),
        notify=item["notify"],
    )


def _claim(claim_id: str, value: Mapping[str, Any]) -> Claim:
    return Claim(
        id=claim_id,
        kind=ClaimKind(value["kind"]),
        meeting=Interval(_EPOCH + value["start"] * MINUTE, _EPOCH + value["end"] * MINUTE),
        before=timedelta(minutes=value["before"]),
        after=timedelta(minutes=value["after"]),
        expires_at=instant_or_none(value.get("expires_at")),
    )
