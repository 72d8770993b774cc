"""Who gets in with a widget key at routes that partners call, from which pages, and how often."""

from typing import Any

import pytest

from slotline.domain.access.identity import RateLimits, secret_hash
from slotline.wiring import common
from tests.handlers.websites.conftest import KEY, MONDAY, OTHER_APP_ID, OTHER_KEY, Site, problem
from tests.support.aws.requests import counted
from tests.support.handlers import APP_ID, Endpoint, partner

SHOP = "https://shop.example.com"
DOORS = [
    ("presets/read", "GET", "/services", None),
    ("availability/search", "GET", "/availability", {"fromUtc": f"{MONDAY}T09:00:00Z", "toUtc": f"{MONDAY}T10:00:00Z"}),
    ("scheduled_calls/create", "POST", "/scheduled-calls", None),
    ("scheduled_calls/send_code", "POST", "/verifications", None),
    ("availability/hold", "POST", "/holds", None),
]
BODY = {
    "guestName": "Jane Doe",
    "guestEmail": "jane@example.com",
    "appTimezone": "UTC",
    "scheduledAtUtc": f"{MONDAY}T10:00:00Z",
    "assignedAgentId": "agent-1",
}
each_door = pytest.mark.parametrize(("folder", "method", "path", "query"), DOORS, ids=[door[2] for door in DOORS])


def asked(site: Site, folder: str, method: str, path: str, query: Any, **how: Any) -> Any:
    body = {} if method == "POST" else None
    return site.send(folder, method, path, body, query, **how)


@each_door
@pytest.mark.parametrize(
    ("headers", "status", "said"),
    [
        ({"x-widget-key": "slw_wrong"}, 401, "wrong, or it was revoked"),
        ({"x-widget-key": OTHER_KEY}, 401, "wrong, or it was revoked"),
        ({"x-app-id": "01890000-0000-7000-8000-00000000dead"}, 401, "wrong, or it was revoked"),
        ({"x-app-id": OTHER_APP_ID, "x-widget-key": OTHER_KEY}, 403, "not granted access to this app"),
    ],
)
def test_a_key_opens_its_own_app_and_no_other(
    site: Site, folder: str, method: str, path: str, query: Any, headers: dict[str, str], status: int, said: str
) -> None:
    reply = asked(site, folder, method, path, query, headers=headers)
    assert reply.status == status
    assert said in reply.error["message"]
    assert reply.headers["Access-Control-Allow-Origin"] == "*", "the page may read why"


@each_door
@pytest.mark.parametrize("missing", ["x-app-id", "x-widget-key"])
def test_both_headers_are_needed_and_the_one_that_is_missing_is_named(
    site: Site, folder: str, method: str, path: str, query: Any, missing: str
) -> None:
    del site.headers[missing]
    reply = asked(site, folder, method, path, query)
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"] == 'WidgetKey realm="slotline"'
    assert reply.error["details"][0]["field"].lower() == missing


@each_door
def test_whoever_sends_neither_is_told_as_before_to_send_a_token(
    site: Site, folder: str, method: str, path: str, query: Any
) -> None:
    site.headers.clear()
    reply = asked(site, folder, method, path, query)
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="slotline"'
    assert not [name for name in reply.headers if name.startswith("Access-Control")]


@each_door
def test_a_token_says_that_it_is_a_partner_whatever_else_is_sent(
    site: Site, folder: str, method: str, path: str, query: Any
) -> None:
    site.headers["authorization"] = "Bearer nonsense"
    reply = asked(site, folder, method, path, query)
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"].startswith("Bearer ")
    refused = asked(site, folder, method, path, query, caller=partner(scopes="dialing:read"))
    assert (refused.status, "Access-Control-Allow-Origin" in refused.headers) == (403, False)


@pytest.mark.parametrize(
    ("folder", "method", "path"),
    [
        ("presets/read", "GET", "/presets"),
        ("scheduled_calls/list", "GET", "/scheduled-calls"),
        ("agents/read", "GET", "/agents"),
        ("presets/write", "POST", "/presets"),
        ("scheduled_calls/bulk", "POST", "/scheduled-calls/bulk"),
    ],
)
def test_a_widget_key_opens_no_other_route(site: Site, folder: str, method: str, path: str) -> None:
    reply = site.send(folder, method, path, {} if method == "POST" else None)
    assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, 'Bearer realm="slotline"')


@pytest.mark.parametrize(
    ("folder", "path", "method"),
    [
        ("scheduled_calls/create", "/scheduled-calls", "POST"),
        ("scheduled_calls/send_code", "/verifications", "POST"),
        ("availability/search", "/availability", "GET"),
        ("presets/read", "/services", "GET"),
        ("availability/hold", "/holds", "POST"),
    ],
)
def test_a_preflight_knows_no_credential_and_says_what_may_be_sent(
    site: Site, folder: str, path: str, method: str
) -> None:
    site.headers = {"origin": SHOP, "access-control-request-method": method}
    reply = site.send(folder, "OPTIONS", path)
    assert (reply.status, reply.text) == (204, "")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert method in reply.headers["Access-Control-Allow-Methods"]
    allowed = {name.strip().lower() for name in reply.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"content-type", "idempotency-key", "x-app-id", "x-widget-key", "x-visit-id"} <= allowed


def test_a_preset_that_lists_origins_is_booked_from_these_alone(site: Site) -> None:
    """The preset in question binds: the active one lists none."""
    listed = site.add_preset(public=True, allowedEmbedOrigins=[SHOP], slug="shop-only")
    for name in (listed, "shop-only"):
        for origin, status in ((SHOP, 201), ("https://other.example.com", 403), (None, 201)):
            headers = {"origin": origin} if origin else {}
            at = f"1{'0' if name == listed else '2'}:{'00' if origin else '30'}"
            reply = site.asking(at, headers=headers, presetId=name)
            assert reply.status == status, (name, origin, reply.text)
            opened_to = {"Access-Control-Allow-Origin": SHOP} if origin == SHOP else {}
            assert {name: reply.headers[name] for name in reply.headers if "Allow-Origin" in name} == opened_to
            assert reply.headers["Vary"] == "Origin"
    assert site.asking("15:00", headers={"origin": "https://other.example.com"}).status == 201, "the active one is open"


def test_the_active_preset_that_lists_origins_guards_what_names_none(site: Site) -> None:
    site.set_preset(allowed_embed_origins=[SHOP])
    assert site.search(headers={"origin": "https://other.example.com"}).status == 403
    found = site.search(headers={"origin": SHOP})
    assert (found.status, found.headers["Access-Control-Allow-Origin"]) == (200, SHOP)
    own = site.search(headers={"origin": "https://video.example.com"})
    assert own.status == 200, "our own pages always may"


def test_services_are_those_that_the_page_may_embed(site: Site) -> None:
    site.add_preset(public=True, allowedEmbedOrigins=[SHOP], slug="shop-only")
    site.add_preset(public=False, slug="internal")

    def slugs(origin: str) -> set[str | None]:
        reply = site.services(headers={"origin": origin})
        assert reply.headers["Access-Control-Allow-Origin"] == origin
        return {one["slug"] for one in reply.json["data"]["services"]}

    assert slugs(SHOP) == {None, "shop-only"}
    assert slugs("https://other.example.com") == {None}
    assert len(Endpoint("presets/read", "GET", partner())(f"{site.video}/services").json["data"]["services"]) == 4


def test_a_visitor_has_a_share_of_the_keys_requests_and_booking_has_windows_of_its_own(site: Site) -> None:
    site.ports.access.add_widget_key(secret_hash(KEY), APP_ID, "2026-04-01T00:00:00.000Z", RateLimits(100, 1000, 1000))
    replies = [site.search() for _ in range(11)]
    assert [reply.status for reply in replies] == [200] * 10 + [429]
    over = replies[-1]
    assert int(over.headers["Retry-After"]) > 0
    assert "Retry-After" in over.headers["Access-Control-Expose-Headers"]
    assert over.headers["Access-Control-Allow-Origin"] == "*"
    assert site.asking().status == 201, "looking takes nothing from booking"
    site.address = "192.0.2.2"
    assert site.search().status == 200, "another visitor has a share of their own"


def test_a_refused_page_is_not_counted_and_nothing_is_said_of_its_body(site: Site) -> None:
    site.set_preset(allowed_embed_origins=[SHOP])
    reply = site.asking(headers={"origin": "https://other.example.com"}, guestName=7)
    assert (reply.status, reply.error["details"]) == (403, [])
    assert "X-RateLimit-Limit" not in reply.headers


@pytest.mark.parametrize(
    "unread",
    [{"raw": "x", "headers": {"content-type": "text/plain"}}, {"raw": f'{{"a": "{"x" * 300_000}"}}'}, {"raw": "{"}],
    ids=["no JSON", "too large", "broken"],
)
def test_who_may_not_is_told_so_before_their_body_is_read_and_who_may_is_counted(
    site: Site, unread: dict[str, Any]
) -> None:
    def sent(**headers: str) -> Any:
        how = unread | {"headers": unread.get("headers", {}) | headers}
        return site.send("scheduled_calls/create", "POST", "/scheduled-calls", **how)

    assert sent(**{"x-widget-key": "slw_wrong"}).status == 401
    assert (read := sent()).status in (400, 413, 415)
    assert int(read.headers["X-RateLimit-Remaining"]) < 100
    site.set_preset(allowed_embed_origins=[SHOP])
    assert sent(origin="https://other.example.com").status == 403


@pytest.mark.parametrize("visit", ["short", "x" * 129, "with space in it 1234"])
def test_a_visits_name_is_something_random(site: Site, visit: str) -> None:
    assert problem(site.asking(headers={"x-visit-id": visit})) == (400, "X-Visit-Id", "pattern")


def test_a_partner_asks_for_as_much_of_the_store_as_before(site: Site, tables: Any) -> None:
    del tables
    book = Endpoint("scheduled_calls/create", "POST", partner())
    assert book(f"{site.video}/scheduled-calls", {**BODY, "scheduledAtUtc": f"{MONDAY}T09:00:00Z"}).status == 201
    with counted(common.dynamodb()) as requests:
        assert book(f"{site.video}/scheduled-calls", BODY).status == 201
    assert sorted(requests.operations) == ["BatchGetItem", "TransactWriteItems", "UpdateItem"]


def test_a_websites_booking_reads_its_key_and_preset_at_once(site: Site, tables: Any) -> None:
    del tables
    site.booked("09:00")
    with counted(common.dynamodb()) as requests:
        site.booked("10:00")
    told = ["BatchGetItem", "BatchGetItem", "TransactWriteItems", "UpdateItem", "UpdateItem"]
    assert sorted(requests.operations) == told, "the key; the booking; visitor and key counted; the write"
