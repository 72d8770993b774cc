"""Set up an app's agents: read them, add one, change one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from slotline.domain.booking.apps import Agent, App
from slotline.domain.booking.assignment import starting_turns
from slotline.domain.shared.audit import Author
from slotline.domain.shared.errors import AppNotFound, Conflict, Detail, NotFound
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.plain_json import plain
from slotline.ports.apps import AgentChange, Agents
from slotline.ports.shared import AlreadyWritten, Ids, RateLimitCheck
from slotline.usecases.shared.once import Answered, Once

HIDDEN = frozenset({"email"})
NO_SETTINGS = frozenset({"turns", "turns_back", "last_turn_at", "exceptions"})
"""What an agent's row holds beside settings: the engine's counts, and exceptions, which have entries of their own."""


def list_agents(agents: Agents, app_id: str) -> Sequence[Agent]:
    """The app's agents by id, inactive ones too. Raises AppNotFound."""
    app, found = agents.all(app_id)
    if app is None:
        raise AppNotFound("There is no such app.")
    return found


def read_agent(agents: Agents, app_id: str, agent_id: str) -> tuple[App, Agent]:
    """One agent, with the app. Raises AppNotFound or NotFound."""
    return _there(*agents.find(app_id, agent_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAgent:
    """Add an agent. They start at the least share of turns, so that a newcomer does not get every call."""

    agents: Agents
    ids: Ids
    once: Once

    def __call__(
        self, app_id: str, agent: Agent, author: Author, key: IdempotencyKey | None, check_rate: RateLimitCheck
    ) -> Answered:
        """The agent as it was added; one without an id gets one. Raises AppNotFound, or Conflict: the id is taken."""
        agent_id, audited = agent.agent_id or self.ids.new(), self.once.audited(author)

        def act(now: datetime) -> Mapping[str, object]:
            app, others = self.agents.all(app_id)
            if app is None:
                raise AppNotFound("There is no such app.")
            added = replace(agent, agent_id=agent_id, turns=starting_turns(others, agent.weight))
            shown: dict[str, object] = plain(added)
            receipt = Receipt(key=key, result=shown, answered_at=now) if key else None
            entry = audited.entry(
                "agent.added",
                agent_id,
                None,
                added,
                of=app,
                hidden=HIDDEN,
                left_out=NO_SETTINGS,
            )
            try:
                self.agents.add(app_id, added, now, receipt, entry)
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

    def __call__(self, app_id: str, agent_id: str, values: Mapping[str, Any], author: Author) -> Agent:
        """The agent as it is then. Raises AppNotFound or NotFound."""
        audited = self.once.audited(author)

        def act() -> Agent:
            app, kept = self.agents.kept(app_id, agent_id)
            found_app, before = _there(app, kept.agent if kept else None)
            after = replace(before, **values)
            if after == before or kept is None:
                return before
            turns = self._turns(app_id, before, after)
            entry = audited.entry(
                "agent.changed",
                agent_id,
                before,
                after,
                of=found_app,
                hidden=HIDDEN,
                left_out=NO_SETTINGS,
            )
            moved = (before.turns, turns) if turns != before.turns else None
            self.agents.change(app_id, agent_id, AgentChange(values=values, turns=moved, version=kept.version), entry)
            return replace(after, turns=turns)

        return self.once.retry(act)

    def _turns(self, app_id: str, before: Agent, after: Agent) -> int:
        """Turns that keep the agent's share under another weight, and let nobody who comes back catch up."""
        turns = before.turns * after.weight // before.weight
        if after.active and not before.active:
            _, others = self.agents.all(app_id)
            turns = max(turns, starting_turns(others, after.weight))
        return turns


def _there(app: App | None, agent: Agent | None) -> tuple[App, Agent]:
    """Raises AppNotFound or NotFound."""
    if app is None:
        raise AppNotFound("There is no such app.")
    if agent is None:
        raise NotFound("There is no such agent in this app.")
    return app, agent
