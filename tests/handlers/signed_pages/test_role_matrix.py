"""Who may do what, for every route there is: a route without a row in `matrix.py` fails."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from moto.dynamodb.models.table import Table

from slotline.domain.access.identity import RateLimits, secret_hash
from slotline.domain.access.scopes import Scope
from slotline.domain.access.sessions import COOKIE
from slotline.domain.access.users import Role, User
from slotline.pages.signed import Allowed
from tests.handlers.signed_pages.conftest import OTHER_APP
from tests.handlers.signed_pages.matrix import API, PAGES
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.people import Browser, Reply, a_user, begin_session, key_of
from tests.support.handlers import APP_ID, Endpoint, load_function, partner
from tools import openapi

pytestmark = pytest.mark.slow

RANKS = (Role.AGENT, Role.SUPERVISOR, Role.ADMIN, Role.OWNER)
KEY = "slw_example-example-example-example-example-123"
GUESTS_KEY = {"x-app-id": APP_ID, "x-widget-key": KEY}
WIDE = RateLimits(minute=1_000, hour=10_000, day=100_000)


@dataclass(frozen=True)
class Principal:
    """Somebody who asks. `user`: whose session they come with, if they have one."""

    name: str
    user: User | None = None
    headers: Mapping[str, str] | None = None

    def may(self, least: str) -> bool:
        """Whether the row says that they may, in the app of the tests."""
        if self.user is None or least == "guest":
            return least == "guest"
        if least == "anybody":
            return True
        role = self.user.role_in(APP_ID, "organization-1")
        if role is None:
            return False
        if least == "agent":
            return self.user.agent_in(APP_ID) is not None
        return RANKS.index(role) >= RANKS.index(Role(least))


STRANGER = a_user(Role.OWNER, "stranger", organization_id="organization-2")
PRINCIPALS = (
    Principal("anonymous"),
    Principal("guest", headers=GUESTS_KEY),
    Principal("agent", a_user(Role.AGENT)),
    Principal("other agent", a_user(Role.AGENT, "other", agent_ids={APP_ID: "agent-2"})),
    Principal("supervisor", a_user(Role.SUPERVISOR)),
    Principal("admin", a_user(Role.ADMIN)),
    Principal("owner", a_user(Role.OWNER)),
    Principal("other organization's owner", STRANGER),
    *(Principal(f"API client, {scope}", headers={"authorization": f"Bearer {scope}"}) for scope in Scope),
)


def page_routes() -> Iterator[tuple[str, str, Any]]:
    """Every route of a page: the function's folder, the route, and what stands behind it."""
    for folder in sorted({route.folder for route in openapi.routes() if route.folder.startswith("pages/")}):
        function = load_function(folder)
        for route, behind in {**getattr(function, "UNSIGNED", {}), **getattr(function, "ROUTES", {})}.items():
            yield folder, route, behind


FOLDERS = {route: folder for folder, route, _ in page_routes()}
SIGNED = [route for _, route, behind in page_routes() if isinstance(behind, Allowed)]
OPERATIONS = [route for route in openapi.routes() if route.is_operation]


def test_every_page_has_a_row_and_every_row_a_page():
    assert sorted(route for _, route, _ in page_routes()) == sorted(PAGES)


def test_every_function_of_pages_lists_its_routes():
    folders = {route.folder for route in openapi.routes() if route.folder.startswith("pages/")}
    assert set(FOLDERS.values()) == folders - {"pages/static"}


def address(route: str) -> str:
    """A page's address: of something that is there, if that matters to who may see it."""
    path = route.partition(" ")[2]
    parts = ("{" + name + "}" for name in ("call_id", "agent_id", "preset_id"))
    known = {"{app_id}": APP_ID, **dict.fromkeys(parts, "nobody")}
    for name, value in known.items():
        path = path.replace(name, value)
    return "/".join("nothing" if part.startswith("{") else part for part in path.split("/"))


@pytest.mark.parametrize("principal", PRINCIPALS, ids=lambda one: one.name)
def test_pages_open_to_those_of_their_row_and_to_nobody_else(people: TablePorts, principal: Principal):
    if principal.user:
        people.users.add(principal.user)
    wrong = []
    for route, least in PAGES.items():
        browser, method, path = browser_of(people, principal, route), route.partition(" ")[0], address(route)
        reply = browser.get(path) if method == "GET" else browser.post(path)
        if least == "guest":  # a link that opens nothing, or a form that is of no page: nobody's role is in the way
            is_right = reply.status != 500 and not is_sent_to_sign_in(reply)
        elif principal.may(least):
            is_right = reply.status not in (401, 403, 500) and not is_sent_to_sign_in(reply)
        elif principal.user is None:
            is_right = is_sent_to_sign_in(reply)
        else:
            is_right = reply.status == (404 if principal.user is STRANGER else 403)
        if not is_right:
            wrong.append(f"{route}: {reply.status} {reply.headers.get('location', '')}")
    assert not wrong, "\n".join(wrong)


def is_sent_to_sign_in(reply: Reply) -> bool:
    """Whether they are asked to sign in first, to come back then."""
    way, _, query = reply.headers.get("location", "").partition("?")
    return reply.status == 303 and way == "/sign-in" and (not query or query.startswith("next="))


def browser_of(people: TablePorts, principal: Principal, route: str) -> Browser:
    """The principal's browser, with a session that has just begun if they have any."""
    headers, functions = dict(principal.headers or {}), {"": FOLDERS[route]}
    if principal.user is None:
        return Browser(headers=headers, functions=functions)
    user = people.users.find(principal.user.user_id)  # as it is by now: one of the pages ends all their sessions
    assert user
    return Browser(begin_session(people, user, key=key_of(user, route)), headers=headers, functions=functions)


def test_every_operation_of_the_api_has_a_row_and_every_row_an_operation():
    assert sorted(route.key for route in OPERATIONS) == sorted(API)


@dataclass(frozen=True)
class Program:
    """What asks an operation of the API. `caller`: whom the authorizer names; `opens`: the rows that it may open."""

    name: str
    opens: str
    caller: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None


TOKEN = {"authorization": "Bearer example"}
PROGRAMS = (
    Program("anonymous", "nothing"),
    Program("session of an owner", "nothing", headers={"cookie": f"{COOKIE}={key_of(a_user(Role.OWNER)).cookie}"}),
    Program("widget key", "website", headers=GUESTS_KEY),
    *(Program(scope, scope, partner(scopes=scope.value), TOKEN) for scope in Scope),
    Program("client without a scope", "nothing", partner(scopes=""), TOKEN),
)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: one.name)
def test_operations_open_to_what_their_row_says_and_to_nothing_else(people: TablePorts, program: Program):
    owner = a_user(Role.OWNER)
    people.users.add(owner)
    begin_session(people, owner)
    people.access.add_widget_key(secret_hash(KEY), APP_ID, "2026-04-01T00:00:00.000Z", WIDE)
    started = Endpoint("video_calls/create", "POST", None)("/api/calls", {}, headers=GUESTS_KEY).json["data"]
    shown = {
        **(program.headers or {}),
        **({"x-call-secret": started["callSecret"]} if program.opens == "website" else {}),
    }
    wrong = []
    for route in OPERATIONS:
        is_of_started = route.path.startswith("/api/calls/")  # of a call, nobody learns that it is there who may not
        path = route.path.replace("{id}", started["callId"]) if is_of_started else _path(route)
        caller = dict(program.caller) if program.caller else None
        raw = None if route.method == "GET" or is_of_started else "{"
        reply = Endpoint(route.folder, route.method, caller, route=route.key)(path, raw=raw, headers=shown)
        is_open = reply.status not in ((401, 403, 404) if is_of_started else (401, 403))
        ways = API[route.key].split("+")
        if is_open != (program.opens in ways or ways == ["public"]) or reply.status >= 500:
            wrong.append(f"{route.key}: {reply.status} {reply.text[:120]}")
    assert not wrong, "\n".join(wrong)


def _path(route: openapi.Route) -> str:
    parts = route.path.split("/")
    return "/".join(APP_ID if part == "{appId}" else "x" if part.startswith("{") else part for part in parts)


def test_another_organizations_app_is_not_there_for_an_owner(people: TablePorts):
    owner = a_user(Role.OWNER)
    people.users.add(owner)
    browser = Browser(begin_session(people, owner))
    for route in SIGNED:
        if "{app_id}" in route and route.startswith("GET "):
            assert browser.get(address(route).replace(APP_ID, OTHER_APP)).status == 404, route


@pytest.fixture
def of_everything(people: TablePorts) -> Callable[[str], Browser]:
    """The browser, fresh for a route, of somebody who may open all of them."""
    user = a_user(Role.OWNER, agent_ids={APP_ID: "agent-1"})
    people.users.add(user)
    return lambda route: browser_of(people, Principal("owner and agent", user), route)


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({}, {}),
        ({"csrf": "x" * 43}, {}),
        (None, {"sec_fetch_site": "cross-site"}),
        (None, {"origin": "https://evil.example"}),
    ],
    ids=["no token", "another's token", "from another site", "of another origin"],
)
def test_no_form_is_taken_that_is_not_of_its_session_and_of_our_pages(
    of_everything: Callable[[str], Browser], fields: Mapping[str, str] | None, headers: Mapping[str, str]
):
    """CSRF, on every form there is."""
    taken = []
    for route in SIGNED:
        if route.startswith("POST "):
            browser = of_everything(route)
            sent = fields if fields is not None else {"csrf": browser.key.csrf_token}
            reply = browser.send("POST", address(route), urlencode(sent), **headers)
            if reply.status != 403:
                taken.append(f"{route}: {reply.status}")
    assert not taken, "\n".join(taken)


def test_no_page_may_be_framed_by_others_or_kept_by_a_browser(of_everything: Callable[[str], Browser]):
    """Clickjacking, and Back after somebody else sat down at the machine."""
    wrong = []
    for route in SIGNED:
        if route.startswith("GET "):
            reply = of_everything(route).get(address(route))
            policy = reply.headers.get("content-security-policy", "")
            may_be_framed = reply.status != 303 and "frame-ancestors 'none'" not in policy
            if may_be_framed or reply.headers["cache-control"] != "no-store":
                wrong.append(f"{route}: {reply.status} {policy} {reply.headers['cache-control']}")
    assert not wrong, "\n".join(wrong)


def test_a_part_of_an_address_that_is_longer_than_any_id_names_nothing_and_no_store_is_asked_for_it(
    of_everything: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Table, "get_item", _refusing_long_keys(Table.get_item))
    monkeypatch.setattr(Table, "query", _refusing_long_keys(Table.query))
    wrong = []
    for route in SIGNED:
        parts = route.partition(" ")[2].split("/")
        own = ["x" * 3_000 if part.startswith("{") and part != "{app_id}" else part for part in parts]
        for path in {address(route.replace("{app_id}", "é" * 101)), address("/".join(own).join((" ", "")))}:
            if "xxx" in path or "é" in path:
                browser = of_everything(route)
                reply = browser.get(path) if route.startswith("GET ") else browser.post(path)
                if reply.status not in (303, 404):  # to remove what is not there is done already
                    wrong.append(f"{route}: {reply.status}")
    assert not wrong, "\n".join(wrong)


def _refusing_long_keys(find: Callable[..., Any]) -> Callable[..., Any]:
    """What DynamoDB does with a key of more bytes than it keeps. Moto looks for any."""

    def found(table: Table, *keys: Any, **more: Any) -> Any:
        assert all(len(str(getattr(key, "value", key))) <= 1_024 for key in [*keys, *more.values()])
        return find(table, *keys, **more)

    return found
