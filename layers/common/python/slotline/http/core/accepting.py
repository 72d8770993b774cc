"""What a client says that it takes: weighted lists in headers (RFC 9110 §12.4.2)."""

from collections.abc import Mapping, Sequence
from typing import Any

_MOST = 20
"""Entries of a list that are looked at."""


def weighted(value: str) -> Sequence[tuple[str, float]]:
    """What a header lists, in its order, each with its weight: 0 is what is not wanted."""
    found = []
    for part in value.split(",")[:_MOST]:
        name, _, parameters = part.partition(";")
        if name.strip():
            found.append((name.strip(), _quality(parameters)))
    return found


def takes_gzip(event: Mapping[str, Any]) -> bool:
    """Whether whoever sent a payload 2.0 event can read a compressed answer (RFC 9110 §12.5.3)."""
    weights = {name.lower(): weight for name, weight in weighted(_header(event, "accept-encoding"))}
    return weights.get("gzip", weights.get("*", 0)) > 0


def takes_html(event: Mapping[str, Any]) -> bool:
    """Whether a browser asks, to show a page: it names HTML. Programs take anything, and so do scripts."""
    return any(name.lower() == "text/html" and weight > 0 for name, weight in weighted(_header(event, "accept")))


def _header(event: Mapping[str, Any], wanted: str) -> str:
    headers = event.get("headers") or {}
    return ",".join(str(value) for name, value in headers.items() if name.lower() == wanted)


def _quality(parameters: str) -> float:
    """The weight among an entry's parameters. What cannot be read is not wanted."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                found = float(value)
            except ValueError:
                return 0.0
            return found if 0 <= found <= 1 else 0.0
    return 1.0
