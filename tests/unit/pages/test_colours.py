"""A brand's colour is corrected until it can be read: as a ground for text, and as text on our grounds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.shared.colours import LEAST_CONTRAST, contrast, palette_of

LIGHT, DARK = ("#ffffff", "#f5f6f8"), ("#171b22", "#1e232c", "#0e1116")
"""The grounds of base.css."""


def rgb(text: str) -> tuple[int, int, int]:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def readable(text: str, *grounds: str) -> bool:
    return all(contrast(rgb(text), rgb(ground)) >= LEAST_CONTRAST for ground in grounds)


@given(st.integers(0, 0xFFFFFF).map("#{:06x}".format))
def test_text_on_the_brand_and_in_the_brands_colour_can_be_read_in_both_schemes(colour):
    found = palette_of(colour)
    assert found.brand == colour
    assert readable(found.on_brand, found.brand, found.hover)
    assert readable(found.ink[0], *LIGHT, found.soft[0])
    assert readable(found.ink[1], *DARK, found.soft[1])


def test_a_colour_that_can_be_read_stays_as_it_is():
    assert palette_of("#2456E6").ink[0] == "#2456e6"


def test_black_on_white_is_twenty_one_to_one():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


@pytest.mark.parametrize("text", ["", "#fff", "red", "#12345g", "#1234567"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(ValueError, match=re.escape("#rrggbb")):
        palette_of(text)
