"""Which methods an address answers, and where an address leads that has no route of its own."""

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import quote

ROUTES = Path(__file__).with_name("routes.json")
"""The template's routes with their methods, the most specific first, written by `make openapi`."""
FRONT = "/"
DOCUMENTS = "/api/v1/docs"
_LEAD_TO_DOCUMENTS = frozenset({"/docs", "/api", "/api/v1"})
_READ = ("GET", "HEAD")
_PLAIN = "/:@!$&'()*+,;="
"""What a path may hold as it is, beside letters, digits and `-._~` (RFC 3986, section 3.3)."""


def methods_at(path: str) -> list[str]:
    """The methods that an address answers, by its own route or by the default one. None: there is nothing."""
    if path == FRONT or path in _LEAD_TO_DOCUMENTS:
        return [*_READ]
    return next((methods for pattern, methods in _routes() if pattern.fullmatch(path)), [])


def ends_in_one_slash_too_many(path: str) -> bool:
    """Whether there is something at this address without the slash at its end."""
    return path.endswith("/") and bool(methods_at(path.removesuffix("/")))


def better_address(path: str) -> str | None:
    """The path where whoever asks to read this one finds what it means. None: it leads nowhere.

    Only an address that something answers comes out of it, so nobody's link leads to another host by it.
    """
    bare = path.removesuffix("/")
    if bare in _LEAD_TO_DOCUMENTS:
        return DOCUMENTS
    return bare if ends_in_one_slash_too_many(path) and "GET" in methods_at(bare) else None


def location(path: str, query: str) -> str:
    """A path as an event has it, decoded, and a query as it was sent, as the value of `Location`."""
    written = quote(path, safe=_PLAIN, errors="replace")
    return f"{written}?{quote(query, safe=_PLAIN + '%?[]', errors='replace')}" if query else written


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
