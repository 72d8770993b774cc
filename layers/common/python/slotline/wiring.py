"""Where ports meet adapters: built at first use, once per process. Only here are clients made."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from slotline.clock import FullJitter, RandomIds, SystemClock
from slotline.ports import Agents, AgentTime, Bookings, Calendars, Calls, Clock, Presets, Rates, Receipts, Rooms
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

    from slotline.usecases.admit_website import AdmitWebsite
    from slotline.usecases.block_time import BlockTime
    from slotline.usecases.end_video_call import EndVideoCall
    from slotline.usecases.keep_agents import AddAgent, ChangeAgent
    from slotline.usecases.keep_do_not_disturb import AddDoNotDisturb, RemoveDoNotDisturb
    from slotline.usecases.keep_exceptions import AddException, RemoveException
    from slotline.usecases.keep_presets import ActivatePreset, AddPreset, ChangePreset, RemovePreset
    from slotline.usecases.once import Once
    from slotline.usecases.start_instant_call import StartInstantCall


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


# What sets up agents and presets is imported where it is made: the doors that book need none of it.


@cache
def agents() -> Agents:
    """The agents of apps."""
    from slotline.store.agents import DynamoAgents

    return DynamoAgents(_dynamodb(), settings().scheduling_table, settings().access_table, clock())


@cache
def agent_time() -> AgentTime:
    """Exceptions and do-not-disturb windows."""
    from slotline.store.agent_time import DynamoAgentTime

    return DynamoAgentTime(_dynamodb(), settings().scheduling_table, settings().access_table, clock())


@cache
def presets() -> Presets:
    """The presets of apps."""
    from slotline.store.presets import DynamoPresets

    return DynamoPresets(_dynamodb(), settings().scheduling_table, settings().access_table, clock())


@cache
def _once() -> "Once":
    from slotline.usecases.once import Once

    return Once(receipts=receipts(), clock=clock(), backoff=FullJitter())


@cache
def _block_time() -> "BlockTime":
    from slotline.usecases.block_time import BlockTime

    return BlockTime(bookings=bookings(), once=_once())


@cache
def add_agent() -> "AddAgent":
    """New agents."""
    from slotline.usecases.keep_agents import AddAgent

    return AddAgent(agents=agents(), ids=RandomIds(), once=_once())


@cache
def change_agent() -> "ChangeAgent":
    """Changes of agents."""
    from slotline.usecases.keep_agents import ChangeAgent

    return ChangeAgent(agents=agents(), once=_once())


@cache
def add_exception() -> "AddException":
    """Dates blocked, or added."""
    from slotline.usecases.keep_exceptions import AddException

    return AddException(
        agents=agents(), agent_time=agent_time(), ids=RandomIds(), once=_once(), block_time=_block_time()
    )


@cache
def remove_exception() -> "RemoveException":
    """Dates given back."""
    from slotline.usecases.keep_exceptions import RemoveException

    return RemoveException(agents=agents(), agent_time=agent_time(), bookings=bookings(), once=_once())


@cache
def add_do_not_disturb() -> "AddDoNotDisturb":
    """Time in which an agent takes no calls."""
    from slotline.usecases.keep_do_not_disturb import AddDoNotDisturb

    return AddDoNotDisturb(agents=agents(), agent_time=agent_time(), ids=RandomIds(), block_time=_block_time())


@cache
def remove_do_not_disturb() -> "RemoveDoNotDisturb":
    """That time given back."""
    from slotline.usecases.keep_do_not_disturb import RemoveDoNotDisturb

    return RemoveDoNotDisturb(agents=agents(), agent_time=agent_time(), once=_once())


@cache
def add_preset() -> "AddPreset":
    """New presets."""
    from slotline.usecases.keep_presets import AddPreset

    return AddPreset(presets=presets(), ids=RandomIds(), once=_once())


@cache
def change_preset() -> "ChangePreset":
    """Changes of presets."""
    from slotline.usecases.keep_presets import ChangePreset

    return ChangePreset(presets=presets(), ids=RandomIds(), once=_once())


@cache
def activate_preset() -> "ActivatePreset":
    """Which preset rules."""
    from slotline.usecases.keep_presets import ActivatePreset

    return ActivatePreset(presets=presets(), ids=RandomIds(), once=_once())


@cache
def remove_preset() -> "RemovePreset":
    """Presets taken away."""
    from slotline.usecases.keep_presets import RemovePreset

    return RemovePreset(presets=presets(), once=_once())


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


# What serves websites and rooms is imported where it is made, too.


@cache
def admit_website() -> "AdmitWebsite":
    """Names websites by their widget keys."""
    from slotline.store.websites import DynamoWebsites
    from slotline.usecases.admit_website import AdmitWebsite

    return AdmitWebsite(websites=DynamoWebsites(_dynamodb(), settings().scheduling_table, settings().access_table))


@cache
def rooms() -> Rooms:
    """Calls by their links."""
    from slotline.store.video_calls import DynamoRooms

    return DynamoRooms(_dynamodb(), settings().scheduling_table, settings().access_table, clock())


@cache
def start_instant_call() -> "StartInstantCall":
    """Calls at once."""
    from slotline.usecases.start_instant_call import StartInstantCall

    return StartInstantCall(rooms=rooms(), presets=presets(), once=_once(), ids=RandomIds())


@cache
def end_video_call() -> "EndVideoCall":
    """Their end."""
    from slotline.usecases.end_video_call import EndVideoCall

    return EndVideoCall(rooms=rooms(), once=_once())
