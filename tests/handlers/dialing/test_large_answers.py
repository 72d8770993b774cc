"""Answers that could be larger than Lambda carries: cut, or refused with a word of what to ask less of."""

import base64
import gzip
import json
import random

import pytest

from slotline.http.core.carried import LARGEST_CARRIED, carried
from tests.handlers.dialing.conftest import Dialer, reading_calls
from tests.support.handlers import Endpoint, partner

CALL = {"phone_number": "+12025550143"}
ROWS_OF_A_REQUEST = 14
QUOTES = {f"p{n}": '"' * 4_000 for n in range(34)}
"""Parameters of a row, 272 KB of JSON, of which a row may have 300."""

HAN = "".join(map(chr, range(0x4E00, 0x9F00)))


def _campaign(dialer: Dialer, requests: int) -> list[str]:
    """The ids of campaigns whose calls have so much to say."""
    calls = [CALL | QUOTES] * ROWS_OF_A_REQUEST
    replies = [dialer.schedule(calls=calls) for _ in range(requests)]
    assert {reply.status for reply in replies} == {200}, replies[0].text[:500]
    return [reply.json["campaign_id"] for reply in replies]


def test_a_list_that_would_be_too_large_says_what_to_ask_less_of_and_less_is_answered(dialer: Dialer):
    _campaign(dialer, 2)
    refused = reading_calls()("/api/v1/calls", query={"limit": "200"})
    assert (refused.status, refused.error["details"][0]["code"]) == (400, "too_large")
    assert "a lower limit" in refused.error["message"]
    some = reading_calls()("/api/v1/calls", query={"limit": "5"})
    assert (some.status, len(some.json["data"]["calls"])) == (200, 5)
    assert carried(some.text) < LARGEST_CARRIED


def test_an_export_that_would_be_too_large_goes_on_by_its_link(dialer: Dialer):
    (campaign_id,) = _campaign(dialer, 1)
    path = f"/api/v1/campaigns/{campaign_id}/export.csv"
    seen, query = 0, {}
    while query is not None:
        part = Endpoint("dialing/export_calls", "GET", partner())(path, query=query)
        assert part.status == 200
        assert carried(part.text) <= LARGEST_CARRIED
        seen += len(part.text.splitlines()) - 1
        link = part.headers.get("Link")
        query = {"cursor": link.partition("cursor=")[2].partition("&")[0]} if link else None
    assert seen == ROWS_OF_A_REQUEST


def test_calls_that_were_created_are_shown_as_far_as_they_are_carried(dialer: Dialer):
    """Every quotation mark of the request is three more bytes on the way back."""
    reply = dialer.schedule(calls=[CALL | QUOTES] * ROWS_OF_A_REQUEST)
    assert reply.status == 200
    assert carried(reply.text) <= LARGEST_CARRIED
    assert 0 < len(reply.json["createdCalls"]) < ROWS_OF_A_REQUEST
    assert (reply.json["total"], bool(reply.json["next"])) == (ROWS_OF_A_REQUEST, True)


def test_a_table_of_too_many_rows_in_a_body_is_told_of_uploads(dialer: Dialer):
    refused = dialer.schedule(csv_file="phone_number\n" + "+12025550143\n" * 10_001)
    (detail,) = refused.error["details"]
    assert (refused.status, detail["code"]) == (400, "too_many")
    assert "10,000 rows" in detail["message"]
    assert "as an upload" in detail["message"]


@pytest.mark.parametrize(
    ("letters", "rows", "is_whole"),
    [pytest.param("ab", 40, True, id="dull", marks=pytest.mark.slow), pytest.param(HAN, 15, False, id="rich")],
)
def test_a_compressed_answer_is_cut_if_what_it_holds_is_not_to_be_compressed(
    dialer: Dialer, monkeypatch: pytest.MonkeyPatch, letters: str, rows: int, *, is_whole: bool
):
    monkeypatch.setattr("slotline.http.dialing.created_calls.LARGEST_COMPRESSED", 1_000_000)
    random.seed(4)
    params = [{f"p{n}": "".join(random.choices(letters, k=4_000)) for n in range(10)} for _ in range(rows)]
    calls = [CALL | row for row in params]
    reply = dialer.schedule(calls=calls, accept="gzip")
    assert reply.status == 200
    unpacked = json.loads(gzip.decompress(base64.b64decode(reply.text)))
    assert (len(unpacked["createdCalls"]) == len(calls)) == is_whole
    assert bool(unpacked["next"]) != is_whole
    assert unpacked["createdCalls"]
    assert len(base64.b64decode(reply.text)) < 1_500_000
