"""AWS asked without boto3: one signed request an operation, by the names that boto3's clients have.

It answers as those clients do, and raises the same errors. What it leaves out: parameters are not validated before they
are sent (the service does that), instants in answers stay numbers, values of DynamoDB that are bytes stay in base 64
(`from_values` reads both), and headers of answers are not kept.
"""

import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from slotline.aws import PATIENCE, NoTimeLeftError, Patience
from slotline.aws.connections import Answer, Connections, Sent
from slotline.aws.credentials import FoundCredentials
from slotline.aws.endpoint import Endpoint
from slotline.aws.json_protocol import understood, written
from slotline.aws.repeating import Repeating, Said
from slotline.aws.services import Operation, Service
from slotline.aws.signing import Scope, encoded, signed
from slotline.ports.shared import Deadline

_USER_AGENT = "slotline/1 lang/python#{}.{}.{}".format(*sys.version_info)
_IN_A_TRACE = "-=;:+&[]{}\"',"
"""What stays as it is in the header of a trace, as botocore sends it."""

Answered = dict[str, Any]


class DirectClient:
    """The part of a client of boto3's that the adapters use, for a service that speaks JSON. Any thread may use it.

    `then`: how much time must be left after an answer that comes as late as it may.
    """

    def __init__(
        self,
        service: Service,
        endpoint: Endpoint,
        deadline: Deadline,
        patience: Patience = PATIENCE,
        *,
        then: timedelta = timedelta(0),
        credentials: FoundCredentials | None = None,
        repeating: Repeating | None = None,
    ) -> None:
        self._service, self._scope = service, Scope(service.signed_for, endpoint.region)
        self._deadline, self._needed = deadline, patience.longest + then
        self._credentials = credentials or FoundCredentials()
        self._repeating = repeating or Repeating(patience.tries, service.repeated)
        self._endpoint, self._patience = endpoint, patience
        self._pools: dict[str, Connections] = {}

    def __getattr__(self, name: str) -> Callable[..., Answered]:
        """The operation that boto3 calls so. Raises AttributeError if it is not among the service's here."""
        if name not in self._service.operations:
            raise AttributeError(f"no {name} of {self._service.name} is known here (slotline.aws.services)", obj=self)
        operation = self._service.operations[name]
        return lambda **request: self._ask(operation, request)

    def close(self) -> None:
        """End the connections that wait."""
        for pool in self._pools.values():
            pool.close()

    def _ask(self, operation: Operation, request: Mapping[str, Any]) -> Answered:
        # Written once: a repeat sends the very same bytes, so a transaction is known again by its token.
        sent = self._written(operation, request)
        said = self._repeating.send(partial(self._send, operation, sent))
        about = {"RequestId": said.request_id, "HTTPStatusCode": said.status, "RetryAttempts": said.repeats}
        answered = {**said.content, "ResponseMetadata": about}
        if said.is_good:
            return answered
        refusal: Any = answered
        raise ClientError(refusal, operation.name)

    def _written(self, operation: Operation, request: Mapping[str, Any]) -> Sent:
        return written(self._service, operation, request)

    def _understood(self, operation: Operation, answer: Answer) -> Said:
        return understood(self._service, operation, answer)

    def _send(self, operation: Operation, sent: Sent) -> Said:
        """One try, signed by whoever we are now: credentials may have been rotated since the last one."""
        pool = self._pool(sent.below)
        path = pool.path + sent.path
        headers = signed(
            {**sent.headers, "host": pool.host},
            sent.body,
            scope=self._scope,
            credentials=self._credentials.now(),
            at=datetime.now(UTC),
            method=sent.method,
            path=path,
            query=sent.query,
        )
        headers |= {"user-agent": _USER_AGENT, **_trace()}
        query = [(encoded(name), encoded(value)) for name, value in sent.query.items()]
        asked = "&".join(f"{name}={value}" if value else name for name, value in query)
        answer = pool.send(
            sent._replace(path=f"{path}?{asked}" if asked else path, headers=headers),
            partial(self._check_time, operation),
            may_repeat=self._patience.tries > 1,
        )
        return self._understood(operation, answer)

    def _pool(self, below: str) -> Connections:
        """Connections to the service's host, or to one below it."""
        if below not in self._pools:
            patience, (scheme, _, place) = self._patience, self._endpoint.url.partition("://")
            made = Connections(
                f"{scheme}://{below}{place}",
                ca_bundle=self._endpoint.ca_bundle,
                connect_seconds=patience.connect_seconds,
                read_seconds=patience.read_seconds,
            )
            self._pools.setdefault(below, made)
        return self._pools[below]

    def _check_time(self, operation: Operation) -> None:
        if self._deadline.left() < self._needed:
            raise NoTimeLeftError(operation=operation.name)


def _trace() -> dict[str, str]:
    """Lambda's trace, as botocore sends it: X-Ray and the detection of loops need it."""
    trace = os.environ.get("_X_AMZN_TRACE_ID")
    if not trace or "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return {}
    return {"x-amzn-trace-id": quote(trace, safe=_IN_A_TRACE)}
