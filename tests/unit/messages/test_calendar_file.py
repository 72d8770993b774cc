"""The entry in the guest's calendar: one event for ever, moved and removed by what comes later."""

import random
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

import pytest
from icalendar import Calendar, Event

from slotline.channels.calendar_file import calendar_file, method_of
from slotline.channels.wording import in_words
from slotline.domain.booking.apps import AgentMessage
from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.reminders import Audience, News, ReminderKind
from slotline.domain.messages.message import Message
from slotline.domain.shared.names import without_links
from tests.support.builders.messages import CALL_ID, HAIR_SPACE, JOIN_URL, SENDER, make_message


def file_of(message: Message) -> bytes:
    method = method_of(message)
    assert method is not None
    return calendar_file(message, in_words(message), method, SENDER)


def read(message: Message) -> tuple[Calendar, Event]:
    calendar = Calendar.from_ical(file_of(message))
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_an_invitation_is_an_event_at_its_time():
    message = make_message()
    calendar, event = read(message)
    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    assert event.decoded("DTSTART") == message.scheduled_at
    assert event.decoded("DTEND") == message.scheduled_at + timedelta(minutes=30)
    assert event.decoded("DTSTAMP") == message.created_at
    assert event["STATUS"] == "CONFIRMED"
    assert event["SUMMARY"] == "Video call with Acme"
    assert (event["URL"], event["LOCATION"]) == (JOIN_URL, JOIN_URL)
    assert JOIN_URL in event["DESCRIPTION"]


def test_its_times_are_written_in_utc_and_its_lines_as_the_rfc_asks():
    raw = file_of(make_message(guest_name="Ana " * 40, agent_name="Ада " * 40))
    assert b"DTSTART:20260501T150000Z\r\n" in raw
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    assert raw.decode().startswith("BEGIN:VCALENDAR")


def test_the_sender_organizes_and_the_guest_attends_and_nobody_is_asked_to_answer():
    _, event = read(make_message())
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == (f"mailto:{SENDER}", "Acme")
    assert event["ATTENDEE"] == "mailto:ana@guest.example"
    assert event["ATTENDEE"].params["CN"] == "Ana García"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"


@pytest.mark.parametrize("local", ["ana?cc=eve", "ana%41", "a&b#c", "o'brien+x", "ana/2", "{ana}|`^"])
def test_an_address_is_one_address_whatever_marks_it_has(local):
    _, event = read(make_message(recipient=f"{local}@guest.example"))
    parts = urlsplit(event["ATTENDEE"])
    assert (parts.scheme, unquote(parts.path), parts.query, parts.fragment) == (
        "mailto",
        f"{local}@guest.example",
        "",
        "",
    )


@pytest.mark.parametrize("name", ["Ana\\", "\\", 'Ana "\\', "Ana, Eva\\", "Ana\u2019s\\"])
def test_a_name_that_ends_in_a_backslash_swallows_nothing_of_what_follows(name):
    _, event = read(make_message(guest_name=name, sender_name=name))
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == (f"mailto:{SENDER}", name)
    assert (event["ATTENDEE"], event["ATTENDEE"].params["CN"]) == ("mailto:ana@guest.example", name)
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


def test_moving_and_cancelling_are_of_the_same_event_with_a_rising_sequence():
    later = datetime(2026, 5, 4, 15, 0, tzinfo=UTC)
    booked = read(make_message())
    moved = read(make_message(news=News.MOVED, sequence=1, scheduled_at=later))
    cancelled = read(make_message(kind=ReminderKind.CANCELLATION, sequence=2, scheduled_at=later))
    assert {event["UID"] for _, event in (booked, moved, cancelled)} == {f"{CALL_ID}@slotline"}
    assert [event["SEQUENCE"] for _, event in (booked, moved, cancelled)] == [0, 1, 2]
    assert [calendar["METHOD"] for calendar, _ in (booked, moved, cancelled)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert moved[1].decoded("DTSTART") == later
    assert cancelled[1]["STATUS"] == "CANCELLED"


def test_a_call_that_is_not_confirmed_is_tentative():
    _, event = read(make_message(call_status=CallStatus.PENDING_CONFIRMATION))
    assert event["STATUS"] == "TENTATIVE"
    assert event["ATTENDEE"].params["PARTSTAT"] == "TENTATIVE"


def test_a_cancelled_call_is_nowhere_any_more():
    _, event = read(make_message(kind=ReminderKind.CANCELLATION))
    assert not {"LOCATION", "URL"} & set(event)
    assert JOIN_URL not in event["DESCRIPTION"]


@pytest.mark.parametrize("agent_id", ["user_abc", "ada@acme.example", "a|b:c+d", "x" * 128])
def test_an_agents_event_has_a_name_of_its_own_which_says_nothing_of_them(agent_id):
    told = {"audience": Audience.AGENT, "agent_message": AgentMessage.ASSIGNED, "recipient": "ada@acme.example"}
    calendar, event = read(make_message(**told, agent_id=agent_id))
    uid = str(event["UID"])
    assert re.fullmatch(rf"{CALL_ID}\.[0-9a-f]{{16}}@slotline", uid)
    assert uid != str(read(make_message(**told, agent_id=f"{agent_id}2"))[1]["UID"])
    assert uid == str(read(make_message(**told, agent_id=agent_id, sequence=7))[1]["UID"])
    assert (calendar["METHOD"], event["STATUS"], event["SUMMARY"]) == (
        "REQUEST",
        "CONFIRMED",
        "Video call with Ana García",
    )
    assert (event["ATTENDEE"], event["ATTENDEE"].params["CN"]) == ("mailto:ada@acme.example", "Ada")
    assert len(event["ATTENDEE"].params) == 4
    assert "mailto:ana@guest.example" not in str(event.to_ical())


def test_whoever_was_never_invited_is_sent_nothing_to_take_out_of_a_calendar():
    assert method_of(make_message(kind=ReminderKind.CANCELLATION, may_be_in_calendar=False)) is None
    assert method_of(make_message(may_be_in_calendar=False)) == "REQUEST"


def test_only_invitations_and_cancellations_touch_a_calendar():
    touching = {kind for kind in ReminderKind if method_of(make_message(kind=kind))}
    assert touching == {ReminderKind.INVITATION, ReminderKind.CANCELLATION}


@pytest.mark.parametrize(
    "name", ['Ana "the" G; B, C: \\D', "עברית סלאם", "José\u0301", "X\r\nATTENDEE:mailto:eve@x.example"]
)
def test_a_name_comes_back_as_it_was_and_adds_no_line(name):
    _, event = read(make_message(guest_name=name, sender_name=name, agent_name=name))
    line = " ".join(name.split())
    assert event["SUMMARY"] == f"Video call with {line}"
    assert event["ATTENDEE"] == "mailto:ana@guest.example"
    assert event["ATTENDEE"].params["CN"] == line
    assert f"With: {without_links(line, HAIR_SPACE)}" in event["DESCRIPTION"]


def test_whatever_is_written_a_library_reads_it_as_it_was_meant():
    chance = random.Random(6)
    letters = "ab ;:,\"'^n\u2019<>&=\u00e9\u6f22\U0001f600"
    for _ in range(500):
        name = " ".join("".join(chance.choices(letters, k=chance.randint(1, 90))).split()) or "a"
        message = make_message(guest_name=name, sender_name=name)
        wording = in_words(message)
        raw = file_of(message)
        _, event = read(message)
        assert event["SUMMARY"] == wording.title
        assert event["ORGANIZER"].params["CN"] == wording.sender
        assert event["ATTENDEE"].params["CN"] == wording.guest
        assert event["ATTENDEE"] == "mailto:ana@guest.example"
        assert max(map(len, raw.split(b"\r\n"))) <= 75
        assert b"\n" not in raw.replace(b"\r\n", b"")
