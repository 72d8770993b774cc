"""What every client of AWS here shares: how long it waits, that it begins nothing it has no time for, and what its
errors mean.

Error codes: DynamoDB API reference, common errors. KMS has other codes for being busy: KMS API reference, Sign
and GetPublicKey.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own
    HTTPClientError,
)

from slotline.ports.shared import Deadline, StoreBusyError

if TYPE_CHECKING:
    from botocore.config import Config

Client = TypeVar("Client")

LONGEST_PAUSE = 20
"""Seconds that botocore's standard mode waits between two tries at most (botocore.retries.standard)."""


class Patience(NamedTuple):
    """How long a client waits, and how often it asks. botocore waits 60 s by default; a handler has ten."""

    connect_seconds: float
    read_seconds: float
    tries: int
    """With one, nothing is ever sent twice."""

    @property
    def longest(self) -> timedelta:
        """The longest that one try of a request takes, with the pause that may follow it.

        Before the second try botocore's standard mode waits up to a second, and before each further one twice as long.
        """
        pause = min(2 ** (self.tries - 2), LONGEST_PAUSE) if self.tries > 1 else 0
        return timedelta(seconds=self.connect_seconds + self.read_seconds + pause)


PATIENCE = Patience(connect_seconds=1, read_seconds=2, tries=3)
"""That of most clients."""

LONGEST_REQUEST = PATIENCE.longest


_OF_S3 = {
    "signature_version": "s3v4",
    "s3": {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
}
"""Signature version 4 signs the length of what may be put, and the host.

So the host must be the bucket's own, of its region: the global one sends whoever comes for a new bucket elsewhere
(Amazon S3 User Guide, "Virtual hosting of buckets"), where the signature no longer fits.
"""


def client_config(patience: Patience = PATIENCE, service: str = "") -> "Config":
    """For a client of boto3. Standard mode retries throttling and lost connections with jitter."""
    from botocore.config import Config  # as much to import as a client of our own takes to answer

    more: Any = deepcopy(_OF_S3) if service == "s3" else {}  # botocore writes into what a client is given
    return Config(
        connect_timeout=patience.connect_seconds,
        read_timeout=patience.read_seconds,
        retries={"mode": "standard", "total_max_attempts": patience.tries},
        max_pool_connections=20,
        **more,
    )


_DEADLINE = "slotline-deadline"


class NoTimeLeftError(BotoCoreError):
    """A request was not sent: its answer might have come when nobody was there any more to act on it."""

    fmt = "there is not enough time left for {operation}"


def within(client: Client, deadline: Deadline, *, then: timedelta = timedelta(0)) -> Client:
    """The client of boto3, which from now on sends nothing, and tries nothing again, that may outlast this deadline.

    `then`: how much time must be left after an answer that comes as late as it may.
    """
    events: Any = client.meta.events  # type: ignore[attr-defined]  # every client of boto3 has it
    config = client.meta.config  # type: ignore[attr-defined]  # as above
    tries = (config.retries or {}).get("total_max_attempts", 1)
    needed = Patience(config.connect_timeout, config.read_timeout, tries).longest + then

    def check(event_name: str, **_: object) -> None:
        if deadline.left() < needed:
            raise NoTimeLeftError(operation=event_name.rpartition(".")[2])

    events.unregister("before-send", unique_id=_DEADLINE)  # a client has one deadline: the latest
    events.register_first("before-send", check, unique_id=_DEADLINE)
    return client


_BUSY = frozenset(
    {
        "DependencyTimeoutException",
        "InternalServerError",
        "KMSInternalException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


def code_of(error: ClientError) -> str:
    """The error's code."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def raising_store_busy() -> Iterator[None]:
    """Turn throttling and lost connections into StoreBusyError; everything else passes, our own mistakes too."""
    try:
        yield
    except ClientError as error:
        if code_of(error) in _BUSY:
            raise StoreBusyError(code_of(error)) from error
        raise
    except (ConnectionError, HTTPClientError, NoTimeLeftError) as error:  # what botocore holds for transient, and ours
        raise StoreBusyError(type(error).__name__) from error
