"""The demo's data is what `.local/demo.json` says."""

import pytest
from argon2 import PasswordHasher

from slotline.domain.access.identity import proves, secret_hash
from slotline.domain.access.scopes import Scope
from slotline.domain.access.users import Role
from slotline.domain.booking.apps import AssignmentMode, CustomerLimit, Period, Verification
from slotline.domain.booking.questions import check_questions
from tools.demo import seed


def sown(target):
    return seed(target, api_base_url="http://localhost:8000", video_base_url="http://video:8000", inbox_url=None)


@pytest.fixture(scope="module")
def demo(target):
    return sown(target)


def test_it_says_where_everything_is(demo):
    assert set(demo) == {
        "api_base_url",
        "video_base_url",
        "booking_url",
        "app_id",
        "app_name",
        "client_id",
        "client_secret",
        "read_only_client",
        "other_app",
        "widget_key",
        "agent_ids",
        "agents",
        "services",
        "api_key",
        "use_case_id",
        "number_id",
        "owner",
        "admin",
        "supervisor",
        "agent",
        "console_url",
        "my_url",
        "inbox_url",
    }
    assert (demo["api_base_url"], demo["video_base_url"]) == ("http://localhost:8000", "http://video:8000")


def test_the_demo_app_has_three_agents_in_three_zones_monday_to_friday_from_nine_to_five(demo, provision):
    _, agents = provision.agents.all(demo["app_id"])
    assert [agent.agent_id for agent in agents] == demo["agent_ids"]
    assert [(agent.agent_id, agent.name, agent.timezone) for agent in agents] == [
        (told["agent_id"], told["name"], told["timezone"]) for told in demo["agents"]
    ]
    assert [agent.timezone for agent in agents] == ["America/New_York", "Africa/Lagos", "Europe/Madrid"]
    for agent in agents:
        assert [window.weekday for window in agent.working_hours] == [0, 1, 2, 3, 4]
        assert {(window.start, window.end, window.zone) for window in agent.working_hours} == {
            ("09:00", "17:00", agent.timezone)
        }
        assert agent.weight == 1


def test_who_names_no_service_books_under_a_preset_without_limits_that_sends_nothing(demo, provision):
    preset = provision.presets.all(demo["app_id"])[0].preset
    assert (preset.horizon_days, preset.minimum_notice_minutes) == (730, 0)
    assert preset.customer_limits == ()
    assert not preset.reminders
    assert not preset.public


@pytest.fixture
def services(demo, provision):
    """The public presets, by slug."""
    return {preset.slug: preset for preset in provision.presets.all(demo["app_id"])[1] if preset.public}


def test_the_services_that_guests_may_book_are_those_that_it_names(demo, services):
    assert [(preset.preset_id, slug, preset.name) for slug, preset in services.items()] == [
        (told["preset_id"], told["slug"], told["name"]) for told in demo["services"]
    ]
    assert list(services) == ["consultation", "onboarding", "account-review"]


def test_its_services_show_every_way_in_which_a_guest_books(services):
    consultation, onboarding, review = services.values()
    assert consultation.assignment_mode is AssignmentMode.PICK_FROM_OPTIONS
    assert onboarding.assignment_mode is AssignmentMode.ANY_AVAILABLE
    assert [preset.require_confirmation for preset in services.values()] == [False, True, False]
    assert review.verification is Verification.EMAIL
    assert {consultation.verification, onboarding.verification} == {Verification.NONE}


def test_the_guest_of_every_service_gets_mail_and_may_move_and_cancel(services):
    for preset in services.values():
        assert preset.reminders["invitation"] == ["email"]
        assert preset.guest_can_reschedule
        assert preset.guest_can_cancel


def test_onboarding_asks_questions_of_several_types_of_which_a_link_answers_one(services):
    questions = services["onboarding"].questions
    check_questions(questions)
    assert [(question.key, question.required, question.hidden) for question in questions] == [
        ("topic", True, False),
        ("seats", False, False),
        ("channels", False, False),
        ("go_live", False, False),
        ("campaign", False, True),
    ]
    assert len({question.type for question in questions}) == len(questions)


def test_what_guests_read_of_a_service_is_there_in_english_spanish_and_arabic(services):
    for preset in services.values():
        shown = [question for question in preset.questions if not question.hidden]
        texts = [preset.title, preset.description, *(question.label for question in shown)]
        assert {tuple(text) for text in texts} == {("en", "es", "ar")}


def test_the_local_system_itself_may_frame_its_services_by_both_of_its_names(services):
    for preset in services.values():
        assert {"http://localhost:8000", "http://127.0.0.1:8000"} <= set(preset.allowed_embed_origins)


def test_the_booking_pages_link_names_the_app_and_carries_its_widget_key(demo):
    app_id, key = demo["app_id"], demo["widget_key"]
    assert demo["booking_url"] == f"http://localhost:8000/book/{app_id}?widgetKey={key}"


def test_its_agents_have_tags_that_one_or_all_of_them_have(demo, provision):
    _, agents = provision.agents.all(demo["app_id"])
    assert [sum(tag in agent.tags for agent in agents) for tag in ("english", "spanish", "onboarding")] == [3, 1, 1]


def test_its_client_may_do_everything_and_another_may_read(demo, provision):
    client = provision.access.client(demo["client_id"])
    assert proves(client, demo["client_secret"])
    assert client.scopes == set(Scope)
    assert client.limits.minute == 100_000
    reader = provision.access.client(demo["read_only_client"]["client_id"])
    assert proves(reader, demo["read_only_client"]["client_secret"])
    assert reader.scopes == {Scope.SCHEDULING_READ, Scope.DIALING_READ}
    assert client.app_ids == reader.app_ids == {demo["app_id"]}


def test_no_window_binds_before_the_minutes(demo, provision):
    limits = provision.access.client(demo["client_id"]).limits
    assert limits.hour >= 60 * limits.minute
    assert limits.day >= 24 * 60 * limits.minute


def test_the_other_app_is_strict_and_of_another_organization(demo, provision):
    app, agents = provision.agents.all(demo["other_app"]["app_id"])
    assert len(agents) == 1
    assert app.preset.customer_limits == (CustomerLimit(max_bookings=3, per=Period.DAY),)
    assert app.preset.require_confirmation
    assert app.preset.guest_can_reschedule
    assert app.preset.guest_can_cancel
    client = provision.access.client(demo["other_app"]["client_id"])
    assert proves(client, demo["other_app"]["client_secret"])
    assert client.organization_id != provision.access.client(demo["client_id"]).organization_id


def test_its_keys_and_accounts_work(target, provision, websites):
    demo = sown(target)  # of its own: the accounts' passwords are those of the last one that was sown
    assert websites.find(demo["app_id"], secret_hash(demo["widget_key"])).app.app_id == demo["app_id"]
    assert provision.access.api_key(secret_hash(demo["api_key"])).scopes == {Scope.DIALING_READ, Scope.DIALING_WRITE}
    app = provision.apps.get(demo["app_id"])
    for role in Role:
        account = demo[role.value]
        user = provision.users.by_email(account["email"])
        assert user.role_in(app.app_id, app.organization_id) is role
        assert (user.second_factor.secret if user.second_factor else None) == account.get("totp_secret")
        assert PasswordHasher().verify(user.password_hash, account["password"])
    assert demo["agent"]["agent_id"] in demo["agent_ids"]


def test_it_may_be_sown_twice(demo, target):
    assert sown(target)["app_id"] != demo["app_id"]
