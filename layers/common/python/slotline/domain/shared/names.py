"""Names of people and things: one line of text, at every door, and whenever one is sent.

A name is text and nothing else. Nothing reads an encoded word, an address or a link in it. What would change the lines
or the direction of the text around a name is refused when it comes in, and left out of names that were stored before.
"""

import re
import unicodedata

from slotline.domain.shared.errors import InvalidRequest

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Unicode's category Cc, which is these for good (Unicode, "Property Stability")."""
_CONTROL_BUT_BREAKS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_SEPARATORS = frozenset("\u2028\u2029")
_OVERRIDES = frozenset("\u202d\u202e")
"""Unicode UAX #9: they turn letters around, so that a name reads as another one."""
_ENDS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
"""Embeddings and isolates, and what ends each. People paste them around names in both directions of writing, and
as long as each ends within the name they are harmless. The marks U+200E, U+200F and U+061C always are."""
_DIRECTION = _OVERRIDES | frozenset(_ENDS) | frozenset(_ENDS.values())
_UNSEEN_KINDS = frozenset({"Cc", "Cf", "Cs", "Mn", "Zl", "Zp", "Zs"})
_UNSEEN_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Hangul fillers and the empty Braille cell: letters and a symbol by their kind, and blank."""

_BREAKS = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029]+\s*")
_DOTS = ".\u3002\uff0e\uff61"
"""What a browser takes for the dot of a host (UTS #46)."""
_NO_WIDTH = "\u00ad\u200b-\u200f\u2060\ufeff"
_MARKS = "\u0300-\u036f\u0900-\u0dff"
"""Accents, and the scripts of India, in which many an ending has a vowel sign for its second character."""
_LINKS = re.compile(
    r":(?=//)"
    r"|(?<![^\W\d_])(?:mailto|tel|sms|smsto|callto|sip|skype|whatsapp|javascript|data):(?=\S)"
    rf"|(?<=\S)[{_DOTS}](?=[{_NO_WIDTH}]*(?:[^\W\d_](?:[^\W\d_]|[{_MARKS}])|xn--))"
    rf"|(?<!\d)\d{{1,3}}[{_DOTS}](?=(?:\d{{1,3}}[{_DOTS}]){{2}}\d)",
    re.IGNORECASE,
)
"""Where an address is held together: after a scheme, after a dot that letters follow, and in four groups of digits."""


def check_line(text: str, field: str = "name") -> None:
    """Raises InvalidRequest where the text is not one line, or turns the direction of what is around it."""
    if _CONTROL.search(text):
        raise InvalidRequest.of_field(field, "must be one line, without control characters", "control_character")
    if text.isascii():  # which has nothing of what follows
        return
    if not _LINE_SEPARATORS.isdisjoint(text):
        raise InvalidRequest.of_field(field, "must be one line, without line separators", "line_separator")
    overrides = [character for character in text if character in _OVERRIDES]
    if overrides:
        raise InvalidRequest.of_field(
            field, f"must not hold U+{ord(overrides[0]):04X}, which turns the direction of letters around", "direction"
        )
    if not _is_balanced(text):
        raise InvalidRequest.of_field(
            field,
            "must end every embedding and isolate of direction that it begins (U+202A, U+202B, U+2066 to U+2068)",
            "direction",
        )


def check_name(text: str, field: str = "name") -> None:
    """The same, and somebody must be able to see it. Raises InvalidRequest."""
    check_line(text, field)
    if not any(is_visible(character) for character in text):
        raise InvalidRequest.of_field(field, "must not be blank: it needs a character that can be seen", "blank")


def is_name(text: str, longest: int) -> bool:
    """Whether a name of at most so many characters passes."""
    try:
        check_name(text)
    except InvalidRequest:
        return False
    return len(text) <= longest


def check_prose(text: str, field: str = "text") -> None:
    """Text of several lines. Raises InvalidRequest for control characters other than line breaks and tabs."""
    if _CONTROL_BUT_BREAKS.search(text):
        message = "must not hold control characters other than line breaks and tabs"
        raise InvalidRequest.of_field(field, message, "control_character")


def is_visible(character: str) -> bool:
    """Whether the character shows by itself. One that this interpreter does not know yet is taken to."""
    return unicodedata.category(character) not in _UNSEEN_KINDS and character not in _UNSEEN_LETTERS


def one_line(text: str) -> str:
    """The text as it is sent. A break becomes one space with those around it; what turns text around is left out.

    Half a surrogate pair, which no encoding can carry, becomes a question mark. Everything else stays as it is.
    """
    carried = text.encode("utf-8", "replace").decode("utf-8")
    line = _BREAKS.sub(" ", carried)
    left_out = frozenset[str]() if _OVERRIDES.isdisjoint(line) and _is_balanced(line) else _DIRECTION
    return "".join(character for character in line if character not in left_out).strip()


def _is_balanced(text: str) -> bool:
    """Whether each embedding and isolate ends within the text, in order."""
    open_ends: list[str] = []
    for character in text:
        if character in _ENDS:
            open_ends.append(_ENDS[character])
        elif character in _ENDS.values() and (not open_ends or open_ends.pop() != character):
            return False
    return not open_ends


def without_links(name: str, gap: str) -> str:
    """The name so that no program turns a part of it into a link: `gap` parts what holds an address together.

    `gap` must be a space of some width. Programs that look for links, and browsers, skip what has none.
    """
    return _LINKS.sub(lambda found: found[0] + gap, name)
