"""Agents, and what their calendars say besides calls, in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from datetime import datetime
from typing import Any, TypeVar

from slotline.domain.booking.agent_days import DayChange
from slotline.domain.booking.agent_time import DoNotDisturbWindow, ExceptionState, ScheduleException
from slotline.domain.booking.apps import Agent, App
from slotline.domain.booking.blocks import DayBlock
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.intervals import Interval
from slotline.ports.apps import AgentChange, KeptAgent
from slotline.ports.shared import AlreadyWritten, RaceLost
from tests.support.memory.store import MemoryStore
from tests.support.memory.tokens import transaction

Kept = TypeVar("Kept", bound=Any)


def with_values(kept: Kept, values: Mapping[str, object]) -> Kept:
    """A dataclass with new values; None gives a field its default back."""
    defaults = {
        field.name: field.default if field.default_factory is MISSING else field.default_factory()
        for field in fields(kept)
    }
    changed: Kept = replace(kept, **{name: defaults[name] if new is None else new for name, new in values.items()})
    return changed


@dataclass
class MemoryAgents:
    """`Agents` on a store in memory."""

    store: MemoryStore

    def find(self, app_id: str, agent_id: str) -> tuple[App | None, Agent | None]:
        """One instant of the whole store."""
        with self.store.reading():
            return self.store.apps.get(app_id), self.store.agents.get((app_id, agent_id))

    def kept(self, app_id: str, agent_id: str) -> tuple[App | None, KeptAgent | None]:
        """One instant of the whole store."""
        app, agent = self.find(app_id, agent_id)
        version = self.store.agent_versions.get((app_id, agent_id), 0)
        return app, KeptAgent(agent=agent, version=version) if agent else None

    def all(self, app_id: str) -> tuple[App | None, Sequence[Agent]]:
        """One instant of the whole store."""
        with self.store.reading():
            found = [agent for (owner, _), agent in sorted(self.store.agents.items()) if owner == app_id]
            return self.store.apps.get(app_id), found

    @transaction
    def add(
        self,
        app_id: str,
        agent: Agent,
        at: datetime,  # noqa: ARG002 - when, only rows say
        receipt: Receipt | None,
        entry: AuditEntry | None = None,
    ) -> None:
        """All or nothing, under one lock."""
        self.store.check_receipt(receipt)
        if (app_id, agent.agent_id) in self.store.agents:
            raise AlreadyWritten
        if app_id not in self.store.apps:
            raise RaceLost
        self.store.agents[app_id, agent.agent_id] = agent
        self.store.keep(receipt)
        self.store.append(entry)

    @transaction
    def change(self, app_id: str, agent_id: str, change: AgentChange, entry: AuditEntry | None = None) -> None:
        """All or nothing, under one lock."""
        place = app_id, agent_id
        before, version = self.store.agents.get(place), self.store.agent_versions.get(place, 0)
        if before is None or (change.turns and before.turns != change.turns[0]):
            raise RaceLost
        if change.version is not None:
            if change.version != version:
                raise RaceLost
            self.store.agent_versions[place] = version + 1
        turns = {"turns": change.turns[1]} if change.turns else {}
        self.store.agents[place] = with_values(before, {**change.values, **turns})
        self.store.append(entry)


@dataclass
class MemoryAgentTime:
    """`AgentTime` on a store in memory."""

    store: MemoryStore

    @transaction
    def add_exception(
        self,
        app_id: str,
        agent_id: str,
        exception: ScheduleException,
        days: Sequence[DayBlock],
        receipt: Receipt | None,
        entry: AuditEntry | None = None,
    ) -> None:
        """All or nothing, under one lock."""
        self.store.check_receipt(receipt)
        there = self._exceptions(app_id, agent_id)
        if exception.id in there:
            raise RaceLost
        self._keep_exceptions(app_id, agent_id, {**there, exception.id: exception})
        self._block(app_id, days)
        self.store.keep(receipt)
        self.store.append(entry)

    @transaction
    def go_on(self, app_id: str, agent_id: str, exception_id: str, days: Sequence[DayBlock], *, last: bool) -> None:
        """All or nothing, under one lock."""
        there = self._exceptions(app_id, agent_id)
        exception = there.get(exception_id)
        if exception is None or exception.state is not ExceptionState.APPLYING:
            raise RaceLost
        if last:
            applied = replace(exception, state=ExceptionState.APPLIED)
            self._keep_exceptions(app_id, agent_id, {**there, exception_id: applied})
        self._block(app_id, days)

    def start_removing(self, app_id: str, agent_id: str, exception_id: str) -> None:
        """All or nothing, under one lock."""
        with self.store.writing():
            there = self._exceptions(app_id, agent_id)
            if exception_id not in there:
                raise RaceLost
            removing = replace(there[exception_id], state=ExceptionState.REMOVING)
            self._keep_exceptions(app_id, agent_id, {**there, exception_id: removing})

    @transaction
    def remove_exception(
        self,
        app_id: str,
        agent_id: str,
        exception_id: str,
        days: Sequence[DayChange],
        entry: AuditEntry | None = None,
    ) -> None:
        """All or nothing, under one lock."""
        there = self._exceptions(app_id, agent_id)
        if exception_id not in there:
            raise RaceLost
        self.store.check_days(app_id, days)
        left = {other: exception for other, exception in there.items() if other != exception_id}
        self._keep_exceptions(app_id, agent_id, left)
        self._change(app_id, days)
        self.store.append(entry)

    def windows(self, app_id: str, agent_id: str, span: Interval) -> Sequence[DoNotDisturbWindow]:
        """In order of their starts, then of their ids."""
        with self.store.reading():
            found = (window for place, window in self.store.windows.items() if place[:2] == (app_id, agent_id))
            reaching = (window for window in found if window.interval.overlaps(span))
            return sorted(reaching, key=lambda window: (window.interval.start, window.id))

    def window(self, app_id: str, agent_id: str, window_id: str) -> DoNotDisturbWindow | None:
        """One window, or None."""
        with self.store.reading():
            return self.store.windows.get((app_id, agent_id, window_id))

    @transaction
    def add_window(
        self,
        app_id: str,
        agent_id: str,
        window: DoNotDisturbWindow,
        days: Sequence[DayBlock],
        receipt: Receipt | None,
        entry: AuditEntry | None = None,
    ) -> None:
        """All or nothing, under one lock."""
        self.store.check_receipt(receipt)
        if (app_id, agent_id, window.id) in self.store.windows:
            raise AlreadyWritten
        if (app_id, agent_id) not in self.store.agents:
            raise RaceLost
        self.store.windows[app_id, agent_id, window.id] = window
        self._block(app_id, days)
        self.store.keep(receipt)
        self.store.append(entry)

    @transaction
    def remove_window(
        self,
        app_id: str,
        agent_id: str,
        window: DoNotDisturbWindow,
        days: Sequence[DayChange],
        entry: AuditEntry | None = None,
    ) -> None:
        """All or nothing, under one lock."""
        if (app_id, agent_id, window.id) not in self.store.windows:
            raise RaceLost
        self.store.check_days(app_id, days)
        del self.store.windows[app_id, agent_id, window.id]
        self._change(app_id, days)
        self.store.append(entry)

    def _exceptions(self, app_id: str, agent_id: str) -> Mapping[str, ScheduleException]:
        agent = self.store.agents.get((app_id, agent_id))
        if agent is None:
            raise RaceLost
        return {exception.id: exception for exception in agent.exceptions}

    def _keep_exceptions(self, app_id: str, agent_id: str, exceptions: Mapping[str, ScheduleException]) -> None:
        agent = self.store.agents[app_id, agent_id]
        self.store.agents[app_id, agent_id] = replace(agent, exceptions=tuple(exceptions.values()))

    def _block(self, app_id: str, days: Iterable[DayBlock]) -> None:
        for day in days:
            self.store.block_day(app_id, day)

    def _change(self, app_id: str, days: Iterable[DayChange]) -> None:
        for day in days:
            self.store.change_day(app_id, day)
