"""How the engine picks an agent. The rule is published: docs/assignment.md."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from slotline.domain.booking.agent_days import AgentDays
from slotline.domain.booking.apps import Agent
from slotline.domain.booking.claims import Claim
from slotline.domain.shared.errors import NoAgentAvailable

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An agent with the days that the call's padded time could touch."""

    agent: Agent
    agent_days: AgentDays

    def is_free(self, claim: Claim, now: datetime) -> bool:
        """True if the whole meeting is worked, and nothing collides with it or its buffers."""
        return (
            self.agent.active
            and self.agent_days.collision(claim, now) is None
            and self.agent.works_all_of(claim.meeting)
        )


@dataclass(frozen=True, slots=True)
class Shares:
    """The turns and weights of all who are free together: what the share of one of them is measured against."""

    turns: int
    weight: int

    @classmethod
    def of(cls, agents: Iterable[Agent]) -> "Shares":
        """The sums over those who are free: who is not cannot take a turn, and leaves no share to the others."""
        there = list(agents)
        return cls(sum(agent.turns for agent in there), sum(agent.weight for agent in there))

    def is_behind(self, agent: Agent) -> bool:
        """True where one more turn leaves the agent less than one ahead of their share. Of all, at least one is."""
        return agent.turns * self.weight < (self.turns + 1) * agent.weight


def starting_turns(agents: Iterable[Agent], weight: int) -> int:
    """How many turns somebody who joins these agents counts as having had: the least share of the active ones.

    Without it a newcomer, or somebody who comes back, would get every call until they had caught up.
    """
    return min((agent.turns * weight // agent.weight for agent in agents if agent.active), default=0)


def rank(agent: Agent) -> tuple[float, datetime, str]:
    """The order of turns: the fewest by weight, this one counted, then the longest since the last, then the id."""
    return (agent.turns + 1) / agent.weight, agent.last_turn_at or _NEVER, agent.agent_id


def pick(candidates: Sequence[Candidate], claim: Claim, now: datetime) -> Candidate:
    """Whose turn it is among those free for this claim. Raises NoAgentAvailable.

    For equal weights: who had the fewest turns. For others, who is ahead of their share waits: the quota method of
    apportionment (Balinski and Young, 1975), which keeps everybody within one of their share.
    """
    free = [candidate for candidate in candidates if candidate.is_free(claim, now)]
    if not free:
        raise NoAgentAvailable("No agent is at work for the whole meeting and free for it with its buffers.")
    shares = Shares.of(candidate.agent for candidate in free)
    behind = [candidate for candidate in free if shares.is_behind(candidate.agent)]
    return min(behind, key=lambda candidate: rank(candidate.agent))


def decision(candidates: Sequence[Candidate], winner: Candidate, claim: Claim, now: datetime) -> dict[str, object]:
    """The record of a pick: every agent with the figures that were compared, and the winner."""
    return {
        "rule": "not ahead of their share of the free; fewest (turns + 1) / weight; longest since last turn; agent id",
        "candidates": [
            {
                "agent_id": candidate.agent.agent_id,
                "free": candidate.is_free(claim, now),
                "turns": candidate.agent.turns,
                "weight": candidate.agent.weight,
                "last_turn_at": candidate.agent.last_turn_at,
            }
            for candidate in candidates
        ],
        "winner": winner.agent.agent_id,
    }
