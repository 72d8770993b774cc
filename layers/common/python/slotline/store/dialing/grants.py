"""Whom numbers are granted to: one row a number on AccessTable, beside its pace.

The conditional write that guards a number is here. An organization adds a number by moving its grant on, in the
transaction that keeps the number, on condition that the grant is the one that was seen. Of two who add the same number,
and of one who adds and one who revokes, one goes first and the other decides again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.dialing.numbers import Number, NumberGrant
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.instants import parse_instant
from slotline.domain.shared.plain_json import plain
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.dialing.settings import number_to_item
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.rows import get_row
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact, write
from slotline.store.shared.audit import audit_parts


@dataclass(frozen=True, slots=True)
class DynamoNumberGrants:
    """`NumberGrants` on AccessTable, with numbers on DialingTable."""

    client: DynamoDBClient
    dialing_table: str
    access_table: str
    clock: Clock

    def get(self, e164: str) -> NumberGrant | None:
        """One strongly consistent GetItem."""
        row = get_row(self.client, self.access_table, keys.number_grant(e164))
        return grant_from_item(row) if row else None

    def add_number(
        self, number: Number, seen: NumberGrant, receipt: Receipt | None, entry: AuditEntry | None = None
    ) -> None:
        """One transaction: the number is not there, its grant is as it was seen, and nobody answered this key."""
        labelled: list[Labelled] = [
            ("new", parts.put_new(self.dialing_table, number_to_item(number))),
            ("grant", self._moved(seen.added(number))),
            *audit_parts(self.access_table, entry),
        ]
        if receipt:
            labelled.append(("receipt", parts.put_receipt(self.access_table, receipt, self.clock.now())))
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            if "receipt" in refused.labels:
                raise AlreadyAnswered from refused
            raise (AlreadyWritten if "new" in refused.labels else RaceLost) from refused

    def put(self, grant: NumberGrant, entry: AuditEntry | None = None) -> None:
        """One conditional PutItem, or a transaction with the entry."""
        try:
            write(self.client, [("grant", self._moved(grant)), *audit_parts(self.access_table, entry)])
        except ConditionsFailed as refused:
            raise RaceLost from refused

    def all(self) -> Iterator[NumberGrant]:
        """A Scan of AccessTable: for the operator, and for nobody who waits."""
        request: dict[str, Any] = {
            "TableName": self.access_table,
            "ConsistentRead": True,
            "FilterExpression": "begins_with(pk, :number) AND sk = :grant",
            "ExpressionAttributeValues": to_values({":number": keys.number_grant("")["pk"], ":grant": "GRANT"}),
        }
        while True:
            with raising_store_busy():
                page = self.client.scan(**request)
            yield from (grant_from_item(from_values(row)) for row in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _moved(self, grant: NumberGrant) -> parts.Part:
        item = grant_to_item(grant)
        if grant.revision == 1:
            return parts.put_new(self.access_table, item)
        return parts.put(self.access_table, item, "revision = :replaces", replaces=grant.revision - 1)


def grant_to_item(grant: NumberGrant) -> Item:
    """The row of a grant."""
    return {**keys.number_grant(grant.phone_number), **plain(grant)}


def grant_from_item(row: Mapping[str, Any]) -> NumberGrant:
    """The grant of a row."""
    known = {name: row[name] for name in NumberGrant.__dataclass_fields__ if row.get(name) is not None}
    return NumberGrant(**{"organization_id": None, **known, "granted_at": parse_instant(row["granted_at"])})
