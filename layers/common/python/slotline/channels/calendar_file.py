"""A call as an entry in the calendar of its guest or its agent: iCalendar (RFC 5545), to be sent by e-mail (RFC 6047).

One call is one event for ever: its UID is the call's id, and what comes later has a higher SEQUENCE, so a calendar
moves or removes the entry it already has. An agent's entry is an event of its own. People share calendars: if both were
one event, the cancellation to an agent who gave the call away would take it out of the calendar of the guest, or of
the colleague who has it now, and each one's mail would put its own words over the other's.

The file is written by hand: importing a library that also reads calendars took a fifth of the time until a process had
sent its first message. The tests read the file by that library.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import quote

from slotline.channels.wording import Wording
from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.reminders import ReminderKind
from slotline.domain.messages.message import Message

PRODUCT = "-//Slotline//Slotline//EN"

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_PLAIN_IN_MAILTO = "!$'*+"
"""Beside letters, digits and `-._~` (RFC 6068 §2): fields of a head would follow a `?`, and `%` begins a byte."""
_IN_TEXT = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
"""RFC 5545 §3.3.11."""
_IN_PARAMETER = str.maketrans({"^": "^^", '"': "^'"})
"""RFC 6868 §3.1."""
_LONGEST_LINE = 75
"""Octets (RFC 5545 §3.1)."""


def method_of(message: Message) -> str | None:
    """What a calendar is asked to do (RFC 5546 §3.2): REQUEST, CANCEL what was requested before, or nothing."""
    if message.kind is ReminderKind.INVITATION:
        return "REQUEST"
    is_to_go = message.kind is ReminderKind.CANCELLATION and message.may_be_in_calendar
    return "CANCEL" if is_to_go else None


def calendar_file(message: Message, wording: Wording, method: str, organizer: str) -> bytes:
    """The event as a file. `organizer` is the address that the message comes from; who it goes to attends."""
    # Who booked, or takes the call, has accepted; what has to be confirmed first, tentatively. Answers would reach an
    # address that nobody reads, so none is asked for.
    role = f"ROLE=REQ-PARTICIPANT;PARTSTAT={_participation(message)};RSVP=FALSE"
    attendee = f"ATTENDEE;CN={_quoted(wording.reader)};{role}:{_mailto(message.recipient)}"
    return _file(message, wording, (f"METHOD:{method}",), (_organizer(wording, organizer), attendee))


def published_file(message: Message, wording: Wording, organizer: str) -> bytes:
    """The event as a file that somebody takes home, and is asked nothing: so nobody attends (RFC 5546 §3.2.1).

    Without an organizer, where no mail is sent, it is no publication but what a calendar may be handed (RFC 5545 §3.6).
    """
    if not organizer:
        return _file(message, wording, (), ())
    return _file(message, wording, ("METHOD:PUBLISH",), (_organizer(wording, organizer),))


def _organizer(wording: Wording, organizer: str) -> str:
    return f"ORGANIZER;CN={_quoted(wording.sender)}:{_mailto(organizer)}"


def _file(message: Message, wording: Wording, method: Iterable[str], people: Iterable[str]) -> bytes:
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        *method,
        *_event(message, wording, people),
        "END:VCALENDAR",
    )
    return b"".join(map(_folded, lines))


def _event(message: Message, wording: Wording, people: Iterable[str]) -> Iterable[str]:
    ends_at = message.scheduled_at + timedelta(minutes=message.duration_minutes)
    return (
        "BEGIN:VEVENT",
        f"UID:{_text(uid_of(message))}",
        f"SEQUENCE:{message.sequence}",
        f"DTSTAMP:{_instant(message.created_at)}",
        f"DTSTART:{_instant(message.scheduled_at)}",
        f"DTEND:{_instant(ends_at)}",
        f"SUMMARY:{_text(wording.title)}",
        f"DESCRIPTION:{_text(_description(wording))}",
        *_place(wording),
        f"STATUS:{_status(message)}",
        "TRANSP:OPAQUE",
        *people,
        "END:VEVENT",
    )


def uid_of(message: Message) -> str:
    """The event's name in every calendar. An agent's id may be an address, so it is hashed."""
    of_agent = f".{sha256(message.agent_id.encode()).hexdigest()[:16]}" if message.agent_id else ""
    return f"{message.call_id}{of_agent}@slotline"


def _place(wording: Wording) -> Iterable[str]:
    """Where it is, while there is somewhere to go."""
    return (f"LOCATION:{_text(wording.join_url)}", f"URL:{wording.join_url}") if wording.join_url else ()


def _participation(message: Message) -> str:
    return "TENTATIVE" if _status(message) == "TENTATIVE" else "ACCEPTED"


def _status(message: Message) -> str:
    """RFC 5546 §3.2.5 has no STATUS in a CANCEL that takes one of several people out. Each event here has one only."""
    if message.kind is ReminderKind.CANCELLATION:
        return "CANCELLED"
    return "TENTATIVE" if message.call_status is CallStatus.PENDING_CONFIRMATION else "CONFIRMED"


def _description(wording: Wording) -> str:
    """Some calendars read a description as HTML. A sign that a space follows begins no tag, and reads the same."""
    facts = [f"{label}: {value}" for label, value in wording.facts]
    links = [f"{label}: {url}" for label, url in wording.links]
    return _TAG.sub("< ", "\n".join([wording.text, "", *facts, *links]))


def _mailto(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"mailto:{quote(local, safe=_PLAIN_IN_MAILTO)}@{domain}"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    return "\n".join(value.splitlines()).translate(_IN_TEXT)


def _quoted(name: str) -> str:
    """A name as a parameter. Whatever is in it, in quotes it swallows nothing of what follows it."""
    return f'"{" ".join(name.splitlines()).translate(_IN_PARAMETER)}"'


def _folded(line: str) -> bytes:
    """Broken into lines, none of them within a character; a further one begins with a space, which counts."""
    left, pieces, most = line.encode(), [], _LONGEST_LINE
    while len(left) > most:
        end = most
        while left[end] & 0xC0 == 0x80:  # the rest of a character of several bytes
            end -= 1
        pieces.append(left[:end])
        left, most = left[end:], _LONGEST_LINE - 1
    return b"\r\n ".join([*pieces, left]) + b"\r\n"
