"""How much a call may have to say: a carrier takes instructions up to a size, and placeholders make a text grow.

A call that could not be answered is refused when it is planned, not when somebody has picked up.
"""

from collections.abc import Mapping

from slotline.domain.dialing.placeholders import defaults_of, filled, texts_of
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.markup import escape

LARGEST_INSTRUCTIONS = 64 * 1024
"""Bytes of TwiML that Twilio takes in an answer (https://www.twilio.com/docs/api/errors/11750)."""
AROUND_THE_WORDS = 1024
"""Bytes of it that are no words: tags, the language, and whom the call is put through to."""
LARGEST_WORDS = LARGEST_INSTRUCTIONS - AROUND_THE_WORDS
_MOST_BYTES = 5
"""Of one character: `&` becomes `&amp;`, and no character takes more in UTF-8."""


class SpokenLength:
    """The texts of a use case, in one language, with the parameters of one call after the other."""

    def __init__(self, use_case: UseCase, language: str | None) -> None:
        self._texts = texts_of(use_case, language or use_case.language)
        self._defaults = defaults_of(use_case)
        self._longest_default = _longest(self._defaults)

    def fits(self, params: Mapping[str, object]) -> bool:
        """Whether each text, filled with these parameters, can be said."""
        longest = max(_longest(params), self._longest_default)
        return all(self._fits(text, longest, params) for text in self._texts)

    def _fits(self, text: str, longest: int, params: Mapping[str, object]) -> bool:
        if _MOST_BYTES * (len(text) + text.count("{") * longest) <= LARGEST_WORDS:
            return True  # whatever fills it: nearly always, and at once
        return bytes_of(filled(text, params, self._defaults)) <= LARGEST_WORDS


def bytes_of(words: str) -> int:
    """What words take as text of XML."""
    return len(escape(words, quote=False).encode(errors="replace"))


def _longest(params: Mapping[str, object]) -> int:
    return max(map(len, map(str, params.values())), default=0)
