"""Calls to be dialled whose own time is another instant since the rules of its zone changed: some at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.hours import hours_of
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.dialing.zone_changes import planned_again
from slotline.ports.dialing import DialCalls, UseCases
from slotline.ports.shared import Backoff, Clock
from slotline.usecases.dialing.walking import change_each


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowDialZoneRules:
    """Gives calls the instants of their own times by present rules. Again: nothing to do."""

    calls: DialCalls
    use_cases: UseCases
    clock: Clock
    backoff: Backoff

    def __call__(self, place: Mapping[str, object] | None) -> Mapping[str, object] | None:
        """The calls from this place on, as many as are read at once, and where the next ones are."""
        calls, following = self.calls.waiting(place)
        known: dict[tuple[str, str], UseCase | None] = {}

        def decide(call: DialCall, now: datetime) -> DialCall | None:
            owner = (call.organization_id, call.use_case_id)
            if owner not in known:
                known[owner] = self.use_cases.get(*owner)
            use_case = known[owner]
            return planned_again(call, hours_of(use_case, call.zones), now) if use_case else None

        change_each(self.calls, [call for call in calls if call.own_time], decide, self.clock, self.backoff)
        return following
