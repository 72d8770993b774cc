"""Codes that prove addresses: what they follow from, and how many there may be."""

from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.booking.apps import Preset, Verification
from slotline.domain.booking.calls import BookingSource, Guest
from slotline.domain.booking.customer_limits import CustomerHistory
from slotline.domain.booking.guest_links import LinkKey, LinkKeys
from slotline.domain.booking.sent_codes import (
    MOST_IN_APP,
    MOST_OF_VISITOR,
    MOST_TO_CONTACT,
    MOST_TRIES,
    WINDOW,
    check_asks_for_code,
    code_needed,
    contact_to_prove,
    count_code,
    needs_code,
    no_such_code,
    windows_of,
)
from slotline.domain.shared.errors import CodeLimitReached, InvalidRequest
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import OTHER_APP_ID, a_code

KEYS = LinkKeys((LinkKey(id=2, secret="n" * 40), LinkKey(id=1, secret="o" * 40)))


def test_a_code_is_six_digits_that_follow_from_all_that_it_is_bound_to() -> None:
    code = a_code().code(KEYS)
    assert code is not None
    assert (len(code), code.isdigit()) == (6, True)
    assert a_code().code(KEYS) == code
    others = [
        a_code(id="01960000-0000-7000-8000-000000000002"),
        a_code(app_id=OTHER_APP_ID),
        a_code(recipient="joe@example.com"),
        a_code(key_id=2),
    ]
    assert code not in [other.code(KEYS) for other in others]


def test_a_code_outlives_the_rotation_of_its_key_and_not_its_replacement() -> None:
    sent = a_code(key_id=2)
    rotated = KEYS.rotated("r" * 40, NOW)
    assert sent.code(rotated) == sent.code(KEYS)
    assert sent.code(KEYS.replaced("r" * 40)) is None
    assert not sent.is_proven_by("??????", KEYS.replaced("r" * 40))


def test_codes_are_spread_over_all_digits() -> None:
    codes = [a_code(id=str(number)).code(KEYS) or "" for number in range(2000)]
    assert len(set(codes)) > 1990
    assert {digit for digit, _ in Counter("".join(codes)).items()} == set("0123456789")


def test_only_the_code_proves_it() -> None:
    sent = a_code()
    code = sent.code(KEYS)
    assert code
    assert sent.is_proven_by(code, KEYS)
    for wrong in (f"{(int(code) + 1) % 10**6:06}", "", code + "0", " " + code, "\uff11\uff12\uff13\uff14\uff15\uff16"):
        assert not sent.is_proven_by(wrong, KEYS)


def test_a_code_is_good_for_ten_minutes_and_five_tries() -> None:
    assert a_code().expires_at == NOW + timedelta(minutes=10)
    assert (MOST_TRIES, a_code().tries) == (5, 0)
    assert "tried 5 times or sent 10 minutes ago" in no_such_code().message


def test_an_hour_has_ten_codes_of_a_visitor_five_to_a_contact_and_five_hundred_in_an_app() -> None:
    bounds = (MOST_OF_VISITOR, MOST_TO_CONTACT, MOST_IN_APP, WINDOW)
    assert bounds == (10, 5, 500, timedelta(hours=1))


@pytest.mark.parametrize(
    ("verification", "proven", "field"),
    [(Verification.EMAIL, "jane@example.com", "guestEmail"), (Verification.SMS, "+573005550100", "guestPhone")],
)
def test_the_contact_that_the_preset_names_is_proven_and_has_to_be_given(
    verification: Verification, proven: str, field: str
) -> None:
    guest = Guest(name="Jane", email="jane@example.com", phone="300 555 0100", phone_e164="+573005550100")
    assert contact_to_prove(guest, verification) == proven
    without = replace(guest, email=None) if verification is Verification.EMAIL else replace(guest, phone_e164=None)
    with pytest.raises(InvalidRequest) as refused:
        contact_to_prove(without, verification)
    assert [(detail.field, detail.code) for detail in refused.value.details] == [(field, "required")]


@pytest.mark.parametrize("source", BookingSource)
@pytest.mark.parametrize("verification", Verification)
def test_only_guests_who_book_for_themselves_bring_a_code_and_only_if_the_preset_asks_for_one(
    source: BookingSource, verification: Verification
) -> None:
    preset = Preset(preset_id="preset-1", name="Default", verification=verification)
    asks = verification is not Verification.NONE
    assert needs_code(source, preset) is (asks and source is BookingSource.PUBLIC_BOOKING)
    with nullcontext() if asks else pytest.raises(InvalidRequest, match="need no code"):
        check_asks_for_code(preset)


@pytest.mark.parametrize(("verification", "how"), [(Verification.EMAIL, "e-mail"), (Verification.SMS, "SMS")])
def test_who_brings_no_code_is_told_how_one_comes(verification: Verification, how: str) -> None:
    said = code_needed(Preset(preset_id="preset-1", name="Default", verification=verification))
    assert f"sends a code by {how};" in said.message


def test_of_two_full_windows_the_one_that_has_room_last_is_told() -> None:
    names = windows_of("visitor", ["jane@example.com"])
    old, new = ({str(n): NOW - age for n in range(20)} for age in (timedelta(minutes=50), timedelta(minutes=10)))
    seen = [CustomerHistory(identity=name, bookings=full) for name, full in zip(names, (old, new, {}), strict=True)]
    with pytest.raises(CodeLimitReached) as refused:
        count_code(seen, "visitor", "jane@example.com", "next", NOW)
    assert refused.value.next_allowed_at == NOW + timedelta(minutes=50)
    assert "to this contact" in refused.value.message


def test_a_guest_without_an_address_has_no_window_of_one() -> None:
    of_all = windows_of("visitor", ["jane@example.com", "+573005550100"])
    assert len(set(of_all)) == 4
    assert windows_of("visitor", ["jane@example.com", None]) == (*of_all[:2], of_all[3])


def test_neither_the_contact_nor_the_code_is_in_what_is_shown_of_it() -> None:
    assert "jane" not in repr(a_code())


@pytest.mark.parametrize(
    ("place", "most", "said"),
    [(0, MOST_OF_VISITOR, "from this address"), (1, MOST_TO_CONTACT, "to this contact"), (2, MOST_IN_APP, "this app")],
)
def test_each_window_holds_so_many_and_says_when_it_has_room(place: int, most: int, said: str) -> None:
    names = windows_of("visitor", ["jane@example.com"])
    ages = [timedelta(minutes=50) - timedelta(seconds=number) for number in range(most)]

    def seen(count: int) -> list[CustomerHistory]:
        full = {str(number): NOW - age for number, age in enumerate(ages[:count])}
        return [CustomerHistory(identity=name, bookings=full if name == names[place] else {}) for name in names]

    counted = count_code(seen(most - 1), "visitor", "jane@example.com", "new", NOW)
    assert [change.identity for change in counted] == list(names)
    with pytest.raises(CodeLimitReached) as refused:
        count_code(seen(most), "visitor", "jane@example.com", "new", NOW)
    assert refused.value.next_allowed_at == NOW - ages[0] + WINDOW
    assert said in refused.value.message
    count_code(seen(most), "visitor", "jane@example.com", "0", NOW), "a repeat of its own try is not counted twice"


def test_what_left_the_window_is_dropped_from_its_row() -> None:
    (name, *_) = names = windows_of("visitor", ["jane@example.com"])
    old = {"old": NOW - WINDOW, "new": NOW - WINDOW + timedelta(seconds=1)}
    seen = [CustomerHistory(identity=one, bookings=old if one == name else {}) for one in names]
    assert count_code(seen, "visitor", "jane@example.com", "next", NOW)[0].drop == ("old",)
