"""Book a call. The one path to a slot: every surface ends here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.domain import booking
from slotline.domain.booking import BookingRequest
from slotline.domain.calls import Call
from slotline.domain.claims import collision
from slotline.domain.errors import AppNotFound, InvalidRequest, Unavailable
from slotline.domain.idempotency import IdempotencyKey, Receipt
from slotline.domain.intervals import Interval
from slotline.domain.ledger import DayChange
from slotline.ports import (
    AlreadyAnswered,
    AlreadyWritten,
    Backoff,
    Bookings,
    BookingWrite,
    Clock,
    Gate,
    Ids,
    RaceLost,
    Situation,
    StoreBusyError,
)

MAX_TRIES = 8
LONGEST_CALL = timedelta(minutes=480)
WIDEST_BUFFER = timedelta(minutes=240)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """The booking's answer. `replayed`: an earlier request with the same key made it; this one had no effect."""

    call: Call
    answered_at: datetime
    replayed: bool
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookCall:
    """The use case, with what it uses."""

    bookings: Bookings
    clock: Clock
    ids: Ids
    backoff: Backoff

    def __call__(self, request: BookingRequest, key: IdempotencyKey | None, gate: Gate) -> Booked:
        """Book it, or raise the fact that stands against it; Unavailable after the last try, nothing written."""
        call_id, event_id = self.ids.new(), self.ids.new()
        around = _all_it_could_touch(request)
        write: BookingWrite | None = None
        for attempt in range(1, MAX_TRIES + 1):
            try:
                seen = self.bookings.look(request.app_id, request.assigned_agent_id, around, key)
                if (answered := _earlier_answer(seen, key, call_id, attempt)) is not None:
                    return answered
                if write is None or not _is_written(seen, call_id):
                    gate()
                    write = self._decide(request, seen, call_id, event_id, key)
                    self.bookings.commit(write)
            except (RaceLost, AlreadyAnswered, StoreBusyError):
                self.backoff.pause(attempt)
                continue
            except AlreadyWritten:
                pass  # an earlier try got through and its answer was lost: the booking stands
            assert write is not None  # noqa: S101 - for the type checker: AlreadyWritten comes from commit
            return Booked(call=write.call, answered_at=write.call.created_at, replayed=False, tries=attempt)
        raise Unavailable(
            "The booking could not be confirmed in time. Send it again; with an Idempotency-Key that is always safe."
        )

    def _decide(
        self,
        request: BookingRequest,
        seen: Situation,
        call_id: str,
        event_id: str,
        key: IdempotencyKey | None,
    ) -> BookingWrite:
        """The rules, in order: the app, its preset, the agent, the agent's time."""
        if seen.app is None:
            raise AppNotFound("There is no such app.")
        now = self.clock.now()
        call = booking.new_call(request, seen.app, call_id=call_id, now=now)
        return BookingWrite(
            call=call,
            events=[booking.created_event(call, request.actor, event_id)],
            days=_take_time(call, seen, now),
            receipt=Receipt(key=key, call=call, answered_at=now) if key else None,
            list_month=call.month not in seen.listed_months,
        )


def _take_time(call: Call, seen: Situation, now: datetime) -> tuple[DayChange, ...]:
    """The ledger's changes; none for a call that waits for an admin to assign it."""
    if call.assigned_agent_id is None:
        return ()
    if seen.agent is None or not seen.agent.active or seen.ledger is None:
        raise InvalidRequest.of_field("assignedAgentId", "no such agent in this app", "unknown_agent")
    if (found := seen.ledger.collision(call.claim, now)) is not None:
        raise collision(found)
    return seen.ledger.take(call.claim, now)


def _earlier_answer(seen: Situation, key: IdempotencyKey | None, call_id: str, attempt: int) -> Booked | None:
    """What an earlier request with this key was answered, or an earlier try of this one that got through."""
    if seen.receipt is None or key is None:
        return None
    seen.receipt.check(key)
    return Booked(
        call=seen.receipt.call,
        answered_at=seen.receipt.answered_at,
        replayed=seen.receipt.call.id != call_id,
        tries=attempt,
    )


def _is_written(seen: Situation, call_id: str) -> bool:
    return seen.ledger is not None and seen.ledger.holds(call_id)


def _all_it_could_touch(request: BookingRequest) -> Interval:
    """The padded time, or, where the preset has yet to say how long it is, the longest it can be."""
    length = _minutes(request.duration_minutes, LONGEST_CALL)
    return Interval.starting(request.scheduled_at, length).widened(
        _minutes(request.buffer_before_minutes, WIDEST_BUFFER),
        _minutes(request.buffer_after_minutes, WIDEST_BUFFER),
    )


def _minutes(said: int | None, otherwise: timedelta) -> timedelta:
    return otherwise if said is None else timedelta(minutes=said)
