"""Which of a text's languages a reader gets."""

import pytest

from slotline.domain.booking.texts import text_in

WELCOME = {"en": "Welcome", "es": "Hola", "es-MX": "Qué tal", "pt-BR": "Bem-vindo"}


def test_a_text_without_languages_is_for_everybody():
    assert text_in("Welcome", "ar", "en") == "Welcome"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Hola"),
        ("es-MX", "Qué tal"),
        ("ES-mx", "Qué tal"),
        ("es-CO", "Hola"),
        ("pt-BR", "Bem-vindo"),
        ("pt", "Welcome"),
        ("ar", "Welcome"),
    ],
)
def test_a_reader_gets_their_language_or_that_without_its_region_or_the_fallback(language, text):
    assert text_in(WELCOME, language, "en-GB") == text


def test_whoever_has_neither_gets_the_first():
    assert text_in({"de": "Willkommen", "fr": "Bienvenue"}, "ar", "en") == "Willkommen"
