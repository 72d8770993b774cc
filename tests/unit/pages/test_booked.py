"""What a guest reads of a call: its time by their clocks, and by the organization's where those differ."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from slotline.domain.booking.calls import BookingSource
from slotline.domain.booking.guest_rights import GuestsLook
from slotline.pages.booked import Booked, Clock
from tests.support.builders.bookings import a_call, an_app

START = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)


def booked(
    zone: str = "America/Bogota", language: str = "en", preset: dict[str, Any] | None = None, **call: Any
) -> Booked:
    app = an_app(**{"branding_name": "Acme Care", **(preset or {})})
    made = replace(a_call(), **{"scheduled_at": START, "duration_minutes": 30, "app_timezone": "UTC", **call})
    return Booked.of(GuestsLook(app=app, call=made, agent_name="Ada Park"), ZoneInfo(zone), language)


def test_the_time_is_shown_by_the_readers_clocks_and_by_the_organizations():
    found = booked()
    assert found.clock == Clock(
        day="Thursday, December 3, 2026", begin="10:00 AM", end="10:30 AM", zone="Bogota time, UTC-5"
    )
    assert found.elsewhere == Clock(day="Thursday, December 3, 2026", begin="3:00 PM", end="3:30 PM", zone="UTC")


def test_clocks_that_show_the_same_that_day_are_not_shown_twice():
    assert booked(zone="Europe/London").elsewhere is None
    summer = booked(zone="Europe/London", scheduled_at=datetime(2026, 7, 2, 15, 0, tzinfo=UTC))
    assert summer.elsewhere is not None


def test_the_day_of_each_zone_is_its_own():
    found = booked(zone="Asia/Tokyo")
    assert found.clock.day == "Friday, December 4, 2026"
    assert found.elsewhere is not None
    assert found.elsewhere.day == "Thursday, December 3, 2026"


def test_the_title_is_the_services_in_the_readers_language():
    title = {"en": "Advice", "es": "Asesoría"}
    assert booked(language="es", preset={"title": title}).title == "Asesoría"
    assert booked(language="ar", preset={"title": title}).title == "Advice"


def test_a_service_without_a_title_is_called_by_its_name_only_for_guests_who_chose_it_by_that():
    assert booked().title == "Video call with Acme Care"
    assert booked(booking_source=BookingSource.PUBLIC_BOOKING).title == "Default"


def test_a_call_over_midnight_ends_by_the_next_days_clock():
    found = booked(scheduled_at=datetime(2026, 12, 4, 4, 45, tzinfo=UTC))
    assert (found.clock.begin, found.clock.end) == ("11:45 PM", "12:15 AM")


def test_its_span_is_an_interval_that_programs_read():
    assert booked().span == "2026-12-03T15:00:00.000Z/2026-12-03T15:30:00.000Z"
