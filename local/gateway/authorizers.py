"""Lambda authorizers: whether a request may pass, and as whom.

API Gateway's rules: a request without one of the configured identity sources is a 401 and the function
is not asked; its answers are kept for the authorizer's time to live under the identity sources alone, so
an answer given for one route serves every route unless `$context.routeKey` is among them.
"""

import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from local.gateway.events import Request, authorizer_event
from local.template import Authorizer

Ask = Callable[[str, dict[str, Any]], Awaitable[bytes]]
"""Invoke a function by its logical id with an event; its JSON. Raises where the function failed."""

_MOST_KEPT = 10_000


class Refused(Exception):
    """The request goes no further: 401 or 403, or 500 where the authorizer answered nonsense."""

    def __init__(self, status: int, reason: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Authorizers:
    """Asks authorizers and remembers their answers."""

    def __init__(self, ask: Ask, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._kept: OrderedDict[tuple[str, ...], tuple[float, dict[str, Any]]] = OrderedDict()

    async def authorize(self, guard: Authorizer, request: Request, event: dict[str, Any]) -> None:
        """Add the caller's context to the event, or raise Refused."""
        identity = [_value(source, request, event) for source in guard.identity_sources]
        if not all(identity):
            raise Refused(401)
        key = (guard.name, *(value or "" for value in identity))
        answer = self._remembered(key) if guard.cache_seconds else None
        if answer is None:
            shown = [value or "" for value in identity] or None
            answer = _understood(await self._ask(guard.function, authorizer_event(event, shown)))
            if guard.cache_seconds:
                self._remember(key, answer, guard.cache_seconds)
        if not answer["isAuthorized"]:
            raise Refused(403)
        event["requestContext"]["authorizer"] = {"lambda": answer.get("context")}

    def _remembered(self, key: tuple[str, ...]) -> dict[str, Any] | None:
        until, answer = self._kept.get(key, (0.0, None))
        return answer if self._clock() < until else None

    def _remember(self, key: tuple[str, ...], answer: dict[str, Any], seconds: int) -> None:
        self._kept[key] = (self._clock() + seconds, answer)
        self._kept.move_to_end(key)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)


def _understood(payload: bytes) -> dict[str, Any]:
    answer = json.loads(payload)
    if not isinstance(answer, dict) or not isinstance(answer.get("isAuthorized"), bool):
        raise Refused(500, "the authorizer must answer {isAuthorized: true or false, context: {...}}")
    return answer


def _value(source: str, request: Request, event: Mapping[str, Any]) -> str | None:
    """What an identity source stands for in this request. None or empty: missing."""
    kind, _, name = source.partition(".")
    if source.startswith("$request.header."):
        return request.header(source.removeprefix("$request.header.").lower())
    if source.startswith("$request.querystring."):
        found = event.get("queryStringParameters", {}).get(source.removeprefix("$request.querystring."))
    elif kind == "$context":
        found = event["requestContext"]
        for step in name.split("."):
            found = found.get(step) if isinstance(found, dict) else None
    else:
        found = None  # stage variables: the local stage has none
    return None if found is None else str(found)
