"""Names of whoever a call's timeline speaks of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from slotline.domain.booking.calls import Actor, ActorType, TimelineEvent
from slotline.domain.shared.names import one_line
from slotline.words.catalogue import Catalogue, fill

_PEOPLE = frozenset({ActorType.AGENT, ActorType.ADMIN})
"""Who signs in: their ids are those of accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Names by id. Whoever is gone has none, and is told of by what they were."""

    agents: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)

    def agent(self, agent_id: object, words: Catalogue) -> str:
        """The name of an agent; of one who is gone, that it was somebody."""
        name = self.agents.get(str(agent_id))
        return one_line(name) if name else words.text("timeline", "who", "former_agent")

    def actor(self, actor: Actor, words: Catalogue) -> str:
        """Who acted: people by their names and roles."""
        name = self.users.get(actor.id or "") if actor.type in _PEOPLE else None
        if name is None:
            return words.text("timeline", "who", actor.type.value)
        role = words.words["roles"].get(actor.role or "")
        named = words.text("timeline", "who", "person")
        return fill(named, {"name": one_line(name), "role": role}) if role else one_line(name)


def accounts_in(events: Iterable[TimelineEvent]) -> Sequence[str]:
    """The ids of the accounts that acted."""
    return list(dict.fromkeys(event.actor.id for event in events if event.actor.type in _PEOPLE and event.actor.id))
