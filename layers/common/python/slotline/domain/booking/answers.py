"""Answers to a preset's questions: what each type takes, and how an answer is kept.

An answer is checked by its question's type wherever it comes from. What is required is required of guests alone: a
partner or an agent may not know it. All faults of a request are told at once, each under `answers.<key>`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from slotline.domain.booking.questions import Question, QuestionType
from slotline.domain.booking.texts import text_in
from slotline.domain.shared.closest import did_you_mean
from slotline.domain.shared.emails import LONGEST as LONGEST_EMAIL
from slotline.domain.shared.emails import to_mailbox
from slotline.domain.shared.errors import MOST_DETAILS, Detail, InvalidRequest
from slotline.domain.shared.names import check_name, check_prose, is_visible
from slotline.domain.shared.phones import Screen, check_may_be_reached, to_e164
from slotline.domain.shared.plain_json import compact
from slotline.domain.shared.web_addresses import LONGEST as LONGEST_URL
from slotline.domain.shared.web_addresses import check_web_address

ANSWERS = "answers"
"""The field of a request."""
LONGEST_SHORT_TEXT = 200
LONGEST_LONG_TEXT = 4_000
LONGEST_PHONE = 40
LARGEST_NUMBER = 10**15
"""Every program that reads JSON has all digits of a smaller one."""
SMALLEST_NUMBER = 1e-15
LARGEST = 16 * 1024
"""Bytes of all answers of a call as JSON: a call's row, its events and its idempotency record each hold them."""

Answers = Mapping[str, object]
"""Question key to answer: text, a number, true or false, or a list of texts."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_KEY_SHOWN = 100
_OPTIONS_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRules:
    """What answers are checked against: the questions, and what the core cannot know by itself.

    `language`: of the labels that messages quote; `fallback`: the preset's, for a label that does not have it.
    """

    questions: Sequence[Question]
    to_ascii: Callable[[str], str | None]
    screen: Screen
    language: str
    fallback: str

    def label(self, question: Question) -> str:
        """What the question says, in quotation marks."""
        return f"“{text_in(question.label, self.language, self.fallback)}”"


def answers_of_booking(
    given: Mapping[str, object], rules: AnswerRules, *, by_guest: bool, on_page: bool = False
) -> Answers:
    """The answers of a new call. `by_guest`: every required question must have one. Raises InvalidRequest.

    `on_page`: the guest books on our page, which does not show hidden questions; those need no answer, because a guest
    whose link lost it could give none.
    Null, an empty text, and an empty list of choices are no answer.
    """
    answers, faults = _applied({}, given, rules)
    if by_guest:
        faulty = {fault.field for fault in faults}
        shown = (one for one in rules.questions if not (on_page and one.hidden))
        asked = (one for one in shown if one.required and one.key not in answers)
        missing = [Detail(f"{rules.label(one)} is required", "required", _field(one.key)) for one in asked]
        faults += [fault for fault in missing if fault.field not in faulty]
    return _checked(answers, faults)


def answers_corrected(kept: Answers, given: Mapping[str, object], rules: AnswerRules) -> Answers:
    """A call's answers after a change: null, or an empty list of choices, takes one away. Raises InvalidRequest.

    An empty text changes nothing. An answer whose question is gone can still be taken away.
    """
    return _checked(*_applied(kept, given, rules))


def _field(key: str) -> str:
    return f"{ANSWERS}.{key if len(key) <= _LONGEST_KEY_SHOWN else f'{key[:_LONGEST_KEY_SHOWN]}…'}"


def _checked(answers: Answers, faults: Sequence[Detail]) -> Answers:
    if faults:
        raise InvalidRequest.of_all(faults)
    if answers and len(compact(answers).encode(errors="replace")) > LARGEST:
        message = f"must be at most {LARGEST // 1024} KB as JSON, all together"
        raise InvalidRequest.of_field(ANSWERS, message, "too_large")
    return answers


def _applied(kept: Answers, given: Mapping[str, object], rules: AnswerRules) -> tuple[dict[str, object], list[Detail]]:
    """The answers with the given ones in their places, and what is wrong with those that are left out."""
    asked = {question.key: question for question in rules.questions}
    answers = dict(kept)
    unknown = [key for key, value in given.items() if key not in asked and (value is not None or key not in kept)]
    faults = _unknown(unknown, list(asked))
    for key, value in given.items():
        question = asked.get(key)
        if value is None or (value == [] and question and question.type is QuestionType.MULTI_CHOICE):
            answers.pop(key, None)
        elif question and value != "":
            try:
                answers[key] = _kept(value, question, rules)
            except InvalidRequest as error:
                detail = error.details[0]
                faults.append(Detail(f"{rules.label(question)} {detail.message}", detail.code, _field(key)))
    return answers, faults


def _unknown(keys: Sequence[str], asked: Sequence[str]) -> list[Detail]:
    """Which key was meant is looked for as often as a refusal tells it, however many there are."""
    hints = [did_you_mean(key, asked) for key in keys[:MOST_DETAILS]]
    nothing = "" if asked else ": its preset asks none"
    return [
        Detail(f"is not a question of this booking{hint or nothing}", "unknown_question", _field(key))
        for key, hint in zip_longest(keys, hints, fillvalue="")
    ]


def _refused(message: str, code: str) -> InvalidRequest:
    return InvalidRequest.of_field(ANSWERS, message, code)


def _kept(value: object, question: Question, rules: AnswerRules) -> object:
    """The answer as it is kept. Raises InvalidRequest with a message that begins behind the question's name."""
    if (read := _READ_ALONE.get(question.type)) is not None:
        return read(value)
    match question.type:
        case QuestionType.SINGLE_CHOICE:
            return _choice(value, question.options, "must be one of")
        case QuestionType.MULTI_CHOICE:
            return _choices(value, question.options)
        case QuestionType.PHONE:
            return _phone(value, rules.screen)
        case QuestionType.EMAIL:
            return to_mailbox(_text(value, LONGEST_EMAIL), rules.to_ascii)
        case QuestionType.URL:
            return _url(value, rules.to_ascii)
    raise AssertionError(question.type)


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str):
        raise _refused("must be text", "type")
    if len(value) > longest:
        raise _refused(f"must have at most {longest:,} characters", "too_long")
    return value


def _short_text(value: object) -> str:
    text = _text(value, LONGEST_SHORT_TEXT)
    check_name(text)
    return text


def _long_text(value: object) -> str:
    text = _text(value, LONGEST_LONG_TEXT)
    check_prose(text)
    if not any(is_visible(character) for character in text):
        raise _refused("must not be blank: it needs a character that can be seen", "blank")
    return text


def _number(value: object) -> int | float:
    """JSON has one kind of number: 30.0 is 30, and is kept so."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused("must be a number such as 12 or 12.5, without quotation marks", "type")
    if not -LARGEST_NUMBER < value < LARGEST_NUMBER:
        raise _refused("must be a number between -10^15 and 10^15", "number")
    if value != 0 and abs(value) < SMALLEST_NUMBER:
        raise _refused("must be 0, or a number that is farther from 0 than 10^-15", "number")
    return int(value) if value == int(value) else value


def _date(value: object) -> str:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise _refused("must be a date as year-month-day, such as 2027-05-03", "date")
    try:
        date.fromisoformat(value)
    except ValueError as error:
        raise _refused("must be a day that the calendar has", "date") from error
    return value


def _yes_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise _refused("must be true or false, without quotation marks", "type")
    return value


def _choice(value: object, options: Sequence[str], must: str) -> str:
    if isinstance(value, str) and value in options:
        return value
    more = len(options) - _OPTIONS_SHOWN
    shown = f"{', '.join(options[:_OPTIONS_SHOWN])}{f' and {more} more' if more > 0 else ''}"
    hint = did_you_mean(value, options) if isinstance(value, str) else ""
    raise _refused(f"{must} {shown}{hint}", "choice")


def _choices(value: object, options: Sequence[str]) -> list[str]:
    if not isinstance(value, list):
        raise _refused("must be a list of choices", "type")
    if len(value) > len(options):
        raise _refused(f"must name at most {len(options)} choices, each once", "too_many")
    chosen = [_choice(one, options, "must name none but") for one in value]
    if len(set(chosen)) < len(chosen):
        raise _refused("must name each choice only once", "repeated")
    return chosen


def _phone(value: object, screen: Screen) -> str:
    """As numbers are compared. One that nobody may dial is no answer: an agent would dial it by hand."""
    e164 = to_e164(_text(value, LONGEST_PHONE))
    check_may_be_reached(e164, screen, ANSWERS)
    return e164


def _url(value: object, to_ascii: Callable[[str], str | None]) -> str:
    text = _text(value, LONGEST_URL)
    check_web_address(text, to_ascii)
    return text


_READ_ALONE: Mapping[QuestionType, Callable[[object], object]] = {
    QuestionType.SHORT_TEXT: _short_text,
    QuestionType.LONG_TEXT: _long_text,
    QuestionType.NUMBER: _number,
    QuestionType.DATE: _date,
    QuestionType.YES_NO: _yes_no,
}
"""The types that need nothing but the answer."""
