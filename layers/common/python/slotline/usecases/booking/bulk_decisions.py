"""What a change of many calls makes of each: the same decisions as if somebody had changed that call alone."""

from dataclasses import dataclass

from slotline.domain.booking.bulk_jobs import BulkAction, BulkChange
from slotline.domain.booking.requests import CallUpdate
from slotline.domain.shared.phones import Screen
from slotline.ports.booking import Bookings
from slotline.usecases.booking.call_changes import CancelCall, UpdateCall
from slotline.usecases.booking.change_call import Decide
from slotline.usecases.booking.pass_on import PassOn


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkDecisions:
    """The decision for each kind of change."""

    bookings: Bookings
    screen: Screen

    def __call__(self, change: BulkChange) -> Decide:
        """What becomes of a call."""
        if change.action is BulkAction.CANCEL:
            return CancelCall(reason=change.reason)
        if change.agent_id is None:
            return PassOn(bookings=self.bookings, reason=change.reason)
        update = CallUpdate(assigned_agent_id=change.agent_id, reason=change.reason)
        return UpdateCall(bookings=self.bookings, update=update, screen=self.screen)
