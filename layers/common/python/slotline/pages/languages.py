"""Which language a page is in: what its address says, else what is known of its reader, else what the browser asks for,
else what the service speaks.
"""

from collections.abc import Iterable

from slotline.http.core.accepting import weighted
from slotline.words.catalogue import FALLBACK, PAGES, spoken

LONGEST = 35
"""Of a language tag that is looked at (RFC 5646 §4.4.1)."""


def language_for(
    asked: str | None,
    accepted: str | None,
    otherwise: Iterable[str] = (),
    known: str | None = None,
    book: str = PAGES,
) -> str:
    """The language of the words. `asked`: by the address; `known`: the reader's, as they said before; `accepted`: the
    header Accept-Language; `book`: which words."""
    found = (language_or_none(one, book) for one in (asked, known, *_ranges(accepted or ""), *otherwise))
    return next((one for one in found if one), FALLBACK)


def language_or_none(tag: str | None, book: str = PAGES) -> str | None:
    """The language of the words for this tag; None if these pages do not speak it."""
    return spoken(tag, book) if tag and len(tag) <= LONGEST else None


def _ranges(header: str) -> list[str]:
    """The languages that a browser asks for, the dearest first (RFC 9110 §12.5.4)."""
    wanted = [(name, weight) for name, weight in weighted(header) if weight > 0]
    return [name for name, _ in sorted(wanted, key=lambda one: -one[1])]
