"""Every language says the same things on pages, with the same placeholders and all of its plurals."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from slotline.words import catalogue
from slotline.words.catalogue import BELOW, PAGES, PLURALS, SIGNED, catalogue_for, languages

WORDS = Path(catalogue.__file__).parent

BOOKS = (PAGES, SIGNED, "sign_in", "my", "console", "dialing", "settings")
SPOKEN = [(book, language) for book in BOOKS for language in sorted(languages(book))]

CATEGORIES = {"zero", "one", "two", "few", "many", "other"}
"""The plurals of CLDR."""


def texts(words: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in words.items():
        if isinstance(value, Mapping) and not value.keys() <= CATEGORIES:
            yield from texts(value, f"{path}{key}.")
        else:
            yield path + key, value


def placeholders(text: Any) -> frozenset[str]:
    """Of a text, or of the one for many: a language may leave the number out of "one hour"."""
    return frozenset(re.findall(r"\{\w+\}", text["other"] if isinstance(text, Mapping) else text))


def test_pages_speak_a_language_of_each_direction():
    assert languages(PAGES) >= {"ar", "en", "es"}


@pytest.mark.parametrize("book", BOOKS)
def test_every_surface_speaks_english_and_spanish(book):
    assert languages(book) >= {"en", "es"}


@pytest.mark.parametrize("book", BOOKS)
def test_no_part_of_a_surfaces_words_hides_one_of_the_words_below_it(book):
    own = set(tomllib.loads((WORDS / book / "en.toml").read_text(encoding="utf-8")))
    below = BELOW.get(book, (PAGES, SIGNED))
    assert not own & {part for one in below for part in tomllib.loads((WORDS / one / "en.toml").read_text("utf-8"))}


@pytest.mark.parametrize(("book", "language"), SPOKEN)
def test_every_language_has_the_same_texts_with_the_same_placeholders(book, language):
    found, english = (dict(texts(catalogue_for(tag, book).words)) for tag in (language, "en"))
    assert {path: placeholders(text) for path, text in found.items()} == {
        path: placeholders(text) for path, text in english.items()
    }


@pytest.mark.parametrize(("book", "language"), SPOKEN)
def test_every_text_that_counts_has_one_for_each_plural_of_its_language(book, language):
    plurals = {PLURALS[language](count) for count in range(1_000)}
    for path, text in texts(catalogue_for(language, book).words):
        assert not isinstance(text, Mapping) or set(text) == plurals, path
