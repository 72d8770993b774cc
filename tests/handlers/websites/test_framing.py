"""Which sites may show the booking page in a frame, and what the page has for them."""

import re

import pytest

from slotline.pages.assets import policy_hash, text_of
from tests.handlers.websites.conftest import KEY, Site
from tests.support.handlers import APP_ID, Endpoint, Reply

FRAME_SCRIPT = policy_hash(text_of("frame.js"))
page = Endpoint("pages/book", "GET", None)


def book(service: str = "", key: str = KEY, **headers: str) -> Reply:
    path = f"/book/{APP_ID}{f'/{service}' if service else ''}"
    return page(
        path, query={"widgetKey": key}, headers={name.replace("_", "-"): said for name, said in headers.items()}
    )


def ancestors(reply: Reply) -> str:
    return reply.headers["content-security-policy"].partition("frame-ancestors ")[2]


def told(reply: Reply) -> str | None:
    """The sites that the page itself knows."""
    found = re.search(r'<html[^>]* data-framed-by="([^"]*)"', reply.text)
    return found[1] if found else None


def test_a_service_is_framed_by_the_sites_that_its_preset_lists_as_browsers_write_them(site: Site):
    listed = [
        "HTTPS://Shop.example/",
        "https://shop.example:8443",
        "http://localhost:3000",
        "https://xn--bcher-kva.example",
    ]
    site.add_preset(slug="first", public=True, allowedEmbedOrigins=listed)
    reply = book("first")
    sites = "http://localhost:3000 https://shop.example https://shop.example:8443 https://xn--bcher-kva.example"
    assert reply.status == 200
    assert ancestors(reply) == f"'self' {sites}"
    assert told(reply) == sites


@pytest.mark.parametrize(
    "origin", ["null", "*", "https://*.example", "https://b\u00fccher.example", "https://a.example/x"]
)
def test_a_sandboxed_frame_a_wildcard_a_path_and_a_name_in_unicode_cannot_be_listed(site: Site, origin: str):
    reply = Endpoint("presets/write", "POST")(
        f"{site.video}/presets", {"name": "First", "allowedEmbedOrigins": ["https://shop.example", origin]}
    )
    assert (reply.status, reply.error["details"][0]["code"]) == (400, "origin")


def test_a_service_whose_preset_lists_nobody_is_framed_by_nobody_and_has_nothing_for_frames(site: Site):
    site.add_preset(slug="first", public=True)
    reply = book("first")
    assert ancestors(reply) == "'none'"
    assert told(reply) is None
    assert FRAME_SCRIPT not in reply.headers["content-security-policy"]
    assert text_of("frame.js") not in reply.text


def test_the_list_of_services_is_framed_by_whoever_may_frame_one_of_them(site: Site):
    site.add_preset(slug="first", public=True, allowedEmbedOrigins=["https://a.example", "https://b.example"])
    site.add_preset(slug="second", public=True, allowedEmbedOrigins=["https://b.example", "https://c.example"])
    site.add_preset(slug="third", public=False, allowedEmbedOrigins=["https://hidden.example"])
    assert ancestors(book()) == "'self' https://a.example https://b.example https://c.example"


def test_each_step_of_a_service_has_the_script_for_frames_before_all_others_and_the_policy_allows_it(site: Site):
    site.add_preset(slug="first", public=True, allowedEmbedOrigins=["https://shop.example"])
    entered = book("first")
    zone = re.search(r'"(/book/[^"?]+/zone)', entered.text)
    assert zone
    for reply in (entered, page(zone[1])):
        assert ancestors(reply) == "'self' https://shop.example"
        assert f"script-src {FRAME_SCRIPT}" in reply.headers["content-security-policy"]
        assert reply.text.index(text_of("frame.js")) == reply.text.index("<script>") + len("<script>")


def test_a_refusal_that_is_about_nobody_is_read_in_any_frame(site: Site):
    site.add_preset(slug="first", public=True, allowedEmbedOrigins=["https://shop.example"])
    for reply in (book("first", key="slw_none"), page(f"/book/{APP_ID}/first/no-pass")):
        assert reply.status == 401
        assert ancestors(reply) == "'self' *"
        assert told(reply) == "*"


@pytest.mark.parametrize("listed", [[], ["https://shop.example"]])
def test_a_site_that_may_not_frame_the_page_has_one_that_says_so_and_leads_out_of_the_frame(
    site: Site, listed: list[str]
):
    site.add_preset(slug="first", public=True, allowedEmbedOrigins=listed)
    reply = book("first", sec_fetch_dest="iframe", sec_fetch_site="cross-site", referer="https://other.example/")
    assert reply.status == 403
    assert "This page may not be shown here" in reply.text
    assert 'href="" target="_blank">Open in a new tab' in reply.text
    assert ancestors(reply) == "'self' *"
    assert "data-day" not in reply.text


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_dest": "iframe", "sec_fetch_site": "cross-site", "referer": "https://shop.example/"},
        {"sec_fetch_dest": "iframe", "sec_fetch_site": "same-origin", "referer": "https://api.example.com/book/a/b/c"},
        {"sec_fetch_dest": "iframe", "sec_fetch_site": "cross-site"},
        {"sec_fetch_dest": "document", "sec_fetch_site": "cross-site", "referer": "https://other.example/"},
        {"referer": "https://other.example/"},
    ],
    ids=["listed", "a later step", "no word of who it is", "no frame", "an old browser"],
)
def test_whoever_else_asks_has_the_page_and_the_browser_decides_by_its_policy(site: Site, headers: dict[str, str]):
    site.add_preset(slug="first", public=True, allowedEmbedOrigins=["https://shop.example"])
    reply = book("first", **headers)
    assert reply.status == 200
    assert ancestors(reply) == "'self' https://shop.example"
