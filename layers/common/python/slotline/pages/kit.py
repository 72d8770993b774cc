"""The handler of a function that answers pages: Starlette's routes behind Mangum, and what every page has in common.

A function gives its routes; each is answered by an `Endpoint`, which is given what was asked and returns a page, a
redirection or raises what stands against it. Refusals become pages that say what to do next.
"""

import asyncio
import atexit
import base64
import gzip
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import parse_qsl, quote, urlencode

from mangum import Mangum
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from slotline import observability
from slotline.domain.access.websites import origins
from slotline.domain.shared.errors import BodyTooLarge, DomainError, InvalidRequest, NotFound
from slotline.http.core.accepting import takes_gzip
from slotline.http.core.methods import answers_get
from slotline.http.core.urls import LONGEST_ID as LONGEST_PART
from slotline.pages.languages import language_for
from slotline.pages.problems import NotFramed, Problem, problem_page
from slotline.pages.rendering import EVERYWHERE, HTML, Look, Page
from slotline.ports.shared import Clock, StoreBusyError
from slotline.words.catalogue import PAGES, languages

if TYPE_CHECKING:
    from mangum.types import LambdaContext

Event = Mapping[str, Any]
Answer = dict[str, Any]
MOST_FIELDS, MOST_BOXES = 200, 2_000
"""Of a form; and of one in which whoever signed in ticks some of a list that has no end, such as an app's agents."""
LONGEST_ID = 128
LARGEST_FORM = 64 * 1024
"""Bytes: twenty long answers fit."""
_YEARS = range(1970, 2200)
_WORTH_PACKING = 1024
_FRAMES = frozenset({"iframe", "frame", "embed", "object"})
"""What a browser calls what it shows a page in, if that is no tab (Fetch Metadata)."""
_UNREAD = frozenset({"host", "x-forwarded-port"})
"""Headers that Mangum takes apart, and nothing here needs."""
_HOST = "host"
"""Where the event then has the host that was asked: API Gateway hands on what is for its own names alone."""


class Tools(Protocol):
    """What the kit takes from `slotline.wiring.common`."""

    def begin(self, context: object) -> None:
        """An invocation begins."""
        ...

    def clock(self) -> Clock:
        """Now."""
        ...


@dataclass(frozen=True, slots=True)
class Redirect:
    """To another page, by GET: to load that again sends nothing again. `cookies`: values of `Set-Cookie`. `leaves`: it
    is a page of its own, also for a script that asked for a part of one."""

    to: str
    cookies: tuple[str, ...] = ()
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """Something that is no page: a calendar, say."""

    body: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser asks for."""

    request: Request
    form: Mapping[str, Sequence[str]]
    """The fields of a form that was sent, each with all its values."""

    @property
    def event(self) -> Event:
        """The payload 2.0 event."""
        event: Event = self.request.scope["aws.event"]
        return event

    @property
    def source(self) -> str:
        """The network address that it comes from: API Gateway's own word for it, which no header can change."""
        return str(self.event["requestContext"]["http"]["sourceIp"])

    @property
    def pairs(self) -> Sequence[tuple[str, str]]:
        """The query's parameters, in their order, as often as they are there."""
        return self.request.query_params.multi_items()

    @property
    def is_in_frame(self) -> bool:
        """Whether the answer is to be shown in a frame, as far as the browser says so."""
        return self.request.headers.get("sec-fetch-dest") in _FRAMES

    @property
    def framed_by(self) -> frozenset[str]:
        """Who may frame the answer, once that is known."""
        found: frozenset[str] = getattr(self.request.state, "framed_by", frozenset())
        return found

    def let_frame(self, sites: frozenset[str]) -> None:
        """These sites may frame whatever is answered, a refusal as well."""
        self.request.state.framed_by = sites

    def is_framed_by_others_than(self, sites: frozenset[str]) -> bool:
        """Whether another site than these shows the answer in a frame, as far as the browser says who asks."""
        said = self.request.headers
        if not self.is_in_frame or said.get("sec-fetch-site") == "same-origin":
            return False
        site = origins(["/".join(said.get("referer", "").split("/")[:3])])
        return bool(site) and not site <= sites

    def ways_to_languages(self, book: str = PAGES) -> Mapping[str, str]:
        """This address in each language."""
        others = [(name, value) for name, value in self.pairs if name != "lang"]
        return {tag: self.same_page(*others, ("lang", tag)) for tag in sorted(languages(book))}

    def same_page(self, *query: tuple[str, str]) -> str:
        """The address of this page with another query."""
        return f"{quote(self.event['rawPath'])}?{urlencode(query)}"

    def part(self, name: str) -> str:
        """A part of the path. Raises NotFound for one that is longer than any id: no store is asked for it."""
        found = self.token(name)
        if len(found.encode(errors="replace")) > LONGEST_PART:
            raise NotFound("There is nothing at this address.")
        return found

    def token(self, name: str) -> str:
        """The same, however long it is: what is judged before any store is asked for it."""
        return str(self.request.path_params[name])

    def query(self, name: str) -> str | None:
        """A parameter of the query: its last value."""
        return self.request.query_params.get(name)

    def field(self, name: str) -> str:
        """A field of the form, trimmed; nothing if it was not sent."""
        return (self.form.get(name) or [""])[-1].strip()

    def typed(self, name: str) -> str:
        """The same to the letter: a password may begin or end with a space."""
        return (self.form.get(name) or [""])[-1]

    def said(self, name: str) -> str | None:
        """A field of the form, or else a parameter of the query."""
        return self.field(name) or self.query(name) or None

    def id(self, name: str) -> str | None:
        """The same, if it may be the id of something: what is longer names nothing, and no store is asked for it."""
        found = self.said(name)
        return found if found and len(found) <= LONGEST_ID else None

    def day(self) -> date | None:
        """The day that the query says."""
        return self.day_of("day")

    def day_of(self, name: str) -> date | None:
        """A day that the query says."""
        return date_or_none(self.query(name))

    def month(self) -> date | None:
        """The first day of the month that the query says."""
        return date_or_none(f"{self.query('month')}-01")

    def language(self, *otherwise: str, known: str | None = None, book: str = PAGES) -> str:
        """The language of the answer. `otherwise`: what the service speaks; `known`: what the reader does."""
        return language_for(self.said("lang"), self.request.headers.get("accept-language"), otherwise, known, book)

    @property
    def is_of_htmx(self) -> bool:
        """Whether a script asks for a part of a page that is shown."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def is_refresh(self) -> bool:
        """Whether a part asks for itself again, and no person for anything."""
        return self.is_of_htmx and "slotline-refresh" in self.request.headers

    @property
    def is_from_here(self) -> bool:
        """Whether a page of ours sends this form, as far as the browser says who asks. A page cannot alter that."""
        said = self.request.headers
        site, origin = said.get("sec-fetch-site"), said.get("origin")
        if site is not None and site != "same-origin":
            return False
        return origin is None or origin.partition("://")[2] == self.event[_HOST]


Endpoint = Callable[[Asked], Page | Redirect | File]
Routes = Mapping[str, Endpoint]
"""By method and path as Starlette writes them: `GET /book/{app_id}`."""
Handler = Callable[[Event, object], Answer]
Refuse = Callable[[Problem, Asked], Response]


def page_handler(
    routes: Routes,
    tools: Tools,
    refusals_framed_by: frozenset[str] = frozenset(),
    *,
    largest_form: int = LARGEST_FORM,
    most_fields: int = MOST_FIELDS,
    secrets: frozenset[str] = frozenset(),
) -> Handler:
    """The Lambda's entry point of a function with these routes. It answers HEAD too, and 405 to every other method.

    `refusals_framed_by`: who may frame the page of a refusal. What is shown in frames says `ANYBODY`: much is refused
    before anybody knows whose page it is, and the guest must read in the frame what to do. A site that may not frame a
    page shows such a refusal in its place. `largest_form`: bytes of a form, where one holds a table; `most_fields`: of
    one, where one has more. `secrets`: fields that no page has again, not even one that sends the same once more.
    """
    serve = _mangum(_app(routes, tools, refusals_framed_by, _Bounds(largest_form, most_fields), secrets))

    @answers_get(tools.clock)
    def handler(event: Event, context: object) -> Answer:
        """Answer one payload 2.0 event. What it is logged by is its route: the path may be somebody's way in."""
        tools.begin(context)
        answer = serve(event, context)
        observability.logger.info("answered", route=event.get("routeKey"), status=answer["statusCode"])
        observability.flush()
        return packed(event, answer)

    return handler


def packed(event: Event, answer: Answer) -> Answer:
    """The answer, compressed if its browser takes that. How long it is says who sends it on."""
    headers = {name: value for name, value in answer["headers"].items() if name != "content-length"}
    body = answer["body"]
    if answer["isBase64Encoded"] or len(body) < _WORTH_PACKING:
        return {**answer, "headers": headers}
    headers["vary"] = ", ".join(filter(None, (headers.get("vary"), "Accept-Encoding")))
    if not takes_gzip(event):
        return {**answer, "headers": headers}
    small = gzip.compress(body.encode(), 6, mtime=0)
    headers["content-encoding"] = "gzip"
    return {**answer, "headers": headers, "body": base64.b64encode(small).decode(), "isBase64Encoded": True}


def _app(
    routes: Routes, tools: Tools, refusals_framed_by: frozenset[str], bounds: "_Bounds", secrets: frozenset[str]
) -> Starlette:
    async def nothing_here(request: Request, _error: Exception) -> Response:
        """For a path that API Gateway took for a route's and Starlette does not, such as one with an encoded slash."""
        return refuse(NotFound("There is nothing here."), Asked(request, {}))

    def refuse(error: Problem, asked: Asked) -> Response:
        known = asked.framed_by
        look = Look(language=asked.language(), framed_by=known or refusals_framed_by, tells_site=not known)
        sent = {name: values for name, values in asked.form.items() if name not in secrets}
        return _response(problem_page(error, look.language, tools.clock().now(), look=look, sent=sent), asked)

    app = Starlette(
        routes=[_route(key, endpoint, refuse, bounds) for key, endpoint in routes.items()],
        exception_handlers={HTTPException: nothing_here},
    )
    app.router.redirect_slashes = False  # it would take the address from the Host header
    return app


def _mangum(app: Starlette) -> Handler:
    """The app as a handler of payload 2.0 events."""
    for name in ("mangum", "mangum.http"):  # these would log the path, and the text of an error
        logging.getLogger(name).disabled = True
    asyncio.set_event_loop(_loop())
    mangum = Mangum(app, lifespan="off")

    def serve(event: Event, context: object) -> Answer:
        asyncio.set_event_loop(_loop())  # Mangum takes the thread's, and another may have taken that away
        return mangum(_as_mangum_reads(event), cast("LambdaContext", context))

    return serve


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """The one loop of this process that pages are answered on."""
    loop = asyncio.new_event_loop()
    atexit.register(loop.close)
    return loop


def _as_mangum_reads(event: Event) -> Answer:
    """The event for Mangum: it decodes the path, which is decoded, and reads the host's port, which nobody checked."""
    context, sent = event["requestContext"], event.get("headers") or {}
    path = quote(event["rawPath"], errors="replace")
    return {
        **event,
        _HOST: next((value for name, value in sent.items() if name.lower() == "host"), None),
        "headers": {name: value for name, value in sent.items() if name.lower() not in _UNREAD},
        "requestContext": {**context, "http": {**context["http"], "path": path}},
    }


@dataclass(frozen=True, slots=True)
class _Bounds:
    """How large a form may be."""

    largest: int
    most_fields: int


def _route(key: str, endpoint: Endpoint, refuse: Refuse, bounds: _Bounds) -> Route:
    method, _, path = key.partition(" ")

    async def answer(request: Request) -> Response:
        body = await request.body() if method == "POST" else b""
        return _answered(endpoint, request, body, refuse, bounds)

    return Route(path, answer, methods=[method], name=key)


def _answered(endpoint: Endpoint, request: Request, body: bytes, refuse: Refuse, bounds: _Bounds) -> Response:
    asked = Asked(request, {})
    try:
        asked = Asked(request, _form(body, bounds))
        answer = endpoint(asked)
        if isinstance(answer, Page) and asked.is_framed_by_others_than(answer.look.framed_by):
            return refuse(NotFramed("This site may not show the page in a frame."), asked)
        return _response(answer, asked)
    except (DomainError, StoreBusyError) as error:
        if isinstance(error, StoreBusyError):
            observability.log_failure("the store is busy", error)
        return refuse(error, asked)
    except Exception as error:  # noqa: BLE001 - the last resort: recorded, and answered without a word about us
        observability.log_unexpected(error, route=asked.event.get("routeKey"))
        return refuse(None, asked)


def _response(answer: Page | Redirect | File, asked: Asked) -> Response:
    if isinstance(answer, File):
        return Response(answer.body, HTTPStatus.OK, {**EVERYWHERE, **answer.headers})
    if isinstance(answer, Redirect):
        response = _redirection(answer, asked)
    elif answer.live and asked.is_of_htmx:
        response = _refreshed(answer, asked)
    else:
        response = Response(answer.html(), answer.status, answer.all_headers())
    for cookie in answer.cookies:
        response.headers.append("Set-Cookie", cookie)
    return response


def _redirection(answer: Redirect, asked: Asked) -> Response:
    """A script's request follows a redirection by itself, and would put a whole page where it wanted a part of one."""
    if answer.leaves and asked.is_of_htmx:
        return _without_content({"HX-Redirect": answer.to})
    headers = {**EVERYWHERE, "Location": answer.to, "Content-Type": HTML}
    return Response("", HTTPStatus.SEE_OTHER, headers)


def _refreshed(answer: Page, asked: Asked) -> Response:
    """The part of the page alone; nothing if it is what its browser shows already. Not 304: scripts never see that."""
    part = answer.part()
    headers = {**answer.all_headers(), "ETag": part.tag}
    if asked.request.headers.get("if-none-match") == part.tag:
        return _without_content({"ETag": part.tag, "Vary": headers["Vary"]})
    return Response(part.html, answer.status, headers)


def _without_content(headers: Mapping[str, str]) -> Response:
    """Its type is said, or Mangum would say JSON."""
    return Response("", HTTPStatus.NO_CONTENT, {**EVERYWHERE, "Content-Type": HTML, **headers})


def is_within_calendar(day: date) -> bool:
    """Whether somebody can mean this day. One at an end of the calendar has no day beside it to reckon with, and in
    some zones no instants."""
    return day.year in _YEARS


def date_or_none(text: str | None) -> date | None:
    """The day that a text says; None for none that somebody can mean."""
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found and is_within_calendar(found) else None


def _form(body: bytes, bounds: _Bounds) -> Mapping[str, Sequence[str]]:
    """The fields of a form as browsers send it without files. Raises BodyTooLarge or InvalidRequest."""
    if len(body) > bounds.largest:
        raise BodyTooLarge(f"The form has more than {bounds.largest} bytes.")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=bounds.most_fields, errors="strict")
    except ValueError as error:
        raise InvalidRequest("The form cannot be read.") from error
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return found
