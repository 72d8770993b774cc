"""Webhook subscriptions as rows beside their app, whose row counts them: no two requests at once have one too many.

A subscription that is told of its organization's calls has a row in that organization's partition, too: a pointer. Each
transaction that gives `dials_of` another value writes both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slotline.domain.booking.apps import App
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.instants import parse_instant
from slotline.domain.shared.plain_json import plain
from slotline.domain.webhooks.subscriptions import (
    MOST_WEBHOOKS,
    RetiringSecret,
    StatusReason,
    Subscription,
    WebhookStatus,
)
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.booking import items
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, Item
from slotline.store.dynamodb.rows import get_rows, query_rows, row_of
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, write
from slotline.store.shared.audit import audit_parts
from slotline.store.webhooks import newer_events

_INSTANTS = (
    "status_since",
    "created_at",
    "updated_at",
    "last_success_at",
    "first_failure_at",
)

_FORMER = ("previous_secret", "previous_secret_until")
"""Where a row of the former form keeps the one secret that was replaced; the next rotation takes them away."""


@dataclass(frozen=True, slots=True)
class DynamoWebhooks:
    """`Webhooks` on SchedulingTable, with receipts and the audit log on AccessTable."""

    client: DynamoDBClient
    table: str
    access_table: str
    clock: Clock

    def find(self, app_id: str, webhook_id: str | None) -> tuple[App | None, Subscription | None]:
        """One strongly consistent BatchGetItem."""
        app_key = keys.app(app_id)
        wanted = [app_key, keys.subscription(app_id, webhook_id)] if webhook_id else [app_key]
        found = get_rows(self.client, {self.table: wanted})
        app, row = row_of(found, app_key), row_of(found, wanted[-1]) if webhook_id else None
        return items.app_from_item(app) if app else None, subscription_from_item(row) if row else None

    def of_app(self, app_id: str) -> Sequence[Subscription]:
        """One strongly consistent Query."""
        first = keys.subscription(app_id)
        return [subscription_from_item(row) for row in query_rows(self.client, self.table, first, keys.last_of(first))]

    def of_organization(self, organization_id: str) -> Sequence[Subscription]:
        """One strongly consistent Query for the pointers; a BatchGetItem for every hundred of them."""
        first = keys.dial_subscription(organization_id)
        pointers = query_rows(self.client, self.table, first, keys.last_of(first))
        wanted = [keys.subscription(pointer["app_id"], pointer["webhook_id"]) for pointer in pointers]
        found = get_rows(self.client, {self.table: wanted})
        rows = [row for key in wanted if (row := row_of(found, key))]
        return [one for row in rows if (one := subscription_from_item(row)).dials_of == organization_id]

    def add(self, subscription: Subscription, receipt: Receipt | None, entry: AuditEntry | None = None) -> None:
        """One transaction: the app is there and has room, the subscription is not, and nobody answered this key."""
        owner: dict[str, Any] = {"owner": subscription.dials_of} if subscription.dials_of else {}
        room = parts.update(
            self.table,
            keys.app(subscription.app_id),
            "ADD webhooks :one",
            "attribute_exists(pk) AND (attribute_not_exists(webhooks) OR webhooks < :most)"
            + (" AND organization_id = :owner" if owner else ""),
            one=1,
            most=MOST_WEBHOOKS,
            **owner,
        )
        new = parts.put_new(self.table, subscription_to_item(subscription))
        pointer = self._pointing(subscription.app_id, subscription.id, None, subscription.dials_of)
        self._write([("room", room), ("new", new), *pointer], receipt, entry)

    def change(
        self,
        app_id: str,
        webhook_id: str,
        values: Mapping[str, object],
        expect: Mapping[str, object] | None = None,
        receipt: Receipt | None = None,
        entry: AuditEntry | None = None,
    ) -> None:
        """One conditional UpdateItem, or a transaction with the receipt, the pointer or the entry."""
        former: dict[str, object] = dict.fromkeys(_FORMER) if "retiring" in values else {}
        seen = _attributes(expect or {})
        names = {f"#e{number}": name for number, name in enumerate(seen)}
        read = {f"e{number}": value for number, value in enumerate(seen.values())}
        unchanged = [
            f"#{place} = :{place}" if value is not None else f"attribute_not_exists(#{place})"
            for place, value in read.items()
        ]
        part = parts.change(
            self.table,
            keys.subscription(app_id, webhook_id),
            {**_attributes(values), **former},
            " AND ".join(("attribute_exists(pk)", *unchanged)),
            **read,
        )
        part["Update"]["ExpressionAttributeNames"] |= names
        was, becomes = (expect or {}).get("dials_of"), values.get("dials_of")
        pointer = self._pointing(app_id, webhook_id, was, becomes) if "dials_of" in values else []
        self._write([("webhook", part), *pointer], receipt, entry)

    def remove(
        self, app_id: str, webhook_id: str, dials_of: str | None = None, entry: AuditEntry | None = None
    ) -> None:
        """One transaction over the subscription, its pointer and its app."""
        less = parts.update(self.table, keys.app(app_id), "ADD webhooks :less", "attribute_exists(pk)", less=-1)
        gone = parts.delete(self.table, keys.subscription(app_id, webhook_id), dials_of=dials_of)
        pointer = self._pointing(app_id, webhook_id, dials_of, None)
        self._write([("webhook", gone), ("app", less), *pointer], entry=entry)

    def _pointing(self, app_id: str, webhook_id: str, was: object, becomes: object) -> list[Labelled]:
        """What makes an organization's list follow a subscription's `dials_of`."""
        written: list[Labelled] = []
        if was and was != becomes:
            gone = keys.dial_subscription(str(was), app_id, webhook_id)
            written.append(("no pointer", parts.delete(self.table, gone)))
        if becomes and was != becomes:
            key = keys.dial_subscription(str(becomes), app_id, webhook_id)
            row = {**key, "app_id": app_id, "webhook_id": webhook_id}
            written.append(("pointer", parts.put_row(self.table, row)))
        return written

    def _write(
        self, labelled: Sequence[Labelled], receipt: Receipt | None = None, entry: AuditEntry | None = None
    ) -> None:
        answered: list[Labelled] = (
            [("receipt", parts.put_receipt(self.access_table, receipt, self.clock.now()))] if receipt else []
        )
        try:
            write(self.client, [*labelled, *answered, *audit_parts(self.access_table, entry)])
        except ConditionsFailed as refused:
            if "receipt" in refused.labels:
                raise AlreadyAnswered from refused
            raise (AlreadyWritten if "new" in refused.labels else RaceLost) from refused


def subscription_to_item(subscription: Subscription) -> Item:
    """The row of a new subscription."""
    return {**keys.subscription(subscription.app_id, subscription.id), **_attributes(plain(subscription))}


def _attributes(values: Mapping[str, object]) -> dict[str, Any]:
    """The attributes of a row that hold these values."""
    new: dict[str, Any] = plain(values)
    return new | newer_events.wanted_fields(new["events"]) if "events" in new else new


def subscription_from_item(row: Mapping[str, Any]) -> Subscription:
    """The subscription of a row."""
    known: dict[str, Any] = {name: row.get(name) for name in Subscription.__dataclass_fields__}
    known |= {name: parse_instant(row[name]) for name in _INSTANTS if row.get(name)}
    known["retiring"] = _retiring(row)
    known["events"] = newer_events.wanted_of(row)
    known["status"] = WebhookStatus(row["status"])
    known["status_reason"] = StatusReason(row["status_reason"]) if row.get("status_reason") else None
    return Subscription(**known)


def _retiring(row: Mapping[str, Any]) -> tuple[RetiringSecret, ...]:
    """The secrets that were replaced. A row of the former form has one of them, in attributes of its own."""
    old = row.get("retiring") or []
    if row.get("previous_secret") and row.get("previous_secret_until"):
        old = [{"secret": row["previous_secret"], "until": row["previous_secret_until"]}]
    return tuple(RetiringSecret(secret=one["secret"], until=parse_instant(one["until"])) for one in old)
