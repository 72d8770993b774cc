"""An office in memory whose calls are changed many at a time, with workers that may fail at every step."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from slotline.domain.access.visits import VisitedApp
from slotline.domain.booking.apps import App
from slotline.domain.booking.bulk_jobs import BulkChange, BulkJob, RowState
from slotline.domain.booking.calls import Actor, ActorType, Call, EventType, TimelineEvent
from slotline.domain.shared.due import Due
from slotline.domain.shared.working_hours import Window
from slotline.ports.shared import StoreBusyError
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.bulk_decisions import BulkDecisions
from slotline.usecases.booking.change_call import Change, ChangeCall, Decide
from slotline.usecases.booking.keep_bulk_jobs import DraftBulk, ReadBulk, ShownJob, StartBulk, StopBulk
from slotline.usecases.booking.work_bulk import WorkBulk
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.audit import AUTHOR
from tests.support.builders.bookings import APP_ID, a_call, an_agent, an_app, write_call
from tests.support.memory.agents import MemoryAgents
from tests.support.memory.bulk_jobs import MemoryBulkJobs, due_of_job
from tests.support.memory.faults import Crashed, Faults
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.store import MemoryStore

SUPERVISOR = Actor(type=ActorType.ADMIN, id="user-1", role="supervisor")
THE_APP = VisitedApp(app_id=APP_ID, organization_id="organization-1", name="Acme", timezone="UTC")
ALWAYS = tuple(Window(weekday=day, start="00:00", end="24:00", zone="UTC") for day in range(7))
FIRST = NOW.replace(hour=0, minute=0) + timedelta(days=1)
TRIES = 4
"""Of one change, at most."""
A_TURN = timedelta(minutes=4)
"""How long one invocation works."""


@dataclass
class HauntedStore(MemoryStore):
    """A store in memory at whose writes something else may happen first."""

    before_write: Callable[[], None] | None = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """As in every store, once whatever happens has happened."""
        if self.before_write is not None:
            self.before_write()
        with super().writing():
            yield


class _FewTries:
    """A `Backoff` that waits for nothing, and has time for so many tries of each change."""

    def pause(self, attempt: int) -> bool:
        """Whether another try fits."""
        return attempt < TRIES


@dataclass
class BulkOffice:
    """An app of some agents who work around the clock."""

    agents: Sequence[str] = ("agent-1", "agent-2", "agent-3", "agent-4")
    clock: SetClock = field(default_factory=SetClock)
    ids: NumberedIds = field(default_factory=NumberedIds)
    told: list[Exception] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    """Calls that our own code fails at."""

    def __post_init__(self) -> None:
        self.store = HauntedStore(self.clock)
        self.store.apps[APP_ID] = an_app()
        for agent_id in self.agents:
            self.store.agents[APP_ID, agent_id] = an_agent(agent_id, working_hours=ALWAYS)
        self.jobs = MemoryBulkJobs(self.store)

    def book(self, hour: int, agent_id: str | None = "agent-1") -> Call:
        """A call at an hour from the first day's midnight on."""
        at = FIRST + timedelta(hours=hour)
        return write_call(self.store, a_call(id=self.ids.new(), scheduled_at=at, assigned_agent_id=agent_id))

    def draft(self, call_ids: Sequence[str]) -> BulkJob:
        """A job of these calls that nobody has started."""
        draft = DraftBulk(jobs=self.jobs, calls=self.store, clock=self.clock, ids=self.ids)
        return draft.of_calls(APP_ID, call_ids, SUPERVISOR)

    def start(self, job: BulkJob, change: BulkChange) -> BulkJob:
        """It runs from now on."""
        start = StartBulk(
            jobs=self.jobs, agents=MemoryAgents(self.store), clock=self.clock, ids=self.ids, backoff=RecordedBackoff()
        )
        return start(THE_APP, job.id, change, SUPERVISOR, AUTHOR)

    def stop(self, job: BulkJob) -> None:
        """It does nothing more."""
        StopBulk(jobs=self.jobs, clock=self.clock, ids=self.ids)(THE_APP, job.id, AUTHOR)

    def read(self, job: BulkJob) -> ShownJob:
        """The first page of it."""
        return ReadBulk(jobs=self.jobs, calls=self.store)(APP_ID, job.id)

    def now(self, job: BulkJob) -> BulkJob:
        """The job as it is kept."""
        return self.jobs.jobs[APP_ID, job.id]

    def worker(self, faults: Faults | None = None) -> WorkBulk:
        """One invocation's, which may fail."""
        store = self.store.with_faults(faults or Faults())
        return WorkBulk(
            jobs=replace(self.jobs, store=store),
            change_call=ChangeCall(bookings=store, clock=self.clock, ids=self.ids, backoff=_FewTries()),
            decision=lambda change: self._decide(BulkDecisions(bookings=store, screen=refusal_of)(change)),
            clock=self.clock,
            ids=self.ids,
            told=self.told.append,
        )

    def _decide(self, decide: Decide) -> Decide:
        def decided(call: Call, app: App, now: datetime) -> Change | None:
            if call.id in self.broken:
                raise RuntimeError("ordered by a test")
            return decide(call, app, now)

        return decided

    def turn(self, due: Due, faults: Faults | None = None) -> None:
        """A wake-up comes, and whoever takes it dies or finds the store busy, or not."""
        with suppress(Crashed, StoreBusyError):
            self.worker(faults)(due, self.clock.now() + A_TURN)

    def go_on(self, job: BulkJob, faults: Callable[[], Faults] = Faults) -> Sequence[Due]:
        """Wake-ups as they become due, until it is over. All that were sent."""
        sent: list[Due] = []
        while self.now(job).is_under_way:
            due = due_of_job(self.now(job))
            self.clock.instant = max(self.clock.now(), due.at)
            sent.append(due)
            self.turn(due, faults())
        return sent

    def events(self, *types: EventType) -> Counter[str]:
        """How often each call has events of the supervisor, by its timeline."""
        found = (event for events in self.store.events.values() for event in events)
        return Counter(event.call_id for event in found if _is_of_ours(event, types))

    def states(self, job: BulkJob) -> dict[str, RowState]:
        """What became of each call."""
        rows = self.jobs.kept_rows[APP_ID, self.now(job).rows_id]
        return {row.call_id: row.state for row in rows.values()}


def _is_of_ours(event: TimelineEvent, types: tuple[EventType, ...]) -> bool:
    return event.actor == SUPERVISOR and event.event_type in types
