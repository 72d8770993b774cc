"""What Lambda counts for a text, and what it carries."""

import json

import pytest

from slotline.http.core.carried import LARGEST_CARRIED, carried, fits


@pytest.mark.parametrize("text", ["", "plain", '{"a": "b"}', "a\\b\n", "José 李雷 👋", '=?"\x01'])
def test_it_is_counted_as_the_runtime_writes_it(text: str):
    assert carried(text) == len(json.dumps({"body": text}, ensure_ascii=False).encode()) - len('{"body": }')


@pytest.mark.parametrize(
    ("letter", "most"), [("x", LARGEST_CARRIED - 2), ('"', LARGEST_CARRIED // 2 - 1), ("é", LARGEST_CARRIED // 2 - 1)]
)
def test_a_text_fits_to_the_last_byte(letter: str, most: int):
    assert fits(letter * most)
    assert not fits(letter * (most + 1))
