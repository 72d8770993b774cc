"""GET /api/v1/openapi.json, and the page that shows it: nothing comes from another host, nothing runs inline."""

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from slotline.clock import SystemClock
from slotline.domain.access.identity import issuer_of
from slotline.domain.shared.errors import DomainError, InvalidRequest, NotFound
from slotline.http.core.accepting import takes_gzip
from slotline.http.core.methods import answers_get
from slotline.http.core.problems import JSON_HEADERS, answer_to
from slotline.settings import Settings

Event = Mapping[str, Any]
Answer = dict[str, Any]

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file of the page: where it lies, what it is, how long a browser may keep it."""

    folder: str
    name: str
    kind: str
    seconds: int


# Swagger UI comes with Powertools, in the layer.
_SWAGGER_UI = "event_handler/openapi/swagger_ui"
FILES = {
    "/api/v1/docs": File("", "page.html", "text/html; charset=utf-8", 300),
    "/api/v1/docs/start.js": File("", "start.js", "text/javascript; charset=utf-8", 300),
    "/api/v1/docs/page.css": File("", "page.css", "text/css; charset=utf-8", 300),
    "/api/v1/docs/swagger-ui.css": File(_SWAGGER_UI, "swagger-ui.min.css", "text/css; charset=utf-8", 86_400),
    "/api/v1/docs/swagger-ui.js": File(
        _SWAGGER_UI, "swagger-ui-bundle.min.js", "text/javascript; charset=utf-8", 86_400
    ),
}
"""Every path that is answered with a file. No part of a request ever names one."""


@answers_get(SystemClock)
def handler(event: Event, _context: object) -> Answer:
    """Answer one payload 2.0 event. The document, unlike its page, is a part of the API: it takes no query."""
    path = event["rawPath"]
    if path == "/api/v1/openapi.json":
        if said := event.get("rawQueryString"):
            return _refused(InvalidRequest.of_field(said.partition("=")[0], "is not a parameter of this request"))
        base = issuer_of(Settings.from_environment().api_base_url, event["requestContext"]["domainName"])
        return _answer(event, document(base), "application/json", 300)
    if path not in FILES:
        return _refused(NotFound("There is nothing at this address."))
    file = FILES[path]
    return _answer(event, _read(file), file.kind, file.seconds)


def document(base_url: str) -> bytes:
    """The OpenAPI document of the API at this address."""
    found = json.loads((HERE / "openapi.json").read_bytes())
    found["servers"] = [{"url": base_url}]
    flow = found["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    flow["tokenUrl"] = base_url + flow["tokenUrl"]
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


@cache
def _read(file: File) -> bytes:
    if not file.folder:
        return (HERE / file.name).read_bytes()
    powertools = find_spec("aws_lambda_powertools")  # finds without importing it
    if powertools is None or powertools.origin is None:
        raise FileNotFoundError(file.name)
    return (Path(powertools.origin).parent / file.folder / file.name).read_bytes()


@cache
def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()


def _answer(event: Event, content: bytes, kind: str, seconds: int) -> Answer:
    headers = {
        **HEADERS,
        "Content-Type": kind,
        "Cache-Control": f"public, max-age={seconds}",
        "Vary": "Accept-Encoding",
    }
    if takes_gzip(event):
        headers["Content-Encoding"] = "gzip"
        return {"statusCode": 200, "headers": headers, "body": _packed(content), "isBase64Encoded": True}
    return {"statusCode": 200, "headers": headers, "body": content.decode(), "isBase64Encoded": False}


def _refused(error: DomainError) -> Answer:
    answer = answer_to(error, SystemClock().now())
    headers = {**JSON_HEADERS, **answer.headers}
    return {"statusCode": answer.problem.status.value, "headers": headers, "body": answer.body}
