"""A row's own date, time and zone stay what they are while a government moves its clocks."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from slotline.domain.dialing.calls import DialCall, Later
from slotline.domain.dialing.hours import Hours, hours_of
from slotline.domain.dialing.numbers import NOT_GRANTED
from slotline.domain.dialing.own_times import OwnTime
from slotline.domain.dialing.planning import Planner
from slotline.domain.dialing.rulings import Facts, Go, ruling
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.dialing.zone_changes import ZONE_RULES_CHANGED, planned_again, waits_for_own_time
from slotline.store.dialing.items import dial_call_from_item, dial_call_to_item
from slotline.store.dynamodb.client import from_values, to_values
from slotline.usecases.dialing.follow_zone_rules import FollowDialZoneRules
from tests.support.builders.apps import SetClock
from tests.support.builders.dialing import a_dial_call, a_number, a_request, a_use_case
from tests.support.memory.dials import MemoryDials
from tests.support.memory.running import RecordedBackoff

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
NINE_BY_FORMER_RULES = datetime(2027, 1, 12, 17, 0, tzinfo=UTC)
"""In Vancouver, where nine is an hour earlier by now."""
USE_CASE = a_use_case(callee_start="00:00", callee_end="24:00")


def asked_for_nine(**changes: Any) -> DialCall:
    own = OwnTime(wall="2027-01-12T09:00", zone="America/Vancouver", at=NINE_BY_FORMER_RULES)
    said = {"has_own_time": True, "own_time": own, "scheduled_at": own.at, "due_at": own.at}
    return a_dial_call(**{**said, "zones": ("America/Vancouver",), **changes})


def hours() -> Hours:
    return hours_of(USE_CASE, ("America/Vancouver",))


def test_a_plan_keeps_the_wall_time_that_its_row_asked_for() -> None:
    planner = Planner(USE_CASE, now=NOW, zones_of=lambda _: ("America/Bogota",))
    row = a_request(scheduled_date="2027-01-12", scheduled_time="09:00", timezone="America/Vancouver")
    planned = planner.plan(row)
    at = datetime(2027, 1, 12, 16, tzinfo=UTC)
    assert planned.own_time == OwnTime(wall="2027-01-12T09:00", zone="America/Vancouver", at=at)
    assert planner.plan(a_request()).own_time is None
    of_a_day = planner.plan(a_request(scheduled_date="2027-01-12", timezone="America/Vancouver")).own_time
    assert of_a_day == OwnTime.of(date(2027, 1, 12), None, "America/Vancouver", at - 9 * HOUR)
    assert of_a_day.wall == "2027-01-12T00:00"


def test_a_planned_call_goes_out_at_its_wall_time_by_present_rules() -> None:
    again = planned_again(asked_for_nine(), hours(), NOW)
    assert again is not None
    assert (again.due_at, again.reason, again.revision) == (NINE_BY_FORMER_RULES - HOUR, ZONE_RULES_CHANGED, 2)
    assert again.scheduled_at == NINE_BY_FORMER_RULES
    assert planned_again(again, hours(), NOW) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"own_time": None},
        {"due_at": None},
        {"due_at": NOW},
        {"is_called_off": True},
        {"reason": "campaign_paused"},
        {"reason": NOT_GRANTED},
        {"status": DialStatus.RINGING},
        {"attempted_at": (NOW,)},
        {"own_time": OwnTime.of(date(2027, 1, 12), time(17), "Europe/London", NINE_BY_FORMER_RULES)},
        {"own_time": OwnTime.of(date(2027, 1, 12), time(9), "Mars/Olympus", NINE_BY_FORMER_RULES)},
    ],
)
def test_what_did_not_change_or_waits_for_something_else_stays(changes: Mapping[str, Any]) -> None:
    assert planned_again(asked_for_nine(**changes), hours(), NOW) is None


def test_its_new_time_is_in_its_hours_all_the_same() -> None:
    use_case = a_use_case(callee_start="09:30", callee_end="21:00")
    again = planned_again(asked_for_nine(), hours_of(use_case, ("America/Vancouver",)), NOW)
    assert again is not None
    assert again.due_at == datetime(2027, 1, 12, 16, 30, tzinfo=UTC)


def test_a_call_that_is_due_before_its_own_time_waits_for_it() -> None:
    """Morocco's clocks went back: what was planned for nine would ring at eight."""
    eight = datetime(2027, 1, 12, 8, tzinfo=UTC)
    own = OwnTime(wall="2027-01-12T09:00", zone="Africa/Casablanca", at=eight)
    call = asked_for_nine(own_time=own, zones=("Africa/Casablanca",), due_at=eight)
    facts = Facts(campaign=None, use_case=USE_CASE, number=a_number(), is_granted=True, is_listed=False)
    ruled = ruling(call, facts, lambda *_: True, eight, is_barred=False)
    assert ruled == Later(at=eight + HOUR, reason=ZONE_RULES_CHANGED)
    assert isinstance(ruling(call, facts, lambda *_: True, eight + HOUR, is_barred=False), Go)
    assert waits_for_own_time(replace(call, attempted_at=(NOW,)), eight) is None


def test_every_waiting_call_is_come_to_and_planned_again_once() -> None:
    dials = MemoryDials()
    dials.add(
        [asked_for_nine(id=f"call-{number}") for number in range(5)] + [a_dial_call(id="other", due_at=NOW + HOUR)]
    )
    use_cases = _UseCases()
    follow = FollowDialZoneRules(calls=dials, use_cases=use_cases, clock=SetClock(NOW), backoff=RecordedBackoff())
    for _ in range(2):
        place = follow(None)
        while place:
            place = follow(place)
    moved = [call for call in dials.calls.values() if call.reason == ZONE_RULES_CHANGED]
    assert [(call.due_at, call.revision) for call in moved] == [(NINE_BY_FORMER_RULES - HOUR, 2)] * 5
    assert dials.calls["org", "other"].revision == 1


class _UseCases:
    def get(self, organization_id: str, use_case_id: str) -> Any:
        assert (organization_id, use_case_id) == ("org", "use-case")
        return USE_CASE


def test_a_row_keeps_what_was_asked_for() -> None:
    call = asked_for_nine()
    assert dial_call_from_item(from_values(to_values(dial_call_to_item(call)))) == call
    assert dial_call_from_item(from_values(to_values(dial_call_to_item(a_dial_call())))).own_time is None
