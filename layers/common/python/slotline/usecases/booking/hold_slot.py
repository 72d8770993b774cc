"""Hold a slot for the minutes that a form takes. A booking spends the hold; unspent, it ends by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.domain.booking import assignment
from slotline.domain.booking.agent_days import AgentDays, DayChange, move, release
from slotline.domain.booking.apps import App
from slotline.domain.booking.claims import LONGEST_CALL, WIDEST_BUFFER, Claim, ClaimKind, Hold
from slotline.domain.booking.customer_limits import CustomerHistory
from slotline.domain.booking.eligibility import Terms, check_eligible
from slotline.domain.booking.holds import Holder, count_hold, live_holds
from slotline.domain.booking.requests import check_active, check_start, check_works, method_for_guest, unknown_agent
from slotline.domain.booking.services import check_bookable, ruled_by
from slotline.domain.shared.errors import Conflict, HoldLimitReached, StaleHold, Unavailable
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.intervals import Interval
from slotline.ports.booking import Bookings, HeldSlot, Situation
from slotline.ports.shared import AlreadyAnswered, Backoff, Clock, Ids, RaceLost, RateLimitCheck, StoreBusyError
from slotline.usecases.booking.answered import check_unanswered
from slotline.usecases.shared.retrying import retry

LONGEST_HOLD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRequest:
    """The slot wanted, and who wants it: the first holder has it, and each of them counts it. None: the preset's value;
    for `preset_id` (id or slug), the active one.

    `replaces`: a hold of the first holder, which ends in the transaction that takes the slot. `by_guest`: a guest holds
    for themselves, so the rules of a service's guests bind; a visit's second hold replaces its first.
    """

    app_id: str
    holders: tuple[Holder, ...]
    agent_id: str | None
    start: datetime
    seconds: int
    duration_minutes: int | None = None
    buffer_before_minutes: int | None = None
    buffer_after_minutes: int | None = None
    preset_id: str | None = None
    replaces: str | None = None
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
        identities = [holder.identity for holder in request.holders]

        def act() -> Held:
            seen = self.bookings.read_for_booking(
                request.app_id, request.agent_id, around, key, identities, request.preset_id
            )
            if seen.receipt is not None and key is not None:
                seen.receipt.check(key)
                hold = seen.receipt.result
                return Held(hold=hold, answered_at=seen.receipt.answered_at, replayed=hold["id"] != hold_id)
            if (written := seen.customers[0].holds.get(hold_id)) is not None:
                # An earlier try, whose answer was lost. A new decision would end later than what is stored.
                return Held(hold=shown(written), answered_at=self.clock.now())
            check_rate()
            try:
                return self._hold(request, key, seen, hold_id, self.clock.now())
            except (Conflict, HoldLimitReached):
                check_unanswered(self.bookings, request.app_id, hold_id, key)
                raise

        gave_up = Unavailable("The hold could not be confirmed in time. Ask again.")
        return retry(act, self.backoff, on=(RaceLost, AlreadyAnswered, StoreBusyError), or_else=gave_up)

    def _hold(
        self, request: HoldRequest, key: IdempotencyKey | None, seen: Situation, hold_id: str, now: datetime
    ) -> Held:
        """Decide and write."""
        replaces = request.replaces or _one_too_many(request, seen.customers[0], now)
        hold, agent_days = self._decide(request, seen, hold_id, replaces, now)
        replaced = _replaced(replaces, seen.customers[0], now)
        agent_days.check_free(hold.claim, now, spending=replaces)
        counts = count_hold(request.holders, seen.customers, hold, now, replaces=replaces)
        answer = shown(hold)
        self.bookings.take_time(
            request.app_id,
            _days(agent_days, hold, replaced, now),
            Receipt(key=key, result=answer, answered_at=now) if key else None,
            HeldSlot(app_id=request.app_id, hold=hold, counts=counts),
            replaced,
        )
        return Held(hold=answer, answered_at=now)

    def _decide(
        self, request: HoldRequest, seen: Situation, hold_id: str, replaces: str | None, now: datetime
    ) -> tuple[Hold, AgentDays]:
        app = ruled_by(seen.app, request.preset_id, seen.named_preset, public_only=request.by_guest)
        check_bookable(app)
        check_start(request.start, app.preset, now, "startUtc")
        claim = _claim(request, app, hold_id, now)
        agent_days = self._agent_days(request, app, seen, claim, replaces, now)
        # A guest's agent is chosen by the service's mode, so a hold of one service is no hold of another.
        named = app.preset.preset_id if request.preset_id or request.by_guest else None
        return Hold(agent_id=agent_days.agent_id, claim=claim, preset_id=named), agent_days

    def _agent_days(
        self, request: HoldRequest, app: App, seen: Situation, claim: Claim, replaces: str | None, now: datetime
    ) -> AgentDays:
        """Whose time is held: the named agent's, or for a guest of a service that finds agents, the engine's pick."""
        if request.by_guest:
            method_for_guest(app.preset, names_agent=request.agent_id is not None, holds=False, field="agentId")
        if request.agent_id is None:
            candidates = self.bookings.candidates(request.app_id, claim.padded, Terms.asked().under(app.preset))
            return assignment.pick(candidates, claim, now, spending=replaces).candidate.agent_days
        if seen.agent is None or seen.agent_days is None:
            raise unknown_agent("agentId")
        check_active(seen.agent, "agentId")
        if request.by_guest:
            check_eligible(seen.agent, Terms.asked().under(app.preset))
            check_works(seen.agent, claim.meeting)
        return seen.agent_days


def shown(hold: Hold) -> Mapping[str, object]:
    """A hold as plain JSON."""
    meeting = hold.claim.meeting
    return {
        "id": hold.id,
        "agent_id": hold.agent_id,
        "preset_id": hold.preset_id,
        "start": format_instant(meeting.start),
        "end": format_instant(meeting.end),
        "expires_at": format_instant(hold.ends_at),
    }


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


def _one_too_many(request: HoldRequest, window: CustomerHistory, now: datetime) -> str | None:
    """The hold that a visit has already, and that this one takes the place of."""
    if not request.by_guest or request.holders[0].most > 1:
        return None
    return next(iter(live_holds(window, now)), None)


def _replaced(hold_id: str | None, window: CustomerHistory, now: datetime) -> Hold | None:
    """The live hold of this id in its holder's window, if one is named. Raises StaleHold."""
    if hold_id is None:
        return None
    hold = window.holds.get(hold_id) if hold_id in live_holds(window, now) else None
    if hold is None:
        raise StaleHold("There is no such hold to replace: it was spent or let go, or its time ran out.")
    return hold


def _days(agent_days: AgentDays, hold: Hold, replaced: Hold | None, now: datetime) -> tuple[DayChange, ...]:
    """The slot taken, and that of the replaced hold given back: of the same agent or of another, on any day."""
    if replaced is None:
        return agent_days.take(hold.claim, now)
    taken = agent_days.take(hold.claim, now, spent=replaced.id)
    return move(release(replaced.agent_id, replaced.claim), taken)


def _minutes(said: int | None, otherwise: int) -> timedelta:
    return timedelta(minutes=otherwise if said is None else said)
