"""GET /static/{file}: what browsers keep, and for how long."""

import base64
import gzip
from typing import Any

import pytest

from slotline.pages import assets
from tests.support.handlers import load_function

FOREVER = "public, max-age=31536000, immutable"


def ask(name: str, **headers: str) -> Any:
    event = {
        "rawPath": f"/static/{name}",
        "headers": headers,
        "requestContext": {"http": {"method": "GET"}, "domainName": "api.example.com"},
    }
    return load_function("pages/static").handler(event, None)


def hashed(name: str) -> str:
    return assets.url_of(name).removeprefix(assets.PATH)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("embed.js", "public, max-age=3600"),
        (hashed("embed.js"), FOREVER),
        (hashed("base.css"), FOREVER),
        ("base.0123456789ab.css", "public, max-age=60"),
        ("embed.0123456789ab.js", "public, max-age=60"),
    ],
)
def test_only_a_name_that_changes_with_its_file_is_kept_for_long(name: str, kept: str):
    answer = ask(name)
    assert (answer["statusCode"], answer["headers"]["Cache-Control"]) == (200, kept)


def test_what_embeds_our_pages_is_loaded_by_pages_of_others_under_one_name_for_good():
    answer = ask("embed.js")
    assert answer["body"] == assets.text_of("embed.js")
    assert answer["headers"]["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["headers"]["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"


def test_what_embeds_our_pages_costs_a_strangers_page_two_kilobytes_at_most():
    answer = ask("embed.js", **{"Accept-Encoding": "gzip, br"})
    sent = base64.b64decode(answer["body"])
    assert answer["headers"]["Content-Encoding"] == "gzip"
    assert gzip.decompress(sent) == assets.content_of("embed.js")
    assert len(sent) <= 2 * 1024


@pytest.mark.parametrize("name", ["nothing.css", "embed.css", "embed", "kit.py", "embed.js.map"])
def test_what_is_no_file_is_not_there_and_is_not_kept(name: str):
    answer = ask(name)
    assert (answer["statusCode"], answer["headers"]["Cache-Control"]) == (404, "no-store")
