"""Who may take a call, and who may name somebody who may not."""

from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.booking.apps import Preset
from slotline.domain.booking.calls import Actor, ActorType, BookingSource
from slotline.domain.booking.eligibility import Requirement, Terms, check_eligible, is_eligible, may_pass_over, unmet
from slotline.domain.shared.errors import NotEligible
from tests.support.builders.bookings import a_call, an_agent

ADA = an_agent("ada", tags=("spanish", "loans"))
NOT_NAMED = (Requirement.AGENT_IDS,)
LACKS: list[tuple[str, dict[str, Any], dict[str, Any], tuple[Requirement, ...]]] = [
    ("anybody will do if nothing is asked", {}, {}, ()),
    ("the preset names them", {"agent_ids": ("bob", "ada")}, {}, ()),
    ("the preset names others", {"agent_ids": ("bob",)}, {}, NOT_NAMED),
    ("the request names others", {}, {"agent_ids": ("bob",)}, NOT_NAMED),
    ("the request narrows the preset", {"agent_ids": ("ada", "bob")}, {"agent_ids": ("ada",)}, ()),
    ("the request names one of these", {"agent_ids": ("ada", "bob")}, {"agent_ids": ("bob",)}, NOT_NAMED),
    ("the request cannot widen the preset", {"agent_ids": ("bob",)}, {"agent_ids": ("ada",)}, NOT_NAMED),
    ("they carry every tag of both", {"required_tags": ("loans",)}, {"required_tags": ("spanish",)}, ()),
    ("one tag of the preset is missing", {"required_tags": ("loans", "vip")}, {}, (Requirement.REQUIRED_TAGS,)),
    ("one tag of the request is missing", {}, {"required_tags": ("vip",)}, (Requirement.REQUIRED_TAGS,)),
    ("tags are compared letter by letter", {}, {"required_tags": ("Spanish",)}, (Requirement.REQUIRED_TAGS,)),
]


@pytest.mark.parametrize(("preset", "request_", "lacks"), [row[1:] for row in LACKS], ids=[row[0] for row in LACKS])
def test_an_agent_is_eligible_who_is_named_and_carries_every_tag(
    preset: dict[str, Any], request_: dict[str, Any], lacks: tuple[Requirement, ...]
) -> None:
    terms = Terms.asked(**request_).under(Preset(preset_id="preset-1", name="Default", **preset))
    assert unmet(ADA, terms) == lacks
    assert is_eligible(ADA, terms) is (not lacks)


def test_who_is_deactivated_is_not_eligible_for_anything() -> None:
    assert unmet(replace(ADA, active=False), Terms()) == (Requirement.ACTIVE,)


def test_the_terms_of_a_call_are_its_own_tags_and_its_presets_terms() -> None:
    preset = Preset(preset_id="preset-1", name="Default", agent_ids=("ada",), required_tags=("loans",))
    terms = Terms.of_call(a_call(required_tags=("vip",)), preset)
    assert terms == Terms(agent_ids=frozenset({"ada"}), required_tags=frozenset({"loans", "vip"}))
    with pytest.raises(NotEligible) as refused:
        check_eligible(ADA, terms)
    assert refused.value.details[0].code == "not_eligible"
    assert "vip" not in str(refused.value), "a website's visitor is not told how a team is tagged"


@pytest.mark.parametrize("source", BookingSource)
@pytest.mark.parametrize("actor", ActorType)
def test_partners_and_admins_may_name_anybody_and_guests_and_their_websites_may_not(
    actor: ActorType, source: BookingSource
) -> None:
    may = actor in (ActorType.API, ActorType.ADMIN) and source is not BookingSource.PUBLIC_BOOKING
    assert may_pass_over(Actor(type=actor), source) is may
