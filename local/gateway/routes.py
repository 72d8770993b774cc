"""Which route answers a request, in API Gateway's order of preference.

For an HTTP API the most specific route wins: a literal segment before `{param}` before `{proxy+}`,
at equal path the request's own method before `ANY`, and `$default` for whatever is left, including a
known path under another method ("Working with routes for HTTP APIs" of the developer guide).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from local.template import DEFAULT_ROUTE, Route

_LITERAL, _PARAM, _GREEDY = range(3)


@dataclass(frozen=True, slots=True)
class Match:
    """A route and what the path's variables stand for, decoded."""

    route: Route
    path_parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A route, ready to be compared."""

    route: Route
    segments: tuple[tuple[int, str], ...]

    @property
    def rank(self) -> tuple[tuple[int, ...], bool]:
        """Lower is more specific."""
        return tuple(kind for kind, _ in self.segments), self.route.method == "ANY"

    def match(self, method: str, parts: list[str]) -> Match | None:
        """The route, should it fit. An empty segment fits no variable."""
        if self.route.method not in {"ANY", method}:
            return None
        greedy = self.segments[-1][0] == _GREEDY
        if len(parts) < len(self.segments) or (len(parts) > len(self.segments) and not greedy):
            return None
        found: dict[str, str] = {}
        for index, (kind, name) in enumerate(self.segments):
            text = "/".join(parts[index:]) if kind == _GREEDY else parts[index]
            if kind == _LITERAL:
                if unquote(text) != name:
                    return None
            elif text:
                found[name] = unquote(text)
            else:
                return None
        return Match(self.route, found)


class RouteTable:
    """All routes of the API."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._default: Route | None = None
        patterns = []
        for route in routes:
            if route.path == DEFAULT_ROUTE:
                self._default = route
            else:
                patterns.append(_Pattern(route, _segments(route.path)))
        self._patterns = sorted(patterns, key=lambda pattern: pattern.rank)

    def choose(self, method: str, raw_path: str) -> Match | None:
        """The route for a request, by its path as it came over the wire (still percent-encoded).

        Splitting before decoding keeps an encoded slash inside its segment.
        """
        parts = raw_path.removeprefix("/").split("/")
        for pattern in self._patterns:
            found = pattern.match(method, parts)
            if found is not None:
                return found
        return None if self._default is None else Match(self._default, {})


def _segments(path: str) -> tuple[tuple[int, str], ...]:
    return tuple(_segment(text) for text in path.removeprefix("/").split("/"))


def _segment(text: str) -> tuple[int, str]:
    if text.startswith("{") and text.endswith("+}"):
        return _GREEDY, text[1:-2]
    if text.startswith("{") and text.endswith("}"):
        return _PARAM, text[1:-1]
    return _LITERAL, text
