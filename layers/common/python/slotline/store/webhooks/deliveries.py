"""Deliveries as rows in order of their subject's sequence, and the log of a subscription as an index has it.

A row is guarded by its `due_at` and its count of attempts: whoever changes it has read it as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.due import Due
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.instants import instant_or_none, parse_instant
from slotline.domain.webhooks.deliveries import (
    Delivery,
    DeliveryAttempt,
    DeliveryStatus,
    LogPage,
    LogPosition,
    LogQuery,
    Place,
)
from slotline.domain.webhooks.subscriptions import Subject, SubjectKind
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import AttributeValues, DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.keys import due_fields
from slotline.store.dynamodb.rows import due_row, query_answers, query_rows
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, write
from slotline.store.shared.audit import audit_parts
from slotline.store.webhooks import newer_events

_LAST_SEQUENCE = 10**12 - 1
MOST_PAGES = 5
"""Requests that one reading of the log makes, each of up to a megabyte."""


@dataclass(frozen=True, slots=True)
class DynamoDeliveries:
    """`Deliveries` on SchedulingTable, with receipts on AccessTable."""

    client: DynamoDBClient
    table: str
    access_table: str
    clock: Clock

    def add(self, delivery: Delivery, receipt: Receipt | None = None, entry: AuditEntry | None = None) -> None:
        """One conditional PutItem, or a transaction with what goes along; a GetItem where something has its place."""
        try:
            self._write(("new", parts.put_new(self.table, delivery_to_item(delivery))), receipt, entry)
        except AlreadyWritten:
            there = self._get(key_of(delivery.place))
            if there is None or there["event_id"] != delivery.event_id:
                raise

    def due(self, due: Due) -> Delivery | None:
        """One strongly consistent GetItem."""
        row = due_row(self.client, self.table, due)
        return delivery_from_item(row) if row else None

    def get(self, place: Place) -> Delivery | None:
        """One strongly consistent GetItem."""
        row = self._get(key_of(place))
        return delivery_from_item(row) if row else None

    def waiting_before(self, place: Place) -> Delivery | None:
        """A consistent Query backwards from the place."""
        return self._waiting(place, "sk < :sk", forward=False)

    def waiting_after(self, place: Place) -> Delivery | None:
        """A consistent Query onwards from the place."""
        return self._waiting(place, "sk > :sk", forward=True)

    def replace(
        self, before: Delivery, after: Delivery, receipt: Receipt | None = None, entry: AuditEntry | None = None
    ) -> None:
        """One conditional UpdateItem, or a transaction with what goes along; a GetItem if it was refused.

        If its answer was lost, botocore's repeat is refused: the row then says that it has this very change.
        """
        key = key_of(before.place)
        unchanged = "due_at = :due" if before.due_at else "attribute_not_exists(due_at)"
        part = parts.change(
            self.table,
            key,
            _state(key, after.following(before)),
            f"attempts = :attempts AND {unchanged}",
            attempts=before.attempts,
            due=before.due_at,
        )
        try:
            self._write(("delivery", part), receipt, entry)
        except RaceLost:
            there = self._get(key)
            if there is None or after.claim_id == before.claim_id or there.get("claim_id") != after.claim_id:
                raise

    def of_subject(self, app_id: str, webhook_id: str, subject: Subject) -> Sequence[Delivery]:
        """A consistent Query: they stand in one partition."""
        first, last = (
            key_of(Place(app_id=app_id, webhook_id=webhook_id, subject=subject, sequence=sequence))
            for sequence in (0, _LAST_SEQUENCE)
        )
        rows = query_rows(self.client, self.table, first, last["sk"])
        return [delivery_from_item(row) for row in rows]

    def log(self, query: LogQuery) -> LogPage:
        """Queries of index `calendar`, until there are enough."""
        found: list[Delivery] = []
        for pages, answer in enumerate(self._log_pages(query, query.limit + 1), 1):
            found += [delivery_from_item(from_values(row)) for row in answer["Items"]]
            if len(found) > query.limit:
                shown = found[: query.limit]
                return LogPage(deliveries=shown, next=_position_of(shown[-1]))
            if pages == MOST_PAGES and "LastEvaluatedKey" in answer:
                return LogPage(deliveries=found, next=_position(answer["LastEvaluatedKey"]["calendar_sk"]["S"]))
        return LogPage(deliveries=found, next=None)

    def _log_pages(self, query: LogQuery, enough: int) -> Iterator[Mapping[str, Any]]:
        low = keys.delivery_time(query.since) if query.since else "0"
        high = keys.delivery_time(query.until) if query.until else "9"
        if query.after:
            after = keys.delivery_time(query.after.occurred_at, query.after.event_id)
            low, high = (low, min(high, _just_before(after))) if query.newest_first else (max(low, f"{after}~"), high)
        if low > high:
            return
        values = {":log": keys.delivery_log(query.app_id, query.webhook_id), ":low": low, ":high": high}
        more: dict[str, Any] = {"Limit": enough}
        condition = "expires_at > :now"
        if query.status:
            values[":status"] = query.status.value
            more = {"ExpressionAttributeNames": {"#status": "status"}}
            condition += " AND #status = :status"
        yield from query_answers(
            self.client,
            TableName=self.table,
            IndexName="calendar",
            KeyConditionExpression="calendar_pk = :log AND calendar_sk BETWEEN :low AND :high",
            FilterExpression=condition,
            ExpressionAttributeValues={**to_values(values), **self._now()},
            ScanIndexForward=not query.newest_first,
            **more,
        )

    def _waiting(self, place: Place, beside: str, *, forward: bool) -> Delivery | None:
        key = key_of(place)
        for answer in query_answers(
            self.client,
            TableName=self.table,
            ConsistentRead=True,
            KeyConditionExpression=f"pk = :pk AND {beside}",
            FilterExpression="#status = :pending AND expires_at > :now",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                **to_values({":pk": key["pk"], ":sk": key["sk"], ":pending": DeliveryStatus.PENDING.value}),
                **self._now(),
            },
            ScanIndexForward=forward,
        ):
            for row in answer["Items"]:
                return delivery_from_item(from_values(row))
        return None

    def _get(self, key: Mapping[str, str]) -> Item | None:
        with raising_store_busy():
            answer = self.client.get_item(TableName=self.table, Key=to_values(key), ConsistentRead=True)
        row = from_values(answer["Item"]) if "Item" in answer else None
        return row if row and row["expires_at"] > self.clock.now().timestamp() else None

    def _write(self, labelled: Labelled, receipt: Receipt | None, entry: AuditEntry | None) -> None:
        answered: list[Labelled] = (
            [("receipt", parts.put_receipt(self.access_table, receipt, self.clock.now()))] if receipt else []
        )
        try:
            write(self.client, [labelled, *answered, *audit_parts(self.access_table, entry)])
        except ConditionsFailed as refused:
            if "receipt" in refused.labels:
                raise AlreadyAnswered from refused
            raise (AlreadyWritten if "new" in refused.labels else RaceLost) from refused

    def _now(self) -> AttributeValues:
        return to_values({":now": int(self.clock.now().timestamp())})


def delivery_to_item(delivery: Delivery) -> Item:
    """The row of a new delivery, with its place in the log."""
    place, key = delivery.place, key_of(delivery.place)
    return {
        **key,
        "calendar_pk": keys.delivery_log(place.app_id, place.webhook_id),
        "calendar_sk": keys.delivery_time(delivery.occurred_at, delivery.event_id),
        "app_id": place.app_id,
        "webhook_id": place.webhook_id,
        "subject_kind": place.subject.kind.value,
        "subject_id": place.subject.id,
        "sequence": place.sequence,
        **newer_events.event_fields(delivery.event),
        "event_id": delivery.event_id,
        "occurred_at": delivery.occurred_at,
        "body": delivery.body,
        **_state(key, delivery),
    }


def delivery_from_item(row: Mapping[str, Any]) -> Delivery:
    """The delivery of a row."""
    return Delivery(
        place=Place(
            app_id=row["app_id"],
            webhook_id=row["webhook_id"],
            subject=Subject(kind=SubjectKind(row["subject_kind"]), id=row["subject_id"]),
            sequence=row["sequence"],
        ),
        event=newer_events.event_of(row),
        event_id=row["event_id"],
        occurred_at=parse_instant(row["occurred_at"]),
        body=row["body"],
        status=DeliveryStatus(row["status"]),
        due_at=instant_or_none(row.get("due_at")),
        expires_at=datetime.fromtimestamp(row["expires_at"], UTC),
        attempts=row["attempts"],
        before_round=row["before_round"],
        round_began_at=instant_or_none(row.get("round_began_at")),
        claim_id=row.get("claim_id"),
        delivered_at=instant_or_none(row.get("delivered_at")),
        log=tuple(_attempt(fields) for fields in row["log"]),
        revision=row.get("revision", 0),
    )


def _state(key: Mapping[str, str], delivery: Delivery) -> Item:
    """What of a delivery changes."""
    return {
        "due_at": None,
        "due_bucket": None,
        **due_fields(key, delivery.due_at),
        "status": delivery.status.value,
        "expires_at": int(delivery.expires_at.timestamp()),
        "attempts": delivery.attempts,
        "before_round": delivery.before_round,
        "round_began_at": delivery.round_began_at,
        "claim_id": delivery.claim_id,
        "delivered_at": delivery.delivered_at,
        "revision": delivery.revision,
        "log": [
            {name: value for name, value in asdict(attempt).items() if value is not None} for attempt in delivery.log
        ],
    }


def _attempt(fields: Mapping[str, Any]) -> DeliveryAttempt:
    return DeliveryAttempt(**{**fields, "at": parse_instant(fields["at"])})


def key_of(place: Place) -> dict[str, str]:
    """Of a delivery's row."""
    subject = f"{place.subject.kind.upper()}#{place.subject.id}"
    return keys.delivery(place.app_id, place.webhook_id, subject, place.sequence)


def _position_of(delivery: Delivery) -> LogPosition:
    return LogPosition(occurred_at=delivery.occurred_at, event_id=delivery.event_id)


def _position(calendar_sk: str) -> LogPosition:
    occurred_at, event_id = calendar_sk.split("#", 1)
    return LogPosition(occurred_at=parse_instant(occurred_at), event_id=event_id)


def _just_before(calendar_sk: str) -> str:
    """A bound below this sort key and above every other one below it: BETWEEN includes its ends, and ids are ASCII."""
    return f"{calendar_sk[:-1]}{chr(ord(calendar_sk[-1]) - 1)}~"
