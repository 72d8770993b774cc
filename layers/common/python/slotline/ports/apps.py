"""What an organization sets up: agents with their time, and presets.

Whatever changes one of them takes the entry of the audit log for it, and writes both or neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every handler imports ports, and few need all that they speak of
    from slotline.domain.booking.agent_days import DayChange
    from slotline.domain.booking.agent_time import DoNotDisturbWindow, ScheduleException
    from slotline.domain.booking.apps import Agent, App, Preset
    from slotline.domain.booking.blocks import DayBlock
    from slotline.domain.shared.audit import AuditEntry
    from slotline.domain.shared.idempotency import Receipt
    from slotline.domain.shared.intervals import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAgent:
    """An agent as they were read. `version`: how often they were changed; turns and exceptions are no changes."""

    agent: Agent
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChange:
    """New values for attributes of an agent; None clears one.

    `turns`: as they were read and as they shall be, on condition that the agent got no other turn meanwhile. `version`:
    likewise, that nobody else has changed the agent since; None: whoever did.
    """

    values: Mapping[str, object]
    turns: tuple[int, int] | None = None
    version: int | None = None


class Agents(Protocol):
    """Where the agents of an app are kept."""

    def find(self, app_id: str, agent_id: str) -> tuple[App | None, Agent | None]:
        """The app and one agent, in one request. Raises StoreBusyError."""
        ...

    def kept(self, app_id: str, agent_id: str) -> tuple[App | None, KeptAgent | None]:
        """The same, of an agent who is to be changed. Raises StoreBusyError."""
        ...

    def all(self, app_id: str) -> tuple[App | None, Sequence[Agent]]:
        """The app and all its agents by id, in one request. Raises StoreBusyError."""
        ...

    def add(
        self, app_id: str, agent: Agent, at: datetime, receipt: Receipt | None, entry: AuditEntry | None = None
    ) -> None:
        """Keep a new agent. Raises AlreadyWritten, AlreadyAnswered, RaceLost (the app is gone) or StoreBusyError."""
        ...

    def change(self, app_id: str, agent_id: str, change: AgentChange, entry: AuditEntry | None = None) -> None:
        """Write the attributes named, and no others. Raises RaceLost or StoreBusyError."""
        ...


class AgentTime(Protocol):
    """What agents' calendars say besides calls. Every method may raise StoreBusyError."""

    def add_exception(
        self,
        app_id: str,
        agent_id: str,
        exception: ScheduleException,
        days: Sequence[DayBlock],
        receipt: Receipt | None,
        entry: AuditEntry | None = None,
    ) -> None:
        """Keep an exception and its first days. Raises AlreadyAnswered, or RaceLost: the agent is gone, or has it."""
        ...

    def go_on(self, app_id: str, agent_id: str, exception_id: str, days: Sequence[DayBlock], *, last: bool) -> None:
        """Write more days of an exception that is being applied. Raises RaceLost where it no longer is."""
        ...

    def start_removing(self, app_id: str, agent_id: str, exception_id: str) -> None:
        """From now on no more of its days are written. Raises RaceLost where the exception is gone."""
        ...

    def remove_exception(
        self,
        app_id: str,
        agent_id: str,
        exception_id: str,
        days: Sequence[DayChange],
        entry: AuditEntry | None = None,
    ) -> None:
        """Take it away with the last of its days. Raises RaceLost where it is gone."""
        ...

    def windows(self, app_id: str, agent_id: str, span: Interval) -> Sequence[DoNotDisturbWindow]:
        """The do-not-disturb windows that reach into the span, in order."""
        ...

    def window(self, app_id: str, agent_id: str, window_id: str) -> DoNotDisturbWindow | None:
        """One window, or None."""
        ...

    def add_window(
        self,
        app_id: str,
        agent_id: str,
        window: DoNotDisturbWindow,
        days: Sequence[DayBlock],
        receipt: Receipt | None,
        entry: AuditEntry | None = None,
    ) -> None:
        """Keep a window with its days. Raises AlreadyWritten, AlreadyAnswered, or RaceLost: the agent is gone."""
        ...

    def remove_window(
        self,
        app_id: str,
        agent_id: str,
        window: DoNotDisturbWindow,
        days: Sequence[DayChange],
        entry: AuditEntry | None = None,
    ) -> None:
        """Take a window away with its days. Raises RaceLost where it is gone."""
        ...


class SlugInUse(Exception):
    """Another preset of the app has this slug; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPreset:
    """A preset as it was read.

    `change_id`: the change that made it so; None while nobody has changed it. `unknown`: what a later release has
    written beside it, for the preset's copies to have too.
    """

    preset: Preset
    change_id: str | None = None
    unknown: Mapping[str, object] = field(default_factory=dict)


class Presets(Protocol):
    """Where the presets of an app are kept, with the copies of the active one and of those that have slugs."""

    def find(self, app_id: str, preset_id: str) -> tuple[App | None, KeptPreset | None]:
        """The app, with its active preset, and one preset, in one request. Raises StoreBusyError."""
        ...

    def named(self, app_id: str, name: str) -> tuple[App | None, Preset | None]:
        """The app, and the preset of this id or else of this slug, in one request. Raises StoreBusyError."""
        ...

    def at_revision(self, app_id: str, preset_id: str, revision: int) -> tuple[App | None, Preset | None]:
        """The app, and a preset as it was at a revision, also once it is gone; one request. Raises StoreBusyError."""
        ...

    def all(self, app_id: str) -> tuple[App | None, Sequence[Preset]]:
        """The app and all its presets, in order of their ids. Raises StoreBusyError."""
        ...

    def add(
        self, app_id: str, preset: Preset, at: datetime, receipt: Receipt | None, entry: AuditEntry | None = None
    ) -> None:
        """Keep a new preset.

        Raises AlreadyAnswered, AlreadyWritten, SlugInUse, RaceLost (the app is gone) or StoreBusyError.
        """
        ...

    def change(
        self,
        app_id: str,
        kept: KeptPreset,
        changed: Preset,
        change_id: str,
        *,
        active: bool,
        entry: AuditEntry | None = None,
    ) -> None:
        """Write what differs, and all copies; what it was stays readable at its revision.

        Raises RaceLost where it is not as it was read, or is no longer active, or is now; SlugInUse; StoreBusyError.
        """
        ...

    def activate(
        self,
        app_id: str,
        kept: KeptPreset,
        change_id: str,
        receipt: Receipt | None,
        *,
        replaces: str | None = None,
        entry: AuditEntry | None = None,
    ) -> None:
        """Make it the one that rules, in the place of `replaces`, if that is said.

        Raises RaceLost where it has changed, or another one ruled; AlreadyAnswered or StoreBusyError.
        """
        ...

    def remove(self, app_id: str, kept: KeptPreset, entry: AuditEntry | None = None) -> None:
        """Take it away, and free its slug; what it was stays readable at its revision.

        Raises RaceLost where it is not as it was read, is gone, or is active; or StoreBusyError.
        """
        ...
