"""The catalogues: every language says the same things, and a reader gets the nearest one."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from slotline.channels.wording import in_words, occasion_of
from slotline.words.catalogue import PLURALS, catalogue_for, fill, languages
from tests.support.builders.messages import MAILED_ALONE, OCCASIONS, make_message

ENGLISH = catalogue_for("en").words
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The letters that leave room for 160 in one text message (3GPP TS 23.038, default alphabet)."""


def leaves(words: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in words.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + key, value


def shape(value: Any) -> object:
    """What a translation keeps of a text: its kind, its length if it is a list, its placeholders."""
    if isinstance(value, str):
        return frozenset(re.findall(r"\{\w+\}", value))
    return len(value) if isinstance(value, list) else type(value)


def test_every_language_knows_its_plurals():
    assert set(PLURALS) >= languages() >= {"en"}
    for language in languages():
        words = catalogue_for(language).words["left"]
        for unit in ("hours", "minutes"):
            assert set(words[unit]) == {PLURALS[language](number) for number in range(1_000)}


def test_english_and_spanish_are_spoken():
    assert languages() >= {"en", "es"}


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_language_has_the_same_texts_with_the_same_placeholders(language):
    found = {path: shape(value) for path, value in leaves(catalogue_for(language).words)}
    assert found == {path: shape(value) for path, value in leaves(ENGLISH)}


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_catalogue_counts_to_twelve_or_to_twenty_four_hours_and_names_all_days_and_months(language):
    dates = catalogue_for(language).words["dates"]
    assert dates["hours"] == 24 or (dates["hours"] == 12 and dates["am"] and dates["pm"])
    assert [len(dates[name]) for name in ("weekdays", "weekdays_short", "months", "months_short")] == [7, 7, 12, 12]


def test_every_occasion_has_its_texts_and_every_text_its_occasion():
    texts = {key for key, value in ENGLISH.items() if isinstance(value, Mapping) and "subject" in value} - {"code"}
    assert {occasion_of(make_message(**occasion)) for occasion in (*OCCASIONS, *MAILED_ALONE)} == texts


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("en", "en"),
        ("es", "es"),
        ("es-CO", "es"),
        ("es_419", "es"),
        ("ES-Latn-MX", "es"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("est", "en"),
        ("", "en"),
        ("../es", "en"),
    ],
)
def test_a_language_without_words_falls_back_to_what_it_is_a_kind_of_and_then_to_english(asked, given):
    assert catalogue_for(asked).language == given


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize("occasion", OCCASIONS, ids=str)
@pytest.mark.parametrize("month", range(1, 13))
def test_a_text_message_is_one_message_before_its_link(language, occasion, month):
    for day in range(21, 28):
        start = datetime(2026, month, day, 15, 45, tzinfo=UTC)
        wording = in_words(make_message(**occasion, language=language, sender_name="A" * 25, scheduled_at=start))
        text = wording.sms.removesuffix(wording.join_url or "")
        assert len(text) <= 160
        assert set(text) <= GSM


def test_what_is_filled_in_is_not_read_again():
    assert fill("{guest} and {sender}", {"guest": "{sender}", "sender": "{guest}{0}{}"}) == "{sender} and {guest}{0}{}"
    with pytest.raises(KeyError):
        fill("{nobody}", {})
