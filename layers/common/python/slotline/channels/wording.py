"""A message in words: in its reader's language, zone, direction and way to write a time.

Every channel takes from here, so that an e-mail, a text message and an entry in a calendar say the same. What people
wrote, such as names and reasons, is one line without control characters, and otherwise as they wrote it. Programs make
links of what looks like one in running text; there, names are written so that none is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from slotline.domain.booking.apps import AgentMessage
from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.reminders import LEADS, Audience, News, ReminderKind
from slotline.domain.booking.shown_answers import shown_answer
from slotline.domain.messages.message import Message
from slotline.domain.shared.names import one_line, without_links
from slotline.words.catalogue import Catalogue, catalogue_for, fill
from slotline.words.dates import moment_of, short_of, zone_or_utc
from slotline.words.direction import isolated, isolated_number

NO_NAME = "-"
"""For a name of which nothing is left: providers refuse empty values."""

_HAIR_SPACE, _SPACE = "\u200a", " "
"""What parts a link in a name. SMS has no hair space: with one, a text message would cost two."""

_NO_LINK = frozenset({ReminderKind.CANCELLATION})
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a message says. Every text is one line, but for facts that a guest wrote in several."""

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
    reader: str
    guest: str
    sender: str
    """All names whole, for a head or a field of their own, where nothing looks for links."""
    guest_in_text: str
    sender_in_text: str
    """Both without links, for running text that isolates them."""
    moment: str


def in_words(message: Message) -> Wording:
    """The message in its reader's language."""
    words = catalogue_for(message.language)
    start = message.scheduled_at.astimezone(zone_or_utc(message.zone))
    occasion = occasion_of(message)
    names = {
        "reader": one_line(_reader(message)) or NO_NAME,
        "guest": one_line(message.guest_name) or NO_NAME,
        "sender": one_line(message.sender_name) or NO_NAME,
    }
    plain = _without_links(names, _HAIR_SPACE)
    values = {
        **_isolated(names, words.language),
        "moment": moment_of(words, start),
        "short": short_of(words, start),
        "count": str(message.duration_minutes),
        "left": _left(words, message),
    }
    values["about"] = _brief(words, occasion, "about", values)
    link = None if message.kind in _NO_LINK else message.join_url
    line = _line(words, message, link)
    in_text = {**values, **_isolated(plain, words.language)}
    sms = _brief(words, occasion, "sms", {**values, **_isolated(_without_links(names, _SPACE), words.language)})
    dispatch = fill(words.text("dispatch", "text"), in_text)
    is_agents = message.audience is Audience.AGENT
    return Wording(
        language=words.language,
        occasion=occasion,
        title=fill(words.text("agents_title" if is_agents else "title"), values),
        subject=fill(words.text(occasion, "subject"), values),
        greeting=fill(words.text("greeting"), in_text),
        text=fill(words.text(occasion, "text"), in_text),
        facts=_facts(words, message, values["moment"]),
        join=words.text("join"),
        join_url=link,
        links=_links(words, message, link),
        line=line,
        sms=f"{sms} {line}" if line else sms,
        dispatch=f"{dispatch} {link}" if link else dispatch,
        **names,
        guest_in_text=plain["guest"],
        sender_in_text=plain["sender"],
        moment=values["moment"],
    )


def occasion_of(message: Message) -> str:
    """The name of a message's words: its kind, and for an invitation what it tells first, and whether it has to be
    confirmed."""
    if message.is_withdrawal:
        return "withdrawal"
    if message.kind is not ReminderKind.INVITATION:
        return f"agent_{message.agent_message}" if message.agent_message else message.kind.value
    news = News.CHANGED if message.news is News.CONFIRMED and _is_pending(message) else message.news
    parts = ["agent", news or AgentMessage.ASSIGNED] if message.agent_message else ["invitation", news]
    return "_".join([*(part for part in parts if part), *(["pending"] if _is_pending(message) else [])])


def says_another_time_left(message: Message) -> bool:
    """Whether a reminder goes out so late, or is planned so otherwise, that what its kind is called is not true."""
    lead = LEADS.get(message.kind)
    return lead is not None and _minutes_left(message) != lead // _MINUTE


def _minutes_left(message: Message) -> int:
    """Until the start: to the minute within the last hour, and to five minutes before it. At least one."""
    minutes = max(1, round((message.scheduled_at - message.sent_at) / _MINUTE))
    return minutes if minutes <= 60 else 5 * round(minutes / 5)


def _left(words: Catalogue, message: Message) -> str:
    hours, minutes = divmod(_minutes_left(message), 60)
    if not hours:
        return words.counted("left", "minutes", count=minutes)
    if not minutes:
        return words.counted("left", "hours", count=hours)
    both = {
        "hours": words.counted("left", "hours", count=hours),
        "minutes": words.counted("left", "minutes", count=minutes),
    }
    return fill(words.text("left", "both"), both)


def _reader(message: Message) -> str:
    return (message.agent_name or "") if message.audience is Audience.AGENT else message.guest_name


def _brief(words: Catalogue, occasion: str, name: str, values: Mapping[str, str]) -> str:
    """What a channel of few words says; nothing on an occasion of which mails alone speak."""
    return fill(words.words[occasion].get(name, ""), values)


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


def _without_links(names: Mapping[str, str], gap: str) -> dict[str, str]:
    return {name: without_links(value, gap) for name, value in names.items()}


def _isolated(names: Mapping[str, str], language: str) -> dict[str, str]:
    return {name: isolated(value, language) for name, value in names.items()}


def _facts(words: Catalogue, message: Message, moment: str) -> tuple[tuple[str, str], ...]:
    always = [("when", moment), ("duration", words.counted("labels", "minutes", count=message.duration_minutes))]
    is_agents = message.audience is Audience.AGENT
    told = _facts_for_agent(message, words.language) if is_agents else _facts_for_guest(message, words.language)
    named = [(words.text("labels", label), value) for label, value in (*always, *told)]
    return tuple((label, value) for label, value in (*named, *_answers(words, message)) if value)


def _facts_for_guest(message: Message, language: str) -> tuple[tuple[str, str], ...]:
    return (
        ("with", isolated(without_links(one_line(message.agent_name or ""), _HAIR_SPACE), language)),
        ("reason", isolated(one_line(message.reason or ""), language)),
    )


def _facts_for_agent(message: Message, language: str) -> tuple[tuple[str, str], ...]:
    """Whom the call is with. Of one that is not theirs any more an agent needs the name, and nothing else."""
    facts = [("with", isolated(without_links(one_line(message.guest_name), _HAIR_SPACE), language))]
    if message.kind is ReminderKind.CANCELLATION:
        is_over = message.agent_message is AgentMessage.CANCELLED
        reason = without_links(one_line(message.reason or ""), _HAIR_SPACE) if is_over else ""
        return (*facts, ("reason", isolated(reason, language)))
    return (
        *facts,
        ("phone", isolated_number(message.guest_phone_e164 or "", language)),
        ("email", message.guest_email or ""),
        ("notes", isolated(_written(message.notes or ""), language)),
    )


def _answers(words: Catalogue, message: Message) -> tuple[tuple[str, str], ...]:
    """To an agent who has the call. What a guest chose is the organization's own text, and treated as the guest's."""
    if message.kind is ReminderKind.CANCELLATION:
        return ()
    yes_no = words.text("labels", "yes"), words.text("labels", "no")
    told = ((one_line(question), _written(shown_answer(answer, yes_no))) for question, answer in message.answers)
    return tuple((isolated(question, words.language), isolated(answer, words.language)) for question, answer in told)


def _written(text: str) -> str:
    """What a guest wrote to somebody they do not know, in its lines, and without links."""
    lines = (without_links(one_line(line), _HAIR_SPACE) for line in text.splitlines())
    return "\n".join(lines).strip()
