"""A brand's colour, made readable: on it, as text on our grounds, light and dark (WCAG 2.2, 1.4.3).

Ratios and luminance are those of WCAG 2.2 (relative luminance, contrast ratio), on sRGB.
"""

import re
from dataclasses import dataclass

LEAST_CONTRAST = 4.5
"""Of text that is not large."""
_HEX = re.compile(r"#[0-9a-f]{6}", re.ASCII)
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_LIGHT_GROUND, _DARK_GROUND = (245, 246, 248), (30, 35, 44)
"""The darkest ground of the light scheme that text in the brand's colour is on, and the lightest of the dark one."""
_SOFT = 0.1
"""How much of the brand is in a soft ground of its own."""
_STEPS = 50

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """What a page makes of one colour. All are `#rrggbb`; two of a kind are for the light scheme and the dark one."""

    brand: str
    on_brand: str
    """Text on the brand's colour."""
    hover: str
    """The brand's colour under a pointer: further away from the text on it."""
    ink: tuple[str, str]
    """The brand's colour as text on our grounds, and on the soft one."""
    soft: tuple[str, str]


def palette_of(colour: str) -> Palette:
    """The palette of a colour, `#rrggbb`. Raises ValueError for what is none."""
    brand = _parsed(colour)
    on_brand = max((_WHITE, _BLACK), key=lambda text: contrast(text, brand))
    light, dark = _mixed(brand, _WHITE, _SOFT), _mixed(brand, _DARK_GROUND, 2 * _SOFT)
    return Palette(
        brand=_written(brand),
        on_brand=_written(on_brand),
        hover=_written(_mixed(_BLACK if on_brand == _WHITE else _WHITE, brand, 0.15)),
        ink=(
            _written(_readable(brand, _BLACK, (_LIGHT_GROUND, light))),
            _written(_readable(brand, _WHITE, (_DARK_GROUND, dark))),
        ),
        soft=(_written(light), _written(dark)),
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _readable(colour: Rgb, towards: Rgb, grounds: tuple[Rgb, ...]) -> Rgb:
    """The nearest to the colour, on its way to black or white, that can be read on all of these grounds."""
    steps = (_mixed(towards, colour, step / _STEPS) for step in range(_STEPS + 1))
    return next(step for step in steps if all(contrast(step, ground) >= LEAST_CONTRAST for ground in grounds))


def _mixed(one: Rgb, other: Rgb, part: float) -> Rgb:
    """So much of one in the other."""
    red, green, blue = (round(a * part + b * (1 - part)) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _parsed(colour: str) -> Rgb:
    if not _HEX.fullmatch(colour.lower()):
        raise ValueError("a colour is written as #rrggbb")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _written(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
