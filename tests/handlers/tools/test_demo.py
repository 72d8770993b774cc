"""The demo's data is what `.local/demo.json` says."""

import pytest
from argon2 import PasswordHasher

from slotline.domain.access.identity import Role, proves, secret_hash
from slotline.domain.access.scopes import Scope
from slotline.domain.booking.apps import CustomerLimit, Period
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
        "app_id",
        "client_id",
        "client_secret",
        "read_only_client",
        "other_app",
        "widget_key",
        "agent_ids",
        "services",
        "api_key",
        "use_case_id",
        "number_id",
        "admin",
        "agent",
        "inbox_url",
    }
    assert (demo["api_base_url"], demo["video_base_url"]) == ("http://localhost:8000", "http://video:8000")


def test_the_demo_app_has_its_three_agents_monday_to_friday_and_no_limits(demo, provision):
    app, agents = provision.agents.all(demo["app_id"])
    assert [agent.agent_id for agent in agents] == demo["agent_ids"]
    assert len(agents) == 3
    for agent in agents:
        assert [window.weekday for window in agent.working_hours] == [0, 1, 2, 3, 4]
        assert {(window.start, window.end, window.zone) for window in agent.working_hours} == {
            ("09:00", "17:00", "UTC")
        }
        assert agent.weight == 1
    assert (app.preset.horizon_days, app.preset.minimum_notice_minutes) == (730, 0)
    assert app.preset.customer_limits == ()


def test_it_has_two_services_of_which_one_is_active_and_the_other_asks_questions(demo, provision):
    first, second = demo["services"]
    app, presets = provision.presets.all(demo["app_id"])
    public = [preset for preset in presets if preset.public]
    assert [(preset.preset_id, preset.slug) for preset in public] == [
        (service["preset_id"], service["slug"]) for service in (first, second)
    ]
    assert (app.preset.preset_id, app.preset.slug) == (first["preset_id"], first["slug"])
    questions = provision.presets.named(demo["app_id"], second["slug"])[1].questions
    assert [(question.required, question.hidden) for question in questions] == [
        (True, False),
        (False, False),
        (False, True),
    ]


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
    for account, role in ((demo["admin"], Role.ADMIN), (demo["agent"], Role.AGENT)):
        user = provision.access.user(account["email"])
        assert user.role is role
        assert PasswordHasher().verify(user.password_hash, account["password"])
    assert demo["agent"]["agent_id"] in demo["agent_ids"]


def test_it_may_be_sown_twice(demo, target):
    assert sown(target)["app_id"] != demo["app_id"]
