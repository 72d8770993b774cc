"""The calls of files, created in the background."""

from functools import cache

from slotline.telephony import numbering
from slotline.usecases.dialing.import_calls import ImportCalls
from slotline.wiring import common
from slotline.wiring.dialing.calls import campaigns, dial_calls, uploads
from slotline.wiring.dialing.settings import numbers, use_cases


@cache
def import_calls() -> ImportCalls:
    """The calls of an uploaded file."""
    return ImportCalls(
        campaigns=campaigns(),
        calls=dial_calls(),
        uploads=uploads(),
        use_cases=use_cases(),
        numbers=numbers(),
        screen=numbering.refusal_of,
        zones_of=numbering.zones_of,
        clock=common.clock(),
        ids=common.ids(),
        backoff=common.backoff(),
    )
