"""Who may do what, for every route there is: a route without a row here fails.

Pages that people sign in to are listed by their Python routes, each with the least that somebody must be. Routes of the
API are listed by what the document says of them, which customers read; nobody's session opens one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from slotline.domain.access.scopes import Scope
from slotline.domain.access.sessions import COOKIE
from slotline.domain.access.users import Role, User
from slotline.pages.signed import Allowed
from tests.handlers.signed_pages.conftest import OTHER_APP
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.people import Browser, a_user, begin_session, key_of
from tests.support.handlers import APP_ID, Endpoint, load_function, partner
from tools import openapi

pytestmark = pytest.mark.slow

PUBLIC, ANYBODY, AGENT, SUPERVISOR, ADMIN, OWNER = "public", "signed in", "agent", "supervisor", "admin", "owner"
ROWS: Mapping[str, Sequence[str]] = {
    PUBLIC: (),
    ANYBODY: ("GET /console", "GET /my"),
    AGENT: ("GET /my/{app_id}",),
    SUPERVISOR: (
        "GET /console/{app_id}/calls/bulk",
        "POST /console/{app_id}/calls/bulk",
        "GET /console/{app_id}/calls/bulk/{job_id}",
        "POST /console/{app_id}/calls/bulk/{job_id}/start",
        "POST /console/{app_id}/calls/bulk/{job_id}/stop",
        "POST /console/{app_id}/calls/bulk/{job_id}/again",
        "GET /console/{app_id}/dialing/campaigns",
        "GET /console/{app_id}/dialing/campaigns/new",
        "POST /console/{app_id}/dialing/campaigns/new",
        "GET /console/{app_id}/dialing/campaigns/{campaign_id}",
        "POST /console/{app_id}/dialing/campaigns/{campaign_id}/{step}",
        "GET /console/{app_id}/dialing/calls",
        "GET /console/{app_id}/dialing/calls/{call_id}",
        "POST /console/{app_id}/dialing/calls/{call_id}/call-off",
        "GET /console/{app_id}/dialing/do-not-call",
        "POST /console/{app_id}/dialing/do-not-call",
        "POST /console/{app_id}/dialing/do-not-call/remove",
    ),
    ADMIN: (
        "GET /console/{app_id}/dialing/use-cases",
        "GET /console/{app_id}/dialing/use-cases/{use_case_id}",
        "POST /console/{app_id}/dialing/use-cases/{use_case_id}",
        "POST /console/{app_id}/dialing/use-cases/{use_case_id}/remove",
        "GET /console/{app_id}/dialing/numbers",
        "GET /console/{app_id}/dialing/numbers/{number_id}",
        "POST /console/{app_id}/dialing/numbers/{number_id}",
        "POST /console/{app_id}/dialing/numbers/{number_id}/remove",
        "GET /console/{app_id}/settings/audit",
        "POST /console/{app_id}/settings/audit",
        "GET /console/{app_id}/settings/webhooks",
        "GET /console/{app_id}/settings/webhooks/new",
        "POST /console/{app_id}/settings/webhooks/new",
        "GET /console/{app_id}/settings/webhooks/{webhook_id}",
        "GET /console/{app_id}/settings/webhooks/{webhook_id}/edit",
        "POST /console/{app_id}/settings/webhooks/{webhook_id}/edit",
        "POST /console/{app_id}/settings/webhooks/{webhook_id}/{act}",
        "GET /console/{app_id}/settings/webhooks/{webhook_id}/deliveries/{delivery_id}",
        "POST /console/{app_id}/settings/webhooks/{webhook_id}/deliveries/{delivery_id}/resend",
    ),
    OWNER: (
        "GET /console/{app_id}/settings/audit/organization",
        "POST /console/{app_id}/settings/audit/organization",
    ),
}
"""The least that somebody must be, and what they may then. `agent`: somebody who is an agent of the app, whatever else
they are."""
LEAST = {route: least for least, routes in ROWS.items() for route in routes}
RANKS = (Role.AGENT, Role.SUPERVISOR, Role.ADMIN, Role.OWNER)
GUESTS_KEY = {"x-app-id": APP_ID, "x-widget-key": "slw_example-example-example-example-example-123"}


@dataclass(frozen=True)
class Principal:
    """Somebody who asks. `user`: whose session they come with, if they have one."""

    name: str
    user: User | None = None
    headers: Mapping[str, str] | None = None

    def may(self, least: str) -> bool:
        """Whether the row says that they may, in the app of the tests."""
        if least == PUBLIC:
            return True
        if self.user is None:
            return False
        if least == ANYBODY:
            return True
        role = self.user.role_in(APP_ID, "organization-1")
        if role is None:
            return False
        return (
            self.user.agent_in(APP_ID) is not None if least == AGENT else RANKS.index(role) >= RANKS.index(Role(least))
        )


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


KEYS = {one.name: key_of(one.user) for one in PRINCIPALS if one.user}


def page_routes() -> Iterator[tuple[str, str, Any]]:
    """Every route of a page: the function's folder, the route, and what stands behind it."""
    for folder in sorted({route.folder for route in openapi.routes() if route.folder.startswith("pages/")}):
        for route, behind in getattr(load_function(folder), "ROUTES", {}).items():
            yield folder, route, behind


SIGNED = [route for _, route, behind in page_routes() if isinstance(behind, Allowed)]
API = [
    route for route in openapi.routes() if route.is_operation and route.path.startswith("/api/v1/") and not route.public
]


def test_every_page_has_a_row_and_every_row_a_page():
    there = {route for _, route, _ in page_routes()}
    assert there == set(LEAST)


def test_every_function_that_people_sign_in_to_lists_its_routes():
    folders = {folder for folder, _, _ in page_routes()}
    signed = {"pages/console", "pages/console_dialing", "pages/console_settings", "pages/my"}
    assert signed <= folders


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
    for route in SIGNED:
        browser, method, path = browser_of(people, principal), route.partition(" ")[0], address(route)
        reply = browser.get(path) if method == "GET" else browser.post(path)
        is_sent_away = reply.status == 303 and reply.location.startswith("/sign-in")
        if principal.user is None:
            is_right = is_sent_away
        elif principal.may(LEAST[route]):
            is_right = reply.status not in (403, 500) and not is_sent_away
        else:
            is_right = reply.status == (404 if principal.user is STRANGER else 403)
        if not is_right:
            wrong.append(f"{route}: {reply.status} {reply.headers.get('location', '')}")
    assert wrong == []


def browser_of(people: TablePorts, principal: Principal) -> Browser:
    """The principal's browser, with a session that has just begun if they have any."""
    headers = dict(principal.headers or {})
    if principal.user is None:
        return Browser(headers=headers)
    people.sessions.end(principal.user.user_id, KEYS[principal.name].session_hash)
    return Browser(begin_session(people, principal.user), headers=headers)


@pytest.mark.parametrize("principal", [one for one in PRINCIPALS if one.user], ids=lambda one: one.name)
def test_no_session_opens_a_route_of_the_api(people: TablePorts, principal: Principal):
    people.users.add(principal.user)
    headers = {"cookie": f"{COOKIE}={begin_session(people, principal.user).cookie}"}
    for route in API:
        reply = Endpoint(route.folder, route.method, None)(_path(route), headers=headers)
        assert reply.status == 401, route.key


@pytest.mark.parametrize("scope", Scope)
def test_an_api_client_opens_the_routes_of_its_scope_and_no_other(people: TablePorts, scope: Scope):
    del people
    document = openapi.build()
    for route in API:
        security = document["paths"][route.path][route.method.lower()]["security"]
        needed = [set(one["bearer"]) for one in security if "bearer" in one]
        reply = Endpoint(route.folder, route.method, partner(scopes=scope.value))(_path(route), raw="{")
        is_refused = reply.status == 403
        assert is_refused == (not any(scopes <= {scope.value} for scopes in needed)), (route.key, reply.text)


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
