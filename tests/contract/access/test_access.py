"""Who holds which credential, and which website which key."""

from dataclasses import replace

from slotline.domain.access.identity import Client, RateLimits, Scope, StoredSecret
from slotline.domain.access.websites import WidgetKey
from slotline.domain.booking.apps import Preset
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID, an_app, new_id

CLIENT = Client(
    client_id="client-1",
    name="Partner",
    organization_id="organization-1",
    app_ids=frozenset({APP_ID, OTHER_APP_ID}),
    scopes=frozenset({Scope.SCHEDULING_READ, Scope.WEBHOOKS_WRITE}),
    limits=RateLimits(1, 2, 3),
    secrets=(
        StoredSecret(hash="old", created_at="2026-01-01T00:00:00.000Z", revoked_at="2026-02-01T00:00:00.000Z"),
        StoredSecret(hash="new", created_at="2026-01-31T00:00:00.000Z"),
    ),
)
KEY = WidgetKey(key_hash="hash-1", app_id=APP_ID, limits=RateLimits(4, 5, 6))


def test_a_client_is_found_with_everything_it_had_a_revoked_one_too(backend: Backend) -> None:
    revoked = replace(CLIENT, client_id="client-2", is_active=False)
    for client in (CLIENT, revoked):
        backend.add_client(client)
    assert backend.credentials.client("client-1") == CLIENT
    assert backend.credentials.client("client-2") == revoked
    assert backend.credentials.client("client-3") is None


def test_an_api_key_is_found_by_its_hash_a_revoked_one_too(backend: Backend) -> None:
    grants = replace(CLIENT, secrets=())
    revoked = replace(grants, client_id="client-2", is_active=False)
    backend.add_api_key("hash-1", grants)
    backend.add_api_key("hash-2", revoked)
    assert backend.credentials.api_key("hash-1") == grants
    assert backend.credentials.api_key("hash-2") == revoked
    assert backend.credentials.api_key("hash-3") is None


def test_a_client_is_no_api_key_and_an_api_key_no_client(backend: Backend) -> None:
    backend.add_client(CLIENT)
    backend.add_api_key("hash-1", CLIENT)
    assert backend.credentials.api_key("client-1") is None
    assert backend.credentials.client("hash-1") is None


def test_a_website_is_an_app_with_a_key_of_its_own(backend: Backend) -> None:
    backend.add_widget_key(KEY)
    found = backend.websites.find(APP_ID, "hash-1")
    assert found
    assert (found.app, found.key) == (an_app(), KEY)


def test_a_key_that_is_not_the_apps_or_not_there_makes_no_website(backend: Backend) -> None:
    gone = new_id()
    backend.add_widget_key(KEY)
    backend.add_widget_key(WidgetKey(key_hash="hash-2", app_id=gone))
    assert backend.websites.find(OTHER_APP_ID, "hash-1") is None
    assert backend.websites.find(APP_ID, "hash-2") is None
    assert backend.websites.find(gone, "hash-2") is None
    assert backend.websites.find(APP_ID, "hash-3") is None


def test_whoever_knows_the_hash_of_a_key_finds_its_website_with_the_public_service_of_a_name(backend: Backend) -> None:
    visit = Preset(preset_id="01890000-0000-7000-8000-0000000000b1", name="Visit", slug="first-visit")
    private = replace(visit, preset_id="01890000-0000-7000-8000-0000000000b2", slug="staff-only", public=False)
    for preset in (visit, private):
        backend.presets.add(APP_ID, preset, NOW, None)
    backend.add_widget_key(KEY)
    found = [backend.websites.find(APP_ID, "hash-1", name) for name in ("first-visit", visit.preset_id, "staff-only")]
    assert [website and website.preset for website in found] == [visit, visit, None]


def test_a_revoked_key_names_no_website_from_then_on(backend: Backend) -> None:
    backend.add_widget_key(KEY)
    assert backend.websites.find(APP_ID, "hash-1") is not None
    backend.revoke_widget_key("hash-1")
    assert backend.websites.find(APP_ID, "hash-1") is None
