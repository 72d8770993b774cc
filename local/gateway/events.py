"""Requests as API Gateway hands them to Lambda: payload format 2.0.

Shapes follow "AWS Lambda integrations for HTTP APIs" of the developer guide. Only what the network
decides differs here: the protocol is plain HTTP and the domain is the request's host.
"""

import base64
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from local.gateway.routes import Match
from local.surroundings import ACCOUNT_ID, REGION

API_ID = "local"
STAGE = "$default"

_TEXT_TYPES = frozenset({"application/json", "application/javascript", "application/xml"})


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, wholly received."""

    method: str
    raw_path: str
    """Percent-encoded, as it came."""
    query: str
    headers: tuple[tuple[str, str], ...]
    """In order, names in lower case, duplicates kept."""
    body: bytes
    client: str
    protocol: str = "HTTP/1.1"
    port: int = 80

    def header(self, name: str) -> str | None:
        """The header's value, several joined by a comma. None: not sent."""
        values = [value for key, value in self.headers if key == name]
        return ",".join(values) if values else None


def build_event(request: Request, match: Match, request_id: str, now: float | None = None) -> dict[str, Any]:
    """The event of a request; keys without a value are left out, as AWS leaves them out."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": match.route.key,
        "rawPath": unquote(request.raw_path),
        "rawQueryString": request.query,
    }
    cookies = _cookies(request.headers)
    if cookies:
        event["cookies"] = cookies
    event["headers"] = _headers(request)
    if request.query:
        event["queryStringParameters"] = _joined(parse_qsl(request.query, keep_blank_values=True))
    event["requestContext"] = _context(request, match, request_id, time.time() if now is None else now)
    if match.path_parameters:
        event["pathParameters"] = match.path_parameters
    body, encoded = _body(request)
    if body is not None:
        event["body"] = body
    event["isBase64Encoded"] = encoded
    return event


def authorizer_event(event: dict[str, Any], identity: list[str] | None) -> dict[str, Any]:
    """The event of a Lambda authorizer for the same request: no body, but who claims to call."""
    kept = {key: value for key, value in event.items() if key not in {"body", "isBase64Encoded"}}
    http = event["requestContext"]["http"]
    return {
        **kept,
        "type": "REQUEST",
        "routeArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT_ID}:{API_ID}/{STAGE}/{http['method']}{http['path']}",
        "identitySource": identity,
    }


def new_request_id() -> str:
    """An id in the look of API Gateway's (the `apigw-requestid` header carries it too)."""
    return secrets.token_urlsafe(11) + "="


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in pairs:
        found[key] = f"{found[key]},{value}" if key in found else value
    return found


def _cookies(headers: Iterable[tuple[str, str]]) -> list[str]:
    return [part.strip() for name, value in headers if name == "cookie" for part in value.split(";") if part.strip()]


def _headers(request: Request) -> dict[str, str]:
    """All headers but cookies, which have a place of their own, and what the gateway adds."""
    headers = _joined(pair for pair in request.headers if pair[0] != "cookie")
    forwarded = headers.get("x-forwarded-for")
    headers["x-forwarded-for"] = f"{forwarded}, {request.client}" if forwarded else request.client
    headers["x-forwarded-port"] = str(request.port)
    headers["x-forwarded-proto"] = "http"
    headers.setdefault("x-amzn-trace-id", f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}")
    return headers


def _context(request: Request, match: Match, request_id: str, now: float) -> dict[str, Any]:
    host = request.header("host") or ""
    domain = host if host.startswith("[") else host.partition(":")[0]
    return {
        "accountId": ACCOUNT_ID,
        "apiId": API_ID,
        "domainName": domain,
        "domainPrefix": domain.partition(".")[0],
        "http": {
            "method": request.method,
            "path": unquote(request.raw_path),
            "protocol": request.protocol,
            "sourceIp": request.client,
            "userAgent": request.header("user-agent") or "",
        },
        "requestId": request_id,
        "routeKey": match.route.key,
        "stage": STAGE,
        "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now * 1000),
    }


def _body(request: Request) -> tuple[str | None, bool]:
    """The body as text, or in Base64 unless its type says that it is text.

    Form bodies count as binary for an HTTP API, and so does whatever is compressed.
    """
    if not request.body:
        return None, False
    media_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
    textual = media_type.startswith("text/") or media_type in _TEXT_TYPES or media_type.endswith(("+json", "+xml"))
    if textual and request.header("content-encoding") in {None, "identity"}:
        try:
            return request.body.decode("utf-8"), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode("ascii"), True
