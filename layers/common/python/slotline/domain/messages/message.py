"""What is told to people about their calls: everything that a message may say, before it is put into words."""

from dataclasses import dataclass
from datetime import datetime

from slotline.domain.booking.apps import THE_AGENT, Agent, AgentMessage, Preset
from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.reminders import Audience, Channel, News, ReminderKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one person over one channel. Sent again after a lost answer, it has the same id and the same time.

    `sending_id`: of this handing over to a provider, who repeats it in its reports. `recipient`: an e-mail address, or
    a number in E.164. `zone` and `language` are the reader's: an IANA name, and a tag of BCP 47. `sequence` rises with
    every change of what invitations say (RFC 5545 §3.8.7.4). `join_url` is the reader's: an agent's is the host's.
    """

    id: str
    sending_id: str
    kind: ReminderKind
    channel: Channel
    recipient: str
    audience: Audience = Audience.GUEST
    language: str
    zone: str
    sender_name: str
    """Whose call it is: the preset's branding, or the app's name."""
    sender_color: str | None
    app_id: str
    call_id: str
    call_status: CallStatus
    sequence: int
    guest_name: str
    guest_email: str | None
    guest_phone_e164: str | None
    agent_name: str | None
    scheduled_at: datetime
    duration_minutes: int
    join_url: str
    guest_url: str | None = None
    """The guest's own link, in messages to the guest alone: whoever has it acts as the guest."""
    reply_to: tuple[str, str] | None = None
    """Whom an answer is for, by name and address; None: whoever it comes from."""
    may_be_in_calendar: bool = False
    """Whether the reader may have the call in their calendar: they were invited by e-mail."""
    news: News | None = None
    """What an invitation tells first to somebody who was invited before."""
    is_withdrawal: bool = False
    """Whether it goes to an address that a correction left behind."""
    agent_id: str | None = None
    agent_message: AgentMessage | None = None
    """Both of a message to an agent, and what it is about."""
    notes: str | None = None
    answers: tuple[tuple[str, object], ...] = ()
    """What the guest wrote, and answered to which question: for agents only."""
    reason: str | None = None
    created_at: datetime
    sent_at: datetime
    """When it goes out: later than it was planned, if something was in the way."""


def reply_to(preset: Preset, sender_name: str, agent: Agent | None) -> tuple[str, str] | None:
    """Whom an answer to a mail is for, as the preset says: an address, or the agent if there is one with an address."""
    if preset.reply_to != THE_AGENT:
        return (sender_name, preset.reply_to) if preset.reply_to else None
    return (agent.name, agent.email) if agent and agent.email else None
