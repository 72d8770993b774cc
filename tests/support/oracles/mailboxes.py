"""Calendars as mail programs keep them: what they make of the files that come with mails (RFC 5546 §2.1.5, §3.2).

An oracle. It reads a mail with libraries that are not ours, and knows nothing of why it was sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from icalendar import Calendar

from slotline.channels.ses_email import compose
from slotline.domain.messages.message import Message
from tests.support.builders.messages import SENDER, parsed, part


@dataclass(frozen=True)
class Entry:
    """What one file asks of a calendar."""

    mailbox: str
    method: str
    uid: str
    sequence: int
    stamp: datetime
    status: str
    start: datetime
    length: timedelta
    participation: str
    text: str


def mail_of(message: Message) -> EmailMessage:
    """The mail as it arrives."""
    return parsed(compose(message, message.recipient, SENDER))


def entry_of(message: Message) -> Entry | None:
    """What its calendar file asks for, after the mail itself: None if it has no file."""
    mail = mail_of(message)
    if not any(one.get_content_type() == "text/calendar" for one in mail.walk()):
        return None
    file = part(mail, "text/calendar")
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)
    calendar = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    assert file["Content-Type"].params["method"] == calendar["METHOD"], "RFC 6047 §2.4"
    assert event["ORGANIZER"] == f"mailto:{SENDER}"
    assert event["ATTENDEE"] == f"mailto:{message.recipient}"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    return Entry(
        mailbox=message.recipient,
        method=str(calendar["METHOD"]),
        uid=str(event["UID"]),
        sequence=int(event["SEQUENCE"]),
        stamp=event.decoded("DTSTAMP"),
        status=str(event["STATUS"]),
        start=event.decoded("DTSTART"),
        length=event.decoded("DTEND") - event.decoded("DTSTART"),
        participation=str(event["ATTENDEE"].params["PARTSTAT"]),
        text=str(event["DESCRIPTION"]),
    )


@dataclass
class CalendarOfPeople:
    """One calendar, which one person has, or several share."""

    latest: dict[str, Entry] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Newer ones, by SEQUENCE and then by DTSTAMP, replace what is there; older ones are ignored."""
        there = self.latest.get(entry.uid)
        if there is None or (entry.sequence, entry.stamp) >= (there.sequence, there.stamp):
            self.latest[entry.uid] = entry

    @property
    def entries(self) -> dict[str, Entry]:
        """What stands in it."""
        return {uid: entry for uid, entry in self.latest.items() if entry.method == "REQUEST"}


def calendars(messages: Iterable[Message], *, shared: bool = False) -> dict[Any, CalendarOfPeople]:
    """The calendar of each mailbox, or the one that all of them share, after these mails in this order."""
    found: dict[Any, CalendarOfPeople] = {}
    for message in messages:
        entry = entry_of(message)
        if entry is not None:
            found.setdefault(None if shared else entry.mailbox, CalendarOfPeople()).take(entry)
    return found
