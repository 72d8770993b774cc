"""The booking page on somebody else's site, by the script that every site loads."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from local.surroundings import ROOT
from tests.support.browser.accessible import check_accessible
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.keyboard import tab_to
from tests.support.browser.made_up import AnotherSite
from tests.support.browser.visits import PHONE, Visits

DOCS = ROOT / "docs/booking-page.md"
REFUSED = ["frame-ancestors", "ERR_BLOCKED_BY_RESPONSE"]
LISTENS = """<script>
  window.heard = [];
  window.messages = [];
  addEventListener("message", ({ data }) => messages.push(data));
  for (const name of ["ready", "booked", "closed"])
    document.addEventListener(`slotline:${name}`, ({ type, target, detail }) => heard.push([type, target.id, detail]));
</script>"""


@pytest.fixture
def practice(backstage: Backstage, site: AnotherSite) -> Practice:
    """A service that the site may show in a frame."""
    return backstage.practice(allowed_embed_origins=(site.origin,))


@pytest.fixture
def put(backstage: Backstage, site: AnotherSite) -> Callable[[str], str]:
    """Put something on the site, with the script; the page's URL."""
    script = f'<script src="{of(backstage, "/static/embed.js")}"></script>'
    return lambda html: site.has(f"<main><h1>Shop</h1>{html}</main>{LISTENS}{script}")


def of(backstage: Backstage, path: str) -> str:
    return f"{backstage.system.base_url}{path}"


def inline(backstage: Backstage, path: str, box: str = "inline", **said: str) -> str:
    attributes = "".join(f' data-{key.replace("_", "-")}="{value}"' for key, value in said.items())
    return f'<div id="{box}" data-slotline="{of(backstage, path)}"{attributes}></div>'


def popup(backstage: Backstage, path: str) -> str:
    return f'<p><a id="opener" data-slotline-popup href="{of(backstage, path)}">Book a call</a></p>'


def framed(page: Page, box: str = "#inline") -> FrameLocator:
    return page.frame_locator(f"{box} iframe")


def heard(page: Page) -> list[Any]:
    found: list[Any] = page.evaluate("heard")
    return found


def expect_heard(page: Page, *kinds: str) -> None:
    page.wait_for_function("(kinds) => heard.map(([kind]) => kind).join() === kinds.join()", arg=list(kinds))


def expect_height_of_content(frame: Locator) -> None:
    """The frame is as high as the page in it, which so has nothing to scroll."""
    inside = frame.element_handle().content_frame()
    inside.wait_for_function(
        "() => Math.abs(innerHeight - document.documentElement.getBoundingClientRect().height) < 1"
    )


def book(frame: FrameLocator, email: str) -> None:
    frame.locator("#slots button").first.click()
    frame.get_by_label("Name").fill("Jane Doe")
    frame.get_by_label("E-mail").fill(email)
    frame.locator("#submit").click()
    expect(frame.locator("#done")).to_be_visible()


def test_a_guest_books_in_a_site_which_learns_what_was_booked_and_not_by_whom(visit: Visits, backstage, practice, put):
    page = visit(put(inline(backstage, practice.booking_path)))
    frame = framed(page)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Consultation")
    expect(page.locator("iframe")).to_have_attribute("title", "Book: Consultation \N{EN DASH} Northwind Clinic")
    expect_height_of_content(page.locator("iframe"))
    book(frame, "jane.doe@example.com")
    expect_heard(page, "slotline:ready", "slotline:booked")
    expect_height_of_content(page.locator("iframe"))
    (_, _, nothing), (_, target, detail) = heard(page)
    assert nothing is None
    assert target == "inline"
    assert set(detail) == {"service", "start"}
    assert detail["service"] == "consultation"
    start = frame.locator("#done time").first.get_attribute("datetime")
    assert start.startswith(detail["start"])
    said = str(page.evaluate("messages")) + page.locator("iframe").get_attribute("title")
    assert "slotline:booked" in said
    assert "Jane" not in said
    assert "jane" not in said
    assert "/b/" not in said


def test_the_height_follows_from_step_to_step_and_the_guest_sees_each_steps_beginning(visit, backstage, practice, put):
    below = '<p style="height: 3000px">Below</p>'
    page = visit(put(inline(backstage, practice.booking_path) + below), screen=PHONE)
    frame = framed(page)
    last = frame.locator("#slots button").last
    last.scroll_into_view_if_needed()
    before = page.locator("iframe").bounding_box()["height"]
    last.click()
    expect(frame.get_by_label("Name")).to_be_attached()
    expect_height_of_content(page.locator("iframe"))
    assert page.locator("iframe").bounding_box()["height"] != before
    expect(frame.get_by_role("heading", level=1)).to_be_in_viewport()


def test_on_a_site_that_is_not_listed_the_frame_says_so_and_leads_to_a_tab_of_its_own(visit: Visits, backstage, put):
    listed = backstage.practice(allowed_embed_origins=("https://www.example.com",))
    page = visit(statuses={403})
    page.goto(put(inline(backstage, listed.booking_path)))
    frame = framed(page)
    expect(frame.get_by_role("heading", level=1)).to_have_text("This page may not be shown here")
    assert frame.locator("#slots").count() == 0
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="Open in a new tab").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Consultation")


def test_a_link_takes_the_place_of_a_page_that_does_not_show(visit: Visits, backstage, put):
    page = visit(statuses={404}, complaints=REFUSED)
    page.goto(put(inline(backstage, "/b/nothing")))
    link = page.get_by_role("link", name="Open in a new tab")
    expect(link).to_be_visible()
    expect(page.locator("iframe")).to_be_hidden()
    expect(link).to_have_attribute("href", re.compile(f"^{backstage.system.base_url}/b/nothing"))
    assert heard(page) == page.evaluate("messages") == []


def test_a_link_takes_the_place_of_a_later_step_that_does_not_show(visit: Visits, backstage, practice, put):
    page = visit(statuses={404}, complaints=REFUSED)
    page.goto(put(inline(backstage, practice.booking_path)))
    expect_heard(page, "slotline:ready")
    framed(page).locator("body").evaluate("() => { location.href = '/b/nothing'; }")
    expect(page.get_by_role("link", name="Open in a new tab")).to_be_visible()
    expect(page.locator("iframe")).to_be_hidden()


def test_a_refusal_is_read_in_the_frame(visit: Visits, backstage, practice, put):
    page = visit(statuses={401})
    page.goto(put(inline(backstage, practice.booking_path.replace("widgetKey=", "widgetKey=no"))))
    expect(framed(page).get_by_role("heading", level=1)).to_have_text("This link does not work any more")
    expect_heard(page, "slotline:ready")
    expect_height_of_content(page.locator("iframe"))


def test_a_popup_by_keyboard_closes_from_within_and_goes_on_where_it_was_left(visit: Visits, backstage, practice, put):
    page = visit(put(popup(backstage, practice.booking_path)))
    opener = page.get_by_role("link", name="Book a call")
    assert page.locator("iframe").count() == 0
    tab_to(page, opener)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Book a call")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    frame = framed(page, "dialog")
    frame.locator("#slots button").first.click()
    frame.get_by_label("Name").fill("Jane Doe")
    expect_heard(page, "slotline:ready")
    check_accessible(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    expect_heard(page, "slotline:ready", "slotline:closed")
    page.keyboard.press("Enter")
    expect(frame.get_by_label("Name")).to_have_value("Jane Doe")
    page.get_by_role("button", name="Close").press("Enter")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_after_a_booking_the_popup_begins_with_another_visit(visit: Visits, backstage, practice, put):
    page = visit(put(popup(backstage, practice.booking_path)))
    opener = page.get_by_role("link", name="Book a call")
    opener.click()
    book(framed(page, "dialog"), "jo@example.com")
    page.get_by_role("button", name="Close").click()
    opener.click()
    expect(framed(page, "dialog").locator("#slots")).to_be_visible()
    expect_heard(page, *(f"slotline:{kind}" for kind in ("ready", "booked", "closed", "ready")))


def test_a_program_opens_the_popup_with_what_it_knows_of_the_guest(visit: Visits, backstage, practice, put):
    page = visit(put('<button id="mine">Mine</button>'))
    page.evaluate(
        """(url) => {
          const opener = document.getElementById("mine");
          Slotline.open(url, { name: "Jane Doe", email: "jane@example.com", lang: "es", opener });
        }""",
        of(backstage, practice.booking_path),
    )
    frame = framed(page, "dialog")
    expect(frame.locator("html")).to_have_attribute("lang", "es")
    frame.locator("#slots button").first.click()
    expect(frame.get_by_label("Nombre")).to_have_value("Jane Doe")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Mine")).to_be_focused()
    assert [target for _, target, _ in heard(page)] == ["mine", "mine"]
    with pytest.raises(Exception, match="TypeError"):
        page.evaluate("Slotline.open('javascript:alert(1)')")


def test_the_page_begins_with_the_attributes_and_with_the_sites_zone_and_language(visit, backstage, practice, put):
    said = {"name": "Jane Doe", "email": "jane@example.com", "lang": "ar"}
    page = visit(put(inline(backstage, practice.booking_path, **said)), timezone="Asia/Tokyo")
    frame = framed(page)
    expect(frame.locator("html")).to_have_attribute("dir", "rtl")
    expect(frame.locator("html")).to_have_attribute("data-zone", "Asia/Tokyo")
    frame.locator("#slots button").first.click()
    expect(frame.locator("[name=name]")).to_have_value("Jane Doe")
    expect(frame.locator("[name=email]")).to_have_value("jane@example.com")


def test_two_services_on_one_page_are_told_apart(visit: Visits, backstage, practice, put, site):
    other = backstage.practice(name="Southwind Clinic", allowed_embed_origins=(site.origin,))
    paths = {"first": practice.booking_path, "second": other.booking_path}
    page = visit(put("".join(inline(backstage, path, box) for box, path in paths.items())))
    page.locator("#second").scroll_into_view_if_needed()
    expect_heard(page, "slotline:ready", "slotline:ready")
    assert sorted(target for _, target, _ in heard(page)) == ["first", "second"]
    for box in ("#first", "#second"):
        expect_height_of_content(page.locator(f"{box} iframe"))
    book(framed(page, "#second"), "two@example.com")
    expect_heard(page, "slotline:ready", "slotline:ready", "slotline:booked")
    assert heard(page)[-1][1] == "second"
    check_accessible(page)


def test_messages_of_anybody_else_are_not_believed(visit: Visits, backstage, practice, put):
    forger = """<iframe title="Advertisement" srcdoc="<script>
      for (const type of ['slotline:ready', 'slotline:booked', 'slotline:height'])
        parent.postMessage({ type, detail: { start: 'forged' } }, '*')
    </script>"></iframe>"""
    page = visit(put(inline(backstage, practice.booking_path) + forger))
    page.evaluate("postMessage({ type: 'slotline:booked', detail: { start: 'forged' } })")
    expect(framed(page).locator("#slots")).to_be_visible()
    page.wait_for_function("messages.filter(({ detail }) => detail.start === 'forged').length === 4")
    expect_heard(page, "slotline:ready")
    expect_height_of_content(page.locator("#inline iframe"))


@pytest.mark.parametrize(("schemes", "seen"), [("", "light"), ("light dark", "dark"), ("dark", "dark")])
def test_in_the_dark_the_page_is_as_dark_as_its_site(visit: Visits, backstage, practice, put, schemes, seen):
    style = f"<style>:root {{ color-scheme: {schemes} }}</style>" if schemes else ""
    page = visit(put(style + inline(backstage, practice.booking_path)), scheme="dark")
    paper = framed(page).locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(23, 27, 34)"}[seen]


def test_what_is_no_step_of_the_page_opens_in_a_tab_of_its_own(visit: Visits, backstage, practice, put):
    page = visit(put(inline(backstage, practice.booking_path)))
    frame = framed(page)
    book(frame, "tab@example.com")
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="Move, cancel").click()
    expect(opened.value).to_have_url(re.compile(f"^{backstage.system.base_url}/b/"))


def test_the_lines_of_the_docs_do_what_they_say(visit: Visits, backstage, practice, site):
    blocks = re.findall(r"```html\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    html = "".join(blocks)
    for written, real in (
        ("https://calls.example.com", backstage.system.base_url),
        ("/book/APP", f"/book/{practice.app_id}"),
        ("/SERVICE?", "/consultation?"),
        ("widgetKey=KEY", f"widgetKey={practice.widget_key}"),
    ):
        html = html.replace(written, real)
    page = visit(site.has(f"<h1>Shop</h1>{html}"))
    places = page.locator("[data-slotline]")
    expect(places).to_have_count(2)
    for place in places.all():
        place.scroll_into_view_if_needed()
        expect(place.frame_locator("iframe").locator("#slots")).to_be_visible()
    second = places.nth(1).frame_locator("iframe")
    second.locator("#slots button").first.click()
    expect(second.get_by_label("Name")).to_have_value("Jane Doe")
    for role in ("link", "button"):
        page.get_by_role(role, name="Book a call").click()
        popup_frame = framed(page, "dialog")
        expect(popup_frame.locator("#slots")).to_be_visible()
        if role == "link":
            page.get_by_role("button", name="Close").click()
    book(popup_frame, "docs@example.com")
    expect(page).to_have_title(re.compile(r"^Booked: consultation at 20\d\d-.*Z$"))
