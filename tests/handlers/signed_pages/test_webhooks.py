"""Webhooks in the console: made, changed, tried, sent once more; and nobody reaches another app's."""

import re
from collections.abc import Mapping

import pytest

from slotline.clock import FullJitter
from slotline.domain.access.users import Role
from slotline.domain.webhooks.subscriptions import Subscription, WebhookStatus
from slotline.store.webhooks.subscriptions import DynamoWebhooks
from slotline.wiring import common
from slotline.wiring.shared import queues
from slotline.wiring.webhooks import receivers
from tests.handlers.signed_pages.conftest import OTHER_APP, SignIn
from tests.handlers.webhooks.conftest import book, cancel, deliver_all, events_of, fan_out
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.people import Browser, Reply, a_user
from tests.support.handlers import APP_ID
from tests.support.memory.timing import MemoryDeadLetters, MemoryQueues
from tests.support.memory.webhooks import Receiver, a_subscription, answered
from tests.support.shown_pages import Form

PAGE = f"/console/{APP_ID}/settings/webhooks"
URL = "https://crm.example.com/hooks"
EVENTS = ["scheduled.created", "scheduled.cancelled"]
SINCE = "2026-04-22T12:00"
ACTS = ("test", "pause", "resume", "rotate", "remove", "replay")


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """Whoever is told."""
    receiver = Receiver()
    monkeypatch.setattr(common, "backoff", lambda: FullJitter(first_seconds=0, longest_seconds=0))
    monkeypatch.setattr(receivers, "egress", lambda: receiver)
    monkeypatch.setattr(queues, "queues", MemoryQueues)
    monkeypatch.setattr(queues, "dead_letters", MemoryDeadLetters)
    return receiver


@pytest.fixture
def admin(sign_in: SignIn, receiver: Receiver) -> Browser:
    del receiver  # asked for, so that nobody outside is
    return sign_in(Role.ADMIN)


def form_at(reply: Reply, action: str) -> Form:
    return next(form for form in reply.page.forms if form.action == action)


def fill_in(browser: Browser, way: str, **typed: object) -> Reply:
    """The form of a new webhook, or of one that is there."""
    return browser.press(form_at(browser.get(way), way), **{"url": URL, "events": EVENTS, **typed})  # type: ignore[arg-type]


def secret_of(reply: Reply) -> str:
    (secret,) = re.findall(r'id="secret"[^>]* value="(whsec_[^"]+)"', reply.body)
    return str(secret)


def kept(people: TablePorts) -> Subscription:
    """The one webhook of the app."""
    (found,) = webhooks_of(people).of_app(APP_ID)
    return found


def webhooks_of(people: TablePorts) -> DynamoWebhooks:
    return DynamoWebhooks(people.client, "SchedulingTable", "AccessTable", people.clock)


@pytest.fixture
def way(admin: Browser, people: TablePorts) -> str:
    """The page of a webhook that is told of bookings."""
    assert fill_in(admin, f"{PAGE}/new").status == 200
    return f"{PAGE}/{kept(people).id}"


def told(people: TablePorts, calls: int = 1) -> None:
    """Bookings, of which the receiver is told."""
    for hour in range(calls):
        book(scheduledAtUtc=f"2026-05-04T1{hour}:00:00Z")
    fan_out(events_of(people))
    deliver_all(people)


def actions(people: TablePorts) -> list[str]:
    return [entry.action for entry in people.audited() if entry.action.startswith("webhook.")]


def test_a_new_webhook_shows_its_secret_in_one_answer_however_often_its_form_is_sent(
    admin: Browser, people: TablePorts
):
    form = form_at(admin.get(f"{PAGE}/new"), f"{PAGE}/new")
    first, second = (admin.press(form, url=URL, events=EVENTS, description="CRM") for _ in range(2))
    assert secret_of(first) == secret_of(second) == kept(people).secret
    assert first.headers["cache-control"] == "no-store"
    listed = admin.get(PAGE)
    assert "crm.example.com" in listed.text
    assert "CRM" in listed.text
    assert "whsec_" not in listed.body + admin.get(f"{PAGE}/{kept(people).id}").body
    assert actions(people) == ["webhook.added"]
    assert kept(people).secret not in repr(people.audited())


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"events": []}, "Choose at least one event."),
        ({"url": "https://10.0.0.1/"}, "reach"),
        ({"description": "x" * 201}, "200"),
    ],
)
def test_what_cannot_be_one_is_said_and_what_was_typed_stays(
    admin: Browser, people: TablePorts, receiver: Receiver, typed: Mapping[str, object], said: str
):
    receiver.refused.add("https://10.0.0.1/")
    reply = fill_in(admin, f"{PAGE}/new", **{"description": "Our CRM", **typed})
    assert (reply.status, said in reply.text) == (400, True), reply.text
    form = form_at(reply, f"{PAGE}/new")
    assert form.value("url") == typed.get("url", URL)
    assert list(webhooks_of(people).of_app(APP_ID)) == []


def test_what_is_refused_is_said_in_the_readers_language(sign_in: SignIn, receiver: Receiver, way: str):
    receiver.refused.add("https://10.0.0.1/")
    reader = sign_in(a_user(Role.ADMIN, "lector", language="es"))
    refused = reader.post(f"{way}/edit", {"url": "https://10.0.0.1/", "events": EVENTS})
    assert (refused.status, "internet pública" in refused.text) == (400, True)
    reader.post(f"{way}/pause")
    assert "Reanúdelo primero." in reader.post(f"{way}/replay", {"since": SINCE}).text


def test_a_change_is_saved_and_none_is_no_change(admin: Browser, people: TablePorts, way: str):
    for _ in range(2):
        saved = fill_in(admin, f"{way}/edit", description="CRM", events=EVENTS[:1])
        assert "Saved." in saved.text
    assert (kept(people).description, kept(people).events) == ("CRM", (EVENTS[0],))
    assert actions(people) == ["webhook.added", "webhook.changed"]
    wrong = fill_in(admin, f"{way}/edit", events=[])
    assert wrong.status == 400
    assert form_at(wrong, f"{way}/edit").value("url") == URL


def test_a_new_secret_is_shown_once_and_the_present_one_signs_on(admin: Browser, people: TablePorts, way: str):
    before = kept(people).secret
    form = form_at(admin.get(way), f"{way}/rotate")
    first, second = (admin.press(form) for _ in range(2))
    assert secret_of(first) == secret_of(second) == kept(people).secret != before
    assert [old.secret for old in kept(people).retiring] == [before]
    assert "Earlier secrets sign as well until" in admin.get(way).text
    assert actions(people) == ["webhook.added", "webhook.rotated"]


def test_a_test_is_sent_and_what_came_of_it_is_seen(admin: Browser, people: TablePorts, receiver: Receiver, way: str):
    receiver.answers.append(answered(503))
    assert "The test is on its way." in admin.press(form_at(admin.get(way), f"{way}/test")).text
    deliver_all(people)
    assert len(receiver.posts) == 1
    page = admin.get(way)
    (delivery,) = [link for link in page.page.links if link.startswith(f"{way}/deliveries/")]
    shown = admin.get(delivery).text
    assert "503" in shown
    assert '"event": "ping"' in shown
    assert "On its way again." in admin.press(form_at(admin.get(delivery), f"{delivery}/resend")).text
    deliver_all(people)
    assert len(receiver.posts) == 2


def test_deliveries_are_found_by_what_became_of_them(admin: Browser, people: TablePorts, receiver: Receiver, way: str):
    told(people, calls=2)
    assert len(receiver.posts) == 2

    def rows(query: str) -> int:
        return admin.get(f"{way}{query}").body.count("data-row=")

    assert (rows(""), rows("?status=delivered"), rows("?status=failed"), rows("?status=nothing")) == (2, 2, 0, 2)


def test_a_paused_webhook_is_told_nothing_until_it_is_replayed(
    admin: Browser, people: TablePorts, receiver: Receiver, way: str
):
    assert "Paused." in admin.press(form_at(admin.get(way), f"{way}/pause")).text
    assert kept(people).status is WebhookStatus.PAUSED
    told(people)
    assert receiver.posts == []
    refused = admin.post(f"{way}/replay", {"since": SINCE})
    assert (refused.status, "paused" in refused.text.lower()) == (409, True)
    assert "Active again" in admin.press(form_at(admin.get(way), f"{way}/resume")).text
    assert "Being sent again." in admin.press(form_at(admin.get(way), f"{way}/replay"), since=SINCE).text
    deliver_all(people)
    assert len(receiver.posts) == 1
    assert actions(people)[-2:] == ["webhook.changed", "webhook.replayed"]


def test_a_replay_that_one_request_cannot_see_to_goes_on_where_it_ended(
    admin: Browser, people: TablePorts, receiver: Receiver, way: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("slotline.usecases.webhooks.resend_deliveries.REPLAYED_AT_ONCE", 2)
    told(people, calls=3)
    receiver.posts.clear()
    page = admin.press(form_at(admin.get(way), f"{way}/replay"), since=SINCE)
    assert "There are more." in page.text
    (goes_on, _) = [form for form in page.page.forms if form.action == f"{way}/replay"]
    assert "Being sent again." in admin.press(goes_on).text
    deliver_all(people)
    assert len(receiver.posts) == 3


def test_no_time_to_replay_from_is_said(admin: Browser, way: str):
    reply = admin.post(f"{way}/replay", {"since": "yesterday"})
    assert (reply.status, 'role="alert"' in reply.body) == (400, True)


def test_one_that_is_deleted_is_told_nothing_more(admin: Browser, people: TablePorts, receiver: Receiver, way: str):
    cancelled = book()
    fan_out(events_of(people))
    assert "Deleted." in admin.press(form_at(admin.get(way), f"{way}/remove")).text
    cancel(cancelled)
    deliver_all(people)
    assert receiver.posts == []
    assert admin.get(way).status == 404
    assert actions(people) == ["webhook.added", "webhook.removed"]


def test_one_that_is_deleted_twice_is_deleted(admin: Browser, people: TablePorts, way: str):
    removal = form_at(admin.get(way), f"{way}/remove")
    assert [admin.press(removal).url for _ in range(2)] == [f"{PAGE}?done=removed"] * 2
    assert webhooks_of(people).of_app(APP_ID) == []
    assert actions(people) == ["webhook.added", "webhook.removed"]


def test_two_who_change_different_fields_of_one_keep_both(
    admin: Browser, people: TablePorts, sign_in: SignIn, way: str
):
    mine, other = form_at(admin.get(f"{way}/edit"), f"{way}/edit"), sign_in(a_user(Role.ADMIN, "other"))
    elsewhere = "https://erp.example.com/hooks"
    other.press(form_at(other.get(f"{way}/edit"), f"{way}/edit"), url=elsewhere, events=["scheduled.created"])
    refused = admin.press(mine, description="x" * 201)
    assert refused.status == 400
    admin.press(form_at(refused, f"{way}/edit"), description="Our CRM")
    found = kept(people)
    assert (found.url, found.events, found.description) == (elsewhere, ("scheduled.created",), "Our CRM")


def test_another_apps_webhook_is_not_there(admin: Browser, people: TablePorts):
    theirs = a_subscription(id="theirs", app_id=OTHER_APP)
    webhooks_of(people).add(theirs, None)
    there = f"{PAGE}/theirs"
    assert "theirs" not in admin.get(PAGE).body
    for path in ("", "/edit", "/deliveries/call-1-16"):
        assert admin.get(f"{there}{path}").status == 404
    for path in ("/edit", "/deliveries/call-1-16/resend", *(f"/{act}" for act in ACTS if act != "remove")):
        assert admin.post(f"{there}{path}", {"url": URL, "events": EVENTS, "since": SINCE}).status == 404
    assert admin.post(f"{there}/remove").location == f"{PAGE}?done=removed", "as of one that is gone"
    assert admin.get(f"/console/{OTHER_APP}/settings/webhooks/theirs").status == 404
    assert webhooks_of(people).find(OTHER_APP, "theirs")[1] == theirs


def test_no_other_site_changes_anything(admin: Browser, people: TablePorts, way: str):
    before = kept(people)
    for path in (f"{PAGE}/new", f"{way}/edit", *(f"{way}/{act}" for act in ACTS)):
        fields = {"url": "https://evil.example/", "events": EVENTS, "since": SINCE}
        assert admin.post(path, fields, sec_fetch_site="cross-site").status == 403
        assert admin.post(path, {**fields, "csrf": "made-up"}).status == 403
    assert kept(people) == before
    assert actions(people) == ["webhook.added"]


def test_an_act_that_is_none_is_not_there(admin: Browser, way: str):
    assert admin.post(f"{way}/explode").status == 404
