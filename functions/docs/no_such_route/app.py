"""The default route: the front page, addresses that lead elsewhere, 405 where other methods are answered, else 404.

A browser that asks for a page is refused by a page.
"""

from http import HTTPStatus
from pathlib import Path

from slotline.clock import SystemClock
from slotline.http.access.website_errors import is_for_websites, website_error
from slotline.http.core.accepting import takes_html
from slotline.http.core.addresses import FRONT, better_address, location
from slotline.http.core.cors import ANY_ORIGIN
from slotline.http.core.methods import Answer, Event, answered_as_get, asks_for_head, refusal_of
from slotline.http.core.problems import JSON_HEADERS, NOT_KEPT, answer_to

_FOR_PROGRAMS = ("/api/", "/.well-known/")
"""What is below these answers in the shape of the API, whoever asks."""
_PAGE = Path(__file__).with_name("front.html")
_STYLE = "sha256-gzZnrtSc30gpvoH5UogLZaU0ZpdAFH+ClA5mQYdD3BA="
"""Of the page's style. Made in advance: nothing else here needs a hash, and its import is a sixth of a cold start."""
_POLICIES = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src '{_STYLE}'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}


def handler(event: Event, _context: object) -> Answer:
    """Answer one payload 2.0 event."""
    if asks_for_head(event):
        return answered_as_get(event, lambda asked: handler(asked, _context))
    path, method = event["rawPath"], event["requestContext"]["http"]["method"]
    if method == "GET":
        if path == FRONT:
            return _front()
        if target := better_address(path):
            return _redirect(location(target, event.get("rawQueryString", "")))
    if takes_html(event) and not path.startswith(_FOR_PROGRAMS):
        return _refused_by_a_page(event, method)
    return _refused(path, method)


def _front() -> Answer:
    headers = {**NOT_KEPT, **_POLICIES, "Content-Type": "text/html; charset=utf-8"}
    return {"statusCode": HTTPStatus.OK.value, "headers": headers, "body": _PAGE.read_text(encoding="utf-8")}


def _redirect(target: str) -> Answer:
    """A 308, after which a client asks by the same method again (RFC 9110 §15.4.9).

    It is not kept: a query may hold a key, and on a developer's machine another program has the same origin tomorrow.
    """
    headers = {**NOT_KEPT, "Content-Type": "text/plain; charset=utf-8", "Location": target}
    return {
        "statusCode": HTTPStatus.PERMANENT_REDIRECT.value,
        "headers": headers,
        "body": "This is at another address: Location says which.\n",
    }


def _refused_by_a_page(event: Event, method: str) -> Answer:
    """For somebody who has mistyped the address of a page, or lost the end of a link."""
    # What makes pages is imported for these requests alone: most of what comes here are programs.
    from slotline.pages.languages import language_for
    from slotline.pages.problems import problem_page

    error, now = refusal_of(event["rawPath"], method), SystemClock().now()
    accepted = {name.lower(): value for name, value in event["headers"].items()}.get("accept-language")
    page = problem_page(error, language_for(None, accepted), now)
    headers = {**page.all_headers(), **answer_to(error, now).headers, "Vary": "Accept, Accept-Language"}
    return {"statusCode": page.status.value, "headers": headers, "body": page.html()}


def _refused(path: str, method: str) -> Answer:
    error = refusal_of(path, method)
    answer = answer_to(error, SystemClock().now())
    headers, body = JSON_HEADERS, answer.body
    if is_for_websites(path):
        headers, body = JSON_HEADERS | ANY_ORIGIN, website_error(error)
    return {"statusCode": answer.problem.status.value, "headers": {**headers, **answer.headers}, "body": body}
