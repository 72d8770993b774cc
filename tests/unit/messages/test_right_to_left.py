"""Messages in a language that runs right to left: which way their parts run, and what is kept apart within them."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slotline.channels.aws_whatsapp import template_message
from slotline.channels.code_words import code_in_words
from slotline.channels.genesys_dispatch import inbound_message
from slotline.channels.ses_email import compose
from slotline.channels.wording import in_words
from slotline.domain.booking.apps import AgentMessage
from slotline.domain.booking.reminders import Audience, Channel, ReminderKind
from slotline.domain.messages.code_message import CodeMessage
from slotline.domain.messages.message import Message
from slotline.domain.shared.markup import escape
from slotline.domain.shared.names import check_line
from slotline.words.catalogue import RIGHT_TO_LEFT, catalogue_for, languages
from slotline.words.direction import in_html
from tests.support.builders.messages import JOIN_URL, MAILED_ALONE, OCCASIONS, SENDER, make_message, parsed, text_of
from tests.support.names import ODD_NAMES

BY_FIRST_LETTER, LEFT_TO_RIGHT, END = "\u2068", "\u2066", "\u2069"
ISOLATES = frozenset("\u2066\u2067\u2068\u2069")
GUEST_URL = "https://video.slotline.example/b/AQAAAAGW8qAAAHAAgAAAAAAAAAAE0123456789abcdefghi-_"
TO_AGENT: dict[str, Any] = {
    "audience": Audience.AGENT,
    "agent_id": "agent-1",
    "agent_message": AgentMessage.ASSIGNED,
    "recipient": "ada@acme.example",
}


def arabic(**changes: Any) -> Message:
    return make_message(**{"language": "ar", **changes})


def mailed(message: Message, kind: str = "text/plain") -> str:
    return text_of(parsed(compose(message, message.recipient, SENDER)), kind)


def isolated(text: str) -> str:
    return f"{BY_FIRST_LETTER}{text}{END}"


def all_texts(message: Message) -> list[str]:
    """Whatever a message says, over any channel."""
    wording = in_words(message)
    of_facts = [text for fact in wording.facts for text in fact]
    return [wording.title, wording.subject, wording.greeting, wording.text, wording.sms, wording.dispatch, *of_facts]


@pytest.mark.parametrize(
    ("count", "hours", "minutes", "duration"),
    [
        (0, "0 ساعة", "0 دقيقة", "0 دقيقة"),
        (1, "ساعة", "دقيقة", "دقيقة واحدة"),
        (2, "ساعتين", "دقيقتين", "دقيقتان"),
        (3, "3 ساعات", "3 دقائق", "3 دقائق"),
        (10, "10 ساعات", "10 دقائق", "10 دقائق"),
        (11, "11 ساعة", "11 دقيقة", "11 دقيقة"),
        (99, "99 ساعة", "99 دقيقة", "99 دقيقة"),
        (100, "100 ساعة", "100 دقيقة", "100 دقيقة"),
        (101, "101 ساعة", "101 دقيقة", "101 دقيقة"),
        (102, "102 ساعة", "102 دقيقة", "102 دقيقة"),
        (103, "103 ساعات", "103 دقائق", "103 دقائق"),
        (111, "111 ساعة", "111 دقيقة", "111 دقيقة"),
    ],
)
def test_arabic_counts_in_six_ways(count, hours, minutes, duration):
    words = catalogue_for("ar")
    assert words.counted("left", "hours", count=count) == hours
    assert words.counted("left", "minutes", count=count) == minutes
    assert words.counted("labels", "minutes", count=count) == duration


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(hours=24), "24 ساعة"),
        (timedelta(hours=23, minutes=40), "23 ساعة و40 دقيقة"),
        (timedelta(hours=2, minutes=5), "ساعتين و5 دقائق"),
        (timedelta(minutes=65), "ساعة و5 دقائق"),
        (timedelta(minutes=15), "15 دقيقة"),
        (timedelta(minutes=2), "دقيقتين"),
        (timedelta(minutes=1), "دقيقة"),
    ],
)
def test_a_reminder_in_arabic_says_how_long_is_left(left, said):
    start = datetime(2026, 5, 1, 15, 0, tzinfo=UTC)
    wording = in_words(arabic(kind=ReminderKind.REMINDER_24H, scheduled_at=start, sent_at=start - left))
    for text in (wording.subject, wording.text, wording.sms, wording.dispatch):
        assert re.search(rf"بعد {said}[.:]", text)


@pytest.mark.parametrize(
    ("hour", "said"), [(0, "12:00 ص"), (9, "9:00 ص"), (12, "12:00 م"), (13, "1:00 م"), (23, "11:00 م")]
)
def test_arabic_counts_twelve_hours_in_latin_digits(hour, said):
    start = datetime(2026, 5, 1, hour, 0, tzinfo=UTC)
    wording = in_words(arabic(zone="UTC", scheduled_at=start))
    assert f"الساعة {said} (" in wording.moment
    assert f"، {said} " in wording.sms
    assert all(digit.isascii() for text in (wording.moment, wording.sms) for digit in text if digit.isdigit())


@pytest.mark.parametrize("asked", ["ar", "ar-EG", "ar_SA", "AR-Arab-MA"])
def test_every_kind_of_arabic_is_written_to_in_arabic(asked):
    email = parsed(compose(make_message(language=asked), "ana@guest.example", SENDER))
    assert email["Content-Language"] == "ar"
    assert text_of(email).startswith("مرحبًا ")
    assert '<html lang="ar" dir="rtl">' in text_of(email, "text/html")


@pytest.mark.parametrize("occasion", [*OCCASIONS, *MAILED_ALONE], ids=str)
def test_a_page_of_a_mail_says_its_direction_also_where_programs_drop_the_outermost_elements(occasion):
    page = mailed(arabic(**occasion), "text/html")
    assert '<html lang="ar" dir="rtl">' in page
    assert '<div dir="rtl" style=' in page
    assert '<table dir="rtl" style=' in page
    assert page.count("text-align:right") == page.count("<th ") > 0
    assert "text-align:left" not in page


@pytest.mark.parametrize("occasion", [*OCCASIONS, *MAILED_ALONE], ids=str)
@pytest.mark.parametrize("language", sorted(languages() - RIGHT_TO_LEFT))
def test_a_message_that_runs_left_to_right_has_neither_a_direction_nor_isolates(occasion, language):
    message = make_message(**occasion, language=language, notes="a\nb", answers=(("Size", "XL"),), guest_url=GUEST_URL)
    raw = compose(message, message.recipient, SENDER)
    said = "".join([*all_texts(message), text_of(parsed(raw)), text_of(parsed(raw), "text/html")])
    assert not ISOLATES & set(said)
    assert "dir=" not in said


@pytest.mark.parametrize("occasion", OCCASIONS, ids=str)
def test_each_text_begins_with_an_arabic_letter_because_some_programs_go_by_it(occasion):
    wording = in_words(arabic(**occasion, guest_name="42 Ana", sender_name="24/7"))
    for text in (wording.title, wording.subject, wording.greeting, wording.text, wording.sms, wording.dispatch):
        assert unicodedata.bidirectional(text[0]) == "AL"


@pytest.mark.parametrize("occasion", MAILED_ALONE, ids=str)
def test_each_mail_begins_with_an_arabic_letter_too(occasion):
    wording = in_words(arabic(**occasion))
    for text in (wording.title, wording.subject, wording.greeting, wording.text):
        assert unicodedata.bidirectional(text[0]) == "AL"


@pytest.mark.parametrize("occasion", [*OCCASIONS, *MAILED_ALONE], ids=str)
def test_a_name_is_isolated_wherever_a_text_has_it(occasion):
    names = {"guest_name": "Ana (1)", "sender_name": "24/7 Acme!", "agent_name": "Ada, 2nd"}
    said = all_texts(arabic(**occasion, **names))
    assert sum(text.count(isolated(name)) for text in said for name in names.values()) >= 4
    for text in said:
        for name in names.values():
            assert text.count(name) == text.count(isolated(name))


def test_a_place_and_its_distance_from_utc_are_isolated_so_that_they_keep_their_order():
    wording = in_words(arabic())
    assert f"(توقيت {isolated('Bogota')}، {isolated('UTC-5')})" in wording.moment
    assert f"بتوقيت {isolated('Bogota')}." in wording.sms


def test_a_phone_number_runs_left_to_right_so_that_its_plus_stays_before_it():
    message = arabic(**TO_AGENT)
    assert f"الهاتف: {LEFT_TO_RIGHT}+573005550100{END}\n" in mailed(message)
    assert '<bdi dir="ltr">+573005550100</bdi>' in mailed(message, "text/html")


def test_what_is_copied_or_made_a_link_has_no_invisible_character_beside_it():
    message = arabic(**TO_AGENT, guest_url=GUEST_URL)
    wording = in_words(message)
    for text in (mailed(message), in_words(arabic(guest_url=GUEST_URL)).sms, wording.dispatch):
        found = re.findall(r"\S*(?:https:|ana@)\S*", text)
        assert found
        assert not ISOLATES & set("".join(found))
    code = CodeMessage(
        id="1",
        app_id="app_1",
        channel=Channel.SMS,
        recipient="+573005550100",
        language="ar",
        sender_name="Acme",
        code="042719",
        minutes=10,
    )
    told = code_in_words(code)
    for text in (told.subject, told.sms):
        assert re.search(r"(?<= )042719(?=\.|$)", text)


def test_a_link_in_the_page_of_a_mail_runs_left_to_right():
    page = mailed(arabic(guest_url=GUEST_URL), "text/html")
    for url in (JOIN_URL, GUEST_URL):
        assert f'<a href="{escape(url)}" dir="ltr">{escape(url)}</a>' in page


def test_the_page_of_a_mail_has_elements_for_isolates_but_in_its_title_which_can_have_none():
    message = arabic(**TO_AGENT, notes="Bring it.\nNow!", answers=(("Size?", "XL+"),))
    page = mailed(message, "text/html")
    title, body = re.split("</title>", page)
    assert isolated("Ana García") in title
    assert not ISOLATES & set(body)
    assert "مع <bdi>Ana García</bdi>." in body
    assert ">مرحبًا <bdi>Ada</bdi>،</p>" in body
    assert "<bdi>Bring it.</bdi><br><bdi>Now!</bdi>" in body
    assert "<bdi>Size?</bdi></th>" in body
    assert "<bdi>XL+</bdi>" in body
    assert body.count("<bdi") == body.count("</bdi>")


def test_lines_that_a_guest_wrote_are_isolated_one_by_one_because_an_isolate_ends_with_its_line():
    text = mailed(arabic(**TO_AGENT, notes="Bring it.\n\nNow!", answers=(("Size?", "XL+"),)))
    assert f"ملاحظات: {isolated('Bring it.')}\n\n{isolated('Now!')}\n" in text
    assert f"{isolated('Size?')}: {isolated('XL+')}\n" in text


@pytest.mark.parametrize("to", [{}, {**TO_AGENT, "agent_message": AgentMessage.CANCELLED}], ids=["guest", "agent"])
def test_the_reason_of_a_cancellation_is_isolated_whoever_reads_it(to):
    message = arabic(**to, kind=ReminderKind.CANCELLATION, reason="The agent is ill.")
    assert f"السبب: {isolated('The agent is ill.')}\n" in mailed(message)


@pytest.mark.parametrize(
    "name",
    ["Ana", "ليلى", "\u2067\u05e9\u05dc\u05d5\u05dd\u2069 Ana", "\u202bسلمى\u202c", "A \u2068b \u2066c\u2069\u2069"],
)
def test_what_somebody_typed_stays_as_it_was_typed(name):
    message = arabic(guest_name=name, sender_name=name, agent_name=name)
    assert isolated(name) in in_words(message).subject
    page = mailed(message, "text/html")
    assert f"<p>مرحبًا <bdi>{name}</bdi>،</p>" in page
    email = parsed(compose(message, "ana@guest.example", SENDER))
    assert email["From"].addresses[0].display_name == name


def test_no_name_ends_an_isolate_of_ours():
    for name in (*ODD_NAMES, "a\u2069", "\u2068a", "\u2069\u2068", "\u202ba\u2069", "a\u202c", "\u202ea"):
        for text in all_texts(arabic(guest_name=name, sender_name=name, agent_name=name)):
            check_line(text, "text")
            shown = in_html(text, "ar")
            assert shown.count("<bdi") == shown.count("</bdi>")


def test_heads_and_fields_of_their_own_have_names_whole():
    message = arabic()
    email = parsed(compose(message, "ana@guest.example", SENDER))
    assert [one.display_name for one in (*email["From"].addresses, *email["To"].addresses)] == ["Acme", "Ana García"]
    calendar = text_of(email, "text/calendar").replace("\n ", "")
    assert 'ORGANIZER;CN="Acme":' in calendar
    assert 'ATTENDEE;CN="Ana García";' in calendar
    channel = inbound_message(message)["channel"]
    assert isinstance(channel, dict)
    assert channel["from"]["nickname"] == "Ana García"


def test_an_entry_in_a_calendar_isolates_what_a_mail_does():
    calendar = text_of(parsed(compose(arabic(), "ana@guest.example", SENDER)), "text/calendar")
    assert max(len(line.encode()) for line in calendar.split("\n")) <= 75
    unfolded = calendar.replace("\n ", "")
    assert f"SUMMARY:مكالمة فيديو مع {isolated('Acme')}\n" in unfolded
    assert f"{isolated('Bogota')}، {isolated('UTC-5')})\\n" in unfolded


def test_whatsapp_is_asked_for_the_template_in_arabic_with_isolated_names():
    template = template_message(arabic(language="ar-EG"))["template"]
    assert isinstance(template, dict)
    assert template["language"] == {"code": "ar"}
    guest, sender, moment, link = (one["text"] for one in template["components"][0]["parameters"])
    assert (guest, sender, link) == (isolated("Ana García"), isolated("Acme"), JOIN_URL)
    assert moment.startswith("الجمعة، 1 مايو 2026")
