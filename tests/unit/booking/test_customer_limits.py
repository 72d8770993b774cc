"""Customer limits: the instant that an error names is the first at which the same booking is let through."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slotline.domain.booking.apps import CustomerLimit, Period
from slotline.domain.booking.calls import Guest
from slotline.domain.booking.customer_limits import (
    CustomerHistory,
    count_booking,
    identities,
    next_allowed,
    still_counted,
)
from slotline.domain.shared.errors import CustomerLimitReached
from tests.support.builders.bookings import a_call
from tests.support.properties import tried

NOW = datetime(2026, 4, 22, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
LENGTHS = {"hour": 1, "day": 24, "week": 24 * 7, "month": 24 * 30}

limits = st.builds(CustomerLimit, max_bookings=st.integers(1, 5), per=st.sampled_from(Period))
ages = st.one_of(
    st.timedeltas(timedelta(0), timedelta(days=32)),
    st.timedeltas(timedelta(0), timedelta(hours=2)),
    st.sampled_from(list(LENGTHS.values())).map(lambda hours: timedelta(hours=hours)),
    st.sampled_from(list(LENGTHS.values())).map(lambda hours: timedelta(hours=hours) - TICK),
)
histories = st.lists(ages.map(lambda age: NOW - age), max_size=12)


def fits(bookings: list[datetime], limit: CustomerLimit, at: datetime) -> bool:
    """Whether one more booking at this instant stays within the limit: counting those of the window one by one."""
    window = timedelta(hours=LENGTHS[limit.per.value])
    return sum(1 for booked in bookings if booked + window > at) + 1 <= limit.max_bookings


def first_fit(bookings: list[datetime], limit: CustomerLimit, now: datetime) -> datetime:
    """The first instant from now on at which it fits. Only where a window ends can that change."""
    window = timedelta(hours=LENGTHS[limit.per.value])
    moments = sorted({now, *(booked + window for booked in bookings if booked + window > now)})
    return next(moment for moment in moments if fits(bookings, limit, moment))


@tried(400)
@given(histories, limits)
@example([NOW - timedelta(days=1)], CustomerLimit(max_bookings=1, per=Period.DAY))
@example([NOW - timedelta(days=1) + TICK], CustomerLimit(max_bookings=1, per=Period.DAY))
def test_the_next_booking_is_allowed_at_the_first_instant_that_has_room(
    bookings: list[datetime], limit: CustomerLimit
) -> None:
    answer = next_allowed(bookings, limit, NOW)
    assert (answer is None) == fits(bookings, limit, NOW)
    assert (answer or NOW) == first_fit(bookings, limit, NOW)
    if answer is not None:
        assert next_allowed(bookings, limit, answer) is None, "at that instant it is let through"
        assert next_allowed(bookings, limit, answer - TICK) == answer, "a microsecond earlier it is not"


@tried(300)
@given(st.lists(histories, min_size=1, max_size=2), st.lists(limits, min_size=1, max_size=4))
def test_of_several_limits_and_addresses_the_last_to_open_counts(
    bookings: list[list[datetime]], several: list[CustomerLimit]
) -> None:
    known = [
        CustomerHistory(identity=f"i{n}", version=1, bookings={f"c{n}-{m}": at for m, at in enumerate(one)})
        for n, one in enumerate(bookings)
    ]
    expected = max(first_fit(one, limit, NOW) for one in bookings for limit in several)
    if expected == NOW:
        assert [change.identity for change in count_booking(known, several, "new", NOW)] == [h.identity for h in known]
        return
    with pytest.raises(CustomerLimitReached) as refused:
        count_booking(known, several, "new", NOW)
    assert refused.value.next_allowed_at == expected
    assert count_booking(known, several, "new", expected)
    with pytest.raises(CustomerLimitReached):
        count_booking(known, several, "new", expected - TICK)


def test_a_limit_that_was_lowered_waits_for_as_many_as_are_too_many() -> None:
    bookings = [NOW - timedelta(minutes=minutes) for minutes in (50, 40, 30, 20, 10)]
    limit = CustomerLimit(max_bookings=2, per=Period.HOUR)
    assert next_allowed(bookings, limit, NOW) == NOW + timedelta(minutes=40)


def test_who_may_not_book_at_all_is_told_a_whole_window() -> None:
    limit = CustomerLimit(max_bookings=0, per=Period.HOUR)
    assert next_allowed([], limit, NOW) == NOW + timedelta(hours=1)


def test_nothing_is_counted_where_nothing_is_limited() -> None:
    assert count_booking([CustomerHistory(identity="phone:+1")], [], "new", NOW) == ()


def test_a_count_stands_on_the_version_that_was_read_and_takes_what_no_window_reaches_along() -> None:
    history = CustomerHistory(
        identity="email:jane@example.com",
        version=7,
        bookings={"old": NOW - timedelta(days=30), "kept": NOW - timedelta(days=30) + TICK},
    )
    (change,) = count_booking([history], [CustomerLimit(max_bookings=5, per=Period.MONTH)], "new", NOW)
    assert (change.version, change.call_id, change.at, change.drop) == (7, "new", NOW, ("old",))


def test_a_booking_whose_answer_was_lost_does_not_count_against_its_own_second_try() -> None:
    history = CustomerHistory(identity="email:jane@example.com", version=1, bookings={"new": NOW})
    limit = CustomerLimit(max_bookings=1, per=Period.DAY)
    assert count_booking([history], [limit], "new", NOW)
    with pytest.raises(CustomerLimitReached):
        count_booking([history], [limit], "another", NOW)


def test_a_write_takes_no_more_old_bookings_along_than_one_expression_holds() -> None:
    old = {f"old-{n}": NOW - timedelta(days=40) for n in range(1000)}
    history = CustomerHistory(identity="email:jane@example.com", version=1, bookings=old)
    (change,) = count_booking([history], [CustomerLimit(max_bookings=1, per=Period.DAY)], "new", NOW)
    assert len(change.drop) == 100


def test_one_number_in_several_spellings_is_one_customer_and_so_is_an_address_in_capitals() -> None:
    spellings = ("+57 300 555 0100", "+57 (300) 555-01.00", "+573005550100")
    known = {
        identities(Guest.reachable(name="Jane", phone=phone, email=email))
        for phone in spellings
        for email in ("jane@example.com", "Jane@Example.COM")
    }
    ((phone, email),) = known
    assert phone != email


def test_a_guest_is_known_by_what_they_gave_and_no_more() -> None:
    (phone,) = identities(Guest.reachable(name="Jane", phone="+573005550100", email=None))
    (email,) = identities(Guest.reachable(name="Jane", phone=None, email="jane@example.com"))
    both = identities(Guest.reachable(name="Jane", phone="+573005550100", email="jane@example.com"))
    assert both == (phone, email)


@pytest.mark.parametrize(("age", "counts"), [(timedelta(days=30) - TICK, True), (timedelta(days=30), False)])
def test_a_call_counts_as_long_as_the_longest_window_reaches_back_to_its_booking(age: timedelta, counts: bool) -> None:
    call = a_call(created_at=NOW - age, counted_as=("one", "other"))
    assert still_counted(call, NOW) == (("one", "other") if counts else ())


def test_an_identity_does_not_show_the_address() -> None:
    for identity in identities(Guest.reachable(name="Jane", phone="+573005550100", email="jane@example.com")):
        assert len(identity) == 64
        assert set(identity) <= set("0123456789abcdef")
