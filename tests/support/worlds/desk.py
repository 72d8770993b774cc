"""The use cases in one place, as a request of the simulation meets them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slotline.domain.shared.errors import DomainError
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.ports.shared import Clock, Ids
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.block_time import BlockTime
from slotline.usecases.booking.book_call import BookCall
from slotline.usecases.booking.change_call import ChangeCall, Decide
from slotline.usecases.booking.change_calls import ChangeCalls
from slotline.usecases.booking.hold_slot import HoldSlot
from slotline.usecases.booking.keep_do_not_disturb import AddDoNotDisturb, RemoveDoNotDisturb
from slotline.usecases.booking.keep_exceptions import AddException, RemoveException
from slotline.usecases.messages.notify_guests import NotifyGuests
from slotline.usecases.shared.once import Once
from tests.support.builders.bookings import APP_ID, CLIENT
from tests.support.memory.agents import MemoryAgents, MemoryAgentTime
from tests.support.memory.receipts import MemoryReceipts
from tests.support.memory.running import RecordedBackoff
from tests.support.memory.store import MemoryStore
from tests.support.memory.ticket_queue import MemoryTicketQueue
from tests.support.memory.timing import MemoryReminders


@dataclass(frozen=True)
class Answer:
    """What a use case answered: the things it names, and as much of the rest as must be the same for ever."""

    ids: tuple[str, ...]
    says: Any
    replayed: bool = False
    refusals: Mapping[str, DomainError] | None = None


class Desk:
    """The use cases on one connection to the store, which may fail."""

    def __init__(self, store: MemoryStore, clock: Clock, ids: Ids) -> None:
        self.ids = ids
        backoff = RecordedBackoff()
        parts: dict[str, Any] = {"bookings": store, "clock": clock, "ids": ids, "backoff": backoff}
        self.bookings = store
        self.book_call = BookCall(screen=refusal_of, **parts, ticket_queue=MemoryTicketQueue())
        self.hold_slot = HoldSlot(**parts)
        self.change_call = ChangeCall(**parts)
        self.receipts, self.clock = MemoryReceipts(store), clock
        once = Once(receipts=self.receipts, clock=clock, backoff=backoff, ids=ids)
        agents, agent_time = MemoryAgents(store), MemoryAgentTime(store)
        blocking: dict[str, Any] = {
            "agents": agents,
            "agent_time": agent_time,
            "ids": ids,
            "block_time": BlockTime(bookings=store, once=once),
        }
        notify = NotifyGuests(bookings=store, reminders=MemoryReminders(store), once=once)
        self.add_window = AddDoNotDisturb(**blocking, notify_guests=notify)
        self.add_exception = AddException(once=once, **blocking)
        self.remove_window = RemoveDoNotDisturb(agents=agents, agent_time=agent_time, once=once)
        self.remove_exception = RemoveException(agents=agents, agent_time=agent_time, bookings=store, once=once)

    def change(self, call_id: str, decide: Decide, key: IdempotencyKey | None) -> Answer:
        """Change one call."""
        changed = self.change_call(APP_ID, call_id, decide, CLIENT, key, no_gate)
        return Answer((changed.call.id,), changed.call, changed.replayed)

    def change_all(self, call_ids: Sequence[str], decide: Decide, key: IdempotencyKey | None) -> Answer:
        """Change many calls, each on its own."""
        refusals: dict[str, DomainError] = {}

        def show_error(call_id: str, error: Any) -> Mapping[str, object]:
            refusals[call_id] = error
            return {"id": call_id, "error": error.code}

        change_calls = ChangeCalls(
            change_call=self.change_call,
            receipts=self.receipts,
            clock=self.clock,
            show_call=lambda call: {"id": call.id},
            show_more=lambda _: {},
            show_error=show_error,
        )
        changed = change_calls(APP_ID, call_ids, decide, CLIENT, key, no_gate)
        done = tuple(str(outcome["id"]) for outcome in changed.outcomes if "error" not in outcome)
        return Answer(done, list(changed.outcomes), changed.replayed, refusals)


def no_gate() -> None:
    """Everybody may ask as often as they like."""
