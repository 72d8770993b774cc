"""Campaigns come to their end, once, however often whoever brings them there dies or is hindered on the way."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.call_lists import DialPage, DialQuery
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import FIRST_WALK_AFTER, Campaign, CampaignState
from slotline.domain.dialing.closing import AGAIN_AFTER, SETTLED_AFTER, UNDER_WAY_FOR, WAITS_AT_MOST
from slotline.domain.dialing.imports import Import, ImportState
from slotline.domain.dialing.numbers import CarrierName
from slotline.domain.dialing.statuses import DialStatus
from slotline.ports.dialing import DialWrite
from slotline.ports.shared import RaceLost, StoreBusyError
from slotline.usecases.dialing import read_calls
from slotline.usecases.dialing.close_campaign import CloseCampaign
from slotline.usecases.dialing.resume_calls import ResumeCalls
from slotline.usecases.dialing.walking import LEASE
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.dialing import a_campaign, a_dial_call, a_use_case
from tests.support.memory.campaigns import MemoryKeptCampaigns, due_of_campaign
from tests.support.memory.dials import MemoryDials, MemoryUseCases
from tests.support.memory.faults import Crashed, Fault
from tests.support.memory.running import NumberedIds, RecordedBackoff

PLACE = ("org", "campaign")
FOREVER = NOW + timedelta(days=9)
MINUTE = timedelta(minutes=1)
FAULTS = [Fault.BUSY, Fault.LOST_ANSWER, Fault.CRASH_BEFORE, Fault.CRASH_AFTER]


class LaggingDials(MemoryDials):
    """Calls whose list does not show some of them yet, and shows others as they were."""

    def __init__(self) -> None:
        super().__init__()
        self.unlisted: set[str] = set()
        self.listed_as: dict[str, DialCall] = {}
        self.pages = 0

    def find(self, query: DialQuery) -> DialPage:
        """A page of what is listed by now."""
        self.pages += 1
        page = super().find(query)
        shown = [self.listed_as.get(call.id, call) for call in page.calls if call.id not in self.unlisted]
        return DialPage(calls=shown, next=page.next)


class Closing:
    """A campaign with calls, one a second, and the use case on it."""

    def __init__(self, count: int, state: CampaignState = CampaignState.RUNNING) -> None:
        self.clock, self.calls, self.campaigns = SetClock(), LaggingDials(), MemoryKeptCampaigns()
        times = [NOW + timedelta(seconds=number) for number in range(count)]
        calls = [
            a_dial_call(id=f"call-{number}", campaign_id="campaign", scheduled_at=at, due_at=at + timedelta(hours=3))
            for number, at in enumerate(times)
        ]
        self.calls.calls = {("org", call.id): call for call in calls}
        self.calls.calls["org", "foreign"] = a_dial_call(id="foreign", scheduled_at=NOW, due_at=NOW)
        creating = a_campaign(CampaignState.CREATING, calls=count).covering(calls)
        self.campaigns.kept[PLACE] = creating.moved_to(state, NOW)
        self.backoff = RecordedBackoff()
        ports: Any = {"campaigns": self.campaigns, "calls": self.calls, "clock": self.clock, "backoff": self.backoff}
        use_cases: Any = MemoryUseCases({("org", "use-case"): a_use_case()})
        resume_calls = ResumeCalls(**ports, use_cases=use_cases)
        self.go_on = CloseCampaign(**ports, resume_calls=resume_calls, ids=NumberedIds())

    @property
    def campaign(self) -> Campaign:
        return self.campaigns.kept[PLACE]

    def call(self, number: int) -> DialCall:
        return self.calls.calls["org", f"call-{number}"]

    def is_over(self, *numbers: int, status: DialStatus = DialStatus.COMPLETED) -> None:
        for number in numbers:
            over = replace(self.call(number), status=status, due_at=None, revision=2)
            self.calls.calls["org", over.id] = over

    def is_under_way(self, number: int) -> DialCall:
        after = AttemptedCall.claimed(self.call(number), CarrierName.TWILIO, "claim", self.clock.now()).call
        self.calls.calls["org", after.id] = after
        return after

    def moves_to(self, state: CampaignState) -> None:
        self.campaigns.kept[PLACE] = self.campaign.moved_to(state, self.clock.now())

    def wake(self, until: datetime = FOREVER) -> Campaign | None:
        """The wake-up of the campaign, at its moment."""
        due = due_of_campaign(self.campaign)
        self.clock.instant = max(self.clock.now(), due.at)
        return self.go_on(due, until)

    def live(self, times: int = 60) -> None:
        """Woken as often as it is due, and again when whoever goes on with it fails or dies."""
        for _ in range(times):
            if self.campaign.due_at is None:
                return
            with suppress(Crashed, StoreBusyError):
                self.wake()
        raise AssertionError("it never came to its end")


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_calls, "PAGE", 3)


class TestCompletion:
    def test_a_campaign_is_completed_once_all_of_its_calls_are_over(self) -> None:
        closing = Closing(8)
        assert closing.campaign.due_at == NOW + FIRST_WALK_AFTER
        closing.is_over(*range(7))
        closing.wake()
        assert closing.campaign.state is CampaignState.RUNNING
        closing.is_over(7, status=DialStatus.FAILED)
        closing.wake()
        assert (closing.campaign.state, closing.campaign.due_at) == (CampaignState.COMPLETED, None)
        assert (closing.campaign.walk, closing.campaign.updated_at) == (None, closing.clock.now())

    def test_a_walk_never_turns_back(self) -> None:
        closing = Closing(30)
        for number in range(30):
            closing.wake()
            closing.is_over(number)
        closing.wake()
        assert closing.campaign.state is CampaignState.COMPLETED
        assert closing.calls.pages <= 31 + 10, "one look each time, and each page once"

    def test_it_looks_again_when_the_call_that_it_waits_for_acts(self) -> None:
        closing = Closing(1)
        closing.wake()
        assert closing.campaign.due_at == closing.clock.now() + WAITS_AT_MOST
        waiting = replace(closing.call(0), due_at=closing.clock.now() + WAITS_AT_MOST + 20 * MINUTE)
        closing.calls.calls["org", "call-0"] = waiting
        closing.wake()
        assert closing.campaign.due_at == waiting.due_at
        closing.calls.calls["org", "call-0"] = replace(waiting, due_at=closing.clock.now())
        closing.wake()
        assert closing.campaign.due_at == closing.clock.now() + AGAIN_AFTER
        closing.is_under_way(0)
        closing.calls.calls["org", "call-0"] = replace(closing.call(0), due_at=FOREVER)
        closing.wake()
        assert closing.campaign.due_at == closing.clock.now() + UNDER_WAY_FOR

    def test_a_call_that_the_list_does_not_show_yet_keeps_it_open(self) -> None:
        closing = Closing(5)
        closing.is_over(0, 1, 3, 4)
        closing.calls.unlisted = {"call-2"}
        closing.wake()
        assert (closing.campaign.state, closing.campaign.walk) == (CampaignState.RUNNING, None)
        assert closing.campaign.due_at == closing.clock.now() + SETTLED_AFTER
        closing.calls.unlisted.clear()
        closing.wake()
        assert closing.campaign.state is CampaignState.RUNNING
        closing.is_over(2)
        closing.wake()
        assert closing.campaign.state is CampaignState.COMPLETED

    def test_a_paused_one_waits_and_goes_on_from_where_it_was(self) -> None:
        closing = Closing(5)
        closing.is_over(0, 1)
        closing.wake()
        closing.moves_to(CampaignState.PAUSED)
        assert closing.campaign.due_at is None
        closing.is_over(2, 3, 4)
        closing.moves_to(CampaignState.RUNNING)
        assert closing.campaign.walk is not None
        assert closing.campaign.walk.seen == 2
        closing.wake()
        assert closing.campaign.state is CampaignState.RUNNING, "its calls go on first"
        closing.wake()
        assert closing.campaign.state is CampaignState.COMPLETED

    def test_while_its_file_is_imported_it_is_not_completed(self) -> None:
        closing = Closing(2)
        closing.is_over(0, 1)
        imported = Import(
            organization_id="org",
            campaign_id="campaign",
            upload_id="upload",
            state=ImportState.WRITING,
            size=9,
            planned_at=NOW,
            due_at=NOW,
            updated_at=NOW,
        )
        closing.campaigns.imports[PLACE] = imported
        closing.wake()
        assert closing.campaign.state is CampaignState.RUNNING
        closing.campaigns.imports[PLACE] = replace(imported.over(ImportState.DONE), created=1)
        closing.wake()
        assert closing.campaign.state is CampaignState.RUNNING, "a call of the file is not listed yet"
        closing.campaigns.imports[PLACE] = imported.over(ImportState.DONE)
        closing.wake()
        assert closing.campaign.state is CampaignState.COMPLETED

    def test_where_time_is_short_each_run_does_a_page(self) -> None:
        closing = Closing(8)
        closing.is_over(*range(8))
        seen = []
        while closing.campaign.state is CampaignState.RUNNING:
            closing.wake(until=closing.clock.now())
            seen.append(closing.campaign.walk.seen if closing.campaign.walk else 8)
            assert closing.campaign.due_at in (None, closing.clock.now())
            closing.clock.advance(seconds=1)
        assert seen == [3, 6, 8]

    @pytest.mark.parametrize("fault", FAULTS)
    @pytest.mark.parametrize("at", range(6))
    @pytest.mark.parametrize("kind", ["reads", "commits"])
    def test_whoever_dies_or_fails_is_followed_by_another_and_it_is_completed_once(
        self, kind: str, at: int, fault: Fault
    ) -> None:
        closing = Closing(8)
        closing.is_over(*range(8))
        getattr(closing.campaigns.faults, kind).extend([*[None] * at, fault])
        closing.calls.faults.reads.extend([*[None] * at, fault])
        states = [closing.campaign.state]
        keep = closing.campaigns.replace

        def noted(campaign: Campaign, replaces: int, new: Import | None = None) -> None:
            try:
                keep(campaign, replaces, new)
            finally:
                states.append(closing.campaign.state)

        closing.campaigns.replace = noted  # type: ignore[method-assign]
        closing.live()
        assert closing.campaign.state is CampaignState.COMPLETED
        changes = [after for before, after in pairwise(states) if before is not after]
        assert changes == [CampaignState.COMPLETED]

    def test_whoever_pauses_it_meanwhile_goes_first(self) -> None:
        closing = Closing(1)
        closing.is_over(0)
        find = closing.calls.find

        def paused_meanwhile(query: DialQuery) -> DialPage:
            closing.moves_to(CampaignState.PAUSED)
            return find(query)

        closing.calls.find = paused_meanwhile  # type: ignore[method-assign]
        assert closing.wake() is None
        assert closing.campaign.state is CampaignState.PAUSED


class TestCancellation:
    def test_what_has_not_been_dialled_is_canceled_at_once(self) -> None:
        closing = Closing(8)
        closing.is_over(1)
        closing.moves_to(CampaignState.CANCELED)
        assert closing.campaign.due_at == NOW
        closing.wake()
        left = [closing.call(number) for number in range(8) if number != 1]
        assert {(call.status, call.reason, call.due_at) for call in left} == {
            (DialStatus.CANCELED, "campaign_canceled", None)
        }
        assert closing.call(1).status is DialStatus.COMPLETED
        assert {event.call_id for event in closing.calls.events} == {call.id for call in left}
        assert closing.calls.calls["org", "foreign"].due_at == NOW

    def test_a_call_under_way_goes_on_and_no_attempt_follows(self) -> None:
        closing = Closing(2)
        before = closing.is_under_way(0)
        closing.moves_to(CampaignState.CANCELED)
        closing.wake()
        after = closing.call(0)
        assert (after.status, after.due_at, after.is_called_off) == (DialStatus.QUEUED, before.due_at, True)
        assert [event.call_id for event in closing.calls.events] == ["call-1"]

    def test_a_second_walk_finds_what_was_being_written(self) -> None:
        closing = Closing(4, CampaignState.CANCELED)
        closing.calls.unlisted = {"call-2"}
        closing.wake()
        assert closing.call(2).due_at is not None
        assert closing.campaign.due_at == NOW + SETTLED_AFTER
        closing.calls.unlisted.clear()
        closing.wake()
        assert closing.call(2).status is DialStatus.CANCELED
        assert (closing.campaign.due_at, closing.campaign.state) == (None, CampaignState.CANCELED)
        assert len(closing.calls.events) == 4

    def test_a_call_that_is_being_claimed_is_decided_on_as_it_is_then(self) -> None:
        closing = Closing(3, CampaignState.CANCELED)
        closing.calls.listed_as["call-1"] = closing.call(1)
        claim = closing.is_under_way(1)
        closing.wake()
        assert closing.call(1) == claim.called_off(NOW)
        assert closing.call(0).status is closing.call(2).status is DialStatus.CANCELED

    def test_one_that_changes_under_its_hands_is_looked_at_again(self) -> None:
        closing = Closing(1, CampaignState.CANCELED)
        closing.calls.listed_as["call-0"] = replace(closing.call(0), revision=0)
        write, races = closing.calls.write, iter([True, True, False])

        def racing(one: DialWrite) -> None:
            if next(races):
                raise RaceLost
            write(one)

        closing.calls.write = racing  # type: ignore[method-assign]
        closing.wake()
        assert closing.call(0).status is DialStatus.CANCELED
        assert closing.backoff.pauses == [1, 2]

    @pytest.mark.parametrize("fault", FAULTS)
    @pytest.mark.parametrize("at", range(6))
    @pytest.mark.parametrize("kind", ["reads", "commits"])
    @pytest.mark.parametrize("rows", ["campaigns", "calls"])
    def test_whoever_dies_or_fails_is_followed_by_another_and_each_call_is_ended_once(
        self, rows: str, kind: str, at: int, fault: Fault
    ) -> None:
        closing = Closing(8, CampaignState.CANCELED)
        closing.is_under_way(4)
        getattr(getattr(closing, rows).faults, kind).extend([*[None] * at, fault])
        closing.live()
        assert sorted(event.call_id for event in closing.calls.events) == [
            f"call-{number}" for number in range(8) if number != 4
        ]
        assert closing.call(4).is_called_off
        assert closing.campaign.state is CampaignState.CANCELED
        assert closing.clock.now() <= NOW + SETTLED_AFTER + 2 * LEASE, "within minutes"

    def test_canceled_while_it_completes_it_is_canceled(self) -> None:
        closing = Closing(4)
        closing.is_over(0)
        closing.wake()
        closing.moves_to(CampaignState.CANCELED)
        assert closing.campaign.walk is None
        closing.live()
        assert [closing.call(number).status for number in range(1, 4)] == [DialStatus.CANCELED] * 3


def test_a_wake_up_that_is_stale_finds_nothing_to_do() -> None:
    closing = Closing(2, CampaignState.CANCELED)
    stale = replace(due_of_campaign(closing.campaign), at=NOW - MINUTE)
    assert closing.go_on(stale, FOREVER) is None
    assert closing.calls.events == []


def test_of_two_who_are_woken_at_once_one_goes_on() -> None:
    closing = Closing(2, CampaignState.CANCELED)
    due = due_of_campaign(closing.campaign)
    found = closing.campaigns.due(due)
    find = closing.calls.find

    def woken_twice(query: DialQuery) -> DialPage:
        assert closing.campaign.due_at == NOW + LEASE, "due again if whoever has it dies"
        assert closing.go_on(due, FOREVER) is None
        return find(query)

    closing.calls.find = woken_twice  # type: ignore[method-assign]
    assert closing.go_on(due, FOREVER) is not None
    assert closing.calls.pages == 1
    assert found is not None
    with pytest.raises(RaceLost):
        closing.campaigns.replace(found.walked(None, None), found.revision)


def test_a_campaign_whose_calls_were_never_written_comes_to_rest() -> None:
    closing = Closing(0, CampaignState.CANCELED)
    closing.live()
    assert closing.campaign.due_at is None


def test_a_call_that_ends_by_itself_meanwhile_stays_as_it_ended() -> None:
    closing = Closing(1, CampaignState.CANCELED)
    closing.calls.listed_as["call-0"] = closing.call(0)
    closing.is_over(0)
    closing.wake()
    assert closing.call(0).status is DialStatus.COMPLETED
    assert closing.calls.events == []
