"""How many slots a client may hold at a time."""

from datetime import timedelta

import pytest

from slotline.domain.booking.customer_limits import CustomerHistory
from slotline.domain.booking.holds import MOST_LIVE, count_hold, holder_identity, live_holds
from slotline.domain.shared.errors import HoldLimitReached
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import TOMORROW, a_hold

MINUTE = timedelta(minutes=1)


def history(*ends: timedelta) -> CustomerHistory:
    """A client's window, with holds that end so long from now."""
    holds = {f"hold-{number}": NOW + end for number, end in enumerate(ends)}
    return CustomerHistory(identity=holder_identity("client-1"), version=3, bookings=holds)


def test_a_hold_counts_until_it_ends() -> None:
    claim = a_hold(TOMORROW, expires_at=NOW + 5 * MINUTE)
    change = count_hold(history(*[MINUTE] * (MOST_LIVE - 1), 0 * MINUTE, -MINUTE), claim, NOW)
    assert (change.call_id, change.at, change.version) == (claim.id, NOW + 5 * MINUTE, 3)
    assert change.drop == (f"hold-{MOST_LIVE - 1}", f"hold-{MOST_LIVE}"), "what is over goes in passing"


def test_the_twenty_first_waits_for_the_first_to_end_and_the_next_for_the_next() -> None:
    for more in (0, 1, 5):
        ends = [minutes * MINUTE for minutes in range(1, MOST_LIVE + 1 + more)]
        with pytest.raises(HoldLimitReached) as refusal:
            count_hold(history(*ends), a_hold(TOMORROW, expires_at=NOW + MINUTE), NOW)
        assert refusal.value.next_allowed_at == NOW + (1 + more) * MINUTE


def test_an_earlier_try_of_the_same_hold_does_not_count_against_itself() -> None:
    claim = a_hold(TOMORROW, expires_at=NOW + MINUTE)
    full = history(*[MINUTE] * (MOST_LIVE - 1))
    again = CustomerHistory(identity=full.identity, bookings={**full.bookings, claim.id: NOW + MINUTE})
    assert count_hold(again, claim, NOW).call_id == claim.id


def test_clients_hold_apart() -> None:
    assert holder_identity("client-1") != holder_identity("client-2")
    assert live_holds(history(MINUTE, 0 * MINUTE), NOW).keys() == {"hold-0"}
