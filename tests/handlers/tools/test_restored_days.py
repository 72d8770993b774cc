"""After a restore an agent's days say what the calls say: nobody is booked twice, and no time is lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.booking.agent_days import AgentDay, release
from slotline.domain.booking.agent_time import DoNotDisturbWindow, ExceptionKind, ExceptionState, ScheduleException
from slotline.domain.booking.blocks import block
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.claims import Claim
from slotline.domain.shared.intervals import Interval
from slotline.store.booking.items import agent_day_from_item, agent_to_item, do_not_disturb_to_item, exception_to_map
from slotline.store.booking.writes import block_day, change_day, list_months
from slotline.store.dynamodb import keys
from tests.handlers.tools.test_restore import RESTORED, SCHEDULING, Tables, call_to_item
from tests.support.aws.moto_tables import aws_in_memory
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import AGENT, TOMORROW, a_call, an_agent

HOUR = timedelta(hours=1)
LOST = a_call(id="lost", assigned_agent_id=AGENT, scheduled_at=TOMORROW)
APP = LOST.app_id
LATER = a_call(id="later", assigned_agent_id=AGENT, scheduled_at=TOMORROW + 3 * HOUR)
WINDOW = DoNotDisturbWindow(id="window", interval=Interval(TOMORROW - 3 * HOUR, TOMORROW - 2 * HOUR))
HOLIDAY = ScheduleException(
    id="holiday", kind=ExceptionKind.BLOCKED, first=TOMORROW.date(), last=TOMORROW.date(), zone="UTC", start="20:00"
)


class Calendar:
    """The scheduling table as bookings leave it, and its backup."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def books(self, *calls: Call, table: str = SCHEDULING) -> None:
        for call in calls:
            self.tables.put(table, call_to_item(call))
            self._update(list_months(table, APP, [call.month]))
            self.takes(call.claim, table=table)

    def takes(self, claim: Claim, *, table: str = SCHEDULING) -> None:
        for day in block(AGENT, [claim]):
            self._update(block_day(table, APP, day))

    def gives_back(self, claim: Claim) -> None:
        for day in release(AGENT, claim):
            self._update(change_day(SCHEDULING, APP, day))

    def backs_up(self) -> None:
        for row in self.tables.client.scan(TableName=SCHEDULING)["Items"]:
            self.tables.client.put_item(TableName=RESTORED[SCHEDULING], Item=row)

    def loses(self, *found: dict[str, str]) -> None:
        for key in found:
            whole = {name: {"S": value} for name, value in key.items()}
            self.tables.client.delete_item(TableName=SCHEDULING, Key=whole)

    @property
    def day(self) -> AgentDay:
        at = TOMORROW.date()
        return agent_day_from_item(at, self.tables.row(SCHEDULING, keys.agent_day(APP, AGENT, at)))

    @property
    def taken(self) -> set[str]:
        return {claim.id for claim in self.day.claims}

    def _update(self, part: Any) -> None:
        self.tables.client.update_item(**part["Update"])


@pytest.fixture
def calendar() -> Iterator[Calendar]:
    with aws_in_memory() as client:
        yield Calendar(Tables(client))


DAY, LOST_KEY = keys.agent_day(APP, AGENT, TOMORROW.date()), keys.call(APP, LOST.id)


def test_a_call_that_comes_back_to_a_day_that_was_booked_since_has_its_time_again(calendar: Calendar):
    calendar.books(LOST)
    calendar.backs_up()
    calendar.loses(LOST_KEY, DAY, keys.months(APP))
    calendar.books(LATER)
    guard = calendar.day.guards
    done = calendar.tables.takes_back()
    assert calendar.taken == {"lost", "later"}
    assert calendar.day.guards[TOMORROW.hour] == guard.get(TOMORROW.hour, 0) + 1, (
        "whoever has read the day decides again"
    )
    assert (done.put_right, done.overlapping_calls) == ({"DAY": 1}, [])


def test_a_day_that_comes_back_knows_what_was_booked_moved_and_called_off_since(calendar: Calendar):
    moved, off = (a_call(id=name, assigned_agent_id=AGENT, scheduled_at=TOMORROW - HOUR) for name in ("moved", "off"))
    calendar.books(LOST, moved, off)
    calendar.backs_up()
    calendar.gives_back(off.claim)
    calendar.tables.put(SCHEDULING, call_to_item(replace(off, status=CallStatus.CANCELLED, revision=2)))
    calendar.books(LATER, replace(moved, scheduled_at=TOMORROW + 5 * HOUR, revision=2))
    calendar.loses(DAY)
    calendar.tables.takes_back()
    assert calendar.taken == {"lost", "moved", "later"}
    assert {claim.meeting.start for claim in calendar.day.claims if claim.id == "moved"} == {TOMORROW + 5 * HOUR}


def test_calls_that_overlap_because_one_was_booked_while_the_other_was_gone_are_named(calendar: Calendar):
    calendar.books(LOST)
    calendar.backs_up()
    calendar.loses(LOST_KEY, DAY)
    calendar.books(replace(LATER, scheduled_at=LOST.scheduled_at))
    would = calendar.tables.takes_back(dry_run=True)
    done = calendar.tables.takes_back()
    assert done == would
    assert [set(pair.split()) for pair in done.overlapping_calls] == [{f"{APP}/lost", f"{APP}/later"}]
    assert calendar.taken == {"lost", "later"}
    assert calendar.tables.takes_back().overlapping_calls == done.overlapping_calls, "until somebody moves one"


def test_a_run_that_was_stopped_before_the_days_were_put_right_is_finished_by_the_next(calendar: Calendar):
    calendar.books(LOST)
    calendar.backs_up()
    calendar.gives_back(LOST.claim)
    assert calendar.tables.takes_back().put_right == {"DAY": 1}
    assert calendar.taken == {"lost"}
    assert calendar.tables.takes_back().put_right == {}


def test_a_month_whose_calls_come_back_is_in_the_calendar_again(calendar: Calendar):
    calendar.books(LOST)
    calendar.backs_up()
    calendar.loses(LOST_KEY, keys.months(APP))
    calendar.books(a_call(id="other", assigned_agent_id=AGENT, scheduled_at=TOMORROW + timedelta(days=40)))
    assert calendar.tables.takes_back().put_right["MONTHS"] == 1
    assert LOST.month in (calendar.tables.row(SCHEDULING, keys.months(APP)) or {})["months"]


def _agent_with(exception: ScheduleException) -> dict[str, Any]:
    return {**agent_to_item(APP, an_agent(), NOW), "exceptions": {exception.id: exception_to_map(exception)}}


def test_blocked_time_and_windows_are_put_right_as_calls_are(calendar: Calendar):
    window = do_not_disturb_to_item(APP, AGENT, WINDOW)
    calendar.takes(Claim("gone.0", HOLIDAY.claims[0].kind, Interval(TOMORROW, TOMORROW + HOUR)))
    calendar.tables.put(SCHEDULING, window, _agent_with(HOLIDAY))
    calendar.backs_up()
    calendar.tables.takes_back()
    assert calendar.taken == {"window", "holiday.0"}, "and an exception that is no more blocks nothing"


@pytest.mark.parametrize("is_written", [True, False])
def test_an_exception_on_its_way_out_is_left_to_whoever_removes_it(calendar: Calendar, is_written: bool):
    if is_written:
        calendar.takes(HOLIDAY.claims[0])
    calendar.tables.put(SCHEDULING, _agent_with(replace(HOLIDAY, state=ExceptionState.REMOVING)))
    calendar.tables.takes_back()
    assert calendar.taken == ({"holiday.0"} if is_written else set())


def test_what_is_over_and_what_is_held_is_left_alone(calendar: Calendar):
    past = a_call(id="past", assigned_agent_id=AGENT, scheduled_at=NOW - 5 * HOUR)
    calendar.tables.put(SCHEDULING, call_to_item(past))
    held = replace(LATER.claim, id="held", kind=type(LATER.claim.kind).HOLD, expires_at=NOW + HOUR)
    calendar.takes(held)
    assert calendar.tables.takes_back().put_right == {"MONTHS": 1}
    assert calendar.taken == {"held"}


def test_of_a_window_that_has_begun_days_ago_only_what_is_left_is_put_right(calendar: Calendar):
    away = DoNotDisturbWindow(id="away", interval=Interval(NOW - timedelta(days=3), NOW + timedelta(days=2)))
    calendar.tables.put(SCHEDULING, do_not_disturb_to_item(APP, AGENT, away))
    assert calendar.tables.takes_back().put_right == {"DAY": 3}, "today, tomorrow, and the day on which it ends"
    assert calendar.taken == {"away"}
