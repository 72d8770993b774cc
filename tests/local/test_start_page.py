"""Where `make run` begins: the start page, the way to it, and its button for the clock."""

import asyncio
import base64
import re
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from html import unescape
from typing import Any

import pytest

from local.carrier import LocalCarrier
from local.clock import LocalClock
from local.gateway.answers import Answer
from local.gateway.app import Gateway
from local.gateway.clock_page import FURTHEST_SECONDS, ClockPage
from local.gateway.events import Request
from local.gateway.pages import pages
from local.gateway.start_page import StartPage
from local.inbox import Inbox
from local.template import Template, read_template
from tests.support.handlers import ROOT

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "host": "localhost:8000"}
DEMO: dict[str, Any] = {
    "api_base_url": "http://localhost:8000",
    "app_id": "01890000-0000-7000-8000-000000000001",
    "app_name": "Demo",
    "client_id": "a-client",
    "client_secret": "its-secret",
    "widget_key": "wk_a-key",
    "api_key": "sk_a-key",
    "services": [{"preset_id": "a-preset", "slug": "consultation", "name": "Consultation"}],
    "agents": [{"agent_id": "an-agent", "name": "Ada Park", "timezone": "America/New_York"}],
    "admin": {"email": "admin@demo.example", "password": "a-password"},
}


def everywhere(_path: str) -> bool:
    return True


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"", query: str = "") -> Request:
    return Request(method, path, query, tuple(headers.items()), body, "127.0.0.1")


def start_page(
    demo: Mapping[str, Any] = DEMO, serves: Callable[[str], bool] = everywhere, clock: LocalClock | None = None
) -> str:
    page = StartPage(clock or LocalClock(), demo, serves)
    return asyncio.run(page(request("GET", "/__local", BROWSER))).body.decode()


def links(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', page)]


class NoFunctions:
    """What a gateway asks if it has a route; these tests look at what it answers itself."""

    async def invoke(self, _logical_id: str, _event: bytes) -> bytes:
        return b'{"statusCode": 200, "body": "deployed"}'


@cache
def template() -> Template:
    return read_template(ROOT / "template.yaml")


def with_routes() -> Gateway:
    """A gateway with the product's routes."""
    gateway = Gateway(NoFunctions())  # type: ignore[arg-type]  # of what invokes, this is all that is asked
    gateway.use(template())
    return gateway


def ask(path: str, method: str = "GET", query: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
    """What the gateway with the product's routes answers: status, headers, body."""
    gateway, clock = with_routes(), LocalClock()
    gateway.show(pages(Inbox(), LocalCarrier(), clock, StartPage(clock, DEMO, gateway.serves)))
    sent: list[Any] = []
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in (BROWSER | headers).items()],
        "client": ("127.0.0.1", 1),
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(gateway(scope, receive, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, sent[1]["body"].decode()


def test_a_browser_that_asks_for_the_root_is_led_to_the_start_page():
    status, headers, _ = ask("/")
    assert (status, headers["location"], headers["cache-control"]) == (302, "/__local", "no-store")
    assert ask(headers["location"])[0] == 200


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("deployed", {}),
        ("", {"accept": "*/*"}),
        ("", {"host": "calls.example.com"}),
    ],
    ids=["a query", "a program", "another host"],
)
def test_everybody_else_gets_at_the_root_what_a_deployment_answers(query: str, headers: dict[str, str]):
    status, _, body = ask("/", query=query, **headers)
    assert (status, body) == (200, "deployed")


def test_only_reading_the_root_leads_to_the_start_page():
    assert ask("/", "POST")[2] == "deployed"


@pytest.mark.parametrize("path", ["/__local", "/__local/"])
def test_the_start_page_is_there_with_and_without_a_slash(path: str):
    status, headers, body = ask(path)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<h1>Slotline on this machine</h1>" in body


def test_the_start_page_is_only_read():
    assert ask("/__local", "POST")[0] == 405


def test_the_start_page_has_secrets_and_answers_to_no_other_name():
    status, _, body = ask("/__local", host="evil.example")
    assert status == 403
    assert DEMO["client_secret"] not in body


def test_it_is_kept_nowhere_framed_by_nobody_and_runs_nothing():
    _, headers, body = ask("/__local")
    (style,) = re.findall(r"<style>(.*?)</style>", body, re.DOTALL)
    allowed = base64.b64encode(sha256(style.encode()).digest()).decode()
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert "<script" not in body
    assert "style=" not in body


def test_it_leads_to_the_booking_page_with_the_demos_key_and_to_each_service():
    found = links(start_page())
    assert f"/book/{DEMO['app_id']}?widgetKey=wk_a-key" in found
    assert f"/book/{DEMO['app_id']}/consultation?widgetKey=wk_a-key" in found


def test_it_leads_to_the_documents_the_inbox_and_what_a_deployment_answers():
    assert {"/api/v1/docs", "/__local/inbox", "/?deployed"} <= set(links(ask("/__local")[2]))


def test_it_leads_only_to_what_is_there():
    shown = links(start_page(serves=lambda path: path == "/api/v1/docs"))
    assert shown == ["/api/v1/docs"]
    assert "/console" in links(start_page())


def test_a_route_of_its_own_or_a_page_is_served_and_what_the_default_route_answers_is_not():
    gateway = with_routes()
    assert gateway.serves("/api/v1/docs")
    assert gateway.serves(f"/api/v1/video/{DEMO['app_id']}/services")
    assert gateway.serves("/")
    assert not gateway.serves("/nothing")
    assert not gateway.serves("/__local/inbox")
    gateway.show(pages(Inbox(), LocalCarrier(), LocalClock(), StartPage(LocalClock(), {}, gateway.serves)))
    assert gateway.serves("/__local/inbox")
    gateway.refuse()
    assert not gateway.serves("/api/v1/docs")


def test_it_says_what_the_demo_has_and_how_to_sign_in():
    page = start_page()
    for said in ("Demo", "Consultation", "Ada Park", "America/New_York", "an-agent", DEMO["app_id"]):
        assert said in page
    for secret in ("a-client", "its-secret", "wk_a-key", "sk_a-key", "admin@demo.example", "a-password"):
        assert f"<code>{secret}</code>" in page


def test_whatever_the_demo_is_called_is_text():
    nasty = '"><script>alert(1)</script>'
    services = [{"preset_id": nasty, "slug": nasty, "name": nasty}]
    agents = [{"agent_id": nasty, "name": nasty, "timezone": nasty}]
    texts = {name: nasty for name, value in DEMO.items() if isinstance(value, str)}
    page = start_page({**texts, "services": services, "agents": agents, "admin": {"email": nasty, "password": nasty}})
    assert "<script" not in page
    assert page.count("&lt;script&gt;") > len(texts)


def test_without_demo_data_it_shows_the_places_and_the_clock():
    page = start_page({})
    assert "without demo data" in page
    assert "/__local/inbox" in links(page)
    assert 'action="/__local/clock"' in page
    assert "<code>None" not in page
    assert "curl" not in page


def test_it_tells_the_time_and_how_far_it_was_moved_on():
    clock = LocalClock()
    assert "the time of this machine" in start_page(clock=clock)
    clock.offset = 2 * 86_400 + 3_600 + 30
    assert "2 days 1 hour 30 seconds ahead of this machine" in start_page(clock=clock)


def move(clock: LocalClock, body: bytes, **headers: str) -> Answer:
    form = {"content-type": "application/x-www-form-urlencoded", "host": "localhost:8000"}
    return asyncio.run(ClockPage(clock)(request("POST", "/__local/clock", form | headers, body)))


class CountedClock(LocalClock):
    """It counts how far it was moved, and moves nothing else."""

    def advance(self, seconds: float) -> Any:
        self.offset += seconds
        return self.now()


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_a_button_of_the_start_page_moves_the_clock_on_and_leads_back(host: str):
    clock = CountedClock()
    answer = move(clock, b"advance_seconds=3600", host=host, origin=f"http://{host}")
    assert (answer.status, dict(answer.headers)["location"]) == (303, "/__local")
    assert clock.offset == 3600


def test_every_button_of_the_start_page_says_how_far():
    for seconds in re.findall(r'<button name="advance_seconds" value="(\d+)">', start_page()):
        clock = CountedClock()
        assert move(clock, f"advance_seconds={seconds}".encode(), origin="http://localhost:8000").status == 303
        assert clock.offset == int(seconds) > 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://localhost:3000"},
        {"origin": "http://127.0.0.1:8000"},
        {"origin": "https://localhost:8000"},
        {"origin": "https://www.example.com"},
        {"content-type": "text/plain", "origin": "http://localhost:8000"},
        {"content-type": "multipart/form-data", "origin": "http://localhost:8000"},
    ],
)
def test_a_form_of_another_page_moves_nothing(headers: dict[str, str]):
    clock = CountedClock()
    assert move(clock, b"advance_seconds=3600", **headers).status == 415
    assert clock.offset == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"advance_seconds=",
        b"advance_seconds=-1",
        b"advance_seconds=1e3",
        b"advance_seconds=\xb2",
        b"\xff=\xff",
        f"advance_seconds={FURTHEST_SECONDS + 1}".encode(),
        b"advance_seconds=" + b"9" * 5000,
    ],
)
def test_a_form_that_says_no_length_of_time_moves_nothing(body: bytes):
    clock = CountedClock()
    assert move(clock, body, origin="http://localhost:8000").status == 400
    assert clock.offset == 0
