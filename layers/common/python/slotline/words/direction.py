"""Which way a language runs, and how a text keeps apart what may run the other way.

In Arabic, a name in Latin letters draws the marks and digits beside it to its own side, and a phone number shows its
`+` at the wrong end (Unicode UAX #9). So names, places, numbers in E.164 and whatever people wrote are isolated there:
nothing around them moves, and they read as they were written. What is copied as a whole or made a link by programs, a
link, an address or a code, stays bare: an invisible character would go along. A text in a language that runs left to
right has no such characters.
"""

from slotline.domain.shared.markup import escape
from slotline.words.catalogue import RIGHT_TO_LEFT

_LEFT_TO_RIGHT, _RIGHT_TO_LEFT, _BY_FIRST_LETTER, _END = "\u2066", "\u2067", "\u2068", "\u2069"
_BEGINS = frozenset((_LEFT_TO_RIGHT, _RIGHT_TO_LEFT, _BY_FIRST_LETTER))
_ELEMENTS = {_LEFT_TO_RIGHT: '<bdi dir="ltr">', _BY_FIRST_LETTER: "<bdi>", _END: "</bdi>"}


def runs_right_to_left(language: str) -> bool:
    """Whether the words of this language, one that a catalogue is in, run right to left."""
    return language in RIGHT_TO_LEFT


def isolated(text: str, language: str) -> str:
    """What somebody wrote, within a text of this language. It runs as its first letter does."""
    return _within(_BY_FIRST_LETTER, text, language)


def isolated_number(text: str, language: str) -> str:
    """A number whose signs have an order, such as one in E.164. It runs left to right in every language."""
    return _within(_LEFT_TO_RIGHT, text, language)


def in_html(text: str, language: str) -> str:
    """The text escaped, with elements for its isolates. Those that somebody wrote within one are theirs, and stay."""
    if not runs_right_to_left(language):
        return escape(text)
    parts, depth = [], 0
    for character in escape(text):
        if character == _END:
            depth -= 1
        parts.append(character if depth else _ELEMENTS.get(character, character))
        if character in _BEGINS:
            depth += 1
    return "".join(parts)


def direction_attribute(language: str) -> str:
    """What an element says of its direction, with a space before it; nothing of left to right, as HTML begins with."""
    return ' dir="rtl"' if runs_right_to_left(language) else ""


def left_to_right_attribute(language: str) -> str:
    """The same for an element, such as a link, that runs left to right in every language."""
    return ' dir="ltr"' if runs_right_to_left(language) else ""


def _within(begin: str, text: str, language: str) -> str:
    """An isolate ends with its line (UAX #9, BD13), so each line has one."""
    if not runs_right_to_left(language):
        return text
    return "\n".join(f"{begin}{line}{_END}" if line else "" for line in text.split("\n"))
