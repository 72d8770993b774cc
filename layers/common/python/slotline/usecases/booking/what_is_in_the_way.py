"""Why a time cannot be had: what of an agent's own days stands there, for the agent, who may know."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.domain.booking.apps import Preset
from slotline.domain.booking.calls import Call
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.shared.intervals import Interval
from slotline.ports.booking import Bookings, Calls
from slotline.ports.shared import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class InTheWay:
    """What stands in the way of a booking; with the call, if it is one of the agent's."""

    claim: Claim
    call: Call | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIsInTheWay:
    """Looks for it, by the rule that refuses the booking: two requests."""

    bookings: Bookings
    calls: Calls
    clock: Clock

    def __call__(self, app_id: str, agent_id: str, preset: Preset, start: datetime) -> InTheWay | None:
        """What a booking of this service would collide with; None if nothing."""
        wanted = Claim(
            id="",
            kind=ClaimKind.CALL,
            meeting=Interval.starting(start, timedelta(minutes=preset.duration_minutes)),
            before=timedelta(minutes=preset.buffer_before_minutes),
            after=timedelta(minutes=preset.buffer_after_minutes),
        )
        candidate = self.bookings.candidate(app_id, agent_id, wanted.padded)
        found = candidate.agent_days.collision(wanted, self.clock.now()) if candidate else None
        if found is None:
            return None
        there = self.calls.several([(app_id, found.id)]) if found.kind is ClaimKind.CALL else ()
        call = next((one for _, _, one in there if one and one.assigned_agent_id == agent_id), None)
        return InTheWay(claim=found, call=call)
