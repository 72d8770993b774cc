"""How many messages may be asked for: sliding windows over a call, a recipient and an app, exact to the instant."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.booking.apps import Preset
from slotline.domain.booking.calls import Guest
from slotline.domain.messages.bounds import (
    MOST_DROPPED,
    AskedMessages,
    Bound,
    Counted,
    count_message,
    counted_in,
    is_foreign,
)
from slotline.domain.shared.errors import MessageLimitReached
from tests.support.builders.apps import NOW

PRESET = Preset(
    preset_id="preset-1",
    name="Default",
    reminders_per_call_per_day=3,
    reminders_per_recipient_per_hour=2,
    reminders_per_app_per_hour=4,
)


def window(bound: Bound, *ago: timedelta) -> AskedMessages:
    """A window whose messages were asked for so long ago."""
    asked = {f"message-{number}": NOW - age for number, age in enumerate(ago)}
    return AskedMessages(counted=Counted("app-1", bound), version=len(ago), asked=asked)


def next_allowed_at(*windows: AskedMessages) -> datetime | None:
    try:
        count_message(windows, PRESET, "new", NOW)
    except MessageLimitReached as reached:
        return reached.next_allowed_at
    return None


@pytest.mark.parametrize(
    ("bound", "most", "length"),
    [
        (Bound.CALL, 3, timedelta(days=1)),
        (Bound.RECIPIENT, 2, timedelta(hours=1)),
        (Bound.APP, 4, timedelta(hours=1)),
    ],
)
def test_a_bound_lets_so_many_through_and_names_the_instant_of_the_next(
    bound: Bound, most: int, length: timedelta
) -> None:
    minutes = [timedelta(minutes=number) for number in range(1, most + 1)]
    assert next_allowed_at(window(bound, *minutes[1:])) is None
    assert next_allowed_at(window(bound, *minutes)) == NOW - timedelta(minutes=most) + length
    assert next_allowed_at(window(bound, *minutes[1:], length)) is None
    assert next_allowed_at(window(bound, *minutes[1:], length - timedelta(milliseconds=1))) is not None


def test_of_several_full_windows_the_last_to_open_counts() -> None:
    recipient = window(Bound.RECIPIENT, timedelta(minutes=1), timedelta(minutes=50))
    app = window(Bound.APP, *[timedelta(minutes=5)] * 4)
    assert next_allowed_at(recipient, app) == NOW + timedelta(minutes=55)


def test_a_lowered_bound_waits_until_enough_have_left_the_window() -> None:
    minutes = [timedelta(minutes=number) for number in (10, 20, 30, 40, 50)]
    assert next_allowed_at(window(Bound.RECIPIENT, *minutes)) == NOW + timedelta(minutes=40)


def test_an_earlier_try_of_the_same_request_is_not_in_its_way() -> None:
    full = AskedMessages(
        counted=Counted("app-1", Bound.RECIPIENT), version=2, asked={"new": NOW, "other": NOW - timedelta(minutes=1)}
    )
    (count,) = count_message([full], PRESET, "new", NOW)
    assert (count.message_id, count.version) == ("new", 2)


@given(st.lists(st.integers(0, 7_200_000), max_size=8))
def test_the_instant_that_is_named_is_the_first_that_is_let_through(ages: list[int]) -> None:
    seen = window(Bound.RECIPIENT, *[timedelta(milliseconds=age) for age in ages])
    at = next_allowed_at(seen)
    if at is not None:
        count_message([seen], PRESET, "new", at)
        with pytest.raises(MessageLimitReached):
            count_message([seen], PRESET, "new", at - timedelta(milliseconds=1))


def test_what_has_left_a_window_is_taken_out_as_many_as_one_write_can() -> None:
    (count,) = count_message([window(Bound.APP, *[timedelta(hours=1)] * 150)], PRESET, "new", NOW)
    assert len(count.drop) == MOST_DROPPED
    (count,) = count_message([window(Bound.CALL, timedelta(hours=23), timedelta(days=1))], PRESET, "new", NOW)
    assert count.drop == ("message-1",)


def test_a_recipient_is_one_however_it_is_capitalized_and_no_key_shows_it() -> None:
    first, second = (
        counted_in("app-1", "call-1", "Ana@Guest.example"),
        counted_in("app-1", "call-2", "ana@guest.example"),
    )
    assert first[1] == second[1]
    assert first[2] == second[2] == Counted("app-1", Bound.APP)
    assert first[0] != second[0]
    assert "ana" not in first[1].of.casefold()


def test_whoever_is_not_the_guest_is_foreign() -> None:
    guest = Guest(name="Ana", phone="+57 300 555 0100", phone_e164="+573005550100", email="Ana@guest.example")
    assert not is_foreign("ana@GUEST.example", guest)
    assert not is_foreign("+573005550100", guest)
    assert is_foreign("eva@guest.example", guest)
    assert is_foreign("+573005550101", guest)
    assert is_foreign("", Guest(name="Ana", phone_e164="+573005550100"))
