"""The largest bodies that reach a function, found with the gateway's own events; documents and our 413 name them."""

import json
import re
from bisect import bisect_right
from collections.abc import Callable

import httpx
import pytest

from local.gateway.app import LARGEST_HEAD
from local.gateway.events import Request, build_event
from local.gateway.routes import Match
from local.host.outcomes import LARGEST_PAYLOAD
from local.template import Route
from slotline.http.core.bodies import TABLE, TABLE_TO_LOOK_AT
from slotline.http.core.carried import LARGEST_CARRIED, LARGEST_ENCODED
from tests.support.handlers import ROOT

ROUTE = Route("POST", "/api/v1/dial/scheduled", "ScheduleCalls", None, 30.0)
TEXT = ("content-type", "application/json")
MANY_APPS = " ".join(["01890000-0000-7000-8000-000000000001"] * 500)
CALLER = {"client_id": "c" * 36, "organization_id": "o" * 36, "app_ids": MANY_APPS, "scopes": "dialing:write " * 5}

BODIES: dict[str, tuple[Callable[[int], bytes], tuple[tuple[str, str], ...], int]] = {
    "plain": (lambda size: b"x" * size, (TEXT,), LARGEST_CARRIED),
    "quotation marks": (lambda size: b'"' * size, (TEXT,), LARGEST_CARRIED // 2),
    "backslashes": (lambda size: b"\\" * size, (TEXT,), LARGEST_CARRIED // 2),
    "line breaks": (lambda size: b"\n" * size, (TEXT,), LARGEST_CARRIED // 2),
    "no type": (lambda size: b"x" * size, (), LARGEST_ENCODED),
    "binary": (lambda size: b"\xff" * size, (("content-type", "application/octet-stream"),), LARGEST_ENCODED),
    # If API Gateway writes letters outside ASCII as \\u escapes, as the local gateway does; else it is as plain.
    "accents": (lambda size: "é".encode() * (size // 2), (TEXT,), LARGEST_CARRIED // 3),
}
"""What it is full of; the headers it comes with; how many bytes of it pass for sure."""


def _carried(body: bytes, headers: tuple[tuple[str, str], ...], query: str = "") -> int:
    """Bytes of the event that Lambda is invoked with. Its head is as long as API Gateway takes one."""
    line = len("POST") + len(ROUTE.path) + len(query)
    rest = LARGEST_HEAD - line - sum(len(name) + len(value) for name, value in headers) - len("x")
    request = Request("POST", ROUTE.path, query, (*headers, ("x", "y" * rest)), body, "203.0.113.7")
    event = build_event(request, Match(ROUTE, {}), "request-1")
    event["requestContext"]["authorizer"] = {"lambda": CALLER}
    return len(json.dumps(event).encode())


@pytest.mark.parametrize("name", BODIES)
def test_a_body_of_this_size_passes_with_the_longest_head_and_one_much_larger_does_not(name: str):
    body, headers, passes = BODIES[name]
    assert _carried(body(passes), headers) <= LARGEST_PAYLOAD
    found = bisect_right(range(0, 8_000_000, 1_000), LARGEST_PAYLOAD, key=lambda size: _carried(body(size), headers))
    largest = (found - 1) * 1_000
    assert passes <= largest < passes * 1.02, f"{largest:,} bytes pass"


def test_what_is_around_a_body_takes_no_more_than_is_left_for_it():
    query = "&".join(f"{n:x}=%01%22%5c" for n in range(720))
    assert 9_000 < len(query) < LARGEST_HEAD - 100
    assert _carried(b"", (TEXT,), query) < LARGEST_PAYLOAD - LARGEST_CARRIED


@pytest.mark.parametrize("name", ["plain", "quotation marks", "no type"])
def test_the_gateway_lets_them_pass_and_refuses_larger_ones(http: httpx.Client, name: str):
    body, headers, passes = BODIES[name]
    sent = dict(headers) or {"content-type": ""}
    assert http.post("/odd/length", content=body(passes), headers=sent).status_code == 200
    refused = http.post("/odd/length", content=body(int(passes * 1.02)), headers=sent)
    assert (refused.status_code, refused.json()["message"]) == (413, "Request Entity Too Large")


def _kilobytes(text: str) -> set[str]:
    return set(re.findall(r"[\d,]+ [KM]B", text))


FIGURES = {"5,120 KB", f"{LARGEST_CARRIED // 2000:,} KB", f"{LARGEST_ENCODED // 1000:,} KB"}


def test_our_413_names_the_figures_and_the_way_out():
    assert _kilobytes(TABLE.refusal().message) == FIGURES | {"100 MB"}
    assert "POST /api/v1/dial/uploads" in TABLE.refusal().message
    assert _kilobytes(TABLE_TO_LOOK_AT.refusal().message) == FIGURES
    assert "part of the calls" in TABLE_TO_LOOK_AT.refusal().message


@pytest.mark.parametrize("page", ["docs/api.md", "docs/dialing.md"])
def test_the_documents_name_the_figures(page: str):
    assert _kilobytes((ROOT / page).read_text()) >= FIGURES
