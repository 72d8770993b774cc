"""The slot lock in DynamoDB: one consistent read, a pure decision elsewhere, one conditional transaction.

Why nobody is double-booked. Every active claim of an agent was written by `commit` or `take_time`. Both move the guard
of each hour that the claim's padded time reaches into, on condition that the guard still stands as the decision read
it (`writes.change_day`). Two claims that collide share an instant (`Claim.collides`), so an hour, so a guard;
DynamoDB orders the two transactions; the later one finds the guard moved and is refused whole. It then reads again, and
sees the earlier claim. The call, its events and the idempotency record commit in the same transaction, or
nothing does. Blocks (`slotline.domain.booking.blocks`) move the same guards unconditionally: they need no free time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from slotline.domain.booking import call_json
from slotline.domain.booking.agent_days import AgentDays, DayChange
from slotline.domain.booking.apps import Agent
from slotline.domain.booking.assignment import Candidate
from slotline.domain.booking.claims import Hold
from slotline.domain.booking.eligibility import Terms, is_eligible
from slotline.domain.booking.local_days import utc_days_around
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.intervals import Interval
from slotline.ports.booking import BookingWrite, CallSituation, CodeWasSpent, HeldSlot, LetGo, Situation
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.booking import items, writes
from slotline.store.booking.items import scheduled_room_item
from slotline.store.booking.preset_rows import KnownRevisions, app_of, keys_by_name, preset_by_name, ruled_as_booked
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient
from slotline.store.dynamodb.rows import Key, Rows, get_rows, query_rows, row_of
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact


@dataclass(frozen=True, slots=True)
class DynamoBookings:
    """`Bookings` on SchedulingTable and AccessTable."""

    client: DynamoDBClient
    scheduling_table: str
    access_table: str
    clock: Clock
    revisions: KnownRevisions = field(default_factory=KnownRevisions)

    def read_for_booking(
        self,
        app_id: str,
        agent_id: str | None,
        around: Interval,
        key: IdempotencyKey | None,
        customers: Sequence[str] = (),
        preset: str | None = None,
    ) -> Situation:
        """One strongly consistent BatchGetItem: app, preset, agent, days, months, customer's windows, receipt."""
        app_key, months_key = keys.app(app_id), keys.months(app_id)
        receipt_key = _receipt_key(key)
        windows = {identity: keys.customer(app_id, identity) for identity in customers}
        agent_keys = [keys.agent(app_id, agent_id), *_day_keys(app_id, agent_id, around)] if agent_id else []
        preset_keys = keys_by_name(app_id, preset)
        found = self._get([app_key, months_key, *agent_keys, *windows.values(), *preset_keys], receipt_key)
        app = app_of(self.client, self.scheduling_table, row_of(found, app_key))
        candidate = _candidate(app_id, agent_id, around, found) if agent_id else None
        return Situation(
            app=app,
            named_preset=preset_by_name(found, app, preset),
            agent=candidate.agent if candidate else None,
            agent_days=candidate.agent_days if candidate else None,
            receipt=self._receipt(found, key),
            listed_months=_months(found, months_key),
            customers=[items.history_from_item(name, row_of(found, row)) for name, row in windows.items()],
        )

    def read_for_change(self, app_id: str, call_id: str, key: IdempotencyKey | None) -> CallSituation:
        """One strongly consistent BatchGetItem: app, call, calendar months, receipt.

        One more, once in a process, for the preset of a call that was not booked under the present active one.
        """
        app_key, months_key, call_key = keys.app(app_id), keys.months(app_id), keys.call(app_id, call_id)
        found = self._get([app_key, months_key, call_key], _receipt_key(key))
        app = app_of(self.client, self.scheduling_table, row_of(found, app_key))
        row = row_of(found, call_key)
        call = call_json.call_from_json(row) if row else None
        return CallSituation(
            app=ruled_as_booked(self.client, self.scheduling_table, app, call, self.revisions),
            call=call,
            receipt=self._receipt(found, key),
            listed_months=_months(found, months_key),
        )

    def candidate(self, app_id: str, agent_id: str, around: Interval) -> Candidate | None:
        """A strongly consistent BatchGetItem, one more for every hundred days: the agent and the days."""
        found = self._get([keys.agent(app_id, agent_id), *_day_keys(app_id, agent_id, around)])
        return _candidate(app_id, agent_id, around, found)

    def candidates(self, app_id: str, around: Interval, terms: Terms | None = None) -> Sequence[Candidate]:
        """A consistent Query of the agents, then the days of those who are eligible, a hundred rows a request."""
        first = keys.agent(app_id, "")
        rows = query_rows(self.client, self.scheduling_table, first, keys.last_of(first))
        agents = [agent for row in rows if _is_asked_for(agent := items.agent_from_item(row), terms)]
        day_keys = [
            keys.agent_day(app_id, agent.agent_id, day) for agent in agents for day in agent.utc_days_for(around)
        ]
        found = self._get(day_keys)
        return [Candidate(agent=agent, agent_days=_agent_days(app_id, agent, around, found)) for agent in agents]

    def take_time(
        self,
        app_id: str,
        days: Sequence[DayChange],
        receipt: Receipt | None = None,
        hold: HeldSlot | None = None,
        replaces: Hold | None = None,
    ) -> None:
        """One TransactWriteItems."""
        labelled: list[Labelled] = [
            ("day", writes.change_day(self.scheduling_table, app_id, change)) for change in days
        ]
        if hold:
            labelled.append(("", parts.put_row(self.scheduling_table, items.hold_to_item(hold))))
            table = self.scheduling_table
            labelled += [("customer", writes.count_customer(table, app_id, change)) for change in hold.counts]
        if replaces:
            labelled.append(("", writes.drop_hold(self.scheduling_table, app_id, replaces)))
        if receipt:
            labelled.append(("receipt", parts.put_receipt(self.access_table, receipt, self.clock.now())))
        self._transact(labelled)

    def let_go(self, app_id: str, days: Sequence[DayChange], gone: LetGo) -> None:
        """One TransactWriteItems."""
        table = self.scheduling_table
        counted = writes.uncount_hold(table, app_id, gone, self.clock.now())
        self._transact(
            [
                *(("day", writes.change_day(table, app_id, change)) for change in days),
                *(("hold", part) for part in counted),
                ("", writes.drop_hold(table, app_id, gone.hold)),
            ]
        )

    def commit(self, write: BookingWrite) -> None:
        """One TransactWriteItems. What a refusal means is told by the position of its reason."""
        call, table, now = write.call, self.scheduling_table, self.clock.now()
        labelled: list[Labelled] = [
            *(("day", writes.change_day(table, call.app_id, change)) for change in write.days),
            ("new call" if write.replaces is None else "call", writes.put_call(table, call, write.replaces)),
            *(("event", parts.put_new(table, items.event_to_item(call.app_id, event))) for event in write.events),
            *(("customer", writes.count_customer(table, call.app_id, change)) for change in write.customers),
            *([("code", writes.spend_code(self.access_table, write.spent_code, now))] if write.spent_code else []),
            *(("", writes.uncount_customer(table, call, name)) for name in write.uncounted),
        ]
        if write.spends:
            labelled += [("hold", part) for part in writes.uncount_hold(table, call.app_id, write.spends, now)]
        if write.replaces is None:
            labelled.append(("new call", parts.put_new(table, scheduled_room_item(call))))
        if write.turn:
            labelled.append(("turn", writes.give_turn(table, call.app_id, write.turn, now)))
        if write.turn_back:
            labelled.append(("", writes.take_turn_back(table, call.app_id, write.turn_back)))
        if write.list_month:
            labelled.append(("", writes.list_months(table, call.app_id, [call.month])))
        if write.reminders:
            labelled += [("", part) for part in writes.plan_reminders(table, call, write.reminders, now)]
        if write.settled_reminder:
            labelled.append(("told", writes.settle_reminder(table, write.settled_reminder)))
        if write.heard:
            labelled += [("heard", part) for part in writes.hear_feedback(table, write.heard)]
        if write.receipt:
            labelled.append(("receipt", parts.put_receipt(self.access_table, write.receipt, now)))
        self._transact(labelled)

    def _transact(self, labelled: Sequence[Labelled]) -> None:
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            raise _meaning(refused.labels) from refused

    def _receipt(self, found: Rows, key: IdempotencyKey | None) -> Receipt | None:
        receipt_key = _receipt_key(key)
        if key is None or receipt_key is None:
            return None
        return parts.receipt_from_row(row_of(found, receipt_key), key, self.clock.now())

    def _get(self, scheduling: Sequence[Key], access: Key | None = None) -> Rows:
        wanted = {self.scheduling_table: scheduling, self.access_table: [access] if access else []}
        return get_rows(self.client, wanted)


def _months(found: Rows, months_key: Key) -> frozenset[str]:
    row = row_of(found, months_key)
    return frozenset(row["months"]) if row else frozenset()


def _receipt_key(key: IdempotencyKey | None) -> Key | None:
    return keys.receipt(key.principal, key.route, key.key) if key else None


def _is_asked_for(agent: Agent, terms: Terms | None) -> bool:
    return terms is None or is_eligible(agent, terms)


def _day_keys(app_id: str, agent_id: str, around: Interval) -> Sequence[Key]:
    """All days that could be needed of an agent who is yet to be read."""
    return [keys.agent_day(app_id, agent_id, day) for day in utc_days_around(around)]


def _agent_days(app_id: str, agent: Agent, around: Interval, found: Rows) -> AgentDays:
    return AgentDays(
        agent_id=agent.agent_id,
        days={
            day: items.agent_day_from_item(day, row_of(found, keys.agent_day(app_id, agent.agent_id, day)))
            for day in agent.utc_days_for(around)
        },
        cap=agent.day_cap,
    )


def _candidate(app_id: str, agent_id: str, around: Interval, found: Rows) -> Candidate | None:
    row = row_of(found, keys.agent(app_id, agent_id))
    if row is None:
        return None
    agent = items.agent_from_item(row)
    return Candidate(agent=agent, agent_days=_agent_days(app_id, agent, around, found))


def _meaning(failed: frozenset[str]) -> Exception:
    """What a transaction's failed conditions tell.

    A new call that is there already means that an earlier try got through: nothing else could have made its id.
    """
    if "new call" in failed:
        return AlreadyWritten()
    if "receipt" in failed:
        return AlreadyAnswered()
    if "code" in failed:
        return CodeWasSpent()
    return RaceLost()
