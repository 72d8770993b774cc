"""Change a call that is there: the one loop that every change runs in.

A change reads the call, decides, and writes on condition that the call is still at the revision it was decided on, and
that the time it takes is still free. Who loses a race decides again on what the winner left.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from slotline import zone_rules
from slotline.domain.booking.agent_days import DayChange
from slotline.domain.booking.apps import App
from slotline.domain.booking.call_json import answer_of, call_of_answer
from slotline.domain.booking.calls import Actor, ActorType, Call
from slotline.domain.booking.invitations import next_sequence
from slotline.domain.booking.planned_messages import remembered, replan
from slotline.domain.booking.reminders import Reminder
from slotline.domain.booking.sendings import HeardFeedback
from slotline.domain.booking.timeline import EventDraft, timeline
from slotline.domain.booking.zone_changes import kept_finding, kept_promise
from slotline.domain.shared.errors import AppNotFound, NotFound, Unavailable
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.ports.booking import Bookings, BookingWrite, CallSituation, Turn
from slotline.ports.shared import AlreadyAnswered, Backoff, Clock, Ids, RaceLost, RateLimitCheck, StoreBusyError
from slotline.usecases.shared.retrying import MAX_TRIES

SYSTEM = Actor(type=ActorType.SYSTEM)
"""Who changes a call when nobody asks for it: time."""
_MOST_EVENTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a decision makes of a call: the call as it will be, what happened, and whose time changes hands."""

    call: Call
    event_drafts: Sequence[EventDraft]
    days: tuple[DayChange, ...] = ()
    uncounted: tuple[str, ...] = ()
    turn: Turn | None = None
    turn_back: str | None = None
    settled_reminder: Reminder | None = None
    heard: HeardFeedback | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The answer to a change. `replayed`: an earlier request with the same key made it. `unchanged`: there was nothing
    to change."""

    call: Call
    answered_at: datetime
    replayed: bool = False
    unchanged: bool = False


Decide = Callable[[Call, App, datetime], Change | None]
"""What becomes of the call as it is now; None where there is nothing to change. Raises the fact against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCall:
    """Runs one change of a call until it is written or refused."""

    bookings: Bookings
    clock: Clock
    ids: Ids
    backoff: Backoff

    def __call__(
        self,
        app_id: str,
        call_id: str,
        decide: Decide,
        actor: Actor,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> Changed:
        """Run one change. Raises AppNotFound, NotFound, whatever `decide` raises, or Unavailable after the last try."""
        change_id = self.ids.new()
        event_ids = [self.ids.new() for _ in range(_MOST_EVENTS)]
        unsure_of: int | None = None  # the revision that a try was written on, and whose answer was lost
        for attempt in range(1, MAX_TRIES + 1):
            try:
                seen = self.bookings.read_for_change(app_id, call_id, key)
                if seen.receipt is not None and key is not None:
                    seen.receipt.check(key)
                    call = call_of_answer(seen.receipt.result)
                    return Changed(
                        call=call,
                        answered_at=seen.receipt.answered_at,
                        replayed=seen.receipt.result.get("change_id", call.change_id) != change_id,
                        unchanged="change_id" in seen.receipt.result,
                    )
                app, call = _there(seen)
                if call.change_id == change_id:
                    return Changed(call=call, answered_at=call.updated_at)  # our own try, whose answer was lost
                if key is None and unsure_of is not None and call.revision > unsure_of + 1:
                    break  # others changed it since, perhaps after our own try: to decide anew might be a second effect
                check_rate()
                now = self.clock.now()
                change = decide(call, app, now)
                if change is None:
                    if key is not None:  # an answer all the same: a repeat must not find something to change
                        # Of two that change nothing at the same moment one is told so, and the other finds its answer.
                        said = {**answer_of(call), "change_id": change_id}
                        self.bookings.take_time(app_id, (), Receipt(key=key, result=said, answered_at=now))
                    return Changed(call=call, answered_at=now, unchanged=True)
                write = _write(app, call, change, seen, actor, event_ids, change_id, key, now)
                unsure_of = call.revision
                self.bookings.commit(write)
            except (RaceLost, AlreadyAnswered, StoreBusyError) as lost:
                unsure_of = unsure_of if isinstance(lost, StoreBusyError) else None
                if not self.backoff.pause(attempt):
                    break
            else:
                return Changed(call=write.call, answered_at=now)
        raise Unavailable("The change could not be confirmed in time. Read the call, and send the change again.")


def _there(seen: CallSituation) -> tuple[App, Call]:
    if seen.app is None:
        raise AppNotFound("There is no such app.")
    if seen.call is None:
        raise NotFound("There is no such call in this app.")
    return seen.app, seen.call


def _write(
    app: App,
    before: Call,
    change: Change,
    seen: CallSituation,
    actor: Actor,
    event_ids: Sequence[str],
    change_id: str,
    key: IdempotencyKey | None,
    now: datetime,
) -> BookingWrite:
    after = replace(
        change.call,
        promised=kept_promise(before, change.call, zone_rules.RELEASE),
        zone_change=kept_finding(before, change.call),
    )
    after = replace(after, calendar_sequence=next_sequence(before, after))
    plan = replan(before, after, app.preset, now)
    call = replace(
        after,
        revision=before.revision + 1,
        updated_at=now,
        change_id=change_id,
        reminder_ids=remembered(before.reminder_ids, plan.put),
    )
    return BookingWrite(
        call=call,
        replaces=before.revision,
        events=timeline(call, change.event_drafts, actor, event_ids),
        days=change.days,
        receipt=Receipt(key=key, result=answer_of(call), answered_at=now) if key else None,
        list_month=call.month not in seen.listed_months,
        uncounted=change.uncounted,
        turn=change.turn,
        turn_back=change.turn_back,
        reminders=plan if plan.put or plan.drop else None,
        settled_reminder=change.settled_reminder,
        heard=change.heard,
    )
