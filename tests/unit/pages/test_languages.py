"""A page speaks the language that its address names, else its reader's, else the browser's, else the service's."""

import pytest

from slotline.pages.languages import language_for


@pytest.mark.parametrize(
    ("asked", "accepted", "otherwise", "language"),
    [
        (None, None, (), "en"),
        ("es", "en", ("en",), "es"),
        ("es-CO", None, (), "es"),
        ("ES", None, (), "es"),
        ("fr", "es", (), "es"),
        (None, "fr;q=0.9, es;q=0.8, en;q=0.7", (), "es"),
        (None, "en;q=0.5, es", (), "es"),
        (None, "en;q=0, es;q=0.1", (), "es"),
        (None, "fr, de", ("es",), "es"),
        (None, "*", (), "en"),
        (None, ";;q=,=;q=2,es;q=nan", (), "en"),
        ("x" * 1000, "y" * 1000, ("fr",), "en"),
    ],
)
def test_the_language_of_a_page(asked, accepted, otherwise, language):
    assert language_for(asked, accepted, otherwise) == language


@pytest.mark.parametrize(
    ("asked", "known", "language"),
    [("ar", "es", "ar"), (None, "es-CO", "es"), ("fr", "es", "es"), (None, "fr", "ar"), (None, None, "ar")],
)
def test_what_is_known_of_a_reader_counts_more_than_what_the_browser_asks_for(asked, known, language):
    assert language_for(asked, "ar", ("en",), known) == language
