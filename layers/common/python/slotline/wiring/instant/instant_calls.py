"""Calls that websites start, and end."""

from functools import cache, partial

from slotline.domain.access.identity import CALL_SECRET_PREFIX
from slotline.ids import new_secret
from slotline.usecases.instant.end_call import EndVideoCall
from slotline.usecases.instant.start_call import StartInstantCall
from slotline.wiring import common
from slotline.wiring.booking.presets import presets
from slotline.wiring.instant.rooms import rooms
from slotline.wiring.shared.receipts import once


@cache
def start_instant_call() -> StartInstantCall:
    """Calls at once."""
    return StartInstantCall(
        rooms=rooms(),
        presets=presets(),
        once=once(),
        ids=common.ids(),
        new_secret=partial(new_secret, CALL_SECRET_PREFIX),
    )


@cache
def end_video_call() -> EndVideoCall:
    """Their end."""
    return EndVideoCall(rooms=rooms(), once=once())
