"""`/__local/clock`: what time it is for the local system, and how it is moved on: by a program, or by a button."""

import json
import math
from dataclasses import dataclass
from urllib.parse import parse_qs

from local.clock import LocalClock
from local.gateway.answers import Answer
from local.gateway.app import START
from local.gateway.events import Request

FURTHEST_SECONDS = 10 * 366 * 86_400
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_HEADERS = (("content-type", _JSON), ("cache-control", "no-store"))


@dataclass(frozen=True, slots=True)
class ClockPage:
    """Answers `GET /__local/clock`, and `POST` with `{"advance_seconds": …}`: time only goes forward."""

    clock: LocalClock

    async def __call__(self, request: Request) -> Answer:
        """The system's time, after it was moved where that was asked; a form's button leads back to its page."""
        if request.method == "POST":
            return self._move(request)
        if request.method not in {"GET", "HEAD"}:
            return _refusal(405, "this page takes GET and POST")
        return self._told()

    def _move(self, request: Request) -> Answer:
        kind = request.header("content-type")
        # A page in a browser cannot send JSON to another origin unasked. A form it can, and then says its own origin.
        is_ours = kind == _FORM and request.header("origin") == f"http://{request.header('host')}"
        if kind != _JSON and not is_ours:
            return _refusal(415, f"send JSON, as {_JSON}")
        seconds = _of_form(request.body) if is_ours else _of_json(request.body)
        if seconds is None or not 0 <= seconds <= FURTHEST_SECONDS - self.clock.offset:
            return _refusal(400, 'send {"advance_seconds": n}: forward only, and ten years at most')
        self.clock.advance(seconds)
        return Answer(303, (("location", START), ("cache-control", "no-store")), b"") if is_ours else self._told()

    def _told(self) -> Answer:
        now = self.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return Answer(200, _HEADERS, json.dumps({"now": now, "ahead_seconds": self.clock.offset}).encode())


def _of_json(body: bytes) -> float | None:
    try:
        seconds = json.loads(body)["advance_seconds"]
    except (ValueError, TypeError, KeyError):
        return None
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool) and math.isfinite(seconds)
    return float(seconds) if is_number else None


def _of_form(body: bytes) -> float | None:
    text = parse_qs(body.decode("latin-1")).get("advance_seconds", [""])[0]
    return float(text) if text.isascii() and text.isdigit() and len(text) <= len(str(FURTHEST_SECONDS)) else None


def _refusal(status: int, message: str) -> Answer:
    return Answer(status, _HEADERS, json.dumps({"error": message}).encode())
