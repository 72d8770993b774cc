"""Who may take a call: the one rule of booking, availability, claims, the pool, reassignment and `explain`.

An agent is eligible if they are active, if the preset and the request name them (one that names nobody leaves the
choice open), and if they carry every tag that the preset and the request require. What binds whom is in
docs/assignment.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from slotline.domain.booking.apps import Agent, Preset
from slotline.domain.booking.calls import Actor, ActorType, BookingSource, Call
from slotline.domain.shared.errors import NotEligible


class Requirement(StrEnum):
    """What an agent can lack. The values are said on timelines."""

    ACTIVE = "active"
    AGENT_IDS = "agent_ids"
    REQUIRED_TAGS = "required_tags"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a call asks of its agent. `agent_ids`: None if any agent will do."""

    agent_ids: frozenset[str] | None = None
    required_tags: frozenset[str] = frozenset()

    @classmethod
    def asked(cls, required_tags: Iterable[str] = (), agent_ids: Iterable[str] = ()) -> "Terms":
        """What a request asks. One that names no agents leaves the choice open."""
        return cls(agent_ids=frozenset(agent_ids) or None, required_tags=frozenset(required_tags))

    def under(self, preset: Preset) -> "Terms":
        """What the preset asks too."""
        of_preset = frozenset(preset.agent_ids)
        both = of_preset if self.agent_ids is None else self.agent_ids & of_preset
        return Terms(
            agent_ids=both if of_preset else self.agent_ids,
            required_tags=self.required_tags.union(preset.required_tags),
        )

    @classmethod
    def of_call(cls, call: Call, preset: Preset) -> "Terms":
        """The terms of a call that is there, or is about to be."""
        return cls.asked(call.required_tags, call.agent_ids).under(preset)


def unmet(agent: Agent, terms: Terms) -> tuple[Requirement, ...]:
    """What the agent lacks for a call of these terms; an agent who lacks nothing is eligible."""
    lacks: list[Requirement] = []
    if not agent.active:
        lacks.append(Requirement.ACTIVE)
    if terms.agent_ids is not None and agent.agent_id not in terms.agent_ids:
        lacks.append(Requirement.AGENT_IDS)
    if not terms.required_tags.issubset(agent.tags):
        lacks.append(Requirement.REQUIRED_TAGS)
    return tuple(lacks)


def is_eligible(agent: Agent, terms: Terms) -> bool:
    """Whether the agent may take a call of these terms."""
    return not unmet(agent, terms)


def may_pass_over(actor: Actor, source: BookingSource) -> bool:
    """Whether whoever names an agent may name one who is not eligible: a partner, an admin or a supervisor.

    A guest may not, and nor may a website that books for one.
    """
    return actor.type in (ActorType.API, ActorType.ADMIN) and source is not BookingSource.PUBLIC_BOOKING


def check_eligible(agent: Agent, terms: Terms) -> None:
    """Raises NotEligible for an agent who may not take a call of these terms."""
    if lacks := unmet(agent, terms):
        raise NotEligible(_MESSAGES[lacks[0]])


_MESSAGES = {
    Requirement.ACTIVE: "The agent is deactivated and takes no new calls.",
    Requirement.AGENT_IDS: "The agent is not one of those whom the preset, or the booking, names for this call.",
    Requirement.REQUIRED_TAGS: "The agent does not carry every tag that this call requires.",
}
