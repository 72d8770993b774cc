"""What a week of an agent holds: calls, holds, blocked time, and which times are free to book."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from slotline.domain.booking.apps import Agent, App, Preset
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.claims import ClaimKind
from slotline.domain.booking.eligibility import Terms, is_eligible
from slotline.domain.booking.slots import Busy, epoch_minute
from slotline.domain.shared.intervals import Interval


class Standing(StrEnum):
    """What a time is for whoever would book it."""

    FREE = "free"
    OUTSIDE = "outside"
    """Not worked. Agents may book it all the same."""
    TAKEN = "taken"
    PAST = "past"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsWeek:
    """A week of one agent, as it was read."""

    app: App
    agent: Agent
    span: Interval
    now: datetime
    presets: Sequence[Preset]
    busy: Sequence[Busy]
    """What is taken of the agent's days: what stands in the way of a booking."""
    calls: Sequence[Call]
    """The agent's, in order of their starts; cancelled ones too."""
    pool: Sequence[Call]
    """Those that the agent may claim."""

    @property
    def worked(self) -> Sequence[Interval]:
        """When the agent works."""
        return self.agent.worked(self.span)

    @property
    def shown(self) -> Sequence[Call]:
        """The calls that have a place in the week: all but those that do not take place."""
        return [call for call in self.calls if call.status is not CallStatus.CANCELLED]

    @property
    def cancelled(self) -> Sequence[Call]:
        """The others."""
        return [call for call in self.calls if call.status is CallStatus.CANCELLED]

    def taken_by(self, kind: ClaimKind) -> Sequence[Busy]:
        """What is taken by something of this kind."""
        return [one for one in self.busy if one.kind is kind]

    def standing(self, time: Interval) -> Standing:
        """What a time is. Buffers of a booking that would be made are not asked about: its service knows them."""
        if time.start <= self.now:
            return Standing.PAST
        start, end = epoch_minute(time.start), epoch_minute(time.end)
        if any(one.start - one.before < end and start < one.end + one.after for one in self.busy):
            return Standing.TAKEN
        return Standing.FREE if any(worked.contains(time) for worked in self.worked) else Standing.OUTSIDE

    def preset_of(self, call: Call) -> Preset | None:
        """The service that a call was booked with, as it is now; None if it is gone."""
        return next((preset for preset in self.presets if preset.preset_id == call.preset_id), None)


def claimable(calls: Iterable[Call], agent: Agent, presets: Iterable[Preset], now: datetime) -> Sequence[Call]:
    """The calls of the pool that an agent may claim: those to come that ask for nothing that the agent lacks.

    A call whose service is gone is offered by what it asks for itself; the claim decides by the rules of its booking.
    """
    by_id = {preset.preset_id: preset for preset in presets}

    def may(call: Call) -> bool:
        preset = by_id.get(call.preset_id or "")
        own = Terms.asked(call.required_tags, call.agent_ids)
        return is_eligible(agent, own.under(preset) if preset else own)

    return [call for call in calls if call.is_in_pool and call.claim.meeting.end > now and may(call)]


def differs_from_days(calls: Iterable[Call], busy: Iterable[Busy], span: Interval) -> frozenset[str]:
    """The ids of calls in this time that a list and the agent's days do not agree about.

    A list follows its calls by moments and the days are exact, so these are to be read again.
    """
    first, last = epoch_minute(span.start), epoch_minute(span.end)
    listed = {call.id: _times(call) for call in calls if not call.is_final}
    taken = {
        one.id: (one.start, one.end)
        for one in busy
        if one.kind is ClaimKind.CALL and one.start < last and first < one.end
    }
    return frozenset(call_id for call_id, _ in listed.items() ^ taken.items())


def _times(call: Call) -> tuple[int, int]:
    meeting = call.claim.meeting
    return epoch_minute(meeting.start), epoch_minute(meeting.end)
