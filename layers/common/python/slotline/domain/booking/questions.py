"""What a preset asks its guests beside their name and contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from slotline.domain.booking.texts import Text


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
