"""Names in braces in what is said: how they are written, what fills them, and which of them nothing fills."""

from time import process_time

import pytest

from slotline.domain.dialing.placeholders import filled, nothing_fills, unfilled
from slotline.domain.dialing.use_cases import AmdBehavior
from tests.support.builders.dialing import a_use_case


@pytest.mark.parametrize(
    "name", ["first_name", "First Name", "FIRST-NAME", "firstName", " first  name ", "first\u00a0name"]
)
@pytest.mark.parametrize("braces", ["{%s}", "{{%s}}", "{ %s }", "{{ %s }}", "{{{%s}}}", "{{%s}", "{%s}}"])
@pytest.mark.parametrize("column", ["first_name", "First Name", "FIRSTNAME", "first-name"])
def test_a_name_is_known_without_regard_to_case_spaces_underscores_and_hyphens(
    name: str, braces: str, column: str
) -> None:
    text = f"Hi {braces % name}!"
    assert filled(text, {column: "Ana"}) == "Hi Ana!"
    assert unfilled([text], [column]) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hi {nobody}!", "Hi !"),
        ("{a}{b}", "12.5"),
        ("{null} and {list}", " and "),
        ("{flag}", "True"),
        ("no {} braces { } here }{", "no {} braces { } here }{"),
        ("{{ _ }} {-} {{{}}}", "{{ _ }} {-} {{{}}}"),
        ("{not\tclosed", "{not\tclosed"),
        ("{b{a}", "{b1"),
        ("{" + "x" * 121 + "}", "{" + "x" * 121 + "}"),
        ("{Teléfono}", "555"),
    ],
)
def test_what_has_no_value_says_nothing_and_other_braces_are_text(text: str, said: str) -> None:
    params = {"a": 1, "b": 2.5, "null": None, "list": ["x"], "flag": True, "TELÉFONO": "555"}
    assert filled(text, params) == said


def test_the_exact_spelling_goes_first_then_whatever_is_alike_and_has_a_value() -> None:
    assert filled("{a b}", {"A_B": "alike", "a b": "exact"}) == "exact"
    assert filled("{a b}", {"A_B": "", "a-b": "said"}) == "said"


def test_the_use_cases_own_parameters_fill_what_the_call_leaves_empty() -> None:
    assert (
        filled("{name} of {company}", {"name": "Ana", "company": ""}, {"company": "Acme", "name": "x"}) == "Ana of Acme"
    )


def test_what_is_put_in_is_never_read_again() -> None:
    assert filled("{a}", {"a": "{b}", "b": "no"}) == "{b}"


def test_each_name_that_nothing_fills_is_listed_once_as_it_is_written_first() -> None:
    assert unfilled(["{Last Name} {{last_name}} {offer}", "{offer} {first}"], ["FIRST"]) == ("Last Name", "offer")


def test_braces_without_a_name_are_not_listed() -> None:
    assert unfilled(["{ } {_} {{ - }} {}"], []) == ()


def test_a_message_that_is_no_text_has_no_names() -> None:
    assert nothing_fills(a_use_case(params={"message": ["{a}"]}), None, [{}]) == ()


def test_only_what_may_be_said_in_the_campaigns_language_has_to_be_filled() -> None:
    use_case = a_use_case(
        params={"message": "{a}{b}", "b": "here"},
        amd=True,
        amd_behavior=AmdBehavior.LEAVE_MESSAGE,
        amd_messages={"en-US": "{c}", "es-CO": "{d}"},
    )
    assert nothing_fills(use_case, None, [{"a": "1"}, {"x": 1}]) == ("c",)
    assert nothing_fills(use_case, "es-CO", [{"a": ""}, {"a": None}]) == ("a", "d")


@pytest.mark.parametrize(
    "text", ["{" * 60_000, "{ " * 30_000, "{a}" * 20_000, "{{" + " " * 60_000 + "}}", "{_" * 30_000]
)
def test_no_text_takes_long_to_fill(text: str) -> None:
    params = {f"name {n}": "x" for n in range(195)}
    began = process_time()
    filled(text, params)
    unfilled([text], params)
    assert process_time() - began < 1
