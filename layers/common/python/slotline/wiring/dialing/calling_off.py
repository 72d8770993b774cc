"""Calls that people call off: apart from what dials."""

from functools import cache

from slotline.usecases.dialing.call_off import CallOffDial, CallOffOnce
from slotline.wiring import common
from slotline.wiring.dialing.calls import dial_calls
from slotline.wiring.dialing.carriers import carrier
from slotline.wiring.shared.receipts import once


@cache
def call_off_once() -> CallOffOnce:
    """Calls that somebody asks to call off."""
    call_off = CallOffDial(calls=dial_calls(), carriers=carrier, clock=common.clock(), backoff=common.backoff())
    return CallOffOnce(call_off=call_off, once=once())
