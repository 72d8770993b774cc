"""How far a campaign has come, and pages of calls with how many there are.

Lists and counters follow the calls by some seconds: here they are those of other calls, as far as they have come.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slotline.domain.dialing.call_lists import BEGINNING, END, DialQuery, days_around
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.closing import SETTLED_AFTER
from slotline.domain.dialing.imports import Import, ImportState
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.shared.errors import NotFound
from slotline.usecases.dialing.read_calls import ListCalls, ReadProgress
from tests.support.builders.apps import SetClock
from tests.support.builders.dialing import MONDAY, a_campaign, a_dial_call
from tests.support.memory.campaigns import MemoryKeptCampaigns
from tests.support.memory.dials import MemoryDialLists, MemoryDials

DAY = timedelta(days=1)
BUSY, SCHEDULED = DialStatus.BUSY, DialStatus.SCHEDULED
OF_CAMPAIGN = DialQuery(organization_id="org", campaign_id="may", since=BEGINNING, until=END)
OF_ALL = DialQuery(organization_id="org", since=MONDAY, until=MONDAY + DAY)


@dataclass
class Desk:
    """Calls, and the lists and counters of as many of them as have come there."""

    campaigns: MemoryKeptCampaigns = field(default_factory=MemoryKeptCampaigns)
    calls: MemoryDials = field(default_factory=MemoryDials)
    lists: MemoryDialLists = field(init=False)
    clock: SetClock = field(default_factory=lambda: SetClock(MONDAY + DAY))

    def __post_init__(self) -> None:
        self.lists = MemoryDialLists(MemoryDials(), campaigns=self.campaigns)

    def has(self, those: Sequence[DialCall], listed: Sequence[DialCall] | None = None, **campaign: Any) -> None:
        """A campaign with those calls, of which these are listed, as they were then: all of them, if nobody says."""
        said = {"id": "may", "calls": len(those), "first_at": MONDAY, "last_at": MONDAY + DAY, **campaign}
        self.campaigns.open(a_campaign(CampaignState.RUNNING, **said))
        self.calls.add(those)
        self.lists.dials.add(those if listed is None else listed)

    def page(self, query: DialQuery) -> tuple[list[str], int | None]:
        found = ListCalls(campaigns=self.campaigns, calls=self.calls, lists=self.lists, clock=self.clock)(
            query, is_counted=True
        )
        return [call.id for call in found.calls], found.total

    def walk(self, query: DialQuery) -> list[str]:
        """The ids on all pages."""
        listing = ListCalls(campaigns=self.campaigns, calls=self.calls, lists=self.lists, clock=self.clock)
        page = listing(query, is_counted=False)
        shown = [call.id for call in page.calls]
        return [*shown, *(self.walk(replace(query, after=page.next)) if page.next else ())]

    def progress(self) -> tuple[Any, int | None]:
        found = ReadProgress(calls=self.calls, lists=self.lists)("org", "may")
        return found.by_status, found.over


@pytest.fixture
def desk() -> Desk:
    return Desk()


def some_calls(count: int, **more: Any) -> list[DialCall]:
    return [a_dial_call(**{"id": f"call-{n:03}", "campaign_id": "may", "due_at": MONDAY, **more}) for n in range(count)]


class TestProgress:
    def test_it_is_what_was_counted(self, desk: Desk) -> None:
        first, *rest = some_calls(3)
        desk.has([replace(first, status=BUSY, due_at=None), *rest])
        assert desk.progress() == ({BUSY: 1, SCHEDULED: 2}, 1)

    def test_a_call_that_was_not_counted_yet_is_scheduled(self, desk: Desk) -> None:
        calls = some_calls(3)
        desk.has(calls, listed=[replace(calls[0], status=BUSY)])
        assert desk.progress() == ({BUSY: 1, SCHEDULED: 2}, 0)

    def test_it_is_counted_while_a_file_is_imported_and_however_many_calls_there_are(self, desk: Desk) -> None:
        desk.has(some_calls(2), calls=0)
        desk.campaigns.imports["org", "may"] = an_import(created=20_002)
        assert desk.progress() == ({SCHEDULED: 20_002}, 0)

    def test_more_calls_than_were_announced_yet_are_counted_as_they_are(self, desk: Desk) -> None:
        desk.has(some_calls(3), calls=2)
        assert desk.progress() == ({SCHEDULED: 3}, 0)

    def test_until_all_calls_are_listed_the_calls_are_counted_and_only_so_many(self, desk: Desk) -> None:
        calls = some_calls(3)
        desk.has(calls, listed=calls[:1])
        desk.lists.complete = False
        assert desk.progress() == ({SCHEDULED: 3}, 0)
        desk.campaigns.imports["org", "may"] = an_import(created=10_000, state=ImportState.DONE)
        assert desk.progress() == (None, None)

    def test_a_campaign_that_is_not_there_is_not_found(self, desk: Desk) -> None:
        with pytest.raises(NotFound):
            desk.progress()


class TestPages:
    def test_a_first_page_that_is_all_there_is_counts_itself(self, desk: Desk) -> None:
        desk.has(some_calls(3), listed=[])
        assert desk.page(OF_ALL) == (["call-000", "call-001", "call-002"], 3)

    def test_calls_of_a_campaign_are_counted_by_the_campaigns_counters(self, desk: Desk) -> None:
        first, *rest = some_calls(4)
        desk.has([replace(first, status=BUSY), *rest])
        assert desk.page(replace(OF_CAMPAIGN, limit=2)) == (["call-000", "call-001"], 4)
        scheduled = replace(OF_CAMPAIGN, statuses=frozenset({SCHEDULED}), limit=2)
        assert desk.page(scheduled) == (["call-001", "call-002"], 3)

    def test_whole_days_are_counted_by_the_days_counters(self, desk: Desk) -> None:
        calls = some_calls(4)
        desk.has(calls, listed=calls[:3])
        assert desk.page(replace(OF_ALL, limit=2)) == (["call-000", "call-001"], 3), "they are a little behind"

    def test_a_total_is_never_less_than_what_is_shown(self, desk: Desk) -> None:
        desk.has(some_calls(4), listed=[])
        assert desk.page(replace(OF_ALL, limit=2))[1] == 3, "two, and at least one more"

    @pytest.mark.parametrize("count", [1_000, 1_001])
    def test_parts_of_days_are_counted_up_to_a_thousand(self, desk: Desk, count: int) -> None:
        desk.has(some_calls(count))
        query = replace(OF_ALL, until=MONDAY + timedelta(hours=1), limit=1)
        assert desk.page(query) == (["call-000"], count if count <= 1_000 else None)

    def test_nothing_is_counted_for_who_does_not_want_to_know(self, desk: Desk) -> None:
        desk.has(some_calls(2))
        listing = ListCalls(campaigns=desk.campaigns, calls=desk.calls, lists=desk.lists, clock=desk.clock)
        assert listing(OF_ALL, is_counted=False).total is None

    def test_calls_of_a_campaign_that_was_created_just_now_are_found_before_they_are_listed(self, desk: Desk) -> None:
        desk.clock.instant = MONDAY + timedelta(minutes=1)
        desk.has(some_calls(3), listed=some_calls(1))
        assert desk.page(OF_CAMPAIGN) == (["call-000", "call-001", "call-002"], 3)
        assert desk.page(replace(OF_CAMPAIGN, statuses=frozenset({SCHEDULED}))) == (
            ["call-000", "call-001", "call-002"],
            3,
        )

    def test_every_page_of_a_campaign_that_was_created_just_now_has_its_calls(self, desk: Desk) -> None:
        desk.clock.instant = MONDAY + timedelta(minutes=1)
        calls = some_calls(6, created_at=MONDAY)
        desk.has(calls, listed=[calls[0], calls[2], calls[3]])
        assert desk.walk(replace(OF_CAMPAIGN, limit=2)) == [call.id for call in calls]
        desk.clock.instant = MONDAY + SETTLED_AFTER
        assert desk.walk(replace(OF_CAMPAIGN, limit=2)) == ["call-000", "call-002", "call-003"], (
            "the lists are believed"
        )

    def test_until_all_calls_are_listed_they_are_found_in_the_calendar_and_not_counted(self, desk: Desk) -> None:
        desk.has(some_calls(3), listed=[])
        desk.lists.complete = False
        for query in (
            OF_CAMPAIGN,
            replace(OF_ALL, number_id="number"),
            replace(OF_ALL, statuses=frozenset({SCHEDULED})),
        ):
            assert desk.page(query) == (["call-000", "call-001", "call-002"], 3)
            assert desk.page(replace(query, limit=2)) == (["call-000", "call-001"], None)

    def test_a_campaign_and_a_number_that_is_not_its_own_have_no_call(self, desk: Desk) -> None:
        desk.has(some_calls(2))
        assert desk.page(replace(OF_CAMPAIGN, number_id="another")) == ([], 0)
        assert desk.page(replace(OF_CAMPAIGN, number_id="number")) == (["call-000", "call-001"], 2)

    def test_calls_of_a_campaign_that_is_not_there_are_not_found(self, desk: Desk) -> None:
        with pytest.raises(NotFound):
            desk.page(OF_CAMPAIGN)


def test_a_time_of_whole_days_is_known_by_its_days_and_any_other_by_none() -> None:
    def days(since: datetime, until: datetime) -> Any:
        found = replace(OF_ALL, since=since, until=until).days
        return found and tuple(str(day) for day in found)

    assert days(MONDAY, MONDAY + DAY) == ("2026-05-04", "2026-05-04")
    assert days(MONDAY, MONDAY + 3 * DAY) == ("2026-05-04", "2026-05-06")
    assert days(MONDAY, MONDAY) is None
    assert days(MONDAY, MONDAY + timedelta(hours=25)) is None
    assert days(MONDAY, MONDAY + 367 * DAY) is None, "too many days to be summed"
    assert days(*days_around(datetime(2026, 5, 4, 17, 30, 1, tzinfo=UTC))) == ("2026-04-03", "2026-06-04")


def an_import(**more: Any) -> Import:
    said = {"organization_id": "org", "campaign_id": "may", "upload_id": "u", "state": ImportState.WRITING, "size": 1}
    return Import(**{**said, "planned_at": MONDAY, "updated_at": MONDAY, **more})
