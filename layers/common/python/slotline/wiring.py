"""Where ports meet adapters: built at first use, once per process. Only here are clients made."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from slotline.clock import FullJitter, RandomIds, SystemClock
from slotline.ports import Bookings, Calendars, Calls, Clock, Rates, Receipts
from slotline.settings import Settings
from slotline.store.access import CachedCredentials, DynamoAccess
from slotline.store.calendars import DynamoCalendars
from slotline.store.calls import DynamoCalls
from slotline.store.dynamo import CLIENT_CONFIG, DynamoDBClient
from slotline.store.ledger import DynamoBookings
from slotline.store.rates import DynamoRates
from slotline.store.receipts import DynamoReceipts
from slotline.store.signing import KmsPublicKeys, KmsSigner
from slotline.usecases.authenticate import Authenticate
from slotline.usecases.book_call import BookCall
from slotline.usecases.change_call import ChangeCall
from slotline.usecases.hold_slot import HoldSlot
from slotline.usecases.issue_token import IssueToken

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


@cache
def settings() -> Settings:
    """What this deployment decided."""
    return Settings.from_environment()


@cache
def clock() -> Clock:
    """Now."""
    return SystemClock()


@cache
def _dynamodb() -> DynamoDBClient:
    return boto3.client("dynamodb", config=CLIENT_CONFIG)


@cache
def rates() -> Rates:
    """Request counters."""
    return DynamoRates(_dynamodb(), settings().access_table)


@cache
def calls() -> Calls:
    """Calls as they are read."""
    return DynamoCalls(_dynamodb(), settings().scheduling_table)


@cache
def bookings() -> Bookings:
    """Calls and agents' days, changed together."""
    return DynamoBookings(_dynamodb(), settings().scheduling_table, settings().access_table, clock())


@cache
def book_call() -> BookCall:
    """The one path to a slot."""
    return BookCall(bookings=bookings(), clock=clock(), ids=RandomIds(), backoff=FullJitter())


@cache
def change_call() -> ChangeCall:
    """The loop that every change of a call runs in."""
    return ChangeCall(bookings=bookings(), clock=clock(), ids=RandomIds(), backoff=FullJitter())


@cache
def hold_slot() -> HoldSlot:
    """Time held while a form is filled."""
    return HoldSlot(bookings=bookings(), clock=clock(), ids=RandomIds(), backoff=FullJitter())


@cache
def receipts() -> Receipts:
    """Answers to idempotency keys, where the effect is many transactions."""
    return DynamoReceipts(_dynamodb(), settings().access_table, clock())


@cache
def calendars() -> Calendars:
    """Agents' calendars, as a search reads them."""
    return DynamoCalendars(_dynamodb(), settings().scheduling_table)


@cache
def _kms() -> "KMSClient":
    return boto3.client("kms", config=CLIENT_CONFIG)


@cache
def public_keys() -> KmsPublicKeys:
    """The keys that verify access tokens."""
    return KmsPublicKeys(_kms(), settings().signing_key_ids)


@cache
def issue_token() -> IssueToken:
    """Access tokens for clients that prove themselves."""
    return IssueToken(
        credentials=DynamoAccess(_dynamodb(), settings().access_table),
        signer=KmsSigner(_kms(), settings().signing_key_ids[0]),
        clock=clock(),
        ids=RandomIds(),
    )


@cache
def authenticate() -> Authenticate:
    """Names callers, by what was known of them at most half a minute ago."""
    from slotline.store.verifying import JwtVerifier  # the JWT library: 100 ms that only the authorizer needs

    return Authenticate(
        credentials=CachedCredentials(DynamoAccess(_dynamodb(), settings().access_table), clock()),
        verifier=JwtVerifier(public_keys()),
        clock=clock(),
    )
