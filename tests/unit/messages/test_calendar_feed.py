"""An agent's bookings as a calendar: what is strange breaks no line, and the same bookings are the same file."""

from datetime import UTC, datetime
from typing import Any

import pytest
from icalendar import Calendar

from slotline.channels.calendar_entries import uid_of
from slotline.channels.calendar_feed import CatalogueFeedWords
from slotline.domain.booking.agents_bookings import AgentsBookings
from slotline.domain.booking.apps import Agent, App, Preset
from slotline.domain.booking.calls import CallStatus
from tests.support.builders.bookings import a_call

AT = "https://video.example.com/my/app/calls/"
STRANGE = (
    'Ana, "Ñoño"; O\\Brien',
    "END:VEVENT\r\nBEGIN:VALARM",
    "name\u2028of\u2029lines\x85and\x0bbreaks",
    "Ада " * 60,
    "👩‍👩‍👧‍👦" * 20,
    "\u202egnp.exe",
    "مرحبا",
    "<b>bold</b>",
)


def a_feed(*names: str, language: str | None = "en", title: str | None = "Advice", **changes: Any) -> str:
    preset = Preset(preset_id="preset-1", name="Default", title=title)
    app = App(app_id="app", organization_id="org", name="Acme; Support", timezone="UTC", preset=preset)
    calls = [
        a_call(id=f"call-{number}", name=name, preset_id="preset-1", **changes) for number, name in enumerate(names)
    ]
    agent = Agent(agent_id="agent-1", name="Ada, Lead")
    read = AgentsBookings(app=app, agent=agent, presets=[preset], calls=calls)
    return CatalogueFeedWords().calendar(read, language, AT)


def test_an_entry_says_when_with_whom_for_what_and_where_to_read_on():
    at = datetime(2026, 5, 4, 15, 0, tzinfo=UTC)
    file = a_feed("Jane Doe", scheduled_at=at, calendar_sequence=3, updated_at=at)
    calendar = Calendar.from_ical(file)
    (event,) = calendar.walk("VEVENT")
    assert (event.decoded("DTSTART"), event.decoded("DTSTAMP"), event["SEQUENCE"]) == (at, at, 3)
    assert (str(event["SUMMARY"]), event["STATUS"]) == ("Video call with Jane Doe", "CONFIRMED")
    assert str(event["DESCRIPTION"]) == f"Advice\nOpen the booking: {AT}call-0"
    for name in ("NAME", "X-WR-CALNAME"):
        assert f"\r\n{name}:Acme\\; Support: Ada\\, Lead\r\n" in file
    assert "METHOD" not in calendar, "RFC 5546: what is published has an organizer"


def test_an_entry_has_the_name_that_it_has_in_mails_to_the_agent():
    (event,) = Calendar.from_ical(a_feed("Jane Doe")).walk("VEVENT")
    assert str(event["UID"]) == uid_of("call-0", "agent-1") != uid_of("call-0", "agent-2")


def test_what_has_to_be_confirmed_is_tentative():
    (event,) = Calendar.from_ical(a_feed("Jane Doe", status=CallStatus.PENDING_CONFIRMATION)).walk("VEVENT")
    assert event["STATUS"] == "TENTATIVE"


@pytest.mark.parametrize("language", ["en", "ar"])
def test_strange_names_and_titles_stay_text_and_break_no_line(language: str):
    for title in STRANGE:
        file = a_feed(*STRANGE, language=language, title=title)
        lines = file.encode().split(b"\r\n")
        assert max(len(line) for line in lines) <= 75
        assert not {b"\n"[0], b"\r"[0]} & set(b"".join(lines))
        calendar = Calendar.from_ical(file)
        assert [one.name for one in calendar.walk()] == ["VCALENDAR", *["VEVENT"] * len(STRANGE)]
        assert {str(event["URL"]) for event in calendar.walk("VEVENT")} == {
            f"{AT}call-{number}" for number in range(len(STRANGE))
        }
    names = [str(event["SUMMARY"]) for event in Calendar.from_ical(a_feed(*STRANGE)).walk("VEVENT")]
    assert names[0] == 'Video call with Ana, "Ñoño"; O\\Brien'
    assert names[3] == f"Video call with {STRANGE[3].strip()}"


def test_the_same_bookings_are_the_same_file_and_none_are_a_calendar_too():
    assert a_feed("Jane Doe") == a_feed("Jane Doe")
    assert Calendar.from_ical(a_feed()).walk("VEVENT") == []


def test_it_speaks_the_agents_language_or_else_the_apps():
    assert "SUMMARY:Videollamada con Jane Doe" in a_feed("Jane Doe", language="es")
    assert "Video call with" in a_feed("Jane Doe", language=None)
