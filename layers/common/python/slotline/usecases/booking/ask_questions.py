"""What the answers of a call are checked against, wherever they come from: the questions of the preset it follows."""

from slotline.domain.booking.answers import AnswerRules
from slotline.domain.booking.apps import Preset
from slotline.domain.booking.calls import Guest
from slotline.domain.shared.phones import Screen
from slotline.domain_names import to_ascii


def rules_of(preset: Preset, guest: Guest, screen: Screen) -> AnswerRules:
    """The preset's questions. What is wrong is told in the guest's language, else in the preset's."""
    return AnswerRules(
        questions=preset.questions,
        to_ascii=to_ascii,
        screen=screen,
        language=guest.language or preset.language,
        fallback=preset.language,
    )
