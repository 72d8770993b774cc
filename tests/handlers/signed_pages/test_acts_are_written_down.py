"""Whatever somebody does on a page that they sign in to is written down, or the reason why it is not stands here.

What is done to a call is on its timeline, what is done to a setting is in the audit log.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from slotline.domain.access.users import Role, UserStatus
from slotline.domain.shared.audit import HIDDEN
from slotline.domain.webhooks.deliveries import DeliveryStatus
from slotline.store.webhooks.deliveries import DynamoDeliveries
from slotline.store.webhooks.subscriptions import DynamoWebhooks
from tests.handlers.signed_pages.conftest import SignIn
from tests.handlers.signed_pages.test_role_matrix import page_routes
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.people import ORGANIZATION, Browser, a_user
from tests.support.builders.provisioned import SECOND_PRESET
from tests.support.handlers import APP_ID
from tests.support.memory.webhooks import a_delivery, a_subscription

CONSOLE, MY = "POST /console/{app_id}", "POST /my/{app_id}"
_SETTINGS, _DIALING = f"{CONSOLE}/settings", f"{CONSOLE}/dialing"
AUDITED: Mapping[str, set[str]] = {
    f"{CONSOLE}/calls/export": {"calls.exported"},
    f"{CONSOLE}/calls/bulk/{{job_id}}/start": {"bulk.started"},
    f"{CONSOLE}/calls/bulk/{{job_id}}/stop": {"bulk.stopped"},
    f"{CONSOLE}/calls/{{call_id}}/deliveries": {"webhook.resent"},
    f"{CONSOLE}/agents/new": {"agent.added"},
    f"{CONSOLE}/agents/{{agent_id}}": {"agent.changed"},
    f"{CONSOLE}/agents/{{agent_id}}/hours": {"agent.changed"},
    f"{CONSOLE}/agents/{{agent_id}}/absences": {"exception.added", "do_not_disturb.added"},
    f"{CONSOLE}/agents/{{agent_id}}/absences/{{absence_id}}/remove": {"exception.removed", "do_not_disturb.removed"},
    f"{CONSOLE}/services/new": {"preset.added"},
    f"{CONSOLE}/services/{{preset_id}}/activate": {"preset.activated"},
    f"{CONSOLE}/services/{{preset_id}}/remove": {"preset.removed"},
    f"{CONSOLE}/services/{{preset_id}}/questions": {"preset.changed"},
    f"{CONSOLE}/services/{{preset_id}}/{{section}}": {"preset.changed"},
    f"{_DIALING}/campaigns/{{campaign_id}}/{{step}}": {"campaign.paused", "campaign.resumed", "campaign.canceled"},
    f"{_DIALING}/do-not-call": {"do_not_call.listed"},
    f"{_DIALING}/do-not-call/remove": {"do_not_call.unlisted"},
    f"{_DIALING}/use-cases/{{use_case_id}}": {"use_case.added", "use_case.changed"},
    f"{_DIALING}/use-cases/{{use_case_id}}/remove": {"use_case.removed"},
    f"{_DIALING}/numbers/{{number_id}}": {"number.added", "number.changed"},
    f"{_DIALING}/numbers/{{number_id}}/remove": {"number.removed"},
    f"{_SETTINGS}/audit": {"audit.exported"},
    f"{_SETTINGS}/audit/organization": {"audit.exported"},
    f"{_SETTINGS}/keys": {"client.added", "api_key.added", "widget_key.added"},
    f"{_SETTINGS}/keys/{{key_id}}/rotate": {"client.rotated", "api_key.added", "widget_key.added"},
    f"{_SETTINGS}/keys/{{key_id}}/retire": {"client.retired"},
    f"{_SETTINGS}/keys/{{key_id}}/revoke": {"client.revoked", "api_key.revoked", "widget_key.revoked"},
    f"{_SETTINGS}/users": {"organization.changed"},
    f"{_SETTINGS}/users/invite": {"user.invited"},
    f"{_SETTINGS}/users/{{user_id}}/invitation": {"user.invited_again"},
    f"{_SETTINGS}/users/{{user_id}}": {"user.changed"},
    f"{_SETTINGS}/users/{{user_id}}/suspend": {"user.suspended"},
    f"{_SETTINGS}/users/{{user_id}}/resume": {"user.resumed"},
    f"{_SETTINGS}/users/{{user_id}}/sessions": {"user.sessions_ended"},
    f"{_SETTINGS}/users/{{user_id}}/second-factor": {"user.second_factor_reset"},
    f"{_SETTINGS}/users/{{user_id}}/remove": {"user.removed"},
    f"{_SETTINGS}/webhooks/new": {"webhook.added"},
    f"{_SETTINGS}/webhooks/{{webhook_id}}/edit": {"webhook.changed"},
    f"{_SETTINGS}/webhooks/{{webhook_id}}/{{act}}": {
        *("webhook.tested", "webhook.changed", "webhook.rotated", "webhook.removed", "webhook.replayed"),
    },
    f"{_SETTINGS}/webhooks/{{webhook_id}}/deliveries/{{delivery_id}}/resend": {"webhook.resent"},
    f"{MY}/hours": {"agent.changed"},
    f"{MY}/time-off": {"exception.added", "do_not_disturb.added"},
    f"{MY}/time-off/{{absence_id}}/remove": {"exception.removed", "do_not_disturb.removed"},
    f"{MY}/calendar": {"calendar_feed.added", "calendar_feed.rotated"},
    f"{MY}/calendar/end": {"calendar_feed.revoked"},
    "POST /sign-in": {"user.signed_in", "user.sign_in_failed"},
    "POST /sign-in/code": {"user.signed_in", "user.sign_in_failed"},
    "POST /sign-in/second-factor": {"user.second_factor_added"},
    "POST /sign-out": {"user.signed_out"},
    "POST /password/{token}": {"user.joined", "user.password_reset"},
    "POST /account/profile": {"user.changed"},
    "POST /account/password": {"user.password_changed"},
    "POST /account/second-factor": {"user.second_factor_added"},
    "POST /account/second-factor/codes": {"user.recovery_codes_made"},
    "POST /account/second-factor/remove": {"user.second_factor_removed"},
    "POST /account/sessions/end": {"user.session_ended"},
    "POST /account/sessions/end-all": {"user.sessions_ended"},
}
"""What each is in the audit log."""
OTHERWISE: Mapping[str, set[str]] = {
    "what happens to a call is on its timeline": {
        f"{CONSOLE}/calls/new",
        *(
            f"{CONSOLE}/calls/{{call_id}}/{act}"
            for act in ("confirm", "start", "complete", "cancel", "no-show", "reopen", "reassign", "move", "edit")
        ),
        f"{CONSOLE}/calls/{{call_id}}/remind",
        f"{MY}/new",
        f"{MY}/calls/{{call_id}}/{{step}}",
    },
    "guests are told by messages, which are on the timelines of their calls": {
        f"{CONSOLE}/agents/{{agent_id}}/absences/{{absence_id}}/tell",
        f"{MY}/time-off/{{absence_id}}/tell",
    },
    "a draft changes nothing until somebody starts it": {
        f"{CONSOLE}/calls/bulk",
        f"{CONSOLE}/calls/bulk/{{job_id}}/again",
    },
    "an instant call's own row says who ended it": {f"{CONSOLE}/instant/{{call_id}}/end"},
    "a campaign says when it was created, and what happens to a phone call is among its events": {
        f"{_DIALING}/campaigns/new",
        f"{_DIALING}/calls/{{call_id}}/call-off",
    },
    "anybody may ask for a mail to any address; whoever uses its link is in the log": {"POST /forgotten"},
    "it only finds where somebody signs in": {"POST /sign-in/with"},
}
"""What is not, by the reason."""


def signed_posts() -> Iterator[str]:
    """Every POST of a page for which people sign in, or by which they do."""
    for folder, route, _ in page_routes():
        if route.startswith("POST ") and folder not in {"pages/book", "pages/guest", "pages/room"}:
            yield route


def test_every_post_is_in_the_log_or_says_why_not():
    beside = set[str]().union(*OTHERWISE.values())
    assert set(signed_posts()) == AUDITED.keys() | beside
    assert not AUDITED.keys() & beside


@dataclass(frozen=True)
class World:
    """An owner who is an agent too, with what they can act on."""

    people: TablePorts
    browser: Browser

    def post(self, way: str, **fields: str) -> None:
        reply = self.browser.post(way, fields)
        assert reply.status in (200, 303), (reply.status, reply.text)

    def press(self, page: str, action: str, button: tuple[str, str] | None = None, **fields: str) -> None:
        shown = self.browser.get(page)
        form = next(form for form in shown.page.forms if form.action == action)
        reply = self.browser.press(form, button, **fields)
        assert reply.status == 200, reply.text


AT, OWN = f"/console/{APP_ID}", f"/my/{APP_ID}"
KEYS, USERS, WEBHOOKS = f"{AT}/settings/keys", f"{AT}/settings/users", f"{AT}/settings/webhooks"
OTHER = a_user(Role.ADMIN, "other")
INVITED = a_user(Role.ADMIN, "invited", status=UserStatus.INVITED)
HOOK = a_subscription(app_id=APP_ID)
DELIVERY = a_delivery(status=DeliveryStatus.DELIVERED, due_at=None)


def _client(world: World) -> str:
    fields = {"kind": "client", "name": "CRM", "scopes": "dialing:read", "apps": APP_ID}
    world.post(KEYS, **fields, limit_minute="1", limit_hour="1", limit_day="1")
    (key,) = world.people.access.keys_of(ORGANIZATION)
    return f"{KEYS}/{key.id}"


def _retire(world: World) -> None:
    way = _client(world)
    world.post(f"{way}/rotate")
    world.post(f"{way}/retire")


ACTS: Mapping[str, tuple[Callable[[World], Any], list[str]]] = {
    f"{CONSOLE}/calls/export": (lambda it: it.post(f"{AT}/calls/export", filter=""), ["calls.exported"]),
    f"{CONSOLE}/agents/{{agent_id}}": (
        lambda it: it.press(f"{AT}/agents/agent-1", f"{AT}/agents/agent-1", name="Ada"),
        ["agent.changed"],
    ),
    f"{CONSOLE}/services/{{preset_id}}/activate": (
        lambda it: it.post(f"{AT}/services/{SECOND_PRESET}/activate"),
        ["preset.activated"],
    ),
    f"{CONSOLE}/services/{{preset_id}}/remove": (
        lambda it: it.press(f"{AT}/services/{SECOND_PRESET}", f"{AT}/services/{SECOND_PRESET}/remove"),
        ["preset.removed"],
    ),
    f"{CONSOLE}/services/{{preset_id}}/{{section}}": (
        lambda it: it.press(
            f"{AT}/services/{SECOND_PRESET}/time", f"{AT}/services/{SECOND_PRESET}/time", duration_minutes="35"
        ),
        ["preset.changed"],
    ),
    f"{_DIALING}/do-not-call": (
        lambda it: it.post(f"{AT}/dialing/do-not-call", numbers="+573005550101", reason="asked"),
        ["do_not_call.listed"],
    ),
    f"{_SETTINGS}/audit": (lambda it: it.post(f"{AT}/settings/audit"), ["audit.exported"]),
    f"{_SETTINGS}/audit/organization": (lambda it: it.post(f"{AT}/settings/audit/organization"), ["audit.exported"]),
    f"{_SETTINGS}/keys": (_client, ["client.added"]),
    f"{_SETTINGS}/keys/{{key_id}}/rotate": (
        lambda it: it.post(f"{_client(it)}/rotate"),
        ["client.added", "client.rotated"],
    ),
    f"{_SETTINGS}/keys/{{key_id}}/retire": (_retire, ["client.added", "client.rotated", "client.retired"]),
    f"{_SETTINGS}/keys/{{key_id}}/revoke": (
        lambda it: it.post(f"{_client(it)}/revoke"),
        ["client.added", "client.revoked"],
    ),
    f"{_SETTINGS}/users": (lambda it: it.post(USERS), ["organization.changed"]),
    f"{_SETTINGS}/users/{{user_id}}/invitation": (
        lambda it: it.post(f"{USERS}/{INVITED.user_id}/invitation"),
        ["user.invited_again"],
    ),
    f"{_SETTINGS}/users/{{user_id}}": (
        lambda it: it.post(f"{USERS}/{OTHER.user_id}", **{f"roles.{APP_ID}": "supervisor"}),
        ["user.changed"],
    ),
    f"{_SETTINGS}/users/{{user_id}}/suspend": (
        lambda it: it.post(f"{USERS}/{OTHER.user_id}/suspend"),
        ["user.suspended"],
    ),
    f"{_SETTINGS}/users/{{user_id}}/sessions": (
        lambda it: it.post(f"{USERS}/{OTHER.user_id}/sessions"),
        ["user.sessions_ended"],
    ),
    f"{_SETTINGS}/users/{{user_id}}/remove": (
        lambda it: it.post(f"{USERS}/{OTHER.user_id}/remove"),
        ["user.removed"],
    ),
    f"{_SETTINGS}/webhooks/{{webhook_id}}/edit": (
        lambda it: it.post(f"{WEBHOOKS}/{HOOK.id}/edit", url=HOOK.url, description="CRM", events="scheduled.created"),
        ["webhook.changed"],
    ),
    f"{_SETTINGS}/webhooks/{{webhook_id}}/{{act}}": (
        lambda it: [it.post(f"{WEBHOOKS}/{HOOK.id}/{act}") for act in ("test", "pause", "resume", "rotate", "remove")],
        ["webhook.tested", "webhook.changed", "webhook.changed", "webhook.rotated", "webhook.removed"],
    ),
    f"{_SETTINGS}/webhooks/{{webhook_id}}/deliveries/{{delivery_id}}/resend": (
        lambda it: it.post(f"{WEBHOOKS}/{HOOK.id}/deliveries/{DELIVERY.id}/resend"),
        ["webhook.resent"],
    ),
    f"{MY}/calendar": (lambda it: it.post(f"{OWN}/calendar", seen=""), ["calendar_feed.added"]),
    "POST /account/profile": (lambda it: it.post("/account/profile", name="Ada", language="es"), ["user.changed"]),
    "POST /account/sessions/end-all": (lambda it: it.post("/account/sessions/end-all"), ["user.sessions_ended"]),
    "POST /sign-out": (lambda it: it.post("/sign-out"), ["user.signed_out"]),
}
"""How some of them are done; the tests of their pages do the others."""


@pytest.mark.slow
@pytest.mark.parametrize("route", ACTS)
def test_what_somebody_does_is_one_entry_that_says_who_they_are(route: str, people: TablePorts, sign_in: SignIn):
    me = a_user(Role.OWNER, agent_ids={APP_ID: "agent-1"})
    world = World(people, sign_in(me))
    for user in (OTHER, INVITED):
        people.users.add(user)
    both: Any = (people.client, "SchedulingTable", "AccessTable", people.clock)
    DynamoWebhooks(*both).add(HOOK, None)
    DynamoDeliveries(*both).add(DELIVERY)
    before = people.audited()
    act, expected = ACTS[route]
    act(world)
    entries = [entry for entry in people.audited() if entry not in before]
    assert sorted(entry.action for entry in entries) == sorted(expected)
    assert expected[-1] in AUDITED[route]
    for entry in entries:
        assert (entry.author.id, entry.author.role) == (me.user_id, "owner")
        assert "@" not in f"{entry.before}{entry.after}"


def test_the_log_says_that_the_address_for_answers_was_changed_and_never_which_it_is(
    people: TablePorts, sign_in: SignIn
):
    world, service = World(people, sign_in(Role.ADMIN)), f"{AT}/services/{SECOND_PRESET}"
    before = people.audited()
    world.press(f"{service}/messages", f"{service}/messages", reply_to="desk@example.com")
    world.press(service, f"{service}/remove")
    written = (entry for entry in people.audited() if entry not in before)
    changed, removed = sorted(written, key=lambda entry: entry.action)
    assert changed.after == {"reply_to": HIDDEN, "revision": 2}
    assert removed.before["reply_to"] == HIDDEN
    assert "@" not in f"{changed}{removed}"
