"""How the engine picks an agent. The rule is published: docs/assignment.md."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from slotline.domain.booking.agent_days import AgentDays
from slotline.domain.booking.apps import Agent
from slotline.domain.booking.claims import Claim
from slotline.domain.shared.errors import AgentDayFull, Detail, NoAgentAvailable, NotEligible

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_STEPS = 32
"""That a lift to one's share takes at most: each comes closer to it, and none goes beyond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An agent with the days that the call's padded time could touch."""

    agent: Agent
    agent_days: AgentDays

    def is_free(self, claim: Claim, now: datetime, *, spending: str | None = None) -> bool:
        """True if the meeting is worked, nothing collides, and the agent's day has room for one more call.

        `spending`: a hold that ends with it, so it does not stand in the way.
        """
        has_time = self.has_time(claim, now, spending=spending)
        return has_time and not self.agent_days.is_full_for(claim, now, spending=spending)

    def has_time(self, claim: Claim, now: datetime, *, spending: str | None = None) -> bool:
        """True if the meeting is worked and nothing collides, however many calls the agent has on that day."""
        return (
            self.agent.active
            and self.agent_days.collision(claim, now, spending=spending) is None
            and self.agent.works_all_of(claim.meeting)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """Whose turn it is. `counted`: the turns that each of the free agents was counted with, by id."""

    candidate: Candidate
    counted: Mapping[str, int]

    @property
    def turns(self) -> int:
        """The turns that the winner was counted with: one more is theirs now."""
        return self.counted[self.candidate.agent.agent_id]


@dataclass(frozen=True, slots=True)
class Shares:
    """The turns and weights of all who are free together: what the share of one of them is measured against."""

    turns: int
    weight: int

    def is_behind(self, turns: int, weight: int) -> bool:
        """True if one more turn leaves somebody less than one ahead of their share. Of all, at least one is."""
        return turns * self.weight < (self.turns + 1) * weight


def counted_turns(agents: Sequence[Agent]) -> dict[str, int]:
    """The turns that each of the agents who are free together is counted with, by id.

    Who was away has fewer than the others and is owed none of those they missed: they are lifted to one turn behind
    each of the others, by weight, and to less than one turn behind their share of all. Nobody who was there as often as
    the others is ever lifted, because the rule of turns keeps them within these bounds.

    A turn that a cancelled call gave back is no absence. It is owed, and counts only while an absence is measured.
    """
    turns = {agent.agent_id: _had(agent) for agent in agents}
    ahead = _furthest_ahead(agents)
    floors = {agent.agent_id: (_had(ahead) - 1) * agent.weight // ahead.weight for agent in agents}
    weight = sum(agent.weight for agent in agents)
    for _ in range(_STEPS):
        turns = {agent_id: max(had, floors[agent_id]) for agent_id, had in turns.items()}
        total = sum(turns.values())
        floors = {agent.agent_id: total * agent.weight // weight for agent in agents}
        if all(had >= floors[agent_id] for agent_id, had in turns.items()):
            break
    return {agent.agent_id: turns[agent.agent_id] - agent.turns_back for agent in agents}


def _had(agent: Agent) -> int:
    """An agent's turns, those included that cancelled calls gave back."""
    return agent.turns + agent.turns_back


def _furthest_ahead(agents: Sequence[Agent]) -> Agent:
    """Whose level, one turn taken off, is the highest. Compared crosswise, because quotients are not exact."""
    ahead = agents[0]
    for agent in agents[1:]:
        if (_had(agent) - 1) * ahead.weight > (_had(ahead) - 1) * agent.weight:
            ahead = agent
    return ahead


def starting_turns(agents: Iterable[Agent], weight: int) -> int:
    """How many turns somebody who joins these agents counts as having had: the least share of the active ones.

    Without it a newcomer, or somebody who comes back, would get every call until they had caught up.
    """
    return min((agent.turns * weight // agent.weight for agent in agents if agent.active), default=0)


def rank(agent: Agent, turns: int) -> tuple[float, datetime, str]:
    """The order of turns: the fewest by weight, this one counted, then the longest since the last, then the id."""
    return (turns + 1) / agent.weight, agent.last_turn_at or _NEVER, agent.agent_id


def pick(candidates: Sequence[Candidate], claim: Claim, now: datetime, *, spending: str | None = None) -> Pick:
    """Whose turn it is among those free for this claim, the hold aside that is spent. Raises NoAgentAvailable.

    For equal weights: who had the fewest turns. For others, who is ahead of their share waits: the quota method of
    apportionment (Balinski and Young, 1975), which keeps everybody within one of their share.
    """
    free = [candidate for candidate in candidates if candidate.is_free(claim, now, spending=spending)]
    if not free:
        raise _nobody(candidates, claim, now, spending)
    counted = counted_turns([candidate.agent for candidate in free])
    shares = Shares(sum(counted.values()), sum(candidate.agent.weight for candidate in free))
    turns = [(candidate, counted[candidate.agent.agent_id]) for candidate in free]
    behind = [(one, had) for one, had in turns if shares.is_behind(had, one.agent.weight)]
    winner, _ = min(behind, key=lambda each: rank(each[0].agent, each[1]))
    return Pick(candidate=winner, counted=counted)


def decision(candidates: Sequence[Candidate], picked: Pick) -> dict[str, object]:
    """The record of a pick: every agent with the figures that were compared, and the winner.

    `lifted_from`: the turns that somebody had who was away and was counted with more; else None. `turns_back`: how many
    more they had before calls were cancelled.
    """
    return {
        "rule": "not ahead of their share of the free; fewest (turns + 1) / weight; longest since last turn; agent id",
        "candidates": [_figures(candidate.agent, picked.counted) for candidate in candidates],
        "winner": picked.candidate.agent.agent_id,
    }


def _figures(agent: Agent, counted: Mapping[str, int]) -> dict[str, object]:
    turns = counted.get(agent.agent_id, agent.turns)
    return {
        "agent_id": agent.agent_id,
        "free": agent.agent_id in counted,
        "turns": turns,
        "lifted_from": agent.turns if turns != agent.turns else None,
        "turns_back": agent.turns_back,
        "weight": agent.weight,
        "last_turn_at": agent.last_turn_at,
    }


def _nobody(candidates: Sequence[Candidate], claim: Claim, now: datetime, spending: str | None) -> NoAgentAvailable:
    """Why nobody can be picked; a second detail names what kept back those who would have had the time."""
    if not candidates:
        message = "No agent is eligible: none is active, named by the preset, and carries every tag required."
        return NoAgentAvailable(message, [Detail(message, NoAgentAvailable.code), Detail(message, NotEligible.code)])
    if any(candidate.has_time(claim, now, spending=spending) for candidate in candidates):
        message = "Every agent who is free at this time has as many calls on that day as they take in one."
        return NoAgentAvailable(message, [Detail(message, NoAgentAvailable.code), Detail(message, AgentDayFull.code)])
    return NoAgentAvailable("No agent is at work for the whole meeting and free for it with its buffers.")
