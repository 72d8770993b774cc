"""What becomes of one call whose wall time is another under present zone rules: a decision for `ChangeCall`.

It is decided on the call as it is by then, and written with a promise under the present rules. So whoever comes to the
call again, a walk that begins once more or a second one beside it, finds nothing to do.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.booking.apps import App
from slotline.domain.booking.calls import Call
from slotline.domain.booking.promises import ZoneChange, ZoneOutcome
from slotline.domain.booking.requests import CallUpdate
from slotline.domain.booking.timeline import followed_zone_rules
from slotline.domain.booking.zone_changes import finds, promised_now, reason_of, start_by_promise
from slotline.domain.shared.errors import Conflict, InvalidRequest
from slotline.domain.shared.phones import Screen
from slotline.ports.booking import Bookings
from slotline.usecases.booking.call_changes import UpdateCall
from slotline.usecases.booking.change_call import Change

REASON = "zone_rules_changed"
"""Why a call was moved, as its timeline says."""


class MovesLater(Exception):
    """The call goes to a later hour: whatever stands there now may be about to make room. Nothing was decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowZoneRules:
    """Tell a call's people of its new wall time, or move it to the one that was promised, as its preset wants it.

    `release`: of the present rules. `changed_zones`: those that it changed, for calls whose promise nobody kept.
    `is_back`: calls are come to from the last one to the first, so those that go to a later hour are moved too.
    """

    bookings: Bookings
    screen: Screen
    release: str
    changed_zones: frozenset[str]
    is_back: bool = False

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:
        """The change; None for a call that shows what it promised, or is no longer waited for. Raises MovesLater."""
        outcome = finds(call, self.release, self.changed_zones, now)
        if outcome is None:
            return None
        if outcome is ZoneOutcome.NOT_KNOWN:
            return self._found(Change(call=call, event_drafts=[]), call, outcome, None, now)
        try:
            start = start_by_promise(call, app.preset)
            if start is None:
                return self._found(Change(call=call, event_drafts=[]), call, outcome, None, now)
            if start > call.scheduled_at and not self.is_back:
                raise MovesLater
            moved = self._move(call, app, start, now)
        except (InvalidRequest, Conflict) as refusal:
            unmoved = Change(call=call, event_drafts=[])
            return self._found(unmoved, call, ZoneOutcome.NOT_MOVED, reason_of(refusal), now)
        return self._found(moved, call, ZoneOutcome.MOVED, None, now)

    def _move(self, call: Call, app: App, start: datetime, now: datetime) -> Change:
        """The ordinary reschedule. Raises the fact in the way: the past, a call, a hold, a block, do-not-disturb."""
        update = CallUpdate(scheduled_at=start, reason=REASON)
        moved = UpdateCall(bookings=self.bookings, update=update, screen=self.screen)(call, app, now)
        if moved is None:
            raise AssertionError("another start is a change")
        return moved

    def _found(self, change: Change, before: Call, outcome: ZoneOutcome, reason: str | None, now: datetime) -> Change:
        """The change with what was found: in the call, for the list, and on its timeline."""
        found = ZoneChange(
            outcome=outcome,
            before=before.promised,
            after=promised_now(change.call, self.release),
            found_at=now,
            reason=reason,
        )
        call = replace(change.call, promised=found.after, zone_change=found)
        return replace(change, call=call, event_drafts=[*change.event_drafts, followed_zone_rules(found)])
