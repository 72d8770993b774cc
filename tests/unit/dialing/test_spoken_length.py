"""What a call has to say is bounded when it is planned, by the bytes that its carrier gets."""

import pytest

from slotline.carriers.twiml import TooLongToSay, answer_to
from slotline.domain.dialing.carrier_orders import Heard
from slotline.domain.dialing.planning import Planner
from slotline.domain.dialing.rows import RowRefused
from slotline.domain.dialing.spoken_length import LARGEST_INSTRUCTIONS, LARGEST_WORDS, SpokenLength, bytes_of
from slotline.domain.dialing.use_cases import AmdBehavior
from tests.support.builders.apps import NOW
from tests.support.builders.dialing import a_dial_call, a_request, a_use_case

MACHINE = {"amd": True, "amd_behavior": AmdBehavior.LEAVE_MESSAGE}


def fits(message: str, params: dict[str, object] | None = None, **more: object) -> bool:
    return SpokenLength(a_use_case(params={"message": message, **more}), None).fits(params or {})


@pytest.mark.parametrize("character", ["a", "ñ", "&", "<", "日", "\U0001f600"])
def test_the_bound_is_of_bytes_as_they_are_sent(character: str) -> None:
    size = bytes_of(character)
    assert fits(character * (LARGEST_WORDS // size))
    assert not fits(character * (LARGEST_WORDS // size + 1))


@pytest.mark.parametrize(
    ("message", "params", "fit"),
    [
        ("{a}" * 16, {"a": "x" * 4_000}, True),
        ("{a}" * 17, {"a": "x" * 4_000}, False),
        ("{{ A }}" * 17, {"a": "x" * 4_000}, False),
        ("{a}" * 4, {"a": "&" * 4_000}, False),
        ("{b}" * 5_000, {"a": "x" * 4_000}, True),
        ("{" * 40_000, {"a": "x" * 4_000}, True),
        ("{a}" * 17, {"a": None}, True),
        ("{a}" * 4_000, {"a": 12345678901234567890}, False),
    ],
)
def test_what_placeholders_make_of_a_text_counts(message: str, params: dict[str, object], fit: bool) -> None:
    assert fits(message, params) is fit


def test_what_the_use_case_itself_fills_counts_too() -> None:
    assert not fits("{a}" * 17, {}, a="x" * 4_000)


def test_a_machines_message_counts_in_the_language_of_the_campaign() -> None:
    use_case = a_use_case(**MACHINE, amd_messages={"en-US": "Call us.", "es-CO": "{a}" * 17})
    params = {"a": "x" * 4_000}
    assert SpokenLength(use_case, "en-US").fits(params)
    assert not SpokenLength(use_case, "es-CO").fits(params)


def test_a_row_with_too_much_to_say_is_refused_when_it_is_planned() -> None:
    planner = Planner(a_use_case(params={"message": "{a}" * 17}), now=NOW, zones_of=lambda _: ())
    planner.plan(a_request(a="x"))
    with pytest.raises(RowRefused) as refused:
        planner.plan(a_request(a="x" * 4_000))
    (detail,) = refused.value.details
    assert (detail.code, "64 KB" in detail.message) == ("too_long", True)


def test_a_text_that_has_grown_since_is_not_sent() -> None:
    use_case = a_use_case(params={"message": "&" * LARGEST_INSTRUCTIONS})
    with pytest.raises(TooLongToSay):
        answer_to(a_dial_call(), use_case, Heard.MESSAGE)


def test_the_longest_that_fits_is_within_what_the_carrier_takes() -> None:
    use_case = a_use_case(params={"message": "a" * LARGEST_WORDS}, transfer_number="+12025550143")
    twiml = answer_to(a_dial_call(), use_case, Heard.MESSAGE)
    assert LARGEST_WORDS < len(twiml.encode()) <= LARGEST_INSTRUCTIONS
