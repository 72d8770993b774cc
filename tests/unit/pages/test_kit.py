"""The handler of pages: what it hands to an endpoint of what a browser sent, and what it sends back."""

import asyncio
import base64
import gzip
import html
import json
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from slotline.domain.shared.errors import (
    CustomerLimitReached,
    LimitReached,
    MethodNotAllowed,
    RateLimited,
    Unavailable,
)
from slotline.http.core.problems import TABLE
from slotline.pages.kit import LARGEST_FORM, MOST_FIELDS, Asked, File, Redirect, page_handler
from slotline.pages.rendering import EVERYWHERE, Look, Page, environment
from slotline.ports.shared import StoreBusyError
from tests.support.builders.apps import SetClock

NOW = SetClock().now()
SECRET = "a-secret-of-the-path"
BROWSER = {"accept": "text/html", "accept-encoding": "gzip", "host": "calls.example.com"}


class Tools:
    """What the kit is handed of the wiring."""

    def begin(self, context: object) -> None:
        """An invocation begins."""

    def clock(self) -> SetClock:
        """A clock that does not move."""
        return SetClock()


def page_of(text: str, **context: object) -> Page:
    """A page whose main part is this template."""
    source = "{% extends 'layout.html' %}{% block title %}Test{% endblock %}{% block main %}" + text + "{% endblock %}"
    return Page(template=environment().from_string(source), look=Look(language="en"), context=context)


def sent(
    method: str, path: str, *, body: str | bytes | None = None, query: str = "", encoded: bool = False, **headers: str
) -> dict[str, Any]:
    """The event of a request. `path`: as API Gateway has it, decoded."""
    text = body.encode() if isinstance(body, str) else body
    return {
        "version": "2.0",
        "routeKey": f"{'POST' if method == 'POST' else 'ANY'} /t/{{part}}",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {name.replace("_", "-"): value for name, value in headers.items()},
        "requestContext": {"http": {"method": method, "path": quote(path), "sourceIp": "192.0.2.1"}},
        "body": None if text is None else base64.b64encode(text).decode() if encoded else text.decode(),
        "isBase64Encoded": encoded,
    }


def asking(event: dict[str, Any], endpoint: Callable[[Asked], Page | Redirect | File]) -> dict[str, Any]:
    """What is answered to this event by a function with one route for GET and one for POST."""
    routes = {"GET /t/{part}": endpoint, "POST /t/{part}": endpoint}
    return page_handler(routes, Tools())(event, None)


def seen(event: dict[str, Any]) -> Asked:
    """What an endpoint is handed of an event that it is handed."""
    found: list[Asked] = []

    def endpoint(asked: Asked) -> Page:
        found.append(asked)
        return page_of("")

    asking(event, endpoint)
    return found[0]


def refusing(event: dict[str, Any], error: Exception) -> dict[str, Any]:
    """What is answered if the endpoint raises this."""

    def endpoint(_asked: Asked) -> Page:
        raise error

    return asking(event, endpoint)


def nothing(_asked: Asked) -> Page:
    """An endpoint of an empty page."""
    return page_of("")


# A part that refreshes itself


def listing(said: str) -> Callable[[Asked], Page]:
    """An endpoint of a page whose part says this."""
    source = "{% extends 'layout.html' %}{% import 'components.html' as ui %}{% block title %}T{% endblock %}"
    source += "{% block main %}{{ ui.refreshing('list', '/t/a', live_tag, live, 'old', {'added': {'one': '\"1\"'}}) }}"
    whole = environment().from_string(source + "{% endblock %}")
    part = environment().from_string("<p>{{ said }}</p>")
    return lambda _asked: Page(template=whole, live=part, look=Look(language="en"), context={"said": said})


def refreshed(said: str, tag: str = "") -> dict[str, Any]:
    """What the part's request for itself is answered. `tag`: of what its browser shows."""
    return asking(sent("GET", "/t/a", hx_request="true", if_none_match=tag), listing(said))


def test_a_page_has_its_part_and_the_tag_that_the_part_itself_is_answered_with():
    whole, part = asking(sent("GET", "/t/a"), listing("<b>")), refreshed("<b>")
    assert part["body"] == "<p>&lt;b&gt;</p>"
    assert part["body"] in whole["body"]
    assert f'data-tag="{html.escape(part["headers"]["etag"])}"' in whole["body"].replace("&#34;", "&quot;")
    assert "HX-Request" in whole["headers"]["vary"]
    assert part["headers"]["vary"] == "HX-Request"
    assert "script-src 'self';" in whole["headers"]["content-security-policy"]
    assert whole["body"].index("/static/htmx.min.") < whole["body"].index("/static/lists.")


def test_a_part_that_is_what_its_browser_shows_is_answered_without_content():
    tag = refreshed("a")["headers"]["etag"]
    same, other = refreshed("a", tag), refreshed("b", tag)
    assert (same["statusCode"], same["body"], same["headers"]["etag"]) == (204, "", tag)
    assert (other["statusCode"], other["body"]) == (200, "<p>b</p>")
    assert other["headers"]["etag"] != tag
    assert same["headers"]["cache-control"] == other["headers"]["cache-control"] == "no-store"


def test_a_script_that_would_follow_a_redirection_off_the_page_is_told_to_open_it():
    def leave(_asked: Asked) -> Redirect:
        return Redirect("/sign-in", leaves=True)

    answer = asking(sent("GET", "/t/a", hx_request="true"), leave)
    assert (answer["statusCode"], answer["headers"]["hx-redirect"]) == (204, "/sign-in")
    assert "location" not in answer["headers"]
    assert asking(sent("GET", "/t/a"), leave)["headers"]["location"] == "/sign-in"


# What is asked


def test_a_form_arrives_in_base64_as_api_gateway_sends_it_and_as_text():
    for encoded in (True, False):
        asked = seen(sent("POST", "/t/a", body="name=Jos%C3%A9+P%C3%A9rez&note=a%0D%0Ab", encoded=encoded))
        assert (asked.field("name"), asked.field("note")) == ("José Pérez", "a\nb")


def test_a_field_that_comes_several_times_has_all_its_values_and_the_last_is_the_fields():
    asked = seen(sent("POST", "/t/a", body="day=1&day=2&day=&other=x"))
    assert asked.form["day"] == ["1", "2", ""]
    assert asked.field("day") == ""
    assert asked.field("missing") == ""


def test_a_parameter_that_comes_several_times_is_there_as_often_in_its_order():
    asked = seen(sent("GET", "/t/a", query="a=1%2C2&b=&a=3"))
    assert list(asked.pairs) == [("a", "1,2"), ("b", ""), ("a", "3")]
    assert asked.query("a") == "3"


def test_a_field_of_the_form_goes_before_a_parameter_of_the_query():
    asked = seen(sent("POST", "/t/a", body="lang=es", query="lang=ar&tz=UTC"))
    assert (asked.said("lang"), asked.said("tz"), asked.said("missing")) == ("es", "UTC", None)


def test_what_is_too_long_to_be_the_id_of_anything_is_as_none():
    asked = seen(sent("POST", "/t/a", body=f"agent={'x' * 128}&hold={'x' * 129}", query="start=now&code="))
    assert (asked.id("agent"), asked.id("hold"), asked.id("start"), asked.id("code")) == ("x" * 128, None, "now", None)


def test_a_get_has_no_form_whatever_its_body_says():
    assert seen(sent("GET", "/t/a", body="a=1")).form == {}


def test_nul_and_what_percent_does_not_encode_stay_what_they_are():
    asked = seen(sent("POST", "/t/a", body="a=%00b&c=100%&d=%zz"))
    assert (asked.field("a"), asked.field("c"), asked.field("d")) == ("\0b", "100%", "%zz")


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"a=\xff", 400, "This address cannot be read"),
        (b"a=%ff", 400, "This address cannot be read"),
        (b"a=%ED%A0%80", 400, "This address cannot be read"),
        (b"&".join(b"f%d=" % number for number in range(MOST_FIELDS + 1)), 400, "This address cannot be read"),
        (b"a=" + b"x" * LARGEST_FORM, 413, "That is too long"),
    ],
    ids=["bytes that are no text", "an encoded byte", "a half of a pair", "too many fields", "too large"],
)
def test_a_form_that_cannot_be_read_is_refused_by_a_page_that_offers_nothing_to_send_again(body, status, says):
    answer = asking(sent("POST", "/t/a", body=body, encoded=True), nothing)
    assert answer["statusCode"] == status
    assert f"<h1>{says}</h1>" in answer["body"]
    assert "<form" not in answer["body"]


def test_as_large_a_form_with_as_many_fields_as_may_be_is_read():
    fields = "&".join(f"f{number}=" for number in range(MOST_FIELDS))
    body = fields + "x" * (LARGEST_FORM - len(fields))
    assert len(seen(sent("POST", "/t/a", body=body)).form) == MOST_FIELDS


def test_a_path_is_decoded_once_by_api_gateway_and_not_again():
    assert seen(sent("GET", "/t/100%41")).part("part") == "100%41"
    assert seen(sent("GET", "/t/josé?#")).part("part") == "josé?#"


def test_the_address_of_the_same_page_in_another_language_is_a_path_of_ours_and_keeps_the_rest_of_the_query():
    ways = seen(sent("GET", "/t/a?b%20c", query="x=1%262&lang=en&x=3", host="evil.example")).ways_to_languages()
    assert ways["es"] == "/t/a%3Fb%2520c?x=1%262&x=3&lang=es"


@pytest.mark.parametrize("host", ["[::1]:8000", "a:b:c", "localhost:port", ""])
def test_no_host_header_whatever_it_says_fails_a_request(host):
    assert asking(sent("GET", "/t/a", host=host, x_forwarded_port="no number"), nothing)["statusCode"] == 200


# What is answered


@pytest.mark.parametrize("path", ["/t/", "/t/a/b", "/t", "/", "/t//a"])
def test_a_path_that_is_no_routes_after_all_is_a_page_too(path):
    answer = asking(sent("GET", path, accept_language="es"), nothing)
    assert answer["statusCode"] == 404
    assert "<h1>No hay nada en esta dirección</h1>" in answer["body"]
    assert answer["headers"]["content-security-policy"].endswith("frame-ancestors 'none'")


def test_a_slash_at_the_end_leads_to_no_address_that_the_host_header_names():
    answer = asking(sent("GET", "/t/a/", host="evil.example"), nothing)
    assert (answer["statusCode"], "location" in answer["headers"]) == (404, False)


def test_a_redirection_is_a_get_of_another_page_and_is_kept_nowhere():
    answer = asking(sent("POST", "/t/a", body="a=1"), lambda _asked: Redirect("/t/b?c=d"))
    assert (answer["statusCode"], answer["body"]) == (303, "")
    assert answer["headers"]["location"] == "/t/b?c=d"
    assert answer["headers"]["content-type"] == "text/html; charset=utf-8", "and not JSON, as Mangum would say"
    assert answer["headers"].items() >= {name.lower(): value for name, value in EVERYWHERE.items()}.items()


def test_a_file_is_what_it_says_it_is_and_is_kept_nowhere():
    calendar = File("BEGIN:VCALENDAR", {"Content-Type": "text/calendar; charset=utf-8"})
    answer = asking(sent("GET", "/t/a"), lambda _asked: calendar)
    assert (answer["body"], answer["isBase64Encoded"]) == ("BEGIN:VCALENDAR", False)
    assert answer["headers"]["content-type"] == "text/calendar; charset=utf-8"
    assert answer["headers"].items() >= {name.lower(): value for name, value in EVERYWHERE.items()}.items()


def test_no_page_sets_a_cookie():
    assert "cookies" not in asking(sent("GET", "/t/a"), nothing)


def test_a_page_is_compressed_if_its_browser_takes_that_and_has_the_same_words_then():
    plain, small = (
        asking(sent("GET", "/t/a", **taken), lambda _asked: page_of("é" * 2_000))
        for taken in ({}, {"accept_encoding": "gzip"})
    )
    assert (small["isBase64Encoded"], plain["isBase64Encoded"]) == (True, False)
    assert gzip.decompress(base64.b64decode(small["body"])).decode() == plain["body"]
    assert small["headers"].pop("content-encoding") == "gzip"
    assert small["headers"] == plain["headers"]
    assert small["headers"]["vary"] == "Accept-Encoding"
    assert "content-length" not in small["headers"], "it would be that of the page before"


def test_a_short_answer_is_not_compressed():
    short = File("short", {"Content-Type": "text/plain"})
    answer = asking(sent("GET", "/t/a", accept_encoding="gzip"), lambda _asked: short)
    assert (answer["body"], "content-encoding" in answer["headers"]) == ("short", False)


@pytest.mark.parametrize("accepted", ["", "gzip"])
def test_head_is_answered_as_get_is_without_the_body(accepted):
    head, get = (asking(sent(method, "/t/a", accept_encoding=accepted), nothing) for method in ("HEAD", "GET"))
    assert get["body"]
    assert head == {**get, "body": "", "isBase64Encoded": False}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
def test_another_method_reaches_no_endpoint(method):
    answer = asking({**sent(method, "/c/a"), "routeKey": "ANY /c/{callId}"}, nothing)
    assert (answer["statusCode"], answer["headers"]["Allow"]) == (405, "GET, HEAD")


# What goes wrong


@pytest.mark.parametrize(
    ("error", "status", "wait"),
    [
        (StoreBusyError(), 503, "1"),
        (Unavailable("busy"), 503, "1"),
        (RateLimited("slow down", retry_after_seconds=37), 429, "37"),
        (CustomerLimitReached("enough", next_allowed_at=NOW + timedelta(hours=2)), 429, "7200"),
        (ZeroDivisionError(), 500, None),
    ],
)
def test_what_may_be_tried_again_says_when(error, status, wait):
    answer = refusing(sent("GET", "/t/a"), error)
    assert (answer["statusCode"], answer["headers"].get("retry-after")) == (status, wait)


@pytest.mark.parametrize(
    ("seconds", "language", "said"),
    [
        (1, "en", None),
        (37, "en", "Try again in a minute."),
        (61, "en", "Try again in <bdi>2</bdi> minutes."),
        (7_140, "en", "Try again in <bdi>119</bdi> minutes."),
        (7_141, "en", "Try again in <bdi>2</bdi> hours."),
        (86_400, "es", "Inténtalo de nuevo en <bdi>24</bdi> horas."),
        (600, "ar", "يرجى إعادة المحاولة بعد <bdi>10</bdi> دقائق."),
    ],
)
def test_how_long_to_wait_is_said_in_words_rounded_up(seconds, language, said):
    error = RateLimited("slow down", retry_after_seconds=seconds)
    answer = refusing(sent("GET", "/t/a", accept_language=language), error)
    assert (said or "requests from your network, and nothing was changed.</p>") in answer["body"]


@pytest.mark.parametrize("error", [StoreBusyError(), Unavailable("busy"), ZeroDivisionError()])
def test_after_a_get_the_same_address_may_be_opened_again_without_being_repeated_in_the_page(error):
    answer = refusing(sent("GET", f"/t/{SECRET}", query=f"key={SECRET}"), error)
    assert '<a class="button button-main" href="">Try again</a>' in answer["body"]
    assert SECRET not in answer["body"]


@pytest.mark.parametrize("error", [StoreBusyError(), Unavailable("busy"), ZeroDivisionError()])
def test_after_a_form_the_same_form_may_be_sent_again_with_everything_that_was_typed(error):
    typed = [("name", 'Ana "A" <b>'), ("topic", "1"), ("topic", "2"), ("note", "a\nb"), ("action", "book")]
    answer = refusing(sent("POST", f"/t/{SECRET}", body=urlencode(typed)), error)
    assert '<form method="post" action="">' in answer["body"]
    for name, value in (
        ("name", "Ana &#34;A&#34; &lt;b&gt;"),
        ("topic", "1"),
        ("topic", "2"),
        ("note", "a\nb"),
        ("action", "book"),
    ):
        assert f'<input type="hidden" name="{name}" value="{value}">' in answer["body"]
    assert "href=" not in answer["body"].partition("<main")[2]
    assert SECRET not in answer["body"]


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.__name__)
def test_every_refusal_is_a_page_of_its_status_in_the_readers_words_and_never_in_the_apis(kind):
    more: dict[str, Any] = {}
    if issubclass(kind, LimitReached):
        more = {"next_allowed_at": NOW}
    elif kind is RateLimited:
        more = {"retry_after_seconds": 1}
    elif kind is MethodNotAllowed:
        more = {"allowed": ["GET"]}
    answer = refusing(sent("GET", "/t/a", accept_language="ar"), kind("words of the API", **more))
    assert answer["statusCode"] == TABLE[kind].status
    assert '<html lang="ar" dir="rtl">' in answer["body"]
    assert re.search(r"<h1>[^<]*[\u0600-\u06ff]", answer["body"])
    assert "words of the API" not in answer["body"]


def test_a_fault_of_a_template_is_the_page_for_faults_and_is_logged_without_what_it_was_given(log):
    def endpoint(_asked: Asked) -> Page:
        return page_of("{{ guest.name ~ guest.nothing }}", guest={"name": "Ana Private"})

    answer = asking({**sent("GET", f"/t/{SECRET}"), "routeKey": "ANY /t/{part}"}, endpoint)
    assert answer["statusCode"] == 500
    assert "<h1>Something went wrong</h1>" in answer["body"]
    (failure,) = [line for line in map(json.loads, log.getvalue().splitlines()) if line.get("level") == "ERROR"]
    assert (failure["error"], failure["route"]) == ("UndefinedError", "ANY /t/{part}")
    assert "Private" not in log.getvalue() + answer["body"]


@pytest.mark.parametrize("error", [None, StoreBusyError(SECRET), ValueError(SECRET)])
def test_neither_the_path_nor_the_query_nor_a_field_nor_an_errors_text_is_logged(log, caplog, error):
    caplog.set_level(logging.DEBUG)
    event = sent("POST", f"/t/{SECRET}", body=f"name={SECRET}", query=f"widgetKey={SECRET}")
    answer = refusing(event, error) if error else asking(event, nothing)
    assert answer["statusCode"] == {None: 200, StoreBusyError: 503, ValueError: 500}[error and type(error)]
    lines = [json.loads(line) for line in log.getvalue().splitlines() if line.startswith("{")]
    assert lines[-1].items() >= {"message": "answered", "route": "POST /t/{part}"}.items()
    assert SECRET not in log.getvalue() + "".join(str(vars(record)) for record in caplog.records)


def test_pages_are_answered_after_another_loop_has_come_and_gone_in_their_thread():
    handler = page_handler({"GET /t/{part}": nothing}, Tools())
    assert handler(sent("GET", "/t/a"), None)["statusCode"] == 200
    asyncio.run(asyncio.sleep(0))
    assert handler(sent("GET", "/t/a"), None)["statusCode"] == 200
