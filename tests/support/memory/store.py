"""Bookings, and what commits with them, in memory, with the outcomes of the real adapters.

`tests/contract` runs one suite against these and the DynamoDB adapters. Unlike moto they are atomic under threads.
"""

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from slotline.domain.booking.agent_days import AgentDay, AgentDays, DayChange
from slotline.domain.booking.agent_time import DoNotDisturbWindow
from slotline.domain.booking.apps import Agent, App, Preset
from slotline.domain.booking.assignment import Candidate
from slotline.domain.booking.blocks import DayBlock
from slotline.domain.booking.call_lists import CallPage, CallQuery, Position
from slotline.domain.booking.calls import Call, TimelineEvent
from slotline.domain.booking.claims import Hold
from slotline.domain.booking.customer_limits import CustomerChange, CustomerHistory
from slotline.domain.booking.eligibility import Terms, is_eligible
from slotline.domain.booking.lifecycle import next_step_at
from slotline.domain.booking.reminders import Channel, Reminder, ReminderPlan
from slotline.domain.booking.rooms import Side
from slotline.domain.booking.sendings import Feedback, HeardFeedback, Sending, Suppression
from slotline.domain.booking.sent_codes import SentCode
from slotline.domain.instant.mail import Letter
from slotline.domain.instant.recordings import Recording
from slotline.domain.instant.rooms import VideoCall
from slotline.domain.instant.seats import Happened, Seats
from slotline.domain.messages.bounds import AskedMessages, Counted
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.due import Due
from slotline.domain.shared.idempotency import KEPT_FOR, IdempotencyKey, Receipt
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.intervals import Interval
from slotline.domain.shared.paging import COUNTED_UP_TO
from slotline.domain.webhooks.deliveries import Delivery, Place
from slotline.domain.webhooks.subscriptions import Subscription
from slotline.ports.apps import KeptPreset
from slotline.ports.booking import BookingWrite, CallFile, CallSituation, CodeWasSpent, HeldSlot, LetGo, Situation
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.booking.items import event_from_item, event_to_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import from_values, to_values
from tests.support.memory.faults import Faults
from tests.support.memory.tokens import RequestTokens, transaction

MOST_ROWS = 100
"""That one transaction writes."""


@dataclass
class MemoryStore:
    """`Bookings` and `Calls`, and the rows that the other ports in memory stand on.

    Give each thread its own view by `with_faults` where they are to fail apart.
    """

    clock: Clock
    faults: Faults = field(default_factory=Faults)
    apps: dict[str, App] = field(default_factory=dict)
    agents: dict[tuple[str, str], Agent] = field(default_factory=dict)
    agent_versions: dict[tuple[str, str], int] = field(default_factory=dict)
    days: dict[tuple[str, str, date], AgentDay] = field(default_factory=dict)
    calls: dict[tuple[str, str], Call] = field(default_factory=dict)
    events: dict[tuple[str, str], tuple[TimelineEvent, ...]] = field(default_factory=dict)
    receipts: dict[tuple[str, str, str], Receipt] = field(default_factory=dict)
    months: dict[str, frozenset[str]] = field(default_factory=dict)
    customers: dict[tuple[str, str], CustomerHistory] = field(default_factory=dict)
    windows: dict[tuple[str, str, str], DoNotDisturbWindow] = field(default_factory=dict)
    presets: dict[tuple[str, str], KeptPreset] = field(default_factory=dict)
    preset_revisions: dict[tuple[str, str, int], Preset] = field(default_factory=dict)
    rooms: dict[str, VideoCall] = field(default_factory=dict)
    room_events: dict[tuple[str, str], Happened] = field(default_factory=dict)
    looks: dict[str, datetime] = field(default_factory=dict)
    """When somebody is to look into a room."""
    seats: dict[str, Seats] = field(default_factory=dict)
    recordings: dict[tuple[str, int], Recording] = field(default_factory=dict)
    mail: dict[tuple[str, Side, str], tuple[Letter, datetime]] = field(default_factory=dict)
    webhooks: dict[tuple[str, str], Subscription] = field(default_factory=dict)
    deliveries: dict[Place, Delivery] = field(default_factory=dict)
    reminders: dict[tuple[str, str, str], Reminder] = field(default_factory=dict)
    invited: dict[tuple[str, str, str | None], frozenset[str]] = field(default_factory=dict)
    sendings: dict[tuple[str, str, str], Sending] = field(default_factory=dict)
    suppressions: dict[tuple[str, Channel, str], Suppression] = field(default_factory=dict)
    asked: dict[Counted, AskedMessages] = field(default_factory=dict)
    holds: dict[tuple[str, str, str], HeldSlot] = field(default_factory=dict)
    codes: dict[tuple[str, str], SentCode] = field(default_factory=dict)
    spent_codes: set[tuple[str, str]] = field(default_factory=set)
    audited: list[AuditEntry] = field(default_factory=list)
    tokens: RequestTokens = field(default_factory=RequestTokens)
    was_read: list[Interval] = field(default_factory=list)
    committed: list[BookingWrite] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.tokens.now = self.clock.now

    def with_faults(self, faults: Faults) -> "MemoryStore":
        """The same rows behind another connection."""
        return replace(self, faults=faults)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One instant of the whole store, to read at."""
        with self.faults.around(self.faults.reads), self._lock:
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One instant of the whole store, to write at. Whoever writes checks first, so that it is all or nothing."""
        with self.faults.around(self.faults.commits), self._lock:
            yield

    def read_for_booking(
        self,
        app_id: str,
        agent_id: str | None,
        around: Interval,
        key: IdempotencyKey | None,
        customers: Sequence[str] = (),
        preset: str | None = None,
    ) -> Situation:
        """One instant of the whole store."""
        with self.reading():
            self.was_read.append(around)
            found = self.candidate_now(app_id, agent_id, around) if agent_id else None
            return Situation(
                app=self.apps.get(app_id),
                agent=found.agent if found else None,
                agent_days=found.agent_days if found else None,
                receipt=self.live_receipt(key) if key else None,
                listed_months=self.months.get(app_id, frozenset()),
                customers=[self.history(app_id, identity) for identity in customers],
                named_preset=self.preset_by_name(app_id, preset),
            )

    def read_for_change(self, app_id: str, call_id: str, key: IdempotencyKey | None) -> CallSituation:
        """One instant of the whole store."""
        with self.reading():
            call = self.calls.get((app_id, call_id))
            return CallSituation(
                app=self.ruled_as_booked(app_id, call),
                call=call,
                receipt=self.live_receipt(key) if key else None,
                listed_months=self.months.get(app_id, frozenset()),
            )

    def preset_by_name(self, app_id: str, name: str | None) -> Preset | None:
        """The preset of this id, or else of this slug, within an effect that has begun."""
        if name is None:
            return None
        if (kept := self.presets.get((app_id, name))) is not None:
            return kept.preset
        presets = (kept.preset for (owner, _), kept in self.presets.items() if owner == app_id)
        return next((preset for preset in presets if preset.slug == name), None)

    def ruled_as_booked(self, app_id: str, call: Call | None) -> App | None:
        """The app under the preset that a call was booked under, within an effect that has begun."""
        app = self.apps.get(app_id)
        if app is None or call is None or call.preset_id is None:
            return app
        revision = call.preset_revision or 1
        if (call.preset_id, revision) == (app.preset.preset_id, app.preset.revision):
            return app
        kept = self.presets.get((app_id, call.preset_id))
        present = kept.preset if kept and kept.preset.revision == revision else None
        then = self.preset_revisions.get((app_id, call.preset_id, revision), present)
        return replace(app, preset=then) if then else app

    def candidate(self, app_id: str, agent_id: str, around: Interval) -> Candidate | None:
        """An agent with the days around this time."""
        with self.reading():
            return self.candidate_now(app_id, agent_id, around)

    def candidates(self, app_id: str, around: Interval, terms: Terms | None = None) -> Sequence[Candidate]:
        """Every agent of the app who is eligible, in order of their ids."""
        with self.reading():
            ids = sorted(agent_id for owner, agent_id in self.agents if owner == app_id)
            there = [found for agent_id in ids if (found := self.candidate_now(app_id, agent_id, around))]
            return [found for found in there if terms is None or is_eligible(found.agent, terms)]

    @transaction
    def take_time(
        self,
        app_id: str,
        days: Sequence[DayChange],
        receipt: Receipt | None = None,
        hold: HeldSlot | None = None,
        replaces: Hold | None = None,
    ) -> None:
        """All or nothing, under one lock."""
        self.check_receipt(receipt)
        self.check_days(app_id, days)
        counts = hold.counts if hold else ()
        if any(self.history(app_id, change.identity).version != change.version for change in counts):
            raise RaceLost
        if hold:
            self.holds[app_id, hold.hold.agent_id, hold.hold.id] = replace(hold, counts=())
        for counted in counts:
            self.count(app_id, counted)
        if replaces:
            self.holds.pop((app_id, replaces.agent_id, replaces.id), None)
        for change in days:
            self.change_day(app_id, change)
        self.keep(receipt)

    @transaction
    def let_go(self, app_id: str, days: Sequence[DayChange], gone: LetGo) -> None:
        """All or nothing, under one lock."""
        self.check_days(app_id, days)
        self._check_held(app_id, gone)
        self._uncount_hold(app_id, gone)
        self.holds.pop((app_id, gone.hold.agent_id, gone.hold.id), None)
        for change in days:
            self.change_day(app_id, change)

    def _check_held(self, app_id: str, gone: LetGo) -> None:
        if gone.hold.id not in self.history(app_id, gone.identities[0]).bookings:
            raise RaceLost

    def _uncount_hold(self, app_id: str, gone: LetGo) -> None:
        for identity in gone.identities:
            self._uncount(app_id, identity, gone.hold.id)

    @transaction
    def commit(self, write: BookingWrite) -> None:
        """All or nothing, under one lock."""
        self._check(write)
        app_id, place = write.call.app_id, (write.call.app_id, write.call.id)
        for change in write.days:
            self.change_day(app_id, change)
        self.calls[place] = write.call
        self.events[place] = (*self.events.get(place, ()), *write.events)
        for booking in write.customers:
            self.count(app_id, booking)
        for identity in write.uncounted:
            self._uncount(app_id, identity, write.call.id)
        if write.spends:
            self._uncount_hold(app_id, write.spends)
        if write.spent_code:
            self.spent_codes.add((app_id, write.spent_code.id))
        if write.turn:
            agent = self.agents[app_id, write.turn.agent_id]
            turned = replace(
                agent,
                turns=write.turn.counted + 1,
                turns_back=write.turn.turns_back_left,
                last_turn_at=self.clock.now(),
            )
            self.agents[app_id, agent.agent_id] = turned
        if write.turn_back:
            agent = self.agents[app_id, write.turn_back]
            self.agents[app_id, write.turn_back] = replace(
                agent, turns=max(0, agent.turns - 1), turns_back=agent.turns_back + 1
            )
        if write.list_month:
            self.months[app_id] = self.months.get(app_id, frozenset()) | {write.call.month}
        self._plan(write)
        self._hear(write.heard)
        self.keep(write.receipt)
        self.committed.append(write)

    def _plan(self, write: BookingWrite) -> None:
        place, plan = (write.call.app_id, write.call.id), write.reminders or ReminderPlan()
        for reminder in (*plan.put, *((write.settled_reminder,) if write.settled_reminder else ())):
            self.reminders[*place, reminder.id] = reminder
        for reminder_id in plan.drop:
            self.reminders[*place, reminder_id] = replace(self.reminders[*place, reminder_id], due_at=None)

    def _hear(self, heard: HeardFeedback | None) -> None:
        if heard is None:
            return
        place = (heard.sending.app_id, heard.sending.call_id, heard.sending.id)
        known = self.sendings[place]
        self.sendings[place] = replace(known, heard=known.heard | {heard.feedback})
        if new := heard.suppression:
            key = (new.app_id, new.channel, new.recipient)
            if key not in self.suppressions or new.feedback is Feedback.COMPLAINED:
                self.suppressions[key] = new

    def due(self, due: Due) -> Call | None:
        """The call that time is to change now, if it still is."""
        with self.reading():
            found = (call for call in self.calls.values() if keys.call(call.app_id, call.id)["pk"] == due.pk)
            return next((call for call in found if is_due(next_step_at(call), due)), None)

    def app_of(self, call_id: str) -> str | None:
        """Whose a call is."""
        with self.reading():
            return next((app_id for app_id, known in self.calls if known == call_id), None)

    def app_exists(self, app_id: str) -> bool:
        """True while the app is there."""
        with self.reading():
            return app_id in self.apps

    def get(self, app_id: str, call_id: str) -> tuple[Call, Sequence[TimelineEvent]] | None:
        """A call with its timeline, or None."""
        with self.reading():
            call = self.calls.get((app_id, call_id))
            if call is None:
                return None
            events = sorted(self.events[app_id, call_id], key=lambda event: (event.revision, event.id))
            return call, [event_from_item(from_values(to_values(event_to_item(app_id, event)))) for event in events]

    def file(self, app_id: str, call_id: str) -> CallFile | None:
        """All that is kept of a call, or None."""
        found = self.get(app_id, call_id)
        if found is None:
            return None
        messages = [one for place, one in sorted(self.reminders.items()) if place[:2] == (app_id, call_id)]
        return CallFile(call=found[0], events=found[1], messages=messages)

    def several(self, places: Collection[tuple[str, str]]) -> Sequence[tuple[str, str, Call | None]]:
        """Calls by app and id: everybody can read them here."""
        with self.reading():
            return [(*place, self.calls[place]) for place in places if place in self.calls]

    def find(self, query: CallQuery) -> CallPage:
        """One page, from a full sort: what the adapter's walk through its partitions must come to."""
        with self.reading():
            found = sorted(
                (call for (app_id, _), call in self.calls.items() if app_id == query.app_id and query.is_match(call)),
                key=_position,
            )
        left = [call for call in found if query.after is None or _position(call) > query.after]
        first = query.passed_over
        page = left[first : first + query.limit]
        more = len(left) > first + query.limit
        return CallPage(
            calls=page,
            total=_total(query, len(found), is_all=query.after is None and not more),
            next=_position(page[-1]) if more else None,
        )

    def _check(self, write: BookingWrite) -> None:
        """The conditions, and which of several failed ones tells: as in the adapter."""
        app_id, there = write.call.app_id, self.calls.get((write.call.app_id, write.call.id))
        if write.replaces is None and (there or write.call.id in self.rooms):
            raise AlreadyWritten
        self.check_receipt(write.receipt)
        if write.replaces is not None and (there is None or there.revision != write.replaces):
            raise RaceLost
        self.check_days(app_id, write.days)
        if write.spent_code and (app_id, write.spent_code.id) in self.spent_codes:
            raise CodeWasSpent
        if write.settled_reminder and not self.is_claimed(write.settled_reminder):
            raise RaceLost
        if (heard := write.heard) is not None:
            known = self.sendings.get((heard.sending.app_id, heard.sending.call_id, heard.sending.id))
            if known is None or heard.feedback in known.heard:
                raise RaceLost
        if any(self.history(app_id, booking.identity).version != booking.version for booking in write.customers):
            raise RaceLost
        if write.spends:
            self._check_held(app_id, write.spends)
        if write.turn and _turns_of(self.agents[app_id, write.turn.agent_id]) != (
            write.turn.turns,
            write.turn.turns_back,
        ):
            raise RaceLost

    def is_claimed(self, reminder: Reminder) -> bool:
        """Whether a message is still held by whoever claimed it, within an effect that has begun."""
        there = self.reminders.get((reminder.app_id, reminder.call_id, reminder.id))
        return there is not None and there.claim_id == reminder.claim_id

    def check_days(self, app_id: str, days: Sequence[DayChange]) -> None:
        """Raises RaceLost where a guard has moved; ValueError for what DynamoDB takes for no transaction at all."""
        if len({(change.agent_id, change.day) for change in days}) < len(days) or len(days) > MOST_ROWS:
            raise ValueError("no row twice in a transaction, and at most a hundred")
        if any(change.put and change.put.id in change.drop for change in days):
            raise ValueError("no attribute twice in an update")
        for change in days:
            day = self._day(app_id, change.agent_id, change.day)
            if any(day.guards.get(hour, 0) != seen for hour, seen in change.guards.items()):
                raise RaceLost
            if change.local_guard_at_most is not None and day.local_guard > change.local_guard_at_most:
                raise RaceLost

    def check_receipt(self, receipt: Receipt | None) -> None:
        """Raises AlreadyAnswered where the key has its answer."""
        if receipt and self.live_receipt(receipt.key):
            raise AlreadyAnswered

    def keep(self, receipt: Receipt | None) -> None:
        """Put a receipt, where there is one to put."""
        if receipt:
            self.receipts[_scope(receipt.key)] = _as_kept(receipt)

    def append(self, entry: AuditEntry | None) -> None:
        """Append to the audit log, where there is something to say; once what else is written was checked."""
        if entry:
            self.audited.append(entry)

    def history(self, app_id: str, identity: str) -> CustomerHistory:
        """What an identity's window counts."""
        return self.customers.get((app_id, identity), CustomerHistory(identity=identity))

    def count(self, app_id: str, booking: CustomerChange) -> None:
        """Count one more in an identity's window."""
        before = self.history(app_id, booking.identity)
        kept = {call_id: at for call_id, at in before.bookings.items() if call_id not in booking.drop}
        holds = {hold_id: hold for hold_id, hold in before.holds.items() if hold_id not in booking.drop}
        self.customers[app_id, booking.identity] = replace(
            before,
            version=before.version + 1,
            bookings=kept | {booking.call_id: booking.at},
            holds=holds | ({booking.call_id: booking.hold} if booking.hold else {}),
        )

    def _uncount(self, app_id: str, identity: str, call_id: str) -> None:
        before = self.history(app_id, identity)
        kept = {counted: at for counted, at in before.bookings.items() if counted != call_id}
        holds = {hold_id: hold for hold_id, hold in before.holds.items() if hold_id != call_id}
        self.customers[app_id, identity] = replace(before, version=before.version + 1, bookings=kept, holds=holds)

    def change_day(self, app_id: str, change: DayChange) -> None:
        """Take time, give it back, or both."""
        day = self._day(app_id, change.agent_id, change.day)
        claims = {claim.id: claim for claim in day.claims if claim.id not in change.drop}
        if change.put:
            claims[change.put.id] = change.put
        guards = dict(day.guards) | {hour: seen + 1 for hour, seen in change.guards.items()}
        self.days[app_id, change.agent_id, change.day] = replace(
            day,
            claims=tuple(claims.values()),
            guards=guards,
            local_guard=day.local_guard + (change.local_guard_at_most is not None),
            ended=dict(day.ended) | dict([change.ended] if change.ended else []),
        )

    def block_day(self, app_id: str, block: DayBlock) -> None:
        """Put what blocks a day, whatever stands there, and move the guards of its hours."""
        day = self._day(app_id, block.agent_id, block.day)
        claims = {claim.id: claim for claim in (*day.claims, *block.claims)}
        guards = dict(day.guards) | {hour: day.guards.get(hour, 0) + 1 for hour in block.hours}
        self.days[app_id, block.agent_id, block.day] = replace(day, claims=tuple(claims.values()), guards=guards)

    def candidate_now(self, app_id: str, agent_id: str, around: Interval) -> Candidate | None:
        """An agent with the days, within an effect that has begun."""
        agent = self.agents.get((app_id, agent_id))
        if agent is None:
            return None
        days = {day: self._day(app_id, agent_id, day) for day in agent.utc_days_for(around)}
        return Candidate(agent=agent, agent_days=AgentDays(agent_id=agent_id, days=days, cap=agent.day_cap))

    def _day(self, app_id: str, agent_id: str, day: date) -> AgentDay:
        return self.days.get((app_id, agent_id, day), AgentDay(day=day))

    def live_receipt(self, key: IdempotencyKey) -> Receipt | None:
        """The answer to a key, until its day is over."""
        receipt = self.receipts.get(_scope(key))
        return receipt if receipt and self.clock.now() < receipt.answered_at + KEPT_FOR else None


def is_due(at: datetime | None, due: Due) -> bool:
    """Whether what waits until then is what a wake-up is for: both are known to the millisecond, as rows tell them."""
    return at is not None and (at == due.at or format_instant(at) == format_instant(due.at))


def _scope(key: IdempotencyKey) -> tuple[str, str, str]:
    return key.principal, key.route, key.key


def _total(query: CallQuery, matches: int, *, is_all: bool) -> int | None:
    return matches if query.with_total and (is_all or matches <= COUNTED_UP_TO) else None


def _position(call: Call) -> Position:
    return Position(scheduled_at=call.scheduled_at, call_id=call.id)


def _as_kept(receipt: Receipt) -> Receipt:
    """With an answer as rows give it back: it may hold no more than they do."""
    return replace(receipt, result=_stored(receipt.result))


def _stored(said: Mapping[str, object]) -> dict[str, Any]:
    """As it comes back from any store: instants as text. Raises TypeError for what DynamoDB cannot hold: a float."""
    stored: dict[str, Any] = from_values(to_values({"said": said}))["said"]
    return stored


def _turns_of(agent: Agent) -> tuple[int, int]:
    return agent.turns, agent.turns_back
