"""People's accounts, and the audit log."""

from functools import cache

from slotline.store.access.audit_log import DynamoAuditLog
from slotline.store.access.users import DynamoUsers
from slotline.usecases.access.read_audit_log import ReadAuditLog
from slotline.wiring import common


@cache
def users() -> DynamoUsers:
    """The accounts of people who sign in."""
    return DynamoUsers(common.dynamodb(), common.settings().access_table)


@cache
def read_audit_log() -> ReadAuditLog:
    """Reads and exports the audit log."""
    log = DynamoAuditLog(common.dynamodb(), common.settings().access_table)
    return ReadAuditLog(log=log, clock=common.clock(), ids=common.ids())
