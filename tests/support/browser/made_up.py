"""Pages that the system does not have: one to try checks on, and other sites that show its pages in frames."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Page, Route

POLICY = "default-src 'none'; script-src 'unsafe-inline'; connect-src 'self' http://192.0.2.1"


def show(page: Page, body: str, policy: str = POLICY) -> None:
    """This page, as if the system had answered it, once everything that it asks for has come."""

    def answer(route: Route) -> None:
        route.fulfill(body=_html(body), content_type="text/html", headers={"content-security-policy": policy})

    page.route("**/made-up", answer)
    page.goto("/made-up")
    page.wait_for_load_state("networkidle")


@dataclass(frozen=True, slots=True)
class AnotherSite:
    """A site of somebody else, on a port of this machine: `http://shop.localhost:…`.

    It is a real one because Chromium takes what a test answers in a site's place for the internet, which may not open
    anything of this machine.
    """

    origin: str
    _pages: dict[str, str] = field(default_factory=dict)

    def has(self, body: str, path: str = "/") -> str:
        """From now on it has this page; the page's URL."""
        self._pages[path] = _html(body)
        return f"{self.origin}{path}"


@contextmanager
def another_site(name: str = "shop") -> Iterator[AnotherSite]:
    """Such a site, as long as the block lasts."""
    pages: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = pages.get(self.path.partition("?")[0])
            self.send_response(200 if found else 404)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((found or "").encode())

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield AnotherSite(f"http://{name}.localhost:{server.server_address[1]}", pages)
        finally:
            server.shutdown()
            thread.join()


def _html(body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Made up</title>{body}</html>"
    )
