"""Agents as rows: attributes are written one by one, so that none overwrites a turn or an exception of meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.booking.apps import Agent, App
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.plain_json import plain
from slotline.ports.apps import AgentChange
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.booking import items
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, from_values
from slotline.store.dynamodb.rows import get_rows, query_rows, row_of
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact


@dataclass(frozen=True, slots=True)
class DynamoAgents:
    """`Agents` on SchedulingTable, with receipts on AccessTable."""

    client: DynamoDBClient
    table: str
    access_table: str
    clock: Clock

    def find(self, app_id: str, agent_id: str) -> tuple[App | None, Agent | None]:
        """One strongly consistent BatchGetItem."""
        app_key, agent_key = keys.app(app_id), keys.agent(app_id, agent_id)
        found = get_rows(self.client, {self.table: [app_key, agent_key]})
        app, agent = row_of(found, app_key), row_of(found, agent_key)
        return items.app_from_item(app) if app else None, items.agent_from_item(agent) if agent else None

    def all(self, app_id: str) -> tuple[App | None, Sequence[Agent]]:
        """One consistent Query: an app's agents stand right before it in its partition."""
        app_key = keys.app(app_id)
        rows = query_rows(self.client, self.table, keys.agent(app_id, ""), app_key["sk"])
        app = next((items.app_from_item(row) for row in rows if row["sk"] == app_key["sk"]), None)
        return app, [items.agent_from_item(row) for row in rows if row["sk"] != app_key["sk"]]

    def add(self, app_id: str, agent: Agent, at: datetime, receipt: Receipt | None) -> None:
        """One transaction: the app is there, the agent is not, and nobody answered this key."""
        labelled: list[Labelled] = [
            ("app", parts.check(self.table, keys.app(app_id), "attribute_exists(pk)")),
            ("agent", parts.put_new(self.table, items.agent_to_item(app_id, agent, at))),
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

    def change(self, app_id: str, agent_id: str, change: AgentChange) -> Agent:
        """One conditional UpdateItem."""
        values, condition = dict(change.values), "attribute_exists(pk)"
        read: dict[str, Any] = {}
        if change.turns:
            before, values["turns"] = change.turns
            read["turns"] = before
            condition += " AND turns = :turns" if before else " AND (attribute_not_exists(turns) OR turns <= :turns)"
        update = parts.change(self.table, keys.agent(app_id, agent_id), plain(values), condition, **read)["Update"]
        try:
            with raising_store_busy():
                answer = self.client.update_item(**update, ReturnValues="ALL_NEW")
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            raise RaceLost from error
        return items.agent_from_item(from_values(answer["Attributes"]))
