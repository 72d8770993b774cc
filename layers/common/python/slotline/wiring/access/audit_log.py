"""The audit log, for what is read of it and for what is no part of a transaction."""

from functools import cache

from slotline.store.access.audit_log import DynamoAuditLog
from slotline.wiring import common


@cache
def audit_log() -> DynamoAuditLog:
    """The log."""
    return DynamoAuditLog(common.dynamodb(), common.settings().access_table)
