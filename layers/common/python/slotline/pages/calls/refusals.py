"""Why a change of a call is refused, in words for whoever asked for it."""

from slotline.domain.shared.errors import DomainError
from slotline.words.catalogue import Catalogue


def refusal_code(error: DomainError) -> str:
    """The code of a refusal: that of its one detail, which says more, or else the error's own."""
    codes = {detail.code for detail in error.details if detail.code}
    return codes.pop() if len(codes) == 1 else error.code


def refusal_text(error: DomainError, words: Catalogue) -> str:
    """What is said of it. A rule without words of its own is told by what it is a kind of."""
    known = words.words["refusals"]
    return str(known.get(refusal_code(error)) or known.get(error.code) or known["conflict"])
