"""`/__local/clock`: what time it is for the local system, and how it is moved on."""

import json
import math
from dataclasses import dataclass

from local.clock import LocalClock
from local.gateway.answers import Answer
from local.gateway.events import Request

FURTHEST_SECONDS = 10 * 366 * 86_400
_HEADERS = (("content-type", "application/json"), ("cache-control", "no-store"))


@dataclass(frozen=True, slots=True)
class ClockPage:
    """Answers `GET /__local/clock`, and `POST` with `{"advance_seconds": …}`: time only goes forward."""

    clock: LocalClock

    async def __call__(self, request: Request) -> Answer:
        """The system's time, after it was moved where that was asked."""
        if request.method == "POST":
            # A page in a browser cannot send this type to another origin unasked.
            if request.header("content-type") != "application/json":
                return _refusal(415, "send JSON, as application/json")
            seconds = _seconds(request.body)
            if seconds is None or not 0 <= seconds <= FURTHEST_SECONDS - self.clock.offset:
                return _refusal(400, 'send {"advance_seconds": n}: forward only, and ten years at most')
            self.clock.advance(seconds)
        elif request.method not in {"GET", "HEAD"}:
            return _refusal(405, "this page takes GET and POST")
        now = self.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return Answer(200, _HEADERS, json.dumps({"now": now, "ahead_seconds": self.clock.offset}).encode())


def _seconds(body: bytes) -> float | None:
    try:
        seconds = json.loads(body)["advance_seconds"]
    except (ValueError, TypeError, KeyError):
        return None
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool) and math.isfinite(seconds)
    return float(seconds) if is_number else None


def _refusal(status: int, message: str) -> Answer:
    return Answer(status, _HEADERS, json.dumps({"error": message}).encode())
