"""Exceptions and do-not-disturb windows as rows, each with what it takes from its agent's days in one transaction.

An exception stands in its agent's row, a window in a row of its own. A blocked year is more days than a transaction
holds: its first transaction says so in the record (`applying`), each later one asks for that, and the last takes it
away. So days are never written for an exception that is gone or going.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.booking.agent_days import DayChange
from slotline.domain.booking.agent_time import (
    LONGEST_WINDOW_DAYS,
    DoNotDisturbWindow,
    ExceptionState,
    ScheduleException,
)
from slotline.domain.booking.blocks import DayBlock
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.intervals import Interval
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.booking import items, writes
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, to_values
from slotline.store.dynamodb.rows import query_rows
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact
from slotline.store.shared.audit import audit_parts

_THERE = "attribute_exists(#exceptions.#id)"


@dataclass(frozen=True, slots=True)
class DynamoAgentTime:
    """`AgentTime` on SchedulingTable, with receipts and the audit log on AccessTable."""

    client: DynamoDBClient
    table: str
    access_table: str
    clock: Clock

    def add_exception(
        self,
        app_id: str,
        agent_id: str,
        exception: ScheduleException,
        days: Sequence[DayBlock],
        receipt: Receipt | None,
        entry: AuditEntry | None = None,
    ) -> None:
        """An UpdateItem that makes sure of the map of exceptions, then one transaction."""
        row = keys.agent(app_id, agent_id)
        self._update(
            parts.update(
                self.table,
                row,
                "SET #exceptions = if_not_exists(#exceptions, :none)",
                "attribute_exists(pk)",
                {"#exceptions": "exceptions"},
                none={},
            )
        )
        record = parts.update(
            self.table,
            row,
            "SET #exceptions.#id = :exception",
            "attribute_exists(pk) AND attribute_not_exists(#exceptions.#id)",
            _names(exception.id),
            exception=items.exception_to_map(exception),
        )
        said = audit_parts(self.access_table, entry)
        self._transact([("record", record), *self._blocks(app_id, days), *self._receipt(receipt), *said])

    def go_on(self, app_id: str, agent_id: str, exception_id: str, days: Sequence[DayBlock], *, last: bool) -> None:
        """One transaction: the days, while the record says that they are awaited."""
        state = "#exceptions.#id.#state"
        record = parts.update(
            self.table,
            keys.agent(app_id, agent_id),
            f"REMOVE {state}" if last else f"SET {state} = :applying",
            f"{state} = :applying",
            {**_names(exception_id), "#state": "state"},
            applying=ExceptionState.APPLYING.value,
        )
        self._transact([("record", record), *self._blocks(app_id, days)])

    def start_removing(self, app_id: str, agent_id: str, exception_id: str) -> None:
        """One conditional UpdateItem."""
        self._update(
            parts.update(
                self.table,
                keys.agent(app_id, agent_id),
                "SET #exceptions.#id.#state = :removing",
                _THERE,
                {**_names(exception_id), "#state": "state"},
                removing=ExceptionState.REMOVING.value,
            )
        )

    def remove_exception(
        self,
        app_id: str,
        agent_id: str,
        exception_id: str,
        days: Sequence[DayChange],
        entry: AuditEntry | None = None,
    ) -> None:
        """One transaction."""
        row = keys.agent(app_id, agent_id)
        record = parts.update(self.table, row, "REMOVE #exceptions.#id", _THERE, _names(exception_id))
        said = audit_parts(self.access_table, entry)
        self._transact([("record", record), *self._changes(app_id, days), *said])

    def windows(self, app_id: str, agent_id: str, span: Interval) -> Sequence[DoNotDisturbWindow]:
        """A Query by start: none that reaches into the span starts earlier than the longest window before it."""
        earliest = span.start - timedelta(days=LONGEST_WINDOW_DAYS)
        rows = query_rows(
            self.client,
            self.table,
            keys.do_not_disturb(app_id, agent_id, earliest),
            keys.do_not_disturb(app_id, agent_id, span.end)["sk"],
        )
        found = [items.do_not_disturb_from_item(row) for row in rows]
        return [window for window in found if window.interval.overlaps(span)]

    def window(self, app_id: str, agent_id: str, window_id: str) -> DoNotDisturbWindow | None:
        """A Query of the agent's windows, filtered: their keys begin with the start."""
        first = keys.do_not_disturb(app_id, agent_id, None)
        rows = query_rows(
            self.client,
            self.table,
            first,
            keys.last_of(first),
            FilterExpression="id = :id",
            ExpressionAttributeValues=to_values({":id": window_id}),
        )
        return items.do_not_disturb_from_item(rows[0]) if rows else None

    def add_window(
        self,
        app_id: str,
        agent_id: str,
        window: DoNotDisturbWindow,
        days: Sequence[DayBlock],
        receipt: Receipt | None,
        entry: AuditEntry | None = None,
    ) -> None:
        """One transaction."""
        agent = parts.check(self.table, keys.agent(app_id, agent_id), "attribute_exists(pk)")
        row = parts.put_new(self.table, items.do_not_disturb_to_item(app_id, agent_id, window))
        kept: list[Labelled] = [("agent", agent), ("window", row), *self._blocks(app_id, days)]
        self._transact([*kept, *self._receipt(receipt), *audit_parts(self.access_table, entry)])

    def remove_window(
        self,
        app_id: str,
        agent_id: str,
        window: DoNotDisturbWindow,
        days: Sequence[DayChange],
        entry: AuditEntry | None = None,
    ) -> None:
        """One transaction."""
        row = parts.delete(self.table, keys.do_not_disturb(app_id, agent_id, window.interval.start, window.id))
        said = audit_parts(self.access_table, entry)
        self._transact([("record", row), *self._changes(app_id, days), *said])

    def _blocks(self, app_id: str, days: Sequence[DayBlock]) -> Sequence[Labelled]:
        return [("", writes.block_day(self.table, app_id, day)) for day in days]

    def _changes(self, app_id: str, days: Sequence[DayChange]) -> Sequence[Labelled]:
        return [("", writes.change_day(self.table, app_id, day)) for day in days]

    def _receipt(self, receipt: Receipt | None) -> Sequence[Labelled]:
        return [("receipt", parts.put_receipt(self.access_table, receipt, self.clock.now()))] if receipt else []

    def _transact(self, labelled: Sequence[Labelled]) -> None:
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            if "receipt" in refused.labels:
                raise AlreadyAnswered from refused
            if "window" in refused.labels:
                raise AlreadyWritten from refused
            raise RaceLost from refused

    def _update(self, part: parts.Part) -> None:
        try:
            with raising_store_busy():
                self.client.update_item(**part["Update"])
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            raise RaceLost from error


def _names(exception_id: str) -> dict[str, str]:
    """`exceptions` is a reserved word."""
    return {"#exceptions": "exceptions", "#id": exception_id}
