"""What people ask of calls and slots in the simulation, and what each may write and be told, by minutes alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from slotline.domain.booking.calls import AssignmentMethod, Guest
from slotline.domain.booking.holds import client_holder
from slotline.domain.booking.requests import CallUpdate
from slotline.domain.shared.errors import DomainError, InvalidRequest
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.call_changes import CancelCall, ClaimCall, ConfirmCall, UpdateCall
from slotline.usecases.booking.change_call import Decide
from slotline.usecases.booking.hold_slot import HoldRequest
from tests.support.builders.bookings import APP_ID, a_request
from tests.support.oracles.invariants import Slot
from tests.support.oracles.moments import Moment
from tests.support.worlds.desk import Answer, Desk, no_gate
from tests.support.worlds.wish import Change, Wish, picked, start_of
from tests.support.worlds.wishes_of_time import Disturb

HOURS = {"agent-1": range(24), "agent-2": range(8, 20), "agent-3": range(24)}
"""When each agent works, in hours of every UTC day."""
_FINAL = {"cancelled"}


TAGS = {"agent-1": frozenset({"senior"}), "agent-2": frozenset[str](), "agent-3": frozenset({"senior"})}
"""What each agent carries."""
CAPS = {"agent-3": (3, "America/Bogota")}
"""How many calls those take on a local day who do not take any number, and whose day it is."""


def nobody_is_free(moment: Moment, slot: Slot, tags: tuple[str, ...], *but: str) -> bool:
    """True where every agent who carries these tags is taken, blocked, not at work, or has a full day."""
    slots = [replace(slot, agent_id=agent_id) for agent_id in HOURS if TAGS[agent_id].issuperset(tags)]
    return all(moment.in_the_way(each, *but) or not moment.works(each, HOURS[each.agent_id]) for each in slots)


def _holds_for(held: Slot, wanted: Slot) -> bool:
    """Whether a hold's meeting is the agent's, and has all of the wanted one in it."""
    within = held.start <= wanted.start and wanted.start + wanted.length <= held.start + held.length
    return held.agent_id == wanted.agent_id and within


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
    tags: tuple[str, ...] = ()

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
            required_tags=self.tags,
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
            "required_tags": self.tags,
            "revision": 1,
        }

    def true_at(self, refusal: DomainError, moment: Moment, thing_id: str | None = None) -> bool:  # noqa: ARG002 - as above
        hold = moment.holds.get(self.hold_id or "")
        if isinstance(refusal, InvalidRequest) and refusal.details[0].code == "hold_mismatch":
            wanted = self.slot(self.agent or "")
            return hold is not None and not _holds_for(hold.slot, wanted)
        if isinstance(refusal, InvalidRequest):
            return refusal.details[0].code == "past" and self.start <= moment.now  # type: ignore[operator]
        if refusal.code == "stale_hold":
            return hold is None
        if refusal.code == "no_agent_available":
            return nobody_is_free(moment, self.slot("anybody"), self.tags)
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
            holders=(client_holder("client-1"),),
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
        return UpdateCall(screen=refusal_of, bookings=desk.bookings, update=update)

    def outcomes(self, row: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        moved = {**row, "scheduled_at": self.start or row["scheduled_at"]}
        if self.agent is not None:
            return [{**moved, "assigned_agent_id": self.agent, "held_agent_id": None}]
        if row["held_agent_id"] is None or moved == row:
            return [moved]
        eligible = [agent_id for agent_id in HOURS if TAGS[agent_id].issuperset(row["required_tags"])]
        return [{**moved, "held_agent_id": agent_id} for agent_id in eligible]

    def stands_against(self, refusal: DomainError, moment: Moment, call_id: str, row: Mapping[str, Any]) -> bool:
        if isinstance(refusal, InvalidRequest):
            return refusal.details[0].code == "past" and (self.start or moment.now) <= moment.now  # type: ignore[operator]
        moved = {**row, "scheduled_at": self.start or row["scheduled_at"]}
        if refusal.code == "no_agent_available":
            slot, tags = slot_of_row(moved, "anybody"), row["required_tags"]
            return row["held_agent_id"] is not None and nobody_is_free(moment, slot, tags, call_id)
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
        eligible = TAGS[self.agent].issuperset(row["required_tags"]) or row["assigned_agent_id"] == self.agent
        return [{**row, "assigned_agent_id": self.agent, "held_agent_id": None}] if free and eligible else []

    def stands_against(self, refusal: DomainError, moment: Moment, call_id: str, row: Mapping[str, Any]) -> bool:
        codes = [detail.code for detail in refusal.details]
        if codes == ["not_in_pool"]:
            return bool(row["assignment_method"] != "pool")
        if codes == ["already_claimed"]:
            return row["assigned_agent_id"] not in (None, self.agent)
        if refusal.code == "not_eligible":
            return not TAGS[self.agent].issuperset(row["required_tags"])
        return refusal.code in moment.in_the_way(slot_of_row(row, self.agent), call_id)

    def true_at(self, refusal: DomainError, moment: Moment, thing_id: str | None = None) -> bool:
        if [detail.code for detail in refusal.details] == ["not_in_pool"]:
            return self.stands_against(refusal, moment, "", moment.state.calls[self.call_ids[0]])
        return super().true_at(refusal, moment, thing_id)


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
