"""The OpenAPI document, the page that shows it, and the answer at every other address."""

import base64
import gzip
import json
import re
from typing import Any

import pytest

from tests.support.aws.moto_tables import ENVIRONMENT
from tests.support.handlers import Endpoint, load_function

PAGE = "/api/v1/docs"
FILES = sorted(load_function("docs/openapi").FILES)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (ENVIRONMENT | {"SIGNING_KEY_IDS": "key"}).items():
        monkeypatch.setenv(name, value)


def ask(path: str, **headers: str) -> Any:
    return Endpoint("docs/openapi", "GET", None)(path, headers=headers)


@pytest.mark.parametrize("path", [*FILES, "/api/v1/openapi.json"])
def test_every_answer_carries_the_policies(path: str):
    answer = ask(path)
    assert answer.status == 200
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"].startswith("public, max-age=")


def test_the_page_has_nothing_inline_and_nothing_from_elsewhere():
    page = ask(PAGE).text
    assert re.findall(r"<script>|<style|\son\w+=|style=|//", page) == []
    wanted = {f"/api/v1/{link}" for link in re.findall(r'(?:src|href)="(docs/[^"]+)"', page)}
    assert wanted == set(FILES) - {PAGE}


def test_the_document_says_where_the_api_is():
    document = ask("/api/v1/openapi.json").json
    assert document["servers"] == [{"url": "https://api.example.com"}]
    flow = document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "https://api.example.com/api/v1/oauth/token"


@pytest.mark.parametrize("path", FILES)
def test_who_reads_gzip_gets_the_same_in_gzip(path: str):
    event = {"rawPath": path, "headers": {"accept-encoding": "gzip, br"}, "requestContext": {"domainName": "x"}}
    answer = load_function("docs/openapi").handler(event, None)
    assert answer["headers"]["Content-Encoding"] == "gzip"
    assert answer["isBase64Encoded"] is True
    assert gzip.decompress(base64.b64decode(answer["body"])).decode() == ask(path).text


@pytest.mark.parametrize("name", ["app.py", "../app.py", "..%2fapp.py", "", "swagger-ui.js/", "openapi.json"])
def test_no_other_file_is_served(name: str):
    assert ask(f"{PAGE}/{name}").status == 404


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/nothing", 404, None),
        ("GET", "/api/v1/oauth/token/", 404, None),
        ("GET", "/api/v1/oauth/token", 405, "POST"),
        ("PUT", "/api/v1/video/x/scheduled-calls", 405, "GET, HEAD, OPTIONS, POST"),
        ("PUT", "/api/v1/video/x/scheduled-calls/y", 405, "DELETE, GET, HEAD, PATCH"),
        ("PUT", "/api/v1/video/x/scheduled-calls/bulk", 405, "POST"),
        ("DELETE", "/api/v1/video/x/y/scheduled-calls", 404, None),
    ],
)
def test_another_method_is_told_which_are_answered(method: str, path: str, status: int, allow: str | None):
    answer = Endpoint("docs/no_such_route", method, None)(path)
    assert (answer.status, answer.headers.get("Allow")) == (status, allow)
    assert answer.error["type"] == ("not_found" if status == 404 else "invalid_request")
    assert json.dumps(answer.error["details"]) if status == 405 else answer.error["details"] == []
