"""The default route: the front page, the short ways to the documents, and the slash that is too many."""

import base64
import re
from hashlib import sha256

import pytest

from slotline.http.core.addresses import location
from tests.support.handlers import Endpoint, Reply

APP = "01890000-0000-7000-8000-000000000001"
DOCUMENTS = "/api/v1/docs"


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def ask(path: str, method: str = "GET", query: dict[str, str] | None = None, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Endpoint("docs/no_such_route", method, None)(path, query=query, headers=sent)


def leads_to(answer: Reply) -> str | None:
    """Where a redirect leads; None: it is none."""
    assert (answer.status == 308) == ("Location" in answer.headers)
    return answer.headers.get("Location")


def test_the_front_page_says_what_this_is_and_where_the_documents_are():
    answer = ask("/")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>Slotline</h1>" in answer.text
    assert f'href="{DOCUMENTS}"' in answer.text


def test_the_front_page_runs_nothing_loads_nothing_and_names_nothing_from_inside():
    answer = ask("/")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for inside in ("<script", "src=", "lambda", "amazonaws", "table", "version", "stage"):
        assert inside not in answer.text.lower()


def test_the_style_of_the_front_page_is_the_one_that_its_policy_allows():
    answer = ask("/")
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    allowed = base64.b64encode(sha256(style.encode()).digest()).decode()
    assert f"'sha256-{allowed}'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/docs", "/api", "/api/v1", "/docs/", "/api/", "/api/v1/"])
def test_short_addresses_lead_to_the_documents(path: str):
    assert leads_to(ask(path)) == DOCUMENTS


@pytest.mark.parametrize(
    "path",
    [
        DOCUMENTS,
        "/api/v1/openapi.json",
        "/.well-known/jwks.json",
        f"/api/v1/video/{APP}/scheduled-calls",
        f"/api/v1/video/{APP}/scheduled-calls/01890000-0000-7000-8000-00000000ca11",
        "/b/a-guests-token",
    ],
)
def test_a_slash_at_the_end_of_an_address_that_can_be_read_leads_to_the_one_without(path: str):
    assert leads_to(ask(f"{path}/")) == path


def test_the_query_is_kept_as_it_was_sent():
    answer = ask(f"/api/v1/video/{APP}/scheduled-calls/", query={"cursor": "a/b=", "search": "José & Co"})
    assert leads_to(answer) == f"/api/v1/video/{APP}/scheduled-calls?cursor=a%2Fb%3D&search=Jos%C3%A9+%26+Co"


def test_a_redirect_is_not_kept_and_does_not_repeat_a_query_that_may_hold_a_key():
    answer = ask(f"/api/v1/video/{APP}/services/", query={"widgetKey": "wk_secret"})
    assert answer.status == 308
    assert answer.headers["Cache-Control"] == "no-store"
    assert "wk_secret" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "//evil.example/api/v1/docs/",
        "///evil.example/",
        "/\\evil.example/",
        "/https://evil.example/",
        f"/evil.example{DOCUMENTS}/",
        f"/{DOCUMENTS}/",
        f"{DOCUMENTS}//",
        "/b//evil.example/",
        "/nothing/",
    ],
)
def test_no_address_leads_to_another_host_or_to_what_is_not_there(path: str):
    assert ask(path).status == 404


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/b/a b/", "/b/a%20b"),
        ("/b/a\r\nSet-Cookie: b/", "/b/a%0D%0ASet-Cookie:%20b"),
        ("/b/\\evil.example/", "/b/%5Cevil.example"),
        ("/b/a?b#c/", "/b/a%3Fb%23c"),
        ("/b/josé/", "/b/jos%C3%A9"),
        ("/b/\ud800/", "/b/%3F"),
    ],
)
def test_whatever_an_address_holds_is_a_path_in_the_location(path: str, target: str):
    assert leads_to(ask(path)) == target


def test_a_query_ends_no_line_of_the_answer():
    assert location(DOCUMENTS, "a=\r\nSet-Cookie: b&c=%2F") == f"{DOCUMENTS}?a=%0D%0ASet-Cookie:%20b&c=%2F"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/oauth/token/"),
        ("GET", "/api/v1/oauth/token/"),
        ("POST", f"/api/v1/video/{APP}/scheduled-calls/"),
        ("PATCH", f"/api/v1/video/{APP}/scheduled-calls/x/"),
        ("DELETE", f"{DOCUMENTS}/"),
        ("POST", "/docs/"),
    ],
)
def test_what_is_sent_to_an_address_with_a_slash_too_many_is_a_404_that_says_so(method: str, path: str):
    answer = ask(path, method)
    assert answer.status == 404
    assert answer.error["message"] == "There is nothing at this address. Leave out the slash at its end."


def test_a_website_is_told_of_the_slash_in_its_own_shape():
    answer = ask("/api/calls/", "POST")
    assert (answer.status, answer.json["ok"]) == (404, False)
    assert answer.json["error"]["message"].endswith("Leave out the slash at its end.")


@pytest.mark.parametrize("path", ["/nothing", "/nothing/", f"{DOCUMENTS}//"])
def test_where_there_is_nothing_without_the_slash_either_nobody_is_told_to_leave_it_out(path: str):
    assert ask(path, "POST").error["message"] == "There is nothing at this address."


@pytest.mark.parametrize("path", ["/", "/docs", "/api", "/api/v1"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_the_front_page_and_the_short_addresses_are_only_read(path: str, method: str):
    answer = ask(path, method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/", "/docs", f"{DOCUMENTS}/", "/nothing"])
def test_head_is_answered_as_get_is_without_the_body(path: str):
    head, get = ask(path, "HEAD"), ask(path)
    assert head.text == ""
    assert (head.status, head.headers) == (get.status, get.headers)


@pytest.mark.parametrize(
    "path", ["/book/", "/book", "/b/", "/b", "/c/", "/nothing", f"/book/{APP}/a/b/c/d", "//evil.example/"]
)
def test_somebody_who_mistyped_an_address_gets_a_page_in_their_language_that_says_what_to_do(path: str):
    answer = ask(path, accept=BROWSER, accept_language="es-CO,es;q=0.9")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert '<html lang="es" dir="ltr">' in answer.text
    assert "<h1>No hay nada en esta dirección</h1>" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Vary"] == "Accept, Accept-Language"
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert "evil" not in answer.text


@pytest.mark.parametrize("accept", ["*/*", "application/json", "", "text/html;q=0"])
def test_a_program_that_asks_for_what_is_not_there_is_answered_in_the_shape_of_the_api(accept: str):
    assert ask("/book/", accept=accept).error["type"] == "not_found"


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing", "/.well-known/nothing"])
def test_what_belongs_to_the_api_answers_in_its_shape_whoever_asks(path: str):
    assert "error" in ask(path, accept=BROWSER).json


def test_a_form_that_is_sent_to_the_front_page_gets_a_page_that_says_which_methods_there_are():
    answer = ask("/", "POST", accept=BROWSER)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert "<h1>There is nothing at this address</h1>" in answer.text


def test_head_of_a_page_that_is_not_there_has_its_headers_and_no_body():
    head, get = (ask("/book/", method, accept=BROWSER) for method in ("HEAD", "GET"))
    assert (head.text, head.status, head.headers) == ("", get.status, get.headers)
