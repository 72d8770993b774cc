"""The changes of a call, each a decision for `ChangeCall`: update, cancel, confirm, claim, start, reopen, complete,
miss."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.booking import assignment
from slotline.domain.booking.agent_days import DayChange, move, release, shorten
from slotline.domain.booking.answers import ANSWERS, answers_corrected
from slotline.domain.booking.apps import App
from slotline.domain.booking.calls import AssignmentMethod, Call, CallStatus, Guest, Outcome
from slotline.domain.booking.customer_limits import still_counted
from slotline.domain.booking.eligibility import Terms, check_eligible, is_eligible, unmet
from slotline.domain.booking.guest_links import epoch_after
from slotline.domain.booking.lifecycle import (
    EARLY_START,
    may_reopen_until,
    may_start,
    status_before_start,
    was_reopened_last,
)
from slotline.domain.booking.requests import (
    CALL_FIELDS,
    LENGTHS,
    CallUpdate,
    check_active,
    check_guest,
    check_start,
    unknown_agent,
)
from slotline.domain.booking.timeline import (
    EventDraft,
    old_and_new,
    was_assigned,
    was_cancelled,
    was_completed,
    was_confirmed,
    was_missed,
    was_reopened,
    was_rescheduled,
    was_started,
    was_updated,
)
from slotline.domain.shared.errors import CallIsFinal, Conflict, Detail, NoAgentAvailable
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.domain.shared.phones import Screen
from slotline.domain.shared.plain_json import is_same
from slotline.ports.booking import Bookings, Calls
from slotline.usecases.booking.ask_questions import rules_of
from slotline.usecases.booking.change_call import Change

_GUEST_FIELDS = {
    "guest_name": "name",
    "guest_phone": "phone",
    "guest_email": "email",
    "guest_timezone": "timezone",
    "guest_language": "language",
    "guest_intake_notes": "intake_notes",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCall:
    """Move, reassign, lengthen and correct a call, all in one.

    `may_pass_over`: whoever asks may name an agent who is not eligible (`eligibility.may_pass_over`).
    """

    bookings: Bookings
    update: CallUpdate
    screen: Screen
    may_pass_over: bool = True

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:
        """The change. Raises CallIsFinal, InvalidRequest, Conflict for what a call that has started does not do any
        more, or the fact that has the time it would take."""
        _check_not_final(call)
        update = self.update
        after = self._corrected(call, app)
        event_drafts: list[EventDraft] = []
        if update.scheduled_at is not None and update.scheduled_at != call.scheduled_at:
            _check_not_started(call, "it cannot be moved any more")
            check_start(update.scheduled_at, app.preset, now)
            after = replace(after, scheduled_at=update.scheduled_at)
            event_drafts.append(was_rescheduled(call, after, update.reason))
        if update.unassign and call.assigned_agent_id is not None:
            _check_not_started(call, "its agent cannot be taken away any more")
            after = replace(after, assigned_agent_id=None, held_agent_id=None, turn_agent_id=None)
            event_drafts.append(was_assigned(call, after, update.reason))
        reassigned = update.assigned_agent_id is not None and update.assigned_agent_id != call.assigned_agent_id
        if reassigned:
            after = replace(after, assigned_agent_id=update.assigned_agent_id, held_agent_id=None)
        days: tuple[DayChange, ...] = ()
        if event_drafts or reassigned or _differ(call, after, LENGTHS):
            moved = _move(self.bookings, call, after, app, now, binding=not self.may_pass_over)
            after, days = moved.call, moved.days
            if reassigned:
                event_drafts.append(was_assigned(call, after, update.reason, passed_over=moved.passed_over))
        of_guest = [name for name, attribute in _GUEST_FIELDS.items() if _differ(call.guest, after.guest, [attribute])]
        of_call = [name for name in (*CALL_FIELDS, ANSWERS) if _differ(call, after, [name])]
        if of_guest or of_call:
            values = old_and_new(call, after, of_call)
            event_drafts.append(was_updated([*of_guest, *of_call], update.reason, values))
        if not event_drafts:
            return None
        turn_back = call.turn_agent_id if after.turn_agent_id is None else None
        return Change(call=after, event_drafts=event_drafts, days=days, turn_back=turn_back)

    def _corrected(self, call: Call, app: App) -> Call:
        """The call with its guest's details, its own fields and its answers as they were sent."""
        update, answers = self.update, call.answers
        guest = _guest(call.guest, update.guest)
        if "phone" in update.guest:
            check_guest(guest, self.screen)
        if update.answers:
            answers = answers_corrected(answers, update.answers, rules_of(app.preset, guest, self.screen))
        epoch = epoch_after(call, guest)
        return replace(call, guest=guest, contact_epoch=epoch, answers=answers, **update.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCall:
    """Cancel a call, and give back its time and the turn that it took. Again on a cancelled call: nothing to change."""

    reason: str | None = None

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:
        """The change. Raises CallIsFinal for a completed or missed call."""
        if call.status is CallStatus.CANCELLED:
            return None
        _check_not_final(call)
        after = replace(
            call,
            status=CallStatus.CANCELLED,
            cancelled_at=now,
            cancellation_reason=self.reason,
            turn_agent_id=None,
        )
        return Change(
            call=after,
            event_drafts=[was_cancelled(self.reason)],
            days=_all_given_back(call),
            uncounted=() if app.preset.cancelled_bookings_count else still_counted(call, now),
            turn_back=call.turn_agent_id,
        )


@dataclass(frozen=True, slots=True)
class ConfirmCall:
    """Confirm a call. Again on a confirmed one: nothing to change."""

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:  # noqa: ARG002 - every decision takes these
        """The change. Raises CallIsFinal, or Conflict for a call that has started."""
        if call.status is CallStatus.CONFIRMED:
            return None
        _check_not_final(call)
        _check_not_started(call, "there is nothing left to confirm")
        return Change(call=replace(call, status=CallStatus.CONFIRMED), event_drafts=[was_confirmed()])


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCall:
    """An agent takes a call of the pool: the time held for it moves to them."""

    bookings: Bookings
    agent_id: str

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:
        """The change. Raises CallIsFinal, Conflict if it is no pool's call or another's, NotEligible, or the fact in
        the way."""
        if call.assignment_method is not AssignmentMethod.POOL:
            message = "Only a call of the pool can be claimed."
            raise Conflict(message, [Detail(message, "not_in_pool")])
        _check_not_final(call)
        if call.assigned_agent_id == self.agent_id:
            return None
        if call.assigned_agent_id is not None:
            message = "Another agent has claimed this call."
            raise Conflict(message, [Detail(message, "already_claimed")])
        after = replace(call, assigned_agent_id=self.agent_id, held_agent_id=None)
        moved = _move(self.bookings, call, after, app, now, field_name="agentId", binding=True)
        return Change(call=moved.call, event_drafts=[was_assigned(call, moved.call)], days=moved.days)


@dataclass(frozen=True, slots=True)
class StartCall:
    """Somebody joined. Again on a started call: nothing to change."""

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:  # noqa: ARG002 - every decision takes these
        """The change. Raises CallIsFinal, or Conflict long before the call, or after its end."""
        if call.status is CallStatus.STARTED:
            return None
        _check_not_final(call)
        if not (allowed := may_start(call)).start <= now < allowed.end:
            raise _cannot_start(allowed, now)
        return Change(call=replace(call, status=CallStatus.STARTED), event_drafts=[was_started()])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenCall:
    """Undo a start that was a mistake: the call waits for both sides again, and is what it was before.

    Only a start is undone. What is completed, missed or cancelled has given its time back, which another call may have
    by now. The timeline says what the call was, so calls that started before this could be undone are no exception.
    """

    calls: Calls
    reason: str

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:  # noqa: ARG002 - every decision takes these
        """The change. Raises CallIsFinal, or Conflict for a call that has not started, or whose grace is over."""
        _check_not_final(call)
        found = self.calls.get(call.app_id, call.id)
        # Events of a later revision are no matter: the change is only written if the call still is at this one.
        timeline = [event for event in found[1] if event.revision <= call.revision] if found else []
        if call.status is not CallStatus.STARTED:
            if was_reopened_last(timeline):
                return None
            message = "The call has not started, so there is no start to undo."
            raise Conflict(message, [Detail(message, "not_started")])
        if now >= (until := may_reopen_until(call)):
            over = format_instant(until)
            message = f"A start can be undone until {over}, the end of the grace period. Complete it, or say no-show."
            raise Conflict(message, [Detail(message, "grace_over", extra={"allowedUntil": over})])
        after = replace(call, status=status_before_start(timeline))
        return Change(call=after, event_drafts=[was_reopened(after.status, self.reason)])


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteCall:
    """A started call is over, and what it came to. Again on a completed call: nothing to change."""

    outcome: Outcome | None = None
    note: str | None = None

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:  # noqa: ARG002 - every decision takes these
        """The change. Raises CallIsFinal, or Conflict for a call that nobody has joined."""
        if call.status is CallStatus.COMPLETED:
            return None
        _check_not_final(call)
        if call.status is not CallStatus.STARTED:
            message = "The call has not started, so it cannot be completed."
            raise Conflict(message, [Detail(message, "not_started")])
        return complete(call, self.outcome, self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissCall:
    """Nobody came, or only one side did. Again on a missed call: nothing to change."""

    reason: str | None = None

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:  # noqa: ARG002 - every decision takes these
        """The change. Raises CallIsFinal, or Conflict before the call's start."""
        if call.status is CallStatus.NO_SHOW:
            return None
        _check_not_final(call)
        if now < call.scheduled_at:
            message = "The call's start is still to come, so nobody has missed it."
            raise Conflict(message, [Detail(message, "not_started")])
        return miss(call, self.reason)


def complete(call: Call, outcome: Outcome | None = None, note: str | None = None) -> Change:
    """It took place: what is left of its time goes back to its agent."""
    return Change(
        call=replace(call, status=CallStatus.COMPLETED),
        event_drafts=[was_completed(outcome, note)],
        days=_all_given_back(call, is_over=True),
    )


def miss(call: Call, reason: str | None = None, missing: str | None = None) -> Change:
    """The two sides were never there together: what is left of its time goes back to its agent.

    `missing`: who was not there, if that is known.
    """
    return Change(
        call=replace(call, status=CallStatus.NO_SHOW),
        event_drafts=[was_missed(reason, missing)],
        days=_all_given_back(call, is_over=True),
    )


def hand_over(bookings: Bookings, call: Call, app: App, now: datetime) -> Change:
    """A call that nobody of the pool claimed goes to the agent whose time it holds, if they may still take it.

    Else it goes to the next in turn who may; if nobody may, it is left unassigned for an admin, and holds no time.
    """
    terms = Terms.of_call(call, app.preset)
    held = bookings.candidate(call.app_id, call.held_agent_id, call.claim.padded) if call.held_agent_id else None
    if held is not None and is_eligible(held.agent, terms):
        after = replace(call, assigned_agent_id=call.held_agent_id, held_agent_id=None)
        return Change(call=after, event_drafts=[was_assigned(call, after, "nobody_claimed_it")])
    candidates = bookings.candidates(call.app_id, call.claim.padded, terms)
    old = _all_given_back(call)
    try:
        winner = assignment.pick(candidates, call.claim, now).candidate
    except NoAgentAvailable:
        after = replace(call, held_agent_id=None)
        return Change(call=after, event_drafts=[was_assigned(call, after, "no_agent_available")], days=old)
    after = replace(call, assigned_agent_id=winner.agent.agent_id, held_agent_id=None)
    return Change(
        call=after,
        event_drafts=[was_assigned(call, after, "nobody_claimed_it")],
        days=move(old, winner.agent_days.take(call.claim, now)),
    )


def _all_given_back(call: Call, *, is_over: bool = False) -> tuple[DayChange, ...]:
    return release(call.agent_with_time, call.claim, is_over=is_over) if call.agent_with_time else ()


@dataclass(frozen=True, slots=True)
class _Moved:
    """A call with its new time or agent, and the writes of agents' days. `passed_over`: what a new agent lacks."""

    call: Call
    days: tuple[DayChange, ...]
    passed_over: tuple[str, ...] = ()


def _move(
    bookings: Bookings,
    before: Call,
    after: Call,
    app: App,
    now: datetime,
    *,
    binding: bool,
    field_name: str = "assignedAgentId",
) -> _Moved:
    """Take the time of the call as it will be, and give back the time of the call as it was.

    `binding`: another agent must be eligible, also the one whose time the pool holds. The agent whom the call has
    already keeps it in any case.
    """
    old, terms = _all_given_back(before), Terms.of_call(after, app.preset)
    is_new = after.assigned_agent_id not in (None, before.assigned_agent_id)
    needs_no_more = _needs_no_more(before, after)
    if after.agent_with_time is not None and needs_no_more and not is_new:
        return _Moved(after, move(old, shorten(after.agent_with_time, after.claim)))
    if after.held_agent_id is not None:
        after, new = _hold_again(bookings, after, terms, now)
        return _Moved(after, move(old, new))
    if after.assigned_agent_id is None:
        return _Moved(after, old)
    candidate = bookings.candidate(after.app_id, after.assigned_agent_id, after.claim.padded)
    if candidate is None:
        raise unknown_agent(field_name)
    if is_new:
        check_active(candidate.agent, field_name)
    if is_new and binding:
        check_eligible(candidate.agent, terms)
    passed_over = unmet(candidate.agent, terms) if is_new else ()
    if needs_no_more:
        return _Moved(after, move(old, shorten(after.assigned_agent_id, after.claim)), passed_over)
    candidate.agent_days.check_free(after.claim, now)
    return _Moved(after, move(old, candidate.agent_days.take(after.claim, now)), passed_over)


def _needs_no_more(before: Call, after: Call) -> bool:
    """Whether it is a shorter call of the same agent at the same start, whatever blocks its time by now."""
    same = (after.agent_with_time, after.scheduled_at) == (before.agent_with_time, before.scheduled_at)
    return same and before.claim.covers(after.claim)


def _hold_again(bookings: Bookings, call: Call, terms: Terms, now: datetime) -> tuple[Call, tuple[DayChange, ...]]:
    """Time of the pool at the call's new start: of the agent held so far where free, else of the next in turn."""
    candidates = bookings.candidates(call.app_id, call.claim.padded, terms)
    same = [candidate for candidate in candidates if candidate.agent.agent_id == call.held_agent_id]
    free = same[0] if same and same[0].is_free(call.claim, now) else None
    winner = free or assignment.pick(candidates, call.claim, now).candidate
    return replace(call, held_agent_id=winner.agent.agent_id), winner.agent_days.take(call.claim, now)


def _check_not_final(call: Call) -> None:
    if call.is_final:
        raise CallIsFinal(f"The call is {call.status}; it does not change any more.")


def _cannot_start(allowed: Interval, now: datetime) -> Conflict:
    start, end = format_instant(allowed.start), format_instant(allowed.end)
    minutes = EARLY_START // MINUTE
    when = f"A call can be started from {minutes} minutes before it begins to its end: this one from {start} to {end}."
    too_early = now < allowed.start
    message = f"It is too early to start the call. {when}" if too_early else f"The call's time is over. {when}"
    extra = {"allowedFrom": start, "allowedUntil": end}
    return Conflict(message, [Detail(message, "too_early" if too_early else "too_late", extra=extra)])


def _check_not_started(call: Call, consequence: str) -> None:
    if call.status is CallStatus.STARTED:
        message = f"The call has started; {consequence}."
        raise Conflict(message, [Detail(message, "already_started")])


def _guest(guest: Guest, sent: dict[str, str | None]) -> Guest:
    if not sent:
        return guest
    name = sent.get("name", guest.name)
    return Guest.reachable(
        name=name if name is not None else guest.name,
        phone=sent.get("phone", guest.phone),
        phone_e164=None if "phone" in sent else guest.phone_e164,
        email=sent.get("email", guest.email),
        timezone=sent.get("timezone", guest.timezone),
        language=sent.get("language", guest.language),
        intake_notes=sent.get("intake_notes", guest.intake_notes),
    )


def _differ(before: Call | Guest, after: Call | Guest, names: Iterable[str]) -> bool:
    return any(not is_same(getattr(before, name), getattr(after, name)) for name in names)
