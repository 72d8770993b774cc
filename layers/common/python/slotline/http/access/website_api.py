"""Handlers for websites, which come with a widget key and from any origin; some of them for partners' tokens, too.

Their envelope is their own: `{"ok": true, "data"}`, or `{"ok": false, "error": {"type", "message", "details"}}` with
the types and statuses of the one table of problems. A request passes: the key, the website's origin, the visitor's
share of its rate limit, the whole of it, the body, the handler; so nobody learns anything of a body's faults, or of
anything else, before the key was proven.

The app's id and the key are each taken from the first place that says it: header, query, body. What that place says
stands: an empty or wrong value is a 401, whatever another place says. A key in a query is never logged, and neither is
any other part of a query or body.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from time import perf_counter
from typing import Any, Protocol, TypeVar

from slotline import observability
from slotline.domain.access.scopes import Scope
from slotline.domain.access.websites import Allowance, Purpose, Website
from slotline.domain.shared.errors import (
    Detail,
    DomainError,
    InvalidRequest,
    MethodNotAllowed,
    RateLimited,
    Unauthorized,
    Unavailable,
)
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.http.access.website_door import check_count, check_origin, count, rate_headers, visitor_in
from slotline.http.access.website_errors import website_error, website_server_error
from slotline.http.core import problems
from slotline.http.core.bodies import parse_json, readable
from slotline.http.core.caller import Caller, caller_from
from slotline.http.core.challenges import HEADER, WIDGET_KEY, Challenge
from slotline.http.core.cors import ANY_ORIGIN, READABLE, preflight
from slotline.http.core.methods import answered_as_get, asks_for_head, check_method
from slotline.http.core.models import Model
from slotline.http.core.urls import check_path, rooms_at
from slotline.ports.access import Rates
from slotline.ports.shared import Clock, StoreBusyError
from slotline.settings import Settings

Event = Mapping[str, Any]
Answer = dict[str, Any]
Sent = TypeVar("Sent", bound="_Sent")

_CREDENTIALS = {"appId": "x-app-id", "widgetKey": "x-widget-key"}
_HOW = (
    "Send both: as the headers X-App-Id and X-Widget-Key, as query parameters appId and widgetKey, or in the JSON body."
)
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
_PREFLIGHT = preflight(("GET", "POST", "OPTIONS"), ("X-App-Id", "X-Call-Secret", "X-Widget-Key"))

Admit = Callable[[str, str], Website]
"""Names a website by its app's id and widget key, or raises Unauthorized."""


class Tools(Protocol):
    """What these handlers take from `slotline.wiring.common`."""

    def clock(self) -> Clock:
        """Now."""
        ...

    def rates(self) -> Rates:
        """Request counters."""
        ...

    def settings(self) -> Settings:
        """What this deployment decided."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a handler has to say. `replayed`: an earlier request with the same Idempotency-Key did it."""

    data: Model
    status: HTTPStatus = HTTPStatus.OK
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """A request as it came, before anything in it was believed. `broken`: why its body cannot be read."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    broken: DomainError | None

    @classmethod
    def of(cls, event: Event) -> "_Content":
        body: Mapping[str, Any] = {}
        broken = None
        try:
            text = (readable(event)["body"] or "").strip()
            body = parse_json(text) if text else {}
        except DomainError as error:
            broken = error
        return cls(
            headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
            query=event.get("queryStringParameters") or {},
            body=body,
            broken=broken,
        )

    def credentials(self) -> tuple[str, str]:
        """The app's id and the widget key. Raises Unauthorized that names each one that is not there."""
        said = {name: self._first(name, header) for name, header in _CREDENTIALS.items()}
        missing = [name for name, value in said.items() if value is None]
        if missing:
            unread = f" The body was of no help: {self.broken.message}" if self.broken else ""
            raise Unauthorized(
                f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing. {_HOW}{unread}",
                [Detail("is required", "missing", name) for name in missing],
            )
        app_id, widget_key = (value if isinstance(value, str) else "" for value in said.values())
        return app_id, widget_key

    def _first(self, name: str, header: str) -> object:
        places = (self.headers.get(header), self.query.get(name), self.body.get(name))
        return next((value for value in places if value is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent(ABC):
    """A request, once who sends it was named and counted."""

    video_base_url: str
    event: Event = field(repr=False)
    content: _Content = field(repr=False)

    @property
    @abstractmethod
    def principal(self) -> str:
        """The credential's name, in idempotency records."""

    @property
    def query(self) -> Mapping[str, str]:
        """The query's parameters."""
        return self.content.query

    @property
    def call_id(self) -> str:
        """`{id}` of `/api/calls/{id}` and what is below it."""
        return str(self.event["rawPath"].split("/")[3])

    def body(self) -> dict[str, Any]:
        """The body's fields but the credentials' values; none where there is no body.

        Raises InvalidRequest, BodyTooLarge or UnsupportedContentType where it cannot be read.
        """
        if self.content.broken:
            raise self.content.broken
        return dict(self.content.body)

    def idempotency_key(self, body: Mapping[str, object]) -> IdempotencyKey | None:
        """The key of this request in its scope. `body`: all that it asks, wherever it says it; not who asks."""
        key = self.content.headers.get("idempotency-key")
        if key is None:
            return None
        if not _IDEMPOTENCY_KEY.fullmatch(key):
            raise InvalidRequest.of_field("Idempotency-Key", "must be 1 to 255 visible ASCII characters", "pattern")
        asked = {name: value for name, value in body.items() if name not in _CREDENTIALS}
        return IdempotencyKey(
            principal=self.principal,
            route=f"{self.event['requestContext']['http']['method']} {self.event['rawPath']}",
            key=key,
            fingerprint=sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(_Sent):
    """A website's request."""

    website: Website
    widget_key: str = field(repr=False)

    @property
    def principal(self) -> str:
        """The visitor's name: nobody gets the answer of another visitor's key, whatever both of them chose."""
        return f"{self.website.principal}-{visitor_in(self.event, self.widget_key)}"

    @property
    def call_secret(self) -> str | None:
        """What it shows of having started the call. A header alone may say it: queries end in histories and logs."""
        return self.content.headers.get("x-call-secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerVisit(_Sent):
    """A partner's request, with a token. `app_ids`: whose calls it may open; none without the scope for it."""

    caller: Caller
    app_ids: frozenset[str]

    @property
    def principal(self) -> str:
        """The client's name."""
        return self.caller.client_id


def serve(
    event: Event, tools: Tools, admission: Callable[[], Admit], act: Callable[[Visit], Done], purpose: Purpose
) -> Answer:
    """Answer one payload 2.0 event of a website. Raises nothing: what fails is logged, and answered as our fault.

    `admission` gives who names the websites, once the request is on its way.
    """
    answering = _Answering(event, tools)
    return _served(event, answering, lambda: act(answering.admit_website(admission(), purpose)))


def serve_partners_too(
    event: Event,
    tools: Tools,
    admission: Callable[[], Admit],
    act: Callable[[Visit | PartnerVisit], Done],
    needs: Scope,
) -> Answer:
    """The same for a website that looks at a call of its own, or for a partner whose token has the scope that it needs.

    An `Authorization` header says that it is a partner, whatever else is sent.
    """
    answering = _Answering(event, tools)

    def admitted() -> Done:
        if answering.comes_with_token:
            return act(answering.admit_partner(needs))
        return act(answering.admit_website(admission(), Purpose.LOOK))

    return _served(event, answering, admitted)


def _served(event: Event, answering: "_Answering", act: Callable[[], Done]) -> Answer:
    started = perf_counter()
    if asks_for_head(event):
        return answered_as_get(event, lambda asked: _served(asked, answering, act))
    if event["requestContext"]["http"]["method"] == "OPTIONS":
        return _answer(HTTPStatus.NO_CONTENT, "", _PREFLIGHT)
    answer = answering.answer(act)
    _record(event, answering, answer, started)
    return answer


class _Answering:
    """One request on its way. The headers of its answer grow with what is known of it."""

    def __init__(self, event: Event, tools: Tools) -> None:
        self._event = event
        self._tools = tools
        self._content = _Content.of(event)
        self._headers: dict[str, str] = {
            **problems.JSON_HEADERS,
            **ANY_ORIGIN,
            **READABLE,
        }
        self.website: Website | None = None
        self.caller: Caller | None = None
        self._challenge: Callable[[Unauthorized], Challenge | None] = _widget_key_challenge

    @property
    def comes_with_token(self) -> bool:
        """Whether a partner sends it, or somebody who means to be one."""
        return bool(self._content.headers.get("authorization", "").strip())

    def answer(self, act: Callable[[], Done]) -> Answer:
        """Answer it, whatever happens."""
        try:
            check_method(self._event)
            done = act()
        except DomainError as error:
            return self._refusal(error)
        except StoreBusyError as error:
            observability.log_failure("the store is busy", error)
            return self._refusal(Unavailable("The service is busy. Try again in a moment."))
        except Exception as error:  # noqa: BLE001 - the last resort: recorded, and answered without a word about us
            observability.log_unexpected(error, route=self._event.get("routeKey"))
            return _answer(problems.SERVER_ERROR.status, website_server_error(), self._headers)
        replayed = {"Idempotency-Replayed": "true"} if done.replayed else {}
        data = done.data.model_dump(mode="json", by_alias=True, exclude_unset=True)
        text = json.dumps({"ok": True, "data": data}, ensure_ascii=False)
        return _answer(done.status, text, self._headers | replayed)

    def admit_website(self, admit: Admit, purpose: Purpose) -> Visit:
        """Name the website, look where it comes from, and count the request: for its visitor, then for its key."""
        app_id, widget_key = self._content.credentials()
        website = admit(app_id, widget_key)
        self.website = website
        check_origin(self._headers, self._event, website.embed_origins, self._tools.settings())
        self._count(*website.allowances(visitor_in(self._event, widget_key), purpose))
        return self._sent(partial(Visit, website=website, widget_key=widget_key))

    def admit_partner(self, needs: Scope) -> PartnerVisit:
        """Take the caller whom the authorizer named, and count the request."""
        self._challenge = problems.bearer_challenge
        caller = caller_from(self._event)
        self.caller = caller
        self._count(Allowance(principal=caller.client_id, limits=caller.limits))
        app_ids = caller.app_ids if needs in caller.scopes else frozenset[str]()
        return self._sent(partial(PartnerVisit, caller=caller, app_ids=app_ids))

    def _sent(self, made: Callable[..., Sent]) -> Sent:
        check_path(self._event)
        video_base_url = rooms_at(self._tools.settings(), self._event)
        return made(video_base_url=video_base_url, event=self._event, content=self._content)

    def _count(self, *allowances: Allowance) -> None:
        """Count the request in each, and tell of the one with the least left. Raises RateLimited if one is used up."""
        state, allowance = count(self._tools.rates(), allowances, self._tools.clock().now())
        self._headers |= rate_headers(state)
        check_count(state, allowance)

    def _refusal(self, error: DomainError) -> Answer:
        challenge = self._challenge(error) if isinstance(error, Unauthorized) else None
        if challenge:
            self._headers[HEADER] = challenge.header
        if isinstance(error, RateLimited | Unavailable):
            self._headers["Retry-After"] = str(error.retry_after_seconds)
        if isinstance(error, MethodNotAllowed):
            self._headers["Allow"] = ", ".join(error.allowed)
        return _answer(problems.problem_of(error).status, website_error(error, challenge), self._headers)


def _widget_key_challenge(_error: Unauthorized) -> Challenge:
    return WIDGET_KEY


def _answer(status: HTTPStatus, body: str, headers: Mapping[str, str]) -> Answer:
    return {"statusCode": status.value, "headers": dict(headers), "body": body, "isBase64Encoded": False}


def _record(event: Event, answering: _Answering, answer: Answer, started: float) -> None:
    """One line and the latency of a request: its route, never its query or body."""
    milliseconds = round((perf_counter() - started) * 1000, 1)
    observability.count({"Latency": milliseconds})
    observability.logger.info(
        "answered",
        route=event.get("routeKey"),
        status=answer["statusCode"],
        milliseconds=milliseconds,
        app_id=answering.website.app.app_id if answering.website else None,
        client_id=answering.caller.client_id if answering.caller else None,
        request_id=event.get("requestContext", {}).get("requestId"),
    )
    observability.flush()
