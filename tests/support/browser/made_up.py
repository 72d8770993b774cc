"""Pages that the system does not have, to try what is tried on them."""

from playwright.sync_api import Page, Route

POLICY = "default-src 'none'; script-src 'unsafe-inline'; connect-src 'self' http://192.0.2.1"


def show(page: Page, body: str, policy: str = POLICY) -> None:
    """This page, as if the system had answered it, once everything that it asks for has come."""
    html = (
        '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Made up</title>{body}</html>"
    )

    def answer(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html", headers={"content-security-policy": policy})

    page.route("**/made-up", answer)
    page.goto("/made-up")
    page.wait_for_load_state("networkidle")
