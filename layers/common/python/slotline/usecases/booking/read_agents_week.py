"""Read an agent's week: six requests however full it is, and a seventh if a list is some moments behind."""

from collections.abc import Sequence
from dataclasses import dataclass

from slotline.domain.booking.agents_weeks import AgentsWeek, claimable, differs_from_days
from slotline.domain.booking.call_lists import CallQuery
from slotline.domain.booking.calls import Call
from slotline.domain.booking.claims import LONGEST_CALL
from slotline.domain.booking.slots import Busy
from slotline.domain.booking.week_sheets import Week
from slotline.domain.shared.errors import AppNotFound, NotFound
from slotline.domain.shared.intervals import Interval
from slotline.ports.apps import Agents, Presets
from slotline.ports.booking import Calendars, Calls
from slotline.ports.shared import Clock

MOST_CALLS, MOST_IN_POOL = 1_000, 100
"""A week has 2,016 stretches of five minutes, and an agent sleeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAgentsWeek:
    """Reads the week of one agent."""

    agents: Agents
    presets: Presets
    calendars: Calendars
    calls: Calls
    clock: Clock

    def __call__(self, app_id: str, agent_id: str, week: Week | None) -> tuple[Week, AgentsWeek]:
        """The week in the agent's zone, the present one unless another is named.

        Raises AppNotFound, NotFound or StoreBusyError.
        """
        now = self.clock.now()
        app, agent = self.agents.find(app_id, agent_id)
        if app is None:
            raise AppNotFound("There is no such app.")
        if agent is None:
            raise NotFound("There is no such agent in this app.")
        week = week or Week.of(now.astimezone(agent.local_zone).date())
        span = week.span(agent.local_zone)
        (taken,) = self.calendars.taken(app_id, [(agent, [*span.utc_days()])], now)
        _, presets = self.presets.all(app_id)
        pool = self._in_pool(app_id, span) if span.end > now else []
        held = {call.id for call in pool}
        read = AgentsWeek(
            app=app,
            agent=agent,
            span=span,
            now=now,
            presets=presets,
            busy=taken.busy,
            calls=self._calls(app_id, agent_id, span, [one for one in taken.busy if one.id not in held]),
            pool=claimable(pool, agent, presets, now),
        )
        return week, read

    def _calls(self, app_id: str, agent_id: str, span: Interval, busy: Sequence[Busy]) -> Sequence[Call]:
        query = CallQuery(
            app_id=app_id,
            agent_ids=frozenset({agent_id}),
            date_from=span.start - LONGEST_CALL,
            date_to=span.end,
            limit=MOST_CALLS,
            with_total=False,
        )
        listed = [call for call in self.calls.find(query).calls if call.claim.meeting.overlaps(span)]
        doubtful = differs_from_days(listed, busy, span)
        if not doubtful:
            return listed
        there = [call for _, _, call in self.calls.several([(app_id, call_id) for call_id in sorted(doubtful)]) if call]
        known = [call for call in listed if call.id not in doubtful]
        own = [call for call in there if call.assigned_agent_id == agent_id and call.claim.meeting.overlaps(span)]
        return sorted([*known, *own], key=lambda call: (call.scheduled_at, call.id))

    def _in_pool(self, app_id: str, span: Interval) -> Sequence[Call]:
        query = CallQuery(
            app_id=app_id,
            in_pool=True,
            date_from=span.start - LONGEST_CALL,
            date_to=span.end,
            limit=MOST_IN_POOL,
            with_total=False,
        )
        return [call for call in self.calls.find(query).calls if call.claim.meeting.overlaps(span)]
