"""The host's room in an agent desktop: it is told what the call was started with, and nobody else is."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser.backstage import Backstage
from tests.support.browser.made_up import AnotherSite, another_site
from tests.support.browser.talkers import start_call
from tests.support.browser.visits import Visits

Open = Callable[..., Page]
ALLOW = "camera; microphone; display-capture; fullscreen; clipboard-write; autoplay"
LISTENS = "<script>window.heard = []; addEventListener('message', (event) => heard.push(event.data));</script>"


@pytest.fixture
def visit_with_devices(with_devices: Browser, backstage: Backstage) -> Iterator[Open]:
    visits = Visits(with_devices, backstage.system.base_url, backstage.ahead)

    def opened(url: str, **how: Any) -> Page:
        page = visits(**how)
        page.context.grant_permissions(["camera", "microphone"])
        page.goto(url)
        return page

    yield opened
    unexpected = visits.end()
    assert not unexpected, "the browser complained:\n" + "\n".join(unexpected)


def framed(site: AnotherSite, url: str, allow: str = ALLOW) -> str:
    return site.has(f'{LISTENS}<iframe src="{url}" allow="{allow}" width="900" height="700" title="Room"></iframe>')


def rooms_heard(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("() => heard.filter((one) => one.type === 'slotline:call')")
    return found


def test_the_desktop_that_the_call_names_is_told_of_its_conversation_once_the_host_is_in(
    visit_with_devices: Open, backstage: Backstage, site: AnotherSite
):
    practice = backstage.practice(allowed_embed_origins=(site.origin,))
    genesys = {"conversationId": "conversation-1", "gcHostOrigin": site.origin, "gcLangTag": "en-US"}
    call = start_call(practice, genesys=genesys)
    page = visit_with_devices(framed(site, call["hostJoinUrl"]))
    room = page.frame_locator("iframe")
    expect(room.locator("#preview")).to_be_visible()
    assert rooms_heard(page) == [], "nobody is in yet"
    room.locator("#enter").click()
    page.wait_for_function("() => heard.some((one) => one.type === 'slotline:call')")
    (told,) = rooms_heard(page)
    assert told["detail"]["callId"] == call["callId"]
    assert told["detail"]["genesys"]["conversation_id"] == "conversation-1"
    assert practice.widget_key not in str(page.evaluate("() => JSON.stringify(heard)"))


def test_another_site_is_told_nothing_of_it(visit_with_devices: Open, backstage: Backstage, site: AnotherSite):
    with another_site("desktop") as desktop:
        practice = backstage.practice(allowed_embed_origins=(site.origin,))
        call = start_call(practice, genesys={"conversationId": "conversation-1", "gcHostOrigin": desktop.origin})
        page = visit_with_devices(framed(site, call["hostJoinUrl"]), complaints=["does not match the recipient window"])
        room = page.frame_locator("iframe")
        room.locator("#enter").click()
        expect(room.locator("#call")).to_be_visible()
        page.wait_for_timeout(500)
        assert rooms_heard(page) == []


def test_a_frame_without_the_rights_says_so_and_opens_in_a_new_tab(
    visit_with_devices: Open, backstage: Backstage, site: AnotherSite
):
    practice = backstage.practice(allowed_embed_origins=(site.origin,))
    call = start_call(practice)
    page = visit_with_devices(
        framed(site, call["guestJoinUrl"], allow=""), complaints=["permission has been blocked", "Permissions policy"]
    )
    room = page.frame_locator("iframe")
    expect(room.locator("#problems")).to_contain_text("The site around this page does not let it use")
    with page.context.expect_page() as opened:
        room.get_by_role("link", name="Open in a new tab").click()
    expect(opened.value.locator("#enter")).to_be_visible()
