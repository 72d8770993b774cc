"""What people ask of a calendar, as the simulation draws it; and what each may write and may be told, by minutes alone.

A wish runs the real use case. What it `explains` is a change of the rows that it asked for; a refusal is `true_at` a
moment at which something really stood against it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar, NamedTuple

from slotline.domain.booking import CallUpdate
from slotline.domain.calls import AssignmentMethod, Guest
from slotline.domain.errors import DomainError, InvalidRequest
from slotline.domain.idempotency import IdempotencyKey
from slotline.domain.intervals import Interval
from slotline.domain.schedules import DoNotDisturbWindow, ExceptionKind, ScheduleException
from slotline.ports import Clock, Ids
from slotline.usecases.block_time import BlockTime
from slotline.usecases.book_call import BookCall
from slotline.usecases.call_changes import CancelCall, ClaimCall, ConfirmCall, UpdateCall
from slotline.usecases.change_call import ChangeCall, Decide
from slotline.usecases.change_calls import ChangeCalls
from slotline.usecases.hold_slot import HoldRequest, HoldSlot
from slotline.usecases.keep_do_not_disturb import AddDoNotDisturb, RemoveDoNotDisturb
from slotline.usecases.keep_exceptions import AddException, RemoveException
from slotline.usecases.once import Once
from tests.support.agents import MemoryAgents, MemoryAgentTime
from tests.support.bookings import APP_ID, CLIENT, a_request
from tests.support.invariants import Slot
from tests.support.memory import MemoryLines, MemoryReceipts, MemoryStore, RecordedBackoff
from tests.support.moments import Moment, dated_ranges, minute_of

HOURS = {"agent-1": range(24), "agent-2": range(8, 20), "agent-3": range(24)}
"""When each agent works, in hours of every UTC day."""
_FINAL = {"cancelled"}


class Change(NamedTuple):
    """One row that an effect made, changed or took away. `what`: a call, a hold, a block, or extra time."""

    what: str
    id: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Answer:
    """What a use case answered: the things it names, and as much of the rest as must be the same for ever."""

    ids: tuple[str, ...]
    says: Any
    replayed: bool = False
    refusals: Mapping[str, DomainError] | None = None


class Desk:
    """The use cases on one connection to the store, which may fail."""

    def __init__(self, store: MemoryStore, clock: Clock, ids: Ids) -> None:
        self.ids = ids
        backoff = RecordedBackoff()
        parts: dict[str, Any] = {"bookings": store, "clock": clock, "ids": ids, "backoff": backoff}
        self.bookings = store
        self.book_call = BookCall(**parts, lines=MemoryLines())
        self.hold_slot = HoldSlot(**parts)
        self.change_call = ChangeCall(**parts)
        self.receipts, self.clock = MemoryReceipts(store), clock
        once = Once(receipts=self.receipts, clock=clock, backoff=backoff)
        agents, agent_time = MemoryAgents(store), MemoryAgentTime(store)
        blocking: dict[str, Any] = {
            "agents": agents,
            "agent_time": agent_time,
            "ids": ids,
            "block_time": BlockTime(bookings=store, once=once),
        }
        self.add_window = AddDoNotDisturb(**blocking)
        self.add_exception = AddException(once=once, **blocking)
        self.remove_window = RemoveDoNotDisturb(agents=agents, agent_time=agent_time, once=once)
        self.remove_exception = RemoveException(agents=agents, agent_time=agent_time, bookings=store, once=once)

    def change(self, call_id: str, decide: Decide, key: IdempotencyKey | None) -> Answer:
        """Change one call."""
        changed = self.change_call(APP_ID, call_id, decide, CLIENT, key, no_gate)
        return Answer((changed.call.id,), changed.call, changed.replayed)

    def change_all(self, call_ids: Sequence[str], decide: Decide, key: IdempotencyKey | None) -> Answer:
        """Change many calls, each on its own."""
        refusals: dict[str, DomainError] = {}

        def show_error(call_id: str, error: Any) -> Mapping[str, object]:
            refusals[call_id] = error
            return {"id": call_id, "error": error.code}

        change_calls = ChangeCalls(
            change_call=self.change_call,
            receipts=self.receipts,
            clock=self.clock,
            show_call=lambda call: {"id": call.id},
            show_error=show_error,
        )
        changed = change_calls(APP_ID, call_ids, decide, CLIENT, key, no_gate)
        done = tuple(str(outcome["id"]) for outcome in changed.outcomes if "error" not in outcome)
        return Answer(done, list(changed.outcomes), changed.replayed, refusals)


def no_gate() -> None:
    """Everybody may ask as often as they like."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Something that somebody asks for."""

    has_key: ClassVar[bool] = True
    """Whether its door takes idempotency keys."""

    def settled(self, moment: Moment) -> "Wish | None":  # noqa: ARG002 - most depend on nothing
        """The wish in absolute terms, as it is asked then; None where there is nothing to ask it of."""
        return self

    def ask(self, desk: Desk, marker: str, key: IdempotencyKey | None) -> Answer:
        """Run the use case. The marker stands in what it makes."""
        raise NotImplementedError

    def explains(self, change: Change, marker: str) -> bool:
        """True where this change is what was asked for."""
        raise NotImplementedError

    def holds_at(self, moment: Moment, thing_id: str) -> bool:  # noqa: ARG002 - as above
        """True where there was nothing left to do for this thing."""
        return False

    def is_shown_by(self, answer: Answer, moment: Moment) -> bool:  # noqa: ARG002 - as above
        """False where the answer says otherwise than the rows do when it is given."""
        return True

    def true_at(self, refusal: DomainError, moment: Moment, thing_id: str | None = None) -> bool:
        """True where the refusal would have been right at this moment."""
        raise NotImplementedError


def start_of(moment: Moment, minutes: int) -> datetime:
    """So many minutes after the coming midnight."""
    return datetime.combine(moment.now.date() + timedelta(days=1), time(), UTC) + timedelta(minutes=minutes)


def picked(items: Sequence[Any], number: int) -> Any:
    """One of these, or None where there is none."""
    return items[number % len(items)] if items else None


def nobody_is_free(moment: Moment, slot: Slot, *but: str) -> bool:
    """True where every agent is taken, blocked or not at work."""
    slots = [replace(slot, agent_id=agent_id) for agent_id in HOURS]
    return all(moment.in_the_way(each, *but) or not moment.works(each, HOURS[each.agent_id]) for each in slots)


@dataclass(frozen=True, kw_only=True)
class Book(Wish):
    """A call with a named agent, with nobody yet, or with whomever the engine picks."""

    start: int | datetime
    agent: str | None = None
    method: AssignmentMethod | None = None
    length: int = 30
    before: int = 0
    after: int = 0
    customer: int = 1
    hold_id: str | None = None

    def settled(self, moment: Moment) -> Wish:
        return replace(self, start=start_of(moment, self.start)) if isinstance(self.start, int) else self

    def ask(self, desk: Desk, marker: str, key: IdempotencyKey | None) -> Answer:
        request = a_request(
            guest=Guest(name=marker, email=self.email),
            scheduled_at=self.start,
            assigned_agent_id=self.agent,
            assignment_method=self.method,
            duration_minutes=self.length,
            buffer_before_minutes=self.before,
            buffer_after_minutes=self.after,
            hold_id=self.hold_id,
        )
        booked = desk.book_call(request, key, no_gate)
        return Answer((booked.call.id,), booked.call, booked.replayed)

    def explains(self, change: Change, marker: str) -> bool:
        if change.what == "hold":
            return change.after is None and change.id == self.hold_id
        if change.what != "call" or change.before is not None:
            return False
        row, method = change.after, self.method
        return bool(row) and row == {
            "status": "scheduled",
            "assigned_agent_id": row["assigned_agent_id"] if method is AssignmentMethod.ROUND_ROBIN else self.agent,
            "held_agent_id": row["held_agent_id"] if method is AssignmentMethod.POOL else None,
            "assignment_method": (self.method or AssignmentMethod.MANUAL).value,
            "scheduled_at": self.start,
            "duration_minutes": self.length,
            "buffer_before_minutes": self.before,
            "buffer_after_minutes": self.after,
            "guest_name": marker,
            "guest_email": self.email,
            "created_at": row["created_at"],
            "revision": 1,
        }

    def true_at(self, refusal: DomainError, moment: Moment, thing_id: str | None = None) -> bool:  # noqa: ARG002 - as above
        if isinstance(refusal, InvalidRequest):
            return refusal.details[0].code == "past" and self.start <= moment.now  # type: ignore[operator]
        if refusal.code == "stale_hold":
            hold = moment.holds.get(self.hold_id or "")
            # A hold is looked for where the call is to be: one of another day does not go with it.
            return hold is None or hold.slot.days().isdisjoint(self.slot(self.agent or "").days())
        if refusal.code == "no_agent_available":
            return nobody_is_free(moment, self.slot("anybody"))
        return self.agent is not None and refusal.code in moment.in_the_way(self.slot(self.agent), self.hold_id)

    def slot(self, agent_id: str) -> Slot:
        """The time that it wants of this agent."""
        assert isinstance(self.start, datetime)
        return Slot.at(agent_id, self.start, self.length, self.before, self.after)

    @property
    def email(self) -> str:
        """Whom the customer's window counts."""
        return f"customer-{self.customer}@example.com"


@dataclass(frozen=True, kw_only=True)
class Spend(Wish):
    """Book what is held, or was, or a little beside it."""

    which: int
    shift: int = 0
    customer: int = 1

    def settled(self, moment: Moment) -> Wish | None:
        hold_id = picked(sorted(moment.all_holds), self.which)
        if hold_id is None:
            return None
        slot = moment.all_holds[hold_id].slot
        start = datetime.fromtimestamp((slot.start + self.shift) * 60, UTC)
        return Book(
            start=start,
            agent=slot.agent_id,
            length=slot.length,
            before=slot.before,
            after=slot.after,
            customer=self.customer,
            hold_id=hold_id,
        )


@dataclass(frozen=True, kw_only=True)
class Hold(Wish):
    """A slot for as long as a form takes."""

    start: int | datetime
    agent: str
    seconds: int = 300
    length: int = 30
    before: int = 0
    after: int = 0

    def settled(self, moment: Moment) -> Wish:
        return replace(self, start=start_of(moment, self.start)) if isinstance(self.start, int) else self

    def ask(self, desk: Desk, marker: str, key: IdempotencyKey | None) -> Answer:  # noqa: ARG002 - a hold says nothing
        assert isinstance(self.start, datetime)
        request = HoldRequest(
            app_id=APP_ID,
            agent_id=self.agent,
            start=self.start,
            seconds=self.seconds,
            duration_minutes=self.length,
            buffer_before_minutes=self.before,
            buffer_after_minutes=self.after,
        )
        held = desk.hold_slot(request, key, no_gate)
        return Answer((str(held.hold["id"]),), held.hold, held.replayed)

    def explains(self, change: Change, marker: str) -> bool:  # noqa: ARG002 - as above
        return change.what == "hold" and change.before is None and change.after.slot == self.slot

    def is_shown_by(self, answer: Answer, moment: Moment) -> bool:
        hold = moment.holds.get(answer.ids[0])
        return hold is None or hold.expires_at == self.expiry(answer)

    def expiry(self, answer: Answer) -> datetime:
        """When the answer says that the hold ends."""
        return datetime.fromisoformat(answer.says["expires_at"])

    def true_at(self, refusal: DomainError, moment: Moment, thing_id: str | None = None) -> bool:  # noqa: ARG002 - as above
        if isinstance(refusal, InvalidRequest):
            return refusal.details[0].code == "past" and self.start <= moment.now  # type: ignore[operator]
        return refusal.code in moment.in_the_way(self.slot)

    @property
    def slot(self) -> Slot:
        """The time that it wants."""
        assert isinstance(self.start, datetime)
        return Slot.at(self.agent, self.start, self.length, self.before, self.after)


@dataclass(frozen=True, kw_only=True)
class ChangeOfCalls(Wish):
    """A change of one call, or of several at once: `which` is an index before it is settled."""

    which: int | tuple[int, ...] = 0
    call_ids: tuple[str, ...] = ()

    def settled(self, moment: Moment) -> "Wish | None":
        if self.call_ids:
            return self
        calls = sorted(moment.state.calls)
        numbers = self.which if isinstance(self.which, tuple) else (self.which,)
        return replace(self, call_ids=tuple(dict.fromkeys(picked(calls, n) for n in numbers))) if calls else None

    def ask(self, desk: Desk, marker: str, key: IdempotencyKey | None) -> Answer:
        decide = self.decide(desk, marker)
        if self.is_bulk:
            return desk.change_all(self.call_ids, decide, key)
        return desk.change(self.call_ids[0], decide, key)

    @property
    def is_bulk(self) -> bool:
        """True where it is about several calls, in one request."""
        return isinstance(self.which, tuple)

    def decide(self, desk: Desk, marker: str) -> Decide:
        """The change, as the use case takes it."""
        raise NotImplementedError

    def explains(self, change: Change, marker: str) -> bool:  # noqa: ARG002 - rows do not say why they changed
        if change.what != "call" or change.id not in self.call_ids or change.before is None or change.after is None:
            return False
        after = {**change.after, "revision": change.after["revision"] - 1}
        return change.before["status"] not in _FINAL and after in self.outcomes(change.before)

    def outcomes(self, row: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """What the call may be after the change."""
        raise NotImplementedError

    def holds_at(self, moment: Moment, thing_id: str) -> bool:
        return moment.state.calls[thing_id] in self.outcomes(moment.state.calls[thing_id])

    def true_at(self, refusal: DomainError, moment: Moment, thing_id: str | None = None) -> bool:
        call_id = thing_id or self.call_ids[0]
        row = moment.state.calls[call_id]
        if refusal.code == "final_state":
            return row["status"] in _FINAL
        return self.stands_against(refusal, moment, call_id, row)

    def stands_against(self, refusal: DomainError, moment: Moment, call_id: str, row: Mapping[str, Any]) -> bool:  # noqa: ARG002 - as above
        """The same, of a call that may still change."""
        return False


def slot_of_row(row: Mapping[str, Any], agent_id: str) -> Slot:
    """The time that a call of this row takes, or would take, from this agent."""
    return Slot.at(
        agent_id,
        row["scheduled_at"],
        row["duration_minutes"],
        row["buffer_before_minutes"],
        row["buffer_after_minutes"],
    )


@dataclass(frozen=True, kw_only=True)
class Update(ChangeOfCalls):
    """Move a call to another time, to another agent, or both. A shift is from where it is; a start is anywhere."""

    start: int | datetime | None = None
    shift: int | None = None
    agent: str | None = None

    def settled(self, moment: Moment) -> Wish | None:
        wish = super().settled(moment)
        if not isinstance(wish, Update):
            return None
        if wish.shift is not None:
            row = moment.state.calls[wish.call_ids[0]]
            return replace(wish, start=row["scheduled_at"] + timedelta(minutes=wish.shift))
        return replace(wish, start=start_of(moment, wish.start)) if isinstance(wish.start, int) else wish

    def decide(self, desk: Desk, marker: str) -> Decide:
        assert not isinstance(self.start, int)
        update = CallUpdate(scheduled_at=self.start, assigned_agent_id=self.agent, reason=marker)
        return UpdateCall(bookings=desk.bookings, update=update)

    def outcomes(self, row: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        moved = {**row, "scheduled_at": self.start or row["scheduled_at"]}
        if self.agent is not None:
            return [{**moved, "assigned_agent_id": self.agent, "held_agent_id": None}]
        if row["held_agent_id"] is None or moved == row:
            return [moved]
        return [{**moved, "held_agent_id": agent_id} for agent_id in HOURS]

    def stands_against(self, refusal: DomainError, moment: Moment, call_id: str, row: Mapping[str, Any]) -> bool:
        if isinstance(refusal, InvalidRequest):
            return refusal.details[0].code == "past" and (self.start or moment.now) <= moment.now  # type: ignore[operator]
        moved = {**row, "scheduled_at": self.start or row["scheduled_at"]}
        if refusal.code == "no_agent_available":
            return row["held_agent_id"] is not None and nobody_is_free(moment, slot_of_row(moved, "anybody"), call_id)
        agent_id = self.agent or row["assigned_agent_id"]
        return agent_id is not None and refusal.code in moment.in_the_way(slot_of_row(moved, agent_id), call_id)


@dataclass(frozen=True, kw_only=True)
class Cancel(ChangeOfCalls):
    """Cancel a call, or several."""

    def decide(self, desk: Desk, marker: str) -> Decide:  # noqa: ARG002 - as above
        return CancelCall(reason=marker)

    def outcomes(self, row: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return [{**row, "status": "cancelled"}]


@dataclass(frozen=True, kw_only=True)
class Confirm(ChangeOfCalls):
    """Confirm a call."""

    def decide(self, desk: Desk, marker: str) -> Decide:  # noqa: ARG002 - as above
        return ConfirmCall()

    def outcomes(self, row: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return [{**row, "status": "confirmed"}]


@dataclass(frozen=True, kw_only=True)
class Claim(ChangeOfCalls):
    """Take a call out of the pool; if there is none, try it with another."""

    agent: str

    def settled(self, moment: Moment) -> Wish | None:
        pool = sorted(call_id for call_id, row in moment.state.calls.items() if row["held_agent_id"])
        return (
            replace(self, call_ids=(picked(pool, self.which),))
            if pool and isinstance(self.which, int)
            else super().settled(moment)
        )

    def decide(self, desk: Desk, marker: str) -> Decide:  # noqa: ARG002 - as above
        return ClaimCall(bookings=desk.bookings, agent_id=self.agent)

    def outcomes(self, row: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        free = row["assignment_method"] == "pool" and row["assigned_agent_id"] in (None, self.agent)
        return [{**row, "assigned_agent_id": self.agent, "held_agent_id": None}] if free else []

    def stands_against(self, refusal: DomainError, moment: Moment, call_id: str, row: Mapping[str, Any]) -> bool:
        codes = [detail.code for detail in refusal.details]
        if codes == ["not_in_pool"]:
            return bool(row["assignment_method"] != "pool")
        if codes == ["already_claimed"]:
            return row["assigned_agent_id"] not in (None, self.agent)
        return refusal.code in moment.in_the_way(slot_of_row(row, self.agent), call_id)

    def true_at(self, refusal: DomainError, moment: Moment, thing_id: str | None = None) -> bool:
        if [detail.code for detail in refusal.details] == ["not_in_pool"]:
            return self.stands_against(refusal, moment, "", moment.state.calls[self.call_ids[0]])
        return super().true_at(refusal, moment, thing_id)


@dataclass(frozen=True, kw_only=True)
class Disturb(Wish):
    """A while in which an agent is not to be disturbed."""

    start: int | datetime
    agent: str
    length: int = 60

    def settled(self, moment: Moment) -> Wish:
        return replace(self, start=start_of(moment, self.start)) if isinstance(self.start, int) else self

    def ask(self, desk: Desk, marker: str, key: IdempotencyKey | None) -> Answer:
        assert isinstance(self.start, datetime)
        interval = Interval.starting(self.start, timedelta(minutes=self.length))
        window = DoNotDisturbWindow(id="", interval=interval, label=marker)
        answered = desk.add_window(APP_ID, self.agent, window, key, no_gate)
        shown: Any = answered.result
        return Answer((shown["window"]["id"],), shown, answered.replayed)

    def explains(self, change: Change, marker: str) -> bool:
        if change.what != "block" or change.before is not None:
            return False
        block = change.after
        return (block.agent_id, block.kind, block.ranges, block.label) == (self.agent, "dnd", self.ranges, marker)

    def true_at(self, refusal: DomainError, moment: Moment, thing_id: str | None = None) -> bool:  # noqa: ARG002 - as above
        return refusal.details[0].code == "past" and self.ranges[0][1] <= minute_of(moment.now)

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Its minutes."""
        assert isinstance(self.start, datetime)
        return ((minute_of(self.start), minute_of(self.start) + self.length),)


@dataclass(frozen=True, kw_only=True)
class Except(Wish):
    """Dates on which an agent works less, or more. The first is so many days from today, or a date."""

    agent: str
    first: int | date
    days: int = 1
    start: str = "00:00"
    end: str = "24:00"
    zone: str = "UTC"
    kind: ExceptionKind = ExceptionKind.BLOCKED

    def settled(self, moment: Moment) -> Wish:
        if not isinstance(self.first, int):
            return self
        return replace(self, first=moment.now.date() + timedelta(days=self.first))

    def ask(self, desk: Desk, marker: str, key: IdempotencyKey | None) -> Answer:
        assert isinstance(self.first, date)
        new = ScheduleException(
            id="",
            kind=self.kind,
            first=self.first,
            last=self.last,
            zone=self.zone,
            start=self.start,
            end=self.end,
            label=marker,
        )
        answered = desk.add_exception(APP_ID, self.agent, new, key, no_gate)
        shown: Any = answered.result
        return Answer((shown["exception"]["id"],), shown, answered.replayed)

    def explains(self, change: Change, marker: str) -> bool:
        block, before = change.after, change.before
        if block is None or change.what != ("block" if self.kind is ExceptionKind.BLOCKED else "extra"):
            return False
        made = (self.agent, self.kind.value, self.ranges, marker)
        steps = {(None, "applying"), (None, "applied"), ("applying", "applied")}
        return (before.state if before else None, block.state) in steps and made == (
            block.agent_id,
            block.kind,
            block.ranges,
            block.label,
        )

    def is_shown_by(self, answer: Answer, moment: Moment) -> bool:
        block = moment.blocks.get(answer.ids[0])
        return block is None or block.state != "applying"

    def true_at(self, refusal: DomainError, moment: Moment, thing_id: str | None = None) -> bool:  # noqa: ARG002 - never refused
        return False

    @property
    def last(self) -> date:
        """The last date."""
        assert isinstance(self.first, date)
        return self.first + timedelta(days=self.days - 1)

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Its minutes."""
        assert isinstance(self.first, date)
        return dated_ranges(self.first, self.last, self.start, self.end, self.zone)


@dataclass(frozen=True, kw_only=True)
class GiveBack(Wish):
    """Take an exception or a window away."""

    has_key: ClassVar[bool] = False

    which: int
    thing_id: str = ""
    agent: str = ""
    kind: str = ""

    def settled(self, moment: Moment) -> Wish | None:
        there = {**moment.blocks, **moment.extra}
        thing_id = picked(sorted(there), self.which)
        if thing_id is None:
            return None
        return replace(self, thing_id=thing_id, agent=there[thing_id].agent_id, kind=there[thing_id].kind)

    def ask(self, desk: Desk, marker: str, key: IdempotencyKey | None) -> Answer:  # noqa: ARG002 - its door takes none
        remove: Callable[[str, str, str], Any] = desk.remove_window if self.kind == "dnd" else desk.remove_exception
        return Answer((remove(APP_ID, self.agent, self.thing_id).id,), None)

    def explains(self, change: Change, marker: str) -> bool:  # noqa: ARG002 - as above
        gone = change.after is None or change.after.state == "removing"
        return change.id == self.thing_id and change.what in ("block", "extra") and gone

    def holds_at(self, moment: Moment, thing_id: str) -> bool:
        return thing_id not in moment.blocks and thing_id not in moment.extra

    def true_at(self, refusal: DomainError, moment: Moment, thing_id: str | None = None) -> bool:  # noqa: ARG002 - as above
        return refusal.code == "not_found" and self.holds_at(moment, self.thing_id)


def against(wish: Wish, how: str) -> Wish | None:
    """What somebody else may want of the same call, or of the same time; None where that makes no sense."""
    if isinstance(wish, ChangeOfCalls) and how in ("cancel", "move"):
        ids = wish.call_ids[:1]
        return Cancel(call_ids=ids) if how == "cancel" else Update(call_ids=ids, agent="agent-3")
    start, agent = getattr(wish, "start", None), getattr(wish, "agent", None) or "agent-1"
    if not isinstance(start, datetime):
        return None
    if how == "disturb":
        return Disturb(start=start, agent=agent)
    return Hold(start=start, agent=agent) if how == "hold" else Book(start=start, agent=agent)
