"""Services: what can be booked in an app, and what a form for bookings needs of it; slugs that lead to them."""

import pytest

from slotline.store.dynamodb import keys
from tests.handlers.services.conftest import Shop, details
from tests.support.builders.provisioned import FIRST_PRESET, SECOND_PRESET
from tests.support.handlers import APP_ID

QUESTIONS = [
    {"key": "topic", "label": {"en": "Topic", "es": "Tema"}, "type": "single_choice", "options": ["Sales", "Help"]},
    {"key": "campaign", "label": "Campaign", "type": "short_text", "hidden": True},
]
BARE = {
    "preset_id": SECOND_PRESET,
    "slug": None,
    "active": False,
    "public": True,
    "scheduling_enabled": True,
    "title": "Other",
    "description": None,
    "language": "en",
    "languages": ["en"],
    "duration_minutes": 60,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "minimum_notice_minutes": 0,
    "horizon_days": 730,
    "assignment_mode": "pick_from_options",
    "require_confirmation": False,
    "verification": "none",
    "guest_can_reschedule": False,
    "guest_can_cancel": False,
    "questions": [],
}


class TestServices:
    def test_every_preset_of_the_app_is_one_by_its_id_and_its_name_where_it_has_no_title(self, shop: Shop):
        found = shop.services().json["data"]["services"]
        assert [(one["preset_id"], one["active"]) for one in found] == [(FIRST_PRESET, True), (SECOND_PRESET, False)]
        assert found[1] == BARE

    def test_a_service_says_what_its_preset_does(self, shop: Shop):
        preset_id = shop.add(
            slug="first-visit",
            title={"en": "First visit", "de-CH": "Erster Besuch"},
            description="We meet.",
            public=True,
            language="es",
            durationMinutes=45,
            bufferBeforeMinutes=5,
            bufferAfterMinutes=10,
            minimumNoticeMinutes=60,
            horizonDays=30,
            assignmentMode="any_available",
            requireConfirmation=True,
            verification="email",
            guestCanReschedule=True,
            guestCanCancel=True,
            schedulingEnabled=False,
            questions=QUESTIONS,
        )
        (found,) = [one for one in shop.services().json["data"]["services"] if one["preset_id"] == preset_id]
        assert found == BARE | {
            "preset_id": preset_id,
            "slug": "first-visit",
            "scheduling_enabled": False,
            "title": {"en": "First visit", "de-CH": "Erster Besuch"},
            "description": "We meet.",
            "language": "es",
            "languages": ["es", "en", "de-CH"],
            "duration_minutes": 45,
            "buffer_before_minutes": 5,
            "buffer_after_minutes": 10,
            "minimum_notice_minutes": 60,
            "horizon_days": 30,
            "assignment_mode": "any_available",
            "require_confirmation": True,
            "verification": "email",
            "guest_can_reschedule": True,
            "guest_can_cancel": True,
            "questions": [
                QUESTIONS[0] | {"required": False, "hidden": False, "help": None},
                QUESTIONS[1] | {"required": False, "options": [], "help": None},
            ],
        }

    def test_a_new_preset_is_not_public_until_it_is_made_so(self, shop: Shop):
        preset_id = shop.add()
        public = {one["preset_id"]: one["public"] for one in shop.services().json["data"]["services"]}
        assert public == {FIRST_PRESET: True, SECOND_PRESET: True, preset_id: False}
        shop.change(preset_id, public=True)
        assert shop.services().json["data"]["services"][-1]["public"] is True

    def test_nothing_that_an_admin_rules_by_is_in_it(self, shop: Shop):
        shop.add(agentIds=["agent-1"], requiredTags=["spanish"], replyTo="desk@acme.example", customerLimits=[])
        assert not {"agent-1", "spanish", "desk@acme.example"} & set(shop.services().text.split('"'))

    def test_a_long_list_comes_in_pages(self, shop: Shop):
        for number in range(3):
            shop.add(slug=f"service-{number}")
        first = shop.services({"limit": "2"}).json
        rest = shop.services({"limit": "3", "cursor": first["pagination"]["nextCursor"]}).json
        assert (first["pagination"]["total"], rest["pagination"]["hasMore"]) == (5, False)
        assert len({one["preset_id"] for part in (first, rest) for one in part["data"]["services"]}) == 5

    @pytest.mark.parametrize(("caller", "status"), [({"scopes": "scheduling:write"}, 403), ({"app_ids": "other"}, 403)])
    def test_it_takes_the_right_to_read(self, shop: Shop, caller: dict[str, str], status: int):
        assert shop.services(**caller).status == status

    def test_an_unknown_parameter_is_a_400(self, shop: Shop):
        assert details(shop.services({"public": "true"})) == [("public", "unknown_parameter")]


class TestTexts:
    def test_they_have_a_bound_together_that_a_change_keeps_to_as_well(self, shop: Shop):
        tags = ("en", "es", "de", "fr", "it", "pt", "nl", "pl", "sv")
        long = dict.fromkeys(tags, "é" * 4000)
        assert details(shop.write("POST", "", {"name": "Long", "description": long})) == [("description", "too_large")]
        preset_id = shop.add(slug="first-visit", description={tag: long[tag] for tag in tags[:8]})
        question = {"key": "size", "type": "number", "label": "Size", "help": "x" * 2_000}
        assert details(shop.change(preset_id, questions=[question])) == [("description", "too_large")]
        assert shop.change(preset_id, description="Short", questions=[question]).status == 200
        assert shop.booked(presetId="first-visit")["preset_revision"] == 2

    def test_one_that_was_longer_before_there_was_a_bound_is_changed_in_all_else(self, shop: Shop):
        shop.ports.change(keys.preset(APP_ID, SECOND_PRESET), description="x" * 70_000)
        assert shop.change(SECOND_PRESET, durationMinutes=20).status == 200
        assert details(shop.change(SECOND_PRESET, title="Longer")) == [("description", "too_large")]

    @pytest.mark.parametrize("field", ["title", "description"])
    def test_an_empty_text_says_nothing_and_null_takes_one_away(self, shop: Shop, field: str):
        preset_id = shop.add(**{field: ""})
        assert shop.change(preset_id, **{field: "Welcome"}).status == 200
        assert details(shop.change(preset_id, **{field: ""})) == [(None, "nothing_to_change")]
        kept = shop.change(preset_id, **{field: "", "name": "Visit"}).json["data"]["preset"]
        assert kept[field] == "Welcome"
        assert shop.change(preset_id, **{field: None}).json["data"]["preset"][field] is None

    def test_an_empty_help_of_a_question_is_none_and_an_empty_label_is_a_mistake(self, shop: Shop):
        question = {"key": "size", "type": "number", "label": "Size", "help": ""}
        (asked,) = shop.change(SECOND_PRESET, questions=[question]).json["data"]["preset"]["questions"]
        assert asked["help"] is None
        nameless = [question | {"label": ""}]
        assert details(shop.change(SECOND_PRESET, questions=nameless)) == [("questions.0.label", "text")]

    @pytest.mark.parametrize("field", ["title", "description"])
    def test_a_language_is_named_once_whatever_its_capital_letters(self, shop: Shop, field: str):
        twice = {"es-CO": "Hola", "ES-co": "Buenas"}
        assert details(shop.write("POST", "", {"name": "Twice", field: twice})) == [(field, "repeated")]


class TestSlugs:
    @pytest.mark.parametrize("slug", ["a", "first-visit", "2nd", "x" * 63, "1b1b1b1b", "deadbeef-cafe"])
    def test_a_slug_is_small_letters_digits_and_hyphens(self, shop: Shop, slug: str):
        preset_id = shop.add(slug=slug)
        assert shop.booked(presetId=slug)["preset_id"] == preset_id

    @pytest.mark.parametrize(
        "slug",
        [
            *("First", "first visit", "-first", "first-", "first_visit", "x" * 64, "f\u00fcr-sie", "first\n", 7),
            *("01890000-0000-7000-8000-0000000000a1", "01890000000070008000000000000a1f"),
        ],
    )
    def test_any_other_slug_is_a_400(self, shop: Shop, slug: str):
        for reply in (shop.write("POST", "", {"name": "Sales", "slug": slug}), shop.change(SECOND_PRESET, slug=slug)):
            assert reply.status == 400
            assert [field for field, _ in details(reply)] == ["slug"]

    def test_a_slug_that_another_preset_has_is_a_409_that_names_it_and_changes_nothing(self, shop: Shop):
        shop.add(slug="first-visit")
        before = shop.services().json["data"]
        for reply in (
            shop.write("POST", "", {"name": "Sales", "slug": "first-visit"}),
            shop.change(SECOND_PRESET, slug="first-visit", durationMinutes=90),
            shop.change(FIRST_PRESET, slug="first-visit"),
        ):
            assert (reply.status, details(reply)) == (409, [(None, "slug_exists")])
            assert "first-visit" in reply.error["message"]
        assert shop.services().json["data"] == before

    def test_a_presets_id_is_nobody_elses_slug(self, shop: Shop):
        """An operator's id may be any word, and an id wins over a slug: nobody would ever reach the slug's preset."""
        row = shop.ports.row(keys.preset(APP_ID, SECOND_PRESET))
        shop.ports.put({**row, **keys.preset(APP_ID, "walk-in"), "preset_id": "walk-in"})
        taken = shop.write("POST", "", {"name": "Other", "slug": "walk-in"})
        assert (taken.status, details(taken)) == (409, [(None, "slug_exists")])
        assert details(shop.change(SECOND_PRESET, slug="walk-in")) == [(None, "slug_exists")]
        assert shop.change("walk-in", slug="walk-in").status == 200
        assert shop.change("walk-in", durationMinutes=20).status == 200
        assert shop.booked(presetId="walk-in")["preset_id"] == "walk-in"

    def test_a_changed_slug_leads_to_its_preset_and_the_former_one_is_free(self, shop: Shop):
        preset_id = shop.add(slug="first-visit")
        shop.change(preset_id, slug="welcome")
        assert details(shop.book(presetId="first-visit")) == [("presetId", "unknown_preset")]
        assert shop.booked(presetId="welcome")["preset_id"] == preset_id
        other = shop.add(slug="first-visit")
        assert shop.booked("12:00", presetId="first-visit")["preset_id"] == other

    def test_null_takes_a_slug_away_and_an_empty_text_does_not(self, shop: Shop):
        preset_id = shop.add(slug="first-visit")
        shop.change(preset_id, slug="", durationMinutes=20)
        assert shop.booked(presetId="first-visit")["duration_minutes"] == 20
        assert shop.change(preset_id, slug=None).json["data"]["preset"]["slug"] is None
        assert details(shop.book("12:00", presetId="first-visit")) == [("presetId", "unknown_preset")]
        shop.add(slug="first-visit")

    def test_a_deleted_presets_slug_is_free(self, shop: Shop):
        shop.remove(shop.add(slug="first-visit"))
        other = shop.add(slug="first-visit")
        assert shop.booked(presetId="first-visit")["preset_id"] == other

    def test_two_presets_swap_their_slugs_by_way_of_a_third(self, shop: Shop):
        one, two = shop.add(slug="one"), shop.add(slug="two")
        for preset_id, slug in ((one, "three"), (two, "one"), (one, "two")):
            assert shop.change(preset_id, slug=slug).status == 200
        assert [shop.booked(at, presetId=slug)["preset_id"] for at, slug in (("10:00", "one"), ("11:00", "two"))] == [
            two,
            one,
        ]

    def test_a_booking_by_slug_follows_the_last_change_of_whatever_field(self, shop: Shop):
        preset_id = shop.add(slug="first-visit", durationMinutes=45)
        shop.change(preset_id, durationMinutes=20)
        shop.change(preset_id, bufferAfterMinutes=5)
        call = shop.booked(presetId="first-visit")
        assert (call["duration_minutes"], call["buffer_after_minutes"], call["preset_revision"]) == (20, 5, 3)
