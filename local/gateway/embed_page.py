"""`/__local/embed`: the booking page in a page of another site, with the lines that put it there.

`localhost` and `127.0.0.1` are two sites to a browser. Whichever of them this page is asked for at, it embeds the
other's booking page, so everything passes the checks that it passes on the Internet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from local.gateway.answers import Answer
from local.gateway.events import Request
from local.gateway.html import HEADERS, html_page, policy_hash
from local.gateway.start_page import booking_page

_NAMES = {"localhost": "127.0.0.1", "127.0.0.1": "localhost", "[::1]": "localhost"}
_SHOWS_EVENTS = """
for (const name of ["ready", "booked", "closed"])
  document.addEventListener(`slotline:${name}`, ({ type, target, detail }) => {
    const item = document.createElement("li");
    item.textContent = [type, target.id, JSON.stringify(detail || {})].join(" ");
    document.getElementById("events").append(item);
  });
"""


@dataclass(frozen=True, slots=True)
class EmbedPage:
    """Answers `GET /__local/embed`. `demo` is what was sown, once it is."""

    demo: Mapping[str, Any]

    async def __call__(self, request: Request) -> Answer:
        """The page."""
        if request.method not in {"GET", "HEAD"}:
            return Answer(405, (("content-type", "text/plain"), ("allow", "GET, HEAD"), *HEADERS), b"only read\n")
        site = _other_site(request.header("host") or "localhost")
        policy = f"script-src {site} {policy_hash(_SHOWS_EVENTS)}; frame-src {site}; "
        return html_page("The booking page in another page", self._body(site), policy)

    def _body(self, site: str) -> str:
        slugs = [str(service.get("slug") or service.get("preset_id")) for service in self.demo.get("services", ())]
        all_services = booking_page(self.demo)
        if not slugs or not all_services:
            return "<h1>Embedding</h1><p>This system was started without demo data, so there is nothing to book.</p>"
        inline, popup = (site + booking_page(self.demo, slug) for slug in (slugs[0], slugs[-1]))
        script = f'<script src="{site}/static/embed.js" async></script>'
        return (
            "<h1>The booking page in another page</h1>"
            f"<p>This page embeds the booking page of <code>{escape(site)}</code>, which is another site to your "
            "browser.</p>"
            f"<h2>What is needed</h2><p>The script, once in a page:</p>{_code(script)}"
            "<p>and one of these, as often as you like. Attributes say what is known of the guest.</p>"
            + _example("A popup", f'<button id="popup" data-slotline-popup="{escape(popup)}">Book a review</button>')
            + _example(
                "A button in the corner",
                f'<a id="corner" class="slotline-button" data-slotline-popup href="{escape(site + all_services)}" '
                'data-name="Jane Doe">Book a call</a>',
            )
            + "<h2>What the page hears</h2><p>Each event bubbles from the element up to the document.</p>"
            f'<div role="log" aria-label="Events"><ol id="events"></ol></div><script>{_SHOWS_EVENTS}</script>'
            + _example("Inline", f'<div id="inline" data-slotline="{escape(inline)}"></div>')
            + script
        )


def _other_site(host: str) -> str:
    """The same system by another of its names. The gateway answers under no other name than these."""
    name = next(known for known in _NAMES if host.lower().startswith(known))
    return f"http://{_NAMES[name]}{host[len(name) :]}"


def _example(title: str, html: str) -> str:
    return f"<h2>{title}</h2>{_code(html)}{html}"


def _code(html: str) -> str:
    return f'<pre class="code">{escape(html)}</pre>'
