"""DynamoDB asked without boto3: one signed POST of JSON a request, by the names that boto3's client has.

It answers as that client does, and raises the same errors. What it leaves out: parameters are not validated before they
are sent (DynamoDB does that), bytes stay in base 64 (`from_values` reads both), and headers of answers are not kept.
"""

import os
import platform
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from json import dumps
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from slotline.aws import CONNECT_SECONDS, LONGEST_REQUEST, READ_SECONDS, TRIES, NoTimeLeftError
from slotline.aws.connections import Answer, Connections
from slotline.aws.credentials import FoundCredentials
from slotline.aws.endpoint import Endpoint
from slotline.aws.repeating import Repeating, Said
from slotline.aws.signing import signed
from slotline.ports.shared import Deadline

_USER_AGENT = f"slotline/1 lang/python#{platform.python_version()} api/dynamodb"
_IN_A_TRACE = "-=;:+&[]{}\"',"
"""What stays as it is in the header of a trace, as botocore sends it."""

Answered = dict[str, Any]


class DirectDynamoDB:
    """The part of boto3's DynamoDB client that the adapters use. Any thread may use it."""

    def __init__(
        self,
        endpoint: Endpoint,
        deadline: Deadline,
        *,
        credentials: FoundCredentials | None = None,
        repeating: Repeating | None = None,
    ) -> None:
        self._region, self._deadline = endpoint.region, deadline
        self._credentials = credentials or FoundCredentials()
        self._repeating = repeating or Repeating(TRIES)
        self._connections = Connections(
            endpoint.url,
            ca_bundle=endpoint.ca_bundle,
            connect_seconds=CONNECT_SECONDS,
            read_seconds=READ_SECONDS,
        )

    def get_item(self, **request: Any) -> Answered:
        """GetItem."""
        return self._ask("GetItem", request)

    def batch_get_item(self, **request: Any) -> Answered:
        """BatchGetItem."""
        return self._ask("BatchGetItem", request)

    def query(self, **request: Any) -> Answered:
        """Query."""
        return self._ask("Query", request)

    def scan(self, **request: Any) -> Answered:
        """Scan."""
        return self._ask("Scan", request)

    def put_item(self, **request: Any) -> Answered:
        """PutItem."""
        return self._ask("PutItem", request)

    def update_item(self, **request: Any) -> Answered:
        """UpdateItem."""
        return self._ask("UpdateItem", request)

    def delete_item(self, **request: Any) -> Answered:
        """DeleteItem."""
        return self._ask("DeleteItem", request)

    def batch_write_item(self, **request: Any) -> Answered:
        """BatchWriteItem."""
        return self._ask("BatchWriteItem", request)

    def transact_write_items(self, **request: Any) -> Answered:
        """TransactWriteItems."""
        return self._ask("TransactWriteItems", request)

    def close(self) -> None:
        """End the connections that wait."""
        self._connections.close()

    def _ask(self, operation: str, request: Mapping[str, Any]) -> Answered:
        # Written once: a repeat sends the very same bytes, so a transaction is known again by its token.
        body = dumps(request, separators=(",", ":"), default=_in_base64).encode()
        said = self._repeating.send(partial(self._send, operation, body, partial(self._check_time, operation)))
        content = {name: value for name, value in said.content.items() if value is not None}
        about = {"RequestId": said.request_id, "HTTPStatusCode": said.status, "RetryAttempts": said.repeats}
        if said.is_good:
            return {**content, "ResponseMetadata": about}
        raise _refusal(operation, said, {**content, "ResponseMetadata": about})

    def _send(self, operation: str, body: bytes, check_time: Callable[[], None]) -> Answer:
        """One try, signed by whoever we are now: credentials may have been rotated since the last one."""
        headers = signed(
            {
                "content-type": "application/x-amz-json-1.0",
                "host": self._connections.host,
                "x-amz-target": f"DynamoDB_20120810.{operation}",
            },
            body,
            path=self._connections.path,
            region=self._region,
            credentials=self._credentials.now(),
            at=datetime.now(UTC),
        )
        headers |= {"user-agent": _USER_AGENT, **_trace()}
        return self._connections.post(body, headers, check_time)

    def _check_time(self, operation: str) -> None:
        if self._deadline.left() < LONGEST_REQUEST:
            raise NoTimeLeftError(operation=operation)


def _refusal(operation: str, said: Said, response: dict[str, Any]) -> ClientError:
    message = response.pop("message", None) or response.pop("Message", None) or ""
    response.pop("__type", None)
    error: Any = {**response, "Error": {"Code": said.code, "Message": message}}
    return ClientError(error, operation)


def _trace() -> dict[str, str]:
    """Lambda's trace, as botocore sends it: X-Ray and the detection of loops need it."""
    trace = os.environ.get("_X_AMZN_TRACE_ID")
    if not trace or "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return {}
    return {"x-amzn-trace-id": quote(trace, safe=_IN_A_TRACE)}


def _in_base64(value: Any) -> str:
    if isinstance(value, bytes | bytearray):
        return b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is no value of DynamoDB's")
