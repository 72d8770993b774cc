"""A number and its country: people write numbers as they do at home."""

import pytest

from tests.handlers.pages.conftest import EMAIL, PHONE, Guest, Office


def test_the_country_is_that_of_the_guests_zone_until_they_choose_another(guest: Guest) -> None:
    assert guest.at_form("09:00", tz="America/Bogota").form.value("country") == "CO"
    assert guest.at_form("10:00", tz="Asia/Calcutta").form.value("country") == "IN"
    assert guest.at_form("11:00", tz="UTC").form.value("country") == ""
    wrong = guest.book(guest.at_form("12:00", tz="America/Bogota"), name="", country="US")
    assert wrong.form.value("country") == "US"


@pytest.mark.parametrize(
    ("zone", "phone", "country"),
    [
        ("America/Bogota", PHONE, "CO"),
        ("America/Bogota", "+49 30 123456", "DE"),
        ("America/Toronto", "+1 202 555 0140", "CA"),
        ("America/Bogota", "+1 202 555 0140", "US"),
        ("America/Bogota", "300 555 0100", "CO"),
        ("America/Bogota", "+800 1234 5678", ""),
    ],
)
def test_a_number_of_the_link_stands_beside_its_own_country(guest: Guest, zone: str, phone: str, country: str) -> None:
    form = guest.at_form(tz=zone, phone=phone).form
    assert (form.value("phone"), form.value("country")) == (phone, country)


@pytest.mark.parametrize(
    ("typed", "country", "booked"),
    [
        ("300 555 0100", "CO", "+573005550100"),
        ("(202) 555-0140", "US", "+12025550140"),
        ("020 7946 0960", "GB", "+442079460960"),
        ("06 698 12345", "IT", "+390669812345"),
        ("8 (495) 123-45-67", "RU", "+74951234567"),
        ("00 44 20 7946 0960", "CO", "+442079460960"),
        ("\uff13\uff10\uff10 555 0100", "CO", "+573005550100"),
        ("+44 20 7946 0960", "CO", "+44 20 7946 0960"),
        ("+57 300 555 0100", "", "+57 300 555 0100"),
    ],
)
def test_a_number_is_booked_with_its_country_code_however_it_was_written(
    guest: Guest, office: Office, typed: str, country: str, booked: str
) -> None:
    done = guest.book(guest.at_form(), email="", phone=typed, country=country)
    assert done.status == 200, done.text
    assert office.call()["call"]["guest_phone"] == booked


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("300 555", "CO"),
        ("300 555 0100", ""),
        ("300 555 0100", "XX"),
        ("300 555 0100", "<b>"),
        ("300 555 0100", "x" * 5_000),
        ("300 555 0100", "\x00"),
        ("900 555 0100", "US"),
        ("911", "US"),
        ("112", "DE"),
        ("202 555 0140 ext. 5", "US"),
        ("9" * 40, "CO"),
        ("number", "CO"),
    ],
)
def test_what_is_no_number_of_the_country_is_said_to_be_none_and_stays_as_it_was_typed(
    guest: Guest, office: Office, typed: str, country: str
) -> None:
    reply = guest.book(guest.at_form(), phone=typed, country=country)
    assert (reply.status, office.calls()) == (400, [])
    assert "Enter a phone number of the chosen country, or with its country code" in reply.text
    assert reply.form.value("phone") == typed
    assert guest.book(reply, phone="").status == 200


def test_a_code_goes_to_the_number_in_full_and_the_country_outlives_the_step(guest: Guest, office: Office) -> None:
    office.set_service(verification="sms")
    asked = guest.book(guest.at_form(), phone="300 555 0100", country="CO", email=EMAIL)
    assert "six digits to +573005550100" in asked.text
    form = guest.press(asked.form, ("action", "edit"))
    assert (form.form.value("phone"), form.form.value("country")) == ("300 555 0100", "CO")
