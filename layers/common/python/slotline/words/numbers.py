"""Numbers in a reader's language: how thousands are grouped, and what stands before a fraction (Unicode CLDR)."""

from dataclasses import dataclass

from slotline.words.catalogue import FALLBACK


@dataclass(frozen=True, slots=True)
class _Signs:
    """`grouped_from`: numbers of so many digits have groups."""

    group: str
    point: str
    percent: str
    grouped_from: int = 4


_SIGNS = {
    "en": _Signs(group=",", point=".", percent="%"),
    "es": _Signs(group=".", point=",", percent="\N{NO-BREAK SPACE}%", grouped_from=5),
}
_MINUS = "\N{MINUS SIGN}"


def number_of(value: float, language: str, places: int = 0) -> str:
    """`12,345` or `0.5`, with so many places behind the point at most."""
    signs = _SIGNS.get(language, _SIGNS[FALLBACK])
    whole, _, fraction = f"{abs(value):.{places}f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", signs.group) if len(whole) >= signs.grouped_from else whole
    fraction = fraction.rstrip("0")
    text = f"{grouped}{signs.point}{fraction}" if fraction else grouped
    return f"{_MINUS}{text}" if value < 0 and text != "0" else text


def percent_of(share: float, language: str, places: int = 1) -> str:
    """`12.5%`, of a share of 1."""
    return f"{number_of(100 * share, language, places)}{_SIGNS.get(language, _SIGNS[FALLBACK]).percent}"
