"""How often one customer may book, through the handler: sliding windows, and the exact end of a refusal."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from slotline.domain.booking.apps import CustomerLimit, Period
from slotline.domain.booking.customer_limits import count_booking, identities
from slotline.domain.shared.intervals import Interval
from slotline.ports.booking import BookingWrite
from slotline.ports.shared import RaceLost
from slotline.wiring.booking.bookings import bookings as the_bookings
from slotline.wiring.booking.calls import calls as the_calls
from tests.handlers.changes.conftest import Calls, code_of
from tests.support.builders.apps import SetClock, put_app
from tests.support.builders.bookings import JANE, TOMORROW, a_call, an_event, minutes
from tests.support.handlers import Reply

ONE_A_DAY = [{"max_bookings": 1, "per": "day"}]


@pytest.fixture
def limited(calls: Calls) -> Calls:
    """Two bookings an hour, three a day."""
    limits = [{"max_bookings": 2, "per": "hour"}, {"max_bookings": 3, "per": "day"}]
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=limits)
    return calls


def unassigned(calls: Calls, **guest: Any) -> Reply:
    """A booking that nobody's time stands against."""
    return calls.asking(assignedAgentId=None, **guest)


def next_allowed(reply: Reply) -> datetime:
    """The instant that a refusal names."""
    assert code_of(reply) == (429, "rate_limit_exceeded", "customer_limit")
    return datetime.fromisoformat(reply.error["details"][0]["nextAllowedAt"])


def test_the_windows_slide_and_a_refusal_names_the_first_instant_with_room(limited: Calls, clock: SetClock) -> None:
    start = clock.instant
    assert unassigned(limited).status == 201
    clock.advance(minutes=20)
    assert unassigned(limited).status == 201
    clock.advance(minutes=10)
    assert next_allowed(unassigned(limited)) == start + timedelta(hours=1)
    clock.instant = start + timedelta(hours=1, microseconds=-1)
    assert next_allowed(unassigned(limited)) == start + timedelta(hours=1)
    clock.instant = start + timedelta(hours=1)
    assert unassigned(limited).status == 201
    clock.advance(hours=3)
    assert next_allowed(unassigned(limited)) == start + timedelta(days=1)
    clock.instant = start + timedelta(days=1)
    assert unassigned(limited).status == 201


def test_who_waits_as_long_as_a_refusal_says_is_let_through(limited: Calls, clock: SetClock) -> None:
    assert [unassigned(limited).status for _ in range(2)] == [201, 201]
    clock.advance(minutes=10, milliseconds=1)
    refused = unassigned(limited)
    assert refused.headers["Retry-After"] == str(50 * 60)
    clock.advance(seconds=int(refused.headers["Retry-After"]))
    assert unassigned(limited).status == 201


def test_a_refusal_writes_nothing_and_does_not_count(limited: Calls, clock: SetClock) -> None:
    assert [unassigned(limited).status for _ in range(5)] == [201, 201, 429, 429, 429]
    clock.advance(hours=1)
    assert unassigned(limited).status == 201


def test_one_customer_is_known_by_number_and_by_address_however_they_are_spelled(calls: Calls) -> None:
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=ONE_A_DAY)
    assert unassigned(calls, guestPhone="+57 300 555 0100", guestEmail="jane@example.com").status == 201
    same = [
        {"guestPhone": "+57 (300) 555-01.00", "guestEmail": None},
        {"guestPhone": "+573005550100", "guestEmail": "other@example.com"},
        {"guestEmail": "JANE@Example.com"},
        {"guestEmail": "jane@example.com", "guestName": "Somebody Else"},
    ]
    assert [unassigned(calls, **guest).status for guest in same] == [429] * 4
    assert unassigned(calls, guestEmail="joe@example.com").status == 201
    assert unassigned(calls, guestPhone="+573005550101", guestEmail=None).status == 201


def test_every_way_of_assignment_counts(calls: Calls) -> None:
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=[{"max_bookings": 3, "per": "day"}])
    assert calls.asking().status == 201
    assert calls.asking(assignedAgentId=None, assignmentMethod="round_robin").status == 201
    assert unassigned(calls).status == 201
    for method in ("manual", "round_robin", "pool"):
        assert unassigned(calls, assignmentMethod=method).status == 429


def test_a_move_does_not_count_and_is_not_refused(calls: Calls) -> None:
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=[{"max_bookings": 2, "per": "day"}])
    call = calls.book()
    for hour in (16, 17, 18):
        assert calls.patch(call, {"scheduledAtUtc": f"2026-05-01T{hour}:00:00Z"}).status == 200
    assert [calls.asking().status, calls.asking().status] == [201, 429]


def test_a_refused_slot_does_not_count(calls: Calls) -> None:
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=[{"max_bookings": 2, "per": "day"}])
    calls.book()
    assert calls.asking().status == 409
    assert calls.asking(assignedAgentId="agent-2").status == 201


@pytest.mark.parametrize(("counts", "status"), [(True, 429), (False, 201)])
def test_a_cancelled_booking_counts_unless_the_preset_says_otherwise(calls: Calls, counts: bool, status: int) -> None:
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=ONE_A_DAY, cancelled_bookings_count=counts)
    call = calls.book(guestPhone="+573005550100")
    calls.cancel(call)
    calls.cancel(call)
    assert calls.asking(guestPhone="+573005550100").status == status
    assert calls.asking(scheduledAtUtc="2026-05-03T15:00:00Z").status == 429


CONTACTS = {"guestPhone": "+573005550100", "guestEmail": "jane@example.com"}
OTHER_CONTACTS = {"guestPhone": "+573005550199", "guestEmail": "new@example.com"}


def test_a_cancelled_booking_is_taken_back_from_the_addresses_it_was_made_with(calls: Calls) -> None:
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=ONE_A_DAY, cancelled_bookings_count=False)
    call = calls.book(**CONTACTS)
    assert calls.patch(call, OTHER_CONTACTS).status == 200
    assert calls.cancel(call).status == 200
    assert unassigned(calls, guestPhone=CONTACTS["guestPhone"], guestEmail=None).status == 201
    assert unassigned(calls, guestEmail=CONTACTS["guestEmail"]).status == 201


def test_other_contacts_leave_the_count_where_it_was(calls: Calls) -> None:
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=ONE_A_DAY, cancelled_bookings_count=False)
    call = calls.book(**CONTACTS)
    assert calls.patch(call, OTHER_CONTACTS).status == 200
    assert unassigned(calls, **CONTACTS).status == 429, "or else giving another address would dodge the limit"
    assert unassigned(calls, **OTHER_CONTACTS).status == 201
    calls.cancel(call)
    assert unassigned(calls, **OTHER_CONTACTS).status == 429, "that one was booked, and stands"


def windows(calls: Calls) -> list[dict[str, Any]]:
    """The rows that count customers' bookings."""
    return [row for row in calls.ports.rows() if "#CUSTOMER#" in row["pk"]]


def lose_windows(calls: Calls) -> None:
    """What time to live does once they are over."""
    for row in windows(calls):
        calls.ports.drop(row)


@pytest.mark.usefixtures("tables")
def test_no_window_outlives_the_bookings_that_it_counts(calls: Calls, clock: SetClock) -> None:
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=ONE_A_DAY, cancelled_bookings_count=False)
    call = calls.book()
    over = (clock.instant + timedelta(days=30)).timestamp()
    assert [row["expires_at"] for row in windows(calls)] == [over]
    clock.advance(days=2)
    assert calls.cancel(call).status == 200
    assert [row["expires_at"] for row in windows(calls)] == [over], "a cancellation does not change when it ends"


@pytest.mark.usefixtures("tables")
def test_a_cancellation_makes_no_window_that_never_ends(calls: Calls, clock: SetClock) -> None:
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=ONE_A_DAY, cancelled_bookings_count=False)
    call = calls.book()
    over = (clock.instant + timedelta(days=30)).timestamp()
    lose_windows(calls)
    assert calls.cancel(call).status == 200
    assert all(row["expires_at"] == over for row in windows(calls))
    assert calls.asking().status == 201


@pytest.mark.usefixtures("tables")
def test_a_cancellation_that_no_window_reaches_back_to_writes_to_none(calls: Calls, clock: SetClock) -> None:
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=ONE_A_DAY, cancelled_bookings_count=False)
    call = calls.book(scheduledAtUtc="2026-06-30T15:00:00Z")
    clock.advance(days=30)
    lose_windows(calls)
    assert calls.cancel(call).status == 200
    assert windows(calls) == []


def test_a_limit_that_is_lifted_for_a_while_does_not_keep_what_was_cancelled_meanwhile(calls: Calls) -> None:
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=ONE_A_DAY, cancelled_bookings_count=False)
    call = calls.book()
    put_app(calls.ports, calls.app_id, agents=(), cancelled_bookings_count=False)
    calls.cancel(call)
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=ONE_A_DAY, cancelled_bookings_count=False)
    assert calls.asking().status == 201


def test_the_call_keeps_how_it_was_counted_without_the_address_and_shows_it_to_nobody(calls: Calls) -> None:
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=ONE_A_DAY)
    reply = calls.asking(headers={"idempotency-key": "kept-1"}, **CONTACTS)
    call = reply.json["data"]["call"]
    calls.patch(call, OTHER_CONTACTS)
    row = calls.stored(call)
    assert len(row["counted_as"]) == 2
    assert not [value for value in CONTACTS.values() if value in str(row)]
    assert "counted_as" not in reply.text
    assert "counted_as" not in str(calls.read(call))


def test_a_key_s_second_answer_does_not_count(calls: Calls) -> None:
    put_app(calls.ports, calls.app_id, agents=(), customer_limits=[{"max_bookings": 2, "per": "day"}])
    key = {"idempotency-key": "limited-1"}
    assert [calls.asking(headers=key).status for _ in range(3)] == [201] * 3
    assert calls.asking(headers={"idempotency-key": "limited-2"}, assignedAgentId=None).status == 201
    assert calls.asking(headers={"idempotency-key": "limited-3"}, assignedAgentId=None).status == 429


def test_of_two_at_the_last_place_who_decided_on_the_same_reading_one_wins(calls: Calls, clock: SetClock) -> None:
    bookings, limits = the_bookings(), [CustomerLimit(max_bookings=1, per=Period.DAY)]
    around = Interval.starting(TOMORROW, minutes(30))
    seen = bookings.read_for_booking(calls.app_id, None, around, None, identities(JANE))

    def write(call: Any) -> BookingWrite:
        counted = count_booking(seen.customers, limits, call.id, clock.now())
        return BookingWrite(call=call, events=[an_event(call)], customers=counted)

    bookings.commit(write(a_call(assigned_agent_id=None)))
    loser = a_call(assigned_agent_id=None)
    with pytest.raises(RaceLost):
        bookings.commit(write(loser))
    assert the_calls().get(calls.app_id, loser.id) is None


def test_limits_of_another_app_are_another_matter(calls: Calls, others: Calls) -> None:
    for one in (calls, others):
        put_app(one.ports, one.app_id, agents=(), customer_limits=ONE_A_DAY)
    assert [unassigned(one).status for one in (calls, others, calls)] == [201, 201, 429]
