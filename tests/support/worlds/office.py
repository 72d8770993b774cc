"""An app that invites its guests by e-mail, and tells its agents too."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from slotline.domain.booking.apps import AgentMessage, App
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.timeline import was_reopened, was_started
from slotline.domain.messages.message import Message
from slotline.usecases.booking.change_call import Change
from tests.support.builders.bookings import AGENT, APP_ID
from tests.support.memory.timing import due_of
from tests.support.oracles.mailboxes import Entry, entry_of
from tests.support.worlds.sending_desk import SendingDesk

JANES = "jane@example.com"
INVITING = {"invitation": ["email"], "cancellation": ["email"]}
ADDRESSES = {AGENT: "ada@acme.example", "agent-2": "bob@acme.example", "agent-3": JANES}
"""The third agent has the guest's own mailbox."""


class Office(SendingDesk):
    """An app that invites guests and tells agents, all of whom have addresses."""

    def __init__(self, words: Sequence[AgentMessage] = (), **preset: Any) -> None:
        super().__init__(INVITING, **{"agent_messages": tuple(words), **preset})
        for agent_id, address in ADDRESSES.items():
            agent = self.store.agents[APP_ID, agent_id]
            self.store.agents[APP_ID, agent_id] = replace(agent, name=agent_id.title(), email=address)

    def waiting(self) -> list[Any]:
        return [due_of(one) for one in self.store.reminders.values() if one.due_at and one.due_at <= self.clock.now()]

    def deliver(self) -> list[Message]:
        """Send whatever is due by now; the mails that went out."""
        before = len(self.sent)
        for due in self.waiting():
            self.engine.send_reminder(due)
        self.clock.instant += timedelta(seconds=1)
        return self.sent[before:]

    def entries(self) -> list[Entry]:
        return [entry for message in self.deliver() if (entry := entry_of(message)) is not None]

    def corrected(self, call: Call, **guest: str | None) -> Call:
        return self.update(call, guest=guest)


def begins(call: Call, app: App, now: datetime) -> Change | None:  # noqa: ARG001 - every decision takes these
    """Somebody starts a confirmed call, long before its time."""
    if call.status is not CallStatus.CONFIRMED:
        return None
    return Change(call=replace(call, status=CallStatus.STARTED), event_drafts=[was_started()])


def is_undone(call: Call, app: App, now: datetime) -> Change | None:  # noqa: ARG001 - every decision takes these
    """It was a mistake."""
    if call.status is not CallStatus.STARTED:
        return None
    return Change(
        call=replace(call, status=CallStatus.CONFIRMED), event_drafts=[was_reopened(CallStatus.CONFIRMED, "a slip")]
    )
