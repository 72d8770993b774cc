"""People who book calls and do things about them, at random and as things come: what they are refused is no matter."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from slotline.domain.booking.calls import AssignmentMethod, Guest
from slotline.domain.booking.holds import client_holder
from slotline.domain.booking.reminders import Channel
from slotline.domain.booking.requests import CallUpdate
from slotline.domain.messages.sending import ReminderRequest
from slotline.domain.shared.errors import DomainError
from slotline.ports.shared import StoreBusyError
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.call_changes import (
    CancelCall,
    ClaimCall,
    CompleteCall,
    ConfirmCall,
    MissCall,
    ReopenCall,
    StartCall,
    UpdateCall,
)
from slotline.usecases.booking.change_call import Decide
from slotline.usecases.booking.hold_slot import HoldRequest
from tests.support.builders.bookings import APP_ID, a_request
from tests.support.memory.faults import Crashed
from tests.support.worlds.clockwork import MINUTE, Clockwork
from tests.support.worlds.desk import Desk, no_gate

AGENTS = ("agent-1", "agent-2", "agent-3")
GUESTS = [
    Guest(name="Jane", email="jane@example.com"),
    Guest(name="Jane", phone="+573005550100", phone_e164="+573005550100"),
    Guest(name="Jane", phone="+573005550100", phone_e164="+573005550100", email="jane@example.com"),
]
CONTACTS = [
    {"email": "joe@example.com"},
    {"phone": "+442079460000"},
    {"email": None, "phone": "+573005550100"},
    {"email": "jane@example.com", "phone": None},
]


class People:
    """Everybody who uses the one app of a world. They find the world as unreliable as it is."""

    def __init__(self, world: Clockwork) -> None:
        self.world, self.random, self.store, self.clock = world, world.random, world.store, world.clock

    def visit(self) -> None:
        """Book a call, or do something about one."""
        open_calls = [call.id for call in self.store.calls.values() if not call.is_final]
        if len(open_calls) < 3 or self.random.random() < 0.3:
            self._try(self._book)
        elif self.random.random() < 0.15:
            self._try(self._hold)
        else:
            self.interfere()

    def interfere(self, pk: str = "") -> None:
        """Do something about a call that is there; about the one with this key, where it has one."""
        known = sorted(call_id for _, call_id in self.store.calls)
        meant = [call_id for call_id in known if pk.endswith(call_id)] or known
        if meant:
            call_id = self.random.choice(meant)
            act = self.random.choice([self._change, self._change, self._change, self._change, self._remind])
            self._try(lambda: act(call_id))

    def _try(self, act: Callable[[], object]) -> None:
        with suppress(DomainError, Crashed, StoreBusyError):
            act()

    @property
    def _desk(self) -> Desk:
        return Desk(self.world.failing_store, self.clock, self.world.ids)

    def _start(self) -> datetime:
        """Some minute to come; or some hour, so that much is due at once."""
        ahead = self.random.choice([2, 10, 14, 16, 20, 45, 70, 300, 1445, 1500, 1600])
        start = (self.clock.now() + ahead * MINUTE).replace(second=0, microsecond=0)
        return start if self.random.random() < 0.5 else start.replace(minute=0) + timedelta(hours=1)

    def _book(self) -> None:
        method = self.random.choice([None, None, AssignmentMethod.POOL, AssignmentMethod.ROUND_ROBIN])
        request = a_request(
            guest=self.random.choice(GUESTS),
            scheduled_at=self._start(),
            assigned_agent_id=self.random.choice(AGENTS) if method is None else None,
            assignment_method=method,
            duration_minutes=self.random.choice([5, 30, 60]),
            buffer_after_minutes=self.random.choice([0, 10]),
            require_confirmation=self.random.random() < 0.2,
        )
        self._desk.book_call(request, None, no_gate)

    def _hold(self) -> None:
        request = HoldRequest(
            app_id=APP_ID,
            holders=(client_holder("client-1"),),
            agent_id=self.random.choice(AGENTS),
            start=self._start(),
            seconds=self.random.choice([60, 600]),
        )
        held = self._desk.hold_slot(request, None, no_gate)
        if self.random.random() < 0.5:
            booking = a_request(
                scheduled_at=request.start, assigned_agent_id=request.agent_id, hold_id=str(held.hold["id"])
            )
            self._desk.book_call(booking, None, no_gate)

    def _change(self, call_id: str) -> None:
        desk = self._desk
        moved = UpdateCall(screen=refusal_of, bookings=desk.bookings, update=CallUpdate(scheduled_at=self._start()))
        reached = UpdateCall(
            screen=refusal_of, bookings=desk.bookings, update=CallUpdate(guest=dict(self.random.choice(CONTACTS)))
        )
        given = UpdateCall(
            screen=refusal_of,
            bookings=desk.bookings,
            update=CallUpdate(assigned_agent_id=self.random.choice(AGENTS)),
        )
        others: list[Decide] = [
            given,
            CancelCall(),
            ConfirmCall(),
            ClaimCall(bookings=desk.bookings, agent_id=self.random.choice(AGENTS)),
            StartCall(),
            ReopenCall(calls=self.store, reason="by mistake"),
            CompleteCall(),
            MissCall(),
        ]
        is_joined = self.store.calls[APP_ID, call_id].status.value == "started"  # what has begun is not moved
        desk.change(call_id, self.random.choice([*([] if is_joined else [moved] * 3), reached, reached, *others]), None)

    def _remind(self, call_id: str) -> None:
        engine = self.world.engine()
        request = ReminderRequest(channel=Channel.EMAIL, recipient="boss@example.com")
        engine.request_reminder(APP_ID, call_id, request, None, no_gate)
