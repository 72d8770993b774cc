"""Signing in, and the account."""

from functools import cache
from typing import TYPE_CHECKING

from slotline.store.access.audit_log import DynamoAuditLog
from slotline.store.access.users import DynamoUsers
from slotline.wiring import common
from slotline.wiring.access.sessions import sessions

if TYPE_CHECKING:
    from slotline.ports.access import OneTimeCodes, Passwords
    from slotline.usecases.access.begin_session import BeginSession
    from slotline.usecases.access.keep_account import KeepAccount
    from slotline.usecases.access.sign_in import ProveSecondFactor, SignIn, Tries
    from slotline.usecases.access.sign_out import SignOut


@cache
def users() -> DynamoUsers:
    """Accounts."""
    return DynamoUsers(common.dynamodb(), common.settings().access_table)


@cache
def audit_log() -> DynamoAuditLog:
    """What was done, if nothing else is written with it."""
    return DynamoAuditLog(common.dynamodb(), common.settings().access_table)


@cache
def passwords() -> "Passwords":
    """Their hashes; the library is imported with the first that is judged."""
    from slotline.tokens.passwords import Argon2Passwords

    return Argon2Passwords()


@cache
def codes() -> "OneTimeCodes":
    """The codes of authenticators; likewise."""
    from slotline.tokens.one_time_codes import TotpCodes

    return TotpCodes()


@cache
def begin_session() -> "BeginSession":
    """Begins sessions."""
    from slotline.ids import new_secret
    from slotline.usecases.access.begin_session import BeginSession

    return BeginSession(sessions=sessions(), clock=common.clock(), ids=common.ids(), new_secret=new_secret)


@cache
def tries() -> "Tries":
    """Counts tries."""
    from slotline.usecases.access.sign_in import Tries

    return Tries(rates=common.rates(), sessions=sessions(), clock=common.clock())


@cache
def sign_in() -> "SignIn":
    """Judges passwords."""
    from slotline.usecases.access.sign_in import SignIn

    return SignIn(
        users=users(),
        begin=begin_session(),
        passwords=passwords(),
        tries=tries(),
        audit=audit_log(),
        backoff=common.backoff(),
    )


@cache
def prove_second_factor() -> "ProveSecondFactor":
    """Judges codes."""
    from slotline.usecases.access.sign_in import ProveSecondFactor

    return ProveSecondFactor(
        sessions=sessions(),
        begin=begin_session(),
        codes=codes(),
        tries=tries(),
        audit=audit_log(),
        clock=common.clock(),
        backoff=common.backoff(),
    )


@cache
def sign_out() -> "SignOut":
    """Ends sessions."""
    from slotline.usecases.access.sign_out import SignOut

    return SignOut(sessions=sessions(), begin=begin_session())


@cache
def keep_account() -> "KeepAccount":
    """What people do with their own account."""
    from secrets import token_bytes

    from slotline.usecases.access.keep_account import KeepAccount

    return KeepAccount(
        users=users(),
        sessions=sessions(),
        begin=begin_session(),
        passwords=passwords(),
        codes=codes(),
        tries=tries(),
        clock=common.clock(),
        backoff=common.backoff(),
        random=token_bytes,
    )
