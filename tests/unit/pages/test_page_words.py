"""Every language says the same things on pages, with the same placeholders and all of its plurals."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from slotline.words.catalogue import PAGES, PLURALS, catalogue_for, languages

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


ENGLISH = dict(texts(catalogue_for("en", PAGES).words))


def test_pages_speak_a_language_of_each_direction():
    assert languages(PAGES) >= {"ar", "en", "es"}


@pytest.mark.parametrize("language", sorted(languages(PAGES)))
def test_every_language_has_the_same_texts_with_the_same_placeholders(language):
    found = dict(texts(catalogue_for(language, PAGES).words))
    assert {path: placeholders(text) for path, text in found.items()} == {
        path: placeholders(text) for path, text in ENGLISH.items()
    }


@pytest.mark.parametrize("language", sorted(languages(PAGES)))
def test_every_text_that_counts_has_one_for_each_plural_of_its_language(language):
    plurals = {PLURALS[language](count) for count in range(1_000)}
    for path, text in texts(catalogue_for(language, PAGES).words):
        assert not isinstance(text, Mapping) or set(text) == plurals, path
