"""What people do with their own account, and whom that ends the sessions of."""

import re
from dataclasses import replace

import pytest

from slotline.domain.access.rate_limits import Window
from slotline.domain.access.second_factors import RECOVERY_CODES, recovery_hash
from slotline.domain.access.sign_in import TRIES
from slotline.domain.access.users import Role, SecondFactor, User
from tests.handlers.signed_pages.steps import (
    CODE,
    PASSWORD,
    SECRET,
    SESSION,
    actions,
    code_now,
    entries,
    is_in,
    kept,
    send,
    try_code,
    try_password,
)
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.people import Browser, Reply, a_user, begin_session
from tests.support.handlers import APP_ID, load_function

NEW = "four words nobody guesses"


@pytest.fixture
def agent(people: TablePorts) -> User:
    """Somebody who signs in with a password alone, and need not have more."""
    return kept(people, a_user(Role.AGENT))


def signed_in(user: User, **of: str) -> Browser:
    """A browser of theirs."""
    browser = Browser(**of)
    try_password(browser, user.email)
    return browser


def secret_of(reply: Reply) -> str:
    """The key that the page has for whoever cannot scan the picture."""
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', reply.body)
    assert found
    return found[1].replace(" ", "")


def codes_of(reply: Reply) -> list[str]:
    """The recovery codes that the page shows."""
    return re.findall(r"<code>([0-9a-z-]{19})</code>", reply.body)


def test_another_password_takes_the_present_one_and_ends_every_session_but_this(people: TablePorts, agent: User):
    browser, other = signed_in(agent), signed_in(agent)
    before = browser.jar[SESSION]
    wrong = send(browser, "/account/password", current="another", new=NEW)
    assert (wrong.status, "This is not your current password." in wrong.text) == (400, True)
    reply = send(browser, "/account/password", current=PASSWORD, new=NEW)
    assert "Your password is changed" in browser.follow(reply).text
    assert browser.jar[SESSION] != before
    assert not is_in(other)
    assert try_password(Browser(), agent.email).status == 401
    assert try_password(Browser(), agent.email, NEW).status == 303
    assert "user.password_changed" in actions(people)


def test_a_weak_password_is_not_taken_and_the_page_says_why(agent: User):
    reply = send(signed_in(agent), "/account/password", current=PASSWORD, new="slotline-2027")
    assert (reply.status, "easy to guess" in reply.text) == (400, True)


def test_whoever_must_have_a_second_factor_sets_it_up_before_anything_else(people: TablePorts):
    owner = kept(people, a_user(Role.OWNER))
    browser = Browser()
    reply = try_password(browser, owner.email, way="/sign-in?next=%2Fconsole%3Flang%3Des")
    assert reply.location == "/sign-in/second-factor?next=%2Fconsole%3Flang%3Des"
    assert not is_in(browser)
    page = browser.get(reply.location)
    secret, form = secret_of(page), page.page.form("second-factor")
    assert page.body.count('class="qr"') == 1
    wrong = send(browser, form.action, code="000000", next=form.value("next") or "")
    assert (wrong.status, secret_of(wrong)) == (400, secret)
    shown = send(browser, form.action, code=code_now(people, secret=secret), next=form.value("next") or "")
    codes = codes_of(shown)
    assert len(set(codes)) == RECOVERY_CODES
    assert "/console?lang=es" in shown.page.links
    assert is_in(browser)
    kept_now = str(people.client.scan(TableName="AccessTable")["Items"])
    assert not [code for code in codes if code in kept_now], "they are kept as hashes"
    again = Browser()
    try_password(again, owner.email)
    assert try_code(again, codes[3]).status == 303


def test_an_organization_may_say_that_nobody_must_have_one(people: TablePorts):
    owner = kept(people, a_user(Role.OWNER))
    row = {"pk": f"PEOPLE#{owner.organization_id}", "sk": "ORGANIZATION"}
    item = {name: {"S": value} for name, value in row.items()} | {"requires_second_factor": {"BOOL": False}}
    people.client.put_item(TableName="AccessTable", Item=item)
    assert is_in(signed_in(owner))


def test_the_code_that_set_it_up_signs_nobody_in(people: TablePorts, agent: User):
    browser = signed_in(agent)
    code = code_now(people, secret=secret_of(browser.get("/account/second-factor")))
    assert codes_of(send(browser, "/account/second-factor", code=code, password=PASSWORD))
    other = Browser()
    try_password(other, agent.email)
    assert try_code(other, code).status == 401


def test_whoever_has_a_session_alone_keeps_its_owner_out_by_no_second_factor_of_theirs(people: TablePorts, agent: User):
    """A machine that somebody left, or a stolen cookie: setting one up takes the password, like removing it."""
    browser = signed_in(agent)
    page = browser.get("/account/second-factor")
    assert page.page.form("second-factor").value("password") == ""
    code = code_now(people, secret=secret_of(page))
    for guess in ("", "another password"):
        reply = send(browser, "/account/second-factor", code=code, password=guess)
        assert (reply.status, "This is not your current password." in reply.text) == (400, True)
    assert people.users.find(agent.user_id).second_factor is None


def test_whoever_signs_in_with_a_provider_alone_has_no_password_to_set_a_second_factor_up_with(people: TablePorts):
    user = a_user(Role.AGENT, identities=frozenset({"issuer subject"}))
    people.users.add(user)
    browser = Browser(begin_session(people, user))
    page = browser.get("/account/second-factor")
    code = code_now(people, secret=secret_of(page))
    assert codes_of(browser.press(page.page.form("second-factor"), code=code))


def test_a_second_factor_is_removed_with_the_password_and_whoever_must_have_one_sets_up_the_next(people: TablePorts):
    factor = SecondFactor(secret=SECRET, recovery_hashes=(recovery_hash(CODE),))
    admin = kept(people, a_user(Role.ADMIN, second_factor=factor))
    browser = Browser()
    try_password(browser, admin.email)
    try_code(browser, code_now(people))
    assert send(browser, "/account/second-factor/remove", password="another").status == 400
    reply = send(browser, "/account/second-factor/remove", password=PASSWORD)
    assert reply.location == "/sign-in/second-factor"
    assert not is_in(browser)
    assert people.users.find(admin.user_id).second_factor is None
    assert secret_of(browser.get(reply.location)) != SECRET


def test_new_recovery_codes_take_the_place_of_the_old(people: TablePorts):
    factor = SecondFactor(secret=SECRET, recovery_hashes=(recovery_hash(CODE),))
    agent = kept(people, a_user(Role.AGENT, second_factor=factor))
    browser = Browser()
    try_password(browser, agent.email)
    try_code(browser, code_now(people))
    assert "You have 1 recovery code left" in browser.get("/account").text
    codes = codes_of(send(browser, "/account/second-factor/codes", password=PASSWORD))
    assert len(codes) == RECOVERY_CODES
    assert is_in(browser)
    other = Browser()
    try_password(other, agent.email)
    assert [try_code(other, code).status for code in (CODE, codes[0])] == [401, 303]


def test_a_stolen_session_guesses_no_password(people: TablePorts, agent: User):
    browser = signed_in(agent)
    statuses = {
        send(browser, "/account/password", current="guess", new=NEW).status for _ in range(TRIES[Window.MINUTE])
    }
    assert statuses == {400}
    reply = send(browser, "/account/password", current=PASSWORD, new=NEW)
    assert (reply.status, int(reply.headers["retry-after"]) <= 60) == (429, True)
    assert people.users.find(agent.user_id).password_hash == agent.password_hash


def test_people_see_where_they_are_signed_in_and_end_what_they_do_not_recognise(people: TablePorts, agent: User):
    phone = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19.0 Mobile/15E148 Safari/604.1"}
    browser, other = signed_in(agent), signed_in(agent, address="203.0.113.9", headers=phone)
    people.clock.advance(minutes=3)
    text = browser.get("/account").text
    assert "Safari, iPhone 203.0.113.0/24, 3 minutes ago" in text
    assert "203.0.113.9" not in text
    (form,) = (one for one in browser.get("/account").page.forms if one.action == "/account/sessions/end")
    assert "That session has ended" in browser.follow(send(browser, form.action, **dict(form.fields))).text
    assert (is_in(other), is_in(browser)) == (False, True)


def test_nobody_ends_a_session_that_is_not_theirs(people: TablePorts, agent: User):
    other = signed_in(kept(people, a_user(Role.SUPERVISOR, roles={})))
    session = next(iter(people.sessions.of_user(other_user(other)))).session_hash
    send(signed_in(agent), "/account/sessions/end", session=session)
    assert other.get("/account").status == 200


def other_user(browser: Browser) -> str:
    """Whose session it is."""
    return browser.jar[SESSION].partition(".")[0]


def test_signing_out_everywhere_ends_this_session_too(people: TablePorts, agent: User):
    browser, other = signed_in(agent), signed_in(agent)
    reply = send(browser, "/account/sessions/end-all")
    assert reply.location == "/sign-in?said=everywhere"
    assert SESSION not in browser.jar
    assert not is_in(other)
    assert actions(people)[-1] == "user.sessions_ended"


def test_a_name_and_a_language_are_kept_and_the_pages_speak_it(people: TablePorts, agent: User):
    browser = signed_in(agent)
    reply = send(browser, "/account/profile", name="Ada Lovelace", language="es")
    assert "Guardado." in browser.follow(reply).text
    user = people.users.find(agent.user_id)
    assert (user.name, user.language) == ("Ada Lovelace", "es")
    assert send(browser, "/account/profile", name=" ", language="es").status == 400
    send(browser, "/account/profile", name="Ada Lovelace", language="tlh")
    assert people.users.find(agent.user_id).language is None


@pytest.mark.parametrize("name", ["\u202enaibO", "\u200b", "Ada\nOwner", "\u2067Ada", "A" * 101])
def test_nobody_is_called_what_turns_round_hides_or_breaks_the_lines_of_the_audit_log(
    people: TablePorts, agent: User, name: str
):
    assert send(signed_in(agent), "/account/profile", name=name, language="en").status == 400
    assert people.users.find(agent.user_id).name == agent.name
    owner = Browser(begin_session(people, kept(people, a_user(Role.OWNER))))
    invite = {"name": name, "email": "new@example.com", "owner": "yes"}
    assert owner.post(f"/console/{APP_ID}/settings/users/invite", invite).status == 400
    assert people.users.by_email("new@example.com") is None


def test_the_audit_log_says_who_did_what_from_where_and_never_a_secret(people: TablePorts, agent: User):
    browser = signed_in(agent, address="198.51.100.7")
    send(browser, "/account/password", current=PASSWORD, new=NEW)
    entry = entries(people)[-1]
    said = (entry.author.id, entry.author.role, entry.author.network, entry.subject_id, entry.organization_id)
    assert said == (agent.user_id, "agent", "198.51.100.0/24", agent.user_id, agent.organization_id)
    assert not [word for word in (PASSWORD, NEW, agent.email, "argon2", "198.51.100.7") if word in str(entry)]


POSTS = [
    key.removeprefix("POST ")
    for key in load_function("pages/sign_in").ROUTES
    if key.startswith("POST ") and key != "POST /sign-out"
]


@pytest.mark.parametrize("path", POSTS)
def test_every_form_of_the_account_is_of_its_session_or_does_nothing(people: TablePorts, agent: User, path: str):
    """CSRF: another site's form, and one of another session, change nothing."""
    browser = signed_in(agent)
    before = people.users.find(agent.user_id)
    fields = {"name": "Mallory", "current": PASSWORD, "new": NEW, "password": PASSWORD, "session": before.user_id}
    assert send(browser, path, **{**fields, "csrf": "x"}).status == 403
    browser.headers |= {"sec-fetch-site": "cross-site"}
    assert send(browser, path, **fields).status == 403
    assert people.users.find(agent.user_id) == before


@pytest.mark.parametrize("path", ["/account", "/account/second-factor"])
def test_no_page_of_the_account_may_be_framed_or_kept(agent: User, path: str):
    """Clickjacking, and Back after somebody else sat down at the machine."""
    reply = signed_in(agent).get(path)
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
    assert reply.headers["cache-control"] == "no-store"


def test_a_change_that_meets_another_one_is_made_on_top_of_it(people: TablePorts, agent: User):
    """Two tabs: neither takes back what the other did."""
    one, other = signed_in(agent), signed_in(agent)
    send(one, "/account/profile", name="Ada", language="es")
    user = people.users.find(agent.user_id)
    people.users.change(user, replace(user, name="Grace"))
    send(other, "/account/sessions/end-all")
    assert people.users.find(agent.user_id).name == "Grace"
