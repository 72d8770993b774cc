"""What a function returned, or why there is nothing, as an HTTP answer.

AWS's own error bodies hold `message` and nothing else. Beside it these hold the `error` object of our
API, because callers are promised that shape from the gateway too.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_TYPES = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    429: "rate_limit_exceeded",
    500: "server_error",
    503: "unavailable",
}
_MESSAGES = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    413: "Request Entity Too Large",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_SERVERS_OWN = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})
"""Headers that the HTTP server decides; a function's are dropped, as API Gateway drops them."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110, section 5.6.2."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, ready for the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class MalformedAnswer(Exception):
    """The function returned something that API Gateway would not accept."""


def gateway_error(status: int) -> Answer:
    """The gateway's own refusal or failure."""
    message = _MESSAGES[status]
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    error = {
        "type": _TYPES.get(status, "invalid_request"),
        "message": message,
        "timestamp": now,
        "details": [],
    }
    headers = [("content-type", "application/json")]
    if status == 503:
        headers.append(("retry-after", "1"))
    return Answer(status, tuple(headers), json.dumps({"message": message, "error": error}).encode())


def to_answer(payload: bytes) -> Answer:
    """A function's JSON as payload format 2.0 reads it. Raises MalformedAnswer.

    Without a `statusCode` the whole payload is the body of a 200: text as it is, all else as JSON.
    """
    result = json.loads(payload)
    if not isinstance(result, dict) or "statusCode" not in result:
        body = result.encode() if isinstance(result, str) else payload
        return Answer(200, (("content-type", "application/json"),), body)
    status, body = _status(result["statusCode"]), _body(result)
    headers = list(_headers(result.get("headers") or {}))
    if body and not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain;charset=UTF-8"))
    headers.extend(("set-cookie", _text(cookie)) for cookie in result.get("cookies") or [])
    return Answer(status, tuple(headers), body)


def _status(value: object) -> int:
    try:
        status = int(str(value))
    except ValueError:
        status = 0
    if not 200 <= status <= 599:
        raise MalformedAnswer(f"statusCode must be a number from 200 to 599, not {value!r}")
    return status


def _headers(found: object) -> list[tuple[str, str]]:
    if not isinstance(found, dict):
        raise MalformedAnswer("headers must be an object")
    wrong = [name for name in found if not _TOKEN.fullmatch(name)]
    if wrong:
        raise MalformedAnswer(f"{wrong[0]!r} cannot be a header's name")
    return [
        (name.lower(), _text(value))
        for name, value in found.items()
        if value is not None and name.lower() not in _SERVERS_OWN
    ]


def _text(value: object) -> str:
    """A header's value. A line break would let a function's data write headers of its own."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "\r" in text or "\n" in text or "\0" in text:
        raise MalformedAnswer("a header's value holds a line break")
    return text


def _body(result: dict[str, Any]) -> bytes:
    body = result.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise MalformedAnswer(f"body must be text, not {type(body).__name__}: encode it as JSON first")
    if not result.get("isBase64Encoded"):
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise MalformedAnswer("isBase64Encoded is set, but body is not Base64") from error
