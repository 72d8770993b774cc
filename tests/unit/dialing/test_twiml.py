"""What whoever answers is told."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from slotline.carriers.twiml import HANG_UP, answer_to
from slotline.domain.dialing.carrier_orders import Heard, heard_by, status_of
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.dialing.use_cases import AmdBehavior
from tests.support.builders.dialing import a_dial_call, a_use_case

MACHINE = {"amd": True, "amd_messages": {"en-US": "Call us back, {first_name}.", "es-CO": "Llámenos."}}


def told(use_case: Any, call: Any, *, is_machine: bool = False) -> ET.Element:
    return ET.fromstring(answer_to(call, use_case, heard_by(use_case, is_machine=is_machine)))


def test_a_person_hears_the_message_with_the_calls_own_words_and_is_put_through() -> None:
    use_case = a_use_case(params={"message": "Hello {first_name}{nobody}."}, transfer_number="+15005550007")
    said = told(use_case, a_dial_call(params={"first_name": "Ana & <Bo>"}, language="es-CO"))
    assert [(one.tag, one.text) for one in said] == [("Say", "Hello Ana & <Bo>."), ("Dial", "+15005550007")]
    assert said[0].get("language") == "es-CO"


def test_without_a_message_and_a_number_the_call_ends() -> None:
    assert answer_to(a_dial_call(), a_use_case(), Heard.MESSAGE) == HANG_UP


def test_a_call_that_was_called_off_says_nothing_more() -> None:
    use_case = a_use_case(params={"message": "Hello"})
    assert answer_to(a_dial_call(is_called_off=True), use_case, Heard.MESSAGE) == HANG_UP


@pytest.mark.parametrize(
    ("behavior", "says", "status"),
    [
        (AmdBehavior.HANGUP, None, DialStatus.AMD_TERMINATED),
        (AmdBehavior.LEAVE_MESSAGE, "Call us back, Ana.", DialStatus.IN_PROGRESS),
        (AmdBehavior.CONTINUE, "Hello", DialStatus.IN_PROGRESS),
    ],
)
def test_a_machine_is_told_what_the_use_case_says(behavior: AmdBehavior, says: str | None, status: DialStatus) -> None:
    use_case = a_use_case(**MACHINE, amd_behavior=behavior, params={"message": "Hello"})
    said = told(use_case, a_dial_call(params={"first_name": "Ana"}), is_machine=True)
    assert [one.text for one in said if one.tag == "Say"] == ([says] if says else [])
    assert said[-1].tag == "Hangup"
    assert status_of(use_case, heard_by(use_case, is_machine=True)) is status


def test_a_machine_hears_its_message_in_the_language_of_the_call_or_of_the_use_case() -> None:
    use_case = a_use_case(**MACHINE, amd_behavior=AmdBehavior.LEAVE_MESSAGE)
    assert told(use_case, a_dial_call(language="es-CO"), is_machine=True)[0].text == "Llámenos."
    assert told(use_case, a_dial_call(language="fr-FR"), is_machine=True)[0].text == "Call us back, ."


@pytest.mark.parametrize(
    ("call_language", "voice"), [("es-CO", "es-CO"), ("ES-co", "es-CO"), ("fr-FR", "en-US"), (None, "en-US")]
)
def test_a_machines_message_is_spoken_by_a_voice_of_the_language_it_is_written_in(
    call_language: str | None, voice: str
) -> None:
    use_case = a_use_case(**MACHINE, amd_behavior=AmdBehavior.LEAVE_MESSAGE)
    assert told(use_case, a_dial_call(language=call_language), is_machine=True)[0].get("language") == voice


def test_a_machines_message_that_is_blank_in_the_calls_language_is_left_in_the_use_cases() -> None:
    messages = {"en-US": "Call us back.", "es-CO": "  "}
    use_case = a_use_case(amd=True, amd_messages=messages, amd_behavior=AmdBehavior.LEAVE_MESSAGE)
    said = told(use_case, a_dial_call(language="es-CO"), is_machine=True)[0]
    assert (said.text, said.get("language")) == ("Call us back.", "en-US")


@pytest.mark.parametrize("message", [None, [], ["Hello"], {"en-US": "Hello"}])
def test_a_message_that_is_no_text_says_nothing(message: object) -> None:
    assert answer_to(a_dial_call(), a_use_case(params={"message": message}), Heard.MESSAGE) == HANG_UP


@pytest.mark.parametrize("name", ["]]>", "\x00\x08", "\ud800", "\u202eabc", "<Hangup/>", '" language="x'])
def test_whatever_a_row_holds_the_document_is_well_formed(name: str) -> None:
    use_case = a_use_case(params={"message": "{first_name}!"})
    said = told(use_case, a_dial_call(params={"first_name": name}, language=name))
    assert [one.tag for one in said] == ["Say", "Hangup"]
