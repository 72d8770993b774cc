"""GET /calendar/{token}.ics: an agent's own bookings, for the calendar programs that have the address.

The address is the secret, so nothing of it is logged: API Gateway and this function write the route alone.
"""

import base64
import gzip
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from slotline import observability
from slotline.domain.shared.errors import DomainError, Unavailable
from slotline.http.core.accepting import takes_gzip
from slotline.http.core.methods import answers_get
from slotline.http.core.problems import JSON_HEADERS, ProblemAnswer, answer_to, server_error
from slotline.http.core.urls import rooms_at
from slotline.ports.shared import StoreBusyError
from slotline.wiring import common
from slotline.wiring.access.calendar_feeds import open_calendar_feed
from slotline.wiring.booking.own_bookings import read_agents_bookings
from slotline.wiring.messages import feed_words

Event = Mapping[str, Any]
Answer = dict[str, Any]

HEADERS = {
    "Content-Type": "text/calendar; charset=utf-8",
    "Content-Disposition": 'inline; filename="bookings.ics"',
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""Whoever keeps an answer is one reader's program, which asks each time whether it is still true."""


@answers_get(common.clock)
def handler(event: Event, context: object) -> Answer:
    """Answer one payload 2.0 event."""
    common.begin(context)
    answer = _answer(event)
    observability.logger.info("answered", route=event.get("routeKey"), status=answer["statusCode"])
    observability.flush()
    return answer


def _answer(event: Event) -> Answer:
    try:
        return _fresh(event, _calendar(event))
    except DomainError as error:
        return _refused(answer_to(error, common.clock().now()))
    except StoreBusyError as error:
        observability.log_failure("the store is busy", error)
        busy = Unavailable("The service is busy. Try again in a moment.")
        return _refused(answer_to(busy, common.clock().now()))
    except Exception as error:  # noqa: BLE001 - the last resort: recorded, and answered without a word about us
        observability.log_unexpected(error, route=event.get("routeKey"))
        return _refused(server_error(common.clock().now()))


def _calendar(event: Event) -> bytes:
    """The file. Raises NotFound, RateLimited or StoreBusyError."""
    situation, agent_id = open_calendar_feed()(event["rawPath"], event["requestContext"]["http"]["sourceIp"])
    app_id = situation.app.app_id
    bookings_at = f"{rooms_at(common.settings(), event)}/my/{app_id}/calls/"
    read = read_agents_bookings()(app_id, agent_id)
    return feed_words.words().calendar(read, situation.user.language, bookings_at).encode()


def _fresh(event: Event, file: bytes) -> Answer:
    """The file, or 304 if whoever asks has it already. Weak, as it is the same whether or not it is compressed."""
    tag = f'W/"{sha256(file).hexdigest()[:32]}"'
    headers = {**HEADERS, "ETag": tag}
    if _has(event, tag):
        return {"statusCode": HTTPStatus.NOT_MODIFIED.value, "headers": headers, "body": ""}
    if not takes_gzip(event):
        return {"statusCode": HTTPStatus.OK.value, "headers": headers, "body": file.decode()}
    packed = base64.b64encode(gzip.compress(file, 6, mtime=0)).decode()
    headers["Content-Encoding"] = "gzip"
    return {"statusCode": HTTPStatus.OK.value, "headers": headers, "body": packed, "isBase64Encoded": True}


def _has(event: Event, tag: str) -> bool:
    """Whether `If-None-Match` names it, among others perhaps, weak or strong (RFC 9110 §13.1.2)."""
    sent = event.get("headers") or {}
    named = next((value for name, value in sent.items() if name.lower() == "if-none-match"), "")
    tags = {one.strip().removeprefix("W/") for one in named.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags


def _refused(answer: ProblemAnswer) -> Answer:
    headers = {**JSON_HEADERS, **answer.headers}
    return {"statusCode": answer.problem.status.value, "headers": headers, "body": answer.body}
