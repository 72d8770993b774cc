"""Codes that prove addresses: what they follow from, and how many there may be."""

from collections import Counter
from datetime import timedelta

import pytest

from slotline.domain.booking.customer_limits import CustomerHistory
from slotline.domain.booking.guest_links import LinkKey, LinkKeys
from slotline.domain.booking.sent_codes import (
    MOST_IN_APP,
    MOST_OF_VISITOR,
    MOST_TO_CONTACT,
    WINDOW,
    count_code,
    windows_of,
)
from slotline.domain.shared.errors import CodeLimitReached
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
