"""A message about a call: of which kind, over which channel, to whom, and what became of it.

`slotline.domain.booking.planned_messages` says which messages there are.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from slotline.domain.booking.calls import Guest

if TYPE_CHECKING:
    from slotline.domain.booking.apps import AgentMessage


class ReminderKind(StrEnum):
    """What a message is about. A preset lists which kinds go over which channels."""

    INVITATION = "invitation"
    REMINDER_24H = "reminder_24h"
    REMINDER_1H = "reminder_1h"
    REMINDER_15M = "reminder_15m"
    CANCELLATION = "cancellation"
    CONFLICT_NOTICE = "conflict_notice"
    REMINDER_CUSTOM = "reminder_custom"


class Channel(StrEnum):
    """How a message goes out."""

    WHATSAPP = "whatsapp"
    SMS = "sms"
    EMAIL = "email"
    GENESYS = "genesys"


class ReminderStatus(StrEnum):
    """What became of a message. `planned`: nothing yet; `dropped`: there was no reason left to send it."""

    PLANNED = "planned"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Audience(StrEnum):
    """Who a message is for. `other`: somebody whom a request named, and who is neither."""

    GUEST = "guest"
    AGENT = "agent"
    OTHER = "other"


class News(StrEnum):
    """What an invitation to somebody who was invited before tells first."""

    MOVED = "moved"
    CONFIRMED = "confirmed"
    CHANGED = "changed"


LEADS = {
    ReminderKind.REMINDER_24H: timedelta(hours=24),
    ReminderKind.REMINDER_1H: timedelta(hours=1),
    ReminderKind.REMINDER_15M: timedelta(minutes=15),
}
"""How long before the start a reminder fires. Kinds that are not here are sent at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What somebody who lost a call knows of it: their entry is withdrawn, and they learn nothing new.

    It is an address that a correction left behind, which is the reminder's recipient, or the agent whom the reminder
    is for. `sequence`: of the withdrawal. The start is the reminder's.
    """

    sequence: int
    guest_name: str
    zone: str
    language: str | None
    duration_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One message about a call over one channel.

    `scheduled_at`: the start of the call that it was planned for. `recipient`: None means the guest as they can be
    reached when it is sent. `due_at`: when it acts next, on its own or after a failed attempt; None once it is over.
    `agent_id` and `agent_message`: of a message to an agent, whose address is looked up when it is sent.
    """

    id: str
    app_id: str
    call_id: str
    kind: ReminderKind
    channel: Channel
    fire_at: datetime
    scheduled_at: datetime
    created_at: datetime
    due_at: datetime | None
    recipient: str | None = None
    news: News | None = None
    agent_id: str | None = None
    agent_message: "AgentMessage | None" = None
    withdrawal: Withdrawal | None = None
    status: ReminderStatus = ReminderStatus.PLANNED
    attempts: int = 0
    claim_id: str | None = None

    @property
    def is_requested(self) -> bool:
        """Whether somebody asked for it: what is planned is named after what it is."""
        return self.agent_id is None and not self.id.startswith(planned_id(self.kind, self.channel))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderPlan:
    """What a booking, or a change of one, makes of its messages: rows to write, and rows (by id) to take off."""

    put: tuple[Reminder, ...] = ()
    drop: tuple[str, ...] = ()


def planned_id(kind: ReminderKind, channel: Channel) -> str:
    """The id of a planned message: a call has one of each kind and channel, whatever happens to it."""
    return f"{kind}.{channel}"


def agents_id(agent_id: str) -> str:
    """The id of the message to an agent: of one that has not gone out only the latest is true."""
    return f"agent.{agent_id}"


def reach_of(guest: Guest, channel: Channel) -> str | None:
    """How the channel reaches the guest. Genesys knows people by their number, or else by their address."""
    if channel is Channel.EMAIL:
        return guest.email
    if channel is Channel.GENESYS:
        return guest.phone_e164 or guest.email
    return guest.phone_e164
