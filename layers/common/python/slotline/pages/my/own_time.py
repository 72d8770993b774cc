"""Whose hours and absences the pages of My schedules are about: the agent's own, and nobody else's."""

from collections.abc import Mapping
from typing import Any

from slotline.domain.booking.apps import Agent
from slotline.pages.agents.desk import HOURS as HOURS_PAGE
from slotline.pages.agents.desk import Desk
from slotline.pages.my.ways import HOURS, TIME_OFF, Ways
from slotline.pages.signed import SignedIn


def own_desk(signed: SignedIn, agent: Agent) -> Desk:
    """The desk of whoever looks. `agent`: the one that they are in this app."""
    ways, words = Ways.of(signed), signed.texts

    def head(page: str) -> Mapping[str, Any]:
        return ways.head(words, HOURS if page == HOURS_PAGE else TIME_OFF)

    return Desk(
        agent=agent,
        to=ways.to,
        absences_at="/time-off",
        way_to_call=ways.call,
        section="my",
        may_change_hours=True,
        may_change_absences=True,
        head=head,
        is_own=True,
    )
