"""How answers to a preset's questions are shown to people: apart from what checks them, which no mail needs."""

from collections.abc import Sequence

from slotline.domain.booking.apps import Preset
from slotline.domain.booking.calls import Call
from slotline.domain.booking.texts import text_in

YesNo = tuple[str, str]
"""The words for yes and for no."""


def labelled_answers(call: Call, preset: Preset, language: str) -> Sequence[tuple[str, object]]:
    """Each answer with its question's label, in the order of the questions.

    `preset`: the one that the call was booked under. An answer whose question is gone stays, under its key.
    """
    labels = {question.key: text_in(question.label, language, preset.language) for question in preset.questions}
    ordered = [*(key for key in labels if key in call.answers), *(key for key in call.answers if key not in labels)]
    return [(labels.get(key, key), call.answers[key]) for key in ordered]


def shown_answer(answer: object, yes_no: YesNo) -> str:
    """An answer for people to read. A long text has the lines that it was given."""
    if isinstance(answer, bool):
        return yes_no[0] if answer else yes_no[1]
    if isinstance(answer, list | tuple):
        return ", ".join(str(choice) for choice in answer)
    return str(answer)
