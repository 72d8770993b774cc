"""What every page that people sign in to asks of them, whoever they are."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest

from slotline.domain.access.permissions import PERMISSIONS, Permission
from slotline.domain.access.sessions import Session, SessionKey, Stage
from slotline.domain.access.users import Role
from slotline.domain.access.visits import Visit, VisitedApp
from slotline.domain.booking.calls import Actor, ActorType, BookingSource
from slotline.domain.shared.audit import Surface
from slotline.domain.shared.networks import network_of
from slotline.pages.kit import Redirect, page_handler
from slotline.pages.signed import Allowed, SignedIn, signed_routes
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.people import ORGANIZATION, a_user
from tests.support.handlers import APP_ID

KEY = SessionKey(user_id="user-1", secret="slc_example")
OTHER_KEY = SessionKey(user_id="user-1", secret="slc_other")
APP = VisitedApp(app_id=APP_ID, organization_id=ORGANIZATION, name="Acme", timezone="UTC")
HOST = "video.example.com"


class Tools:
    """What the kit takes of the wiring."""

    def begin(self, context: object) -> None:
        del context

    def clock(self) -> SetClock:
        return SetClock()


def visit_of(role: Role, **account: Any) -> Visit:
    session = Session(
        session_hash=KEY.session_hash, user_id=KEY.user_id, epoch=0, stage=Stage.IN, created_at=NOW, seen_at=NOW
    )
    return Visit(key=KEY, session=session, user=a_user(role, **account), app=APP, role=role)


def asked(
    visit: Visit | None, permission: Permission, method: str = "GET", **request: Any
) -> tuple[Any, list[SignedIn]]:
    """The answer of a page of that permission, and who was let in to it."""
    came: list[SignedIn] = []

    def endpoint(signed: SignedIn) -> Redirect:
        came.append(signed)
        return Redirect("/done")

    routes = {f"{method} /console/{{app_id}}/page": Allowed(permission, endpoint)}
    handler = page_handler(signed_routes(routes, lambda: lambda *_, **__: visit, Surface.CONSOLE, "console"), Tools())
    event = {
        "version": "2.0",
        "routeKey": f"{method} /console/{{appId}}/{{page+}}",
        "rawPath": f"/console/{APP_ID}/page",
        "rawQueryString": request.get("query", ""),
        "headers": {"host": HOST, **request.get("headers", {})},
        "requestContext": {"http": {"method": method, "path": "/", "sourceIp": "192.0.2.77"}},
        "body": urlencode(request.get("form", {})),
        "isBase64Encoded": False,
    }
    return handler(event, None), came


def sent(headers: Mapping[str, str] | None = None, **form: str) -> tuple[int, bool]:
    """What is answered to an administrator's form, and whether anything was done."""
    answer, came = asked(visit_of(Role.ADMIN), Permission.CHANGE_CALLS, "POST", form=form, headers=headers or {})
    return answer["statusCode"], bool(came)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_a_page_is_shown_to_the_roles_that_have_its_permission_and_to_no_other(role: Role, permission: Permission):
    answer, came = asked(visit_of(role, agent_ids={APP_ID: "agent-1"}), permission)
    may = permission in PERMISSIONS[role]
    assert (answer["statusCode"], bool(came)) == ((303, True) if may else (403, False))


@pytest.mark.parametrize("role", Role)
def test_my_schedule_is_for_whoever_is_an_agent_of_the_app_whatever_else_they_are(role: Role):
    answer, _ = asked(visit_of(role, agent_ids={}), Permission.OWN_SCHEDULE)
    assert answer["statusCode"] == 403


def test_whoever_is_not_signed_in_comes_back_to_what_they_asked_for_but_never_by_a_form():
    read, _ = asked(None, Permission.SEE_CALLS, query="status=scheduled")
    wanted = f"/sign-in?{urlencode({'next': f'/console/{APP_ID}/page?status=scheduled'})}"
    assert (read["statusCode"], read["headers"]["location"]) == (303, wanted)
    posted, _ = asked(None, Permission.CHANGE_CALLS, "POST", form={"csrf": KEY.csrf_token})
    assert (posted["statusCode"], posted["headers"]["location"]) == (303, "/sign-in")


def test_a_form_of_this_session_is_taken():
    assert sent(csrf=KEY.csrf_token) == (303, True)
    assert sent({"origin": f"https://{HOST}", "sec-fetch-site": "same-origin"}, csrf=KEY.csrf_token) == (303, True)


@pytest.mark.parametrize(
    "token", ["", "x", KEY.csrf_token[:-1], SessionKey(user_id="user-1", secret="slc_b").csrf_token]
)
def test_a_form_without_the_sessions_own_token_changes_nothing(token: str):
    assert sent(csrf=token) == (403, False)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"https://{HOST}.evil.example"},
    ],
)
def test_a_form_that_another_site_sends_changes_nothing_even_with_the_token(headers: Mapping[str, str]):
    assert sent(headers, csrf=KEY.csrf_token) == (403, False)


def test_what_is_done_is_stamped_with_the_surface_the_user_and_their_role():
    _, (signed,) = asked(visit_of(Role.SUPERVISOR), Permission.SEE_CALLS)
    user_id = signed.visit.user.user_id
    assert signed.actor == Actor(type=ActorType.ADMIN, id=user_id, role="supervisor")
    assert signed.source is BookingSource.ADMIN
    author = signed.author
    assert (author.id, author.role, author.surface, author.network) == (
        user_id,
        Role.SUPERVISOR,
        Surface.CONSOLE,
        "192.0.2.0/24",
    )


def test_every_role_may_what_the_role_below_it_may():
    for below, above in pairwise(Role):
        assert PERMISSIONS[below] <= PERMISSIONS[above]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("", ""),
        ("nowhere", ""),
    ],
)
def test_of_an_address_only_its_network_is_kept(address: str, network: str):
    assert network_of(address) == network
