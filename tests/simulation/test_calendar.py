"""A day in the life of a calendar, drawn at random: whatever is asked, and whatever goes wrong, the invariants hold.

Every rule is somebody's request, in some weather: at any effect the process may crash before or after it, the store may
refuse, the answer may be lost, or another request may come in between and win the race. What must hold is judged at
every effect (`tests.support.worlds.calendar_world`), not only after a request. The examples are the same on every run.
SIMULATED_DAYS and SIMULATED_DAYS_SLOW say how many days the quick and the slow run live through, and SIMULATION_SEED
draws other ones.
"""

import os

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from slotline.domain.booking.agent_time import ExceptionKind
from slotline.domain.booking.calls import AssignmentMethod
from slotline.usecases.booking import keep_exceptions
from tests.support.memory.faults import Fault
from tests.support.oracles.moments import check
from tests.support.worlds.calendar_world import Again, Ask, Clash, Pass, Weather, World
from tests.support.worlds.wishes import HOURS, Book, Cancel, Claim, Confirm, Hold, Spend, Update
from tests.support.worlds.wishes_of_time import Disturb, Except, GiveBack

QUICK = int(os.environ.get("SIMULATED_DAYS", "10"))
SLOW = int(os.environ.get("SIMULATED_DAYS_SLOW", "800"))
SEED = os.environ.get("SIMULATION_SEED")
REQUESTS = 25
"""Of one day, at most; each may have others within."""

numbers = st.integers(0, 7)
agents = st.sampled_from(["agent-1", *sorted(HOURS)])
starts = st.sampled_from([15 * quarter for hour in (9, 23, 24) for quarter in range(4 * hour, 4 * hour + 4)])
"""Minutes from the coming midnight: a morning, and about the midnight that one agent does not work at."""
lengths, buffers = st.sampled_from([15, 30, 60, 75]), st.sampled_from([0, 0, 5, 15, 30])
times = {"start": starts, "length": lengths, "before": buffers, "after": buffers}
customers = st.integers(1, 2)

named = st.builds(Book, agent=agents, customer=customers, **times)
engines = st.builds(
    Book,
    method=st.sampled_from([AssignmentMethod.ROUND_ROBIN, AssignmentMethod.POOL]),
    customer=customers,
    tags=st.sampled_from([(), (), ("senior",)]),
    **times,
)
unassigned = st.builds(Book, customer=customers, **times)
holds = st.builds(Hold, agent=agents, seconds=st.sampled_from([60, 300, 600]), **times)
spends = st.builds(Spend, which=numbers, shift=st.sampled_from([0, 0, 0, 15, -60]), customer=customers)
reschedules = st.builds(Update, which=numbers, start=starts, agent=st.none() | agents)
shifts = st.builds(Update, which=numbers, shift=st.sampled_from([-60, -30, -15, 15, 30, 60, 24 * 60]))
reassigns = st.builds(Update, which=numbers, agent=agents)
cancels = st.builds(Cancel, which=numbers)
confirms = st.builds(Confirm, which=numbers)
claims = st.builds(Claim, which=numbers, agent=agents)
several = st.tuples(numbers, numbers, numbers)
bulk = st.builds(Cancel, which=several) | st.builds(Update, which=several, agent=agents)
disturbances = st.builds(Disturb, agent=agents, start=starts, length=st.sampled_from([15, 15, 60, 26 * 60]))
blocked = st.sampled_from(
    [("09:15", "09:30"), ("23:30", "24:00"), ("00:00", "00:20"), ("13:00", "14:00"), ("00:00", "24:00")]
)
exceptions = st.builds(
    lambda hours, **said: Except(start=hours[0], end=hours[1], **said),
    blocked,
    agent=agents,
    first=st.integers(0, 2),
    days=st.integers(1, 5),
    zone=st.sampled_from(["UTC", "America/Bogota"]),
    kind=st.sampled_from([ExceptionKind.BLOCKED, ExceptionKind.BLOCKED, ExceptionKind.AVAILABLE_EXTRA]),
)
returns = st.builds(GiveBack, which=numbers)
moments = st.sampled_from([Pass(1), Pass(59), Pass(301)])
passes = moments | st.sampled_from([Pass(3600), Pass(11 * 3600)])
repeats = st.builds(Again, which=numbers)

any_wish = st.one_of(
    named, engines, holds, spends, reschedules, reassigns, cancels, claims, disturbances, exceptions, returns
)
clashes = st.sampled_from([Clash("book"), Clash("hold"), Clash("disturb"), Clash("cancel"), Clash("move")])
rivals = st.one_of(st.builds(Ask, any_wish, st.booleans()), st.just(Again()), repeats, moments)
parts = st.sampled_from([None, *Fault, Fault.LOST_ANSWER]) | clashes | rivals
STORM = (Fault.BUSY,) * 40
storms = st.builds(
    lambda calm, parts: (None,) * calm + tuple(parts),
    st.sampled_from([1, 1, 1, 2, 2, 0, 3, 4]),
    st.lists(parts, min_size=1, max_size=3),
) | st.just(STORM)
weathers = st.just(()) | storms
earlier = st.lists(named | engines | holds, min_size=2, max_size=8)


class Days(RuleBasedStateMachine):
    """Requests one after the other, each with what comes between it and the store."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @initialize(limited=st.booleans(), cancelled_count=st.booleans(), wishes=earlier)
    def opens(self, limited: bool, cancelled_count: bool, wishes: list[Book | Hold]) -> None:
        self.world = World(limited=limited, cancelled_count=cancelled_count)
        for wish in wishes:
            self.world.act(Ask(wish))

    @rule(wish=st.one_of(named, named, engines, unassigned), with_key=st.booleans(), weather=weathers)
    def books(self, wish: Book, with_key: bool, weather: Weather) -> None:
        self.world.act(Ask(wish, with_key), weather)

    @rule(wish=named | engines, with_key=st.booleans(), weather=storms)
    def books_in_a_storm(self, wish: Book, with_key: bool, weather: Weather) -> None:
        self.world.act(Ask(wish, with_key), weather)

    @rule(wish=st.one_of(holds, spends), with_key=st.booleans(), weather=weathers)
    def holds_and_spends(self, wish: Hold | Spend, with_key: bool, weather: Weather) -> None:
        self.world.act(Ask(wish, with_key), weather)

    @rule(wish=st.one_of(reschedules, shifts, reassigns), with_key=st.booleans(), weather=weathers)
    def moves(self, wish: Update, with_key: bool, weather: Weather) -> None:
        self.world.act(Ask(wish, with_key), weather)

    @rule(wish=st.one_of(cancels, confirms, claims), with_key=st.booleans(), weather=weathers)
    def cancels_confirms_or_claims(self, wish: Cancel | Confirm | Claim, with_key: bool, weather: Weather) -> None:
        self.world.act(Ask(wish, with_key), weather)

    @rule(wish=bulk, with_key=st.booleans(), weather=weathers)
    def changes_several(self, wish: Cancel | Update, with_key: bool, weather: Weather) -> None:
        self.world.act(Ask(wish, with_key), weather)

    @rule(wish=st.one_of(disturbances, exceptions, returns), with_key=st.booleans(), weather=weathers)
    def blocks_or_gives_back(self, wish: Disturb | Except | GiveBack, with_key: bool, weather: Weather) -> None:
        self.world.act(Ask(wish, with_key), weather)

    @rule(again=repeats, weather=weathers)
    def sends_again(self, again: Again, weather: Weather) -> None:
        self.world.act(again, weather)

    @rule(which=numbers)
    def sends_another_body(self, which: int) -> None:
        self.world.mistake(which)

    @rule(passing=passes)
    def waits(self, passing: Pass) -> None:
        self.world.act(passing)

    @invariant()
    def holds_together(self) -> None:
        check(self.world.watch())


def live_through(days: int) -> None:
    """So many days, the same ones on every run."""
    run_state_machine_as_test(
        seed(int(SEED))(Days) if SEED else Days,
        settings=settings(
            max_examples=days,
            stateful_step_count=REQUESTS,
            deadline=None,
            derandomize=not SEED,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )


@pytest.fixture(autouse=True)
def _short_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two days of an exception in one transaction, so that a week of them is several."""
    monkeypatch.setattr(keep_exceptions, "DAYS_AT_ONCE", 2)


def test_the_invariants_hold_at_every_effect_of_every_day() -> None:
    live_through(QUICK)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_invariants_hold_at_every_effect_of_many_days() -> None:
    live_through(SLOW)
