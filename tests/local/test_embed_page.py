"""The example page embeds the booking page by the other name of this machine, under a strict policy."""

import asyncio
import re
from html import unescape
from typing import Any

import pytest

from local.gateway.answers import Answer
from local.gateway.embed_page import EmbedPage
from local.gateway.events import Request

DEMO: dict[str, Any] = {
    "app_id": "01890000-0000-7000-8000-000000000001",
    "widget_key": "wk_a-key",
    "services": [{"preset_id": "a-preset", "slug": "consultation"}, {"preset_id": "another", "slug": None}],
}


def ask(host: str, demo: dict[str, Any] = DEMO, method: str = "GET") -> Answer:
    page = EmbedPage(demo)
    return asyncio.run(page(Request(method, "/__local/embed", "", (("host", host),), b"", "127.0.0.1")))


def policy(answer: Answer) -> str:
    return dict(answer.headers)["content-security-policy"]


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("localhost:8000", "http://127.0.0.1:8000"),
        ("127.0.0.1:9000", "http://localhost:9000"),
        ("[::1]:8000", "http://localhost:8000"),
        ("LOCALHOST", "http://127.0.0.1"),
    ],
)
def test_it_embeds_the_booking_page_of_another_origin(host: str, other: str):
    answer = ask(host)
    body = answer.body.decode()
    named = re.findall(r'(?:src|href|data-slotline|data-slotline-popup)="([^"]+)"', body)
    assert len(named) == 4
    assert all(unescape(each).startswith(f"{other}/") for each in named)
    assert f"script-src {other} 'sha256-" in policy(answer)
    assert f"frame-src {other};" in policy(answer)
    assert "unsafe" not in policy(answer)


def test_what_it_shows_to_copy_is_what_it_does_itself():
    body = ask("localhost:8000").body.decode()
    shown = [unescape(each) for each in re.findall(r'<pre class="code">(.*?)</pre>', body, re.DOTALL)]
    assert len(shown) == 4
    assert all(each in body for each in shown)


def test_without_a_demo_it_says_that_there_is_nothing_to_book():
    assert b"nothing to book" in ask("localhost:8000", {}).body


def test_it_is_only_read():
    assert ask("localhost:8000", method="POST").status == 405
