"""The door of pages that people sign in to: who comes in, and to which app."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.access.sessions import IDLE, LIFE, Stage
from slotline.domain.access.users import Role, UserStatus
from tests.handlers.signed_pages.conftest import OTHER_APP, SignIn
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.people import Browser, a_user, begin_session
from tests.support.handlers import APP_ID


def is_in(browser: Browser) -> bool:
    """Whether the browser is led to an app, and not to sign in."""
    reply = browser.get("/console")
    assert reply.status == 303, reply.text
    return not reply.location.startswith("/sign-in")


@pytest.mark.usefixtures("people")
def test_whoever_is_not_signed_in_is_asked_to_and_comes_back_to_what_they_asked_for():
    reply = Browser().get("/console?lang=es")
    assert (reply.status, reply.location) == (303, "/sign-in?next=%2Fconsole%3Flang%3Des")


@pytest.mark.parametrize(
    ("role", "way"), [(Role.AGENT, "/my"), (Role.SUPERVISOR, "/console"), (Role.OWNER, "/console")]
)
def test_whoever_has_one_app_is_led_to_where_they_work_in_it(sign_in: SignIn, role: Role, way: str):
    assert sign_in(role).get("/my").location == f"{way}/{APP_ID}"


def test_somebody_without_an_app_reads_whom_to_ask(sign_in: SignIn):
    reply = sign_in(a_user(roles={})).get("/console")
    assert (reply.status, "You have no app yet" in reply.text) == (200, True)


def test_an_app_of_another_organization_is_not_among_ones_own_even_if_the_account_says_so(sign_in: SignIn):
    reply = sign_in(a_user(roles={APP_ID: Role.ADMIN, OTHER_APP: Role.ADMIN})).get("/console")
    assert reply.location == f"/console/{APP_ID}"


@pytest.mark.parametrize("stage", [Stage.PASSWORD, Stage.ENROL])
def test_whoever_still_owes_the_second_factor_is_not_in(people: TablePorts, stage: Stage):
    user = a_user()
    people.users.add(user)
    assert not is_in(Browser(begin_session(people, user, stage)))


def test_a_session_ends_when_nothing_was_asked_for_in_an_hour(people: TablePorts, sign_in: SignIn):
    browser = sign_in()
    almost = IDLE.total_seconds() - 1
    people.clock.advance(seconds=almost)
    assert is_in(browser)
    people.clock.advance(seconds=almost)
    assert is_in(browser), "it was used in between"
    people.clock.advance(seconds=almost + 1)
    assert not is_in(browser)


def test_a_page_that_refreshes_itself_keeps_no_session_that_nobody_uses(people: TablePorts, sign_in: SignIn):
    browser = sign_in()
    refresh = {"hx_request": "true", "slotline_refresh": "1"}
    people.clock.advance(seconds=IDLE.total_seconds() - 1)
    assert browser.get("/console", **refresh).location == f"/console/{APP_ID}"
    people.clock.advance(seconds=2)
    ended = browser.get("/console", **refresh)
    assert (ended.status, ended.headers["hx-redirect"]) == (204, "/sign-in?next=%2Fconsole")


def test_a_session_ends_with_the_working_day_however_much_it_is_used(people: TablePorts, sign_in: SignIn):
    browser, half_an_hour = sign_in(), timedelta(minutes=30)
    for _ in range(LIFE // half_an_hour - 1):
        people.clock.advance(minutes=30)
        assert is_in(browser)
    people.clock.advance(minutes=30)
    assert not is_in(browser)


@pytest.mark.parametrize("changes", [{"session_epoch": 1}, {"status": UserStatus.SUSPENDED}])
def test_sessions_end_at_once_when_they_are_all_ended_or_the_account_is_suspended(
    people: TablePorts, changes: dict[str, object]
):
    user = a_user()
    people.users.add(user)
    browser = Browser(begin_session(people, user))
    assert is_in(browser)
    people.users.change(user, replace(user, **changes))
    assert not is_in(browser)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "cookie", ["", ".", "a.slc_b", "x" * 10_000, "01890000-0000-7000-8000-000000000001.slc_é", "..slc_x"]
)
def test_a_cookie_that_is_none_of_ours_opens_nothing(cookie: str):
    browser = Browser()
    browser.jar["__Host-slotline"] = cookie
    assert not is_in(browser)


def test_the_store_holds_no_secret_of_a_session(people: TablePorts, sign_in: SignIn):
    browser = sign_in()
    assert browser.key is not None
    assert browser.key.secret not in str(people.client.scan(TableName="AccessTable")["Items"])
