"""Why something is refused, in its reader's words: the one place where the code of a refusal becomes a text.

What the rules say themselves is English. In the words of signed pages `refusals` are about what somebody wants to be
done, and `faults` about what they typed. A code without words is told as the rules tell it.
"""

from collections.abc import Mapping

from slotline.domain.shared.errors import Detail, DomainError
from slotline.words.catalogue import Catalogue

SAID = "said"
"""The code of what a page refuses by itself: the message is in its reader's words."""
MISSING = frozenset({"missing", "required", "string_too_short", "too_short"})
_LONG = frozenset({"string_too_long", "too_long", "too_large", "text"})
_UNFIT = frozenset({"enum", "literal_error", "value_error", "string_type", "list_type", "bool_type", "bool_parsing"})
"""Of values that no form of ours sends by itself."""
_NOTHING: Mapping[str, str] = {}


def refusal_code(error: DomainError) -> str:
    """The code of a refusal: that of its one detail, which says more, or else the error's own."""
    codes = {detail.code for detail in error.details if detail.code}
    return codes.pop() if len(codes) == 1 else error.code


def refusal_text(error: DomainError, words: Catalogue, own: Mapping[str, str] = _NOTHING) -> str:
    """What is said of it. A rule without words of its own is told by what it is a kind of.

    `own`: what the page says of some codes instead, because there they are about something else.
    """
    known = (own, words.words["refusals"])
    codes = (refusal_code(error), error.code)
    found = (table[code] for code in codes for table in known if code in table)
    return str(next(found, error.message))


def code_text(code: str, words: Catalogue, own: Mapping[str, str] = _NOTHING) -> str:
    """What is said of a refusal of which only the code was kept."""
    known: Mapping[str, str] = words.words["refusals"]
    return str(own.get(code) or known.get(code) or known["conflict"])


def fault_text(detail: Detail, words: Catalogue, own: Mapping[str, str] = _NOTHING) -> str:
    """What is said of something that was typed. `own`: as of `refusal_text`."""
    texts: Mapping[str, str] = {**words.words["faults"], **own}
    kinds = {"missing": MISSING, "long": _LONG, "other": _UNFIT}
    kind = next((name for name, codes in kinds.items() if detail.code in codes), detail.code)
    return str(texts.get(kind, detail.message))
