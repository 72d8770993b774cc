"""A call is due: dial it, if it may be dialled now, and only if nobody has.

The attempt is claimed in the store before the carrier is asked, under an id of this claimer's own: of two wake-ups one
goes on, even if both handle them in the same millisecond. What may still stop it is read before the claim in one
request, and once more after it, strongly consistent and just before the start. Then the carrier is asked, once. Whoever
dies in between leaves a claim whose lease ends: the call is due again then, and the carrier is asked what became of it.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.calls import DialCall, Later, Over
from slotline.domain.dialing.campaigns import Campaign, CampaignState
from slotline.domain.dialing.carrier_orders import Report, order_of
from slotline.domain.dialing.events import event_of
from slotline.domain.dialing.numbers import NOT_GRANTED, CarrierName
from slotline.domain.dialing.pace import SLACK, Start, Wait
from slotline.domain.dialing.retries import Matches
from slotline.domain.dialing.rulings import Facts, Go, carrier_not_set_up, ruling
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.shared.due import Due
from slotline.domain.shared.phones import Screen, as_compared
from slotline.ports.dialing import (
    AttemptFacts,
    Carrier,
    CarrierRefused,
    CarrierUnknownError,
    DialCalls,
    DialWrite,
    KeptCampaigns,
)
from slotline.ports.shared import Clock, Ids, RaceLost, StoreBusyError, Waits
from slotline.usecases.dialing.keep_pace import KeepPace
from slotline.usecases.dialing.look_up_attempt import LookUpAttempt
from slotline.usecases.dialing.record_attempt import RecordAttempt

READS_TAKE = timedelta(milliseconds=100)
"""How long before its start what rules over a call is read for the last time."""

LATE_PATIENCE = timedelta(seconds=8)
"""How far ahead the start of an attempt may be that has missed its first one."""

BUSY_FOR = timedelta(seconds=10)
"""When a claim is made anew that the store was too busy to see through. Nobody was asked."""

Carriers = Callable[[CarrierName], Carrier | None]
"""Who places the calls of a number; None where this deployment has not set it up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCall:
    """Dials a call that is due, once."""

    calls: DialCalls
    facts: AttemptFacts
    campaigns: KeptCampaigns
    carriers: Carriers
    keep_pace: KeepPace
    record_attempt: RecordAttempt
    look_up_attempt: LookUpAttempt
    matches: Matches
    screen: Screen
    clock: Clock
    ids: Ids
    waits: Waits

    def __call__(self, due: Due) -> DialCall | None:
        """The call afterwards; None where it was not due any more.

        Raises StoreBusyError: the wake-up may come again, and never dials an attempt that was claimed.
        """
        call = self.calls.due(due)
        if call is None:
            return None
        if call.is_under_way:
            return self.look_up_attempt(call)
        try:
            return self._place(call)
        except RaceLost:  # another wake-up, or a change of the call: its next revision says when it is due
            return None

    def _place(self, call: DialCall) -> DialCall:
        facts, pace = self.facts.before_claim(call)
        ruled = self._rule(call, facts)
        if not isinstance(ruled, Go):
            return self._leave(call, ruled)
        carrier = self.carriers(ruled.number.carrier)
        if carrier is None:
            return self._leave(call, carrier_not_set_up(self.clock.now()))
        start = self.keep_pace.take(call, call.last_attempt + 1, ruled.number, seen=pace)
        if isinstance(start, Wait):
            return self._leave(call, Later(at=start.until, reason="pace"))
        claimed = AttemptedCall.claimed(call, ruled.number.carrier, self.ids.new(), self.clock.now())
        event = event_of(call, claimed.call)
        self.calls.write(DialWrite(call=claimed.call, replaces=call.revision, claims=claimed.attempt, event=event))
        try:
            forbidden = self._await_start(call, claimed, ruled, start)
        except StoreBusyError:
            forbidden = Later(at=self.clock.now() + BUSY_FOR, reason="busy")
        return self._take_back(claimed, forbidden) if forbidden else self._ask(claimed, ruled, carrier)

    def _await_start(self, call: DialCall, claimed: AttemptedCall, go: Go, start: Start) -> Later | Over | None:
        """What forbids the call after all; None at its start. `call` as it was before the claim: that is ruled over.

        If reading took so long that the start is missed, there is one more, and that is kept, late or not: a system
        that is slower than its pace must still dial.
        """
        self.waits.until(start.at - READS_TAKE)
        facts, there = self.facts.before_start(call, claimed.attempt.number)
        ruled = self._rule(call, facts) if _is_as_claimed(there, claimed) else Over(reason="called_off")
        if not isinstance(ruled, Go):
            return ruled
        self.waits.until(start.at)
        if self.clock.now() > start.at + SLACK:
            again = self.keep_pace.take(call, claimed.attempt.number, go.number, LATE_PATIENCE)
            if isinstance(again, Wait):
                return Later(at=again.until, reason="pace")
            self.waits.until(again.at)
        return None

    def _ask(self, claimed: AttemptedCall, go: Go, carrier: Carrier) -> DialCall:
        """The carrier, once. Whatever follows from here on, this attempt is not asked for again."""
        place = _place_of(claimed)
        try:
            carrier_call_id = carrier.dial(order_of(claimed.call, claimed.attempt, go.use_case, go.number))
        except CarrierRefused as refusal:
            reason, may_pass = refusal.reason, refusal.may_pass
            after = self.record_attempt(
                *place, lambda one, now: one.refused(reason, may_pass=may_pass, now=now), seen=claimed
            )
            return (after or claimed).call
        except CarrierUnknownError:
            return (self.record_attempt.report(*place, Report(status=DialStatus.UNKNOWN), claimed) or claimed).call
        report = Report(status=DialStatus.INITIATED, carrier_call_id=carrier_call_id)
        placed = (self.record_attempt.report(*place, report, claimed) or claimed).call
        if placed.is_called_off and placed.is_under_way:
            with suppress(CarrierRefused, CarrierUnknownError):  # its longest duration ends it then
                carrier.hang_up(carrier_call_id)
        return placed

    def _rule(self, call: DialCall, facts: Facts) -> Go | Later | Over:
        if facts.campaign and facts.number and not facts.is_granted:
            self._pause(facts.campaign)
        is_barred = self.screen(as_compared(call.e164)) is not None
        return ruling(call, facts, self.matches, self.clock.now(), is_barred=is_barred)

    def _pause(self, campaign: Campaign) -> None:
        """A campaign whose number was revoked, unless somebody else changes it just now: another call of it comes."""
        if campaign.state.places_calls:
            paused = campaign.moved_to(CampaignState.PAUSED, self.clock.now(), NOT_GRANTED)
            with suppress(RaceLost):
                self.campaigns.replace(paused, campaign.revision)

    def _leave(self, call: DialCall, ruled: Later | Over) -> DialCall:
        now = self.clock.now()
        after = call.put_off(ruled, now) if isinstance(ruled, Later) else call.ended(ruled, now)
        self.calls.write(DialWrite(call=after, replaces=call.revision, event=event_of(call, after)))
        return after

    def _take_back(self, claimed: AttemptedCall, ruled: Later | Over) -> DialCall:
        """The carrier was not asked."""
        after = self.record_attempt(*_place_of(claimed), lambda one, now: one.withdrawn(ruled, now), seen=claimed)
        return (after or claimed).call


def _is_as_claimed(there: AttemptedCall | None, claimed: AttemptedCall) -> bool:
    """Whether the claim is this claimer's own, and the call as it left it: nobody has called it off since."""
    if there is None:
        return False
    return there.attempt.is_claim_of(claimed.attempt) and there.call.revision == claimed.call.revision


def _place_of(attempted: AttemptedCall) -> tuple[str, str, int]:
    """The organization, the call's id and the attempt's number."""
    return attempted.call.organization_id, attempted.call.id, attempted.attempt.number
