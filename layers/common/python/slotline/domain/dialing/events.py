"""What happened to a call that is dialled, one event for each status it came to: the outbox of `dial.call.updated`.

An event carries no personal data: the call has it, once.
"""

from dataclasses import dataclass
from datetime import datetime

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.statuses import DialStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DialEvent:
    """A call came to a status. `sequence` is the revision that did it: it rises, with gaps.

    `attempt`: the number of the last attempt; 0 before the first. `due_at`: when it acts next, None once it is over.
    """

    organization_id: str
    call_id: str
    campaign_id: str | None
    sequence: int
    status: DialStatus
    attempt: int
    reason: str | None
    due_at: datetime | None
    occurred_at: datetime


def event_of(before: DialCall, after: DialCall) -> DialEvent | None:
    """What a change of a call has to tell: its new status, or that it is over; None where it is neither."""
    if before.status is after.status and before.is_over is after.is_over:
        return None
    return DialEvent(
        organization_id=after.organization_id,
        call_id=after.id,
        campaign_id=after.campaign_id,
        sequence=after.revision,
        status=after.status,
        attempt=after.last_attempt,
        reason=after.reason,
        due_at=after.due_at,
        occurred_at=after.updated_at,
    )
