"""What is kept, as rows: of the tables, and of a store in memory, which says its rows as the adapters would write them.

So a test arranges and asserts in one language, wherever the handlers under it keep things.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from slotline.domain.booking import call_json
from slotline.domain.shared.audit import AuditEntry
from slotline.ports.apps import KeptPreset
from slotline.store.booking import items
from slotline.store.booking.items import scheduled_room_item
from slotline.store.booking.preset_rows import revision_row, slug_row
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import from_values, to_values
from slotline.store.instant.rooms import call_from_room, room_item
from slotline.store.shared.audit import audit_from_item, audit_item
from slotline.store.webhooks.deliveries import delivery_to_item
from slotline.store.webhooks.subscriptions import subscription_to_item
from tests.support.memory.store import MemoryStore

Row = dict[str, Any]
TABLE = "SchedulingTable"


class TableRows:
    """The rows of SchedulingTable."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def rows(self) -> list[Row]:
        """All of them, in the order of their keys."""
        pages = self.client.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
        return _in_order(from_values(row) for page in pages for row in page["Items"])

    def row(self, key: Mapping[str, str]) -> Row | None:
        """One of them, or None."""
        answer = self.client.get_item(TableName=TABLE, Key=to_values(key), ConsistentRead=True)
        return from_values(answer["Item"]) if "Item" in answer else None

    def audited(self) -> list[AuditEntry]:
        """The audit log, in the order of its writing."""
        found = self.client.scan(TableName="AccessTable", ConsistentRead=True)["Items"]
        rows = (from_values(row) for row in found if row["pk"]["S"].startswith("AUDIT#"))
        return _in_time(map(audit_from_item, rows))

    def put(self, row: Mapping[str, Any]) -> None:
        """Whatever stands there."""
        self.client.put_item(TableName=TABLE, Item=to_values(row))

    def change(self, key: Mapping[str, str], **attributes: Any) -> None:
        """Put a row once more with other attributes."""
        self.put({**(self.row(key) or key), **attributes})

    def drop(self, key: Mapping[str, str]) -> None:
        """Take a row away."""
        self.client.delete_item(TableName=TABLE, Key=to_values({name: key[name] for name in ("pk", "sk")}))


class StoreRows:
    """The rows that a store in memory would have in SchedulingTable."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store

    def rows(self) -> list[Row]:
        """All of them, in the order of their keys."""
        return _in_order(map(_as_read, _rows_of(self.store)))

    def row(self, key: Mapping[str, str]) -> Row | None:
        """One of them, or None."""
        found = (row for row in _rows_of(self.store) if (row["pk"], row["sk"]) == (key["pk"], key["sk"]))
        return next(map(_as_read, found), None)

    def audited(self) -> list[AuditEntry]:
        """The audit log, in the order of its writing; each entry as its row gives it back."""
        return _in_time(audit_from_item(_as_read(audit_item(entry))) for entry in self.store.audited)

    def put(self, row: Mapping[str, Any]) -> None:
        """Whatever stands there."""
        _put(self.store, _as_read(row))

    def change(self, key: Mapping[str, str], **attributes: Any) -> None:
        """Put a row once more with other attributes."""
        self.put({**(self.row(key) or key), **attributes})

    def drop(self, key: Mapping[str, str]) -> None:
        """Take a row away."""
        _drop(self.store, key)


def _in_order(rows: Iterator[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["pk"], row["sk"]))


def _in_time(entries: Iterable[AuditEntry]) -> list[AuditEntry]:
    return sorted(entries, key=lambda entry: (entry.at, entry.entry_id))


def _as_read(row: Mapping[str, Any]) -> Row:
    """With instants as text, and without what is None."""
    return from_values(to_values(row))


def _rows_of(store: MemoryStore) -> Iterator[Row]:
    yield from _of_apps(store)
    yield from _of_agents(store)
    yield from _of_calls(store)
    yield from map(room_item, store.rooms.values())
    yield from map(subscription_to_item, store.webhooks.values())
    yield from map(delivery_to_item, store.deliveries.values())


def _of_apps(store: MemoryStore) -> Iterator[Row]:
    for app_id, app in store.apps.items():
        named = {"app_id": app_id, "organization_id": app.organization_id, "name": app.name, "timezone": app.timezone}
        active = {"active_preset_id": app.preset.preset_id, "preset": items.preset_to_map(app.preset)}
        yield {**keys.app(app_id), **named, **active}
    for app_id, months in store.months.items():
        yield {**keys.months(app_id), "months": months}
    for (app_id, preset_id), kept in store.presets.items():
        fields = {**items.preset_to_map(kept.preset), "change_id": kept.change_id}
        yield {**keys.preset(app_id, preset_id), **fields}
        if kept.preset.slug:
            yield slug_row(app_id, kept.preset.slug, kept.preset, items.preset_to_map(kept.preset))
    for (app_id, _, _), preset in store.preset_revisions.items():
        yield revision_row(app_id, preset, items.preset_to_map(preset))
    for (app_id, identity), history in store.customers.items():
        booked = {items.booking_attribute(call_id): at for call_id, at in history.bookings.items()}
        yield {**keys.customer(app_id, identity), "version": history.version, **booked}


def _of_agents(store: MemoryStore) -> Iterator[Row]:
    for (app_id, _), agent in store.agents.items():
        exceptions = {one.id: items.exception_to_map(one) for one in agent.exceptions}
        yield {
            **items.agent_to_item(app_id, agent, store.clock.now()),
            "created_at": None,
            "exceptions": exceptions,
        }
    for (app_id, agent_id, day), there in store.days.items():
        claims = {items.claim_attribute(claim.id): items.claim_to_value(claim) for claim in there.claims}
        guards = {items.guard_attribute(hour): count for hour, count in there.guards.items()}
        yield {**keys.agent_day(app_id, agent_id, day), **claims, **guards}
    for (app_id, agent_id, _), window in store.windows.items():
        yield items.do_not_disturb_to_item(app_id, agent_id, window)
    for hold in store.holds.values():
        yield items.hold_to_item(hold)


def _of_calls(store: MemoryStore) -> Iterator[Row]:
    for call in store.calls.values():
        yield items.call_to_item(call)
        yield scheduled_room_item(call)
    for (app_id, _), events in store.events.items():
        yield from (items.event_to_item(app_id, event) for event in events)
    yield from map(items.reminder_to_item, store.reminders.values())
    yield from map(items.sending_to_item, store.sendings.values())
    yield from map(items.suppression_to_item, store.suppressions.values())


def _put(store: MemoryStore, row: Row) -> None:
    """An app, a preset, an agent, an agent's day, a call, or a room."""
    pk, (kind, _, name) = row["pk"].split("#"), row["sk"].partition("#")
    match kind:
        case "APP":
            store.apps[pk[1]] = items.app_from_item(row)
        case "PRESET":
            preset = items.preset_from_map(row)
            store.presets[pk[1], name] = KeptPreset(preset=preset, change_id=row.get("change_id"))
        case "AGENT":
            store.agents[pk[1], name] = items.agent_from_item(row)
        case "DAY":
            day = date.fromisoformat(name)
            store.days[pk[1], pk[3], day] = items.agent_day_from_item(day, row)
        case "CALL":
            store.calls[pk[1], pk[3]] = call_json.call_from_json(row)
        case "ROOM" if row["kind"] == "scheduled":
            assert any(call.id == pk[1] for call in store.calls.values()), "such a room is its booking's"
        case "ROOM":
            store.rooms[pk[1]] = call_from_room(row)
        case _:
            raise NotImplementedError(kind)


def _drop(store: MemoryStore, key: Mapping[str, str]) -> None:
    """An agent, a call with its room, or an event of its timeline."""
    pk, (kind, _, name) = key["pk"].split("#"), key["sk"].partition("#")
    match kind:
        case "AGENT":
            del store.agents[pk[1], name]
        case "CALL":
            del store.calls[pk[1], pk[3]]
        case "ROOM":
            store.rooms.pop(pk[1], None)  # a scheduled call's is gone with its call
        case "EVENT":
            left = (one for one in store.events[pk[1], pk[3]] if one.id != name.partition("#")[2])
            store.events[pk[1], pk[3]] = tuple(left)
        case _:
            raise NotImplementedError(kind)
