"""Where an agent's hours and absences are on show: in the console, or on the agent's own pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from slotline.domain.booking.apps import Agent

HOURS, ABSENCES = "hours", "absences"
"""The pages that a desk has a head for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An agent, and the addresses around their pages."""

    agent: Agent
    to: Callable[..., str]
    """The address of a path below the agent's own, with a query: `to("/hours", done="saved")`."""
    absences_at: str
    """The path of the list; an absence is behind it."""
    way_to_call: Callable[[str], str]
    """The address of a call."""
    way_to_calls: Callable[[date, date], str] | None = None
    """Where the calls of these days can be given to others; None: nobody here may do that."""
    section: str
    may_change_hours: bool
    may_change_absences: bool
    head: Callable[[str], Mapping[str, Any]]
    """What a page's head says: its `template`, and what that needs."""
    is_own: bool = False
    """Whether the agent looks themselves."""

    def way_to_hours(self, **query: str | None) -> str:
        """The address of the hours."""
        return self.to("/hours", **query)

    def way_to_absences(self, *parts: str, **query: str | None) -> str:
        """The address of the list, of an absence, or of what is done with one."""
        return self.to("/".join((self.absences_at, *(quote(part, safe="") for part in parts))), **query)

    @property
    def zone(self) -> ZoneInfo:
        """Whose clocks the forms are read by."""
        return self.agent.local_zone
