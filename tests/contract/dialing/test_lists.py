"""Calls as they are listed and counted, by what is derived from them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slotline.domain.dialing.call_lists import BEGINNING, END, DialQuery, Tally
from slotline.domain.dialing.calls import DialCall, DialPosition
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.progress import Progress
from slotline.domain.dialing.statuses import DialStatus
from slotline.ports.dialing import DialCalls, DialLists
from slotline.ports.shared import Clock, StoreBusyError
from slotline.store.dialing.calls import DynamoDialCalls
from slotline.store.dialing.campaigns import DynamoCampaigns
from slotline.store.dialing.derived import CALLS, derived_of_call
from slotline.store.dialing.items import dial_call_to_item
from slotline.store.dialing.lists import DynamoDialLists
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.store.shared.derived import SHARDS, DynamoDerivations
from tests.support.aws.moto_tables import aws_in_memory
from tests.support.aws.requests import counted
from tests.support.builders.apps import SetClock
from tests.support.builders.dialing import MONDAY, a_campaign, a_dial_call
from tests.support.memory.dials import MemoryDialLists, MemoryDials

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BUSY, FAILED, SCHEDULED = DialStatus.BUSY, DialStatus.FAILED, DialStatus.SCHEDULED
CLOCK: Clock = SetClock()
MAY = a_campaign(CampaignState.RUNNING, id="may")


@dataclass(frozen=True)
class Listing:
    """Calls with their lists on one backend."""

    calls: DialCalls
    lists: DialLists
    has: Callable[[Sequence[DialCall]], None]
    """These calls are written, and whatever follows from them."""
    client: Any = None


@pytest.fixture(params=["dynamodb", "memory"])
def listing(request: pytest.FixtureRequest) -> Iterator[Listing]:
    """Each backend in turn; all calls are on lists."""
    if request.param == "memory":
        dials = MemoryDials()
        yield Listing(dials, MemoryDialLists(dials), dials.add)
        return
    with aws_in_memory() as client:
        yield on_tables(client)


@pytest.fixture
def on_dynamodb() -> Iterator[Listing]:
    """The same on tables."""
    with aws_in_memory() as client:
        yield on_tables(client)


def on_tables(client: Any) -> Listing:
    calls, derivations = DynamoDialCalls(client, "DialingTable"), DynamoDerivations(client, "DialingTable", CLOCK)
    mark(client)

    def has(added: Sequence[DialCall]) -> None:
        calls.add(added)
        derivations.apply([derived_of_call(call) for call in added])

    return Listing(calls, DynamoDialLists(client, "DialingTable", derivations), has, client)


def mark(client: Any) -> None:
    """All calls are on lists."""
    client.put_item(TableName="DialingTable", Item=to_values(keys.dials_are_counted()))


ALL = DialQuery(organization_id="org", since=BEGINNING, until=END)
OF_MAY = replace(ALL, campaign_id="may")


def found(listing: Listing, query: DialQuery) -> list[str]:
    """The ids on all pages of a list."""
    shown: list[str] = []
    while True:
        page = listing.lists.page(query)
        assert page is not None
        shown += [call.id for call in page.calls]
        if page.next is None:
            return shown
        query = replace(query, after=page.next)


class TestLists:
    def test_a_list_of_a_campaign_a_number_or_a_status_has_its_calls_in_order_on_all_its_pages(
        self, listing: Listing
    ) -> None:
        listing.has(
            [
                a_dial_call(
                    id=f"call-{n}",
                    campaign_id=("may", "june", None)[n % 3],
                    number_id=("number", "other")[n % 2],
                    status=(BUSY, SCHEDULED, SCHEDULED, FAILED)[n % 4],
                    scheduled_at=MONDAY + (11 - n) * HOUR,
                )
                for n in range(12)
            ]
        )
        downwards = range(11, -1, -1)
        for limit in (1, 2, 100):
            asked = replace(ALL, limit=limit)
            assert found(listing, replace(asked, campaign_id="may")) == [f"call-{n}" for n in downwards if n % 3 == 0]
            assert found(listing, replace(asked, number_id="other")) == [f"call-{n}" for n in downwards if n % 2]
            for statuses, rests in (({BUSY}, {0}), ({BUSY, FAILED}, {0, 3}), ({DialStatus.QUEUED}, set[int]())):
                wanted = replace(asked, statuses=frozenset(statuses))
                assert found(listing, wanted) == [f"call-{n}" for n in downwards if n % 4 in rests]
                of_may = replace(wanted, campaign_id="may")
                assert found(listing, of_may) == [f"call-{n}" for n in downwards if n % 4 in rests and n % 3 == 0]
                of_other = replace(wanted, number_id="other")
                assert found(listing, of_other) == [f"call-{n}" for n in downwards if n % 4 in rests and n % 2]

    def test_a_list_has_the_calls_of_its_time_from_its_beginning_to_just_before_its_end(self, listing: Listing) -> None:
        listing.has(
            [a_dial_call(id=f"call-{n}", campaign_id="may", scheduled_at=MONDAY + n * MINUTE) for n in range(4)]
        )
        between = replace(OF_MAY, since=MONDAY + MINUTE, until=MONDAY + 3 * MINUTE)
        assert found(listing, between) == ["call-1", "call-2"]
        assert found(listing, replace(between, until=MONDAY)) == []

    def test_a_list_holds_nothing_of_another_organization(self, listing: Listing) -> None:
        listing.has(
            [a_dial_call(id="own", campaign_id="may"), a_dial_call(id="a", organization_id="b", campaign_id="may")]
        )
        assert found(listing, OF_MAY) == ["own"]


class TestCounts:
    def test_a_campaign_counts_its_calls_by_status_and_those_that_are_over(self, listing: Listing) -> None:
        listing.has(
            [
                a_dial_call(id="a", campaign_id="may", status=BUSY, due_at=MONDAY),
                a_dial_call(id="b", campaign_id="may", status=BUSY, due_at=None),
                a_dial_call(id="c", campaign_id="may", due_at=MONDAY),
                a_dial_call(id="d", campaign_id="june", due_at=None),
                a_dial_call(id="e", due_at=None),
            ]
        )
        assert listing.lists.of_campaign("org", "may") == Tally(by_status={BUSY: 2, SCHEDULED: 1}, over=1)
        assert listing.lists.of_campaign("org", "july") == Tally(by_status={}, over=0)

    def test_days_are_counted_for_an_organization_and_for_a_number_and_by_status(self, listing: Listing) -> None:
        listing.has(
            [
                a_dial_call(
                    id=f"call-{n}",
                    scheduled_at=MONDAY + n * 12 * HOUR,
                    status=(BUSY, SCHEDULED)[n % 2],
                    number_id=("number", "other")[n % 3 == 0],
                )
                for n in range(10)
            ]
        )
        two_days = DialQuery(organization_id="org", since=MONDAY + DAY, until=MONDAY + 3 * DAY)
        assert listing.lists.of_days(two_days) == 4
        assert listing.lists.of_days(replace(two_days, statuses=frozenset({BUSY}))) == 2
        assert listing.lists.of_days(replace(two_days, number_id="other")) == 1
        assert listing.lists.of_days(replace(two_days, organization_id="another")) == 0

    def test_what_no_counter_knows_is_counted_up_to_as_many_as_are_asked_for(self, listing: Listing) -> None:
        listing.has([a_dial_call(id=f"call-{n}", campaign_id="may", scheduled_at=MONDAY + n * HOUR) for n in range(6)])
        part = replace(OF_MAY, since=MONDAY + MINUTE, until=MONDAY + 5 * HOUR)
        of_all = replace(part, campaign_id=None)
        of_status = replace(of_all, statuses=frozenset({SCHEDULED}))
        third = DialPosition(scheduled_at=MONDAY + 3 * HOUR, call_id="call-3")
        later_pages = (replace(query, after=third) for query in (part, of_all, of_status))
        for query in (part, of_all, of_status, replace(of_all, limit=1), *later_pages):
            assert listing.lists.up_to(query, 4) == 4
            assert listing.lists.up_to(query, 3) is None


def test_a_call_that_has_left_its_status_since_is_not_shown_as_what_it_is_no_more(on_dynamodb: Listing) -> None:
    first, second = (a_dial_call(id=name, campaign_id="may", due_at=MONDAY) for name in "ab")
    on_dynamodb.has([first, second])
    on_dynamodb.client.put_item(  # and the stream has not brought it yet
        TableName="DialingTable",
        Item={**_row(on_dynamodb, "a"), "status": {"S": BUSY.value}},
    )
    scheduled = replace(OF_MAY, statuses=frozenset({SCHEDULED}))
    assert found(on_dynamodb, scheduled) == ["b"]
    assert found(on_dynamodb, OF_MAY) == ["a", "b"]


def test_a_call_that_came_to_another_status_is_on_that_list_and_no_longer_on_the_other(on_dynamodb: Listing) -> None:
    call = a_dial_call(campaign_id="may", due_at=MONDAY)
    on_dynamodb.has([call])
    after = replace(call, status=BUSY, due_at=None, revision=2)
    DynamoDerivations(on_dynamodb.client, "DialingTable", CLOCK).apply([derived_of_call(after)])
    on_dynamodb.client.put_item(TableName="DialingTable", Item={**_row(on_dynamodb, "call"), "status": {"S": "Busy"}})
    for status, ids in ((SCHEDULED, []), (BUSY, ["call"])):
        assert found(on_dynamodb, replace(OF_MAY, statuses=frozenset({status}))) == ids
    assert on_dynamodb.lists.of_campaign("org", "may") == Tally(by_status={BUSY: 1}, over=1)


def test_a_change_that_counts_and_lists_a_call_as_before_leaves_nothing_to_mend(on_dynamodb: Listing) -> None:
    call = a_dial_call(campaign_id="may", due_at=MONDAY)
    on_dynamodb.has([call])
    later = replace(call, revision=2, updated_at=MONDAY + HOUR)
    on_dynamodb.client.put_item(TableName="DialingTable", Item=to_values(dial_call_to_item(later)))
    derivations, key = DynamoDerivations(on_dynamodb.client, "DialingTable", CLOCK), keys.dial_call("org", "call")
    assert derivations.mend([(key, derived_of_call(later))]) == 0
    derivations.apply([derived_of_call(replace(call, status=BUSY))])
    assert on_dynamodb.lists.of_campaign("org", "may") == Tally(by_status={SCHEDULED: 1}, over=0)


def test_no_count_of_a_campaign_is_below_zero_while_its_shards_change(on_dynamodb: Listing) -> None:
    on_dynamodb.has([a_dial_call(campaign_id="may", due_at=MONDAY)])
    for shard in range(SHARDS):
        key = keys.counters(keys.dial_list("org", campaign_id="may"), CALLS, shard)
        on_dynamodb.client.update_item(
            TableName="DialingTable",
            Key=to_values(key),
            UpdateExpression="ADD count_over :less, count_Busy :less",
            ExpressionAttributeValues={":less": {"N": "-1"}},
        )
    assert on_dynamodb.lists.of_campaign("org", "may") == Tally(by_status={SCHEDULED: 1}, over=0)


def test_a_call_reads_back_with_its_attempts_and_nothing_that_is_derived_from_it(on_dynamodb: Listing) -> None:
    call = a_dial_call(campaign_id="may", due_at=MONDAY)
    on_dynamodb.has([call])
    assert on_dynamodb.calls.get("org", "call") == (call, [])


def test_nobody_is_told_of_lists_that_do_not_have_all_calls_yet(on_dynamodb: Listing) -> None:
    on_dynamodb.client.delete_item(TableName="DialingTable", Key=to_values(keys.dials_are_counted()))
    on_dynamodb.has([a_dial_call(campaign_id="may")])
    one_day = DialQuery(organization_id="org", since=MONDAY, until=MONDAY + DAY)
    lists = on_dynamodb.lists
    assert lists.page(OF_MAY) is None
    assert lists.of_campaign("org", "may") is None
    DynamoCampaigns(on_dynamodb.client, "DialingTable", "AccessTable").open(MAY)
    assert lists.progress("org", "may") == (Progress(campaign=MAY, imported=None), None)
    assert lists.of_days(one_day) is None
    assert lists.up_to(OF_MAY, 10) is None
    assert lists.up_to(one_day, 10) == 1, "all calls of an organization are in the calendar"
    mark(on_dynamodb.client)
    assert found(on_dynamodb, OF_MAY) == ["call"]


def test_a_process_that_knew_lists_believes_them_no_more_once_a_table_has_lost_its_rows(on_dynamodb: Listing) -> None:
    """As after a restore, which brings back no lists: until a recount the calendar answers."""
    on_dynamodb.has([a_dial_call(campaign_id="may")])
    lists = on_dynamodb.lists
    assert found(on_dynamodb, OF_MAY) == ["call"]
    on_dynamodb.client.delete_item(TableName="DialingTable", Key=to_values(keys.dials_are_counted()))
    assert lists.page(OF_MAY) is None
    assert lists.up_to(OF_MAY, 10) is None
    assert lists.of_campaign("org", "may") is None


@pytest.mark.parametrize("beside", [0, 300])
def test_a_page_and_its_total_take_as_many_requests_however_many_calls_there_are(
    on_dynamodb: Listing, beside: int
) -> None:
    on_dynamodb.has([a_dial_call(id=f"call-{n}", campaign_id="may", scheduled_at=MONDAY + n * HOUR) for n in range(9)])
    on_dynamodb.has([a_dial_call(id=f"more-{n}", campaign_id="june", status=BUSY) for n in range(beside)])
    lists = on_dynamodb.lists
    with counted(on_dynamodb.client) as requests:
        page = lists.page(replace(OF_MAY, statuses=frozenset({SCHEDULED}), limit=5))
        tally = lists.of_campaign("org", "may")
    assert page is not None
    assert (len(page.calls), tally) == (5, Tally(by_status={SCHEDULED: 9}, over=9))
    DynamoCampaigns(on_dynamodb.client, "DialingTable", "AccessTable").open(MAY)
    with counted(on_dynamodb.client) as of_progress:
        assert lists.progress("org", "may") == (Progress(campaign=MAY, imported=None), tally)
    assert of_progress.operations == ["BatchGetItem"]
    assert requests.operations == ["Query", "BatchGetItem", "BatchGetItem"]
    assert sum(requests.units.values()) < 20


def test_calls_that_are_larger_than_one_answer_are_read_in_several(on_dynamodb: Listing) -> None:
    """A BatchGetItem brings 16 MB at most, and says which rows it left out; moto leaves out none."""

    class Brief:
        def __getattr__(self, name: str) -> Any:
            return getattr(on_dynamodb.client, name)

        def batch_get_item(self, **request: Any) -> Any:
            ((table, asked),) = request["RequestItems"].items()
            answer = on_dynamodb.client.batch_get_item(RequestItems={table: {**asked, "Keys": asked["Keys"][:7]}})
            left = asked["Keys"][7:]
            return {**answer, "UnprocessedKeys": {table: {**asked, "Keys": left}} if left else {}}

    brief: Any = Brief()
    on_dynamodb.has([a_dial_call(id=f"call-{n:02}", campaign_id="may") for n in range(30)])
    lists = DynamoDialLists(brief, "DialingTable", DynamoDerivations(brief, "DialingTable", CLOCK))
    assert len(found(replace(on_dynamodb, lists=lists), replace(OF_MAY, limit=30))) == 30


def test_a_read_that_brings_nothing_is_a_throttled_one(on_dynamodb: Listing) -> None:
    class Throttled:
        def __getattr__(self, name: str) -> Any:
            return getattr(on_dynamodb.client, name)

        def batch_get_item(self, **request: Any) -> Any:
            return {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}

    throttled: Any = Throttled()
    on_dynamodb.has([a_dial_call(campaign_id="may")])
    with pytest.raises(StoreBusyError):
        DynamoDialLists(throttled, "DialingTable", DynamoDerivations(throttled, "DialingTable", CLOCK)).page(OF_MAY)


def test_months_without_calls_are_not_counted(on_dynamodb: Listing) -> None:
    later = datetime(2026, 6, 3, tzinfo=UTC)
    on_dynamodb.has([a_dial_call(scheduled_at=later)])
    query = DialQuery(organization_id="org", since=MONDAY + HOUR, until=later + HOUR)
    assert on_dynamodb.lists.up_to(query, 10) == 1


def _row(listing: Listing, call_id: str) -> dict[str, Any]:
    answer = listing.client.get_item(TableName="DialingTable", Key=to_values(keys.dial_call("org", call_id)))
    row: dict[str, Any] = answer["Item"]
    return row
