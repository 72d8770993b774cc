"""Answers to a preset's questions: what each type takes, and what is said of the rest."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.booking.answers import (
    LARGEST,
    AnswerRules,
    answers_corrected,
    answers_of_booking,
)
from slotline.domain.booking.questions import CHOICES, Question, QuestionType
from slotline.domain.booking.shown_answers import labelled_answers, shown_answer
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain_names import to_ascii
from slotline.telephony.numbering import refusal_of
from tests.support.builders.bookings import a_call, an_app
from tests.support.properties import tried

COLOURS = ("Red", "Green", "Blue")


def a_question(kind: QuestionType, **changes: Any) -> Question:
    options = COLOURS if kind in CHOICES else ()
    return Question(**{"key": kind.value, "label": f"Your {kind}", "type": kind, "options": options, **changes})


EVERY = tuple(a_question(kind) for kind in QuestionType)


def rules(*questions: Question, language: str = "en") -> AnswerRules:
    return AnswerRules(
        questions=questions or EVERY, to_ascii=to_ascii, screen=refusal_of, language=language, fallback="en"
    )


def kept(kind: QuestionType, value: object) -> object:
    return answers_of_booking({kind.value: value}, rules(), by_guest=False)[kind.value]


def refusal(answers: Mapping[str, object], checked: AnswerRules | None = None, *, by_guest: bool = False) -> Any:
    with pytest.raises(InvalidRequest) as refused:
        answers_of_booking(answers, checked or rules(), by_guest=by_guest)
    return refused.value


@pytest.mark.parametrize(
    ("kind", "value", "as_kept"),
    [
        (QuestionType.SHORT_TEXT, "Acme — Bogotá", "Acme — Bogotá"),
        (QuestionType.LONG_TEXT, "One line\nand\tanother", "One line\nand\tanother"),
        (QuestionType.NUMBER, 12, 12),
        (QuestionType.NUMBER, -0.5, -0.5),
        (QuestionType.NUMBER, 30.0, 30),
        (QuestionType.NUMBER, 0, 0),
        (QuestionType.NUMBER, 0.1 + 0.2, 0.1 + 0.2),
        (QuestionType.NUMBER, 999_999_999_999_999, 999_999_999_999_999),
        (QuestionType.DATE, "2028-02-29", "2028-02-29"),
        (QuestionType.YES_NO, True, True),
        (QuestionType.YES_NO, False, False),
        (QuestionType.SINGLE_CHOICE, "Green", "Green"),
        (QuestionType.MULTI_CHOICE, ["Blue", "Red"], ["Blue", "Red"]),
        (QuestionType.MULTI_CHOICE, ["Blue", "Green", "Red"], ["Blue", "Green", "Red"]),
        (QuestionType.PHONE, "+44 (0) 20 7946 0960", "+442079460960"),
        (QuestionType.EMAIL, "jane@bücher.example", "jane@xn--bcher-kva.example"),
        (QuestionType.URL, "https://www.example.com/a?b=c#d", "https://www.example.com/a?b=c#d"),
        (QuestionType.URL, "http://bücher.example:8080/straße", "http://bücher.example:8080/straße"),
    ],
)
def test_each_type_takes_its_own_kind_of_answer(kind: QuestionType, value: object, as_kept: object) -> None:
    assert kept(kind, value) == as_kept
    assert type(kept(kind, value)) is type(as_kept)


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        *((kind, {"an": "object"}, None) for kind in QuestionType),
        *((kind, 5, None) for kind in QuestionType if kind is not QuestionType.NUMBER),
        *((kind, [], None) for kind in QuestionType if kind is not QuestionType.MULTI_CHOICE),
        (QuestionType.SHORT_TEXT, "two\nlines", "control_character"),
        (QuestionType.SHORT_TEXT, "x" * 201, "too_long"),
        (QuestionType.SHORT_TEXT, "  ", "blank"),
        (QuestionType.LONG_TEXT, "x" * 4001, "too_long"),
        (QuestionType.LONG_TEXT, "bell\x07", "control_character"),
        (QuestionType.LONG_TEXT, "\n \n", "blank"),
        (QuestionType.NUMBER, "12", "type"),
        (QuestionType.NUMBER, True, "type"),
        (QuestionType.NUMBER, float("inf"), "number"),
        (QuestionType.NUMBER, float("nan"), "number"),
        (QuestionType.NUMBER, 10**15, "number"),
        (QuestionType.NUMBER, 1e-300, "number"),
        (QuestionType.DATE, "2027-02-29", "date"),
        (QuestionType.DATE, "20270503", "date"),
        (QuestionType.DATE, "2027-W01-1", "date"),
        (QuestionType.DATE, "2027-05-03T10:00:00Z", "date"),
        (QuestionType.DATE, "٢٠٢٧-05-03", "date"),
        (QuestionType.YES_NO, "true", "type"),
        (QuestionType.YES_NO, 1, "type"),
        (QuestionType.SINGLE_CHOICE, "green", "choice"),
        (QuestionType.SINGLE_CHOICE, ["Green"], "choice"),
        (QuestionType.MULTI_CHOICE, "Green", "type"),
        (QuestionType.MULTI_CHOICE, ["Green", "Green"], "repeated"),
        (QuestionType.MULTI_CHOICE, ["Green", "Pink"], "choice"),
        (QuestionType.MULTI_CHOICE, [["Green"]], "choice"),
        (QuestionType.MULTI_CHOICE, ["Green"] * 4, "too_many"),
        (QuestionType.PHONE, "555 0100", "phone"),
        (QuestionType.PHONE, "+1 900 555 0100", "premium_number"),
        (QuestionType.PHONE, "+" + "1" * 40, "too_long"),
        (QuestionType.EMAIL, "jane@example", "email"),
        (QuestionType.EMAIL, "jane..doe@example.com", "email"),
        (QuestionType.URL, "www.example.com", "url"),
        (QuestionType.URL, "ftp://example.com", "url"),
        (QuestionType.URL, "javascript:alert(1)", "url"),
        (QuestionType.URL, "https://", "url"),
        (QuestionType.URL, "https://a b.example", "url"),
        (QuestionType.URL, "https://user:secret@example.com", "url"),
        (QuestionType.URL, "https://example.com:port", "url"),
        (QuestionType.URL, "https://exa\\mple.com", "url"),
        (QuestionType.URL, "https://-.example", "url"),
        (QuestionType.URL, "https://example.com/" + "x" * 2000, "too_long"),
    ],
)
def test_another_kind_of_answer_is_refused_with_the_questions_name(
    kind: QuestionType, value: object, code: str | None
) -> None:
    error = refusal({kind.value: value})
    (detail,) = error.details
    assert detail.field == f"answers.{kind}"
    assert f"“Your {kind}” " in detail.message
    assert error.message == f"answers.{kind}: {detail.message}"
    assert code is None or detail.code == code


def test_a_choice_that_nobody_offers_says_what_there_is_and_what_may_have_been_meant() -> None:
    (detail,) = refusal({"single_choice": "Gren"}).details
    assert detail.message == "“Your single_choice” must be one of Red, Green, Blue; did you mean Green"
    many = a_question(QuestionType.SINGLE_CHOICE, options=tuple(f"Choice {number}" for number in range(1, 13)))
    (detail,) = refusal({"single_choice": "None"}, rules(many)).details
    assert detail.message.endswith("Choice 9, Choice 10 and 2 more")


def test_a_question_that_nobody_asks_is_refused_with_the_one_that_was_meant() -> None:
    asked = rules(a_question(QuestionType.SHORT_TEXT, key="company"))
    (detail,) = refusal({"compnay": "Acme"}, asked).details
    assert (detail.field, detail.code) == ("answers.compnay", "unknown_question")
    assert detail.message == "is not a question of this booking; did you mean company"
    (detail,) = refusal({"compnay": None}, asked).details
    assert detail.code == "unknown_question", "also without an answer: it is a slip all the same"
    none = AnswerRules(questions=(), to_ascii=to_ascii, screen=refusal_of, language="en", fallback="en")
    (detail,) = refusal({"company": "Acme"}, none).details
    assert detail.message == "is not a question of this booking: its preset asks none"


def test_all_that_is_wrong_is_told_at_once_and_much_of_it_is_counted() -> None:
    error = refusal({"number": "5", "date": "soon", "colour": "Red"})
    assert {detail.field for detail in error.details} == {"answers.number", "answers.date", "answers.colour"}
    error = refusal({f"question{number}": 1 for number in range(20_000)})
    assert (len(error.details), error.total) == (50, 20_000)
    (detail,) = refusal({"k" * 1000: 1}).details
    assert len(str(detail.field)) < 120


def test_what_is_required_is_required_of_a_guest_alone() -> None:
    asked = rules(
        a_question(QuestionType.SHORT_TEXT, key="company", label="Your company", required=True),
        a_question(QuestionType.YES_NO, key="parking", required=True),
        a_question(QuestionType.NUMBER, key="size"),
    )
    assert answers_of_booking({}, asked, by_guest=False) == {}
    for nothing in ({}, {"company": None}, {"company": ""}):
        error = refusal({**nothing, "parking": False}, asked, by_guest=True)
        assert [(detail.field, detail.message, detail.code) for detail in error.details] == [
            ("answers.company", "“Your company” is required", "required")
        ]
    error = refusal({"company": 5}, asked, by_guest=True)
    fields = [detail.field for detail in error.details]
    assert fields == ["answers.company", "answers.parking"], "one fault for each question"
    assert answers_of_booking({"company": "Acme", "parking": False}, asked, by_guest=True) == {
        "company": "Acme",
        "parking": False,
    }


def test_no_answer_is_no_answer_however_it_is_written() -> None:
    nothing = {"short_text": "", "number": None, "date": "", "multi_choice": [], "email": ""}
    assert answers_of_booking(nothing, rules(), by_guest=False) == {}


def test_a_message_names_the_question_in_the_language_of_whoever_is_asked() -> None:
    label = {"en": "How many people?", "es": "¿Cuántas personas?"}
    asked = a_question(QuestionType.NUMBER, label=label)
    assert "“¿Cuántas personas?”" in refusal({"number": "5"}, rules(asked, language="es-CO")).message
    assert "“How many people?”" in refusal({"number": "5"}, rules(asked, language="ja")).message


def test_all_answers_together_have_a_bound() -> None:
    asked = tuple(a_question(QuestionType.LONG_TEXT, key=f"text{number}") for number in range(20))
    most = {question.key: "é" * 4000 for question in asked}
    error = refusal(most, rules(*asked))
    assert [(detail.field, detail.code) for detail in error.details] == [("answers", "too_large")]
    fits = answers_of_booking({"text1": "é" * 4000, "text2": "é" * 4000}, rules(*asked), by_guest=False)
    assert len(json.dumps(fits, ensure_ascii=False).encode()) < LARGEST


def test_a_correction_changes_what_it_names_and_null_takes_an_answer_away() -> None:
    before = {"short_text": "Acme", "number": 5, "multi_choice": ["Red"]}
    assert answers_corrected(before, {"number": 6}, rules()) == {**before, "number": 6}
    assert answers_corrected(before, {"number": None}, rules()) == {"short_text": "Acme", "multi_choice": ["Red"]}
    assert answers_corrected(before, {"multi_choice": []}, rules()) == {"short_text": "Acme", "number": 5}
    assert answers_corrected(before, {"short_text": ""}, rules()) == before, "an empty text is as one not sent"
    assert answers_corrected(before, {"date": None}, rules()) == before
    with pytest.raises(InvalidRequest):
        answers_corrected(before, {"number": "6"}, rules())


def test_an_answer_whose_question_is_gone_stays_and_can_only_be_taken_away() -> None:
    before = {"gone": "Acme", "number": 5}
    assert answers_corrected(before, {"number": 6}, rules()) == {"gone": "Acme", "number": 6}
    assert answers_corrected(before, {"gone": None}, rules()) == {"number": 5}
    with pytest.raises(InvalidRequest, match="is not a question of this booking"):
        answers_corrected(before, {"gone": "Other"}, rules())


def test_answers_are_shown_in_the_order_of_their_questions_each_under_its_label() -> None:
    preset = an_app(
        questions=(
            a_question(QuestionType.YES_NO, key="parking", label={"en": "Parking?", "es": "¿Estacionamiento?"}),
            a_question(QuestionType.MULTI_CHOICE, key="colours", label="Colours"),
            a_question(QuestionType.NUMBER, key="size", label="Size"),
        )
    ).preset
    call = a_call(answers={"gone": "Acme", "colours": ["Red", "Blue"], "parking": True, "size": 2.5})
    shown = labelled_answers(call, preset, "es")
    assert [(label, shown_answer(answer, ("Sí", "No"))) for label, answer in shown] == [
        ("¿Estacionamiento?", "Sí"),
        ("Colours", "Red, Blue"),
        ("Size", "2.5"),
        ("gone", "Acme"),
    ]
    assert labelled_answers(a_call(answers={"parking": False}), preset, "ja") == [("Parking?", False)]
    assert shown_answer(False, ("Yes", "No")) == "No"
    assert labelled_answers(a_call(), preset, "en") == []


values: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(COLOURS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@tried(300)
@given(st.dictionaries(st.sampled_from([*QuestionType, "other"]), values))
def test_whatever_is_answered_is_kept_as_strict_json_or_refused_in_our_words(answers: dict[str, object]) -> None:
    faults: list[str | None] = []
    try:
        found = answers_of_booking(answers, rules(), by_guest=False)
    except InvalidRequest as error:
        faults = [detail.field for detail in error.details]
        found = {}
    assert all(field and field.startswith("answers.") for field in faults)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert answers_corrected(found, found, rules()) == found, "what is kept is taken again"
