"""What every part is built from."""

from datetime import timedelta
from functools import cache
from typing import Any, cast

from slotline.aws import LONGEST_REQUEST, client_config, within
from slotline.clock import FullJitter, InvocationDeadline, RandomIds, SystemClock
from slotline.ports.access import Rates
from slotline.ports.shared import Backoff, Clock, Ids
from slotline.settings import OWN_CLIENT, Settings
from slotline.store.access.rates import DynamoRates
from slotline.store.dynamodb.client import DynamoDBClient


@cache
def settings() -> Settings:
    """What this deployment decided."""
    return Settings.from_environment()


@cache
def clock() -> Clock:
    """Now."""
    return SystemClock()


@cache
def world_clock() -> Clock:
    """Now, as other people's machines have it; the same, but for a system whose own time was moved on."""
    return SystemClock()


@cache
def ids() -> Ids:
    """New ids."""
    return RandomIds()


@cache
def deadline() -> InvocationDeadline:
    """The end of the present invocation."""
    return InvocationDeadline()


def begin(context: object) -> None:
    """An invocation begins: its handler calls this first. `context` is Lambda's."""
    deadline().begin(context)


@cache
def backoff() -> Backoff:
    """The waits between tries."""
    return FullJitter(deadline(), a_try=LONGEST_REQUEST)


def client(service: str, config: object = None, *, then: timedelta = timedelta(0)) -> Any:
    """boto3's client of a service of AWS, which sends nothing that may outlast the invocation.

    boto3 is imported with the first of them: that takes as long as all else that a function on DynamoDB alone does
    before its first answer. `then`: see `slotline.aws.within`.
    """
    import boto3

    return within(cast("Any", boto3).client(service, config=config or client_config()), deadline(), then=then)


@cache
def dynamodb() -> DynamoDBClient:
    """The tables: asked by our own client, or by boto3's if the deployment says so, or if a proxy is on the way."""
    if settings().dynamodb_client == OWN_CLIENT:
        from slotline.aws.direct import DirectDynamoDB
        from slotline.aws.endpoint import endpoint, is_behind_a_proxy

        place = endpoint()
        if not is_behind_a_proxy(place.url):
            return cast("DynamoDBClient", DirectDynamoDB(place, deadline()))
    return cast("DynamoDBClient", client("dynamodb"))


@cache
def rates() -> Rates:
    """Request counters."""
    return DynamoRates(dynamodb(), settings().access_table)
