"""Set up an app's agents: read them, add one, change one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.booking.apps import Agent, App
from slotline.domain.booking.assignment import starting_turns
from slotline.domain.shared.errors import AppNotFound, Conflict, Detail, NotFound
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.plain_json import plain
from slotline.ports.apps import AgentChange, Agents
from slotline.ports.shared import AlreadyWritten, Ids, RateLimitCheck
from slotline.usecases.shared.once import Answered, Once


def list_agents(agents: Agents, app_id: str) -> Sequence[Agent]:
    """The app's agents by id, inactive ones too. Raises AppNotFound."""
    app, found = agents.all(app_id)
    if app is None:
        raise AppNotFound("There is no such app.")
    return found


def read_agent(agents: Agents, app_id: str, agent_id: str) -> tuple[App, Agent]:
    """One agent, with the app. Raises AppNotFound or NotFound."""
    app, agent = agents.find(app_id, agent_id)
    if app is None:
        raise AppNotFound("There is no such app.")
    if agent is None:
        raise NotFound("There is no such agent in this app.")
    return app, agent


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAgent:
    """Add an agent. They start at the least share of turns, so that a newcomer does not get every call."""

    agents: Agents
    ids: Ids
    once: Once

    def __call__(self, app_id: str, agent: Agent, key: IdempotencyKey | None, check_rate: RateLimitCheck) -> Answered:
        """The agent as it was added; one without an id gets one. Raises AppNotFound, or Conflict: the id is taken."""
        agent_id = agent.agent_id or self.ids.new()

        def act(now: datetime) -> Mapping[str, object]:
            others = list_agents(self.agents, app_id)
            added = replace(agent, agent_id=agent_id, turns=starting_turns(others, agent.weight))
            shown: dict[str, object] = plain(added)
            receipt = Receipt(key=key, result=shown, answered_at=now) if key else None
            try:
                self.agents.add(app_id, added, now, receipt)
            except AlreadyWritten:
                if agent.agent_id:
                    message = "The app has an agent of this id already."
                    raise Conflict(message, [Detail(message, "agent_exists", "agentId")]) from None
            return shown  # an id made here that is there already was written by an earlier try of this request

        return self.once(key, check_rate, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAgent:
    """Change some attributes of an agent, and leave the others to whoever changes them at the same time."""

    agents: Agents
    once: Once

    def __call__(self, app_id: str, agent_id: str, values: Mapping[str, object]) -> Agent:
        """The agent as it is then. Raises AppNotFound or NotFound."""
        return self.once.retry(lambda: self._change(app_id, agent_id, values))

    def _change(self, app_id: str, agent_id: str, values: Mapping[str, object]) -> Agent:
        _, before = read_agent(self.agents, app_id, agent_id)
        turns = self._turns(app_id, before, values)
        moved = (before.turns, turns) if turns != before.turns else None
        return self.agents.change(app_id, agent_id, AgentChange(values=values, turns=moved))

    def _turns(self, app_id: str, before: Agent, values: Mapping[str, object]) -> int:
        """Turns that keep the agent's share under another weight, and let nobody who comes back catch up."""
        weight = values.get("weight", before.weight)
        assert isinstance(weight, int)  # noqa: S101 - for the type checker: values are an agent's
        turns = before.turns * weight // before.weight
        if values.get("active") and not before.active:
            _, others = self.agents.all(app_id)
            turns = max(turns, starting_turns(others, weight))
        return turns
