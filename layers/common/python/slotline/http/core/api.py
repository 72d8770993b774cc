"""The resolver that every JSON handler is built on: who calls, how often, what they sent, and how errors leave.

A request passes: the caller's name, the start of its rate count (which runs beside the first read), the caller's
rights, the body's size and kind, the query, the models, the handler. So nobody without a right learns what is wrong
with a request: 403 comes before 400. Whatever is raised on the way becomes an answer by the one table of problems.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cache, wraps
from http import HTTPStatus
from inspect import signature
from time import perf_counter
from typing import Annotated, Any, Protocol, TypeVar, cast, get_origin

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.middlewares.openapi_validation import OpenAPIRequestValidationMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Header, Path
from pydantic import BaseModel

from slotline import observability
from slotline.domain.access.rate_limits import RateState, Window, no_rate_limit
from slotline.domain.shared.errors import (
    Conflict,
    Detail,
    DomainError,
    Forbidden,
    InvalidRequest,
    NotFound,
    RateLimited,
    Unavailable,
)
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.http.core import problems
from slotline.http.core.bodies import (
    PARSED,
    SMALL,
    Bound,
    emptied,
    fingerprint,
    parse_json,
    parse_json_or_nothing,
    readable,
)
from slotline.http.core.caller import Caller, caller_from
from slotline.http.core.carried import fits
from slotline.http.core.challenges import WIDGET_KEY, Challenge
from slotline.http.core.cors import preflight
from slotline.http.core.fields import spelled
from slotline.http.core.messages import invalid
from slotline.http.core.methods import answered_as_get, asks_for_head, check_method
from slotline.http.core.queries import read_query
from slotline.http.core.rights import rights_of
from slotline.http.core.urls import check_path, rooms_at
from slotline.ports.access import Rates
from slotline.ports.shared import Clock, StoreBusyError
from slotline.settings import Settings

Event = Mapping[str, Any]
Answer = dict[str, Any]
_Handler = TypeVar("_Handler", bound=Callable[..., Any])
_PART = re.compile(r"(<\w+>)")
"""A part of a route's path that may be anything."""

AppId = Annotated[str, Path(description="The app", json_schema_extra={"format": "uuid"})]
AgentInPath = Annotated[str, Path(description="The agent")]
ResourceId = Annotated[str, Path(json_schema_extra={"format": "uuid"})]
IdempotencyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Up to 255 visible characters. The same key and body: the first answer again, the effect once.",
    ),
    spelled(r"^[\x21-\x7e]{1,255}$", "must be 1 to 255 visible ASCII characters"),
]


class Tools(Protocol):
    """What the resolver takes from `slotline.wiring`."""

    def begin(self, context: object) -> None:
        """An invocation begins, with Lambda's context."""
        ...

    def clock(self) -> Clock:
        """Now."""
        ...

    def rates(self) -> Rates:
        """Request counters."""
        ...

    def settings(self) -> Settings:
        """What this deployment decided."""
        ...


_OF_WEBSITES = ("X-App-Id", "X-Visit-Id", "X-Widget-Key")
"""Headers by which a website says who it is, and which visit this is."""

CurrentCaller = Annotated[Caller, "who sends this request"]
"""A parameter of a handler that `Api` fills in."""


Share = Callable[[Event], tuple[str, Mapping[Window, int]]]
"""As whose a request is counted that has no caller, and how many there may be of them."""


class WebsiteRequest(Protocol):
    """A request that comes with a widget key. `headers`: of its answer; they grow with what is known of it."""

    headers: dict[str, str]

    def admit(self) -> Caller:
        """Who sends it. Raises Unauthorized or Forbidden."""
        ...

    def count(self) -> RateState:
        """Count it, for its visitor and for its key."""
        ...


Websites = Callable[[Event], WebsiteRequest | None]
"""The request as a website's, if it comes with a widget key and without a token."""


def make_api(
    tools: Tools,
    *,
    public: bool = False,
    body_optional: bool = False,
    largest_body: Bound = SMALL,
    share: Share | None = None,
    websites: Websites | None = None,
) -> "Api":
    """A resolver for one handler.

    `public`: anybody may call, and nobody is counted but by `share`. `body_optional`: no body is an empty object.
    `websites`: who admits those that call a route which `needs(..., websites=True)`.
    """
    return Api(
        tools, public=public, body_optional=body_optional, largest_body=largest_body, share=share, websites=websites
    )


class Api(APIGatewayHttpResolver):
    """Powertools' resolver with this product's callers, limits, bodies and errors around it."""

    def __init__(
        self,
        tools: Tools,
        *,
        public: bool,
        body_optional: bool,
        largest_body: Bound,
        share: Share | None,
        websites: Websites | None,
    ) -> None:
        self._parse = parse_json_or_nothing if body_optional else parse_json
        super().__init__(enable_validation=True, json_body_deserializer=self._parsed)
        self._tools = tools
        self._public = public
        self._share = share
        self._largest_body = largest_body
        self._websites = websites
        self._of_websites: dict[re.Pattern[str], str] = {}
        # Powertools reads a request first of all; here its caller's rights come before.
        self._request_validation_middleware = _Door()
        self.use([_check_rate_first])
        self.exception_handler(Exception)(_raise_again)
        self.not_found(_raise_not_found)

    def route(self, rule: str, *args: Any, **options: Any) -> Callable[[_Handler], _Handler]:
        """A route, as Powertools has it. Raises LookupError for a handler that does not say which scope it needs."""
        add = super().route(rule, *args, **options)

        def checked(handler: _Handler) -> _Handler:
            if not self._public and rights_of(handler) is None:
                raise LookupError(f"{rule}: say beside its handler which scope it needs")
            if (rights := rights_of(handler)) and rights.websites:
                self._of_websites[self._compile_regex(rule)] = str(args[0])
            add(self._given_its_caller(handler))
            return handler

        return checked

    def _given_its_caller(self, handler: _Handler) -> _Handler:
        """The handler as Powertools calls it: without its caller.

        Powertools has `Depends` for that, and looks for it in the signature again at every request.
        """
        names = [name for name, kind in handler.__annotations__.items() if kind == CurrentCaller]
        if not names:
            return handler

        @wraps(handler)
        def called(**said: Any) -> Any:
            return handler(**said, **dict.fromkeys(names, self.context["caller"]))

        shown = signature(handler)
        left = [parameter for name, parameter in shown.parameters.items() if name not in names]
        called.__annotations__ = {name: kind for name, kind in handler.__annotations__.items() if name not in names}
        called.__signature__ = shown.replace(parameters=left)  # type: ignore[attr-defined]  # as PEP 362 has it
        return cast("_Handler", called)

    @staticmethod
    def _compile_regex(rule: str, base_regex: str = "^{}$") -> re.Pattern[str]:
        """A route's path, of which a part in angle brackets may be any text without a slash.

        Powertools' own takes few characters beyond letters and digits: a number with no-break spaces was no address.
        """
        return re.compile(base_regex.format(_PART.sub(r"(?P\1[^/]+)", rule)))

    @property
    def rooms_at(self) -> str:
        """Where the join links of the request's answer lead."""
        return rooms_at(self._tools.settings(), self.current_event.raw_event)

    def resolve(self, event: Event, context: Any) -> Answer:
        """Answer one event. Raises nothing: what fails is logged, and answered as our fault."""
        if asks_for_head(event):
            return answered_as_get(event, lambda asked: self.resolve(asked, context))
        self._tools.begin(context)
        started = perf_counter()
        counting: Future[RateState] | None = None
        caller: Caller | None = None
        method = self._method_for_websites(event)
        if method and event["requestContext"]["http"]["method"] == "OPTIONS":
            return {
                "statusCode": HTTPStatus.NO_CONTENT.value,
                "headers": preflight((method, "OPTIONS"), _OF_WEBSITES),
                "body": "",
            }
        website = self._websites(event) if self._websites and method else None
        try:
            check_method(event)
            check_rate: Callable[[], None] = no_rate_limit
            if not self._public:
                caller, counting = self._admit(event, website)
            elif self._share:
                counting = self._count(*self._share(event))
                check_rate = _checked(counting)
            check_path(event)
            self.context.update(caller=caller, event=event, unreadable=None, check_rate=check_rate)
            answer = super().resolve(self._readable(event), context)
            _check_size(answer)
            if counting:
                _check_rate(counting.result())
        except (DomainError, StoreBusyError) as error:
            answer = self._refusal(_over_limit(error, counting) or error, WIDGET_KEY if website else None)
        except Exception as error:  # noqa: BLE001 - the last resort: recorded, and answered without a word about us
            observability.log_unexpected(error, route=event.get("routeKey"))
            answer = _answer(problems.server_error(self._tools.clock().now()))
        answer["headers"] = problems.NOT_KEPT | answer["headers"]
        if counting:
            _tell_rate(answer, counting)
        if website:
            answer["headers"] |= website.headers
        _record(event, caller, answer, started)
        return answer

    def _parsed(self, text: str) -> dict[str, Any]:
        """What the request's body says, kept for whoever takes its fingerprint."""
        value: dict[str, Any] = self._parse(text)
        self.current_event.raw_event[PARSED] = value
        return value

    def _readable(self, event: Event) -> Event:
        """The event with its body as text. What cannot be read is said once the caller's rights are known."""
        try:
            return readable(event, self._largest_body)
        except DomainError as error:
            self.context["unreadable"] = error
            return emptied(event)

    def _method_for_websites(self, event: Event) -> str | None:
        """The method of this path that websites may call, if this asks for it, or whether it may."""
        path, asked = event.get("rawPath"), event["requestContext"].get("http", {}).get("method")
        if not self._of_websites or path is None:
            return None
        found = next((method for pattern, method in self._of_websites.items() if pattern.fullmatch(path)), None)
        return found if asked in (found, "OPTIONS") else None

    def _admit(self, event: Event, website: WebsiteRequest | None) -> tuple[Caller, "Future[RateState]"]:
        """The caller, with the counting of this request under way beside whatever the handler does first."""
        if website:
            caller, counting = website.admit(), _beside().submit(website.count)
        else:
            caller = caller_from(event)
            counting = self._count(caller.client_id, caller.limits)
        return replace(caller, check_rate=_checked(counting)), counting

    def _count(self, principal: str, limits: Mapping[Window, int]) -> "Future[RateState]":
        return _beside().submit(self._tools.rates().count, principal, dict(limits), self._tools.clock().now())

    def _refusal(self, error: DomainError | StoreBusyError, challenge: Challenge | None) -> Answer:
        if isinstance(error, Conflict):
            observability.count({"Conflicts": 1})
        if isinstance(error, StoreBusyError):
            observability.log_failure("the store is busy", error)
            error = Unavailable("The service is busy. Try again in a moment.")
        return _answer(problems.answer_to(error, self._tools.clock().now(), challenge))


class _Door(OpenAPIRequestValidationMiddleware):
    """Before a request is read: the rights of its caller. While it is read: our rules for queries, and our words."""

    def __init__(self) -> None:
        """The base's has no types."""

    def handler(self, app: Any, next_middleware: NextMiddleware) -> Response[str]:
        """Raises Forbidden, what made the body unreadable, or InvalidRequest that names every bad field."""
        route, caller = app.context["_route"], app.context["caller"]
        rights = rights_of(route.func)
        if caller and rights:
            rights.check(caller, app.context["_route_args"].get("app_id"))
            if rights.checks_rate:
                app.context["check_rate"] = caller.check_rate
        if app.context["unreadable"]:
            raise app.context["unreadable"]
        event, query = app.current_event.raw_event, _query_of(route)
        event["queryStringParameters"] = read_query(
            event.get("rawQueryString") or "",
            [name for name, is_list in query.items() if not is_list],
            [name for name, is_list in query.items() if is_list],
        )
        try:
            return super().handler(app, next_middleware)
        except RequestValidationError as error:
            faults = error.errors()
            bodies = [field.type_ for field in route.dependant.body_params]
            raise invalid(faults, (_place(fault["loc"], query) for fault in faults), bodies) from error


def _check_rate_first(app: Any, next_middleware: NextMiddleware) -> Response[str]:
    """Once the request is read, and before its handler: most handlers do nothing for a client over its limit."""
    app.context["check_rate"]()
    return next_middleware(app)


def _query_of(route: Any) -> dict[str, bool]:
    """The parameters of a route's query, and whether each is a list."""
    found: dict[str, bool] = {}
    for field in route.dependant.query_params:
        if isinstance(field.type_, type) and issubclass(field.type_, BaseModel):
            fields = field.type_.model_fields.items()
            found |= {inner.alias or name: get_origin(inner.annotation) is list for name, inner in fields}
        else:
            found[field.alias] = False
    return found


def _place(location: Sequence[object], query: Mapping[str, bool]) -> tuple[str, ...]:
    """Where in the request something is wrong. Of a query only the parameter counts, not what it is read into."""
    where, *parts = (str(part) for part in location)
    return tuple(part for part in parts if part in query)[:1] if where == "query" else tuple(parts)


def idempotency_key(caller: Caller, event: Event, key: str | None) -> IdempotencyKey | None:
    """The key of this request in its scope: credential, method, route and the key itself."""
    if key is None:
        return None
    path = event["rawPath"]
    return IdempotencyKey(
        principal=caller.principal,
        route=f"{event['requestContext']['http']['method']} {path}",
        key=key,
        fingerprint=fingerprint(event),
    )


@cache
def _beside() -> ThreadPoolExecutor:
    """The one thread beside the handler's own; made at the first request, not at import."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="beside")


def _checked(counting: "Future[RateState]") -> Callable[[], None]:
    return lambda: _check_rate(counting.result())


def _check_rate(state: RateState) -> None:
    """Raises RateLimited where the request was not counted because a window is full."""
    if not state.allowed:
        message = f"More than {state.limit} requests in one {state.window}. The window is over at X-RateLimit-Reset."
        raise RateLimited(message, retry_after_seconds=state.retry_after_seconds)


def _over_limit(error: Exception, counting: "Future[RateState] | None") -> RateLimited | None:
    """Over its limit a caller is told so, whatever else is wrong with the request; but for one that may not be here."""
    if counting is None or isinstance(error, Forbidden) or counting.exception() is not None:
        return None
    try:
        _check_rate(counting.result())
    except RateLimited as limited:
        return limited
    return None


def _tell_rate(answer: Answer, counting: "Future[RateState]") -> None:
    """The caller's tightest window, in the headers of every answer but a refusal of the caller."""
    if counting.exception() is not None or answer["statusCode"] == HTTPStatus.FORBIDDEN:
        return
    state = counting.result()
    answer["headers"] |= {
        "X-RateLimit-Limit": str(state.limit),
        "X-RateLimit-Remaining": str(state.remaining),
        "X-RateLimit-Reset": str(int(state.resets_at.timestamp())),
        "X-RateLimit-Window": state.window.value,
    }


def _check_size(answer: Answer) -> None:
    """Raises InvalidRequest for what Lambda would not carry, and would answer with a 500 instead of."""
    if not fits(answer.get("body") or ""):
        message = "The answer would be larger than Lambda carries (6 MB). Ask for less: a lower limit, or fewer days."
        raise InvalidRequest(message, [Detail(message, "too_large")])


def _raise_again(error: Exception) -> Response[str]:
    """Leave it to `resolve`: Powertools would log an error that nobody handles, with its text and what that repeats."""
    raise error


def _raise_not_found(_error: Exception) -> Response[str]:
    raise NotFound("There is nothing at this address.")


def _answer(answer: problems.ProblemAnswer) -> Answer:
    return {
        "statusCode": answer.problem.status.value,
        "headers": {**problems.JSON_HEADERS, **answer.headers},
        "body": answer.body,
        "isBase64Encoded": False,
    }


def _record(event: Event, caller: Caller | None, answer: Answer, started: float) -> None:
    """One line and the latency of a request: its route, never its query or body."""
    milliseconds = round((perf_counter() - started) * 1000, 1)
    observability.count({"Latency": milliseconds})
    observability.logger.info(
        "answered",
        route=event.get("routeKey"),
        status=answer["statusCode"],
        milliseconds=milliseconds,
        client_id=caller.client_id if caller else None,
        request_id=event.get("requestContext", {}).get("requestId"),
    )
    observability.flush()
