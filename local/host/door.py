"""The private door of the local Lambda: `POST /functions/{logical id}` with an event runs a function.

The emulator comes through it for queues, streams and schedules, and `make invoke` for a person. It has a
loopback port of its own, so that no path of the public one invokes a function without its gateway.
"""

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from local.console import say, tell_failure
from local.gateway.app import Receive, Scope, Send
from local.host.outcomes import (
    EventTooLargeError,
    FunctionFailedError,
    NoEnvironmentError,
    UnknownFunctionError,
    failure,
)
from local.host.pool import Pool

PATH = "/functions/"


class Door:
    """An ASGI application in front of the pool.

    Answers 200 with the function's JSON; 500 with Lambda's error document where the function failed, which
    the emulator takes for a function error; 404, 413, 415, 429 where it never ran.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one function (ASGI)."""
        began = time.perf_counter()
        logical_id = unquote(scope["path"].removeprefix(PATH))
        status, payload = await self._run(scope, logical_id, receive)
        head = [(b"content-type", b"application/json"), (b"content-length", str(len(payload)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": payload})
        took = (time.perf_counter() - began) * 1000
        say(f"invoke {logical_id} {'ok' if status == 200 else status} {took:.0f} ms")

    async def _run(self, scope: Scope, logical_id: str, receive: Receive) -> tuple[int, bytes]:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        # A page in a browser cannot send this type to another origin unasked.
        if scope["method"] != "POST" or headers.get(b"content-type") != "application/json":
            return _refusal(415, "InvalidRequestContentException", "POST an event as application/json")
        event = await _whole(receive)
        try:
            json.loads(event)
        except ValueError as error:
            return _refusal(400, "InvalidRequestContentException", f"The event is not JSON: {error}")
        try:
            return 200, await self._pool.invoke_for_event(
                logical_id, event, headers.get(b"x-amzn-lambda-request-id"), _deadline(headers)
            )
        except FunctionFailedError as failed:
            tell_failure(logical_id, failed.error)
            return 500, json.dumps(failed.error).encode()
        except UnknownFunctionError:
            known = ", ".join(self._pool.functions)
            return _refusal(404, "ResourceNotFoundException", f"There is no function {logical_id}; there are {known}")
        except EventTooLargeError:
            return _refusal(413, "RequestTooLargeException", "The event is over 6 MB")
        except NoEnvironmentError:
            return _refusal(429, "TooManyRequestsException", "No execution environment became free")


def _refusal(status: int, kind: str, message: str) -> tuple[int, bytes]:
    return status, json.dumps(failure(kind, message)).encode()


def _deadline(headers: Mapping[bytes, str]) -> float | None:
    found = headers.get(b"x-amzn-lambda-deadline-ms", "")
    return int(found) / 1000 if found.isdigit() else None


async def _whole(receive: Receive) -> bytes:
    parts = bytearray()
    more: Any = True
    while more:
        message = await receive()
        parts += message.get("body", b"")
        more = message.get("more_body")
    return bytes(parts)
