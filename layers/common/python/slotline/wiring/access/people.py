"""People's accounts, and what they read of the audit log."""

from functools import cache
from typing import TYPE_CHECKING

from slotline.store.access.connections import DynamoConnections
from slotline.store.access.users import DynamoUsers
from slotline.usecases.access.read_audit_log import ReadAuditLog
from slotline.wiring import common
from slotline.wiring.access.audit_log import audit_log

if TYPE_CHECKING:
    from slotline.ports.apps import Agents
    from slotline.usecases.access.keep_people import KeepPeople


@cache
def users() -> DynamoUsers:
    """The accounts of people who sign in."""
    return DynamoUsers(common.dynamodb(), common.settings().access_table)


@cache
def connections() -> DynamoConnections:
    """Organizations' providers of identities."""
    return DynamoConnections(common.dynamodb(), common.settings().access_table)


@cache
def read_audit_log() -> ReadAuditLog:
    """Reads and exports the audit log."""
    return ReadAuditLog(log=audit_log(), clock=common.clock(), ids=common.ids())


def keep_people(agents: "Agents") -> "KeepPeople":
    """Changes of accounts, some of which are agents."""
    from slotline.usecases.access.keep_people import KeepPeople

    return KeepPeople(users=users(), agents=agents, clock=common.clock(), ids=common.ids(), backoff=common.backoff())
