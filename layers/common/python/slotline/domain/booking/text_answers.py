"""Answers as text says them: the fields of a form, and the parameters of a link."""

import re
from collections.abc import Sequence

from slotline.domain.booking.questions import CHOICES, Question, QuestionType

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
_YES, _NO = frozenset({"yes", "true", "1", "on"}), frozenset({"no", "false", "0", "off"})


def said_in_text(question: Question, texts: Sequence[str]) -> object:
    """The answer that these texts give, as the API would be sent it; None if they give none.

    A text that its question cannot take is the answer as it is: the rules for answers say what is wrong with it. Of
    several the last is taken, as a form that has a hidden field before a checkbox means it; `multi_choice` takes all.
    """
    if question.type in CHOICES:
        chosen = [text if text in question.options else text.strip() for text in texts if text.strip()]
        if question.type is QuestionType.MULTI_CHOICE:
            return chosen or None
        return chosen[-1] if chosen else None
    said = [text.strip() for text in texts if text.strip()]
    if not said:
        return None
    text = said[-1]
    if question.type is QuestionType.NUMBER and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if question.type is QuestionType.YES_NO and text.casefold() in _YES | _NO:
        return text.casefold() in _YES
    if question.type is QuestionType.LONG_TEXT:
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return text
