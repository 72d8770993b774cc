"""A message in words: in its reader's language, zone and way to write a time.

Every channel takes from here, so that an e-mail, a text message and an entry in a calendar say the same. What people
wrote, such as names and reasons, is one line without control characters, and otherwise as they wrote it. Programs make
links of what looks like one in running text; there, names are written so that none is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slotline.channels.catalogue import Catalogue, catalogue_for, fill
from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.reminders import ReminderKind
from slotline.domain.messages.message import Message
from slotline.domain.shared.names import one_line, without_links
from slotline.domain.shared.zone_places import place_of

NO_NAME = "-"
"""For a name of which nothing is left: providers refuse empty values."""

_HAIR_SPACE, _SPACE = "\u200a", " "
"""What parts a link in a name. SMS has no hair space: with one, a text message would cost two."""

_NO_LINK = frozenset({ReminderKind.CANCELLATION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a message says. Every text is one line."""

    language: str
    """Of the words; not always the one that was asked for."""
    occasion: str
    title: str
    """What the call itself is called, in a calendar say."""
    subject: str
    greeting: str
    text: str
    facts: tuple[tuple[str, str], ...]
    """Label and value, in the order to show them."""
    join: str
    join_url: str | None
    """None where there is nothing to join any more."""
    links: tuple[tuple[str, str], ...]
    """Labels and addresses, first the one that the reader needs most."""
    line: str
    """The links again, where there is only room for running text."""
    sms: str
    dispatch: str
    guest: str
    sender: str
    """Both names whole, for a head or a field of their own, where nothing looks for links."""
    guest_in_text: str
    sender_in_text: str
    """Both as they are written in running text."""
    moment: str


def in_words(message: Message) -> Wording:
    """The message in its reader's language."""
    words = catalogue_for(message.language)
    start = message.scheduled_at.astimezone(_zone(message.zone))
    occasion = occasion_of(message)
    values = {
        "guest": one_line(message.guest_name) or NO_NAME,
        "sender": one_line(message.sender_name) or NO_NAME,
        "moment": _moment(words, start),
        "short": _short(words, start),
        "count": str(message.duration_minutes),
        "about": words.text(occasion, "about"),
    }
    link = None if message.kind in _NO_LINK else message.join_url
    line = _line(words, message, link)
    in_text = _without_links(values, _HAIR_SPACE)
    sms = fill(words.text(occasion, "sms"), _without_links(values, _SPACE))
    dispatch = fill(words.text("dispatch", "text"), in_text)
    return Wording(
        language=words.language,
        occasion=occasion,
        title=fill(words.text("title"), values),
        subject=fill(words.text(occasion, "subject"), values),
        greeting=fill(words.text("greeting"), in_text),
        text=fill(words.text(occasion, "text"), in_text),
        facts=_facts(words, message, values),
        join=words.text("join"),
        join_url=link,
        links=_links(words, message, link),
        line=line,
        sms=f"{sms} {line}" if line else sms,
        dispatch=f"{dispatch} {link}" if link else dispatch,
        guest=values["guest"],
        sender=values["sender"],
        guest_in_text=in_text["guest"],
        sender_in_text=in_text["sender"],
        moment=values["moment"],
    )


def occasion_of(message: Message) -> str:
    """The name of a message's words: its kind, and for an invitation whether it was moved or has to be confirmed."""
    if message.kind is not ReminderKind.INVITATION:
        return message.kind.value
    moved = "_moved" if message.moved else ""
    pending = "_pending" if _is_pending(message) else ""
    return f"{message.kind.value}{moved}{pending}"


def _links(words: Catalogue, message: Message, join_url: str | None) -> tuple[tuple[str, str], ...]:
    """Where the reader may go. A call that has to be confirmed is confirmed first."""
    join = [(words.text("join"), join_url)] if join_url else []
    if not message.guest_url:
        return tuple(join)
    if _is_pending(message):
        return ((words.text("confirm"), message.guest_url), *join)
    return (*join, (words.text("booking"), message.guest_url))


def _line(words: Catalogue, message: Message, join_url: str | None) -> str:
    """The same in a few words. Who has to confirm is led there alone: from there, they come to the call too."""
    if not message.guest_url:
        return join_url or ""
    if _is_pending(message):
        return message.guest_url
    return " ".join(filter(None, (join_url, words.text("booking_sms"), message.guest_url)))


def _is_pending(message: Message) -> bool:
    return message.call_status is CallStatus.PENDING_CONFIRMATION


def _without_links(values: Mapping[str, str], gap: str) -> dict[str, str]:
    return {**values, **{name: without_links(values[name], gap) for name in ("guest", "sender")}}


def _facts(words: Catalogue, message: Message, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    facts = [
        ("when", values["moment"]),
        ("duration", fill(words.text("labels", "minutes"), values)),
        ("with", without_links(one_line(message.agent_name or ""), _HAIR_SPACE)),
        ("reason", one_line(message.reason or "")),
    ]
    return tuple((words.text("labels", label), value) for label, value in facts if value)


def _moment(words: Catalogue, start: datetime) -> str:
    dates = words.words["dates"]
    offset, place = _offset(start), _place(start)
    return fill(
        dates["moment"],
        {
            "weekday": dates["weekdays"][start.weekday()],
            "month": dates["months"][start.month - 1],
            "day": str(start.day),
            "year": str(start.year),
            "time": _time(words, start),
            "zone": fill(dates["zone"], {"place": place, "offset": offset}) if place else offset,
        },
    )


def _short(words: Catalogue, start: datetime) -> str:
    dates = words.words["dates"]
    return fill(
        dates["short"],
        {
            "weekday": dates["weekdays_short"][start.weekday()],
            "month": dates["months_short"][start.month - 1],
            "day": str(start.day),
            "time": _time(words, start),
            "place": _place(start) or _offset(start),
        },
    )


def _time(words: Catalogue, start: datetime) -> str:
    dates = words.words["dates"]
    if dates["hours"] == 24:
        return f"{start:%H:%M}"
    return f"{start.hour % 12 or 12}:{start:%M} {dates['am'] if start.hour < 12 else dates['pm']}"


def _zone(name: str) -> ZoneInfo:
    """The reader's zone; UTC, which the message then names, if the rules have no such zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _place(start: datetime) -> str | None:
    return place_of(str(start.tzinfo))


def _offset(start: datetime) -> str:
    """`UTC`, `UTC-5`, `UTC+5:45`."""
    local, utc = start.replace(tzinfo=None), start.astimezone(UTC).replace(tzinfo=None)
    minutes = round((local - utc).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}" if minutes else "UTC"
