"""What a dashboard shows equals a recount from the calls and their timelines, whatever the stream does to its records.

The calls, the stream and its weather are those of `test_counting`. The recount here is made by hand, of whole calls,
and knows nothing of rows and shards.
"""

from collections import Counter as Sums
from dataclasses import replace
from datetime import date, timedelta

import pytest

from slotline.domain.booking.calls import Actor, ActorType, CallStatus, EventType, TimelineEvent
from slotline.domain.booking.rollups import LONGEST_PERIOD, Load, Period, Rollups, in_all
from slotline.ports.shared import StoreBusyError
from slotline.store.booking.derived import derived_of_event
from slotline.store.booking.items import call_to_item, event_to_item
from slotline.store.booking.rollups import DynamoRollups
from slotline.store.dynamodb.client import to_values
from tests.simulation.test_counting import SHARDS, World
from tests.support.aws.small_dynamodb import Row, SmallDynamoDB
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import APP_ID
from tools.counters import Recount, messages, scheduled_calls

HOURS = (0, 1, 3, 4, 23, 24, 47, 48, 95, 96, 167, 168, 335, 336, 671, 672)
"""On both sides of every limit of a lead."""
LEADS = {"1h": 1, "4h": 4, "1d": 24, "2d": 48, "4d": 96, "7d": 168, "14d": 336, "28d": 672, "longer": 10**6}
HAPPENED = {
    EventType.REMINDER_SENT: "sent",
    EventType.REMINDER_FAILED: "failed",
    EventType.REMINDER_BOUNCED: "bounced",
    EventType.REMINDER_COMPLAINED: "complained",
}
Figures = dict[tuple[str, str, str], int]
"""How many, by the kind of figure, its day and its name."""


class Shop(World):
    """The same app, while days go by: guests do not come, and messages go out about calls."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.happened_to_messages: list[TimelineEvent] = []

    def act(self) -> None:
        if self.drawn.random() < 0.05:
            self.clock.advance(minutes=self.drawn.randint(1, 120))
        kind = self.drawn.random()
        if kind < 0.15 and self.store.calls:
            self.message()
        elif kind < 0.2 and self.store.calls:
            self.miss()
        else:
            super().act()

    def some_start(self):  # type: ignore[no-untyped-def] # as in `World`
        ahead = timedelta(hours=self.drawn.choice(HOURS), minutes=self.drawn.choice((0, 30)))
        start = self.clock.now() + ahead + timedelta(minutes=30)
        return start.replace(minute=start.minute // 30 * 30, second=0, microsecond=0)

    def miss(self) -> None:
        """Nobody comes to a call."""
        key = self.drawn.choice(list(self.store.calls))
        call = self.store.calls[key]
        self.store.calls[key] = replace(call, status=CallStatus.NO_SHOW, revision=call.revision + 1)
        self.table.put_item(Item=to_values(call_to_item(self.store.calls[key])))
        self._stream(call.id).append(key)
        self.happened["miss"] += 1

    def message(self) -> None:
        """A message goes out, or does not, or comes back."""
        call = self.drawn.choice(list(self.store.calls.values()))
        event = TimelineEvent(
            id=f"event-{len(self.happened_to_messages)}",
            call_id=call.id,
            revision=call.revision,
            sequence=1,
            event_type=self.drawn.choice(list(HAPPENED)),
            actor=Actor(type=ActorType.SYSTEM),
            payload={"channel": self.drawn.choice(["email", "sms", "whatsapp"])},
            created_at=self.clock.now(),
        )
        self.happened_to_messages.append(event)
        self.table.put_item(Item=to_values(event_to_item(APP_ID, event)))
        derived = derived_of_event(APP_ID, event)
        assert derived
        self._stream(call.id).append(derived)

    def recounted(self) -> Figures:
        """From the calls and the timelines."""
        sums: Sums[tuple[str, str, str]] = Sums()
        for call in self.store.calls.values():
            start, booked = str(call.scheduled_at.date()), str(call.created_at.date())
            hours = (call.scheduled_at - call.created_at).total_seconds() / 3600
            sums["calls", start, f"{call.status}.{call.booking_source}"] += 1
            sums["booked", booked, call.booking_source] += 1
            sums["leads", booked, next(name for name, end in LEADS.items() if hours < end)] += 1
            if call.status is not CallStatus.CANCELLED:
                sums["loads", call.assigned_agent_id or "", "calls"] += 1
            if call.status is CallStatus.NO_SHOW:
                sums["loads", call.assigned_agent_id or "", "no_show"] += 1
        for event in self.happened_to_messages:
            channel = event.payload["channel"]
            sums["messages", str(event.created_at.date()), f"{channel}.{HAPPENED[event.event_type]}"] += 1
        return dict(sums)

    def shown(self) -> Figures:
        """What a dashboard shows, a quarter at a time."""
        found: Figures = {}
        loads: Sums[tuple[str, str, str]] = Sums()
        first, last = NOW.date() - timedelta(days=3), self.clock.now().date() + timedelta(days=60)
        while first <= last:
            rollups = self.read(Period(first, first + timedelta(days=self.drawn.randint(0, 90))))
            within = set(rollups.period.days)
            for kind in ("calls", "booked", "leads", "messages"):
                for day, counts in getattr(rollups, kind).items():
                    found |= {(kind, str(day), name): n for name, n in counts.items() if day in within}
            for agent_id, counts in rollups.loads.items():
                loads.update({("loads", agent_id, name): amount for name, amount in counts.items()})
            first = rollups.period.last + timedelta(days=1)
        return found | dict(loads)

    def read(self, period: Period) -> Rollups:
        return DynamoRollups(self.table, "table", "dialing").read(APP_ID, None, period)  # type: ignore[arg-type] # all it asks

    def rebuild(self) -> int:
        """How much the operator's recount mends. Whoever is stopped by the weather goes on."""
        mended = 0
        for subjects in (scheduled_calls("table"), messages("table")):
            walk = Recount(self.table, subjects, "access", self.derivations, page=500)
            for stops in range(20):
                try:
                    walk(resumes=stops > 0)
                except StoreBusyError:
                    continue
                break
            else:
                raise AssertionError("a walk that is resumed comes to its end")
            mended += walk.found.mended
        return mended


def lived(operations: int, seed: int, *, may_lose: bool) -> Shop:
    shop = Shop(seed)
    for _ in range(operations):
        shop.act()
        if shop.drawn.random() < 0.05:
            shop.read_stream(shop.drawn.randrange(SHARDS), may_lose=may_lose)
    shop.drain(may_lose=may_lose)
    return shop


def check(operations: int, seed: int) -> None:
    shop = lived(operations, seed, may_lose=False)
    assert shop.repeated
    assert {"book", "update", "cancel", "claim", "delete", "miss"} <= set(shop.happened), shop.happened
    assert shop.shown() == shop.recounted()
    shop = lived(operations, seed + 1, may_lose=True)
    assert shop.lost
    assert shop.shown() != shop.recounted(), "what was lost is missing"
    assert shop.rebuild()
    assert shop.shown() == shop.recounted()
    assert shop.rebuild() == 0


def test_rollups_equal_a_recount_from_the_calls_after_hundreds_of_operations() -> None:
    check(400, seed=18)


@pytest.mark.slow
def test_rollups_equal_a_recount_from_the_calls_after_ten_thousand_operations() -> None:
    check(10_000, seed=2027)


def test_the_days_of_a_quarter_are_made_up_of_twenty_rows_at_most_and_of_each_day_once() -> None:
    monday = date(2027, 5, 3)
    for begin in range(7):
        for length in range(1, LONGEST_PERIOD + 1):
            period = Period.ending(monday + timedelta(days=begin + length), length)
            days: Sums[date] = Sums()
            for part, sign in period.parts.items():
                for day in [part] if isinstance(part, date) else part.days:
                    days[day] += sign
            assert +days == dict.fromkeys(period.days, 1)
            assert len(period.parts) <= 20


def test_a_dashboard_of_the_longest_period_reads_84_rows_at_most_on_whatever_day_it_begins() -> None:
    asked: list[int] = []

    class Counting(SmallDynamoDB):
        def batch_get_item(self, *, RequestItems: Row) -> Row:  # noqa: N803 - as boto3 names it
            asked.append(sum(len(wanted["Keys"]) for wanted in RequestItems.values()))
            return super().batch_get_item(RequestItems=RequestItems)

    rollups = DynamoRollups(Counting(), "table", "dialing")  # type: ignore[arg-type] # all it asks
    for day in range(0, 366, 6):
        rollups.read(APP_ID, "org", Period.ending(date(2027, 12, 1) + timedelta(days=day), LONGEST_PERIOD))
    assert max(asked) <= 84
    assert len(asked) == 61, "one request each"


def test_a_load_of_nobody_is_of_calls_without_an_agent() -> None:
    shop = lived(200, seed=3, may_lose=False)
    day = NOW.date()
    rollups = shop.read(Period(day, day + timedelta(days=90)))
    unassigned = [c for c in shop.store.calls.values() if not c.assigned_agent_id and c.status != CallStatus.CANCELLED]
    assert rollups.loads.get("", {}).get(Load.CALLS, 0) == len(unassigned) > 0
    assert sum(in_all(rollups.calls, rollups.period).values()) == len(shop.store.calls)
