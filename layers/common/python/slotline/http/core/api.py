"""The resolver that every JSON handler is built on: who calls, how often, what they sent, and how errors leave.

A request passes: the caller's name, the start of its rate count (which runs beside the first read), the caller's
rights, the body's size and kind, the query, the models, the handler. So nobody without a right learns what is wrong
with a request: 403 comes before 400. Whatever is raised on the way becomes an answer by the one table of problems.

Powertools keeps the routes for the OpenAPI document; requests go through doors of our own (decision 62).
"""

import base64
import re
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from http import HTTPStatus
from time import perf_counter
from typing import Annotated, Any, Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

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
from slotline.http.core import doors, problems
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
from slotline.http.core.doors import Door, Handler, pattern_of, without_caller
from slotline.http.core.fields import spelled
from slotline.http.core.methods import answered_as_get, asks_for_head, check_method
from slotline.http.core.urls import check_path, rooms_at
from slotline.ports.access import Rates
from slotline.ports.shared import Clock, StoreBusyError
from slotline.settings import Settings

Event = Mapping[str, Any]
Answer = dict[str, Any]

CurrentCaller = doors.CurrentCaller
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


_GZIP = zlib.MAX_WBITS | 16
"""zlib's word for gzip's form of what it compresses."""
_OF_WEBSITES = ("X-App-Id", "X-Visit-Id", "X-Widget-Key")
"""Headers by which a website says who it is, and which visit this is."""

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
        super().__init__()
        self._parse = parse_json_or_nothing if body_optional else parse_json
        self._tools = tools
        self._public = public
        self._share = share
        self._largest_body = largest_body
        self._websites = websites
        self._of_websites: dict[re.Pattern[str], str] = {}
        self._doors: list[Door] = []

    def route(self, rule: str, *args: Any, **options: Any) -> Callable[[Handler], Handler]:
        """A route, as Powertools has it. Raises LookupError for a handler that does not say which scope it needs."""
        describe = super().route(rule, *args, **options)

        def checked(handler: Handler) -> Handler:
            door = Door(str(args[0]), rule, handler)
            if not self._public and door.rights is None:
                raise LookupError(f"{rule}: say beside its handler which scope it needs")
            if door.rights and door.rights.websites:
                self._of_websites[door.pattern] = door.method
            self._doors.append(door)
            self._doors.sort(key=lambda door: door.pattern.groups > 0)  # the more specific one is tried first
            describe(without_caller(handler))
            return handler

        return checked

    @staticmethod
    def _compile_regex(rule: str, base_regex: str = "^{}$") -> re.Pattern[str]:  # noqa: ARG004 - as Powertools has it
        """The same pattern as the door's, which `re` keeps: nobody asks Powertools' own."""
        return pattern_of(rule)

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
            answer = self._answered(event, caller, check_rate)
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

    def _answered(self, event: Event, caller: Caller | None, check_rate: Callable[[], None]) -> Answer:
        """The handler's answer, once the caller may have it. Raises what else is to be said of the request."""
        unreadable: DomainError | None = None
        try:
            read = readable(event, self._largest_body)
        except DomainError as error:  # who has no right to the route does not learn it
            unreadable, read = error, emptied(event)
        self.current_event = asked = APIGatewayProxyEventV2(read)
        door, path = self._door_of(asked.http_method.upper(), asked.path)
        if caller and door.rights:
            door.rights.check(caller, path.get("app_id"))
            if door.rights.checks_rate:
                check_rate = caller.check_rate
        if unreadable:
            raise unreadable
        said = door.read(path, read, self._parsed)
        check_rate()  # most handlers do nothing for a client over its limit
        return _built(door.answer(said, caller), asked)

    def _door_of(self, method: str, path: str) -> tuple[Door, dict[str, str]]:
        """The route that a request is for, and what the path says; one that leads nowhere, if there is none."""
        for door in self._doors:
            said = door.opened_by(method, path)
            if said is not None:
                return door, said
        return _NOWHERE, {}

    def _parsed(self, text: str) -> dict[str, Any]:
        """What the request's body says, kept for whoever takes its fingerprint."""
        value = self._parse(text)
        self.current_event.raw_event[PARSED] = value
        return value

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
        count, now = self._tools.rates().count, self._tools.clock().now()
        return _beside().submit(count, principal, dict(limits), now, shows_use=True)

    def _refusal(self, error: DomainError | StoreBusyError, challenge: Challenge | None) -> Answer:
        if isinstance(error, Conflict):
            observability.count({"Conflicts": 1})
        if isinstance(error, StoreBusyError):
            observability.log_failure("the store is busy", error)
            error = Unavailable("The service is busy. Try again in a moment.")
        return _answer(problems.answer_to(error, self._tools.clock().now(), challenge))


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


def _nothing_here() -> Response[str]:
    raise NotFound("There is nothing at this address.")


_NOWHERE = Door("", "", _nothing_here)
"""Where a request comes in that is for no route. It is read all the same: what is wrong with it is said first."""


def _built(response: Response[str], asked: APIGatewayProxyEventV2) -> Answer:
    """A handler's answer as payload 2.0 has it, compressed if the handler wants that and the client takes it."""
    body, headers = response.body or "", dict(response.headers)
    if is_compressed := bool(response.compress) and "gzip" in asked.headers.get("accept-encoding", ""):
        body = base64.b64encode(zlib.compress(body.encode(), 9, wbits=_GZIP)).decode()
        headers["Content-Encoding"] = "gzip"
    return {
        "statusCode": response.status_code,
        "body": body,
        "isBase64Encoded": is_compressed,
        "headers": headers,
        "cookies": [],
    }


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
