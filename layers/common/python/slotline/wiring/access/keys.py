"""Clients and keys, as people keep them."""

from functools import cache

from slotline.ids import new_secret
from slotline.store.access.credentials import DynamoAccess
from slotline.usecases.access.keep_credentials import KeepCredentials
from slotline.wiring import common


@cache
def keep_credentials() -> KeepCredentials:
    """Makes, replaces and ends them."""
    access = DynamoAccess(common.dynamodb(), common.settings().access_table)
    return KeepCredentials(credentials=access, clock=common.clock(), ids=common.ids(), new_secret=new_secret)
