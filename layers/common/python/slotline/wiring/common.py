"""What every part is built from."""

from datetime import timedelta
from functools import cache
from typing import Any, cast

from slotline.aws import LONGEST_REQUEST, PATIENCE, Patience, client_config, within
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


def client(service: str, patience: Patience = PATIENCE, *, then: timedelta = timedelta(0)) -> Any:
    """A client of a service of AWS, by boto3's names, which sends nothing that may outlast the invocation.

    Our own; boto3's if the deployment says so, or if a proxy is on the way. boto3 takes longer to import than all else
    that a function does before its first answer. `then`: how much time must be left after an answer.
    """
    if settings().client_of_aws == OWN_CLIENT:
        from slotline.aws.clients import own_client

        if own := own_client(service, deadline(), patience, then):
            return own
    import boto3

    return within(cast("Any", boto3).client(service, config=client_config(patience, service)), deadline(), then=then)


@cache
def dynamodb() -> DynamoDBClient:
    """The tables."""
    return cast("DynamoDBClient", client("dynamodb"))


@cache
def rates() -> Rates:
    """Request counters."""
    return DynamoRates(dynamodb(), settings().access_table)
