"""The one stylesheet of all pages: small, without a direction, and still for who wants nothing to move."""

import gzip
import re

from slotline.pages.assets import content_of, text_of

MOST_BYTES = 8 * 1024
"""Compressed: it comes with the first view of every page."""


def rules() -> str:
    return re.sub(r"/\*.*?\*/", "", text_of("base.css"), flags=re.DOTALL)


def test_it_is_small():
    assert len(gzip.compress(content_of("base.css"), 9)) <= MOST_BYTES


def test_it_names_neither_left_nor_right_so_arabic_turns_by_its_direction_alone():
    assert re.findall(r"[\w-]*\b(?:left|right)\b[\w-]*", rules()) == []


def test_it_loads_nothing():
    assert "url(" not in rules()
    assert "@import" not in rules()


def test_what_moves_moves_only_for_who_has_not_asked_for_less():
    outside = re.sub(r"@media \(prefers-reduced-motion: no-preference\) \{.*?\n\}\n", "", rules(), flags=re.DOTALL)
    assert not re.search(r"animation|transition", outside)


def test_every_colour_is_a_token_that_light_and_dark_have():
    components = rules().partition("}")[2]
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", components)) == set()
    for token in set(re.findall(r"var\((--[\w-]+)\)", rules())) - set(re.findall(r"(--[\w-]+):", rules())):
        assert token.startswith("--brand"), "it is of no stylesheet, and of no brand's style"
