"""The slot lock in DynamoDB: one consistent read, a pure decision elsewhere, one conditional transaction.

Why nobody is double-booked. Every active claim of an agent was written by `commit`. `commit` moves the guard of each
hour that the claim's padded time reaches into, on condition that the guard still stands as the decision read it. Two
claims that collide share an instant (`Claim.collides`), so an hour, so a guard; DynamoDB orders the two transactions;
the later one finds the guard moved and is refused whole. It then reads again, and sees the earlier claim.
The call, its event, the receipt of the idempotency key commit in the same transaction, or nothing does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from botocore.exceptions import ClientError

from slotline.domain.calls import Call
from slotline.domain.idempotency import KEPT_FOR, IdempotencyKey, Receipt
from slotline.domain.instants import parse_instant
from slotline.domain.intervals import Interval
from slotline.domain.ledger import DayChange, Ledger
from slotline.ports import (
    AlreadyAnswered,
    AlreadyWritten,
    BookingWrite,
    Clock,
    RaceLost,
    Situation,
    StoreBusyError,
)
from slotline.store import items, keys
from slotline.store.dynamo import (
    AttributeValues,
    DynamoDBClient,
    busy_is_busy,
    cancelled_at,
    code_of,
    from_values,
    request_token,
    to_values,
)

Write = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DynamoBookings:
    """`Bookings` on SchedulingTable and AccessTable."""

    client: DynamoDBClient
    scheduling_table: str
    access_table: str
    clock: Clock

    def look(self, app_id: str, agent_id: str | None, around: Interval, key: IdempotencyKey | None) -> Situation:
        """One strongly consistent BatchGetItem: app, agent, days, calendar months, receipt."""
        days = list(around.utc_days()) if agent_id else []
        app_key, months_key = keys.app(app_id), keys.months(app_id)
        agent_keys = [keys.agent(app_id, agent_id)] if agent_id else []
        day_keys = {day: keys.agent_day(app_id, agent_id, day) for day in days} if agent_id else {}
        receipt_keys = [keys.receipt(key.principal, key.route, key.key)] if key else []
        found = self._get_all(
            {
                self.scheduling_table: [app_key, months_key, *agent_keys, *day_keys.values()],
                self.access_table: receipt_keys,
            }
        )
        app, months = _row(found, app_key), _row(found, months_key)
        agent = _row(found, agent_keys[0]) if agent_keys else None
        return Situation(
            app=items.app_from_item(app) if app else None,
            agent=items.agent_from_item(agent) if agent else None,
            ledger=Ledger(
                agent_id=agent_id,
                days={day: items.agent_day_from_item(day, _row(found, day_keys[day])) for day in days},
            )
            if agent_id
            else None,
            receipt=self._receipt(_row(found, receipt_keys[0]), key) if key else None,
            listed_months=frozenset(months["months"]) if months else frozenset(),
        )

    def commit(self, write: BookingWrite) -> None:
        """One TransactWriteItems. What a refusal means is told by the position of the reason."""
        call, now = write.call, self.clock.now()
        parts: list[tuple[str, Write]] = [
            *(("day", self._change_day(call.app_id, change)) for change in write.days),
            ("call", self._put_new(self.scheduling_table, items.call_to_item(call))),
            *(
                ("event", self._put_new(self.scheduling_table, items.event_to_item(call.app_id, event)))
                for event in write.events
            ),
        ]
        if write.list_month:
            parts.append(("month", self._list_month(call)))
        if write.receipt:
            parts.append(("receipt", self._put_receipt(write.receipt, int(now.timestamp()))))
        transaction: list[Any] = [part for _, part in parts]
        try:
            with busy_is_busy():
                self.client.transact_write_items(
                    TransactItems=transaction, ClientRequestToken=request_token(transaction)
                )
        except ClientError as error:
            if code_of(error) != "TransactionCanceledException":
                raise
            raise _meaning([label for label, _ in parts], cancelled_at(error)) from error

    def _change_day(self, app_id: str, change: DayChange) -> Write:
        """The lock itself: put the claim and move its hours' guards, if no guard has moved since it was read."""
        names: dict[str, str] = {}
        values: AttributeValues = {":one": {"N": "1"}}
        conditions: list[str] = []
        for hour, version in change.guards.items():
            names[f"#g{hour}"] = items.guard_attribute(hour)
            if version:
                values[f":v{version}"] = {"N": str(version)}
                conditions.append(f"#g{hour} = :v{version}")
            else:
                conditions.append(f"attribute_not_exists(#g{hour})")
        update = "ADD " + ", ".join(f"#g{hour} :one" for hour in change.guards)
        if change.put:
            names["#claim"] = items.claim_attribute(change.put.id)
            values.update(to_values({":claim": items.claim_to_value(change.put)}))
            update += " SET #claim = :claim"
        if change.drop:
            names.update({f"#d{i}": items.claim_attribute(claim_id) for i, claim_id in enumerate(change.drop)})
            update += " REMOVE " + ", ".join(f"#d{i}" for i in range(len(change.drop)))
        return {
            "Update": {
                "TableName": self.scheduling_table,
                "Key": to_values(keys.agent_day(app_id, change.agent_id, change.day)),
                "UpdateExpression": update,
                "ConditionExpression": " AND ".join(conditions),
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": values,
            }
        }

    def _put_new(self, table: str, item: Mapping[str, object]) -> Write:
        return {
            "Put": {
                "TableName": table,
                "Item": to_values(item),
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }

    def _list_month(self, call: Call) -> Write:
        return {
            "Update": {
                "TableName": self.scheduling_table,
                "Key": to_values(keys.months(call.app_id)),
                "UpdateExpression": "ADD months :month",
                "ExpressionAttributeValues": {":month": {"SS": [call.month]}},
            }
        }

    def _put_receipt(self, receipt: Receipt, now_seconds: int) -> Write:
        """A receipt whose day is over may still lie there: time to live deletes late."""
        item = {
            **keys.receipt(receipt.key.principal, receipt.key.route, receipt.key.key),
            "fingerprint": receipt.key.fingerprint,
            "call": items.call_fields(receipt.call),
            "answered_at": receipt.answered_at,
            "expires_at": int((receipt.answered_at + KEPT_FOR).timestamp()),
        }
        put = self._put_new(self.access_table, item)
        put["Put"]["ConditionExpression"] = "attribute_not_exists(pk) OR expires_at <= :now"
        put["Put"]["ExpressionAttributeValues"] = {":now": {"N": str(now_seconds)}}
        return put

    def _receipt(self, row: items.Item | None, key: IdempotencyKey) -> Receipt | None:
        if row is None or row["expires_at"] <= self.clock.now().timestamp():
            return None
        return Receipt(
            key=IdempotencyKey(principal=key.principal, route=key.route, key=key.key, fingerprint=row["fingerprint"]),
            call=items.call_from_item(row["call"]),
            answered_at=parse_instant(row["answered_at"]),
        )

    def _get_all(self, wanted: Mapping[str, Sequence[Mapping[str, str]]]) -> dict[tuple[str, str], items.Item]:
        """The rows by (pk, sk). A row left unprocessed is a throttled read: StoreBusyError."""
        request: Any = {
            table: {"Keys": [to_values(key) for key in table_keys], "ConsistentRead": True}
            for table, table_keys in wanted.items()
            if table_keys
        }
        with busy_is_busy():
            answer = self.client.batch_get_item(RequestItems=request)
        if answer.get("UnprocessedKeys"):
            raise StoreBusyError("unprocessed keys")
        rows: list[AttributeValues] = list(chain.from_iterable(answer["Responses"].values()))
        return {(row["pk"]["S"], row["sk"]["S"]): from_values(row) for row in rows}


def _row(found: Mapping[tuple[str, str], items.Item], key: Mapping[str, str]) -> items.Item | None:
    return found.get((key["pk"], key["sk"]))


def _meaning(labels: Sequence[str], reasons: Sequence[str]) -> Exception:
    """What a cancelled transaction tells. A condition that failed is a decision; it outranks busy neighbours.

    Our own call already there means an earlier try got through: nothing else could have made its id.
    """
    failed = {label for label, reason in zip(labels, reasons, strict=True) if reason == "ConditionalCheckFailed"}
    if "call" in failed:
        return AlreadyWritten()
    if "receipt" in failed:
        return AlreadyAnswered()
    if "day" in failed:
        return RaceLost()
    return StoreBusyError(", ".join(sorted(set(reasons) - {"None"})))
