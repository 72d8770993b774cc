"""The door of pages that people sign in to."""

from functools import cache

from slotline.store.access.sessions import DynamoSessions
from slotline.usecases.access.admit_user import AdmitUser
from slotline.wiring import common


@cache
def sessions() -> DynamoSessions:
    """Sessions of people who signed in."""
    settings = common.settings()
    return DynamoSessions(common.dynamodb(), settings.scheduling_table, settings.access_table)


@cache
def admit_user() -> AdmitUser:
    """Names people by their sessions."""
    return AdmitUser(sessions=sessions(), clock=common.clock())
