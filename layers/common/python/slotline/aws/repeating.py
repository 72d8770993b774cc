"""When a request is sent again: botocore's standard mode (botocore/retries/standard.py), which the tests compare.

Three tries in all, and between them a pause with full jitter. Repeats draw on a quota, so that a service in trouble is
not asked three times as much: a success gives back what its last repeat took.
"""

import random
import time
from collections.abc import Callable
from threading import Lock
from typing import Any, NamedTuple

from botocore.exceptions import (
    ConnectionError,  # noqa: A004 - botocore's own
    ConnectTimeoutError,
    HTTPClientError,
    ReadTimeoutError,
)

from slotline.aws import LONGEST_PAUSE

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
    }
)
_QUOTA = 500
_COST, _COST_OF_A_TIME_OUT, _WITHOUT_REPEAT = 5, 10, 1


class Said(NamedTuple):
    """An answer, understood."""

    status: int
    request_id: str
    content: dict[str, Any]
    """As boto3 has it: of a refusal, what it says of itself is under `Error`."""
    repeats: int = 0

    @property
    def is_good(self) -> bool:
        """Whether it is what was asked for."""
        return self.status < 300

    @property
    def code(self) -> str:
        """Of a refusal."""
        return str(self.content["Error"]["Code"])


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
        codes: frozenset[str] = frozenset(),
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`codes`: errors that may be tried again, beside those of all services."""
        self.quota = Quota()
        self._tries, self._sleep, self._jitter = tries, sleep, jitter
        self._codes = _CODES | codes

    def send(self, once: Callable[[], Said]) -> Said:
        """What the last try brought. Raises what it raised; what is not of the connection ends it at once."""
        taken = _WITHOUT_REPEAT
        for number in range(1, self._tries + 1):
            is_last = number == self._tries
            cost = _COST
            try:
                said = once()
            except (ConnectionError, HTTPClientError) as error:
                cost = _COST_OF_A_TIME_OUT if isinstance(error, ConnectTimeoutError | ReadTimeoutError) else _COST
                if is_last or not self.quota.take(cost):
                    raise
            else:
                if is_last or not self._may_end_otherwise(said) or not self.quota.take(cost):
                    if said.is_good:
                        self.quota.give_back(taken)
                    return said._replace(repeats=number - 1) if number > 1 else said
            taken = cost
            self._sleep(self._jitter() * min(2 ** (number - 1), LONGEST_PAUSE))
        raise AssertionError("the last try returns or raises")

    def _may_end_otherwise(self, said: Said) -> bool:
        return said.status in _TRANSIENT_STATUSES or (not said.is_good and said.code in self._codes)
