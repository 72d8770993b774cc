"""Signing in and out at the pages' real handlers: who gets in, how far, and what of them stays behind."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from argon2 import PasswordHasher, extract_parameters

from slotline.domain.access.identity import secret_hash
from slotline.domain.access.rate_limits import Window
from slotline.domain.access.second_factors import recovery_hash
from slotline.domain.access.sessions import key_of_cookie
from slotline.domain.access.sign_in import CODES, TRIES, TRIES_FROM_A_NETWORK
from slotline.domain.access.users import Role, SecondFactor, User, UserStatus
from slotline.ports.shared import StoreBusyError
from slotline.store.access.sessions import DynamoSessions
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.tokens import passwords
from slotline.tokens.passwords import Argon2Passwords
from tests.handlers.signed_pages.steps import (
    CODE,
    DEVICE,
    PASSWORD,
    SECRET,
    SESSION,
    actions,
    code_now,
    is_in,
    kept,
    sign_out,
    try_code,
    try_password,
)
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.people import Browser, a_user, begin_session
from tests.support.handlers import forget_wiring


@pytest.fixture
def agent(people: TablePorts) -> User:
    """Somebody who signs in with a password alone."""
    return kept(people, a_user(Role.AGENT))


@pytest.fixture
def owner(people: TablePorts) -> User:
    """Somebody with a second factor, and one recovery code."""
    factor = SecondFactor(secret=SECRET, recovery_hashes=(recovery_hash(CODE),))
    return kept(people, a_user(Role.OWNER, second_factor=factor))


def test_a_password_opens_the_account_and_leads_to_where_somebody_wanted_to_go(people: TablePorts, agent: User):
    browser = Browser()
    asked_for = browser.get("/my?lang=es")
    reply = try_password(browser, f" {agent.email.upper()} ", way=asked_for.location)
    assert (reply.status, reply.location) == (303, "/my?lang=es")
    assert is_in(browser)
    assert actions(people) == ["user.signed_in"]
    assert people.users.find(agent.user_id).last_sign_in_at == people.clock.now()


def test_a_second_factor_is_owed_before_anything_else_is_seen(people: TablePorts, owner: User):
    browser = Browser()
    reply = try_password(browser, owner.email, way="/sign-in?next=%2Fconsole%3Flang%3Des")
    assert reply.location == "/sign-in/code?next=%2Fconsole%3Flang%3Des"
    assert not is_in(browser)
    reply = try_code(browser, code_now(people), reply.location)
    assert reply.location == "/console?lang=es"
    assert is_in(browser)
    assert actions(people) == ["user.signed_in"]


def test_a_code_is_taken_once_and_none_before_it_afterwards(people: TablePorts, owner: User):
    """A code that somebody looked at, or that was caught on its way, opens nothing (RFC 6238 §5.2)."""
    taken, before = code_now(people), code_now(people, -1)
    for code, is_taken in [(taken, True), (taken, False), (before, False), (code_now(people, 1), True)]:
        browser = Browser()
        try_password(browser, owner.email)
        assert (try_code(browser, code).status == 303) is is_taken
        assert is_in(browser) is is_taken


def test_a_recovery_code_opens_the_account_once_however_it_is_typed(people: TablePorts, owner: User):
    for typed, status in [(CODE.upper().replace("-", " "), 303), (CODE, 401)]:
        browser = Browser()
        try_password(browser, owner.email)
        assert try_code(browser, typed).status == status
    assert people.users.find(owner.user_id).second_factor.recovery_hashes == ()


def test_the_session_is_another_after_each_step_so_one_that_was_planted_is_worth_nothing(
    people: TablePorts, owner: User
):
    """Session fixation: whoever planted a cookie before, or saw the one before the code, has nothing."""
    thief, browser = Browser(), Browser()
    try_password(thief, owner.email)
    planted = browser.jar[SESSION] = thief.jar[SESSION]
    try_password(browser, owner.email)
    before_the_code = browser.jar[SESSION]
    try_code(browser, code_now(people))
    assert len({planted, before_the_code, browser.jar[SESSION]}) == 3
    assert is_in(browser)
    for old in (planted, before_the_code):
        thief.jar[SESSION] = old
        assert not is_in(thief)
        assert thief.get("/sign-in/code").location == "/sign-in?said=over"


def test_a_stolen_cookie_is_worth_nothing_after_its_owner_signed_out(people: TablePorts, agent: User):
    browser, thief = Browser(), Browser()
    try_password(browser, agent.email)
    thief.jar |= browser.jar
    assert is_in(thief)
    (cookie,) = sign_out(browser).cookies
    assert cookie == f"{SESSION}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"
    assert not is_in(thief)
    assert actions(people) == ["user.signed_in", "user.signed_out"]


def test_whoever_signs_out_without_a_session_reads_the_sign_in_page(agent: User):
    del agent
    assert Browser().send("POST", "/sign-out", "csrf=x").location == "/sign-in"


REFUSED = {
    "no account": {},
    "invited": {"status": UserStatus.INVITED},
    "suspended": {"status": UserStatus.SUSPENDED},
    "no password": {"password_hash": None},
}


@pytest.mark.parametrize("why", REFUSED)
def test_every_refusal_looks_the_same_whatever_the_reason(people: TablePorts, agent: User, why: str):
    browser = Browser()
    wrong = try_password(browser, agent.email, "another password")
    assert (wrong.status, "is not right" in wrong.text) == (401, True)
    if REFUSED[why]:
        people.users.change(agent, replace(agent, **REFUSED[why]))
    else:
        people.users.remove(agent)
    refused = try_password(browser, agent.email)
    assert (refused.status, refused.body) == (wrong.status, wrong.body)
    assert SESSION not in browser.jar
    assert actions(people) == ["user.sign_in_failed"] * 2


def test_an_address_without_an_account_costs_as_many_hashes_and_requests_as_one_with(
    people: TablePorts, agent: User, monkeypatch: pytest.MonkeyPatch
):
    """Otherwise the time that an answer takes would say who has an account."""
    hashes, requests = [], []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, kept: str, password: str) -> bool:
        hashes.append(extract_parameters(kept))
        return verify(hasher, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    people.client.meta.events.register("before-call.dynamodb", lambda model, **_: requests.append(model.name))
    costs = []
    for email in (agent.email, "nobody@example.com"):
        browser = Browser()
        browser.jar[DEVICE] = f"sld_{'x' * 43}"
        form = browser.get("/sign-in").page.form("sign-in")
        hashes.clear()
        requests.clear()
        typed = {"email": email, "password": "another password"}
        assert browser.send("POST", form.action, urlencode(form.filled(typed))).status == 401
        costs.append((list(hashes), list(requests)))
    assert costs[0] == costs[1]
    assert len(costs[0][0]) == 1


@pytest.mark.parametrize("tries", [15, pytest.param(1_000, marks=pytest.mark.slow)])
def test_a_thousand_tries_at_an_account_are_ten_and_the_right_password_is_refused_like_the_others(
    people: TablePorts, agent: User, monkeypatch: pytest.MonkeyPatch, tries: int
):
    """Brute force, from as many networks as there are tries: only the first of a minute are judged at all."""
    judged = []
    monkeypatch.setattr(Argon2Passwords, "proves", lambda *judged_one: judged.append(judged_one) or False)
    statuses = []
    browser = Browser()
    form = browser.get("/sign-in").page.form("sign-in")
    for number in range(tries):
        browser.address = f"198.{18 + number // 256}.{number % 256}.1"
        sent = urlencode(form.filled({"email": agent.email, "password": f"password {number}"}))
        reply = browser.send("POST", form.action, sent)
        statuses.append(reply.status)
    assert (len(judged), statuses.count(401), statuses.count(429)) == (TRIES[Window.MINUTE], 10, tries - 10)
    monkeypatch.undo()
    right = try_password(browser, agent.email)
    unknown = [try_password(browser, "nobody@example.com") for _ in range(11)][-1]
    assert (right.status, right.body.replace(agent.email, "")) == (429, unknown.body.replace("nobody@example.com", ""))
    assert int(right.headers["retry-after"]) <= 60
    people.clock.advance(minutes=1)
    assert try_password(browser, agent.email).status == 303


def test_a_network_that_tries_many_accounts_is_refused_and_spends_no_tries_of_theirs(
    agent: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(TRIES_FROM_A_NETWORK, Window.MINUTE, 3)
    browser = Browser()
    statuses = [try_password(browser, f"{number}@example.com").status for number in range(4)]
    assert statuses == [401, 401, 401, 429]
    for _ in range(TRIES[Window.MINUTE]):
        assert try_password(browser, agent.email).status == 429
    assert try_password(Browser(address="203.0.113.1"), agent.email).status == 303


def test_whoever_spends_an_accounts_tries_keeps_nobody_out_who_comes_with_a_known_device(
    people: TablePorts, agent: User
):
    own, stranger = Browser(), Browser(address="203.0.113.1")
    try_password(own, agent.email)
    sign_out(own)
    while try_password(stranger, agent.email, "another password").status != 429:
        pass
    assert try_password(own, agent.email).status == 303
    people.clock.advance(days=181)
    while try_password(stranger, agent.email, "another password").status != 429:
        pass
    assert try_password(own, agent.email).status == 429, "the device was not used for half a year"


def test_codes_are_counted_too(people: TablePorts, owner: User):
    browser = Browser()
    try_password(browser, owner.email)
    statuses = [try_code(browser, "000000").status for _ in range(TRIES[Window.MINUTE] + 1)]
    assert set(statuses[:-1]) == {401}
    assert statuses[-1] == 429
    assert try_code(browser, code_now(people)).status == 429
    assert actions(people) == ["user.sign_in_failed"] * TRIES[Window.MINUTE]


def test_many_known_devices_are_not_as_many_tries_at_the_code(people: TablePorts, owner: User):
    """Whoever reads somebody's mails chooses one password after another, and each makes a device known."""
    statuses: list[int] = []
    for number in range(3):
        browser = Browser()
        browser.jar[DEVICE] = device = f"sld_{number:043}"
        row = {**keys.known_device(owner.user_id, secret_hash(device)), "expires_at": 2**40}
        people.client.put_item(TableName="AccessTable", Item=to_values(row))
        try_password(browser, owner.email)
        statuses += [try_code(browser, "000000").status for _ in range(TRIES[Window.MINUTE])]
    assert statuses.count(401) == CODES[Window.MINUTE] < len(statuses)
    assert statuses[-1] == 429


def test_whoever_takes_ten_minutes_for_the_code_begins_again(people: TablePorts, owner: User):
    browser = Browser()
    try_password(browser, owner.email, way="/sign-in?next=%2Fconsole%3Flang%3Des")
    form = browser.get("/sign-in/code?next=%2Fconsole%3Flang%3Des").page.form("code")
    people.clock.advance(minutes=10)
    reply = browser.send("POST", form.action, urlencode(form.filled({"code": code_now(people)})))
    assert reply.location == "/sign-in?next=%2Fconsole%3Flang%3Des&said=over"
    assert "your session is over" in browser.follow(reply).text


@pytest.mark.parametrize(
    "way",
    [
        "https://evil.example/",
        "//evil.example/my",
        "/\\evil.example",
        "/my/../\\evil.example",
        "/my\n/evil",
        "/console@evil.example",
        "/consoles",
        "javascript:alert(1)",
        "/book/x",
        "/my/" + "x" * 1_000,
    ],
)
def test_only_a_way_to_a_page_of_ours_is_followed_after_signing_in(agent: User, way: str):
    """Open redirect: the address of the page is anybody's to write."""
    assert try_password(Browser(), agent.email, way=f"/sign-in?{urlencode({'next': way})}").location == "/console"


def test_another_site_can_sign_nobody_in_to_an_account_of_its_own(agent: User):
    """Login CSRF: what somebody then writes would be kept in the other's account."""
    browser = Browser()
    form = browser.get("/sign-in").page.form("sign-in")
    typed = {"email": agent.email, "password": PASSWORD}
    whole = urlencode(form.filled(typed))
    attempts = [
        Browser().send("POST", "/sign-in", whole),
        browser.send("POST", "/sign-in", urlencode(typed)),
        browser.send("POST", "/sign-in", urlencode({**typed, "csrf": "x" * 43})),
        browser.send("POST", "/sign-in", whole, sec_fetch_site="cross-site"),
        browser.send("POST", "/sign-in", whole, origin="https://evil.example"),
    ]
    assert [reply.status for reply in attempts] == [403] * 5
    assert SESSION not in browser.jar
    assert browser.send("POST", "/sign-in", whole, origin="https://video.example.com").status == 303


@pytest.mark.parametrize("path", ["/sign-in/code", "/sign-out"])
def test_a_form_that_is_not_of_this_session_does_nothing(people: TablePorts, owner: User, agent: User, path: str):
    """CSRF, on the forms that have a session behind them."""
    browser = Browser()
    try_password(browser, owner.email if path == "/sign-in/code" else agent.email)
    key = key_of_cookie(browser.jar[SESSION])
    assert key
    fields = {"csrf": key.csrf_token, "code": code_now(people)}
    for sent, headers in [({**fields, "csrf": ""}, {}), (fields, {"sec_fetch_site": "cross-site"})]:
        assert browser.send("POST", path, urlencode(sent), **headers).status == 403
    assert browser.send("POST", path, urlencode(fields)).status == 303


def test_cookies_are_of_this_host_alone_and_no_script_reads_them(agent: User):
    cookies = try_password(Browser(), agent.email).cookies
    assert [cookie.partition("=")[0] for cookie in cookies] == [SESSION, DEVICE]
    for cookie in cookies:
        assert cookie.endswith("Path=/; Secure; HttpOnly; SameSite=Lax")


def test_passwords_are_hashed_again_if_they_were_hashed_more_cheaply(
    people: TablePorts, agent: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(passwords, "PASSES", passwords.PASSES + 1)
    forget_wiring()
    try_password(Browser(), agent.email)
    hashed = people.users.find(agent.user_id).password_hash
    assert extract_parameters(hashed).time_cost == passwords.PASSES
    assert try_password(Browser(), agent.email).status == 303
    assert people.users.find(agent.user_id).password_hash == hashed


def test_no_page_on_the_way_in_may_be_framed_kept_or_indexed(owner: User):
    """Clickjacking, and Back after somebody else sat down at the machine."""
    browser = Browser()
    replies = [browser.get("/sign-in"), try_password(browser, owner.email), browser.get("/sign-in/code")]
    for reply in replies:
        assert reply.headers["cache-control"] == "no-store"
        if reply.status != 303:
            assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]


def test_nobody_reads_a_password_again_that_was_typed(agent: User):
    assert "secret-of-mine" not in try_password(Browser(), agent.email, "secret-of-mine").body


def test_a_page_that_says_to_try_again_has_no_password_and_no_code(
    people: TablePorts, owner: User, monkeypatch: pytest.MonkeyPatch
):
    """It sends the same form once more, so that nothing is lost; what proves who somebody is, they type again."""
    on_the_way, session = Browser(), Browser(begin_session(people, owner))
    try_password(on_the_way, owner.email)

    def busy(*_args: object, **_named: object) -> None:
        raise StoreBusyError("ordered by a test")

    monkeypatch.setattr(DynamoSessions, "begin", busy)
    refused = [(CODE, try_code(on_the_way, CODE)), (PASSWORD, try_password(Browser(), owner.email))]
    typed = {"current": PASSWORD, "new": "a password that nobody has"}
    refused += [(value, session.post("/account/password", typed)) for value in typed.values()]
    for secret, reply in refused:
        assert (reply.status, secret in reply.body) == (503, False)
        assert reply.page.forms, "which can be sent again all the same"
