"""The emulator of `make run`, which also counts what it is asked: requests to DynamoDB, and what they read and send.

Any client of any commit is counted alike, because the counting is on the other side of the wire. DynamoDB charges for
an item that was read and then filtered out, or only counted, as for one that is sent. So each query is asked once more,
after it was answered and without its filter, and what that brings is what it has read.
"""

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ministack.app import app

from local import ministack_server

PATH = "/_bench/counts"
"""GET says what was counted since the last time, and counts from then on; DELETE says it and counts no more."""
_GETS, _WALKS = ("GetItem", "BatchGetItem"), ("Query", "Scan")
_OF_WHAT_IS_SENT = ("FilterExpression", "ProjectionExpression", "Select")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Counting:
    """An ASGI application around the emulator's."""

    def __init__(self) -> None:
        self._is_counting = False
        self._begin()

    def _begin(self) -> None:
        self._operations: list[str] = []
        self._bytes_read = self._bytes_sent = self._rows_read = 0
        self._walks: list[tuple[Message, dict[str, Any]]] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Count one request, or say what was counted."""
        if scope["type"] == "http" and scope["path"] == PATH:
            await self._tell(send)
            self._is_counting = scope["method"] == "GET"
        elif scope["type"] == "http" and self._is_counting and (operation := _operation_of(scope)):
            await self._count(operation, scope, receive, send)
        else:
            await app(scope, receive, send)

    async def _tell(self, send: Send) -> None:
        for scope, request in self._walks:
            whole = {name: value for name, value in request.items() if name not in _OF_WHAT_IS_SENT}
            answer = await _answer_to(scope, json.dumps(_without_unused(whole)).encode())
            self._bytes_read += len(answer)
            self._rows_read += len(json.loads(answer).get("Items", ()))
        spent = {
            "operations": self._operations,
            "bytes_read": self._bytes_read,
            "rows_read": self._rows_read,
            "bytes_sent": self._bytes_sent,
        }
        body = json.dumps(spent).encode()
        self._begin()
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": body})

    async def _count(self, operation: str, scope: Message, receive: Receive, send: Send) -> None:
        request, more = bytearray(), True
        while more:
            message = await receive()
            request += message.get("body", b"")
            more = message.get("more_body", False)
        answer = await _answer_to(scope, bytes(request), send)
        self._operations.append(operation)
        self._bytes_sent += len(answer)
        if operation in _GETS:
            self._bytes_read += len(answer)
            self._rows_read += _rows_of(json.loads(answer))
        elif operation in _WALKS:
            self._walks.append((scope, json.loads(request)))


async def _answer_to(scope: Message, request: bytes, send: Send | None = None) -> bytes:
    """The emulator's answer, which is also sent on if somebody waits for it."""
    answer = bytearray()

    async def receive() -> Message:
        return {"type": "http.request", "body": request, "more_body": False}

    async def note(message: Message) -> None:
        answer.extend(message.get("body", b""))
        if send is not None:
            await send(message)

    await app(scope, receive, note)
    return bytes(answer)


def _rows_of(answer: dict[str, Any]) -> int:
    """Of a GetItem or a BatchGetItem."""
    return ("Item" in answer) + sum(len(rows) for rows in answer.get("Responses", {}).values())


def _without_unused(request: dict[str, Any]) -> dict[str, Any]:
    """DynamoDB refuses names and values that no expression uses."""
    used = set(re.findall(r"[#:]\w+", request.get("KeyConditionExpression", "")))
    for field in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        kept = {name: value for name, value in request.pop(field, {}).items() if name in used}
        if kept:
            request[field] = kept
    return request


def _operation_of(scope: Message) -> str:
    """Of DynamoDB's API; empty for any other service's."""
    target: bytes = next((value for name, value in scope["headers"] if name == b"x-amz-target"), b"")
    service, _, operation = target.decode("latin-1").partition(".")
    return operation if service.startswith("DynamoDB_") else ""


if __name__ == "__main__":
    ministack_server.main(Counting())
