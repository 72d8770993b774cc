"""Services: which preset rules a request, what may be a slug, and in which languages a service can be read."""

from dataclasses import replace

import pytest

from slotline.domain.booking.apps import Preset
from slotline.domain.booking.questions import Question, QuestionType
from slotline.domain.booking.services import (
    LARGEST_TEXTS,
    check_bookable,
    check_texts,
    languages_of,
    looks_like_id,
    ruled_by,
)
from slotline.domain.shared.errors import AppNotFound, Forbidden, InvalidRequest
from slotline.domain.shared.plain_json import compact, plain
from tests.support.builders.bookings import an_app

NAMED = Preset(preset_id="preset-2", name="Sales", slug="sales")


def test_what_names_no_preset_is_ruled_by_the_active_one():
    assert ruled_by(an_app(), None, None) == an_app()
    assert ruled_by(an_app(), "preset-1", None) == an_app()


def test_a_named_preset_rules_and_nothing_else_of_the_app_changes():
    app = ruled_by(an_app(), "sales", NAMED)
    assert (app.preset, app.app_id, app.timezone) == (NAMED, an_app().app_id, an_app().timezone)


def test_a_preset_that_is_not_there_is_a_mistake_in_its_field_and_an_app_that_is_not_there_comes_first():
    with pytest.raises(InvalidRequest) as wrong:
        ruled_by(an_app(), "sales\n", None)
    (detail,) = wrong.value.details
    assert (detail.field, detail.code) == ("presetId", "unknown_preset")
    assert detail.message == r"this app has no preset 'sales\n'; leave it out for the active one"
    with pytest.raises(AppNotFound):
        ruled_by(None, "sales", None)


def test_scheduling_is_switched_off_on_the_preset_that_rules():
    check_bookable(an_app())
    with pytest.raises(Forbidden, match="on the preset 'Default'"):
        check_bookable(an_app(scheduling_enabled=False))


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("01890000-0000-7000-8000-0000000000a1", True),
        ("01890000-0000-7000-8000-0000000000A1", True),
        ("01890000-0000-7000-8000-0000000000a1\n", False),
        ("01890000000070008000000000000a1f", False),
        ("my-preset", False),
        ("", False),
    ],
)
def test_an_id_is_a_uuid_as_ids_are_written(name: str, is_one: bool):
    assert looks_like_id(name) is is_one


def test_languages_are_the_presets_own_and_those_of_its_texts_each_once():
    question = Question(key="a", label={"EN": "A", "de": "A"}, type=QuestionType.DATE, help={"fr-CA": "A"})
    preset = Preset(
        preset_id="1", name="A", language="es", title={"en": "A", "es": "A"}, description="A", questions=(question,)
    )
    assert languages_of(preset) == ["es", "en", "de", "fr-CA"]


def preset_of(description: int, questions: int = 0) -> Preset:
    """One whose description and questions have so many bytes as JSON, `null` of the title aside."""
    asked = Question(key="size", label="é", type=QuestionType.SHORT_TEXT)
    empty = len(compact(plain([asked])).encode())
    asked = replace(asked, label="é" * ((questions - empty) // 2 + 1)) if questions else asked
    return Preset(
        preset_id="preset-1",
        name="Default",
        description={"en": "x" * (description - len('{"en":""}'))},
        questions=(asked,) if questions else (),
    )


class TestWhatAPresetSays:
    LEFT = LARGEST_TEXTS - len("null")

    def test_all_its_texts_together_have_a_bound_in_bytes_since_every_booking_reads_them(self):
        check_texts(preset_of(self.LEFT - len("[]")))
        half = self.LEFT // 2
        check_texts(preset_of(half, half - 2))
        with pytest.raises(InvalidRequest) as refused:
            check_texts(preset_of(half - 100, half + 200))
        (detail,) = refused.value.details
        assert (detail.field, detail.code) == ("questions", "too_large")
        assert "may have 64 KB as JSON, all together, and have 65 KB" in detail.message

    def test_the_longest_of_them_is_named(self):
        with pytest.raises(InvalidRequest) as refused:
            check_texts(preset_of(self.LEFT - len("[]") + 1))
        assert refused.value.details[0].field == "description"
