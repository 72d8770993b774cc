"""A call as an entry in its guest's calendar: iCalendar (RFC 5545), to be sent by e-mail (RFC 6047).

One call is one event for ever: its UID is the call's id, and what comes later has a higher SEQUENCE, so a calendar
moves or removes the entry it already has.
"""

import re
from datetime import timedelta
from urllib.parse import quote

from icalendar import Calendar, Event, Parameters, vCalAddress, vText

from slotline.channels.wording import Wording
from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.reminders import ReminderKind
from slotline.domain.messages.message import Message

PRODUCT = "-//Slotline//Slotline//EN"

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_PLAIN_IN_MAILTO = "!$'*+"
"""Beside letters, digits and `-._~` (RFC 6068 §2): fields of a head would follow a `?`, and `%` begins a byte."""
_QUOTED = {**Parameters.quote_also, "CN": f"{Parameters.quote_also['CN']}\\"}
"""A name with a backslash is quoted too. Some readers take one before `;` or `:` for an escape, which parameters do not
have (RFC 5545 §3.1): a name that ends in one would swallow what follows it, and so the address."""


def method_of(message: Message) -> str | None:
    """What a calendar is asked to do (RFC 5546 §3.2): REQUEST, CANCEL what was requested before, or nothing."""
    if message.kind is ReminderKind.INVITATION:
        return "REQUEST"
    is_to_go = message.kind is ReminderKind.CANCELLATION and message.may_be_in_calendar
    return "CANCEL" if is_to_go else None


def calendar_file(message: Message, wording: Wording, method: str, organizer: str) -> bytes:
    """The event as a file. `organizer` is the address that the message comes from; the guest is who it goes to."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(_event(message, wording, organizer))
    return bytes(calendar.to_ical())


def _event(message: Message, wording: Wording, organizer: str) -> Event:
    event = Event()
    event.add("uid", f"{message.call_id}@slotline")
    event.add("sequence", message.sequence)
    event.add("dtstamp", message.created_at)
    event.add("dtstart", message.scheduled_at)
    event.add("dtend", message.scheduled_at + timedelta(minutes=message.duration_minutes))
    event.add("summary", wording.title)
    event.add("description", _description(wording))
    event.add("location", message.join_url)
    event.add("url", message.join_url)
    event.add("status", _status(message))
    event.add("transp", "OPAQUE")
    event.add("organizer", _person(organizer, wording.sender))
    event.add("attendee", _guest(message, wording))
    return event


def _status(message: Message) -> str:
    if message.kind is ReminderKind.CANCELLATION:
        return "CANCELLED"
    return "TENTATIVE" if message.call_status is CallStatus.PENDING_CONFIRMATION else "CONFIRMED"


def _description(wording: Wording) -> str:
    """Some calendars read a description as HTML. A sign that a space follows begins no tag, and reads the same."""
    facts = [f"{label}: {value}" for label, value in wording.facts]
    link = [f"{wording.join}: {wording.join_url}"] if wording.join_url else []
    return _TAG.sub("< ", "\n".join([wording.text, "", *facts, *link]))


def _person(address: str, name: str) -> vCalAddress:
    local, _, domain = address.rpartition("@")
    person = vCalAddress(f"mailto:{quote(local, safe=_PLAIN_IN_MAILTO)}@{domain}")
    person.params["CN"] = vText(name)
    person.params.quote_also = _QUOTED
    return person


def _guest(message: Message, wording: Wording) -> vCalAddress:
    """The guest has accepted by booking, and answers would reach an address that nobody reads: none is asked for."""
    guest = _person(message.recipient, wording.guest)
    guest.params["ROLE"] = vText("REQ-PARTICIPANT")
    guest.params["PARTSTAT"] = vText("ACCEPTED")
    guest.params["RSVP"] = vText("FALSE")
    return guest
