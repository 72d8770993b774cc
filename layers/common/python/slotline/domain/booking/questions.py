"""What a preset asks its guests beside their name and contact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from slotline.domain.booking.texts import Text
from slotline.domain.shared.errors import InvalidRequest

MOST_QUESTIONS = 20
MOST_OPTIONS = 50


class QuestionType(StrEnum):
    """What kind of value answers a question."""

    SHORT_TEXT = "short_text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    SINGLE_CHOICE = "single_choice"
    MULTI_CHOICE = "multi_choice"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"


CHOICES = frozenset({QuestionType.SINGLE_CHOICE, QuestionType.MULTI_CHOICE})
"""The types that have options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. `key` names its answer. A hidden one is not shown: the link that leads to the page answers it."""

    key: str
    label: Text
    type: QuestionType
    required: bool = False
    options: tuple[str, ...] = ()
    hidden: bool = False
    help: Text | None = None


def question_from_json(fields: Mapping[str, Any]) -> Question:
    """The question again that `plain` wrote."""
    return Question(
        key=fields["key"],
        label=fields["label"],
        type=QuestionType(fields["type"]),
        required=fields.get("required", False),
        options=tuple(fields.get("options") or ()),
        hidden=fields.get("hidden", False),
        help=fields.get("help"),
    )


def check_questions(questions: Sequence[Question]) -> None:
    """Raises InvalidRequest where they could not be asked, or not be told apart: the first fault by its place."""
    keys: dict[str, int] = {}
    for number, question in enumerate(questions):
        place = f"questions.{number}"
        first = keys.setdefault(question.key.casefold(), number)
        if first != number:
            message = f"is the key of question {first + 1}, too: each needs its own, not only in capital letters"
            raise InvalidRequest.of_field(f"{place}.key", message, "repeated")
        _check_options(question, f"{place}.options")


def _check_options(question: Question, field: str) -> None:
    if question.type not in CHOICES:
        if question.options:
            message = f"are for single_choice and multi_choice: leave them out of a question of type {question.type}"
            raise InvalidRequest.of_field(field, message, "not_allowed")
        return
    if not question.options:
        message = f"are required for a question of type {question.type}: what can be chosen"
        raise InvalidRequest.of_field(field, message, "required")
    if len(set(question.options)) < len(question.options):
        raise InvalidRequest.of_field(field, "must name each choice only once", "repeated")
