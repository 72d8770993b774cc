"""An agent's absences of both kinds, exceptions and do-not-disturb windows, as people plan them on a page.

Whoever plans one is told which calls it affects before it is kept, and says whether their guests are to know. Calls
that come in between are told of afterwards: only what is kept keeps others out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.agent_time import DoNotDisturbWindow, ScheduleException
from slotline.domain.booking.apps import Agent, Preset
from slotline.domain.booking.blocks import Affects, affected, span_of
from slotline.domain.booking.calls import Call
from slotline.domain.booking.claims import Claim
from slotline.domain.booking.planned_messages import conflict_notices
from slotline.domain.shared.audit import Author
from slotline.domain.shared.errors import NotFound
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.domain.shared.intervals import Interval
from slotline.ports.apps import AgentTime
from slotline.ports.booking import Bookings, Calls
from slotline.ports.shared import Clock
from slotline.usecases.booking.keep_do_not_disturb import LONGEST_LIST, AddDoNotDisturb, RemoveDoNotDisturb
from slotline.usecases.booking.keep_exceptions import AddException, RemoveException

MOST_NAMED = 100
"""Affected calls that are read; all are counted."""

Absence = ScheduleException | DoNotDisturbWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedCalls:
    """The calls in an absence's time that are not over.

    `named`: the first of them, in order of their start. `tellable`: how many have a guest whom a notice would reach; of
    those that are not named, all are taken to have one.
    """

    count: int
    named: Sequence[Call] = ()
    tellable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAbsences:
    """Reads, adds and removes an agent's absences."""

    agent_time: AgentTime
    bookings: Bookings
    calls: Calls
    add_exception: AddException
    remove_exception: RemoveException
    add_window: AddDoNotDisturb
    remove_window: RemoveDoNotDisturb
    notify_guests: Callable[[str, Affects, str], None]
    """Told of an app, the calls that an absence affects, and the absence's id: each guest hears of it once."""
    clock: Clock

    def of(self, app_id: str, agent: Agent) -> Sequence[Absence]:
        """Every exception, and the windows that are not over."""
        now = self.clock.now()
        return [*agent.exceptions, *self.agent_time.windows(app_id, agent.agent_id, Interval(now, now + LONGEST_LIST))]

    def find(self, app_id: str, agent: Agent, absence_id: str) -> Absence:
        """One of them. Raises NotFound."""
        exception = next((one for one in agent.exceptions if one.id == absence_id), None)
        found = exception or self.agent_time.window(app_id, agent.agent_id, absence_id)
        if found is None:
            raise NotFound("The agent has no such absence.")
        return found

    def affected(self, app_id: str, agent: Agent, absence: Absence) -> AffectedCalls:
        """The calls in its time, be it kept or only planned."""
        affects = self._affects(app_id, agent, absence)
        places = [(app_id, call.id) for call in affects.calls[:MOST_NAMED]]
        read = self.calls.several(places) if places else ()
        named = sorted((call for *_, call in read if call), key=lambda call: (call.scheduled_at, call.id))
        tellable = self._tellable(app_id, named) + affects.count - len(places)
        return AffectedCalls(count=affects.count, named=named, tellable=tellable)

    def check(self, absence: Absence) -> None:
        """Raises InvalidRequest for one that cannot be kept."""
        if isinstance(absence, DoNotDisturbWindow):
            absence.check(self.clock.now())
        else:
            absence.check()

    def add(
        self,
        app_id: str,
        agent: Agent,
        absence: Absence,
        author: Author,
        key: IdempotencyKey | None,
        *,
        notify: bool,
    ) -> tuple[str, int]:
        """Its id, and how many calls it affects; their guests are told if they are to be.

        Raises InvalidRequest, NotFound or Conflict.
        """
        if isinstance(absence, DoNotDisturbWindow):
            window = replace(absence, notify=notify)
            added = self.add_window(app_id, agent.agent_id, window, author, key, no_rate_limit)
            return _id_and_count(added.result, "window")
        added = self.add_exception(app_id, agent.agent_id, absence, author, key, no_rate_limit)
        exception_id, count = _id_and_count(added.result, "exception")
        if notify and count:
            self.notify_guests(app_id, self._affects(app_id, agent, absence), exception_id)
        return exception_id, count

    def tell_guests(self, app_id: str, agent: Agent, absence: Absence) -> None:
        """Send the guests of affected calls word, each once however often this is asked for."""
        self.notify_guests(app_id, self._affects(app_id, agent, absence), absence.id)

    def remove(self, app_id: str, agent: Agent, absence_id: str, author: Author) -> None:
        """Give its time back. Raises NotFound if it is gone."""
        absence = self.find(app_id, agent, absence_id)
        take = self.remove_exception if isinstance(absence, ScheduleException) else self.remove_window
        take(app_id, agent.agent_id, absence.id, author)

    def _tellable(self, app_id: str, calls: Sequence[Call]) -> int:
        """How many guests a notice reaches: by the rules that each call was booked under, which many calls share."""
        rules: dict[tuple[str | None, int | None], Preset | None] = {}
        for call in calls:
            if (booked := (call.preset_id, call.preset_revision)) not in rules:
                app = self.bookings.read_for_change(app_id, call.id, None).app
                rules[booked] = app.preset if app else None
        now = self.clock.now()
        found = ((call, rules[call.preset_id, call.preset_revision]) for call in calls)
        return sum(1 for call, preset in found if preset and conflict_notices(call, preset, "", now))

    def _affects(self, app_id: str, agent: Agent, absence: Absence) -> Affects:
        claims: Sequence[Claim] = absence.claims if isinstance(absence, ScheduleException) else (absence.claim,)
        if not claims:
            return Affects(count=0)
        candidate = self.bookings.candidate(app_id, agent.agent_id, span_of(claims))
        return affected(candidate.agent_days, claims, self.clock.now()) if candidate else Affects(count=0)


def _id_and_count(result: Mapping[str, Any], name: str) -> tuple[str, int]:
    return str(result[name]["id"]), int(result["affects"]["count"])
