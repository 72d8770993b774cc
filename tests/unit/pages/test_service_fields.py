"""What the console's forms say of a service is what the API takes: every field, its bounds and choices."""

from dataclasses import replace

import pytest

from slotline.domain.booking.apps import AgentMessage, CustomerLimit, Period, Preset
from slotline.domain.shared.errors import InvalidRequest
from slotline.http.booking.presets import PresetChanges
from slotline.http.core.parsing import parse
from slotline.pages.console.service_fields import SECTIONS, Kind, Spec
from slotline.pages.console.service_forms import changes_in

SPECS = [spec for section in SECTIONS.values() for spec in section]
FULL = Preset(
    preset_id="preset-1",
    name="Sales",
    slug="sales",
    title={"en": "Sales", "de": "Verkauf"},
    description="Two lines\nof it",
    language="en",
    agent_ids=("agent-1", "agent-2"),
    required_tags=("spanish", "home loans"),
    agent_messages=(AgentMessage.ASSIGNED,),
    customer_limits=(CustomerLimit(max_bookings=3, per=Period.DAY), CustomerLimit(max_bookings=9, per=Period.MONTH)),
    reminders={"invitation": ["email", "sms"], "reminder_1h": ["whatsapp"]},
    genesys_dispatch_minutes=10,
    genesys_origins=("https://apps.mypurecloud.com",),
    reply_to="agent",
    allowed_embed_origins=("https://www.example.com", "http://localhost:3000"),
    branding_color="#1A73E8",
    branding_name="Acme",
)


def test_every_field_of_the_api_is_in_one_section_but_for_questions_which_have_a_page():
    assert sorted([*(spec.name for spec in SPECS), "questions"]) == sorted(PresetChanges.model_fields)


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.kind is Kind.NUMBER], ids=lambda spec: spec.name)
def test_a_numbers_bounds_are_the_apis(spec: Spec):
    least, most = spec.bounds
    for number in (least, most):
        parse(PresetChanges, {spec.api_name: number})
    for number in (least - 1, most + 1):
        with pytest.raises(InvalidRequest):
            parse(PresetChanges, {spec.api_name: number})


@pytest.mark.parametrize("preset", [FULL, Preset(preset_id="preset-1", name="Plain")], ids=["full", "plain"])
def test_a_form_that_nobody_touched_changes_nothing_and_says_what_the_preset_is(preset: Preset):
    for section, specs in SECTIONS.items():
        form = {name: said for spec in specs for name, said in spec.values(preset).items()}
        assert changes_in(specs, form, preset) == {}, section
        whole = {spec.api_name: spec.to_json(form, preset.language) for spec in specs}
        assert replace(preset, **parse(PresetChanges, whole).to_values()) == preset, section


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ({"title.en": ["Sales"]}, "Sales"),
        ({"title.en": ["Sales"], "title.es": ["Ventas"]}, {"en": "Sales", "es": "Ventas"}),
        ({"title.es": ["Ventas"]}, {"es": "Ventas"}),
        ({"title.en": [" "]}, None),
    ],
)
def test_a_text_in_the_services_language_alone_is_one_for_everybody(typed: dict[str, list[str]], title: object):
    (spec,) = [spec for spec in SPECS if spec.name == "title"]
    assert spec.to_json(typed, "en") == title
