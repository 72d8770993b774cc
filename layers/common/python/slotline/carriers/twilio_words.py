"""Twilio's words for how a call goes on, as ours.

Statuses: https://www.twilio.com/docs/voice/api/call-resource#call-status-values. Who answered:
https://www.twilio.com/docs/voice/answering-machine-detection.
"""

from collections.abc import Mapping

from slotline.domain.dialing.carrier_orders import Report
from slotline.domain.dialing.statuses import DialStatus

_STATUSES = {
    "queued": DialStatus.INITIATED,
    "initiated": DialStatus.INITIATED,
    "ringing": DialStatus.RINGING,
    "in-progress": DialStatus.IN_PROGRESS,
    "answered": DialStatus.IN_PROGRESS,
    "completed": DialStatus.COMPLETED,
    "busy": DialStatus.BUSY,
    "no-answer": DialStatus.NO_ANSWER,
    "canceled": DialStatus.CANCELED,
    "failed": DialStatus.FAILED,
}


def report_of(status: object, sid: object, answered_by: object) -> Report | None:
    """What is said of a call; None for a status that we do not know."""
    known = _STATUSES.get(str(status).lower())
    if known is None:
        return None
    return Report(status=known, carrier_call_id=str(sid) if sid else None, answered_by_machine=_is_machine(answered_by))


def report_of_fields(fields: Mapping[str, str]) -> Report | None:
    """What the form of a callback says; None too if it does not say of which call."""
    if not fields.get("CallSid"):
        return None
    return report_of(fields.get("CallStatus", ""), fields.get("CallSid"), fields.get("AnsweredBy"))


def _is_machine(answered_by: object) -> bool | None:
    said = str(answered_by or "").lower()
    if said.startswith("machine") or said == "fax":
        return True
    return False if said == "human" else None
