"""After a pause calls keep order and interval; what fell due with its own time, and retries, go at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from slotline.domain.dialing.calls import DialCall, Later
from slotline.domain.dialing.campaigns import Campaign, CampaignState, Resumption
from slotline.domain.dialing.imports import Import, ImportState
from slotline.domain.dialing.numbers import NOT_GRANTED
from slotline.domain.dialing.resuming import LOOKS_AGAIN, PAUSED, RESUMED, STARTS_AFTER
from slotline.domain.dialing.rulings import Facts, Go, ruling
from slotline.domain.dialing.statuses import DialStatus
from slotline.ports.dialing import DialWrite
from slotline.ports.shared import StoreBusyError
from slotline.usecases.dialing import resume_calls
from slotline.usecases.dialing.close_campaign import CloseCampaign
from slotline.usecases.dialing.resume_calls import ResumeCalls
from slotline.usecases.dialing.walking import LEASE
from tests.support.builders.apps import SetClock
from tests.support.builders.dialing import a_campaign, a_dial_call, a_number, a_use_case
from tests.support.memory.campaigns import MemoryKeptCampaigns, due_of_campaign
from tests.support.memory.dials import MemoryDials, MemoryUseCases
from tests.support.memory.faults import Crashed, Fault
from tests.support.memory.running import NumberedIds, RecordedBackoff

NINE = datetime.fromisoformat("2026-05-04T09:00:00Z")
MINUTE = timedelta(minutes=1)
ALWAYS = a_use_case(callee_start="00:00", callee_end="24:00")
ZONES = {"bogota": "America/Bogota", "los angeles": "America/Los_Angeles", "utc": "UTC"}


class Paused:
    """A campaign that was paused, with calls twenty minutes apart from nine on, and the use cases on it."""

    def __init__(self, count: int = 6, interval: int = 20, **use_case: Any) -> None:
        self.clock, self.calls, self.campaigns = SetClock(NINE), MemoryDials(), MemoryKeptCampaigns()
        self.interval = timedelta(minutes=interval)
        for n in range(count):
            self.add(f"call-{n:04}", NINE + n * self.interval)
        creating = a_campaign(CampaignState.CREATING, calls=count, staggered_interval_minutes=interval)
        running = creating.covering(list(self.calls.calls.values())).moved_to(CampaignState.RUNNING, NINE)
        self.keep(running.moved_to(CampaignState.PAUSED, NINE))
        ports: Any = {"campaigns": self.campaigns, "calls": self.calls, "clock": self.clock}
        uses: Any = MemoryUseCases({("org", "use-case"): replace(ALWAYS, **use_case)})
        backoff = RecordedBackoff()
        goes_on = ResumeCalls(**ports, use_cases=uses, backoff=backoff)
        self.walk = CloseCampaign(**ports, resume_calls=goes_on, ids=NumberedIds(), backoff=backoff)

    def add(self, call_id: str, at: datetime, **more: Any) -> None:
        said = {"campaign_id": "campaign", "scheduled_at": at, "due_at": at, "zones": ("UTC",)}
        self.calls.calls["org", call_id] = a_dial_call(id=call_id, **{**said, **more})

    def keep(self, campaign: Campaign) -> None:
        self.campaigns.kept["org", "campaign"] = campaign

    @property
    def campaign(self) -> Campaign:
        return self.campaigns.kept["org", "campaign"]

    def call(self, call_id: str) -> DialCall:
        return self.calls.calls["org", call_id]

    def change(self, call_id: str, **more: Any) -> None:
        call = self.call(call_id)
        self.calls.calls["org", call_id] = replace(call, revision=call.revision + 1, **more)

    def put_off_what_fell_due(self) -> None:
        """What calls do that are due in a pause."""
        for call in list(self.calls.calls.values()):
            if call.due_at and call.due_at <= self.clock.now():
                later = Later(at=self.clock.now() + timedelta(minutes=32), reason=PAUSED)
                self.calls.calls["org", call.id] = call.put_off(later, self.clock.now())

    def resume(self, at: datetime) -> None:
        self.clock.instant = at
        self.put_off_what_fell_due()
        self.keep(self.campaign.moved_to(CampaignState.RUNNING, at))

    def wake(self) -> None:
        due = due_of_campaign(self.campaign)
        self.clock.instant = max(self.clock.now(), due.at)
        self.walk(due, self.clock.now() + timedelta(minutes=4))

    def resume_and_walk(self, at: datetime) -> None:
        self.resume(at)
        self.wake()

    def moments(self) -> Sequence[datetime | None]:
        """When each call goes on, in the order of their ids."""
        return [self.calls.calls[place].due_at for place in sorted(self.calls.calls)]

    def ruled(self, call_id: str) -> Any:
        facts = Facts(campaign=self.campaign, use_case=ALWAYS, number=a_number(), is_granted=True, is_listed=False)
        return ruling(self.call(call_id), facts, lambda *_: False, self.clock.now(), is_barred=False)


def apart(first: datetime, count: int, minutes: int = 20) -> list[datetime]:
    return [first + n * timedelta(minutes=minutes) for n in range(count)]


def test_six_calls_that_all_fell_due_go_out_in_order_an_interval_apart_from_the_resume_on() -> None:
    paused = Paused()
    at = NINE + timedelta(hours=2, minutes=25)
    paused.resume_and_walk(at)
    assert paused.moments() == apart(at + STARTS_AFTER, 6)
    assert {call.reason for call in paused.calls.calls.values()} == {RESUMED}


def test_calls_that_have_not_fallen_due_follow_those_that_have_and_none_comes_before_its_plan() -> None:
    paused = Paused(4)
    paused.add("call-late", NINE + timedelta(hours=6))
    paused.keep(paused.campaign.covering([paused.call("call-late")]))
    at = NINE + 25 * MINUTE
    paused.resume_and_walk(at)
    assert paused.moments() == [*apart(at + STARTS_AFTER, 4), NINE + timedelta(hours=6)]


def test_a_pause_in_which_nothing_fell_due_changes_nothing() -> None:
    paused = Paused()
    before = dict(paused.calls.calls)
    paused.resume_and_walk(NINE - 10 * MINUTE)
    assert paused.calls.calls == before
    assert paused.campaign.resumption is None


def test_a_call_that_is_about_to_fall_due_keeps_its_plan() -> None:
    paused = Paused()
    before = dict(paused.calls.calls)
    paused.resume_and_walk(NINE - timedelta(seconds=1))
    assert paused.calls.calls == before


def test_what_was_dialled_before_the_pause_leaves_no_gap() -> None:
    paused = Paused()
    for call_id in ("call-0000", "call-0002"):
        paused.change(call_id, status=DialStatus.COMPLETED, due_at=None)
    at = NINE + timedelta(hours=3)
    paused.resume_and_walk(at)
    assert [moment for moment in paused.moments() if moment] == apart(at + STARTS_AFTER, 4)


def test_at_the_end_of_the_hours_the_others_go_on_at_the_next_opening_still_an_interval_apart() -> None:
    paused = Paused(callee_start="09:00", callee_end="12:00")
    at = NINE + timedelta(hours=2, minutes=30)
    paused.resume_and_walk(at)
    tomorrow = NINE + timedelta(days=1)
    assert paused.moments() == [*apart(at + STARTS_AFTER, 2), *apart(tomorrow, 4)]


def test_whose_hours_are_closed_waits_without_keeping_others_waiting() -> None:
    paused = Paused(4, callee_start="08:00", callee_end="21:00")
    for call_id in ("call-0000", "call-0002"):
        paused.change(call_id, zones=(ZONES["los angeles"],))
    at = NINE + timedelta(hours=2)
    paused.resume_and_walk(at)
    opens = datetime.fromisoformat("2026-05-04T15:00:00Z")
    assert paused.moments() == [opens, at + STARTS_AFTER, opens + 20 * MINUTE, at + STARTS_AFTER + 20 * MINUTE]


def test_a_moment_that_somebody_else_waits_for_is_not_given_out_again() -> None:
    paused = Paused(4, interval=60, callee_start="08:00", callee_end="21:00")
    paused.change("call-0000", zones=(ZONES["los angeles"],))
    at = datetime.fromisoformat("2026-05-04T13:30:00Z")
    paused.resume_and_walk(at)
    opens, first = datetime.fromisoformat("2026-05-04T15:00:00Z"), at + STARTS_AFTER
    assert paused.moments() == [opens, first, opens + 60 * MINUTE, opens + 120 * MINUTE]


def test_rows_with_their_own_time_and_retries_that_fell_due_go_out_at_once_and_others_keep_theirs() -> None:
    paused = Paused(2)
    at = NINE + timedelta(hours=2)
    paused.add("own-due", NINE + 30 * MINUTE, has_own_time=True)
    paused.add("own-later", at + timedelta(hours=1), has_own_time=True)
    tried = {"status": DialStatus.BUSY, "last_outcome": DialStatus.BUSY, "attempted_at": (NINE,)}
    paused.add("retry-due", NINE, **{**tried, "due_at": NINE + 40 * MINUTE})
    paused.add("retry-later", NINE, **{**tried, "due_at": at + timedelta(hours=2)})
    paused.keep(paused.campaign.covering(list(paused.calls.calls.values())))
    paused.resume_and_walk(at)
    assert paused.moments() == [
        *apart(at + STARTS_AFTER, 2),
        *(at, at + timedelta(hours=1)),
        *(at, at + timedelta(hours=2)),
    ]


def test_without_an_interval_all_that_fell_due_goes_out_at_once_and_what_waits_for_its_pace_keeps_its_place() -> None:
    paused = Paused(3, interval=0)
    paused.change("call-0002", due_at=NINE + timedelta(hours=3), reason="pace")
    at = NINE + timedelta(hours=2)
    paused.resume_and_walk(at)
    assert paused.moments() == [at, at, NINE + timedelta(hours=3)]


def test_calls_of_a_campaign_whose_number_was_revoked_go_on_alike() -> None:
    paused = Paused()
    at = NINE + timedelta(hours=3)
    for place, call in list(paused.calls.calls.items()):
        paused.calls.calls[place] = call.put_off(Later(at=at + timedelta(hours=1), reason=NOT_GRANTED), NINE)
    paused.resume_and_walk(at)
    assert paused.moments() == apart(at + STARTS_AFTER, 6)


def test_a_call_waits_for_the_walk_and_goes_out_once_it_has_come_past() -> None:
    paused = Paused()
    at = NINE + timedelta(hours=3)
    paused.resume(at)
    assert paused.ruled("call-0000") == Later(at=at + LOOKS_AGAIN, reason=RESUMED)
    paused.add("own", NINE, has_own_time=True)
    assert isinstance(paused.ruled("own"), Go)
    paused.wake()
    assert isinstance(paused.ruled("call-0000"), Go)


def test_a_pause_while_they_are_spread_and_a_resume_after_it_begin_again_with_the_first_that_is_left() -> None:
    paused = Paused()
    at = NINE + timedelta(hours=3)
    paused.resume_and_walk(at)
    paused.change("call-0000", status=DialStatus.COMPLETED, due_at=None)
    paused.keep(paused.campaign.moved_to(CampaignState.PAUSED, at + 10 * MINUTE))
    again = at + timedelta(minutes=50)
    paused.resume_and_walk(again)
    assert paused.moments() == [None, *apart(again + STARTS_AFTER, 5)]


def test_a_second_resume_changes_nothing() -> None:
    paused = Paused()
    at = NINE + timedelta(hours=3)
    paused.resume_and_walk(at)
    before, campaign = paused.moments(), paused.campaign
    paused.clock.instant = at + MINUTE
    assert paused.campaign.moved_to(CampaignState.RUNNING, at + MINUTE) is campaign
    assert paused.moments() == before


def test_a_resume_writes_the_campaign_alone_and_the_walk_the_rest_a_page_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resume_calls, "AT_ONCE", 50)
    paused = Paused(230, interval=1)
    at = NINE + timedelta(hours=2)
    paused.resume(at)
    before = paused.moments()
    paused.wake()
    assert before != paused.moments() == apart(at + STARTS_AFTER, 230, minutes=1)


def test_a_walk_that_has_no_time_left_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resume_calls, "AT_ONCE", 2)
    paused = Paused()
    at = NINE + timedelta(hours=3)
    paused.resume(at)
    for _ in range(3):
        paused.walk(due_of_campaign(paused.campaign), paused.clock.now())
    assert paused.moments() == apart(at + STARTS_AFTER, 6)


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.BUSY, Fault.LOST_ANSWER])
@pytest.mark.parametrize("effect", range(6))
def test_whoever_dies_on_the_way_leaves_a_walk_that_another_goes_on_with(fault: Fault, effect: int) -> None:
    paused = Paused()
    at = NINE + timedelta(hours=3)
    paused.resume(at)
    paused.calls.faults.commits.extend([None] * (effect // 2) + [fault])
    paused.campaigns.faults.commits.extend([None] * effect + [fault])
    for _ in range(12):
        if paused.campaign.resumption is None:
            break
        try:
            paused.wake()
        except (Crashed, StoreBusyError):
            paused.clock.advance(seconds=1)
    moments = [moment for moment in paused.moments() if moment]
    assert moments == apart(moments[0], 6)
    assert at < moments[0] <= at + 4 * LEASE


class Racing(MemoryDials):
    """Somebody else changes a call between the walk's read and its write."""

    meanwhile: Any = None

    def write_all(self, writes: Sequence[DialWrite]) -> Sequence[str]:
        if self.meanwhile:
            self.meanwhile, act = None, self.meanwhile
            act()
        return super().write_all(writes)


@pytest.mark.parametrize(
    ("change", "due_at"),
    [
        ({"reason": PAUSED, "due_at": NINE + timedelta(days=1)}, "its moment"),
        ({"status": DialStatus.COMPLETED, "due_at": None}, None),
        ({"is_called_off": True, "status": DialStatus.CANCELED, "due_at": None}, None),
    ],
    ids=["put off once more", "over", "called off"],
)
def test_a_call_that_changes_while_the_walk_writes_is_decided_on_as_it_is_then(
    change: dict[str, Any], due_at: str | None
) -> None:
    paused = Paused()
    racing = Racing(calls=paused.calls.calls)
    racing.meanwhile = lambda: paused.change("call-0001", **change)
    object.__setattr__(paused.walk, "calls", racing)
    object.__setattr__(paused.walk.resume_calls, "calls", racing)
    at = NINE + timedelta(hours=3)
    paused.resume_and_walk(at)
    expected: list[datetime | None] = [*apart(at + STARTS_AFTER, 6)]
    if due_at is None:
        expected[1] = None
    assert paused.moments() == expected


def test_while_a_file_is_imported_the_walk_waits_for_its_calls() -> None:
    paused = Paused(3)
    at = NINE + timedelta(hours=3)
    importing = Import(
        organization_id="org",
        campaign_id="campaign",
        upload_id="upload",
        state=ImportState.WRITING,
        size=9,
        planned_at=NINE,
        due_at=NINE,
        updated_at=NINE,
    )
    paused.campaigns.imports["org", "campaign"] = importing
    paused.resume_and_walk(at)
    assert paused.campaign.resumption
    paused.add("call-0003", NINE + 60 * MINUTE)
    paused.keep(paused.campaign.covering([paused.call("call-0003")]))
    paused.campaigns.imports["org", "campaign"] = replace(importing, state=ImportState.DONE, due_at=None)
    paused.wake()
    assert paused.moments() == apart(at + STARTS_AFTER, 4)
    assert paused.campaign.resumption is None


def test_a_campaign_whose_use_case_is_gone_is_not_walked_for_ever() -> None:
    paused = Paused()
    object.__setattr__(paused.walk.resume_calls, "use_cases", MemoryUseCases())
    paused.resume_and_walk(NINE + timedelta(hours=3))
    assert paused.campaign.resumption is None


def test_pausing_and_ending_take_the_walk_away() -> None:
    running = a_campaign(CampaignState.PAUSED).moved_to(CampaignState.RUNNING, NINE)
    assert running.resumption == Resumption(at=NINE)
    assert running.due_at == NINE
    for state in (CampaignState.PAUSED, CampaignState.CANCELED):
        assert running.moved_to(state, NINE).resumption is None
