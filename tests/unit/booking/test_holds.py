"""Whose a hold is, how many slots a holder may keep, and whether a booking fits into one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.booking.claims import Hold
from slotline.domain.booking.customer_limits import CustomerHistory
from slotline.domain.booking.holds import MOST_LIVE, Holder, check_hold, client_holder, count_hold, live_holds
from slotline.domain.shared.errors import HoldLimitReached, InvalidRequest
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import AGENT, TOMORROW, a_call, a_hold

MINUTE = timedelta(minutes=1)
CLIENT = client_holder("client-1")


def history(*ends: timedelta, of: Holder = CLIENT) -> CustomerHistory:
    """A holder's window, with holds that end so long from now."""
    holds = {f"hold-{number}": NOW + end for number, end in enumerate(ends)}
    return CustomerHistory(identity=of.identity, version=3, bookings=holds)


def held(**changes: Any) -> Hold:
    return Hold(agent_id=AGENT, claim=a_hold(TOMORROW, **{"expires_at": NOW + 5 * MINUTE, **changes}))


def test_a_hold_counts_until_it_ends_and_its_holder_knows_what_it_holds() -> None:
    hold = held()
    (change,) = count_hold([CLIENT], [history(*[MINUTE] * (MOST_LIVE - 1), 0 * MINUTE, -MINUTE)], hold, NOW)
    assert (change.call_id, change.at, change.version) == (hold.id, NOW + 5 * MINUTE, 3)
    assert change.hold == hold
    assert change.drop == (f"hold-{MOST_LIVE - 1}", f"hold-{MOST_LIVE}"), "what is over goes in passing"


def test_the_twenty_first_waits_for_the_first_to_end_and_the_next_for_the_next() -> None:
    for more in (0, 1, 5):
        ends = [minutes * MINUTE for minutes in range(1, MOST_LIVE + 1 + more)]
        with pytest.raises(HoldLimitReached) as refusal:
            count_hold([CLIENT], [history(*ends)], held(), NOW)
        assert refusal.value.next_allowed_at == NOW + (1 + more) * MINUTE


def test_an_earlier_try_of_the_same_hold_does_not_count_against_itself() -> None:
    hold = held()
    full = history(*[MINUTE] * (MOST_LIVE - 1))
    again = replace(full, bookings={**full.bookings, hold.id: NOW + MINUTE})
    (change,) = count_hold([CLIENT], [again], hold, NOW)
    assert change.call_id == hold.id


def test_a_hold_that_takes_the_place_of_another_needs_no_room_of_its_own() -> None:
    full = history(*[MINUTE] * MOST_LIVE)
    (change,) = count_hold([CLIENT], [full], held(), NOW, replaces="hold-7")
    assert change.drop == ("hold-7",)
    with pytest.raises(HoldLimitReached):
        count_hold([CLIENT], [full], held(), NOW, replaces="another's")


def test_a_hold_counts_for_each_of_its_holders_and_whoever_is_full_is_named() -> None:
    visit = Holder(identity="visit", most=1, named="visit")
    address = Holder(identity="address", most=5, named="address")
    histories = [history(of=visit), history(*[MINUTE] * 4, of=address)]
    assert [change.identity for change in count_hold([visit, address], histories, held(), NOW)] == ["visit", "address"]
    histories[1] = history(MINUTE, 2 * MINUTE, *[3 * MINUTE] * 4, of=address)
    with pytest.raises(HoldLimitReached, match="This address holds 5 slots") as refusal:
        count_hold([visit, address], histories, held(), NOW)
    assert refusal.value.next_allowed_at == NOW + 2 * MINUTE


def test_clients_hold_apart() -> None:
    assert client_holder("client-1") != client_holder("client-2")
    assert live_holds(history(MINUTE, 0 * MINUTE), NOW).keys() == {"hold-0"}


def test_a_booking_fits_into_a_hold_of_its_agent_time_and_preset() -> None:
    hold = replace(held(), preset_id="preset-1")
    check_hold(hold, a_call(preset_id="preset-1"))
    check_hold(hold, a_call(preset_id="preset-1", duration_minutes=10, scheduled_at=TOMORROW + 20 * MINUTE))
    check_hold(replace(hold, preset_id=None), a_call(preset_id="preset-2"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"assigned_agent_id": "agent-2"}, "this hold is for agent agent-1, and assignedAgentId is agent-2"),
        ({"duration_minutes": 31}, "and the booking for"),
        ({"scheduled_at": TOMORROW - MINUTE}, "and the booking for"),
        ({"preset_id": "preset-2"}, "this hold is for preset preset-1, and the booking follows preset preset-2"),
        ({"assigned_agent_id": "agent-2", "preset_id": "preset-2"}, "agent-2; for preset preset-1"),
    ],
)
def test_one_that_does_not_fit_is_refused_with_all_that_differs(change: dict[str, Any], words: str) -> None:
    hold = replace(held(), preset_id="preset-1")
    with pytest.raises(InvalidRequest) as refused:
        check_hold(hold, a_call(**{"preset_id": "preset-1", **change}))
    (detail,) = refused.value.details
    assert (detail.field, detail.code) == ("holdId", "hold_mismatch")
    assert words in detail.message
