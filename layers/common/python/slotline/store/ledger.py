"""The slot lock in DynamoDB: one consistent read, a pure decision elsewhere, one conditional transaction.

Why nobody is double-booked. Every active claim of an agent was written by `commit` or `take_time`. Both move the guard
of each hour that the claim's padded time reaches into, on condition that the guard still stands as the decision read
it (`parts.change_day`). Two claims that collide share an instant (`Claim.collides`), so an hour, so a guard; DynamoDB
orders the two transactions; the later one finds the guard moved and is refused whole. It then reads again, and sees
the earlier claim. The call, its events and the receipt of the idempotency key commit in the same transaction, or
nothing does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from botocore.exceptions import ClientError

from slotline.domain.assignment import Candidate
from slotline.domain.idempotency import IdempotencyKey, Receipt
from slotline.domain.intervals import Interval
from slotline.domain.ledger import DayChange, Ledger
from slotline.ports import (
    AlreadyAnswered,
    AlreadyWritten,
    BookingWrite,
    CallSituation,
    Clock,
    RaceLost,
    Situation,
    StoreBusyError,
)
from slotline.store import items, keys, parts
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

BATCH = 100
"""Rows that one BatchGetItem reads."""

Key = Mapping[str, str]
Rows = dict[tuple[str, str], items.Item]
Labelled = tuple[str, parts.Part]


@dataclass(frozen=True, slots=True)
class DynamoBookings:
    """`Bookings` on SchedulingTable and AccessTable."""

    client: DynamoDBClient
    scheduling_table: str
    access_table: str
    clock: Clock

    def look(
        self,
        app_id: str,
        agent_id: str | None,
        around: Interval,
        key: IdempotencyKey | None,
        customers: Sequence[str] = (),
    ) -> Situation:
        """One strongly consistent BatchGetItem: app, agent, days, calendar months, customer's windows, receipt."""
        app_key, months_key = keys.app(app_id), keys.months(app_id)
        receipt_key = _receipt_key(key)
        windows = {identity: keys.customer(app_id, identity) for identity in customers}
        agent_keys = [keys.agent(app_id, agent_id), *_day_keys(app_id, agent_id, around)] if agent_id else []
        found = self._get([app_key, months_key, *agent_keys, *windows.values()], receipt_key)
        app = _row(found, app_key)
        candidate = _candidate(app_id, agent_id, around, found) if agent_id else None
        return Situation(
            app=items.app_from_item(app) if app else None,
            agent=candidate.agent if candidate else None,
            ledger=candidate.ledger if candidate else None,
            receipt=self._receipt(found, key),
            listed_months=_months(found, months_key),
            customers=[items.history_from_item(name, _row(found, row)) for name, row in windows.items()],
        )

    def look_at(self, app_id: str, call_id: str, key: IdempotencyKey | None) -> CallSituation:
        """One strongly consistent BatchGetItem: app, call, calendar months, receipt."""
        app_key, months_key, call_key = keys.app(app_id), keys.months(app_id), keys.call(app_id, call_id)
        found = self._get([app_key, months_key, call_key], _receipt_key(key))
        app, call = _row(found, app_key), _row(found, call_key)
        return CallSituation(
            app=items.app_from_item(app) if app else None,
            call=items.call_from_item(call) if call else None,
            receipt=self._receipt(found, key),
            listed_months=_months(found, months_key),
        )

    def candidate(self, app_id: str, agent_id: str, around: Interval) -> Candidate | None:
        """One strongly consistent BatchGetItem: the agent and the days."""
        found = self._get([keys.agent(app_id, agent_id), *_day_keys(app_id, agent_id, around)])
        return _candidate(app_id, agent_id, around, found)

    def candidates(self, app_id: str, around: Interval) -> Sequence[Candidate]:
        """A consistent Query of the agents, then their days, a hundred rows a request."""
        agents = [items.agent_from_item(row) for row in self._agent_rows(app_id)]
        found: Rows = {}
        day_keys = chain.from_iterable(_day_keys(app_id, agent.agent_id, around) for agent in agents)
        while batch := list(islice(day_keys, BATCH)):
            found |= self._get(batch)
        return [Candidate(agent=agent, ledger=_ledger(app_id, agent.agent_id, around, found)) for agent in agents]

    def take_time(self, app_id: str, days: Sequence[DayChange], receipt: Receipt | None = None) -> None:
        """One TransactWriteItems."""
        labelled: list[Labelled] = [("day", parts.change_day(self.scheduling_table, app_id, change)) for change in days]
        if receipt:
            labelled.append(("receipt", parts.put_receipt(self.access_table, receipt, self.clock.now())))
        self._transact(labelled)

    def commit(self, write: BookingWrite) -> None:
        """One TransactWriteItems. What a refusal means is told by the position of its reason."""
        call, table, now = write.call, self.scheduling_table, self.clock.now()
        labelled: list[Labelled] = [
            *(("day", parts.change_day(table, call.app_id, change)) for change in write.days),
            ("new call" if write.replaces is None else "call", parts.put_call(table, call, write.replaces)),
            *(("event", parts.put_new(table, items.event_to_item(call.app_id, event))) for event in write.events),
            *(("customer", parts.count_customer(table, call.app_id, change)) for change in write.customers),
            *(("", parts.uncount_customer(table, call.app_id, name, call.id)) for name in write.uncounted),
        ]
        if write.turn:
            labelled.append(("turn", parts.give_turn(table, call.app_id, write.turn, now)))
        if write.list_month:
            labelled.append(("", parts.list_month(table, call)))
        if write.receipt:
            labelled.append(("receipt", parts.put_receipt(self.access_table, write.receipt, now)))
        self._transact(labelled)

    def _transact(self, labelled: Sequence[Labelled]) -> None:
        transaction: list[Any] = [part for _, part in labelled]
        try:
            with busy_is_busy():
                self.client.transact_write_items(
                    TransactItems=transaction, ClientRequestToken=request_token(transaction)
                )
        except ClientError as error:
            if code_of(error) != "TransactionCanceledException":
                raise
            raise _meaning([label for label, _ in labelled], cancelled_at(error)) from error

    def _receipt(self, found: Rows, key: IdempotencyKey | None) -> Receipt | None:
        receipt_key = _receipt_key(key)
        if key is None or receipt_key is None:
            return None
        return parts.receipt_from_row(_row(found, receipt_key), key, self.clock.now())

    def _get(self, scheduling: Sequence[Key], access: Key | None = None) -> Rows:
        """The rows by (pk, sk). A row left unprocessed is a throttled read: StoreBusyError."""
        request: Any = {self.scheduling_table: {"Keys": [to_values(key) for key in scheduling], "ConsistentRead": True}}
        if access:
            request[self.access_table] = {"Keys": [to_values(access)], "ConsistentRead": True}
        with busy_is_busy():
            answer = self.client.batch_get_item(RequestItems=request)
        if answer.get("UnprocessedKeys"):
            raise StoreBusyError("unprocessed keys")
        rows: list[AttributeValues] = list(chain.from_iterable(answer["Responses"].values()))
        return {(row["pk"]["S"], row["sk"]["S"]): from_values(row) for row in rows}

    def _agent_rows(self, app_id: str) -> Sequence[items.Item]:
        request: dict[str, Any] = {
            "TableName": self.scheduling_table,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :agent)",
            "ExpressionAttributeValues": to_values(
                {":pk": keys.app(app_id)["pk"], ":agent": keys.agent(app_id, "")["sk"]}
            ),
        }
        rows: list[items.Item] = []
        while True:
            with busy_is_busy():
                answer = self.client.query(**request)
            rows += [from_values(row) for row in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return rows
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _row(found: Rows, key: Key) -> items.Item | None:
    return found.get((key["pk"], key["sk"]))


def _months(found: Rows, months_key: Key) -> frozenset[str]:
    row = _row(found, months_key)
    return frozenset(row["months"]) if row else frozenset()


def _receipt_key(key: IdempotencyKey | None) -> Key | None:
    return keys.receipt(key.principal, key.route, key.key) if key else None


def _day_keys(app_id: str, agent_id: str, around: Interval) -> Sequence[Key]:
    return [keys.agent_day(app_id, agent_id, day) for day in around.utc_days()]


def _ledger(app_id: str, agent_id: str, around: Interval, found: Rows) -> Ledger:
    return Ledger(
        agent_id=agent_id,
        days={
            day: items.agent_day_from_item(day, _row(found, keys.agent_day(app_id, agent_id, day)))
            for day in around.utc_days()
        },
    )


def _candidate(app_id: str, agent_id: str, around: Interval, found: Rows) -> Candidate | None:
    row = _row(found, keys.agent(app_id, agent_id))
    if row is None:
        return None
    return Candidate(agent=items.agent_from_item(row), ledger=_ledger(app_id, agent_id, around, found))


def _meaning(labels: Sequence[str], reasons: Sequence[str]) -> Exception:
    """What a cancelled transaction tells. A condition that failed is a decision; it outranks busy neighbours.

    A new call that is there already means that an earlier try got through: nothing else could have made its id.
    """
    failed = {label for label, reason in zip(labels, reasons, strict=True) if reason == "ConditionalCheckFailed"}
    if "new call" in failed:
        return AlreadyWritten()
    if "receipt" in failed:
        return AlreadyAnswered()
    if failed:
        return RaceLost()
    return StoreBusyError(", ".join(sorted(set(reasons) - {"None"})))
