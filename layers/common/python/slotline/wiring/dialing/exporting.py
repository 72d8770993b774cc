"""Tables of calls, for whoever takes them along."""

from functools import cache

from slotline.usecases.dialing.export_calls import ExportCalls
from slotline.wiring.access.audit_log import audit_log
from slotline.wiring.dialing.calls import campaigns, dial_calls
from slotline.wiring.shared.receipts import once


@cache
def export_calls() -> ExportCalls:
    """A campaign's calls."""
    return ExportCalls(campaigns=campaigns(), dials=dial_calls(), log=audit_log(), once=once())
