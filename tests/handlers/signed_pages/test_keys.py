"""Clients and keys in the console: a secret is shown once, and what is ended stops."""

import re
from dataclasses import replace
from typing import Any

import pytest

from slotline.clock import RandomIds
from slotline.domain.access.identity import Client, RateLimits, proves, secret_hash
from slotline.domain.access.keys import KeyKind
from slotline.domain.access.rate_limits import KEPT_FOR, Window
from slotline.domain.access.scopes import Scope
from slotline.domain.access.users import Role
from slotline.domain.access.websites import Purpose, Website, WidgetKey
from slotline.domain.shared.audit import Author, AuthorType, Surface
from slotline.domain.shared.intervals import DAY
from slotline.http.access.website_door import count
from slotline.ids import new_secret
from slotline.store.access.rates import DynamoRates
from slotline.usecases.access.keep_credentials import KeepCredentials
from tests.handlers.signed_pages.conftest import OTHER_APP, SignIn
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import an_app
from tests.support.builders.people import ORGANIZATION, Browser
from tests.support.handlers import APP_ID

NEW_ID = "01960000-0000-7000-8000-0000000000cc"
OWNER = Author(type=AuthorType.USER, surface=Surface.CONSOLE)
PAGE = f"/console/{APP_ID}/settings/keys"
FIELDS = {
    "kind": "client",
    "name": "Example CRM",
    "scopes": "scheduling:read",
    "apps": APP_ID,
    "limit_minute": "60",
    "limit_hour": "600",
    "limit_day": "6000",
}


@pytest.fixture
def owner(people: TablePorts, sign_in: SignIn) -> Browser:
    people.client.put_item(
        TableName="AccessTable",
        Item={"pk": {"S": f"PEOPLE#{ORGANIZATION}"}, "sk": {"S": f"OWNS#{APP_ID}"}, "app_id": {"S": APP_ID}},
    )
    return sign_in(Role.OWNER)


def secret_of(body: str) -> str:
    (found,) = re.findall(r'id="secret">([^<]+)<', body)
    return str(found)


def keep_of(people: TablePorts) -> KeepCredentials:
    return KeepCredentials(credentials=people.access, clock=people.clock, ids=RandomIds(), new_secret=new_secret)


def made(browser: Browser, **fields: str) -> Any:
    return browser.press(browser.get(f"{PAGE}/new").page.form("new-key"), **FIELDS | fields)


def the_client(people: TablePorts, reply: Any) -> Any:
    (client_id,) = re.findall(r'id="client-id">([^<]+)<', reply.body)
    return people.access.client(client_id)


def actions(people: TablePorts) -> list[str]:
    return [entry.action for entry in people.audited()]


def test_a_new_clients_secret_is_shown_once_and_kept_by_nobody(people: TablePorts, owner: Browser):
    reply = made(owner)
    client, secret = the_client(people, reply), secret_of(reply.body)
    assert proves(client, secret)
    assert (client.organization_id, client.name, client.limits.minute) == (ORGANIZATION, "Example CRM", 60)
    assert reply.headers["cache-control"] == "no-store"
    listed = owner.get(PAGE)
    assert "Example CRM" in listed.text
    assert secret not in listed.body
    assert secret not in repr(people.audited())
    (entry,) = people.audited()
    assert (entry.action, entry.app_id, entry.author.role) == ("client.added", None, "owner")


def test_a_form_that_is_sent_twice_makes_one(people: TablePorts, owner: Browser):
    form = owner.get(f"{PAGE}/new").page.form("new-key")
    first, second = (owner.press(form, **FIELDS) for _ in range(2))
    assert first.status == 200
    assert "This form was sent before" in second.text
    assert actions(people) == ["client.added"]


def test_a_secret_is_replaced_in_two_steps(people: TablePorts, owner: Browser):
    reply = made(owner)
    client, old = the_client(people, reply), secret_of(reply.body)
    new = secret_of(owner.post(f"{PAGE}/{client.client_id}/rotate").body)
    both = people.access.client(client.client_id)
    assert (proves(both, old), proves(both, new)) == (True, True)
    assert owner.post(f"{PAGE}/{client.client_id}/rotate").location == f"{PAGE}?done=two_secrets"
    assert owner.post(f"{PAGE}/{client.client_id}/retire").location == f"{PAGE}?done=retired"
    after = people.access.client(client.client_id)
    assert (proves(after, old), proves(after, new)) == (False, True)
    assert owner.post(f"{PAGE}/{client.client_id}/retire").location == f"{PAGE}?done=one_secret"
    assert actions(people) == ["client.added", "client.rotated", "client.retired"]


def test_a_client_that_is_revoked_proves_nothing_any_more(people: TablePorts, owner: Browser):
    reply = made(owner)
    client, secret = the_client(people, reply), secret_of(reply.body)
    for done in ("revoked", "revoked_before"):
        assert owner.post(f"{PAGE}/{client.client_id}/revoke").location == f"{PAGE}?done={done}"
    assert not proves(people.access.client(client.client_id), secret)
    assert actions(people) == ["client.added", "client.revoked"]


def test_an_api_key_is_for_dialing_alone(people: TablePorts, owner: Browser):
    refused = made(owner, kind="api_key")
    assert (refused.status, "for dialing only" in refused.text) == (400, True)
    reply = made(owner, kind="api_key", scopes="dialing:write")
    assert secret_of(reply.body).startswith("slk_")
    assert actions(people) == ["api_key.added"]


def test_a_widget_key_stays_readable_for_admins_until_it_is_revoked(
    people: TablePorts, owner: Browser, sign_in: SignIn
):
    key_id = "01960000-0000-7000-8000-0000000000aa"
    key = secret_of(owner.post(PAGE, {"kind": "widget_key", "id": key_id}).body)
    admin = sign_in(Role.ADMIN)
    assert key in admin.get(PAGE).body
    assert admin.post(f"{PAGE}/{key_id}/revoke").status == 403
    owner.post(f"{PAGE}/{key_id}/revoke")
    assert key not in admin.get(PAGE).body
    assert [(entry.action, entry.app_id) for entry in people.audited()] == [
        ("widget_key.added", APP_ID),
        ("widget_key.revoked", APP_ID),
    ]


def test_an_admin_sees_no_clients_and_changes_no_key(people: TablePorts, owner: Browser, sign_in: SignIn):
    client = the_client(people, made(owner))
    admin = sign_in(Role.ADMIN)
    assert client.client_id not in admin.get(PAGE).body
    for way in (PAGE, *(f"{PAGE}/{client.client_id}/{act}" for act in ("rotate", "retire", "revoke"))):
        assert admin.post(way, FIELDS).status == 403
    assert admin.get(f"{PAGE}/new").status == 403
    assert actions(people) == ["client.added"]


def test_another_organizations_client_is_not_there(people: TablePorts, owner: Browser):
    theirs = "01960000-0000-7000-8000-0000000000bb"
    grants = Client(
        client_id=theirs,
        name="Theirs",
        organization_id="organization-2",
        app_ids=frozenset({OTHER_APP}),
        scopes=frozenset(Scope),
    )
    people.access.add_client(grants)
    for act in ("rotate", "retire", "revoke"):
        assert owner.post(f"{PAGE}/{theirs}/{act}").status == 404
    assert theirs not in owner.get(PAGE).body


def test_when_a_client_was_last_used_is_known_from_its_counters(people: TablePorts, owner: Browser):
    client = the_client(people, made(owner))
    assert "Not used" in owner.get(PAGE).text
    DynamoRates(people.client, "AccessTable").count(client.client_id, dict.fromkeys(Window, 10), NOW)
    assert "Last used on" in owner.get(PAGE).text


def test_an_api_key_is_replaced_by_one_with_its_grants_and_both_work_until_it_is_revoked(
    people: TablePorts, owner: Browser
):
    old = secret_of(made(owner, kind="api_key", scopes="dialing:write").body)
    before = people.access.api_key(secret_hash(old))
    assert before is not None
    reply = owner.post(f"{PAGE}/{before.client_id}/rotate", {"id": NEW_ID})
    assert "The key before it is accepted, too" in reply.text
    after = people.access.api_key(secret_hash(secret_of(reply.body)))
    assert after == replace(before, client_id=NEW_ID)
    assert people.access.api_key(secret_hash(old)) == before
    again = owner.post(f"{PAGE}/{before.client_id}/rotate", {"id": "01960000-0000-7000-8000-0000000000dd"})
    assert again.location == f"{PAGE}?done=replaced_before"
    assert "A newer key takes its place" in owner.get(PAGE).text
    assert people.audited()[-1].after["replaces"] == before.client_id
    owner.post(f"{PAGE}/{before.client_id}/revoke")
    assert owner.post(f"{PAGE}/{before.client_id}/rotate").location == f"{PAGE}?done=replaced_before"
    assert "A newer key takes its place" not in owner.get(PAGE).text


def test_a_widget_key_is_replaced_and_its_limits_go_along(people: TablePorts, owner: Browser):
    first = "01960000-0000-7000-8000-0000000000aa"
    limits = RateLimits(7, 70, 700)
    keep_of(people).add_widget_key(ORGANIZATION, APP_ID, first, OWNER, limits)
    secret_of(owner.post(f"{PAGE}/{first}/rotate", {"id": NEW_ID}).body)
    old, new = sorted(keep_of(people).of_organization(ORGANIZATION), key=lambda key: key.id == NEW_ID)
    assert (new.replaces, new.limits, new.app_ids) == (old.id, limits, old.app_ids)
    assert new.public != old.public


def test_when_a_widget_key_was_last_used_is_known_whatever_it_was_used_for(people: TablePorts, owner: Browser):
    key = keep_of(people).add_widget_key(ORGANIZATION, APP_ID, NEW_ID, OWNER)
    assert keep_of(people).last_used([key]) == {}
    website = Website(app=an_app(), key=WidgetKey(key_hash=key.fingerprint or "", app_id=APP_ID))
    rates = DynamoRates(people.client, "AccessTable")
    days = {Purpose.PAGE: NOW, Purpose.BOOK: NOW - DAY, Purpose.LOOK: NOW - 2 * DAY}
    for purpose, at in days.items():
        count(rates, website.allowances("somebody", purpose), at)
    assert keep_of(people).last_used([key]) == {NEW_ID: NOW.date()}
    assert "Last used on" in owner.get(PAGE).text


def test_only_what_says_when_a_credential_was_used_is_kept_for_long(people: TablePorts):
    website = Website(app=an_app(), key=WidgetKey(key_hash="hash", app_id=APP_ID))
    count(DynamoRates(people.client, "AccessTable"), website.allowances("somebody", Purpose.LOOK), NOW)
    rows = people.client.scan(
        TableName="AccessTable",
        FilterExpression="begins_with(sk, :rate)",
        ExpressionAttributeValues={":rate": {"S": "RATE#"}},
    )["Items"]
    lives = {row["pk"]["S"]: int(row["expires_at"]["N"]) - NOW.timestamp() for row in rows}
    assert lives == {
        "CLIENT#widget-hash-look": KEPT_FOR.total_seconds(),
        "CLIENT#widget-hash-look-somebody": 2 * DAY.total_seconds(),
    }


def test_a_key_from_before_the_list_is_recognised_by_its_fingerprint_and_leaves_nothing_behind(
    people: TablePorts, owner: Browser
):
    fingerprint = secret_hash("slw_old")
    people.access.add_widget_key(fingerprint, APP_ID, "2026-01-01T00:00:00Z")
    people.access.list_key(ORGANIZATION, KeyKind.WIDGET_KEY, fingerprint, fingerprint)
    assert fingerprint[:12] in owner.get(PAGE).text
    assert owner.post(f"{PAGE}/{fingerprint}/revoke").location == f"{PAGE}?done=revoked"
    assert people.access.list_key(ORGANIZATION, KeyKind.WIDGET_KEY, fingerprint, fingerprint)
