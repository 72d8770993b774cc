"""How an invocation can fail, in Lambda's own words."""

from typing import Any

LARGEST_PAYLOAD = 6 * 1024 * 1024
"""Bytes of JSON, of an event and of an answer alike (Lambda quotas, synchronous invocation)."""


class UnknownFunctionError(Exception):
    """No function of the template has this logical id."""


class EventTooLargeError(Exception):
    """The event is over Lambda's limit; nothing ran."""


class NoEnvironmentError(Exception):
    """No execution environment became free in time."""


class FunctionFailedError(Exception):
    """The function raised, overran, ended its process or cannot be imported."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error.get('errorType')}: {error.get('errorMessage')}")
        self.error = error
        """Lambda's error document: `errorMessage`, `errorType` and, mostly, `stackTrace`."""


def failure(kind: str, message: str, trace: list[str] | None = None) -> dict[str, Any]:
    """An error document as Lambda answers it."""
    return {"errorMessage": message, "errorType": kind, "stackTrace": trace or []}
