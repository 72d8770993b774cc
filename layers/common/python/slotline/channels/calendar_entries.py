"""iCalendar (RFC 5545) as it is written: entries, and the file that holds them. All times are in UTC.

It is written by hand: importing a library that also reads calendars took a fifth of the time until a process had
sent its first message. The tests read the files by that library.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

PRODUCT = "-//Slotline//Slotline//EN"

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
"""Some calendars read a description as HTML. A sign that a space follows begins no tag, and reads the same."""
_IN_TEXT = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
"""RFC 5545 §3.3.11."""
_LONGEST_LINE = 75
"""Octets (RFC 5545 §3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event. `changed_at`: of what it says; `url`: where it is, if there is somewhere to go."""

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    minutes: int
    title: str
    description: str
    url: str | None
    status: str


def entry_lines(entry: Entry, people: Iterable[str] = ()) -> Iterable[str]:
    """The event. `people`: lines that say who takes part."""
    place = (f"LOCATION:{text_value(entry.url)}", f"URL:{entry.url}") if entry.url else ()
    return (
        "BEGIN:VEVENT",
        f"UID:{text_value(entry.uid)}",
        f"SEQUENCE:{entry.sequence}",
        f"DTSTAMP:{_instant(entry.changed_at)}",
        f"DTSTART:{_instant(entry.starts_at)}",
        f"DTEND:{_instant(entry.starts_at + timedelta(minutes=entry.minutes))}",
        f"SUMMARY:{text_value(entry.title)}",
        f"DESCRIPTION:{text_value(_TAG.sub('< ', entry.description))}",
        *place,
        f"STATUS:{entry.status}",
        "TRANSP:OPAQUE",
        *people,
        "END:VEVENT",
    )


def file_of(head: Iterable[str], entries: Iterable[Iterable[str]]) -> bytes:
    """The file. `head`: its own properties, beside those that every file has."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        *head,
        *(line for entry in entries for line in entry),
        "END:VCALENDAR",
    )
    return b"".join(map(_folded, lines))


def uid_of(call_id: str, agent_id: str | None) -> str:
    """The event's name in every calendar: the guest's, or an agent's, whose id may be an address and so is hashed."""
    of_agent = f".{sha256(agent_id.encode()).hexdigest()[:16]}" if agent_id else ""
    return f"{call_id}{of_agent}@slotline"


def text_value(text: str) -> str:
    """A text as a property's value."""
    return "\n".join(text.splitlines()).translate(_IN_TEXT)


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


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
