"""Calls as they are listed and counted: apart from what writes them, which needs none of it."""

from functools import cache

from slotline.ports.dialing import DialLists
from slotline.store.dialing.lists import DynamoDialLists
from slotline.usecases.dialing.read_calls import ListCalls, ReadProgress
from slotline.wiring import common
from slotline.wiring.dialing.calls import campaigns, dial_calls
from slotline.wiring.shared.derived import of_dials


@cache
def dial_lists() -> DialLists:
    """The calls as they are listed and counted."""
    return DynamoDialLists(common.dynamodb(), common.settings().dialing_table, of_dials())


@cache
def list_calls() -> ListCalls:
    """Pages of calls."""
    return ListCalls(campaigns=campaigns(), calls=dial_calls(), lists=dial_lists(), clock=common.clock())


@cache
def read_progress() -> ReadProgress:
    """Campaigns with their progress."""
    return ReadProgress(calls=dial_calls(), lists=dial_lists())
