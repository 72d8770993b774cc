"""What an operator types, read and checked. Each raises ToolError with what would be right."""

import re
import uuid
from collections.abc import Iterable
from datetime import datetime

from slotline.domain.access.identity import scope_text
from slotline.domain.access.scopes import Scope
from slotline.domain.booking.apps import CustomerLimit, Period
from slotline.domain.booking.reminders import Channel, ReminderKind
from slotline.domain.shared.emails import to_mailbox
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.instants import parse_instant
from slotline.domain.shared.names import check_name
from slotline.domain.shared.working_hours import Window
from slotline.domain_names import to_ascii
from tools.errors import ToolError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1024


def uuid_of(text: str, option: str) -> str:
    """An id that was made here."""
    try:
        return str(uuid.UUID(text))
    except ValueError as wrong:
        raise ToolError(f"{option} must be a UUID") from wrong


def instant_of(text: str, option: str) -> datetime:
    """An instant."""
    try:
        return parse_instant(text)
    except ValueError as wrong:
        raise ToolError(f"{option} {wrong}") from wrong


def id_of(text: str, option: str) -> str:
    """The id of an agent or a preset, which need not be made here: any string that fits a URL and a key."""
    if not re.fullmatch(r"[A-Za-z0-9_.:@|+-]{1,128}", text, re.ASCII):
        raise ToolError(f"{option} must be 1 to 128 letters, digits, or any of _ . : @ | + -")
    return text


def name_of(text: str, option: str = "--name") -> str:
    """A name of something, by the rule of every name, and not endless."""
    name = text.strip()
    if not 1 <= len(name) <= 200:
        raise ToolError(f"{option} must have 1 to 200 characters")
    try:
        check_name(name, option)
    except InvalidRequest as refused:
        raise ToolError(f"{option} {refused.details[0].message}") from refused
    return name


def email_of(text: str, option: str = "--email") -> str:
    """An e-mail address, by the rule of the API."""
    try:
        return to_mailbox(text.strip(), to_ascii)
    except InvalidRequest as error:
        raise ToolError(f"{option} {error.details[0].message}") from error


def scopes_of(text: str) -> frozenset[Scope]:
    """At least one scope, separated by spaces or commas."""
    words = text.replace(",", " ").split()
    unknown = [word for word in words if word not in set(Scope)]
    if unknown or not words:
        raise ToolError(f"--scopes must be among: {scope_text(Scope)}")
    return frozenset(Scope(word) for word in words)


def hours_of(lines: Iterable[str]) -> tuple[Window, ...]:
    """Working hours such as `mon-fri 09:00-12:00,13:00-17:00 Europe/Madrid`, one line a zone and set of days."""
    return tuple(window for line in lines for window in _windows(line))


def limit_of(text: str) -> CustomerLimit:
    """A customer limit such as `3/day`."""
    found = re.fullmatch(r"([1-9]\d{0,5})/(\w+)", text, re.ASCII)
    if not found or found[2] not in set(Period):
        raise ToolError("--customer-limit must be a number and hour, day, week or month, such as 3/day")
    return CustomerLimit(max_bookings=int(found[1]), per=Period(found[2]))


def reminder_of(text: str) -> tuple[str, list[str]]:
    """A reminder's kind and its channels, such as `reminder_24h=whatsapp,email`."""
    kind, _, listed = text.partition("=")
    channels = listed.split(",")
    if kind not in set(ReminderKind) or not set(channels) <= set(Channel):
        kinds, ways = ", ".join(ReminderKind), ", ".join(Channel)
        raise ToolError(f"--reminder must be kind=channel,channel: kinds {kinds}; channels {ways}")
    return kind, channels


def origin_of(text: str) -> str:
    """An origin that may embed the booking page (RFC 6454): scheme and host, no path."""
    if not re.fullmatch(r"https://[a-z0-9.-]+(:\d+)?|http://(localhost|127\.0\.0\.1)(:\d+)?", text, re.ASCII):
        raise ToolError("--embed-origin must be an origin such as https://www.example.com")
    return text


def color_of(text: str) -> str:
    """A color as CSS writes it."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text, re.ASCII):
        raise ToolError("--branding-color must be such as #1a73e8")
    return text


def number_of(text: str, option: str, lowest: int, highest: int) -> int:
    """A whole number in its bounds."""
    if not re.fullmatch(r"\d{1,12}", text, re.ASCII) or not lowest <= int(text) <= highest:
        raise ToolError(f"{option} must be a whole number from {lowest} to {highest}")
    return int(text)


def password_of(text: str) -> str:
    """A password worth hashing (NIST SP 800-63B: length counts, composition does not)."""
    if not SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD:
        raise ToolError(f"the password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    return text


def _windows(line: str) -> Iterable[Window]:
    parts = line.split()
    if len(parts) != 3:
        raise _not_hours()
    days, times, zone = parts
    for weekday in _weekdays(days.lower()):
        for window in times.split(","):
            start, dash, end = window.partition("-")
            if not dash:
                raise _not_hours()
            yield Window(weekday=weekday, start=start, end=end, zone=zone)


def _weekdays(text: str) -> list[int]:
    days: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise _not_hours()
        start, end = DAYS.index(first), DAYS.index(last or first)
        days += [day % 7 for day in range(start, end + (7 if end < start else 0) + 1)]
    return sorted(set(days))


def _not_hours() -> ToolError:
    return ToolError('--hours must be days, times and zone, such as "mon-fri 09:00-12:00,13:00-17:00 Europe/Madrid"')
