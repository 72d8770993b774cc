"""Messages to send, and the pieces of an e-mail that came of one."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from slotline.domain.booking.apps import AgentMessage
from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.reminders import LEADS, Audience, Channel, News, ReminderKind
from slotline.domain.messages.message import Message

HAIR_SPACE = "\u200a"
"""What parts a link in a name, in running text."""
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The letters that leave room for 160 in one text message (3GPP TS 23.038, default alphabet)."""
SENDER = "calls@slotline.example"
CALL_ID = "0196f2a0-0000-7000-8000-000000000001"
JOIN_URL = f"https://video.slotline.example/c/{CALL_ID}?role=guest"

OCCASIONS: tuple[dict[str, Any], ...] = (
    *({"kind": kind} for kind in ReminderKind),
    *({"kind": ReminderKind.INVITATION, "news": news} for news in News),
    *(
        {"kind": ReminderKind.INVITATION, "news": news, "call_status": CallStatus.PENDING_CONFIRMATION}
        for news in (None, News.MOVED, News.CHANGED)
    ),
)
"""Whatever a guest may be told over any channel: one for each text of a catalogue."""

_TO_AGENT: dict[str, Any] = {"audience": Audience.AGENT, "agent_id": "agent-1", "reply_to": None}
MAILED_ALONE: tuple[dict[str, Any], ...] = (
    {"kind": ReminderKind.CANCELLATION, "is_withdrawal": True},
    *(
        {**_TO_AGENT, "kind": ReminderKind.CANCELLATION, "agent_message": message}
        for message in (AgentMessage.TAKEN_AWAY, AgentMessage.CANCELLED)
    ),
    *(
        {**_TO_AGENT, "agent_message": message, "news": news, "call_status": status}
        for message, news in (
            (AgentMessage.ASSIGNED, None),
            (AgentMessage.MOVED, News.MOVED),
            (AgentMessage.ASSIGNED, News.CHANGED),
        )
        for status in (CallStatus.SCHEDULED, CallStatus.PENDING_CONFIRMATION)
    ),
    {**_TO_AGENT, "agent_message": AgentMessage.ASSIGNED, "news": News.CONFIRMED},
)
"""What goes out by e-mail and over no other channel."""


def make_message(**changes: Any) -> Message:
    """An invitation to Ana, on a Friday morning in Bogota."""
    values: dict[str, Any] = {
        "id": "0196f2a0-0000-7000-8000-00000000000a",
        "sending_id": "0196f2a0-0000-7000-8000-00000000005e",
        "kind": ReminderKind.INVITATION,
        "channel": Channel.EMAIL,
        "recipient": "ana@guest.example",
        "language": "en",
        "zone": "America/Bogota",
        "sender_name": "Acme",
        "sender_color": "#ffcc00",
        "app_id": "app_1",
        "call_id": CALL_ID,
        "call_status": CallStatus.SCHEDULED,
        "sequence": 0,
        "guest_name": "Ana García",
        "guest_email": "ana@guest.example",
        "guest_phone_e164": "+573005550100",
        "agent_name": "Ada",
        "scheduled_at": datetime(2026, 5, 1, 15, 0, tzinfo=UTC),
        "duration_minutes": 30,
        "join_url": JOIN_URL,
        "may_be_in_calendar": True,
        "created_at": datetime(2026, 4, 20, 12, 0, tzinfo=UTC),
    }
    told = {**values, **changes}
    values["sent_at"] = told["scheduled_at"] - LEADS.get(told["kind"], timedelta(days=11))
    return Message(**{**values, **changes})


def parsed(raw: bytes) -> EmailMessage:
    """An e-mail as a mail program reads it."""
    found = message_from_bytes(raw, policy=default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def part(email: EmailMessage, kind: str) -> EmailMessage:
    """The one part of this type."""
    (found,) = [one for one in email.walk() if one.get_content_type() == kind]
    assert isinstance(found, EmailMessage)
    return found


def text_of(email: EmailMessage, kind: str = "text/plain") -> str:
    """The text of the one part of this type."""
    content = part(email, kind).get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode().replace("\r\n", "\n")
