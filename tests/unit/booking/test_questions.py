"""A preset's questions: what could not be asked, or not be told apart, is refused with its place."""

from typing import Any

import pytest

from slotline.domain.booking.questions import (
    MOST_OPTIONS,
    MOST_QUESTIONS,
    Question,
    QuestionType,
    check_questions,
    question_from_json,
)
from slotline.domain.shared.errors import InvalidRequest


def a_question(key: str, kind: QuestionType = QuestionType.SHORT_TEXT, **changes: Any) -> Question:
    return Question(**{"key": key, "label": key, "type": kind, **changes})


def refusal(*questions: Question) -> tuple[str | None, str]:
    with pytest.raises(InvalidRequest) as refused:
        check_questions(questions)
    (detail,) = refused.value.details
    return detail.field, detail.code


def test_questions_of_every_type_may_be_asked_together() -> None:
    choices = {"options": ("Small", "Large")}
    check_questions(
        [a_question(kind.value, kind, **(choices if kind.value.endswith("choice") else {})) for kind in QuestionType]
    )


def test_a_question_that_says_no_more_than_it_must_is_shown_not_required_and_has_no_options() -> None:
    least = {"key": "size", "label": "Size", "type": "number"}
    for kept in (question_from_json(least), question_from_json({**least, "options": None})):
        assert kept == Question(
            key="size", label="Size", type=QuestionType.NUMBER, required=False, options=(), hidden=False, help=None
        )
    chosen = question_from_json({**least, "type": "single_choice", "options": ["S", "L"], "required": True})
    assert (chosen.options, chosen.required) == (("S", "L"), True)
    assert Question(key="size", label="Size", type=QuestionType.NUMBER) == question_from_json(least)


def test_a_preset_asks_twenty_questions_of_fifty_options_at_most() -> None:
    bounds = (MOST_QUESTIONS, MOST_OPTIONS)
    assert bounds == (20, 50)


def test_two_questions_have_two_keys_and_capital_letters_make_no_other_one() -> None:
    assert refusal(a_question("company"), a_question("size"), a_question("Company")) == (
        "questions.2.key",
        "repeated",
    )


@pytest.mark.parametrize("kind", [kind for kind in QuestionType if not kind.value.endswith("choice")])
def test_only_choices_have_options(kind: QuestionType) -> None:
    assert refusal(a_question("size", kind, options=("Small",))) == ("questions.0.options", "not_allowed")


@pytest.mark.parametrize("kind", [QuestionType.SINGLE_CHOICE, QuestionType.MULTI_CHOICE])
def test_a_choice_needs_options_each_of_which_is_another(kind: QuestionType) -> None:
    assert refusal(a_question("size", kind)) == ("questions.0.options", "required")
    assert refusal(a_question("size", kind, options=("Small", "Small"))) == ("questions.0.options", "repeated")
