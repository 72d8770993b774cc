"""A message in words: whose time it tells, what it says on which occasion, and what guests may write in it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.channels.wording import NO_NAME, in_words, one_line
from slotline.domain.booking.apps import AgentMessage
from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.reminders import Audience, ReminderKind
from slotline.words.catalogue import languages
from tests.support.builders.messages import JOIN_URL, MAILED_ALONE, OCCASIONS, make_message


@pytest.mark.parametrize(
    ("language", "zone", "moment"),
    [
        ("en", "America/Bogota", "Friday, May 1, 2026, 10:00 AM (Bogota time, UTC-5)"),
        ("es-CO", "America/Bogota", "viernes, 1 de mayo de 2026, 10:00 (hora de Bogota, UTC-5)"),
        ("en", "Asia/Kathmandu", "Friday, May 1, 2026, 8:45 PM (Kathmandu time, UTC+5:45)"),
        ("en", "America/Argentina/Buenos_Aires", "Friday, May 1, 2026, 12:00 PM (Buenos Aires time, UTC-3)"),
        ("es", "Pacific/Kiritimati", "sábado, 2 de mayo de 2026, 05:00 (hora de Kiritimati, UTC+14)"),
        ("en", "America/New_York", "Friday, May 1, 2026, 11:00 AM (New York time, UTC-4)"),
        ("en", "UTC", "Friday, May 1, 2026, 3:00 PM (UTC)"),
        ("es", "Etc/GMT+12", "viernes, 1 de mayo de 2026, 03:00 (UTC-12)"),
        (
            "ar",
            "America/Bogota",
            "الجمعة، 1 مايو 2026، الساعة 10:00 ص (توقيت \u2068Bogota\u2069، \u2068UTC-5\u2069)",
        ),
        ("ar-SA", "Asia/Riyadh", "الجمعة، 1 مايو 2026، الساعة 6:00 م (توقيت \u2068Riyadh\u2069، \u2068UTC+3\u2069)"),
        ("ar", "UTC", "الجمعة، 1 مايو 2026، الساعة 3:00 م (\u2068UTC\u2069)"),
        ("en", "Mars/Olympus", "Friday, May 1, 2026, 3:00 PM (UTC)"),
        ("en", "../../etc/passwd", "Friday, May 1, 2026, 3:00 PM (UTC)"),
    ],
)
def test_the_time_is_the_readers_in_the_readers_words_and_names_its_zone(language, zone, moment):
    wording = in_words(make_message(language=language, zone=zone))
    assert wording.moment == moment
    assert moment in [value for _, value in wording.facts]


def test_midnight_is_twelve_in_the_morning_and_the_offset_is_that_days_own():
    wording = in_words(make_message(zone="America/New_York", scheduled_at=datetime(2026, 1, 10, 5, 0, tzinfo=UTC)))
    assert wording.moment == "Saturday, January 10, 2026, 12:00 AM (New York time, UTC-5)"


def test_a_text_message_tells_the_time_shortly_with_its_place():
    assert in_words(make_message()).sms == (
        f"Acme: your video call is booked for Fri May 1, 10:00 AM Bogota. Join here: {JOIN_URL}"
    )
    assert in_words(make_message(language="es", zone="UTC")).sms == (
        f"Acme: tu videollamada queda reservada para el vie 1 may, 15:00 UTC. Entra por: {JOIN_URL}"
    )


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_occasion_has_words_of_its_own(language):
    wordings = [in_words(make_message(**occasion, language=language)) for occasion in OCCASIONS]
    for said in ("occasion", "subject", "text", "sms", "dispatch"):
        assert len({getattr(wording, said) for wording in wordings}) == len(OCCASIONS)
    mailed = [in_words(make_message(**occasion, language=language)) for occasion in (*OCCASIONS, *MAILED_ALONE)]
    for said in ("occasion", "subject", "text"):
        assert len({getattr(wording, said) for wording in mailed}) == len(mailed)


def test_only_an_invitation_to_a_call_that_is_not_confirmed_says_so():
    def text(status: CallStatus, kind: ReminderKind = ReminderKind.INVITATION) -> str:
        return in_words(make_message(kind=kind, call_status=status)).text

    assert "still has to be confirmed" in text(CallStatus.PENDING_CONFIRMATION)
    assert "confirmed" not in text(CallStatus.CONFIRMED)
    assert text(CallStatus.PENDING_CONFIRMATION, ReminderKind.REMINDER_1H) == text(
        CallStatus.CONFIRMED, ReminderKind.REMINDER_1H
    )


def test_a_cancelled_call_has_a_reason_and_nothing_to_join():
    wording = in_words(make_message(kind=ReminderKind.CANCELLATION, reason="The agent\nis ill"))
    assert wording.join_url is None
    assert JOIN_URL not in wording.sms + wording.dispatch
    assert ("Reason", "The agent is ill") in wording.facts


@pytest.mark.parametrize(
    ("kind", "left", "en", "es"),
    [
        (ReminderKind.REMINDER_24H, timedelta(hours=24), "24 hours", "24 horas"),
        (ReminderKind.REMINDER_24H, timedelta(hours=23, minutes=58), "24 hours", "24 horas"),
        (
            ReminderKind.REMINDER_24H,
            timedelta(hours=23, minutes=41),
            "23 hours and 40 minutes",
            "23 horas y 40 minutos",
        ),
        (ReminderKind.REMINDER_24H, timedelta(minutes=65), "an hour and 5 minutes", "una hora y 5 minutos"),
        (ReminderKind.REMINDER_24H, timedelta(minutes=90), "an hour and 30 minutes", "una hora y 30 minutos"),
        (ReminderKind.REMINDER_1H, timedelta(minutes=60), "an hour", "una hora"),
        (ReminderKind.REMINDER_1H, timedelta(minutes=40), "40 minutes", "40 minutos"),
        (ReminderKind.REMINDER_1H, timedelta(seconds=59 * 60 + 50), "an hour", "una hora"),
        (ReminderKind.REMINDER_15M, timedelta(minutes=15), "15 minutes", "15 minutos"),
        (ReminderKind.REMINDER_15M, timedelta(minutes=1), "a minute", "un minuto"),
        (ReminderKind.REMINDER_15M, timedelta(seconds=5), "a minute", "un minuto"),
    ],
)
def test_a_reminder_says_how_long_is_left_and_not_what_its_kind_is_called(kind, left, en, es):
    for language, words in (("en", f"n {en}"), ("es", f"n {es}")):
        start = datetime(2026, 5, 1, 15, 0, tzinfo=UTC)
        wording = in_words(make_message(kind=kind, language=language, scheduled_at=start, sent_at=start - left))
        for said in (wording.subject, wording.text, wording.sms, wording.dispatch):
            assert words in said


def test_a_custom_reminder_says_only_when_the_call_is():
    late = make_message(kind=ReminderKind.REMINDER_CUSTOM, sent_at=datetime(2026, 5, 1, 14, 20, tzinfo=UTC))
    assert "40 minutes" not in in_words(late).text + in_words(late).subject


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_agent_is_told_whom_the_call_is_with_and_a_guest_is_not(language):
    common = {"notes": "bring\u2028\nthe file", "answers": (("Size", "XL"), ("Nothing", "")), "language": language}
    agents = in_words(
        make_message(**common, audience=Audience.AGENT, agent_id="agent-1", agent_message=AgentMessage.ASSIGNED)
    )
    values = [value for _, value in agents.facts]
    for fact in ("Ana García", "+573005550100", "ana@guest.example", "bring\nthe file", "XL"):
        assert any(fact in value.replace("\n\n", "\n") for value in values), (fact, values)
    assert ("Size", "XL") in agents.facts
    assert "" not in values
    assert agents.reader == "Ada"
    assert agents.title.endswith("Ana García")
    over = make_message(
        **common,
        kind=ReminderKind.CANCELLATION,
        audience=Audience.AGENT,
        agent_id="agent-1",
        agent_message=AgentMessage.TAKEN_AWAY,
    )
    assert "+573005550100" not in [value for _, value in in_words(over).facts], "it is no business of theirs any more"


@pytest.mark.parametrize(
    ("language", "minutes", "said"),
    [("en", 1, "1 minute"), ("en", 30, "30 minutes"), ("es", 1, "1 minuto"), ("es", 45, "45 minutos")],
)
def test_a_duration_is_counted_as_its_language_counts(language, minutes, said):
    assert said in [value for _, value in in_words(make_message(language=language, duration_minutes=minutes)).facts]


def test_what_is_not_known_is_not_mentioned():
    assert [label for label, _ in in_words(make_message(agent_name=None)).facts] == ["When", "Duration"]


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("Ana\r\nBcc: all@guest.example", "Ana Bcc: all@guest.example"),
        ("  Ana \t\u2028 García ", "Ana García"),
        ("a\0b\x7fc\x85d", "a b c d"),
        ("\u05e2\u05d1 \u200f\u202b\u0633\u202c", "\u05e2\u05d1 \u200f\u202b\u0633\u202c"),
        ("José\u0301 Z\u0351\u036b", "José\u0301 Z\u0351\u036b"),
        ("👩‍👩‍👧 {guest} %s ${x}", "👩‍👩‍👧 {guest} %s ${x}"),
        ("half \ud83d", "half ?"),
        ("\n\r\0", ""),
    ],
)
def test_what_people_wrote_is_one_line_and_otherwise_theirs(written, line):
    assert one_line(written) == line


def test_a_name_of_which_nothing_is_left_is_a_dash():
    assert in_words(make_message(guest_name="\r\n")).greeting == f"Hello {NO_NAME},"


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_name_breaks_a_line_or_cannot_be_encoded(guest, sender, reason):
    wording = in_words(make_message(guest_name=guest, sender_name=sender, agent_name=guest, reason=reason))
    texts = [wording.subject, wording.text, wording.sms, wording.dispatch, *(value for _, value in wording.facts)]
    for text in texts:
        assert len(text.splitlines()) == 1
        assert text.encode()
