"""People's accounts, and what they read of the audit log."""

from functools import cache

from slotline.store.access.users import DynamoUsers
from slotline.usecases.access.read_audit_log import ReadAuditLog
from slotline.wiring import common
from slotline.wiring.access.audit_log import audit_log


@cache
def users() -> DynamoUsers:
    """The accounts of people who sign in."""
    return DynamoUsers(common.dynamodb(), common.settings().access_table)


@cache
def read_audit_log() -> ReadAuditLog:
    """Reads and exports the audit log."""
    return ReadAuditLog(log=audit_log(), clock=common.clock(), ids=common.ids())
