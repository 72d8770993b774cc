"""The gateway as an ASGI application: from an HTTP request to a function's answer and back."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Protocol

from local.console import say, tell_failure
from local.gateway.answers import Answer, MalformedAnswer, gateway_error, to_answer
from local.gateway.authorizers import Authorizers, Refused
from local.gateway.events import Request, build_event, new_request_id
from local.gateway.renaming import renamed, with_added_type
from local.gateway.routes import Match, RouteTable
from local.host.outcomes import EventTooLargeError, FunctionFailedError, NoEnvironmentError, UnknownFunctionError
from local.template import DEFAULT_ROUTE, Template

LARGEST_BODY = 10 * 1024 * 1024
LARGEST_HEAD = 10_240
"""Bytes of request line and headers together (quotas of HTTP APIs, as is the body's)."""

_MATCH = "slotline.match"
"""Of a scope: the route that was found for it."""

START = "/__local"
"""Where the local system says what it has. A browser that asks for `/` is led there."""
_TO_START = Answer(302, (("location", START), ("cache-control", "no-store"), ("vary", "accept")), b"")

_PORT = re.compile(r":\d{1,5}$", re.ASCII)

_NOT_HERE = Answer(
    403,
    (("content-type", "application/json"), ("cache-control", "no-store")),
    json.dumps({"error": "pages under /__local answer to localhost, 127.0.0.1 and [::1] only"}).encode(),
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Page = Callable[[Request], Awaitable[Answer]]
"""What the local runtime itself answers at one path, whatever the method."""


class Invoker(Protocol):
    """Runs a function by its logical id."""

    async def invoke(self, logical_id: str, event: bytes) -> bytes:
        """The function's JSON. Raises one of the outcomes of `local.host.outcomes`."""
        ...


class Gateway:
    """One HTTP API."""

    def __init__(self, invoker: Invoker, *, renames_headers: bool = False) -> None:
        """`renames_headers`: see `local.gateway.renaming`."""
        self._invoker = invoker
        self._pages: Mapping[str, Page] = {}
        self._renames_headers = renames_headers
        self._authorizers = Authorizers(self._ask)
        self._routes: RouteTable | None = None
        self._ready = asyncio.Event()
        self._late: set[asyncio.Task[bytes]] = set()

    def show(self, pages: Mapping[str, Page]) -> None:
        """Answer with these pages, by path (`/__local` and under it)."""
        self._pages = pages

    def use(self, template: Template) -> None:
        """Serve this template's routes. What authorizers answered so far is forgotten."""
        self._authorizers = Authorizers(self._ask)
        self._routes = RouteTable(template.routes)
        self._ready.set()

    def refuse(self) -> None:
        """Answer 500 to everything until there is a template again."""
        self._routes = None

    def serves(self, path: str) -> bool:
        """Whether something answers a GET of this path: a page, or a route of its own."""
        match = self._routes.choose("GET", path) if self._routes else None
        return path in self._pages or path == "/" or (match is not None and match.route.path != DEFAULT_ROUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request (ASGI)."""
        began = time.perf_counter()
        answer = await self._answer(scope, receive)
        await send_answer(send, answer)
        took = (time.perf_counter() - began) * 1000
        say(f"{scope['method']:<6} {self._route_of(scope)} {answer.status} {took:.0f} ms")

    def _route_of(self, scope: Scope) -> str:
        """What a line about a request names it by, as API Gateway's access log does: a path may hold a guest's link."""
        if _page_path(scope) in self._pages:
            return _page_path(scope)
        match = self._match_of(scope)
        return match.route.path if match else "-"

    def _match_of(self, scope: Scope) -> Match | None:
        """The route of a request: looked for once, and kept in its scope for the line about it."""
        if self._routes and _MATCH not in scope:
            scope[_MATCH] = self._routes.choose(scope["method"], scope["raw_path"].decode("latin-1"))
        return scope.get(_MATCH)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        if _head_size(scope) > LARGEST_HEAD:
            return gateway_error(431)
        body = await whole_body(scope, receive)
        if body is None:
            return gateway_error(413)
        request = to_request(scope, body)
        page = self._pages.get(_page_path(scope))
        if page is not None:
            return await page(request) if _names_this_machine(request) else _NOT_HERE
        if START in self._pages and _is_of_a_newcomer(request):
            return _TO_START
        await self._ready.wait()
        if self._routes is None:
            return gateway_error(500)
        if self._renames_headers:
            request = with_added_type(request)
        match = self._match_of(scope)
        if match is None:
            return gateway_error(404)
        request_id = new_request_id()
        answer = await self._through(request, match, request_id)
        if self._renames_headers:
            answer = renamed(answer)
        return Answer(answer.status, (*answer.headers, ("apigw-requestid", request_id)), answer.body)

    async def _through(self, request: Request, match: Match, request_id: str) -> Answer:
        """The route's answer, or the gateway's own where AWS would give that."""
        function = match.route.function
        event = build_event(request, match, request_id)
        try:
            if match.route.authorizer is not None:
                function = match.route.authorizer.function
                await self._authorizers.authorize(match.route.authorizer, request, event)
                function = match.route.function
            return to_answer(await self._in_time(function, event, match.route.timeout_seconds))
        except EventTooLargeError:
            return gateway_error(413)
        except (NoEnvironmentError, TimeoutError):
            return gateway_error(503)
        except FunctionFailedError as failed:
            tell_failure(function, failed.error)
        except UnknownFunctionError:
            say(f"{function} is not loaded")
        except MalformedAnswer as malformed:
            say(f"{function} answered what API Gateway would not accept: {malformed}")
        except Refused as refused:
            if refused.reason:
                say(f"{function}: {refused.reason}")
            return gateway_error(refused.status)
        return gateway_error(500)

    async def _in_time(self, function: str, event: Mapping[str, Any], seconds: float) -> bytes:
        """The function's JSON. TimeoutError past the limit; the function goes on then, as in AWS."""
        asking = asyncio.create_task(self._ask(function, event))
        done, _ = await asyncio.wait({asking}, timeout=seconds)
        if done:
            return asking.result()
        self._late.add(asking)
        asking.add_done_callback(self._came_late)
        raise TimeoutError

    def _came_late(self, asking: asyncio.Task[bytes]) -> None:
        self._late.discard(asking)
        if not asking.cancelled() and asking.exception() is not None:
            say(f"after its caller had its 503: {asking.exception()}")

    async def _ask(self, function: str, event: Mapping[str, Any]) -> bytes:
        return await self._invoker.invoke(function, json.dumps(event).encode())


def _page_path(scope: Scope) -> str:
    """The path of a page, which a slash at its end does not change."""
    return str(scope["path"]).removesuffix("/")


def _is_of_a_newcomer(request: Request) -> bool:
    """Whether a browser asks this machine for `/`. Programs, and `/?` with anything, get what a deployment answers."""
    is_asked = request.method in {"GET", "HEAD"} and (request.raw_path, request.query) == ("/", "")
    return is_asked and "text/html" in (request.header("accept") or "") and _names_this_machine(request)


def _names_this_machine(request: Request) -> bool:
    """Whether it was sent to a loopback name. A page on the Internet whose name was made to lead here says its own."""
    name = (request.header("host") or "").lower()
    return _PORT.sub("", name) in {"localhost", "127.0.0.1", "[::1]"}


def _head_size(scope: Scope) -> int:
    line = len(scope["method"]) + len(scope["raw_path"]) + len(scope["query_string"])
    return line + sum(len(name) + len(value) for name, value in scope["headers"])


async def whole_body(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body. None: over the limit."""
    announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if int(announced) > LARGEST_BODY:
        return None
    parts = bytearray()
    while True:
        message = await receive()
        parts += message.get("body", b"")
        if len(parts) > LARGEST_BODY:
            return None
        if not message.get("more_body"):
            return bytes(parts)


def to_request(scope: Scope, body: bytes) -> Request:
    """The request of an ASGI scope."""
    return Request(
        method=scope["method"],
        raw_path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]),
        body=body,
        client=scope["client"][0] if scope.get("client") else "127.0.0.1",
        protocol=f"HTTP/{scope['http_version']}",
        port=scope["server"][1],
    )


async def send_answer(send: Send, answer: Answer) -> None:
    """Put an answer on the wire (ASGI)."""
    empty = answer.status in {204, 304}
    body = b"" if empty else answer.body
    headers = [(name.encode(), value.encode()) for name, value in answer.headers]
    if not empty:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
