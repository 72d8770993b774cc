"""What is busy, and so may be tried again, and what is a mistake: told by the error alone."""

import inspect

import pytest
from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from slotline.aws import raising_store_busy
from slotline.ports.shared import StoreBusyError
from tests.support.aws.requests import refusal

URL = "https://aws.example"
TRANSIENT: list[Exception] = [
    exceptions.ConnectTimeoutError(endpoint_url=URL),
    exceptions.ReadTimeoutError(endpoint_url=URL),
    exceptions.EndpointConnectionError(endpoint_url=URL),
    exceptions.ConnectionClosedError(endpoint_url=URL),
    exceptions.ResponseStreamingError(error="cut off"),
    refusal("ThrottlingException"),
    refusal("ProvisionedThroughputExceededException"),
    refusal("KMSInternalException", "Sign"),
    refusal("DependencyTimeoutException", "Sign"),
]
MISTAKES: list[Exception] = [
    exceptions.ParamValidationError(report="no such parameter"),
    exceptions.NoCredentialsError(),
    exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
    exceptions.NoRegionError(),
    exceptions.InvalidEndpointConfigurationError(msg="not an address"),
    refusal("ValidationException"),
    refusal("AccessDeniedException"),
    refusal("ConditionalCheckFailedException"),
    refusal("DisabledException", "Sign"),
    ZeroDivisionError(),
]


def named(error: Exception) -> str:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__


@pytest.mark.parametrize("error", TRANSIENT, ids=named)
def test_what_may_go_well_the_next_time_is_busy(error: Exception) -> None:
    with pytest.raises(StoreBusyError, match=named(error)), raising_store_busy():
        raise error


@pytest.mark.parametrize("error", MISTAKES, ids=named)
def test_what_will_not_go_well_the_next_time_is_itself(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, raising_store_busy():
        raise error
    assert raised.value is error


def test_of_all_that_can_go_wrong_before_an_answer_only_connections_are_busy() -> None:
    def is_busy(kind: type[BotoCoreError]) -> bool:
        try:
            with raising_store_busy():
                raise kind.__new__(kind)
        except StoreBusyError:
            return True
        except BotoCoreError:
            return False

    kinds = [kind for _, kind in inspect.getmembers(exceptions, inspect.isclass) if issubclass(kind, BotoCoreError)]
    assert {kind.__name__ for kind in kinds if is_busy(kind)} == {
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "ConnectionError",
        "EndpointConnectionError",
        "HTTPClientError",
        "ProxyConnectionError",
        "ReadTimeoutError",
        "ResponseStreamingError",
        "SSLError",
    }
