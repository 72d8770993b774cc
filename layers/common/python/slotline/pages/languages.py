"""Which language a page is in: what its address says, else what the browser asks for, else what the service speaks."""

from collections.abc import Iterable

from slotline.words.catalogue import FALLBACK, PAGES, spoken

LONGEST = 35
"""Of a language tag that is looked at (RFC 5646 §4.4.1)."""
_MOST_RANGES = 20


def language_for(asked: str | None, accepted: str | None, otherwise: Iterable[str] = ()) -> str:
    """The language of the words. `asked`: by the address; `accepted`: the header Accept-Language."""
    wanted = (*((asked,) if asked else ()), *_ranges(accepted or ""), *otherwise)
    found = (spoken(one, PAGES) for one in wanted if one and len(one) <= LONGEST)
    return next((one for one in found if one), FALLBACK)


def _ranges(header: str) -> list[str]:
    """The languages that a browser asks for, the dearest first (RFC 9110 §12.5.4)."""
    weighted = []
    for part in header.split(",")[:_MOST_RANGES]:
        name, _, weight = part.partition(";")
        quality = _quality(weight)
        if name.strip() and quality > 0:
            weighted.append((quality, name.strip()))
    return [name for _, name in sorted(weighted, key=lambda one: -one[0])]


def _quality(parameter: str) -> float:
    if not parameter.strip():
        return 1.0
    name, _, value = parameter.partition("=")
    try:
        found = float(value)
    except ValueError:
        return 0.0
    return found if name.strip() == "q" and 0 <= found <= 1 else 0.0
