"""Time on the whole system: its clock is moved on, and what was planned comes about on its own path.

Streams, queues, schedules and functions are the real ones; only hours are made short. REMINDERS_SLOW says how many
messages the minutes of an hour have to carry.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.process import RunningSystem, running_system
from slotline.domain.booking.reminders import LEADS, ReminderKind
from slotline.store.booking.items import call_to_item, reminder_to_item
from slotline.store.dynamodb.client import to_values
from tests.support.builders.bookings import a_call, a_reminder
from tests.support.worlds.api import Api, own_app, text
from tests.support.worlds.later import Later, lateness, percentile, until

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(1800)]

REMINDERS = int(os.environ.get("REMINDERS_SLOW", "600"))
EVERYTHING = {
    "invitation": ["email", "sms"],
    "reminder_24h": ["email"],
    "reminder_1h": ["email"],
    "reminder_15m": ["email"],
    "cancellation": ["email"],
}
STAY = 70
"""Calls that take place; with three reminders each, more than two hundred."""
GO = 10
EARLY = timedelta(seconds=25)
"""Its schedule is overdue then, and fires within ten seconds: the emulator looks no oftener."""
IN_TIME = Counter({"invitation.email": 1, "invitation.sms": 1, "reminder_24h.email": 1, "reminder_1h.email": 1})
SWEEP = "SweepFunctionEveryMinute"


@pytest.fixture
def later() -> Iterator[Later]:
    """A system of the test's own: nobody else's clock moves with it."""
    with running_system(ready_timeout=120) as system:
        yield Later(system)


def an_app(system: RunningSystem, **preset: Any) -> Any:
    return own_app(system, reminders=EVERYTHING, **preset)


def book(api: Api, start: datetime, how_many: int) -> list[str]:
    """Calls that nobody's time stands against: they are not assigned yet."""
    return [api.book(None, start, bufferBeforeMinutes=0, bufferAfterMinutes=0) for _ in range(how_many)]


def test_reminders_come_once_each_and_on_their_second(later: Later) -> None:
    app = an_app(later.system)
    start = later.now().replace(second=0, microsecond=0) + timedelta(hours=25)
    with app.client() as api:
        stay, moved, cancelled = book(api, start, STAY), book(api, start, GO), book(api, start, GO)
        everyone = [*stay, *moved, *cancelled]
        until(lambda: len(later.messages(everyone)) == 2 * len(everyone), "an invitation over both channels")
        for call_id in moved:
            assert api.ask("PATCH", call_id, {"scheduledAtUtc": text(start + timedelta(hours=3))}).status_code == 200
        for call_id in cancelled:
            assert api.ask("DELETE", call_id).status_code == 200
        until(lambda: len(later.messages(moved)) == 4 * GO, "an invitation to the new time")
        until(lambda: len(later.messages(cancelled)) == 3 * GO, "word of the cancellation")
    late = []
    for number, kind in enumerate((ReminderKind.REMINDER_24H, ReminderKind.REMINDER_1H, ReminderKind.REMINDER_15M), 1):
        due = start - LEADS[kind]
        later.advance_to(due - EARLY)
        until(lambda seen=number: len(later.messages(stay)) == (2 + seen) * STAY, f"{kind} of every call", 150)
        late += [lateness(message, due) for message in later.messages(stay) if message["kind"] == kind]
    print(  # noqa: T201 - shown by pytest -s
        f"\n{len(late)} reminders: lateness p50 {percentile(late, 0.5):.2f} s, p99 {percentile(late, 0.99):.2f} s, "
        f"most {max(late):.2f} s"
    )
    assert len(late) == 3 * STAY
    assert min(late) >= 0, "never before its moment"
    later.advance_to(start + timedelta(minutes=1))
    later.sweep(3)
    for call_id in stay:
        assert later.kinds(call_id) == IN_TIME + Counter({"reminder_15m.email": 1})
    for call_id in cancelled:
        assert later.kinds(call_id) == Counter({"invitation.email": 1, "invitation.sms": 1, "cancellation.email": 1})
    for call_id in moved:  # an hour before the old start a day before the new one has begun, and no more
        assert later.kinds(call_id) == Counter({"invitation.email": 2, "invitation.sms": 2, "reminder_24h.email": 1})


def group_of(later: Later) -> str:
    """The group of the stack's schedules."""
    return later.system.system.resources["DueSchedules"].rpartition("/")[2]


def schedules_of_minutes(later: Later) -> list[str]:
    """Those that are there, beside the sweep's own."""
    found = later.client("scheduler").list_schedules(GroupName=group_of(later))["Schedules"]
    return [one["Name"] for one in found if one["Name"] != later.system.system.resources[SWEEP]]


def test_an_hour_full_of_reminders_needs_a_schedule_for_each_minute(later: Later) -> None:
    app = an_app(later.system)
    first = later.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    calls = [a_call(app_id=app.app_id, scheduled_at=first + timedelta(hours=3)) for _ in range(20)]
    due = [first + timedelta(seconds=3600 * number / REMINDERS) for number in range(REMINDERS)]
    rows = [call_to_item(call) for call in calls]
    rows += [
        reminder_to_item(
            a_reminder(
                calls[number % len(calls)],
                id=f"custom-{number}",
                kind=ReminderKind.REMINDER_CUSTOM,
                fire_at=at,
                due_at=at,
            )
        )
        for number, at in enumerate(due)
    ]
    put(later, rows)
    # The calls themselves are due three hours later, in a minute of their own.
    until(lambda: later.counted("SchedulesMade") >= 61, "a schedule for every minute")
    assert later.counted("SchedulesMade") <= 61
    assert len(schedules_of_minutes(later)) == 61
    for minutes in range(
        10, 70, 10
    ):  # all minutes at once would be sixty functions at once, on a machine of a few cores
        end = first + timedelta(minutes=minutes)
        later.advance_to(end)
        so_far = sum(at < end for at in due)
        until(lambda least=so_far: later.counted("RemindersSent") >= least, "what is due", 60 + REMINDERS / 20)
    assert later.counted("RemindersSent") == REMINDERS
    assert later.counted("SchedulesMade") == 61
    # The clock jumps by ten minutes, so on a slow machine a sweep may come to some rows before their schedule does.
    until(
        lambda: later.counted("WakeUpsFired") + later.counted("WakeUpsOverdue") >= REMINDERS,
        "word of every wake-up from what fired it or swept it",
    )
    until(lambda: len(schedules_of_minutes(later)) == 1, "that those which fired are gone by themselves")
    made = later.counted("SchedulesMade")
    print(f"\n{REMINDERS} reminders over 60 minutes: {made:.0f} schedules made, none deleted")  # noqa: T201 - pytest -s


def test_what_no_schedule_wakes_the_sweep_does(later: Later) -> None:
    """Schedules cannot be made, and then the whole system is gone for an hour: late, and once."""
    app = an_app(later.system)
    scheduler = later.client("scheduler")
    group = group_of(later)
    sweep = scheduler.get_schedule(GroupName=group, Name=later.system.system.resources[SWEEP])
    scheduler.delete_schedule_group(Name=group)
    kept = ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    scheduler.create_schedule(**{name: sweep[name] for name in kept})  # in another group: it goes on
    start = later.now().replace(second=0, microsecond=0) + timedelta(hours=25)
    with app.client() as api:
        call_ids = book(api, start, 5)
    # They need no schedule; but those behind a batch whose schedules cannot be made wait for the sweep.
    later.sweep(3)
    until(lambda: len(later.messages(call_ids)) == 10, "the invitations")
    later.advance_to(start - timedelta(hours=23, minutes=55))
    until(lambda: len(later.messages(call_ids)) == 15, "the day's reminders, by the sweep", 150)
    scheduler.create_schedule_group(Name=group)
    with app.client() as api:
        book(api, start + timedelta(hours=6), 1)
    until(lambda: later.counted("SchedulesMade") > 0, "schedules again", 150)
    later.advance_to(start - timedelta(hours=1, minutes=2))
    later.advance(timedelta(minutes=46))  # an outage over the hour's reminders
    until(lambda: len(later.messages(call_ids)) == 20, "the hour's reminders, late", 150)
    later.sweep(3)
    for call_id in call_ids:
        assert later.kinds(call_id) - Counter({"reminder_15m.email": 1}) == IN_TIME


def test_what_cannot_be_read_holds_nobody_up_and_is_put_aside(later: Later) -> None:
    app = an_app(later.system)
    start = later.now().replace(second=0, microsecond=0) + timedelta(hours=5)
    key = {"pk": f"APP#{app.app_id}#CALL#1", "sk": "MYSTERY#1"}
    put(later, [{**key, "due_at": later.now(), "due_bucket": "nowhere"}])
    queue = later.system.system.resources["RemindersQueue"]
    later.client("sqs").send_message(QueueUrl=queue, MessageBody="not a wake-up")
    with app.client() as api:
        call_ids = book(api, start, 3)
    until(lambda: len(later.messages(call_ids)) == 6, "what was behind it")
    until(lambda: later.in_queue("StreamDeadLetters") == 1, "the record among the dead letters")
    for tries in range(1, 6):
        until(lambda so_far=tries: later.counted("WakeUpsFailed") >= so_far, f"try {tries} of the message")
        later.advance(timedelta(seconds=181))
    until(lambda: later.in_queue("RemindersDeadLetters") == 1, "the message among the dead letters")
    assert later.in_queue("RemindersQueue") == 0


def put(later: Later, rows: Sequence[dict[str, Any]]) -> None:
    """Rows straight into the table, twenty-five a request."""
    client, table = later.client("dynamodb"), later.system.tables["scheduling"]
    for first in range(0, len(rows), 25):
        batch = [{"PutRequest": {"Item": to_values(row)}} for row in rows[first : first + 25]]
        answer = client.batch_write_item(RequestItems={table: batch})
        assert not answer.get("UnprocessedItems")
