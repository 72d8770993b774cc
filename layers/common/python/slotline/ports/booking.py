"""Calls and the days that lock them, holds, codes and the ticket queue; changes of many calls at once; and the walk
after a change of zone rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every handler imports ports, and few need all that they speak of
    from slotline.domain.booking.agent_days import AgentDays, DayChange
    from slotline.domain.booking.apps import Agent, App, Preset
    from slotline.domain.booking.assignment import Candidate
    from slotline.domain.booking.bulk_jobs import BulkJob, BulkRow, RowState
    from slotline.domain.booking.call_lists import CallPage, CallQuery
    from slotline.domain.booking.calls import Call, TimelineEvent
    from slotline.domain.booking.claims import Hold
    from slotline.domain.booking.customer_limits import CustomerChange, CustomerHistory
    from slotline.domain.booking.eligibility import Terms
    from slotline.domain.booking.guest_links import LinkKeys
    from slotline.domain.booking.promises import PromisedTime
    from slotline.domain.booking.reminders import Reminder, ReminderPlan
    from slotline.domain.booking.rollups import Period, Rollups
    from slotline.domain.booking.sendings import HeardFeedback
    from slotline.domain.booking.sent_codes import SentCode
    from slotline.domain.booking.slots import Busy
    from slotline.domain.booking.zone_walks import AppWalk, ZoneWalk
    from slotline.domain.shared.audit import AuditEntry
    from slotline.domain.shared.due import Due
    from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
    from slotline.domain.shared.intervals import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a booking's decision rests on, read at once and strongly consistent. What is not there is None."""

    app: App | None
    agent: Agent | None
    agent_days: AgentDays | None
    receipt: Receipt | None
    listed_months: frozenset[str]
    customers: Sequence[CustomerHistory] = ()
    named_preset: Preset | None = None
    """The preset that was asked for by its id or slug: `ruled_by` decides what that means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCalendars:
    """An app with the active agents asked for, each with what is taken in the time asked for.

    Of an agent who takes only so many calls a day, it is what is taken on all of the local days that the time touches,
    and `ended` has the starts of those days' calls that are over, in epoch minutes, by the agent's id.
    """

    app: App | None
    agents: Sequence[tuple[Agent, Sequence[Busy]]]
    named_preset: Preset | None = None
    not_eligible: Sequence[Agent] = ()
    """Asked for and active; what is taken of theirs is not read."""
    ended: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What is taken of an agent's days, and the starts of their calls that took place or were missed."""

    busy: Sequence[Busy] = ()
    ended: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSituation:
    """A call that is to be changed, with its app, read at once and strongly consistent.

    The app's preset is the one that the call was booked under, as it was then.
    """

    app: App | None
    call: Call | None
    receipt: Receipt | None
    listed_months: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A round-robin turn given to an agent, on condition that the agent has had as many turns as was read.

    `counted`: the turns that the agent was counted with, which are more if they were away. One more is what they have
    had from now on. `turns_back`: of those given back, as many as were read; this turn is in place of one of them.
    """

    agent_id: str
    turns: int
    counted: int
    turns_back: int = 0

    @classmethod
    def of(cls, agent: Agent, counted: int) -> Turn:
        """The agent's next turn, counted from this many; in place of one that is owed, if any is."""
        return cls(agent_id=agent.agent_id, turns=agent.turns, counted=counted, turns_back=agent.turns_back)

    @property
    def turns_back_left(self) -> int:
        """How many are owed still."""
        return max(0, self.turns_back - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingWrite:
    """Everything that one booking, or one change of a booking, writes: in one transaction.

    `replaces` is the revision that the change was decided on; None makes a new call.
    """

    call: Call
    events: Sequence[TimelineEvent]
    days: Sequence[DayChange] = ()
    receipt: Receipt | None = None
    list_month: bool = False
    replaces: int | None = None
    customers: Sequence[CustomerChange] = ()
    uncounted: Sequence[str] = ()
    """Identities in whose windows a cancelled call counts no longer."""
    turn: Turn | None = None
    turn_back: str | None = None
    """The agent who gets a turn back: the call that took it is cancelled."""
    reminders: ReminderPlan | None = None
    spends: LetGo | None = None
    """The hold that the call takes the place of, on condition that nobody has spent it or let it go."""
    spent_code: SentCode | None = None
    """The code that proved the guest's contact, on condition that no other booking has used it."""
    settled_reminder: Reminder | None = None
    """A message with its outcome, written on condition that its claim still stands."""
    heard: HeardFeedback | None = None
    """What came back of a message that was sent, written on condition that it is news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSlot:
    """A hold whose end has to be seen to. `counts`: among its holders', when it is made."""

    app_id: str
    hold: Hold
    counts: Sequence[CustomerChange] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo:
    """A hold that ends before its time, and in whose windows it is counted. The first is that of whose it is."""

    hold: Hold
    identities: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFile:
    """All that is kept of one call: as it is, what happened to it, and the messages about it that went out or will."""

    call: Call
    events: Sequence[TimelineEvent]
    messages: Sequence[Reminder]


class Bookings(Protocol):
    """Where calls are booked: agents' days and calls, changed together."""

    def read_for_booking(
        self,
        app_id: str,
        agent_id: str | None,
        around: Interval,
        key: IdempotencyKey | None,
        customers: Sequence[str] = (),
        preset: str | None = None,
    ) -> Situation:
        """Read what a decision about this agent, time, customer and preset (its id or slug) needs, in one request.

        Raises StoreBusyError.
        """
        ...

    def read_for_change(self, app_id: str, call_id: str, key: IdempotencyKey | None) -> CallSituation:
        """Read a call that is to be changed, in one request. Raises StoreBusyError."""
        ...

    def candidate(self, app_id: str, agent_id: str, around: Interval) -> Candidate | None:
        """An agent with the days around this time, or None where there is no such agent. Raises StoreBusyError."""
        ...

    def candidates(self, app_id: str, around: Interval, terms: Terms | None = None) -> Sequence[Candidate]:
        """The agents who are eligible by these terms, or all of the app, with the days around this time.

        Raises StoreBusyError.
        """
        ...

    def take_time(
        self,
        app_id: str,
        days: Sequence[DayChange],
        receipt: Receipt | None = None,
        hold: HeldSlot | None = None,
        replaces: Hold | None = None,
    ) -> None:
        """Write to agents' days alone: a hold, with its end, and the hold that it replaces. All or nothing.

        `hold.counts` takes the replaced one out of its holders' windows. Raises RaceLost, AlreadyAnswered or
        StoreBusyError.
        """
        ...

    def let_go(self, app_id: str, days: Sequence[DayChange], gone: LetGo) -> None:
        """Take a hold away before its time. Raises RaceLost if its holder has it no more, or StoreBusyError."""
        ...

    def commit(self, write: BookingWrite) -> None:
        """Write it all or nothing.

        Raises RaceLost, AlreadyAnswered, AlreadyWritten, CodeWasSpent or StoreBusyError; after any other error nobody
        knows.
        """
        ...


class CodeWasSpent(Exception):
    """Another booking has used the code; nothing was written."""


class SentCodes(Protocol):
    """Codes that prove addresses. Every method may raise StoreBusyError."""

    def add(self, sent: SentCode, counts: Sequence[CustomerChange], receipt: Receipt | None) -> None:
        """Keep a new one, and count it. Raises AlreadyWritten, AlreadyAnswered, or RaceLost: a window has changed."""
        ...

    def wake_up(self, app_id: str, code_id: str, at: datetime) -> Due:
        """What has a code sent at this moment. Asks for nothing."""
        ...

    def due(self, due: Due) -> SentCode | None:
        """The code that is to be sent, if it was not."""
        ...

    def was_sent(self, sent: SentCode, at: datetime) -> None:
        """Note it: it is not sent twice."""
        ...

    def take_try(self, app_id: str, code_id: str, now: datetime) -> SentCode | None:
        """Count a try, and the code as it is; None if it was used, has run out, or has no tries left."""
        ...

    def give_back_try(self, sent: SentCode) -> None:
        """The try was right, and the booking it was for came to nothing. Best effort."""
        ...


class Holds(Protocol):
    """Holds whose time runs out. Every method may raise StoreBusyError."""

    def due(self, due: Due) -> HeldSlot | None:
        """The hold that is due, if it still is."""
        ...

    def end(self, hold: HeldSlot, days: Sequence[DayChange]) -> None:
        """Take the hold away with its claim. Again: nothing to do."""
        ...


class Calendars(Protocol):
    """Agents' calendars, as a search reads them."""

    def read(
        self,
        app_id: str,
        agent_id: str | None,
        around: Interval,
        now: datetime,
        preset: str | None = None,
        asked: Terms | None = None,
    ) -> AppCalendars:
        """The app, the preset of this id or slug, and the calendars of one agent or of all. Raises StoreBusyError.

        Agents who are not eligible by what is asked, and by the active preset if no other is named, come without one.
        """
        ...

    def agents(self, app_id: str, agent_id: str | None) -> Sequence[Agent]:
        """The active agents of an app, or this one, in order of their ids. Raises StoreBusyError."""
        ...

    def taken(self, app_id: str, days: Sequence[tuple[Agent, Collection[date]]], now: datetime) -> Sequence[Taken]:
        """What is taken of some UTC days of each of these agents. Raises StoreBusyError."""
        ...


class TicketQueue(Protocol):
    """Where requests of an app wait one behind the other. Advice, not a lock: each turn runs out by itself."""

    def draw(self, app_id: str, name: str, now: datetime) -> int:
        """A number behind all that were drawn. Raises StoreBusyError."""
        ...

    def ahead(self, app_id: str, name: str, number: int, now: datetime, until: datetime) -> int:
        """How many are before it; none: it is its turn until then, or it was passed over. Raises StoreBusyError."""
        ...

    def leave(self, app_id: str, name: str, number: int, until: datetime) -> None:
        """Its turn is over; the next one has until then to ask. Raises StoreBusyError."""
        ...


class GuestLinkKeys(Protocol):
    """The keys that guests' links are made with and known by."""

    def __call__(self) -> LinkKeys:
        """The keys as they were a few minutes ago at most. Raises StoreBusyError while nobody knows them."""
        ...


class Calls(Protocol):
    """Where calls are read."""

    def app_of(self, call_id: str) -> str | None:
        """The id of the app that a call belongs to, or None. Raises StoreBusyError."""
        ...

    def app_exists(self, app_id: str) -> bool:
        """True while the app is there."""
        ...

    def get(self, app_id: str, call_id: str) -> tuple[Call, Sequence[TimelineEvent]] | None:
        """A call with its timeline in order, or None."""
        ...

    def file(self, app_id: str, call_id: str) -> CallFile | None:
        """All that is kept of a call, or None. Raises StoreBusyError."""
        ...

    def several(self, places: Collection[tuple[str, str]]) -> Sequence[tuple[str, str, Call | None]]:
        """Calls by app and id, as they are now; None for one that nobody can read. Those that are gone are left out.

        Raises StoreBusyError.
        """
        ...

    def find(self, query: CallQuery) -> CallPage:
        """One page of the calls that match."""
        ...

    def due(self, due: Due) -> Call | None:
        """The call that time is to change now, if it still is. Raises StoreBusyError."""
        ...


class AppRollups(Protocol):
    """What is counted of apps a day at a time. It follows calls and messages by some seconds.

    Every method may raise StoreBusyError.
    """

    def read(self, app_id: str, organization_id: str | None, period: Period) -> Rollups:
        """What was counted in a period; of calls and bookings, in as many days before it, too.

        `organization_id`: whose campaigns' calls are wanted, if any are.
        """
        ...

    def names(self, app_id: str, agent_ids: Sequence[str]) -> Mapping[str, str]:
        """The names of agents, by id; those who are gone are left out."""
        ...


class BulkJobs(Protocol):
    """Changes of many calls, and the result of each. Every method may raise StoreBusyError."""

    def draft(self, job: BulkJob, rows: Sequence[BulkRow]) -> None:
        """Keep a new one that nobody has started. Its rows are there before it is."""
        ...

    def get(self, app_id: str, job_id: str) -> BulkJob | None:
        """The job as it is now."""
        ...

    def recent(self, app_id: str, most: int) -> Sequence[BulkJob]:
        """The newest of those that were started, the newest first; drafts count among the most that are looked at."""
        ...

    def rows(
        self, job: BulkJob, *, after: int, limit: int, states: Collection[RowState] | None = None
    ) -> Sequence[BulkRow]:
        """Rows behind a number, in their order; None: whatever their state."""
        ...

    def start(self, draft: BulkJob, job: BulkJob, entry: AuditEntry) -> BulkJob:
        """Have it run, with the audit row of that. Raises RaceLost if the draft is not as it was read."""
        ...

    def stop(self, job: BulkJob, entry: AuditEntry) -> None:
        """Have whoever is at it stop, with the audit row of that. Raises RaceLost if it does not run, or is to stop
        already."""
        ...

    def claim(self, due: Due, claim_id: str, until: datetime) -> BulkJob | None:
        """Take the job that is due, until then; None if it is not due at that moment any more."""
        ...

    def keep(self, job: BulkJob, results: Sequence[BulkRow]) -> BulkJob:
        """Keep results and how far the job is, together. The job as it is then: somebody may have stopped it.

        `job` has the next revision. Raises RaceLost if the kept one is not the one before: somebody else is at it.
        """
        ...


class ZoneWalks(Protocol):
    """How far the walk after a change of zone rules has come, and what it walks over.

    Every method may raise StoreBusyError.
    """

    def read(self) -> ZoneWalk | None:
        """The walk as it is, read consistently; None before the first one."""
        ...

    def write(self, walk: ZoneWalk) -> ZoneWalk:
        """Keep it in place of the one that was read; as it is kept then. Raises RaceLost if it has changed since."""
        ...

    def apps_with_calls(self, place: Mapping[str, object] | None) -> tuple[Sequence[str], Mapping[str, object] | None]:
        """Apps that have calls to come, by a page of what waits for its time, and where the next page begins.

        An app is named as often as it comes. No history is read, and what was written just now may be missing.
        """
        ...

    def keep_app(self, app: AppWalk) -> None:
        """Keep how far its calls were gone through; at first, that they are to be."""
        ...

    def next_app(self) -> AppWalk | None:
        """One of those that are kept, read consistently; None if none is left."""
        ...

    def drop_app(self, app_id: str) -> None:
        """Its calls were gone through."""
        ...

    def upcoming(self, app: AppWalk, now: datetime) -> tuple[Sequence[Call], tuple[str, str] | None]:
        """A page of the app's calls that start after now, by start, and the place behind it; None: it was the last.

        On the way back, from the last one. What was written just now may be missing, and nobody's state is asked about.
        """
        ...

    def keep_promise(self, call: Call, promised: PromisedTime) -> None:
        """Keep what an older call promises, unless it has changed since it was read, or somebody kept it. No event."""
        ...
