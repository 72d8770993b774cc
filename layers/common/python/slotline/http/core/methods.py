"""HEAD, and methods that nothing answers.

The template gives the function of a GET every method that no other route of its path answers: so it answers HEAD as
well, and says 405 to the rest (decision 28).
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from slotline.domain.shared.errors import DomainError, MethodNotAllowed, NotFound
from slotline.http.core.addresses import ends_in_one_slash_too_many, methods_at
from slotline.http.core.problems import JSON_HEADERS, answer_to
from slotline.ports.shared import Clock

Event = Mapping[str, Any]
Answer = dict[str, Any]
Handler = Callable[[Any, Any], Answer]

_EVERY_METHOD = "ANY "
_AS_GET = frozenset({"GET", "HEAD"})


def asks_for_head(event: Event) -> bool:
    """Whether a payload 2.0 event is a HEAD request."""
    return _method(event) == "HEAD"


def answered_as_get(event: Event, answer: Callable[[Event], Answer]) -> Answer:
    """What `answer` says to the same request as a GET, without the body (RFC 9110 §9.3.2)."""
    context = event["requestContext"]
    asked = {**event, "requestContext": {**context, "http": {**context["http"], "method": "GET"}}}
    return {**answer(asked), "body": "", "isBase64Encoded": False}


def check_method(event: Event) -> None:
    """Raises MethodNotAllowed where the function of a GET was asked by a method that nothing answers."""
    method = _method(event)
    if str(event.get("routeKey", "")).startswith(_EVERY_METHOD) and method not in _AS_GET:
        raise refusal_of(event["rawPath"], method)


def answers_get(clock: Callable[[], Clock]) -> Callable[[Handler], Handler]:
    """For the handler of a GET that is built on nothing else: it answers HEAD too, and 405 to every other method."""

    def wrap(handler: Handler) -> Handler:
        @wraps(handler)
        def answer(event: Event, context: object) -> Answer:
            if asks_for_head(event):
                return answered_as_get(event, lambda asked: handler(asked, context))
            try:
                check_method(event)
            except DomainError as error:
                refusal = answer_to(error, clock().now())
                headers = {**JSON_HEADERS, **refusal.headers}
                return {"statusCode": refusal.problem.status.value, "headers": headers, "body": refusal.body}
            return handler(event, context)

        return answer

    return wrap


def refusal_of(path: str, method: str) -> DomainError:
    """405 where something answers other methods (RFC 9110 §15.5.6), else 404."""
    if ends_in_one_slash_too_many(path):
        return NotFound("There is nothing at this address. Leave out the slash at its end.")
    allowed = methods_at(path)
    if not allowed or method in allowed:
        return NotFound("There is nothing at this address.")
    return MethodNotAllowed(f"{method} is not answered here. Send {' or '.join(allowed)}.", allowed=allowed)


def _method(event: Event) -> str:
    return str(event["requestContext"].get("http", {}).get("method"))
