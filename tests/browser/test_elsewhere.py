"""My schedules outside its own tab: in an agent's calendar program, and in a frame of Genesys Cloud."""

import re
from datetime import datetime

import pytest
from icalendar import Calendar
from playwright.sync_api import expect

from slotline.domain.access.sessions import COOKIE, FRAMED_COOKIE
from slotline.domain.access.users import Role
from tests.support import patient
from tests.support.browser.accessible import check_accessible
from tests.support.browser.backstage import Backstage
from tests.support.browser.made_up import AnotherSite, another_site
from tests.support.browser.people import member
from tests.support.browser.signed_in import visit_as
from tests.support.browser.visits import PHONE, Visits

CONVERSATION = "7f1c8a52-3c0e-4d4a-9a30-0d5f2b8e6a11"
REFUSED = ["frame-ancestors", "ERR_BLOCKED_BY_RESPONSE"]
SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-downloads"

pytestmark = pytest.mark.usefixtures("early_in_a_month")


@pytest.fixture
def start(backstage: Backstage) -> datetime:
    return backstage.weekday(days=3)


def test_an_agent_copies_their_secret_address_and_a_calendar_program_reads_it_until_it_is_deleted(
    visit: Visits, backstage: Backstage, start: datetime
):
    practice = backstage.practice()
    practice.book(start, guestName="Ann Guest")
    page = visit_as(Role.AGENT, visit, backstage, practice, f"/my/{practice.app_id}/calendar", screen=PHONE)
    page.get_by_role("button", name="Make an address").click()
    address = page.get_by_label("Secret address").input_value()
    assert page.get_by_role("link", name="Open in calendar").get_attribute("href") == re.sub("^http", "webcal", address)
    check_accessible(page)

    answer = patient.get(address)
    (event,) = Calendar.from_ical(answer.text).walk("VEVENT")
    assert (str(event["SUMMARY"]), event.decoded("DTSTART")) == ("Video call with Ann Guest", start)
    assert patient.get(address, headers={"if-none-match": answer.headers["etag"]}).status_code == 304

    page.get_by_role("link", name="Calendar", exact=True).click()
    expect(page.get_by_label("Secret address")).to_have_count(0)
    page.get_by_role("link", name="Delete the address").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete the address").click()
    expect(page.get_by_text("The address was deleted.")).to_be_visible()
    assert patient.get(address).status_code == 404


def test_an_agent_signs_in_within_genesys_cloud_and_books_in_the_conversation_there(
    visit: Visits, backstage: Backstage, site: AnotherSite, start: datetime
):
    practice = backstage.practice(genesys_origins=(site.origin,))
    agent = member(backstage, practice, Role.AGENT)
    of = f"{backstage.system.base_url}/my/{practice.app_id}?conversationId={CONVERSATION}&gcTargetEnv=prod"
    frame = f'<iframe id="app" title="Slotline" width="340" height="700" sandbox="{SANDBOX}" src="{of}"></iframe>'
    page = visit(complaints=REFUSED)
    page.goto(site.has(f"<main><h1>Conversation</h1>{frame}</main>"))
    shown = page.frame_locator("#app")
    shown.get_by_label("E-mail address").fill(agent.user.email)
    shown.get_by_label("Password").fill(agent.password)
    shown.get_by_role("button", name="Sign in").click()
    expect(shown.get_by_role("heading", name="My schedule")).to_be_visible()
    assert {one["name"] for one in page.context.cookies(backstage.system.base_url)} >= {FRAMED_COOKIE}
    assert COOKIE not in {one["name"] for one in page.context.cookies(backstage.system.base_url)}
    assert page.frames[1].evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    check_accessible(page)

    shown.get_by_role("link", name="New booking").click()
    expect(shown.get_by_text(f"In the Genesys conversation {CONVERSATION}")).to_be_visible()
    shown.get_by_label("Day", exact=True).fill(f"{start:%Y-%m-%d}")
    shown.get_by_label("Time", exact=True).fill(f"{start:%H:%M}")
    shown.get_by_label("Name").fill("Ann Guest")
    shown.get_by_label("E-mail").fill("ann@example.com")
    shown.get_by_role("button", name="Make the booking", exact=True).last.click()
    expect(shown.get_by_text("The booking is made.")).to_be_visible()
    (call,) = practice.calls()
    assert call["metadata"] == {"genesys": {"conversationId": CONVERSATION, "gcTargetEnv": "prod"}}

    with another_site("attacker") as attacker:
        trap = f'<iframe id="app" title="Win a prize" width="340" height="700" src="{of}"></iframe>'
        page.goto(attacker.has(f"<main><h1>Click here</h1>{trap}</main>"))
        page.wait_for_load_state("networkidle")
        assert page.frame_locator("#app").get_by_role("textbox").count() == 0, "neither the week nor the sign-in page"
