"""Two workers, each a process of its own, handle each wake-up at the same moment of a clock that does not move.

So whatever they write is the same to the last word, but for what is the writer's own: DynamoDB takes two transactions
with the same words for one that was sent twice. CLAIM_RACES_SLOW says how many wake-ups there are.
"""

import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from typing import Any

import boto3
import pytest

from local.process import running_system
from slotline.clock import FullJitter, RandomIds
from slotline.conditions.asking import matches
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.carrier_orders import Order, Report
from slotline.domain.dialing.numbers import CarrierName, Number
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.dialing.use_cases import UseCase
from slotline.store.dialing.calls import DynamoDialCalls
from slotline.store.dialing.grants import DynamoNumberGrants
from slotline.store.dialing.paces import DynamoPaces
from slotline.telephony.numbering import refusal_of
from slotline.usecases.dialing.keep_pace import KeepPace
from slotline.usecases.dialing.look_up_attempt import LookUpAttempt
from slotline.usecases.dialing.place_call import PlaceCall
from slotline.usecases.dialing.record_attempt import RecordAttempt
from tests.support.memory.attempt_facts import MemoryAttemptFacts
from tests.support.memory.campaigns import MemoryKeptCampaigns
from tests.support.memory.dials import MemoryDoNotCall, MemoryNumbers, MemoryUseCases, due_of_dial

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(1800)]
WAKE_UPS = int(os.environ.get("CLAIM_RACES_SLOW", "1000"))
WORKERS = 2
NOON = datetime(2035, 5, 7, 12, 0, tzinfo=UTC)
"""Long after the clock of the system that the tables are of, which so leaves these calls alone."""
ORGANIZATION = "claims"
PATIENCE = 120


class StoppedClock:
    """`Clock` and `Waits`: it is always noon."""

    def now(self) -> datetime:
        """Noon."""
        return NOON

    def until(self, at: datetime) -> None:
        """Nothing to wait for."""


@dataclass
class CountingCarrier:
    """`Carrier` of which each phone that rang is remembered."""

    rang: list[str] = field(default_factory=list)

    def dial(self, order: Order) -> str:
        """It rings."""
        self.rang.append(order.token)
        return f"carrier-{order.token}"

    def look_up(self, order: Order, carrier_call_id: str | None, claimed_at: datetime) -> Report | None:  # noqa: ARG002 - the port's
        """It rings still."""
        return Report(status=DialStatus.RINGING, carrier_call_id=f"carrier-{order.token}")

    def hang_up(self, carrier_call_id: str) -> None:
        """Nobody is called off here."""


@dataclass(frozen=True)
class Target:
    """Where the tables are; it goes to other processes as it is."""

    url: str
    region: str
    dialing_table: str
    access_table: str

    def client(self) -> Any:
        """A client of its own."""
        return boto3.session.Session().client(
            "dynamodb",
            endpoint_url=self.url,
            region_name=self.region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def calls(self) -> DynamoDialCalls:
        """The calls there."""
        return DynamoDialCalls(self.client(), self.dialing_table)


def a_call(number: int) -> DialCall:
    """Due at noon, with a number to call from that no other call uses."""
    return DialCall(
        id=f"call-{number:05}",
        organization_id=ORGANIZATION,
        use_case_id="use-case",
        number_id=f"number-{number:05}",
        campaign_id=None,
        phone_number="+12025550123",
        e164="+12025550123",
        zones=("UTC",),
        metadata={"from": a_number(number).phone_number},
        status=DialStatus.SCHEDULED,
        scheduled_at=NOON,
        due_at=NOON,
        max_duration_mins=3,
        created_at=NOON,
        updated_at=NOON,
    )


def a_number(number: int) -> Number:
    """One that may call."""
    return Number(
        id=f"number-{number:05}",
        organization_id=ORGANIZATION,
        phone_number=f"+1202{number:07}",
        carrier=CarrierName.TWILIO,
        calls_per_second=10,
        lines=10,
    )


def work(target: Target, start: Barrier, rang: Any) -> None:
    """Handle each wake-up as soon as the others do; then say which phones rang."""
    clock, backoff, carrier, calls = StoppedClock(), FullJitter(), CountingCarrier(), target.calls()
    numbers = MemoryNumbers({(ORGANIZATION, one.id): one for one in map(a_number, range(WAKE_UPS))})
    grants = DynamoNumberGrants(target.client(), target.dialing_table, target.access_table, clock)
    use_case = UseCase(id="use-case", organization_id=ORGANIZATION, name="Kate", timezone="UTC")
    use_cases = MemoryUseCases({(ORGANIZATION, "use-case"): use_case})
    paces = DynamoPaces(target.client(), target.access_table)
    keep_pace = KeepPace(paces=paces, clock=clock, backoff=backoff)
    campaigns = MemoryKeptCampaigns()
    facts = MemoryAttemptFacts(calls, campaigns, use_cases, numbers, grants, MemoryDoNotCall(), paces)
    record = RecordAttempt(
        calls=calls, use_cases=use_cases, keep_pace=keep_pace, matches=matches, clock=clock, backoff=backoff
    )
    place_call = PlaceCall(
        screen=refusal_of,
        calls=calls,
        facts=facts,
        campaigns=campaigns,
        carriers=lambda _: carrier,
        keep_pace=keep_pace,
        record_attempt=record,
        look_up_attempt=LookUpAttempt(facts=facts, carriers=lambda _: carrier, record_attempt=record),
        matches=matches,
        clock=clock,
        ids=RandomIds(),
        waits=clock,
    )
    for number in range(WAKE_UPS):
        due = due_of_dial(a_call(number))
        start.wait(PATIENCE)
        place_call(due)
    rang.put(carrier.rang)


@pytest.fixture
def target() -> Iterator[Target]:
    """The tables of a system of its own."""
    with running_system(ready_timeout=120) as system:
        yield Target(system.emulator_url, system.region, system.tables["dialing"], system.tables["access"])


def test_of_two_workers_at_one_wake_up_one_rings_the_phone(target: Target) -> None:
    target.calls().add([a_call(number) for number in range(WAKE_UPS)])
    processes = multiprocessing.get_context("spawn")
    start, rang = processes.Barrier(WORKERS), processes.Queue()
    workers = [processes.Process(target=work, args=(target, start, rang)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    rings = Counter(token for _ in workers for token in rang.get(timeout=PATIENCE + WAKE_UPS))
    for worker in workers:
        worker.join(PATIENCE)
        assert worker.exitcode == 0
    twice = [token for token, times in rings.items() if times > 1]
    figures = f"{WAKE_UPS} wake-ups, {WORKERS} processes, one instant: {len(rings)} phones rang"
    print(f"\n{figures}, {len(twice)} of them twice")  # noqa: T201 - shown by pytest -s
    assert not twice
    assert len(rings) == WAKE_UPS
