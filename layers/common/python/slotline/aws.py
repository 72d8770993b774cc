"""What every client of AWS here shares: how long it waits, and what its errors mean.

Error codes: DynamoDB API reference, common errors. KMS has other codes for being busy: KMS API reference, Sign
and GetPublicKey.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's own

from slotline.ports.shared import StoreBusyError

# botocore waits 60 s by default; a handler has ten. Standard mode retries throttling and lost connections with jitter.
CLIENT_CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=20,
)

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
    except (ConnectionError, HTTPClientError) as error:  # what botocore itself holds for transient
        raise StoreBusyError(type(error).__name__) from error
