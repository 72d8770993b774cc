"""Agents as rows: attributes are written one by one, so that none overwrites a turn or an exception of meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slotline.domain.booking.apps import Agent, App
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.plain_json import plain
from slotline.ports.apps import AgentChange, KeptAgent
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.booking import items
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient
from slotline.store.dynamodb.rows import get_rows, query_rows, row_of
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact, write
from slotline.store.shared.audit import audit_parts


@dataclass(frozen=True, slots=True)
class DynamoAgents:
    """`Agents` on SchedulingTable, with receipts and the audit log on AccessTable."""

    client: DynamoDBClient
    table: str
    access_table: str
    clock: Clock

    def find(self, app_id: str, agent_id: str) -> tuple[App | None, Agent | None]:
        """One strongly consistent BatchGetItem."""
        app, kept = self.kept(app_id, agent_id)
        return app, kept.agent if kept else None

    def kept(self, app_id: str, agent_id: str) -> tuple[App | None, KeptAgent | None]:
        """One strongly consistent BatchGetItem."""
        app_key, agent_key = keys.app(app_id), keys.agent(app_id, agent_id)
        found = get_rows(self.client, {self.table: [app_key, agent_key]})
        app, row = row_of(found, app_key), row_of(found, agent_key)
        kept = KeptAgent(agent=items.agent_from_item(row), version=row.get("version", 0)) if row else None
        return items.app_from_item(app) if app else None, kept

    def all(self, app_id: str) -> tuple[App | None, Sequence[Agent]]:
        """One consistent Query: an app's agents stand right before it in its partition."""
        app_key = keys.app(app_id)
        rows = query_rows(self.client, self.table, keys.agent(app_id, ""), app_key["sk"])
        app = next((items.app_from_item(row) for row in rows if row["sk"] == app_key["sk"]), None)
        return app, [items.agent_from_item(row) for row in rows if row["sk"] != app_key["sk"]]

    def add(
        self, app_id: str, agent: Agent, at: datetime, receipt: Receipt | None, entry: AuditEntry | None = None
    ) -> None:
        """One transaction: the app is there, the agent is not, and nobody answered this key."""
        labelled: list[Labelled] = [
            ("app", parts.check(self.table, keys.app(app_id), "attribute_exists(pk)")),
            ("agent", parts.put_new(self.table, items.agent_to_item(app_id, agent, at))),
            *audit_parts(self.access_table, entry),
        ]
        if receipt:
            labelled.append(("receipt", parts.put_receipt(self.access_table, receipt, self.clock.now())))
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            if "receipt" in refused.labels:
                raise AlreadyAnswered from refused
            if "agent" in refused.labels:
                raise AlreadyWritten from refused
            raise RaceLost from refused

    def change(self, app_id: str, agent_id: str, change: AgentChange, entry: AuditEntry | None = None) -> None:
        """One transaction, or a conditional UpdateItem without an entry."""
        values, conditions = dict(change.values), ["attribute_exists(pk)"]
        read: dict[str, Any] = {}
        if change.turns:
            before, values["turns"] = change.turns
            read["turns"] = before
            conditions.append("turns = :turns" if before else "(attribute_not_exists(turns) OR turns <= :turns)")
        if change.version is not None:
            values["version"] = change.version + 1
            read["version"] = change.version or None
            conditions.append("version = :version" if change.version else "attribute_not_exists(version)")
        part = parts.change(self.table, keys.agent(app_id, agent_id), plain(values), " AND ".join(conditions), **read)
        try:
            write(self.client, [("agent", part), *audit_parts(self.access_table, entry)])
        except ConditionsFailed as refused:
            raise RaceLost from refused
