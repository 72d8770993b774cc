"""The default route: 404 where nothing is, 405 where something answers other methods."""

from typing import Any

from slotline.clock import SystemClock
from slotline.http.access.website_errors import is_for_websites, website_error
from slotline.http.core.cors import ANY_ORIGIN
from slotline.http.core.methods import asks_for_head, refusal_of
from slotline.http.core.problems import JSON_HEADERS, answer_to


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one payload 2.0 event."""
    path = event["rawPath"]
    error = refusal_of(path, event["requestContext"]["http"]["method"])
    answer = answer_to(error, SystemClock().now())
    headers, body = JSON_HEADERS, answer.body
    if is_for_websites(path):
        headers, body = JSON_HEADERS | ANY_ORIGIN, website_error(error)
    return {
        "statusCode": answer.problem.status.value,
        "headers": {**headers, **answer.headers},
        "body": "" if asks_for_head(event) else body,
    }
