"""Hold a slot for the minutes that a form takes. A booking spends the hold; unspent, it ends by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.domain.booking.apps import App
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.booking.eligibility import Terms, check_eligible
from slotline.domain.booking.holds import count_hold, holder_identity
from slotline.domain.booking.requests import check_active, check_start, unknown_agent
from slotline.domain.booking.services import check_bookable, ruled_by
from slotline.domain.shared.errors import Unavailable
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.intervals import Interval
from slotline.ports.booking import Bookings, HeldSlot, Situation
from slotline.ports.shared import AlreadyAnswered, Backoff, Clock, Ids, RaceLost, RateLimitCheck, StoreBusyError
from slotline.usecases.booking.book_call import LONGEST_CALL, WIDEST_BUFFER
from slotline.usecases.shared.retrying import retry

LONGEST_HOLD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRequest:
    """The slot wanted, and the client that wants it. None: the preset's value; for `preset_id` (id or slug), the active
    one. `by_guest`: the agent must be eligible."""

    app_id: str
    client_id: str
    agent_id: str
    start: datetime
    seconds: int
    duration_minutes: int | None = None
    buffer_before_minutes: int | None = None
    buffer_after_minutes: int | None = None
    preset_id: str | None = None
    by_guest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The answer: the hold as plain JSON."""

    hold: Mapping[str, object]
    answered_at: datetime
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldSlot:
    """Holds a slot for as long as a form takes."""

    bookings: Bookings
    clock: Clock
    ids: Ids
    backoff: Backoff

    def __call__(self, request: HoldRequest, key: IdempotencyKey | None, check_rate: RateLimitCheck) -> Held:
        """Hold it, or raise the fact that stands against it; Unavailable after the last try."""
        hold_id = self.ids.new()
        around = Interval.starting(request.start, LONGEST_CALL).widened(WIDEST_BUFFER, WIDEST_BUFFER)

        def act() -> Held:
            holder = holder_identity(request.client_id)
            seen = self.bookings.read_for_booking(
                request.app_id, request.agent_id, around, key, [holder], request.preset_id
            )
            if seen.receipt is not None and key is not None:
                seen.receipt.check(key)
                hold = seen.receipt.result
                return Held(hold=hold, answered_at=seen.receipt.answered_at, replayed=hold["id"] != hold_id)
            if seen.agent_days is not None and (written := seen.agent_days.find(hold_id)) is not None:
                # An earlier try, whose answer was lost. A new decision would end later than what is stored.
                return Held(hold=_shown(written, request.agent_id), answered_at=self.clock.now())
            check_rate()
            now = self.clock.now()
            claim = self._decide(request, seen, hold_id, now)
            hold = _shown(claim, request.agent_id)
            assert seen.agent_days is not None  # noqa: S101 - for the type checker: decided on it
            receipt = Receipt(key=key, result=hold, answered_at=now) if key else None
            counts = count_hold(seen.customers[0], claim, now)
            end = HeldSlot(app_id=request.app_id, agent_id=request.agent_id, claim=claim, counts=counts)
            self.bookings.take_time(request.app_id, seen.agent_days.take(claim, now), receipt, end)
            return Held(hold=hold, answered_at=now)

        gave_up = Unavailable("The hold could not be confirmed in time. Ask again.")
        return retry(act, self.backoff, on=(RaceLost, AlreadyAnswered, StoreBusyError), or_else=gave_up)

    def _decide(self, request: HoldRequest, seen: Situation, hold_id: str, now: datetime) -> Claim:
        app = ruled_by(seen.app, request.preset_id, seen.named_preset)
        check_bookable(app)
        check_start(request.start, app.preset, now, "startUtc")
        if seen.agent is None or seen.agent_days is None:
            raise unknown_agent("agentId")
        check_active(seen.agent, "agentId")
        if request.by_guest:
            check_eligible(seen.agent, Terms().under(app.preset))
        claim = _claim(request, app, hold_id, now)
        seen.agent_days.check_free(claim, now)
        return claim


def _claim(request: HoldRequest, app: App, hold_id: str, now: datetime) -> Claim:
    preset = app.preset
    return Claim(
        id=hold_id,
        kind=ClaimKind.HOLD,
        meeting=Interval.starting(request.start, _minutes(request.duration_minutes, preset.duration_minutes)),
        before=_minutes(request.buffer_before_minutes, preset.buffer_before_minutes),
        after=_minutes(request.buffer_after_minutes, preset.buffer_after_minutes),
        expires_at=now + min(timedelta(seconds=request.seconds), LONGEST_HOLD),
    )


def _minutes(said: int | None, otherwise: int) -> timedelta:
    return timedelta(minutes=otherwise if said is None else said)


def _shown(claim: Claim, agent_id: str) -> Mapping[str, object]:
    assert claim.expires_at is not None  # noqa: S101 - for the type checker: a hold always ends
    return {
        "id": claim.id,
        "agent_id": agent_id,
        "start": format_instant(claim.meeting.start),
        "end": format_instant(claim.meeting.end),
        "expires_at": format_instant(claim.expires_at),
    }
