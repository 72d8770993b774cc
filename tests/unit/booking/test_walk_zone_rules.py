"""The walk over upcoming calls after a change of zone rules: each found once, whoever dies, whoever walks beside it."""

from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slotline.domain.booking.agent_days import AgentDay
from slotline.domain.booking.apps import OnZoneChange
from slotline.domain.booking.calls import AssignmentMethod, Call, CallStatus
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.booking.invitations import sequence_of
from slotline.domain.booking.promises import PromisedTime, ZoneOutcome
from slotline.domain.booking.reminders import News
from slotline.domain.booking.zone_walks import SETTLED_AFTER, ZonePhase, ZoneWalk
from slotline.domain.shared.due import DueKind
from slotline.domain.shared.errors import Conflict
from slotline.domain.shared.intervals import Interval
from slotline.ports.shared import RaceLost
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.change_call import ChangeCall
from slotline.usecases.booking.follow_zone_rules import FollowZoneRules
from slotline.usecases.booking.wake_zone_walk import WakeZoneWalk
from slotline.usecases.booking.walk_zone_rules import WalkZoneRules
from tests.support.builders.bookings import AGENT, APP_ID, OTHER_APP_ID, an_agent, an_app, minutes
from tests.support.memory.faults import Crashed, Fault, Faults
from tests.support.memory.timing import MemoryQueues
from tests.support.memory.zone_walks import MemoryZoneWalks
from tests.support.worlds.house import House

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
WINTER = datetime(2027, 1, 12, 17, 0, tzinfo=UTC)
"""Ten o'clock in Vancouver, which the rules of 2025b took for nine."""
HOUR = timedelta(hours=1)
KEEPS_WALL_TIME = {"on_zone_change": OnZoneChange.KEEP_WALL_TIME}


def always() -> bool:
    return True


class Town(House):
    """An app, booked under the rules of 2025b, and walkers under present ones."""

    def __init__(self, **preset: Any) -> None:
        super().__init__(**{"reminders": {"invitation": ["email"], "reminder_24h": ["email"]}, **preset})
        self.clock.instant = NOW
        self.walks = MemoryZoneWalks(self.store)

    def booked(self, app_time: str | None, zone: str = "America/Vancouver", **changes: Any) -> Call:
        """A call of winter, with what the rules of 2025b promised."""
        call = self.book(**{"scheduled_at": WINTER, "app_timezone": zone, **changes})
        promised = PromisedTime(app_time=app_time, guest_time=None, zone_data="2025b") if app_time else None
        return self.put(call, promised=promised)

    def walker(self, faults: Faults | None = None, release: str = "2026f") -> WalkZoneRules:
        store = self.store.with_faults(faults) if faults else self.store
        walks = replace(self.walks, store=store)
        change_call = ChangeCall(bookings=store, clock=self.clock, ids=self.ids, backoff=self.backoff)
        rules = FollowZoneRules(
            bookings=store,
            screen=refusal_of,
            release=release,
            changed_zones=frozenset({"America/Vancouver", "Africa/Casablanca"}),
        )
        return WalkZoneRules(
            walks=walks,
            bookings=store,
            change_call=change_call,
            rules=rules,
            clock=self.clock,
            ids=self.ids,
            follow_dials=lambda _: None,
        )

    def wake(self, release: str = "2026f") -> bool:
        """What the sweep does each minute."""
        queues = MemoryQueues()
        sent = WakeZoneWalk(walks=self.walks, queues=queues, clock=self.clock, release=release)()
        assert [due.kind for _, due in queues.sent] == [DueKind.ZONE_RULES] * sent
        return sent

    def walk(self) -> ZoneWalk:
        """As an operator asks for it, to its end."""
        walker = self.walker()
        walker.begin()
        walk = walker(always)
        assert walk is not None
        return walk

    def now(self, call: Call) -> Call:
        return self.store.calls[APP_ID, call.id]

    def findings(self, call: Call) -> list[dict[str, object]]:
        """What its timeline says of changed rules."""
        events = self.store.events[APP_ID, call.id]
        return [dict(event.payload) for event in events if event.event_type.value == "zone_rules_changed"]


def test_a_call_keeps_its_instant_and_its_people_are_told_the_new_wall_time() -> None:
    town = Town()
    call, other = (
        town.booked("2027-01-12T09:00"),
        town.booked("2027-01-12T12:00", "America/Bogota", assigned_agent_id="agent-2"),
    )
    assert town.walk().found == {"America/Vancouver": {"told": 1}}
    told = town.now(call)
    assert told.scheduled_at == WINTER
    assert told.promised == PromisedTime(app_time="2027-01-12T10:00", guest_time=None, zone_data="2026f")
    assert told.has_zone_change
    invitation = town.store.reminders[APP_ID, call.id, "invitation.email"]
    assert (invitation.created_at, invitation.news) == (town.clock.now(), News.CHANGED)
    assert sequence_of(told) > sequence_of(call)
    assert town.findings(call) == [
        {
            "outcome": "told",
            "reason": None,
            "old_app_time": "2027-01-12T09:00",
            "new_app_time": "2027-01-12T10:00",
            "old_guest_time": None,
            "new_guest_time": None,
            "old_zone_data": "2025b",
            "new_zone_data": "2026f",
        }
    ]
    assert town.now(other) == other


def test_a_call_keeps_its_promised_wall_time_by_the_ordinary_reschedule() -> None:
    town = Town(**KEEPS_WALL_TIME)
    call = town.booked("2027-01-12T09:00")
    assert town.walk().found == {"America/Vancouver": {"moved": 1}}
    moved = town.now(call)
    assert moved.scheduled_at == WINTER - HOUR
    assert moved.promised == PromisedTime(app_time="2027-01-12T09:00", guest_time=None, zone_data="2026f")
    assert [name for _, name in town.events(call)] == ["created", "rescheduled", "zone_rules_changed"]
    assert town.findings(call)[0]["outcome"] == "moved"
    assert town.store.reminders[APP_ID, call.id, "invitation.email"].news is News.MOVED
    assert town.store.reminders[APP_ID, call.id, "reminder_24h.email"].fire_at == moved.scheduled_at - 24 * HOUR
    assert sequence_of(moved) > sequence_of(call)
    town.check_time()


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (ClaimKind.CALL, "slot_taken"),
        (ClaimKind.HOLD, "slot_taken"),
        (ClaimKind.BLOCKED, "blocked"),
        (ClaimKind.DO_NOT_DISTURB, "dnd"),
    ],
)
def test_a_call_is_never_moved_onto_what_its_agent_has_there(kind: ClaimKind, reason: str) -> None:
    town = Town(**KEEPS_WALL_TIME)
    call = town.booked("2027-01-12T09:00")
    span = Interval.starting(WINTER - HOUR, minutes(15))
    taken = Claim(id="other", kind=kind, meeting=span, before=minutes(0), after=minutes(0), expires_at=NOW + HOUR * 2)
    day = town.store.days[APP_ID, AGENT, WINTER.date()]
    town.store.days[APP_ID, AGENT, WINTER.date()] = AgentDay(
        day=day.day, claims=(*day.claims, taken), guards=day.guards
    )
    assert town.walk().found == {"America/Vancouver": {"not_moved": 1}}
    kept = town.now(call)
    assert kept.scheduled_at == WINTER
    assert kept.promised is not None
    assert kept.promised.app_time == "2027-01-12T10:00"
    assert kept.zone_change is not None
    assert kept.zone_change.reason == reason


def test_a_call_is_never_moved_into_the_past() -> None:
    town = Town(**KEEPS_WALL_TIME)
    call = town.booked("2027-01-12T09:00")
    town.clock.instant = WINTER - minutes(30)
    assert town.walk().found == {"America/Vancouver": {"not_moved": 1}}
    found = town.now(call).zone_change
    assert found is not None
    assert found.reason == "past"


@pytest.mark.parametrize(
    ("zone", "promised", "shift"),
    [("America/Vancouver", "2027-01-12T{:02}:00", -HOUR), ("Africa/Casablanca", "2027-01-12T{:02}:00", HOUR)],
)
def test_a_full_day_moves_whole_in_whichever_direction(zone: str, promised: str, shift: timedelta) -> None:
    """Each call's new time is that of its neighbour: the one that makes room goes first."""
    town = Town(**KEEPS_WALL_TIME, duration_minutes=60)
    offset = -8 if zone == "America/Vancouver" else 1
    day = datetime(2027, 1, 12, 14, 0, tzinfo=UTC)
    calls = [
        town.booked(promised.format((day + hour * HOUR).hour + offset), zone, scheduled_at=day + hour * HOUR)
        for hour in range(8)
    ]
    assert town.walk().found == {zone: {"moved": 8}}
    assert [town.now(call).scheduled_at for call in calls] == [call.scheduled_at + shift for call in calls]
    town.check_time()


def test_a_call_of_the_pool_and_one_of_nobody_move_too() -> None:
    town = Town(**KEEPS_WALL_TIME)
    pool = town.booked("2027-01-12T09:00", assigned_agent_id=None, assignment_method=AssignmentMethod.POOL)
    nobodys = town.booked("2027-01-12T09:00", assigned_agent_id=None)
    assert town.walk().found == {"America/Vancouver": {"moved": 2}}
    assert town.now(pool).held_agent_id
    assert {town.now(call).scheduled_at for call in (pool, nobodys)} == {WINTER - HOUR}
    town.check_time()


def test_a_call_without_a_record_gets_one_and_no_event() -> None:
    town = Town()
    call = town.booked(None, "Europe/London")
    assert town.walk().found == {}
    kept = town.now(call)
    assert kept.promised == PromisedTime(app_time="2027-01-12T17:00", guest_time=None, zone_data="2026f")
    assert (kept.revision, kept.zone_change) == (call.revision, None)
    assert town.events(call) == [(1, "created")]


def test_a_call_without_a_record_in_a_zone_that_changed_is_listed_and_never_moved() -> None:
    town = Town(**KEEPS_WALL_TIME)
    call = town.booked(None)
    assert town.walk().found == {"America/Vancouver": {"not_known": 1}}
    kept = town.now(call)
    assert kept.scheduled_at == WINTER
    assert kept.zone_change is not None
    assert kept.zone_change.outcome is ZoneOutcome.NOT_KNOWN
    assert kept.promised is not None
    assert town.findings(call)[0]["old_app_time"] is None


def test_what_has_begun_or_is_over_is_untouched() -> None:
    town = Town()
    calls = [
        town.put(town.booked("2027-01-12T09:00", scheduled_at=WINTER + n * HOUR), status=status)
        for n, status in enumerate((CallStatus.STARTED, CallStatus.COMPLETED, CallStatus.CANCELLED, CallStatus.NO_SHOW))
    ]
    past = town.put(town.booked("2027-01-12T09:00", scheduled_at=WINTER + 9 * HOUR), scheduled_at=NOW - HOUR)
    assert town.walk().found == {}
    assert [town.now(call) for call in (*calls, past)] == [*calls, past]


def test_a_second_walk_finds_nothing_more() -> None:
    town = Town()
    call = town.booked("2027-01-12T09:00")
    town.walk()
    assert town.walk().found == {}
    assert len(town.findings(call)) == 1


def test_the_calls_of_every_app_are_walked_over_in_pages() -> None:
    town = Town()
    town.store.apps[OTHER_APP_ID] = an_app(OTHER_APP_ID)
    town.store.agents[OTHER_APP_ID, AGENT] = an_agent()
    for n in range(10):
        town.booked("2027-01-12T09:00", scheduled_at=WINTER + n * HOUR)
    elsewhere = [town.book(app_id=OTHER_APP_ID, scheduled_at=WINTER + n * HOUR, app_timezone="UTC") for n in range(4)]
    for call in elsewhere:
        promised = PromisedTime(app_time="2027-01-12T09:00", guest_time=None, zone_data="2025b")
        town.store.calls[OTHER_APP_ID, call.id] = replace(call, promised=promised)
    assert town.walk().found == {"America/Vancouver": {"told": 10}, "UTC": {"told": 4}}
    assert town.walks.apps == {}


def _ends_after(steps: int) -> Any:
    left = iter(range(steps))
    return lambda: next(left, None) is not None


def test_a_walk_that_has_no_time_left_goes_on_where_it_stopped() -> None:
    town = Town()
    for n in range(10):
        town.booked("2027-01-12T09:00", scheduled_at=WINTER + n * HOUR)
    walker = town.walker()
    walk: ZoneWalk | None = walker.begin()
    pieces = 0
    while walk is not None and walk.phase in (ZonePhase.LISTING, ZonePhase.WALKING):
        walk = walker(_ends_after(1))
        pieces += 1
    assert walk is not None
    assert walk.found == {"America/Vancouver": {"told": 10}}
    assert pieces > 4


WRITES = 15
"""Of a walk over five calls, an effect each."""


def _five_calls_that_move(town: Town) -> list[Call]:
    starts = [WINTER + n * HOUR for n in range(5)]
    return [
        town.booked(f"2027-01-12T{9 + n:02}:00", scheduled_at=at, duration_minutes=60) for n, at in enumerate(starts)
    ]


def _dying(town: Town, after: int, fault: Fault) -> WalkZoneRules:
    town.walker().begin()
    return town.walker(Faults(commits=deque([*[None] * after, fault])))


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER], ids=lambda fault: fault.name)
@pytest.mark.parametrize("after", range(WRITES))
def test_whatever_moment_a_walker_dies_at_each_call_is_found_once(after: int, fault: Fault) -> None:
    town = Town(**KEEPS_WALL_TIME)
    calls = _five_calls_that_move(town)
    with pytest.raises(Crashed):
        _dying(town, after, fault)(always)
    town.clock.instant += minutes(2)  # the lease of whoever died is over
    town.walker()(always)
    assert [town.now(call).scheduled_at for call in calls] == [call.scheduled_at - HOUR for call in calls]
    assert [len(town.findings(call)) for call in calls] == [1] * 5
    town.check_time()


def test_there_is_no_other_moment_to_die_at() -> None:
    town = Town(**KEEPS_WALL_TIME)
    _five_calls_that_move(town)
    walk = _dying(town, WRITES, Fault.CRASH_BEFORE)(always)
    assert walk is not None
    assert walk.found == {"America/Vancouver": {"moved": 5}}


def test_nobody_walks_beside_a_walker() -> None:
    town = Town()
    town.booked("2027-01-12T09:00")
    walker = town.walker()
    walker.begin()
    seen: list[object] = []

    def in_between() -> bool:
        if not seen:
            seen.append(town.wake())
            with pytest.raises(Conflict):
                town.walker().begin()
            seen.append(town.walker()(always))
        return True

    walker(in_between)
    assert seen == [False, None]


def test_two_walkers_at_once_find_each_call_once() -> None:
    """A lease may run out while its walker still walks: the calls themselves decide."""
    town = Town()
    calls = [town.booked("2027-01-12T09:00", scheduled_at=WINTER + n * HOUR) for n in range(6)]
    first, second = town.walker(), town.walker()
    first.begin()

    def overtaken() -> bool:
        town.clock.instant += minutes(2)
        second(always)
        return True

    with pytest.raises(RaceLost):
        first(overtaken)
    assert [len(town.findings(call)) for call in calls] == [1] * 6


def _automatic(town: Town, release: str = "2026f") -> ZoneWalk | None:
    """What the sweep sets going each minute."""
    return town.walker(release=release)(always) if town.wake(release) else None


def test_it_is_found_by_itself_once_nobody_runs_the_former_release() -> None:
    town = Town()
    call = town.booked("2027-01-12T09:00")
    assert _automatic(town) is None
    assert town.walks.walk is not None
    assert town.walks.walk.phase is ZonePhase.WAITING
    assert _automatic(town) is None
    town.clock.instant += SETTLED_AFTER
    walk = _automatic(town)
    assert walk is not None
    assert walk.phase is ZonePhase.OVER
    assert town.now(call).has_zone_change
    town.clock.instant += HOUR * 24
    assert _automatic(town) is None
    town.booked("2027-01-12T09:00", scheduled_at=WINTER + HOUR)
    assert _automatic(town, "2027a") is None
    town.clock.instant += SETTLED_AFTER
    assert _automatic(town, "2027a") is not None


def test_what_an_operator_walked_early_is_walked_once_more_for_calls_that_old_processes_booked() -> None:
    town = Town()
    assert town.walk().phase is ZonePhase.WAITING
    late = town.booked("2027-01-12T09:00")
    town.clock.instant += SETTLED_AFTER
    walk = _automatic(town)
    assert walk is not None
    assert (walk.phase, walk.found) == (ZonePhase.OVER, {"America/Vancouver": {"told": 1}})
    assert len(town.findings(late)) == 1


def test_older_rules_never_walk_over_what_newer_ones_found() -> None:
    town = Town()
    town.walk()
    older = town.walker(release="2026e")
    assert not town.wake("2026e")
    assert older(always) is None
    with pytest.raises(Conflict, match="2026f"):
        older.begin()


def test_calls_that_a_release_booked_which_was_taken_back_are_found_once_the_newer_one_is_there_again() -> None:
    town = Town()
    town.clock.instant += SETTLED_AFTER
    assert _automatic(town) is None
    town.clock.instant += SETTLED_AFTER
    assert _automatic(town) is not None
    assert not town.wake("2025b")
    town.clock.instant += 2 * SETTLED_AFTER
    assert not town.wake("2025b"), "whoever runs older rules for hours says so again"
    late = town.booked("2027-01-12T09:00")
    town.clock.instant += SETTLED_AFTER - minutes(1)
    assert _automatic(town) is None
    town.clock.instant += minutes(1)
    walk = _automatic(town)
    assert walk is not None
    assert (walk.phase, walk.found) == (ZonePhase.OVER, {"America/Vancouver": {"told": 1}})
    assert town.now(late).has_zone_change


def test_older_rules_put_a_walk_off_that_is_under_way_and_no_oftener_than_is_needed() -> None:
    town = Town()
    town.walker().begin()
    assert town.walks.walk is not None
    writes = town.walks.walk.writes
    assert not town.wake("2025b")
    assert town.walks.walk.writes == writes, "this walk comes again in any case"
    town.clock.instant += SETTLED_AFTER
    town.walks.write(replace(town.walks.walk, began_at=town.clock.now()))
    assert not town.wake("2025b")
    assert not town.wake("2025b")
    assert town.walks.walk.writes == writes + 2, "and this one would have been the last"
    walk = town.walker()(always)
    assert walk is not None
    assert walk.phase is ZonePhase.WAITING


def test_a_process_that_saw_the_walk_over_looks_again_after_an_hour() -> None:
    town = Town()
    wake = WakeZoneWalk(walks=town.walks, queues=MemoryQueues(), clock=town.clock, release="2026f")
    assert not wake()
    town.clock.instant += SETTLED_AFTER
    assert _automatic(town) is not None
    assert not wake()
    assert not town.wake("2025b")
    town.clock.instant += SETTLED_AFTER - minutes(1)
    assert not wake()
    town.clock.instant += minutes(1)
    assert wake()


def test_a_dry_run_says_what_a_walk_would_do_and_writes_nothing() -> None:
    town = Town(**KEEPS_WALL_TIME)
    free, taken = town.booked("2027-01-12T09:00"), town.booked("2027-01-12T12:00", scheduled_at=WINTER + 3 * HOUR)
    town.book(scheduled_at=WINTER + 2 * HOUR, app_timezone="UTC")
    before = dict(town.store.calls)
    found = {call.id: change for call, change in town.walker().findings()}
    assert {call_id: change.outcome for call_id, change in found.items()} == {
        free.id: ZoneOutcome.MOVED,
        taken.id: ZoneOutcome.NOT_MOVED,
    }
    assert town.store.calls == before
    assert town.walks.walk is None
