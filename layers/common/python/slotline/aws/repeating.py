"""When a request is sent again: botocore's standard mode (botocore/retries/standard.py), which the tests compare.

Three tries in all, and between them a pause with full jitter. Repeats draw on a quota, so that a store in trouble is
not asked three times as much: a success gives back what its last repeat took.
"""

import random
import time
from binascii import crc32
from collections.abc import Callable
from http.client import responses
from json import loads
from threading import Lock
from typing import Any, NamedTuple

from botocore.exceptions import (
    ConnectionError,  # noqa: A004 - botocore's own
    ConnectTimeoutError,
    HTTPClientError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from slotline.aws import LONGEST_PAUSE
from slotline.aws.connections import Answer

_TRANSIENT_STATUSES = frozenset({500, 502, 503, 504})
_CODES = frozenset(
    {
        # Transient.
        "RequestTimeout",
        "RequestTimeoutException",
        "PriorRequestNotComplete",
        # Throttled.
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "RequestThrottled",
        "SlowDown",
        "EC2ThrottledException",
        # What DynamoDB's own model says may be tried again.
        "ReplicatedWriteConflictException",
    }
)
_QUOTA = 500
_COST, _COST_OF_A_TIME_OUT, _WITHOUT_REPEAT = 5, 10, 1


class Said(NamedTuple):
    """An answer, understood: whole, and JSON."""

    status: int
    request_id: str
    content: dict[str, Any]
    repeats: int = 0

    @property
    def is_good(self) -> bool:
        """Whether it is what was asked for."""
        return self.status < 300

    @property
    def code(self) -> str:
        """Of a refusal: what `__type` says behind `#`, or else the status."""
        kind = str(self.content.get("__type") or self.status)
        return kind.partition(":")[0].rpartition("#")[2]

    @property
    def may_be_repeated(self) -> bool:
        """Whether another try may end otherwise."""
        return self.status in _TRANSIENT_STATUSES or (not self.is_good and self.code in _CODES)


def understood(answer: Answer) -> Said:
    """Raises ResponseStreamingError for an answer that was damaged on its way: wrong checksum, or no JSON."""
    checksum = answer.headers.get("x-amz-crc32")
    if checksum is not None and crc32(answer.body) != int(checksum):
        raise ResponseStreamingError(error="the checksum does not fit")
    is_good = answer.status < 300
    content: dict[str, Any] = {}
    try:
        content = loads(answer.body or b"{}")
    except ValueError:
        if is_good:
            raise ResponseStreamingError(error="the answer is no JSON") from None
        content = {"message": responses.get(answer.status, "")}  # such as a page of whatever is in between
    return Said(answer.status, answer.headers.get("x-amzn-requestid", ""), content)


class Quota:
    """What repeats may still cost, of all the client's requests together."""

    def __init__(self) -> None:
        self.left = _QUOTA
        self._lock = Lock()

    def take(self, cost: int) -> bool:
        """Take it if there is so much."""
        with self._lock:
            if cost > self.left:
                return False
            self.left -= cost
            return True

    def give_back(self, cost: int) -> None:
        """Up to what there was at first."""
        if self.left < _QUOTA:
            with self._lock:
                self.left = min(_QUOTA, self.left + cost)


class Repeating:
    """Sends until it is done, or until another try is not worth it."""

    def __init__(
        self,
        tries: int,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.quota = Quota()
        self._tries, self._sleep, self._jitter = tries, sleep, jitter

    def send(self, once: Callable[[], Answer]) -> Said:
        """What the last try brought. Raises what it raised; what is not of the connection ends it at once."""
        taken = _WITHOUT_REPEAT
        for number in range(1, self._tries + 1):
            is_last = number == self._tries
            cost = _COST
            try:
                said = understood(once())
            except (ConnectionError, HTTPClientError) as error:
                cost = _COST_OF_A_TIME_OUT if isinstance(error, ConnectTimeoutError | ReadTimeoutError) else _COST
                if is_last or not self.quota.take(cost):
                    raise
            else:
                if is_last or not said.may_be_repeated or not self.quota.take(cost):
                    if said.is_good:
                        self.quota.give_back(taken)
                    return said._replace(repeats=number - 1)
            taken = cost
            self._sleep(self._jitter() * min(2 ** (number - 1), LONGEST_PAUSE))
        raise AssertionError("the last try returns or raises")
