"""How the engine picks an agent. The rule is published: docs/assignment.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from slotline.domain.apps import Agent
from slotline.domain.claims import Claim
from slotline.domain.errors import NoAgentAvailable
from slotline.domain.ledger import Ledger

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An agent with the days that the call's padded time could touch."""

    agent: Agent
    ledger: Ledger

    def is_free(self, claim: Claim, now: datetime) -> bool:
        """True where the whole padded time is worked, and nothing collides."""
        return self.agent.active and self.ledger.collision(claim, now) is None and self.agent.works_all_of(claim.padded)


def share(agent: Agent) -> float:
    """What is compared first: the turns so far and half of the one to be given, by weight.

    For equal weights the half changes nothing. For others it keeps everybody within one turn of their share: without
    it a heavy agent waits until each light one has had a first turn.
    """
    return (agent.turns + 0.5) / agent.weight


def rank(agent: Agent) -> tuple[float, datetime, str]:
    """The order of turns: the smallest share, then the longest since the last turn, then the id."""
    return share(agent), agent.last_turn_at or _NEVER, agent.agent_id


def pick(candidates: Sequence[Candidate], claim: Claim, now: datetime) -> Candidate:
    """Whose turn it is among those free for this claim. Raises NoAgentAvailable."""
    free = [candidate for candidate in candidates if candidate.is_free(claim, now)]
    if not free:
        raise NoAgentAvailable("No agent is free for the whole time, with its buffers, inside their working hours.")
    return min(free, key=lambda candidate: rank(candidate.agent))


def decision(candidates: Sequence[Candidate], winner: Candidate, claim: Claim, now: datetime) -> dict[str, object]:
    """The record of a pick: every agent with the figures that were compared, and the winner."""
    return {
        "rule": "least (turns + 0.5) / weight, then longest since last turn, then agent id",
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
