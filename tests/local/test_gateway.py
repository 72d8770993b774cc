"""What a caller sees of the gateway and the host behind it, over real HTTP."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support import patient


def assert_gateway_error(answer: httpx.Response, status: int, kind: str) -> None:
    assert answer.status_code == status
    body = answer.json()
    assert body["message"]
    assert body["error"]["type"] == kind
    assert body["error"]["message"] == body["message"]
    assert body["error"]["timestamp"].endswith("Z")
    assert body["error"]["details"] == []


@pytest.mark.parametrize("case", ["odd/raises", "odd/exits", "hasty/sleeps", "odd/big", "odd/unmarshalled"])
def test_a_function_that_fails_is_a_500_and_the_next_request_is_served(http, case):
    assert_gateway_error(http.get(f"/{case}"), 500, "server_error")
    assert http.get("/odd/plain").text == "plain"


@pytest.mark.parametrize("case", ["bad-status", "bad-body", "split"])
def test_an_answer_that_is_none_is_a_500(http, case):
    assert_gateway_error(http.get(f"/odd/{case}"), 500, "server_error")


def test_a_function_that_cannot_be_imported_is_a_500(http):
    assert_gateway_error(http.get("/broken"), 500, "server_error")


def test_a_function_slower_than_its_route_is_a_503(http):
    answer = http.get("/slow/naps")
    assert_gateway_error(answer, 503, "unavailable")
    assert answer.headers["retry-after"]


@pytest.mark.parametrize(
    ("case", "body", "media_type"),
    [
        ("dict", b'{"price": 1.5}', "application/json"),
        ("text", b"just text", "application/json"),
        ("nothing", b"null", "application/json"),
        ("plain", b"plain", "text/plain;charset=UTF-8"),
        ("binary", b"\x00\xff", "text/plain;charset=UTF-8"),
    ],
)
def test_answers_are_inferred(http, case, body, media_type):
    answer = http.get(f"/odd/{case}")
    assert (answer.status_code, answer.content) == (200, body)
    assert answer.headers["content-type"] == media_type


def test_cookies_become_headers_of_their_own_and_values_text(http):
    answer = http.get("/odd/cookies")
    assert answer.headers.get_list("set-cookie") == ["a=1; Secure", "b=2"]
    assert answer.headers["x-count"] == "7"


def test_no_content_has_no_content(http):
    answer = http.get("/odd/no-content")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-length" not in answer.headers


def test_no_route_is_a_404_in_the_promised_shape(http):
    assert_gateway_error(http.get("/nowhere"), 404, "not_found")
    assert http.head("/nowhere").status_code == 404
    assert http.options("/guarded").status_code == 404


def test_the_authorizer_stands_before_the_route(http):
    assert_gateway_error(http.get("/guarded"), 401, "unauthorized")
    assert_gateway_error(http.get("/guarded", headers={"Authorization": "no"}), 403, "forbidden")
    assert_gateway_error(http.get("/guarded", headers={"Authorization": "nonsense"}), 500, "server_error")
    event = http.get("/guarded", headers={"Authorization": "me"}).json()["event"]
    assert event["requestContext"]["authorizer"] == {"lambda": {"token": "me", "body": False}}


def test_limits_of_the_gateway(http):
    text = {"content-type": "text/plain"}
    assert_gateway_error(http.post("/odd/length", content=b"x" * 10_485_761, headers=text), 413, "invalid_request")
    assert_gateway_error(http.post("/odd/length", content=b"x" * 6_291_456, headers=text), 413, "invalid_request")
    assert http.post("/odd/length", content=b"x" * 6_000_000, headers=text).json() == 6_000_000
    assert_gateway_error(http.get("/odd/plain", headers={"x": "y" * 10_240}), 431, "invalid_request")


def test_a_body_without_a_length_is_limited_too(http):
    chunks = (b"x" * 1_048_576 for _ in range(11))
    assert_gateway_error(http.post("/odd/length", content=chunks), 413, "invalid_request")


def test_requests_at_the_same_time_do_not_see_each_other(live):
    """An execution environment takes one event at a time, so a global belongs to one request."""
    with patient.Client(base_url=live.url) as client, ThreadPoolExecutor(64) as threads:
        answers = threads.map(lambda n: client.get(f"/odd/exclusive?n={n}").text, range(300))
        assert list(answers) == [str(n) for n in range(300)]


def test_an_environment_begins_with_all_that_its_layer_holds(http):
    assert http.get("/odd/loaded").json() == ["rarely", "rarely.needed"]


def test_a_mistake_in_what_is_rarely_needed_spoils_nothing_until_it_is_needed(http):
    assert http.get("/odd/text").status_code == 200
    assert http.get("/odd/mistaken").status_code == 500


def test_the_context_is_lambdas(http):
    about = http.get("/echo/1").json()
    assert (about["name"], about["table"], about["greeting"]) == ("local-Echo", "things", "hello")
    assert 0 < about["left"] <= 5000


def test_the_runtimes_own_page_is_there(http):
    assert set(http.get("/__local/inbox").json()) == {"messages", "calls"}


def test_the_private_door_runs_functions(live):
    door = live.private_url
    assert patient.post(door + "Odd", json={"pathParameters": {"case": "text"}}).json() == "just text"
    failed = patient.post(door + "Odd", json={"pathParameters": {"case": "raises"}})
    assert (failed.status_code, failed.json()["errorType"]) == (500, "ZeroDivisionError")
    assert "1 / 0" in "".join(failed.json()["stackTrace"])
    broken = patient.post(door + "Broken", json={})
    assert (broken.status_code, broken.json()["errorType"]) == (500, "SyntaxError")


def test_the_private_door_refuses_what_is_no_invocation(live):
    door = live.private_url
    unknown = patient.post(door + "Nobody", json={})
    assert unknown.status_code == 404
    assert "Echo" in unknown.json()["errorMessage"]
    assert patient.post(door + "Echo", content="{}", headers={"content-type": "text/plain"}).status_code == 415
    assert patient.get(door + "Echo").status_code == 415
    assert patient.post(door + "Echo", content="{", headers={"content-type": "application/json"}).status_code == 400


def test_the_public_port_is_no_way_to_a_function(http):
    assert http.post("/functions/Echo", content=json.dumps({})).status_code == 404


LOCAL_PAGES = ("/__local/inbox", "/__local/clock")


@pytest.mark.parametrize("path", LOCAL_PAGES)
@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000", "[::1]"]
)
def test_the_local_pages_answer_to_this_machines_own_names(http, path, host):
    assert http.get(path, headers={"host": host}).status_code == 200


@pytest.mark.parametrize("path", LOCAL_PAGES)
@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.nip.io", "evil.example:localhost"),
        *(
            "192.168.0.1:8000",
            "127.0.0.2",
            "0.0.0.0:8000",
            "[::2]:8000",
            "localhost:",
            "localhost:8000:8000",
            "x@localhost",
        ),
    ],
)
def test_a_website_whose_name_was_made_to_lead_here_reads_no_local_page(http, path, host):
    """A browser takes the website and this system for one origin then (DNS rebinding); the name it asks for is told."""
    answer = http.get(path, headers={"host": host})
    assert answer.status_code == 403
    assert "localhost" in answer.json()["error"]
    moved = http.post("/__local/clock", json={"advance_seconds": 60}, headers={"host": host})
    assert moved.status_code == 403
    assert http.get("/__local/clock").json()["ahead_seconds"] == 0
