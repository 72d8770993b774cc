"""Text within HTML and XML, beside what the standard library makes of it."""

import html
import string

import pytest

from slotline.domain.shared.markup import escape


@pytest.mark.parametrize("text", [string.printable, "&amp; <b>'\"</b>", "Zoë & Łukasz 東京 \U0001f600", ""])
@pytest.mark.parametrize("quote", [True, False])
def test_text_is_escaped_as_the_standard_library_does(text: str, quote: bool) -> None:
    assert escape(text, quote=quote) == html.escape(text, quote=quote)
