"""Calls that websites start, and end."""

from functools import cache

from slotline.usecases.end_video_call import EndVideoCall
from slotline.usecases.start_instant_call import StartInstantCall
from slotline.wiring import common
from slotline.wiring.presets import presets
from slotline.wiring.receipts import once
from slotline.wiring.rooms import rooms


@cache
def start_instant_call() -> StartInstantCall:
    """Calls at once."""
    return StartInstantCall(rooms=rooms(), presets=presets(), once=once(), ids=common.ids())


@cache
def end_video_call() -> EndVideoCall:
    """Their end."""
    return EndVideoCall(rooms=rooms(), once=once())
