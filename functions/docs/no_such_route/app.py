"""The default route: 404 in the API's own shape for whatever no other route takes."""

from typing import Any

from slotline.clock import SystemClock
from slotline.domain.errors import NotFound
from slotline.http.problems import answer_to


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """The Lambda's entry point."""
    answer = answer_to(NotFound("There is nothing at this address."), SystemClock().now())
    return {
        "statusCode": answer.problem.status.value,
        "headers": {"Content-Type": "application/json", **answer.headers},
        "body": answer.body,
    }
