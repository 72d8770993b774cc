"""The engine's pick: how far the counts of agents may part."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slotline.domain.booking.agent_days import AgentDay, AgentDays
from slotline.domain.booking.apps import Agent
from slotline.domain.booking.assignment import Candidate, counted_turns, decision, pick, starting_turns
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.shared.errors import NoAgentAvailable
from slotline.domain.shared.intervals import Interval
from slotline.domain.shared.working_hours import Window
from tests.support.properties import tried

NOW = datetime(2026, 4, 22, 12, 0, tzinfo=UTC)
START = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
"""A Monday."""
ALWAYS = tuple(Window(weekday=day, start="00:00", end="24:00", zone="UTC") for day in range(7))
CLAIM = Claim(id="new", kind=ClaimKind.CALL, meeting=Interval.starting(START, timedelta(minutes=30)))
BUSY = replace(CLAIM, id="taken")
SHORT = timedelta(minutes=30)


def agents_of(weights: Sequence[int]) -> list[Agent]:
    return [Agent(agent_id=f"agent-{n:02d}", name="A", weight=w, working_hours=ALWAYS) for n, w in enumerate(weights)]


def candidate(agent: Agent, *taken: Claim) -> Candidate:
    day = AgentDay(day=START.date(), claims=taken)
    return Candidate(agent=agent, agent_days=AgentDays(agent_id=agent.agent_id, days={day.day: day}))


def winner(there: Sequence[Candidate]) -> str:
    return pick(there, CLAIM, NOW).candidate.agent.agent_id


class Team:
    """Agents who are given turns, one after the other."""

    def __init__(self, weights: Sequence[int], never: Sequence[Agent] = ()) -> None:
        self.agents = {agent.agent_id: agent for agent in agents_of(weights)}
        self.never = [candidate(agent, BUSY) for agent in never]
        self.now = NOW
        self.given: Counter[str] = Counter()

    def turn(self, away: frozenset[str] = frozenset()) -> str:
        """The next turn; those who are away have a call at that time."""
        self.now += timedelta(seconds=1)
        there = [candidate(agent, *([BUSY] if agent.agent_id in away else [])) for agent in self.agents.values()]
        picked = pick([*there, *self.never], CLAIM, self.now)
        winner = picked.candidate.agent
        left = max(0, winner.turns_back - 1)
        self.agents[winner.agent_id] = replace(winner, turns=picked.turns + 1, turns_back=left, last_turn_at=self.now)
        self.given[winner.agent_id] += 1
        return winner.agent_id

    def cancel(self, agent_id: str) -> None:
        """One of the agent's calls gives its turn back."""
        agent = self.agents[agent_id]
        self.agents[agent_id] = replace(agent, turns=agent.turns - 1, turns_back=agent.turns_back + 1)
        self.given[agent_id] -= 1

    @property
    def turns(self) -> list[int]:
        return [agent.turns for agent in self.agents.values()]


def furthest_from_share(weights: Sequence[int], turns: Sequence[int]) -> Fraction:
    """By how many calls somebody is off their exact share."""
    given = sum(turns)
    return max(abs(turn - Fraction(given * weight, sum(weights))) for weight, turn in zip(weights, turns, strict=True))


@tried(60)
@given(st.integers(1, 12), st.integers(1, 4), st.integers(1, 120), st.integers(0, 3))
def test_counts_of_equal_weights_never_part_by_more_than_one(
    size: int, weight: int, bookings: int, never_free: int
) -> None:
    never = [Agent(agent_id=f"never-{n}", name="N", weight=weight, working_hours=ALWAYS) for n in range(never_free)]
    team = Team([weight] * size, never)
    for _ in range(bookings):
        team.turn()
        assert max(team.turns) - min(team.turns) <= 1


@tried(40)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=10), st.lists(st.integers(1, 9), max_size=3))
@example([5, 1, 1, 1, 1, 1, 1, 1, 1, 1], [5])
@example([1, 2, 3, 4, 5], [])
def test_everybody_stays_within_one_call_of_their_share_and_who_is_never_free_changes_nothing(
    weights: list[int], never_free: list[int]
) -> None:
    never = [Agent(agent_id=f"never-{n}", name="N", weight=w, working_hours=ALWAYS) for n, w in enumerate(never_free)]
    team = Team(weights, never)
    for _ in range(2 * sum(weights) + 3):
        team.turn()
        assert furthest_from_share(weights, team.turns) < 1
    exact = Team(weights, never)
    for _ in range(3 * sum(weights)):
        exact.turn()
    assert exact.turns == [3 * weight for weight in weights], "a whole round gives everybody exactly their weight"


@tried(40)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=6), st.data())
def test_somebody_free_is_always_found_whoever_is_away(weights: list[int], data: st.DataObject) -> None:
    team = Team(weights)
    for _ in range(30):
        away = data.draw(st.sets(st.sampled_from(sorted(team.agents)), max_size=len(weights) - 1))
        assert team.turn(frozenset(away)) not in away


@tried(60)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.integers(1, 5), st.integers(0, 200))
def test_a_newcomer_neither_gets_every_call_nor_has_to_wait(weights: list[int], weight: int, before: int) -> None:
    team = Team(weights)
    for _ in range(before):
        team.turn()
    start = starting_turns(team.agents.values(), weight)
    newcomer = Agent(agent_id="newcomer", name="N", weight=weight, working_hours=ALWAYS, turns=start)
    team.agents["newcomer"] = newcomer
    round_of_all = sum(weights) + weight
    got = sum(team.turn() == "newcomer" for _ in range(round_of_all))
    assert abs(got - weight) <= 1 + weight, "their share of the round, and no more than one round to catch up"
    assert got >= 1


def test_a_newcomer_among_equals_gets_every_nth_call_at_once() -> None:
    team = Team([1, 1, 1])
    for _ in range(30):
        team.turn()
    start = starting_turns(team.agents.values(), 1)
    assert start == 10
    team.agents["newcomer"] = Agent(agent_id="newcomer", name="N", working_hours=ALWAYS, turns=start)
    assert sum(team.turn() == "newcomer" for _ in range(40)) == 10


def test_those_who_left_are_no_measure_for_a_newcomer() -> None:
    agents = [Agent(agent_id="gone", name="G", active=False, turns=0), Agent(agent_id="here", name="H", turns=8)]
    assert starting_turns(agents, 1) == 8
    assert starting_turns([], 1) == 0


def test_of_equal_counts_who_waited_longest_then_the_smallest_id() -> None:
    one, two, three = agents_of([1, 1, 1])
    waited = replace(three, last_turn_at=NOW - timedelta(hours=2))
    there = [candidate(replace(agent, last_turn_at=NOW - timedelta(hours=1))) for agent in (one, two)]
    assert winner([*there, candidate(waited)]) == three.agent_id
    assert winner([candidate(two), candidate(one)]) == one.agent_id
    never = candidate(replace(two, last_turn_at=None))
    assert winner([there[0], never]) == two.agent_id


OUT: list[tuple[str, Candidate]] = [
    ("who has a call then", candidate(agents_of([1])[0], BUSY)),
    ("who is no longer there", candidate(replace(agents_of([1])[0], active=False))),
    ("who has no working hours", candidate(replace(agents_of([1])[0], working_hours=()))),
    (
        "who works only part of the time",
        candidate(
            replace(agents_of([1])[0], working_hours=(Window(weekday=0, start="10:00", end="10:29", zone="UTC"),))
        ),
    ),
]


@pytest.mark.parametrize("out", [row[1] for row in OUT], ids=[row[0] for row in OUT])
def test_nobody_is_picked(out: Candidate) -> None:
    with pytest.raises(NoAgentAvailable):
        pick([out], CLAIM, NOW)


def test_the_meeting_is_worked_and_its_buffers_may_reach_beyond_working_time() -> None:
    hours = (Window(weekday=0, start="10:00", end="10:30", zone="UTC"),)
    agent = replace(agents_of([1])[0], working_hours=hours)
    assert pick([candidate(agent)], CLAIM, NOW)
    assert pick([candidate(agent)], replace(CLAIM, before=timedelta(minutes=240), after=timedelta(minutes=240)), NOW)
    longer = Interval.starting(CLAIM.meeting.start, timedelta(minutes=31))
    with pytest.raises(NoAgentAvailable):
        pick([candidate(agent)], replace(CLAIM, meeting=longer), NOW)


@pytest.mark.parametrize("kind", [ClaimKind.CALL, ClaimKind.HOLD, ClaimKind.DO_NOT_DISTURB, ClaimKind.BLOCKED])
@pytest.mark.parametrize("side", ["before", "after"])
def test_buffers_beyond_working_time_never_reach_into_what_is_taken(kind: ClaimKind, side: str) -> None:
    """The agent works for the meeting alone; what is taken lies ten minutes off, outside of working time."""
    hours = (Window(weekday=0, start="10:00", end="10:30", zone="UTC"),)
    agent = replace(agents_of([1])[0], working_hours=hours)
    ten, hour = timedelta(minutes=10), timedelta(hours=1)
    start = CLAIM.meeting.start - ten - hour if side == "before" else CLAIM.meeting.end + ten
    there = candidate(agent, Claim(id="there", kind=kind, meeting=Interval.starting(start, hour)))
    buffers = {"before": timedelta(0), "after": timedelta(0)}
    assert pick([there], replace(CLAIM, **{**buffers, side: ten}), NOW)
    with pytest.raises(NoAgentAvailable):
        pick([there], replace(CLAIM, **{**buffers, side: ten + timedelta(minutes=1)}), NOW)


def test_a_hold_that_ran_out_is_no_obstacle() -> None:
    hold = replace(BUSY, kind=ClaimKind.HOLD, expires_at=NOW)
    agent = agents_of([1])[0]
    assert pick([candidate(agent, hold)], CLAIM, NOW)
    with pytest.raises(NoAgentAvailable):
        pick([candidate(agent, hold)], CLAIM, NOW - timedelta(microseconds=1))


def test_a_hold_that_ran_out_is_no_obstacle_in_the_record_either() -> None:
    there = candidate(agents_of([1])[0], replace(BUSY, kind=ClaimKind.HOLD, expires_at=NOW))
    record = decision([there], pick([there], CLAIM, NOW))
    assert [figures["free"] for figures in record["candidates"]] == [True]  # type: ignore[attr-defined]


def test_a_newcomers_turns_are_whole_ones_rounded_in_their_favour() -> None:
    (agent,) = agents_of([3])
    assert starting_turns([replace(agent, turns=5)], weight=2) == 3


def test_the_record_of_a_pick_holds_the_figures_of_everybody_and_names_the_winner() -> None:
    one, two = agents_of([1, 3])
    there = [candidate(replace(one, turns=4)), candidate(replace(two, turns=2, last_turn_at=NOW), BUSY)]
    record = decision(there, pick(there, CLAIM, NOW))
    assert record["winner"] == one.agent_id
    nothing = {"lifted_from": None, "turns_back": 0}
    assert record["candidates"] == [
        {"agent_id": one.agent_id, "free": True, "turns": 4, "weight": 1, "last_turn_at": None, **nothing},
        {"agent_id": two.agent_id, "free": False, "turns": 2, "weight": 3, "last_turn_at": NOW, **nothing},
    ]


def test_the_record_shows_that_who_was_away_is_counted_with_more_turns_than_they_had() -> None:
    here, away = agents_of([1, 1])
    there = [candidate(replace(here, turns=12, last_turn_at=NOW)), candidate(away)]
    figures = decision(there, pick(there, CLAIM, NOW))["candidates"]
    assert [(each["turns"], each["lifted_from"]) for each in figures] == [(12, None), (11, 0)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("missed", [12, 1_000])
def test_who_comes_back_after_an_absence_gets_no_run_of_turns(missed: int) -> None:
    team = Team([1, 1])
    one, other = sorted(team.agents)
    for _ in range(missed):
        assert team.turn(frozenset({one})) == other
    assert [team.turn() for _ in range(6)] == [one, other, one, other, one, other]


@tried(40)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=8), st.sampled_from([12, 1_000]), st.data())
@example([5, 1, 1, 1, 1, 1, 1, 1, 1, 1], 1_000, None)
def test_after_an_absence_nobody_is_a_whole_turn_behind_their_share_and_nobody_catches_up(
    weights: list[int], missed: int, data: st.DataObject | None
) -> None:
    team = Team(weights)
    names = sorted(team.agents)
    away = frozenset(
        data.draw(st.sets(st.sampled_from(names), min_size=1, max_size=len(names) - 1)) if data else names[:1]
    )
    for _ in range(missed):
        team.turn(away)
    counted = counted_turns(list(team.agents.values()))
    total = sum(counted.values())
    level = max(Fraction(agent.turns, agent.weight) for agent in team.agents.values())
    for agent in team.agents.values():
        assert Fraction(total * agent.weight, sum(weights)) - 1 < counted[agent.agent_id] <= level * agent.weight
    before = Counter(team.given)
    for number in range(1, 2 * sum(weights) + 1):
        team.turn()
        since = [team.given[name] - before[name] for name in names]
        shares = [Fraction(number * weight, sum(weights)) for weight in weights]
        assert all(got < share + 2 for got, share in zip(since, shares, strict=True))


@pytest.mark.parametrize("cancelled", [1, 2, 6, 10])
def test_all_turns_that_cancelled_calls_give_back_are_given_again(cancelled: int) -> None:
    team = Team([1, 1])
    one, other = sorted(team.agents)
    for _ in range(20):
        team.turn()
    for _ in range(cancelled):
        team.cancel(one)
    assert [team.turn() for _ in range(cancelled)] == [one] * cancelled
    assert team.given == {one: 10, other: 10}


def test_who_has_turns_back_is_owed_these_and_nothing_of_an_absence() -> None:
    team = Team([1, 1])
    one, other = sorted(team.agents)
    for _ in range(6):
        team.turn()
    team.cancel(one)
    team.cancel(one)
    for _ in range(100):
        assert team.turn(frozenset({one})) == other
    assert [team.turn() for _ in range(7)] == [one, one, one, other, one, other, one]


@tried(60)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.data())
def test_however_many_calls_are_cancelled_nobody_who_was_there_is_lifted_and_all_have_their_share_again(
    weights: list[int], data: st.DataObject
) -> None:
    team = Team(weights)

    def turn() -> None:
        there = list(team.agents.values())
        assert counted_turns(there) == {agent.agent_id: agent.turns for agent in there}
        team.turn()

    for _ in range(6):
        for _ in range(data.draw(st.integers(0, 30))):
            turn()
        calls = sorted(team.given.elements())
        for agent_id in data.draw(st.permutations(calls))[: data.draw(st.integers(0, len(calls)))]:
            team.cancel(agent_id)
    while any(agent.turns_back for agent in team.agents.values()):
        turn()
    assert furthest_from_share(weights, [team.given[agent_id] for agent_id in team.agents]) < 1


@tried(60)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(0, 200))
def test_nobody_is_lifted_among_those_who_were_always_there(weights: list[int], bookings: int) -> None:
    team = Team(weights)
    for _ in range(bookings):
        assert list(counted_turns(list(team.agents.values())).values()) == team.turns
        team.turn()
    for agent_id, agent in team.agents.items():
        for other_id, other in team.agents.items():
            apart = Fraction(team.given[agent_id], agent.weight) - Fraction(team.given[other_id], other.weight)
            assert abs(apart) < Fraction(1, agent.weight) + Fraction(1, other.weight)


@tried(80)
@given(st.integers(1, 4), st.lists(st.integers(1, 9), min_size=1, max_size=4), st.data())
def test_two_of_one_weight_who_are_always_free_together_never_part_whoever_else_comes_and_goes(
    weight: int, others: list[int], data: st.DataObject
) -> None:
    team = Team([weight, weight, *others])
    one, two, *rest = sorted(team.agents)
    for _ in range(60):
        pair_is_away = data.draw(st.booleans())
        away = data.draw(st.sets(st.sampled_from(rest), max_size=len(rest) - pair_is_away))
        team.turn(frozenset(away | ({one, two} if pair_is_away else set())))
        assert abs(team.given[one] - team.given[two]) <= 1


def test_an_agent_whose_day_is_full_is_not_picked_and_the_refusal_says_so() -> None:
    (agent,) = agents_of([1])
    capped = replace(agent, max_calls_per_day=1)
    day = AgentDay(
        day=START.date(), claims=(replace(BUSY, meeting=Interval.starting(START + timedelta(hours=3), SHORT)),)
    )
    full = Candidate(
        agent=capped, agent_days=AgentDays(agent_id=agent.agent_id, days={day.day: day}, cap=capped.day_cap)
    )
    assert not full.is_free(CLAIM, NOW)
    with pytest.raises(NoAgentAvailable) as refused:
        pick([full], CLAIM, NOW)
    assert [detail.code for detail in refused.value.details] == ["no_agent_available", "agent_day_full"]
    assert winner([full, candidate(replace(agent, agent_id="other"))]) == "other"


def test_if_nobody_is_eligible_the_refusal_says_so() -> None:
    with pytest.raises(NoAgentAvailable) as refused:
        pick([], CLAIM, NOW)
    assert [detail.code for detail in refused.value.details] == ["no_agent_available", "not_eligible"]
