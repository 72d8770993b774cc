"""My schedules in a frame of Genesys Cloud: who may frame it, which cookies it has, what it takes of its address."""

from typing import Any

import pytest

from slotline.domain.access.sessions import COOKIE, FRAMED_COOKIE
from slotline.domain.access.users import Role
from slotline.store.booking.calls import DynamoCalls
from slotline.tokens.passwords import Argon2Passwords
from tests.handlers.signed_pages.conftest import OTHER_APP, SignIn
from tests.handlers.signed_pages.test_my_week import put
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.people import HOST, Browser, Reply, a_user
from tests.support.builders.provisioned import FIRST_PRESET
from tests.support.handlers import APP_ID

GENESYS = "https://apps.mypurecloud.de"
ELSEWHERE = "https://attacker.example"
PASSWORD = "correct horse battery staple"
CONVERSATION = "7f1c8a52-3c0e-4d4a-9a30-0d5f2b8e6a11"
WEEK, NEW = f"/my/{APP_ID}", f"/my/{APP_ID}/new"
FRAME = {"sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site", "referer": f"{GENESYS}/"}
WITHIN = {"sec-fetch-dest": "iframe", "sec-fetch-site": "same-origin", "origin": f"https://{HOST}"}
"""What a browser says when Genesys opens the frame, and when a page within it goes on."""


@pytest.fixture
def genesys(people: TablePorts) -> TablePorts:
    """The app's agents work in Genesys Cloud."""
    people.client.update_item(
        TableName="SchedulingTable",
        Key={"pk": {"S": f"APP#{APP_ID}"}, "sk": {"S": "APP"}},
        UpdateExpression="SET preset.genesys_origins = :origins",
        ExpressionAttributeValues={":origins": {"L": [{"S": GENESYS}]}},
    )
    return people


@pytest.fixture
def agent(genesys: TablePorts, sign_in: SignIn) -> Browser:
    """An agent who is signed in, in the frame."""
    del genesys  # asked for, so that the app has its origins
    browser = sign_in(a_user(Role.AGENT, "ada"))
    browser.jar[FRAMED_COOKIE] = browser.jar.pop(COOKIE)
    browser.headers = dict(WITHIN)
    return browser


def ancestors(reply: Reply) -> str:
    policy = reply.headers["content-security-policy"]
    return policy.partition("frame-ancestors ")[2].partition(";")[0]


def opened(browser: Browser, url: str = WEEK, **said: str) -> Reply:
    return browser.send("GET", url, **{name.replace("-", "_"): value for name, value in {**FRAME, **said}.items()})


def test_my_schedules_may_be_framed_where_the_apps_agents_work_and_nowhere_else(agent: Browser, sign_in: SignIn):
    for way in (WEEK, NEW, f"{WEEK}/hours", f"{WEEK}/calendar"):
        assert ancestors(agent.get(way)) == f"'self' {GENESYS}", way
    assert ancestors(agent.get("/account")) == "'none'"
    assert ancestors(agent.get(f"{WEEK}/calls/nothing")) == f"'self' {GENESYS}", "a refusal of the app's own page"
    other = a_user(Role.OWNER, "olga", organization_id="organization-2", agent_ids={OTHER_APP: "agent-1"})
    assert ancestors(sign_in(other).get(f"/my/{OTHER_APP}")) == "'none'", "its organization named nobody"


def test_clickjacking_from_another_origin_shows_neither_the_schedule_nor_the_sign_in_page(agent: Browser):
    for browser, way in ((agent, WEEK), (agent, NEW), (Browser(), f"/sign-in?next={WEEK}")):
        page = opened(browser, way, referer=f"{ELSEWHERE}/")
        assert ancestors(page) == f"'self' {GENESYS}", "which its browser holds it to"
        assert (page.status, page.page.forms) == (403, []), "and nothing to click on if it did not"


@pytest.mark.parametrize("way", ["/console", "/account", "/my", f"/my/{OTHER_APP}", "/my/none", "/my/../console"])
@pytest.mark.usefixtures("genesys")
def test_signing_in_to_anything_else_is_in_no_frame(way: str):
    assert ancestors(opened(Browser(), f"/sign-in?next={way}")) == "'none'"


def signed_in_within(people: TablePorts) -> tuple[Browser, Reply]:
    people.users.add(a_user(Role.AGENT, "eve", password_hash=Argon2Passwords().hashed(PASSWORD)))
    browser = Browser()
    form = opened(browser, opened(browser).location).page.form("sign-in")
    browser.headers = dict(WITHIN)
    pairs = dict(form.fields) | {"email": "eve@example.com", "password": PASSWORD}
    return browser, browser.post(form.action, pairs)


def test_whoever_signs_in_within_the_frame_has_cookies_of_that_frame_alone(genesys: TablePorts):
    browser, reply = signed_in_within(genesys)
    assert (reply.status, reply.location) == (303, WEEK)
    assert {cookie.partition("=")[0] for cookie in reply.cookies} == {FRAMED_COOKIE, "__Host-slotline-device"}
    for cookie in reply.cookies:
        assert cookie.endswith("; Secure; HttpOnly; SameSite=None; Partitioned"), cookie
    assert COOKIE not in browser.jar
    assert browser.get(WEEK).status == 200


def test_without_a_frame_cookies_stay_what_they_were(genesys: TablePorts):
    genesys.users.add(a_user(Role.AGENT, "eve", password_hash=Argon2Passwords().hashed(PASSWORD)))
    browser = Browser()
    form = browser.get(f"/sign-in?next={WEEK}").page.form("sign-in")
    reply = browser.post(form.action, dict(form.fields) | {"email": "eve@example.com", "password": PASSWORD})
    assert all(cookie.endswith("; Secure; HttpOnly; SameSite=Lax") for cookie in reply.cookies)
    assert COOKIE in browser.jar


def test_signing_out_leads_to_the_sign_in_page_of_the_same_frame(agent: Browser):
    page = agent.get(WEEK).page
    form = next(form for form in page.forms if form.action == "/sign-out")
    reply = agent.post(form.action, dict(form.fields))
    assert FRAMED_COOKIE not in agent.jar
    after = agent.follow(reply)
    assert (after.status, ancestors(after)) == (200, f"'self' {GENESYS}")
    assert agent.get(WEEK).status == 303


def test_in_the_frame_a_form_of_another_site_or_without_its_token_does_nothing(agent: Browser):
    for headers in ({"sec-fetch-site": "cross-site", "origin": GENESYS}, {"origin": ELSEWHERE}):
        agent.headers = {**WITHIN, **headers}
        assert agent.post(f"{WEEK}/calendar", {"seen": ""}).status == 403
    agent.headers = dict(WITHIN)
    assert agent.send("POST", f"{WEEK}/calendar", "seen=").status == 403
    assert "You have no address yet." in agent.get(f"{WEEK}/calendar").text


def test_in_the_frame_the_pages_are_without_what_leads_out_of_it(agent: Browser, genesys: TablePorts):
    put(genesys, "Ann Own")
    page = agent.get(WEEK).page
    assert not [link for link in page.links if link.startswith(("/console", "/account"))]
    agent.headers = {}
    assert "/account" in agent.get(WEEK).page.links


def test_a_booking_is_made_in_the_conversation_that_genesys_names(agent: Browser, genesys: TablePorts):
    context = f"conversationId={CONVERSATION.upper()}&gcHostOrigin=https%3A%2F%2Fapps.mypurecloud.de&gcTargetEnv=prod"
    week = agent.get(f"{WEEK}?{context}")
    assert [link for link in week.page.links if link.startswith(NEW) and CONVERSATION in link]
    form = agent.get(f"{NEW}?{context}&name=Ann+Guest&email=ann%40example.com&phone=%2B573005550100").page.forms[-1]
    assert (form.value("name"), form.value("email")) == ("Ann Guest", "ann@example.com")
    assert CONVERSATION in form.action
    pairs = dict(form.fields) | {"day": "2026-04-24", "time": "10:00", "action": "book", "service": FIRST_PRESET}
    reply = agent.post(form.action, pairs)
    assert reply.status == 303, reply.text
    assert CONVERSATION in reply.location
    assert f"Genesys conversation {CONVERSATION}" in agent.follow(reply).text
    call_id = reply.location.partition("/calls/")[2].partition("?")[0]
    found = DynamoCalls(genesys.client, "SchedulingTable").get(APP_ID, call_id)
    assert found is not None
    said: Any = {"conversationId": CONVERSATION, "gcHostOrigin": GENESYS, "gcTargetEnv": "prod"}
    assert found[0].metadata == {"genesys": said}


def test_every_way_on_from_every_part_stays_within_the_conversation(agent: Browser, genesys: TablePorts):
    put(genesys, "Ann Own")
    said = f"conversationId={CONVERSATION}"
    own = f"/my/{APP_ID}"
    hours = agent.get(f"{own}/hours?{said}").page.forms[-1]
    quiet = next(form for form in agent.get(f"{own}/time-off?{said}").page.forms if form.value("form") == "quiet")
    asked = agent.press(quiet, **{"from": "2026-04-23T09:00", "until": "2026-04-23T18:00"})
    kept = agent.press(asked.page.forms[-1], ("notify", "no"))
    pages = [
        *(agent.get(f"{own}{path}?{said}") for path in ("", "/new", "/time-off", "/hours", "/calendar")),
        *(asked, kept, agent.press(hours), agent.press(kept.page.forms[-1])),
    ]
    for reply in pages:
        assert reply.status == 200
        ways = {*reply.page.links, *(form.action for form in reply.page.forms), reply.url}
        ways |= {way for _, found in reply.page.elements if (way := found.get("data-moves"))}
        out_of_it = {way for way in ways if way.startswith(own) and said not in way}
        assert out_of_it == {own}, "nothing but the way to a tab of its own"
        assert not [way for way in ways if said in way and not way.partition("?")[2].endswith(said)], reply.url


@pytest.mark.parametrize(
    "context",
    [
        "conversationId=%7B%7BpcConversationId%7D%7D",
        "conversationId=%3Cscript%3E",
        f"conversationId={CONVERSATION}%0d%0aSet-Cookie%3A%20x",
        f"conversationId={CONVERSATION}{'a' * 5000}",
        "gcHostOrigin=https%3A%2F%2Fapps.mypurecloud.de&gcTargetEnv=prod",
    ],
)
def test_what_is_no_conversation_is_left_out(agent: Browser, context: str):
    page = agent.get(f"{NEW}?{context}")
    assert page.status == 200
    assert "Genesys" not in page.text
    assert "conversationId" not in page.page.forms[-1].action


def test_of_a_conversation_only_what_fits_is_kept(agent: Browser):
    context = f"conversationId={CONVERSATION}&gcHostOrigin=https%3A%2F%2Fattacker.example&gcTargetEnv=%3Cb%3E"
    action = agent.get(f"{NEW}?{context}").page.forms[-1].action
    assert action == f"{NEW}?conversationId={CONVERSATION}"
