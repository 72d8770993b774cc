"""What a carrier is asked, and what is said to whoever, or whatever, answers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.dialing.carrier_orders import Heard, Order, heard_by, order_of, status_of
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.dialing.use_cases import AmdBehavior
from tests.support.builders.dialing import a_dial_call, a_number, a_use_case, an_attempt

CALL = a_dial_call(campaign_id="campaign", e164="+573005550177", max_duration_mins=7)
ATTEMPT = an_attempt(DialStatus.QUEUED, number=3)


def test_an_order_is_the_attempt_from_its_number_to_its_callee() -> None:
    order = order_of(CALL, ATTEMPT, a_use_case(), a_number())
    assert order == Order(
        organization_id="org",
        call_id="call",
        attempt=3,
        use_case_id="use-case",
        campaign_id="campaign",
        to="+573005550177",
        from_number="+12025550100",
        max_duration=timedelta(minutes=7),
    )


def test_every_attempt_has_a_token_of_its_own() -> None:
    order = order_of(CALL, ATTEMPT, a_use_case(), a_number())
    assert order.token == "call.3"
    assert replace(order, attempt=4).token != order.token


def test_no_log_shows_the_numbers_of_an_order() -> None:
    shown = repr(order_of(CALL, ATTEMPT, a_use_case(), a_number()))
    assert "+573005550177" not in shown
    assert "+12025550100" not in shown


@pytest.mark.parametrize(
    ("amd", "behavior", "detects", "waits"),
    [
        (False, AmdBehavior.LEAVE_MESSAGE, False, False),
        (True, AmdBehavior.LEAVE_MESSAGE, True, True),
        (True, AmdBehavior.HANGUP, True, False),
        (True, AmdBehavior.CONTINUE, True, False),
    ],
)
def test_the_carrier_waits_for_the_tone_only_where_a_message_is_left(
    amd: bool, behavior: AmdBehavior, detects: bool, waits: bool
) -> None:
    order = order_of(CALL, ATTEMPT, a_use_case(amd=amd, amd_behavior=behavior), a_number())
    assert (order.detects_machines, order.waits_for_the_tone) == (detects, waits)


def test_a_call_is_recorded_where_the_use_case_says_so() -> None:
    assert order_of(CALL, ATTEMPT, a_use_case(recorded_message_outbound=True), a_number()).records
    assert not order_of(CALL, ATTEMPT, a_use_case(recorded_message_outbound=False), a_number()).records


@pytest.mark.parametrize("behavior", list(AmdBehavior))
def test_a_person_hears_everything_and_so_does_a_machine_that_nobody_looks_for(behavior: AmdBehavior) -> None:
    assert heard_by(a_use_case(amd=True, amd_behavior=behavior), is_machine=False) is Heard.MESSAGE
    assert heard_by(a_use_case(amd=False, amd_behavior=behavior), is_machine=True) is Heard.MESSAGE


@pytest.mark.parametrize(
    ("behavior", "heard"),
    [
        (AmdBehavior.CONTINUE, Heard.MESSAGE),
        (AmdBehavior.LEAVE_MESSAGE, Heard.MACHINE_MESSAGE),
        (AmdBehavior.HANGUP, Heard.NOTHING),
    ],
)
def test_a_machine_hears_what_the_use_case_has_for_machines(behavior: AmdBehavior, heard: Heard) -> None:
    assert heard_by(a_use_case(amd=True, amd_behavior=behavior), is_machine=True) is heard


@pytest.mark.parametrize(
    ("transfer_number", "heard", "status"),
    [
        (None, Heard.MESSAGE, DialStatus.IN_PROGRESS),
        ("+12025550111", Heard.MESSAGE, DialStatus.TRANSFERRED),
        ("+12025550111", Heard.MACHINE_MESSAGE, DialStatus.IN_PROGRESS),
        ("+12025550111", Heard.NOTHING, DialStatus.AMD_TERMINATED),
    ],
)
def test_only_who_hears_everything_is_put_through(
    transfer_number: str | None, heard: Heard, status: DialStatus
) -> None:
    assert status_of(a_use_case(transfer_number=transfer_number), heard) is status
