"""The default route: 404 where nothing is, 405 where something answers other methods (RFC 9110 §15.5.6)."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from slotline.clock import SystemClock
from slotline.domain.shared.errors import DomainError, MethodNotAllowed, NotFound
from slotline.http.core.problems import answer_to

# The template's routes, the most specific first, written by `make openapi`.
ROUTES = Path(__file__).with_name("routes.json")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one payload 2.0 event."""
    answer = answer_to(_error(event["rawPath"], event["requestContext"]["http"]["method"]), SystemClock().now())
    return {
        "statusCode": answer.problem.status.value,
        "headers": {"Content-Type": "application/json", **answer.headers},
        "body": answer.body,
    }


def _error(path: str, method: str) -> DomainError:
    allowed = next((methods for pattern, methods in _routes() if pattern.fullmatch(path)), [])
    if not allowed or method in allowed:
        return NotFound("There is nothing at this address.")
    return MethodNotAllowed(f"{method} is not answered here. Send {' or '.join(allowed)}.", allowed=allowed)


@cache
def _routes() -> list[tuple[re.Pattern[str], list[str]]]:
    found: dict[str, list[str]] = json.loads(ROUTES.read_text(encoding="utf-8"))
    return [(re.compile(_pattern(path)), methods) for path, methods in found.items()]


def _pattern(path: str) -> str:
    """A route's path as a pattern: `{name}` is one segment, `{name+}` the rest."""
    parts = re.split(r"(\{[^}]+\})", path)
    return "".join(
        (".+" if part.endswith("+}") else "[^/]+") if part.startswith("{") else re.escape(part) for part in parts
    )
