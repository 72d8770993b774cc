"""A call as an entry in the calendar of its guest or its agent: iCalendar (RFC 5545), to be sent by e-mail (RFC 6047).

One call is one event for ever: its UID is the call's id, and what comes later has a higher SEQUENCE, so a calendar
moves or removes the entry it already has. An agent's entry is an event of its own. People share calendars: if both were
one event, the cancellation to an agent who gave the call away would take it out of the calendar of the guest, or of
the colleague who has it now, and each one's mail would put its own words over the other's.
"""

from collections.abc import Iterable
from urllib.parse import quote

from slotline.channels.calendar_entries import Entry, entry_lines, file_of, uid_of
from slotline.channels.wording import Wording
from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.reminders import ReminderKind
from slotline.domain.messages.message import Message

_PLAIN_IN_MAILTO = "!$'*+"
"""Beside letters, digits and `-._~` (RFC 6068 §2): fields of a head would follow a `?`, and `%` begins a byte."""
_IN_PARAMETER = str.maketrans({"^": "^^", '"': "^'"})
"""RFC 6868 §3.1."""


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
    entry = Entry(
        uid=uid_of(message.call_id, message.agent_id),
        sequence=message.sequence,
        changed_at=message.created_at,
        starts_at=message.scheduled_at,
        minutes=message.duration_minutes,
        title=wording.title,
        description=_description(wording),
        url=wording.join_url,
        status=_status(message),
    )
    return file_of(method, [entry_lines(entry, people)])


def _participation(message: Message) -> str:
    return "TENTATIVE" if _status(message) == "TENTATIVE" else "ACCEPTED"


def _status(message: Message) -> str:
    """RFC 5546 §3.2.5 has no STATUS in a CANCEL that takes one of several people out. Each event here has one only."""
    if message.kind is ReminderKind.CANCELLATION:
        return "CANCELLED"
    return "TENTATIVE" if message.call_status is CallStatus.PENDING_CONFIRMATION else "CONFIRMED"


def _description(wording: Wording) -> str:
    facts = [f"{label}: {value}" for label, value in wording.facts]
    links = [f"{label}: {url}" for label, url in wording.links]
    return "\n".join([wording.text, "", *facts, *links])


def _mailto(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"mailto:{quote(local, safe=_PLAIN_IN_MAILTO)}@{domain}"


def _quoted(name: str) -> str:
    """A name as a parameter. Whatever is in it, in quotes it swallows nothing of what follows it."""
    return f'"{" ".join(name.splitlines()).translate(_IN_PARAMETER)}"'
