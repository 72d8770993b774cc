"""Book a call. The one path to a slot: every surface ends here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from slotline import zone_rules
from slotline.domain.booking import assignment, planned_messages, requests
from slotline.domain.booking.agent_days import DayChange, move, release
from slotline.domain.booking.answers import answers_of_booking
from slotline.domain.booking.apps import Agent, App, Preset
from slotline.domain.booking.call_json import answer_of, call_of_answer
from slotline.domain.booking.calls import AssignmentMethod, BookingSource, Call
from slotline.domain.booking.claims import LONGEST_CALL, WIDEST_BUFFER, Hold
from slotline.domain.booking.customer_limits import count_booking, identities
from slotline.domain.booking.eligibility import Terms, check_eligible, may_pass_over, unmet
from slotline.domain.booking.holds import check_hold, client_holder, live_holds
from slotline.domain.booking.reminders import ReminderPlan
from slotline.domain.booking.requests import BookingRequest, check_active, check_works, unknown_agent
from slotline.domain.booking.sent_codes import SentCode, code_needed, needs_code, no_such_code
from slotline.domain.booking.services import ruled_by
from slotline.domain.booking.timeline import EventDraft, timeline, was_assigned, was_created
from slotline.domain.booking.zone_changes import promised_now
from slotline.domain.shared.errors import (
    Conflict,
    CustomerLimitReached,
    DomainError,
    StaleHold,
    Unavailable,
)
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.intervals import Interval
from slotline.domain.shared.phones import Screen
from slotline.ports.booking import Bookings, BookingWrite, CodeWasSpent, LetGo, Situation, TicketQueue, Turn
from slotline.ports.shared import (
    AlreadyAnswered,
    AlreadyWritten,
    Backoff,
    Clock,
    Ids,
    RaceLost,
    RateLimitCheck,
    StoreBusyError,
)
from slotline.usecases.booking.answered import check_unanswered
from slotline.usecases.booking.ask_questions import rules_of
from slotline.usecases.booking.wait_for_turn import QueueTicket
from slotline.usecases.shared.retrying import MAX_TRIES

if TYPE_CHECKING:  # few bookings prove anything
    from slotline.usecases.booking.prove_contact import ProveContact

ENGINE_TRIES = 30
ENGINE_PATIENCE = timedelta(seconds=20)
"""When the engine picks, everybody at once wants the turn of the same agent. Whoever loses it waits in a queue, which
takes longer; API Gateway waits for 29 seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """The booking's answer. `replayed`: an earlier request with the same key made it; this one had no effect."""

    call: Call
    answered_at: datetime
    replayed: bool
    tries: int


@dataclass(slots=True, kw_only=True)
class _Order:
    """One request on its way.

    `may_be_written`: a try's answer was lost, so it may have got through. `proven_by`: the code that was right, whose
    try is given back unless the booking spends it.
    """

    request: BookingRequest
    key: IdempotencyKey | None
    call_id: str
    event_ids: tuple[str, str]
    may_be_written: bool = False
    proven_by: SentCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A call with the agent whose time it takes, and what that writes."""

    call: Call
    days: tuple[DayChange, ...] = ()
    turn: Turn | None = None
    event_drafts: tuple[EventDraft, ...] = ()
    passed_over: tuple[str, ...] = ()
    """What the agent lacks whom somebody named who may."""
    spends: LetGo | None = None
    """The hold that the call takes the place of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookCall:
    """Books a call: reads, decides, and writes under the slot lock."""

    bookings: Bookings
    clock: Clock
    ids: Ids
    backoff: Backoff
    ticket_queue: TicketQueue
    screen: Screen
    prove: Callable[[], "ProveContact"] | None = None
    """What gives who looks at codes; without it no booking that needs one is made."""

    def __call__(self, request: BookingRequest, key: IdempotencyKey | None, check_rate: RateLimitCheck) -> Booked:
        """Book it, or raise the fact that stands against it; Unavailable after the last try."""
        order = _Order(request=request, key=key, call_id=self.ids.new(), event_ids=(self.ids.new(), self.ids.new()))
        try:
            return self._book(order, check_rate)
        except DomainError:
            if order.proven_by and self.prove:
                self.prove().give_back(order.proven_by)
            raise

    def _book(self, order: _Order, check_rate: RateLimitCheck) -> Booked:
        request = order.request
        by_engine = request.assigned_agent_id is None
        with self._ticket(request.app_id) as ticket:
            for attempt in range(1, (ENGINE_TRIES if by_engine else MAX_TRIES) + 1):
                try:
                    return self._try(order, check_rate, attempt)
                except (RaceLost, AlreadyAnswered, AlreadyWritten, StoreBusyError) as lost:
                    order.may_be_written &= not isinstance(lost, RaceLost | AlreadyAnswered)
                    if attempt >= MAX_TRIES and isinstance(lost, StoreBusyError):
                        break
                    waits_in_line = by_engine and isinstance(lost, RaceLost)
                    if not (ticket.wait_for_turn() if waits_in_line else self.backoff.pause(attempt)):
                        break
        raise Unavailable(
            "The booking could not be confirmed in time. Send it again; with an Idempotency-Key that is always safe."
        )

    def _ticket(self, app_id: str) -> QueueTicket:
        return QueueTicket(
            ticket_queue=self.ticket_queue,
            clock=self.clock,
            backoff=self.backoff,
            app_id=app_id,
            name="turn",
            patience=ENGINE_PATIENCE,
        )

    def _try(self, order: _Order, check_rate: RateLimitCheck, attempt: int) -> Booked:
        """Read, decide, write. RaceLost, AlreadyAnswered, AlreadyWritten and StoreBusyError leave it undecided."""
        app_id, key = order.request.app_id, order.key
        if order.may_be_written and (booked := self._as_written(app_id, order.call_id, attempt)) is not None:
            return booked
        around = _all_it_could_touch(order.request)
        customers = [*identities(order.request.guest), *_holders(order.request)]
        agent_id, preset = order.request.assigned_agent_id, order.request.preset_id
        seen = self.bookings.read_for_booking(app_id, agent_id, around, key, customers, preset)
        if (answered := _earlier_answer(seen, key, order.call_id, attempt)) is not None:
            return answered
        check_rate()
        try:
            write = self._decide(order, seen)
        except (Conflict, CustomerLimitReached):
            check_unanswered(self.bookings, app_id, order.call_id, key)
            raise
        order.may_be_written = True  # from here an answer may be lost: what an earlier try wrote stands
        try:
            self.bookings.commit(write)
        except CodeWasSpent:
            order.proven_by = None
            raise no_such_code() from None
        return Booked(call=write.call, answered_at=write.call.created_at, replayed=False, tries=attempt)

    def _as_written(self, app_id: str, call_id: str, attempt: int) -> Booked | None:
        """The booking of an earlier try whose answer was lost, if it got through. A new decision might differ."""
        call = self.bookings.read_for_change(app_id, call_id, None).call
        if call is None:
            return None
        return Booked(call=call, answered_at=call.created_at, replayed=False, tries=attempt)

    def _decide(self, order: _Order, seen: Situation) -> BookingWrite:
        """The rules, in order: the app, its preset, the customer, the agent, the agent's time."""
        request, key, call_id = order.request, order.key, order.call_id
        by_guest = request.source is BookingSource.PUBLIC_BOOKING
        app = ruled_by(seen.app, request.preset_id, seen.named_preset, public_only=by_guest)
        now = self.clock.now()
        call = requests.new_call(request, app, call_id=call_id, now=now)
        requests.check_guest(call.guest, self.screen)
        if request.answers or app.preset.questions:
            rules = rules_of(app.preset, call.guest, self.screen)
            on_page = request.said_by_link is not None
            answers = answers_of_booking(request.answers, rules, by_guest=by_guest, on_page=on_page)
            call = replace(call, answers=answers)
        # Before anything is said of the guest: who has not proven the address learns nothing of its bookings.
        order.proven_by = order.proven_by or self._proof(request, app.preset, now)
        guests = seen.customers[: len(identities(request.guest))]
        customers = count_booking(guests, app.preset.customer_limits, call_id, now)
        placed = self._place(call, app, seen, request, now)
        messages = planned_messages.plan(placed.call, app.preset, now)
        call = replace(
            placed.call,
            promised=promised_now(placed.call, zone_rules.RELEASE),
            counted_as=tuple(change.identity for change in customers),
            reminder_ids=planned_messages.remembered((), messages),
        )
        return BookingWrite(
            call=call,
            events=timeline(
                call, (was_created(call, placed.passed_over), *placed.event_drafts), request.actor, order.event_ids
            ),
            days=placed.days,
            receipt=Receipt(key=key, result=answer_of(call), answered_at=now) if key else None,
            list_month=call.month not in seen.listed_months,
            customers=customers,
            turn=placed.turn,
            spends=placed.spends,
            reminders=ReminderPlan(put=messages) if messages else None,
            spent_code=order.proven_by,
        )

    def _proof(self, request: BookingRequest, preset: Preset, now: datetime) -> SentCode | None:
        if not needs_code(request.source, preset):
            return None
        if self.prove is None:
            raise code_needed(preset)
        return self.prove()(request, preset, now)

    def _place(self, call: Call, app: App, seen: Situation, request: BookingRequest, now: datetime) -> _Placed:
        """Find the agent's time: the named agent's, the engine's pick, or nobody's until an admin assigns the call."""
        terms = Terms.of_call(call, app.preset)
        if call.assignment_method in (AssignmentMethod.ROUND_ROBIN, AssignmentMethod.POOL) and not request.hold_id:
            return self._pick(call, terms, now)
        if call.assigned_agent_id is None:
            return _Placed(call=call)
        if seen.agent is None or seen.agent_days is None:
            raise unknown_agent("assignedAgentId")
        check_active(seen.agent, "assignedAgentId")
        if not may_pass_over(request.actor, request.source):
            check_eligible(seen.agent, terms)
        if call.booking_source is BookingSource.PUBLIC_BOOKING:
            check_works(seen.agent, call.claim.meeting)
        spends = _held(seen, request, now)
        if spends:
            check_hold(spends.hold, call)
        seen.agent_days.check_free(call.claim, now, spending=request.hold_id)
        days = seen.agent_days.take(call.claim, now, spent=request.hold_id)
        # A hold over midnight may stand in a day that the call does not touch.
        if spends:
            days = move(release(spends.hold.agent_id, spends.hold.claim), days)
        placed = _Placed(call=call, days=days, spends=spends, passed_over=unmet(seen.agent, terms))
        by_engine = call.assignment_method is AssignmentMethod.ROUND_ROBIN
        return self._as_turn(placed, seen.agent, terms, now) if by_engine else placed

    def _as_turn(self, placed: _Placed, agent: Agent, terms: Terms, now: datetime) -> _Placed:
        """The engine picked the agent when the slot was held. Their turn is counted now, beside those free by now."""
        call = placed.call
        candidates = self.bookings.candidates(call.app_id, call.claim.padded, terms)
        free = [
            one.agent for one in candidates if one.agent.agent_id != agent.agent_id and one.is_free(call.claim, now)
        ]
        counted = assignment.counted_turns([agent, *free])
        given = replace(call, turn_agent_id=agent.agent_id)
        record = {"rule": "the agent whose time was held", "winner": agent.agent_id}
        return replace(
            placed,
            call=given,
            turn=Turn.of(agent, counted[agent.agent_id]),
            event_drafts=(was_assigned(None, given, decision=record),),
        )

    def _pick(self, call: Call, terms: Terms, now: datetime) -> _Placed:
        """The engine's pick: an assignment with its turn, or for a pool the time alone."""
        candidates = self.bookings.candidates(call.app_id, call.claim.padded, terms)
        picked = assignment.pick(candidates, call.claim, now)
        agent = picked.candidate.agent
        days = picked.candidate.agent_days.take(call.claim, now)
        if call.assignment_method is AssignmentMethod.POOL:
            return _Placed(call=replace(call, held_agent_id=agent.agent_id), days=days)
        assigned = replace(call, assigned_agent_id=agent.agent_id, turn_agent_id=agent.agent_id)
        return _Placed(
            call=assigned,
            days=days,
            turn=Turn.of(agent, picked.turns),
            event_drafts=(was_assigned(None, assigned, decision=assignment.decision(candidates, picked)),),
        )


def _holders(request: BookingRequest) -> Sequence[str]:
    """In whose windows the hold that is named is counted: whose it is comes first. Nobody's if none is named."""
    if request.hold_id is None:
        return ()
    return [holder.identity for holder in request.holders or (client_holder(request.actor.id or ""),)]


def _held(seen: Situation, request: BookingRequest, now: datetime) -> LetGo | None:
    """The live hold that the booking names, if it names one. Raises StaleHold."""
    if request.hold_id is None:
        return None
    holders = _holders(request)
    window = seen.customers[-len(holders)]
    if request.hold_id in live_holds(window, now):
        if (hold := window.holds.get(request.hold_id)) is not None:
            return LetGo(hold=hold, identities=holders)
        if seen.agent_days and (claim := seen.agent_days.hold(request.hold_id, now)):  # a former release made it
            return LetGo(hold=Hold(agent_id=seen.agent_days.agent_id, claim=claim), identities=holders)
    raise StaleHold("There is no such hold of this client: it was spent or let go, or its time ran out.")


def _earlier_answer(seen: Situation, key: IdempotencyKey | None, call_id: str, attempt: int) -> Booked | None:
    """What an earlier request with this key was answered, or an earlier try of this one that got through."""
    if seen.receipt is None or key is None:
        return None
    seen.receipt.check(key)
    call = call_of_answer(seen.receipt.result)
    return Booked(call=call, answered_at=seen.receipt.answered_at, replayed=call.id != call_id, tries=attempt)


def _all_it_could_touch(request: BookingRequest) -> Interval:
    """The padded time, or, where the preset has yet to say how long it is, the longest it can be."""
    length = _minutes(request.duration_minutes, LONGEST_CALL)
    return Interval.starting(request.scheduled_at, length).widened(
        _minutes(request.buffer_before_minutes, WIDEST_BUFFER),
        _minutes(request.buffer_after_minutes, WIDEST_BUFFER),
    )


def _minutes(said: int | None, otherwise: timedelta) -> timedelta:
    return otherwise if said is None else timedelta(minutes=said)
