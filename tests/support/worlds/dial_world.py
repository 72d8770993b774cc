"""A deployment that dials, in one thread: wake-ups, a carrier and people, in the order of a clock that is set.

Everything that can go wrong does, by chance: wake-ups come twice and late, processes die before and after every effect,
the store refuses or loses its answer, the carrier's answers are lost, its reports come twice, out of order or never.
Processes overlap: each runs with a clock of its own from the moment at which it was woken.

What the carrier saw is written down apart from it (`Ring`, `Said`), and judged by `tests.support.oracles.dialing`.
"""

import heapq
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from slotline.conditions.asking import matches
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import Campaign, CampaignState
from slotline.domain.dialing.carrier_orders import Order, Report
from slotline.domain.dialing.imports import Import
from slotline.domain.dialing.numbers import CarrierName, Number, NumberGrant
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.due import Due
from slotline.ports.dialing import CarrierRefused, CarrierUnknownError, DialWrite
from slotline.ports.shared import StoreBusyError
from slotline.telephony.numbering import refusal_of
from slotline.usecases.dialing.call_off import CallOffDial
from slotline.usecases.dialing.close_campaign import CloseCampaign
from slotline.usecases.dialing.keep_pace import KeepPace
from slotline.usecases.dialing.look_up_attempt import LookUpAttempt
from slotline.usecases.dialing.place_call import PlaceCall
from slotline.usecases.dialing.record_attempt import RecordAttempt
from slotline.usecases.dialing.resume_calls import ResumeCalls
from tests.support.memory.attempt_facts import MemoryAttemptFacts
from tests.support.memory.campaigns import MemoryDialSettings, MemoryKeptCampaigns, MemoryNumberGrants, due_of_campaign
from tests.support.memory.dials import (
    MemoryDials,
    MemoryDoNotCall,
    MemoryNumbers,
    MemoryPaces,
    MemoryUseCases,
    due_of_dial,
)
from tests.support.memory.faults import Crashed
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.store import MemoryStore

MONDAY_MORNING = datetime(2026, 5, 4, 8, 30, tzinfo=UTC)
ORGANIZATION = "org"
SECOND = timedelta(seconds=1)
FINAL = (DialStatus.COMPLETED, DialStatus.BUSY, DialStatus.NO_ANSWER, DialStatus.FAILED)


@dataclass
class ProcessClock:
    """`Clock` and `Waits` of whichever process runs now. `oversleeps`: how much too late it wakes up."""

    instant: datetime = MONDAY_MORNING
    oversleeps: Callable[[], timedelta] = timedelta

    def now(self) -> datetime:
        """The present instant."""
        return self.instant

    def until(self, at: datetime) -> None:
        """Time passes, and a little more."""
        if at > self.instant:
            self.instant = at + self.oversleeps()


@dataclass
class Chance:
    """`Faults` by chance: one effect in so many goes wrong, in one of four ways."""

    random: random.Random
    share: float
    reads: None = None
    commits: None = None

    @contextmanager
    def around(self, planned: None) -> Iterator[None]:
        """Run an effect that may go wrong."""
        del planned
        wrong = self.random.random()
        if wrong < self.share:
            raise StoreBusyError("by chance")
        if wrong < 2 * self.share:
            raise Crashed
        yield
        if wrong > 1 - self.share:
            raise StoreBusyError("the answer was lost")
        if wrong > 1 - 2 * self.share:
            raise Crashed


@dataclass(frozen=True, kw_only=True)
class Ring:
    """A phone that rang. `asked_at`: when the carrier was asked for it; `ends_at`: when its line was free again."""

    token: str
    call_id: str
    asked_at: datetime
    ends_at: datetime
    outcome: DialStatus


@dataclass
class ChanceCarrier:
    """`Carrier` that places an order, or does not, and may or may not say so."""

    world: "DialWorld"
    rings: list[Ring] = field(default_factory=list)
    asked: list[tuple[str, datetime]] = field(default_factory=list)
    placed: dict[str, Ring] = field(default_factory=dict)
    refused: int = 0
    lost: int = 0

    def dial(self, order: Order) -> str:
        """Place it, in whatever weather there is."""
        chance, now = self.world.random.random(), self.world.clock.now()
        share = self.world.trouble
        self.asked.append((order.token, now))
        if chance < share:
            self.refused += 1
            raise CarrierRefused("busy", may_pass=True)
        if chance < 1.2 * share:
            self.refused += 1
            raise CarrierRefused("no such number")
        if chance < 2.2 * share:
            self.lost += 1
            raise CarrierUnknownError  # it never got there
        if chance < 3.2 * share:
            raise Crashed
        carrier_call_id = self._ring(order, now)
        if chance > 1 - share:
            self.lost += 1
            raise CarrierUnknownError  # it did
        if chance > 1 - 2 * share:
            raise Crashed
        return carrier_call_id

    def look_up(self, order: Order, carrier_call_id: str | None, claimed_at: datetime) -> Report | None:
        """What became of it, where the carrier can be asked."""
        del claimed_at
        if self.world.random.random() < 2 * self.world.trouble:
            raise CarrierUnknownError
        ring = self.placed.get(order.token)
        if ring is None:
            assert carrier_call_id is None
            return None
        is_over = self.world.clock.now() >= ring.ends_at
        return Report(status=ring.outcome if is_over else DialStatus.RINGING, carrier_call_id=f"carrier-{order.token}")

    def hang_up(self, carrier_call_id: str) -> None:
        """The phone of this order is silent from now on."""
        del carrier_call_id

    def _ring(self, order: Order, now: datetime) -> str:
        drawn = self.world.random
        outcome = drawn.choices(FINAL, weights=(4, 3, 3, 1))[0]
        talk = drawn.uniform(5, order.max_duration.total_seconds()) if outcome is DialStatus.COMPLETED else 0
        ends_at = now + timedelta(seconds=drawn.uniform(2, 35) + talk)
        ring = Ring(token=order.token, call_id=order.call_id, asked_at=now, ends_at=ends_at, outcome=outcome)
        self.rings.append(ring)
        self.placed[order.token] = ring
        self._tell(order, ring)
        return f"carrier-{order.token}"

    def _tell(self, order: Order, ring: Ring) -> None:
        """Its reports: each may come twice or never, and any of them late."""
        drawn, trouble = self.world.random, self.world.trouble
        told = [(ring.asked_at, DialStatus.INITIATED), (ring.asked_at + SECOND, DialStatus.RINGING)]
        told.append((ring.ends_at, ring.outcome))
        for at, status in told:
            for _ in range(drawn.choices((0, 1, 2), weights=(trouble, 1 - 2 * trouble, trouble))[0]):
                late = drawn.uniform(0, 90) if drawn.random() < trouble else drawn.uniform(0.01, 0.5)
                report = Report(status=status, carrier_call_id=f"carrier-{order.token}")
                self.world.later(max(at, ring.asked_at) + late * SECOND, self._report, order, report)

    def _report(self, order: Order, report: Report) -> None:
        self.world.record_attempt.report(order.organization_id, order.call_id, order.attempt, report)


class StreamedDials(MemoryDials):
    """Whoever makes a row due has it woken, whatever becomes of him."""

    world: "DialWorld"

    def write(self, write: DialWrite) -> None:
        """Write, and tell the stream."""
        place = (write.call.organization_id, write.call.id)
        before = self.calls[place]
        try:
            super().write(write)
        finally:
            after = self.calls[place]
            if after.due_at not in (None, before.due_at):
                self.world.wake(after)

    def write_all(self, writes: Sequence[DialWrite]) -> Sequence[str]:
        """Write each, and tell the stream."""
        places = [(write.call.organization_id, write.call.id) for write in writes]
        before = {place: self.calls[place].due_at for place in places}
        try:
            return super().write_all(writes)
        finally:
            for place, due_at in before.items():
                if self.calls[place].due_at not in (None, due_at):
                    self.world.wake(self.calls[place])


class StreamedCampaigns(MemoryKeptCampaigns):
    """Whoever makes a campaign's walk due has it woken, too; and every state that it comes to is written down."""

    world: "DialWorld"

    def replace(self, campaign: Campaign, replaces: int, new: Import | None = None) -> None:
        """Write, and tell the stream."""
        before = self.kept[campaign.organization_id, campaign.id]
        try:
            super().replace(campaign, replaces, new)
        finally:
            self.tell(before)

    def tell(self, before: Campaign) -> None:
        """What a change of a campaign brings about."""
        after = self.kept[before.organization_id, before.id]
        if after.state is not before.state:
            self.world.states[after.id].append((self.world.clock.now(), after.state))
        if after.due_at not in (None, before.due_at):
            self.world.wake_campaign(after)


class DialWorld:
    """All of it. `trouble`: the share of whatever can go wrong that does; `store_trouble`: of the store's effects."""

    def __init__(self, seed: int, *, trouble: float = 0.05, store_trouble: float = 0.01) -> None:
        self.random = random.Random(seed)
        self.trouble = trouble
        self.clock = ProcessClock()
        self.at = MONDAY_MORNING
        self._events: list[tuple[datetime, int, Callable[..., Any], tuple[Any, ...], int]] = []
        self._order = count()
        self.backoff, self.ids = RecordedBackoff(), NumberedIds()
        chance: Any = Chance(self.random, store_trouble)
        self.dials = StreamedDials(faults=chance)
        self.dials.world = self
        self.paces = MemoryPaces(faults=chance)
        self.use_cases, self.numbers = MemoryUseCases(), MemoryNumbers()
        self.grants = MemoryNumberGrants(MemoryDialSettings(MemoryStore(self.clock)))
        self.campaigns, self.do_not_call = StreamedCampaigns(faults=chance), MemoryDoNotCall()
        self.campaigns.world = self
        self.carrier = ChanceCarrier(self)
        self.states: dict[str, list[tuple[datetime, CampaignState]]] = defaultdict(list)
        self.listed_at: dict[str, datetime] = {}
        self.called_off_at: dict[str, datetime] = {}
        self.buried = self.paced = 0
        self._build()

    def _build(self) -> None:
        keep_pace = KeepPace(paces=self.paces, clock=self.clock, backoff=self.backoff)
        record = RecordAttempt(
            calls=self.dials,
            use_cases=self.use_cases,
            keep_pace=keep_pace,
            matches=matches,
            clock=self.clock,
            backoff=self.backoff,
        )

        def carriers(_: CarrierName) -> ChanceCarrier:
            return self.carrier

        self.facts = MemoryAttemptFacts(
            self.dials, self.campaigns, self.use_cases, self.numbers, self.grants, self.do_not_call, self.paces
        )
        look_up_attempt = LookUpAttempt(facts=self.facts, carriers=carriers, record_attempt=record)
        self.place_call = PlaceCall(
            screen=refusal_of,
            calls=self.dials,
            facts=self.facts,
            campaigns=self.campaigns,
            carriers=carriers,
            keep_pace=keep_pace,
            record_attempt=record,
            look_up_attempt=look_up_attempt,
            matches=matches,
            clock=self.clock,
            ids=self.ids,
            waits=self.clock,
        )
        self.record_attempt = record
        resume_calls = ResumeCalls(
            campaigns=self.campaigns,
            calls=self.dials,
            use_cases=self.use_cases,
            clock=self.clock,
            backoff=self.backoff,
        )
        self.close_campaign = CloseCampaign(
            resume_calls=resume_calls,
            campaigns=self.campaigns,
            calls=self.dials,
            clock=self.clock,
            ids=self.ids,
            backoff=self.backoff,
        )
        self.call_off_dial = CallOffDial(calls=self.dials, carriers=carriers, clock=self.clock, backoff=self.backoff)

    # What there is ------------------------------------------------------------------------------

    def add_use_case(self, **more: Any) -> UseCase:
        """A use case, in the organization."""
        use_case = UseCase(**{"id": "use-case", "organization_id": ORGANIZATION, "name": "Kate", **more})
        self.use_cases.kept[ORGANIZATION, use_case.id] = use_case
        return use_case

    def add_number(self, number_id: str, *, calls_per_second: int, lines: int) -> Number:
        """A number to call from."""
        number = Number(
            id=number_id,
            organization_id=ORGANIZATION,
            phone_number=f"+5730055501{len(self.numbers.kept):02}",
            carrier=CarrierName.TWILIO,
            calls_per_second=calls_per_second,
            lines=lines,
        )
        self.numbers.kept[ORGANIZATION, number_id] = number
        self.grant(number)
        return number

    def grant(self, number: Number) -> None:
        """The organization may call from it, from now on."""
        there = self.grants.get(number.phone_number)
        new = NumberGrant(phone_number=number.phone_number, organization_id=None, granted_at=self.at, revision=0)
        self.grants.put((there or new).granted(ORGANIZATION, number.id, self.at))

    def revoke(self, number_id: str) -> None:
        """Nobody may."""
        there = self.grants.get(self.numbers.kept[ORGANIZATION, number_id].phone_number)
        assert there is not None
        self.grants.put(there.revoked(self.at))

    def add_campaign(self, campaign_id: str, number_id: str, *, interval_minutes: int = 0) -> None:
        """A campaign that runs."""
        campaign = Campaign(
            id=campaign_id,
            organization_id=ORGANIZATION,
            name=campaign_id,
            use_case_id="use-case",
            number_id=number_id,
            staggered_interval_minutes=interval_minutes,
            state=CampaignState.CREATING,
            created_at=self.at,
            updated_at=self.at,
        )
        self.campaigns.kept[ORGANIZATION, campaign_id] = campaign
        self.move_campaign(campaign_id, CampaignState.RUNNING)

    def add_call(self, call_id: str, campaign_id: str, at: datetime, **more: Any) -> None:
        """A call of a campaign, due then."""
        campaign = self.campaigns.kept[ORGANIZATION, campaign_id]
        phone = f"+57300{len(self.dials.calls):07d}"
        said = {
            "rules": (RetryRule(query="Busy, No answer", retry_period=30, max_retry_per_day=2),),
            "max_retries": 3,
            "zones": ("America/Bogota",),
        }
        call = DialCall(
            **{
                "id": call_id,
                "organization_id": ORGANIZATION,
                "use_case_id": "use-case",
                "number_id": campaign.number_id,
                "campaign_id": campaign_id,
                "phone_number": phone,
                "e164": phone,
                "status": DialStatus.SCHEDULED,
                "scheduled_at": at,
                "due_at": at,
                "max_duration_mins": 3,
                "metadata": {"from": self.numbers.kept[ORGANIZATION, campaign.number_id].phone_number},
                "created_at": self.at,
                "updated_at": self.at,
                **said,
                **more,
            }
        )
        self.dials.calls[ORGANIZATION, call_id] = call
        self.campaigns.kept[ORGANIZATION, campaign_id] = replace(campaign.covering([call]), calls=campaign.calls + 1)
        self.wake(call)

    # What people do -----------------------------------------------------------------------------

    def move_campaign(self, campaign_id: str, state: CampaignState) -> None:
        """Pause, resume or cancel it, if it still may be."""
        campaign = self.campaigns.kept[ORGANIZATION, campaign_id]
        if campaign.state in (CampaignState.CANCELED, CampaignState.COMPLETED):
            return
        self.campaigns.kept[ORGANIZATION, campaign_id] = campaign.moved_to(state, self.clock.now())
        self.campaigns.tell(campaign)

    def list_number(self, call_id: str) -> None:
        """Whoever has this number is not to be called."""
        e164 = self.dials.calls[ORGANIZATION, call_id].e164
        self.do_not_call.listed.add((ORGANIZATION, e164))
        self.listed_at.setdefault(e164, self.clock.now())

    def call_off(self, call_id: str) -> None:
        """No further attempt."""
        self.call_off_dial(ORGANIZATION, call_id, hang_up=False)
        self.called_off_at.setdefault(call_id, self.clock.now())

    # How time goes on ---------------------------------------------------------------------------

    def later(self, at: datetime, act: Callable[..., Any], *arguments: Any, tries: int = 0) -> None:
        """Have this done then."""
        heapq.heappush(self._events, (at, next(self._order), act, arguments, tries))

    def wake(self, call: DialCall) -> None:
        """What the stream, the schedules and the queue do: bring it in time, or late, once or twice."""
        self._bring(due_of_dial(call), self._woken)

    def wake_campaign(self, campaign: Campaign) -> None:
        """The same for a campaign."""
        self._bring(due_of_campaign(campaign), self._walked)

    def _bring(self, due: Due, act: Callable[[Due], None]) -> None:
        for _ in range(2 if self.random.random() < self.trouble else 1):
            late = self.random.uniform(0, 150) if self.random.random() < self.trouble else self.random.uniform(0, 1)
            self.later(max(due.at, self.clock.now()) + late * SECOND, act, due)

    def _walked(self, due: Due) -> None:
        self.close_campaign(due, self.clock.now() + timedelta(minutes=4))

    def _woken(self, due: Due) -> None:
        call = self.place_call(due)
        self.paced += call is not None and call.reason == "pace"

    def campaign_of(self, ring: Ring) -> str | None:
        """The campaign that a phone rang for."""
        return self.dials.calls[ORGANIZATION, ring.call_id].campaign_id

    def run(self, until: datetime | None = None) -> None:
        """Live through everything that comes, or through what comes until then."""
        while self._events and (until is None or self._events[0][0] <= until):
            at, _, act, arguments, tries = heapq.heappop(self._events)
            self.at = self.clock.instant = at
            try:
                act(*arguments)
            except (Crashed, StoreBusyError):
                if act in (self._woken, self._walked) and tries >= 4:
                    self.buried += 1
                    self.later(at + 600 * SECOND, act, *arguments)  # somebody looks into the dead letters
                elif act != self.carrier._report:  # a carrier says it once
                    self.later(at + 180 * SECOND, act, *arguments, tries=tries + 1)

    def change_number(self, number_id: str, **changes: Any) -> None:
        """Other limits for a number."""
        kept = self.numbers.kept
        kept[ORGANIZATION, number_id] = replace(kept[ORGANIZATION, number_id], **changes)
