"""The catalogues: every language says the same things, and a reader gets the nearest one."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from slotline.channels.wording import in_words, occasion_of
from slotline.words.catalogue import PLURALS, RIGHT_TO_LEFT, catalogue_for, fill, languages
from tests.support.builders.messages import GSM, MAILED_ALONE, OCCASIONS, make_message

ENGLISH = catalogue_for("en").words
IN_UNICODE = {"ar"}
"""Languages whose letters are not among them. One text message has 70 units of UTF-16 then, a part of several 67."""
PLURAL_FORMS = {"zero", "one", "two", "few", "many", "other"}


def leaves(words: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Each text, list and number; a text for each plural is one."""
    for key, value in words.items():
        if isinstance(value, Mapping) and not value.keys() <= PLURAL_FORMS:
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + key, value


def shape(value: Any) -> object:
    """What a translation keeps of a text: its kind, its length if it is a list, its placeholders."""
    if isinstance(value, str):
        return frozenset(re.findall(r"\{\w+\}", value))
    return len(value) if isinstance(value, list) else type(value)


def units(text: str) -> int:
    """How long a text message outside the GSM alphabet is."""
    return len(text.encode("utf-16-le")) // 2


def counted_texts(words: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    return {path: value for path, value in leaves(words) if isinstance(value, Mapping)}


def test_every_language_knows_its_plurals():
    assert set(PLURALS) >= languages() >= {"en"}
    for language in languages():
        for forms in counted_texts(catalogue_for(language).words).values():
            assert set(forms) == {PLURALS[language](number) for number in range(1_000)}


def test_english_spanish_and_arabic_are_spoken():
    assert languages() >= {"en", "es", "ar"}


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_language_has_the_same_texts_with_the_same_placeholders(language):
    found = {path: shape(value) for path, value in leaves(catalogue_for(language).words)}
    assert found == {path: shape(value) for path, value in leaves(ENGLISH)}


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_text_for_a_plural_has_the_placeholders_of_the_english_one(language):
    english = counted_texts(ENGLISH)
    assert english.keys() == {"labels.minutes", "left.hours", "left.minutes"}
    for path, forms in counted_texts(catalogue_for(language).words).items():
        if forms.keys() == english[path].keys():
            assert {form: shape(text) for form, text in forms.items()} == {
                form: shape(text) for form, text in english[path].items()
            }
        for form, text in forms.items():
            numbers = [number for number in range(1_000) if PLURALS[language](number) == form]
            # A form of one number alone may spell it: a minute, two minutes.
            assert shape(text) in ([{"{count}"}, set()] if len(numbers) == 1 else [{"{count}"}]), (path, form)


@pytest.mark.parametrize("language", sorted(languages()))
def test_the_languages_that_run_right_to_left_are_those_whose_letters_do(language):
    letters = unicodedata.bidirectional(catalogue_for(language).text("join")[0])
    assert (language in RIGHT_TO_LEFT) == (letters in {"R", "AL"})


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_catalogue_counts_to_twelve_or_to_twenty_four_hours_and_names_all_days_and_months(language):
    dates = catalogue_for(language).words["dates"]
    assert dates["hours"] == 24 or (dates["hours"] == 12 and dates["am"] and dates["pm"])
    assert [len(dates[name]) for name in ("weekdays", "weekdays_short", "months", "months_short")] == [7, 7, 12, 12]


OF_NO_CALL = {"code", "way_in_invitation", "way_in_reset"}
"""What is said in messages that are about no call."""


def test_every_occasion_has_its_texts_and_every_text_its_occasion():
    texts = {key for key, value in ENGLISH.items() if isinstance(value, Mapping) and "subject" in value} - OF_NO_CALL
    assert {occasion_of(make_message(**occasion)) for occasion in (*OCCASIONS, *MAILED_ALONE)} == texts


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("en", "en"),
        ("es", "es"),
        ("es-CO", "es"),
        ("es_419", "es"),
        ("ES-Latn-MX", "es"),
        ("ar", "ar"),
        ("ar-EG", "ar"),
        ("AR_sa", "ar"),
        ("arz", "en"),
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
def test_a_text_message_is_one_message_before_its_link_or_two_parts_outside_the_gsm_alphabet(language, occasion, month):
    for day in range(21, 28):
        start = datetime(2026, month, day, 15, 45, tzinfo=UTC)
        wording = in_words(make_message(**occasion, language=language, sender_name="A" * 25, scheduled_at=start))
        text = wording.sms.removesuffix(wording.join_url or "")
        if language in IN_UNICODE:
            assert units(text) <= 2 * 67
        else:
            assert len(text) <= 160
            assert set(text) <= GSM


def test_what_is_filled_in_is_not_read_again():
    assert fill("{guest} and {sender}", {"guest": "{sender}", "sender": "{guest}{0}{}"}) == "{sender} and {guest}{0}{}"
    with pytest.raises(KeyError):
        fill("{nobody}", {})
