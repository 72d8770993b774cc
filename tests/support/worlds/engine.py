"""The use cases of time in one place, over ports in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slotline.domain.booking.reminders import Channel
from slotline.domain.shared.due import Due, DueKind
from slotline.ports.messages import Messenger
from slotline.ports.shared import Clock, Ids, Queues, Schedules, Timers
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.advance_call import AdvanceCall
from slotline.usecases.booking.change_call import ChangeCall
from slotline.usecases.booking.end_hold import EndHold
from slotline.usecases.messages.record_feedback import RecordFeedback
from slotline.usecases.messages.request_reminder import RequestReminder
from slotline.usecases.messages.send_reminder import SendReminder
from slotline.usecases.shared.fire_due import FireDue
from slotline.usecases.shared.once import Once
from slotline.usecases.shared.plan_wake_ups import PlanWakeUps
from slotline.usecases.shared.sweep import Sweep
from tests.support.builders.guest_links import KEYS
from tests.support.memory.agents import MemoryAgents
from tests.support.memory.receipts import MemoryReceipts
from tests.support.memory.running import RecordedBackoff
from tests.support.memory.store import MemoryStore
from tests.support.memory.timing import MemoryHolds, MemoryReminders, MemorySuppressions

ROOMS = "https://video.example.com"


@dataclass(frozen=True)
class Engine:
    """Everything that time sets going, on one connection to the store, which may fail."""

    store: MemoryStore
    timers: Timers
    queues: Queues
    schedules: Schedules
    messenger: Callable[[Channel], Messenger | None]
    clock: Clock
    ids: Ids
    known: set[datetime] = field(default_factory=set)

    @property
    def plan_wake_ups(self) -> PlanWakeUps:
        return PlanWakeUps(
            timers=self.timers, queues=self.queues, schedules=self.schedules, clock=self.clock, known=self.known
        )

    @property
    def fire_due(self) -> FireDue:
        return FireDue(timers=self.timers, queues=self.queues, clock=self.clock)

    @property
    def sweep(self) -> Sweep:
        return Sweep(timers=self.timers, queues=self.queues, clock=self.clock)

    @property
    def send_reminder(self) -> SendReminder:
        return SendReminder(
            screen=refusal_of,
            reminders=MemoryReminders(self.store),
            suppressions=MemorySuppressions(self.store),
            bookings=self.store,
            agents=MemoryAgents(self.store),
            change_call=self._change_call,
            messenger=self.messenger,
            rooms_at=ROOMS,
            link_keys=lambda: KEYS,
            clock=self.clock,
            ids=self.ids,
        )

    @property
    def advance_call(self) -> AdvanceCall:
        return AdvanceCall(calls=self.store, change_call=self._change_call, who_missed=lambda _call, _now: "both")

    @property
    def end_hold(self) -> EndHold:
        return EndHold(holds=MemoryHolds(self.store))

    @property
    def request_reminder(self) -> RequestReminder:
        once = Once(receipts=MemoryReceipts(self.store), clock=self.clock, backoff=RecordedBackoff(), ids=self.ids)
        return RequestReminder(
            screen=refusal_of,
            bookings=self.store,
            reminders=MemoryReminders(self.store),
            suppressions=MemorySuppressions(self.store),
            ids=self.ids,
            once=once,
        )

    @property
    def record_feedback(self) -> RecordFeedback:
        return RecordFeedback(reminders=MemoryReminders(self.store), change_call=self._change_call)

    @property
    def _change_call(self) -> ChangeCall:
        ports: dict[str, Any] = {"bookings": self.store, "clock": self.clock, "ids": self.ids}
        return ChangeCall(**ports, backoff=RecordedBackoff())

    def act(self, due: Due) -> Any:
        """What the functions behind the queues do."""
        if due.kind is DueKind.REMINDER:
            return self.send_reminder(due)
        return self.end_hold(due) if due.kind is DueKind.HOLD else self.advance_call(due)
