"""Calls to be dialled, with their attempts and events; and what numbers have given out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.call_lists import DialPage, DialQuery
from slotline.domain.dialing.calls import DialCall, Over
from slotline.domain.dialing.events import event_of
from slotline.domain.dialing.numbers import CarrierName
from slotline.domain.dialing.own_times import OwnTime
from slotline.domain.dialing.pace import Lease, Pace
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.shared.due import Due, buckets_of
from slotline.ports.dialing import DialCalls, DialWrite, KeptPace, Paces
from slotline.ports.shared import RaceLost
from slotline.store.dialing import calls as dials
from slotline.store.dialing.calls import DynamoDialCalls
from slotline.store.dialing.items import dial_event_from_item
from slotline.store.dialing.paces import DynamoPaces
from slotline.store.dynamodb.client import from_values, to_values
from slotline.store.shared.timers import DynamoTimers
from tests.support.aws.moto_tables import aws_in_memory
from tests.support.builders.dialing import MONDAY, a_dial_call
from tests.support.memory.dials import MemoryDials, MemoryPaces, due_of_dial

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Dialing:
    """The ports of dialing on one backend."""

    calls: DialCalls
    paces: Paces
    client: Any = None


@pytest.fixture(params=["dynamodb", "memory"])
def dialing(request: pytest.FixtureRequest) -> Iterator[Dialing]:
    """Each backend in turn, with nothing in it."""
    if request.param == "memory":
        yield Dialing(MemoryDials(), MemoryPaces())
        return
    with aws_in_memory() as client:
        yield Dialing(DynamoDialCalls(client, "DialingTable"), DynamoPaces(client, "AccessTable"), client)


@pytest.fixture
def on_dynamodb() -> Iterator[Any]:
    """A client of tables that hold nothing."""
    with aws_in_memory() as client:
        yield client


def a_full_call(**more: Any) -> DialCall:
    """One with something in every field."""
    return a_dial_call(
        **{
            "campaign_id": "campaign",
            "language": "es-CO",
            "zones": ("America/Bogota",),
            "params": {"first_name": "Ana", "balance": 12.5, "tags": ["a", None], "nothing": ""},
            "metadata": {"custom": {"orderId": "456"}},
            "rules": (
                RetryRule(query="Busy", retry_period=30, max_retry_per_day=2),
                RetryRule(query="attempt < `3`", retry_period=5),
            ),
            "max_retries": 3,
            "due_at": MONDAY,
            "attempted_at": (MONDAY - 60 * MINUTE,),
            "withdrawn": 1,
            "last_outcome": DialStatus.BUSY,
            "status": DialStatus.BUSY,
            "carrier_call_id": "CA1",
            "has_own_time": True,
            "own_time": OwnTime(wall="2027-05-03T09:00", zone="America/Bogota", at=MONDAY),
            "reason": "pace",
            "revision": 4,
            **more,
        }
    )


def claim(calls: DialCalls, call: DialCall, now: datetime = MONDAY, claim_id: str = "claim") -> DialCall:
    claimed = AttemptedCall.claimed(call, CarrierName.TWILIO, claim_id, now)
    event = event_of(call, claimed.call)
    calls.write(DialWrite(call=claimed.call, replaces=call.revision, claims=claimed.attempt, event=event))
    return claimed.call


def test_a_call_is_kept_as_it_was_given(dialing: Dialing) -> None:
    for call in (a_full_call(), a_dial_call(id="other", due_at=MONDAY)):
        dialing.calls.add([call])
        assert dialing.calls.get("org", call.id) == (call, [])
    assert dialing.calls.get("org", "nobody") is None
    assert dialing.calls.get("another", "call") is None


def test_calls_may_be_added_again_and_those_that_went_on_stay_as_they_are(dialing: Dialing) -> None:
    calls = [a_dial_call(id=f"call-{n:03}", due_at=MONDAY) for n in range(230)]
    dialing.calls.add(calls[:150])
    gone_on = claim(dialing.calls, calls[3])
    dialing.calls.add(calls)
    assert dialing.calls.get("org", "call-003") == (gone_on, [dialing.calls.attempt("org", "call-003", 1)])
    assert all(dialing.calls.get("org", call.id) is not None for call in calls)


def test_a_call_is_due_at_its_moment_and_at_no_other(dialing: Dialing) -> None:
    call = a_dial_call(due_at=MONDAY)
    dialing.calls.add([call])
    due = due_of_dial(call)
    assert dialing.calls.due(due) == call
    assert dialing.calls.due(replace(due, at=MONDAY + MINUTE)) is None
    claim(dialing.calls, call)
    assert dialing.calls.due(due) is None


def test_of_two_who_claim_an_attempt_one_gets_it(dialing: Dialing) -> None:
    call = a_dial_call(due_at=MONDAY)
    dialing.calls.add([call])
    after = claim(dialing.calls, call)
    for late in (0 * MINUTE, MINUTE):
        with pytest.raises(RaceLost):
            claim(dialing.calls, call, MONDAY + late, "another's")
    attempt = dialing.calls.attempt("org", "call", 1)
    assert attempt is not None
    assert (attempt.status, attempt.claimed_at) == (DialStatus.QUEUED, MONDAY)
    assert dialing.calls.get("org", "call") == (after, [attempt])


def test_a_claim_whose_answer_was_lost_is_found_again_by_its_own_claimer(dialing: Dialing) -> None:
    call = a_dial_call(due_at=MONDAY)
    dialing.calls.add([call])
    after = claim(dialing.calls, call)
    assert claim(dialing.calls, call) == after
    assert claim(dialing.calls, call, MONDAY + MINUTE) != after
    attempt = dialing.calls.attempt("org", "call", 1)
    assert attempt is not None
    assert (attempt.claim_id, attempt.claimed_at) == ("claim", MONDAY)


def test_a_claim_is_known_by_its_claimer_though_rows_keep_milliseconds_only(dialing: Dialing) -> None:
    call = a_dial_call(due_at=MONDAY)
    dialing.calls.add([call])
    now = MONDAY + timedelta(microseconds=1_529)
    claimed = AttemptedCall.claimed(call, CarrierName.TWILIO, "claim", now)
    dialing.calls.write(DialWrite(call=claimed.call, replaces=call.revision, claims=claimed.attempt))
    kept = dialing.calls.attempt("org", "call", 1)
    assert kept is not None
    assert kept.claimed_at == MONDAY + timedelta(milliseconds=1)
    assert kept.is_claim_of(claimed.attempt)
    assert not kept.is_claim_of(replace(claimed.attempt, claim_id="another's"))


def test_an_attempt_that_is_there_is_not_claimed_even_where_the_call_looks_as_if(dialing: Dialing) -> None:
    call = a_dial_call(due_at=MONDAY)
    dialing.calls.add([call])
    after = claim(dialing.calls, call)
    with pytest.raises(RaceLost):
        claim(dialing.calls, replace(call, revision=after.revision), claim_id="another's")
    assert dialing.calls.get("org", "call") == (after, [dialing.calls.attempt("org", "call", 1)])


def test_a_call_that_has_changed_is_not_written_over_and_its_attempt_neither(dialing: Dialing) -> None:
    call = a_dial_call(due_at=MONDAY)
    dialing.calls.add([call])
    after = claim(dialing.calls, call)
    attempt = dialing.calls.attempt("org", "call", 1)
    assert attempt is not None
    ringing = replace(attempt, status=DialStatus.RINGING)
    with pytest.raises(RaceLost):
        dialing.calls.write(DialWrite(call=replace(after, revision=9), replaces=1, attempt=ringing))
    assert dialing.calls.attempt("org", "call", 1) == attempt
    dialing.calls.write(DialWrite(call=replace(after, revision=3), replaces=2, attempt=ringing))
    assert dialing.calls.attempt("org", "call", 1) == ringing


def test_of_many_that_are_written_those_that_have_changed_are_named_and_left(dialing: Dialing) -> None:
    calls = [a_dial_call(id=f"call-{n:03}", due_at=MONDAY) for n in range(130)]
    dialing.calls.add(calls)
    changed = [claim(dialing.calls, calls[n]) for n in (3, 77, 78)]
    over = [call.ended(Over(reason="campaign_canceled"), MONDAY) for call in calls]
    writes = [
        DialWrite(call=after, replaces=call.revision, event=event_of(call, after))
        for call, after in zip(calls, over, strict=True)
    ]
    assert dialing.calls.write_all(writes) == ["call-003", "call-077", "call-078"]
    kept = [found[0] for call in calls if (found := dialing.calls.get("org", call.id))]
    assert [call for call in kept if call.status is DialStatus.QUEUED] == changed
    assert sum(call.status is DialStatus.CANCELED for call in kept) == 127
    assert list(dialing.calls.write_all(writes[3:4])) == ["call-003"]
    assert list(dialing.calls.write_all([])) == []


def test_a_list_goes_through_the_months_in_order_and_goes_on_where_a_page_ended(dialing: Dialing) -> None:
    times = [datetime(2026, month, day, tzinfo=UTC) for month in (4, 5, 6) for day in (1, 15, 15)]
    calls = [a_dial_call(id=f"call-{n}", scheduled_at=at, due_at=at) for n, at in enumerate(times)]
    dialing.calls.add(calls)
    dialing.calls.add([a_dial_call(id="foreign", organization_id="another", scheduled_at=times[4])])
    query = DialQuery(organization_id="org", since=times[1], until=times[8] + MINUTE, limit=3)
    found: list[str] = []
    while True:
        page = dialing.calls.find(query)
        found += [call.id for call in page.calls]
        if page.next is None:
            break
        query = replace(query, after=page.next)
    assert found == [f"call-{n}" for n in range(1, 9)]


def test_a_list_holds_what_was_asked_for(dialing: Dialing) -> None:
    dialing.calls.add(
        [
            a_dial_call(id="a", campaign_id="one"),
            a_dial_call(id="b", campaign_id="two"),
            a_dial_call(id="c", number_id="other", campaign_id="one", status=DialStatus.BUSY),
        ]
    )
    everything = DialQuery(organization_id="org", since=MONDAY, until=MONDAY + MINUTE)

    def found(**asked: Any) -> list[str]:
        return [call.id for call in dialing.calls.find(replace(everything, **asked)).calls]

    assert found() == ["a", "b", "c"]
    assert found(campaign_id="one") == ["a", "c"]
    assert found(number_id="other") == ["c"]
    assert found(statuses=frozenset({DialStatus.BUSY, DialStatus.FAILED})) == ["c"]
    assert found(campaign_id="two", statuses=frozenset({DialStatus.BUSY})) == []
    assert found(since=MONDAY + MINUTE) == []


def test_a_time_that_ends_before_it_begins_holds_nothing_and_is_not_asked_for() -> None:
    nobody: Any = None
    query = DialQuery(organization_id="org", since=MONDAY + MINUTE, until=MONDAY)
    assert DynamoDialCalls(nobody, "DialingTable").find(query) == DialPage(calls=[], next=None)


def test_a_tally_counts_all_that_a_list_would_show_on_all_its_pages(dialing: Dialing) -> None:
    times = [datetime(2026, month, 15, tzinfo=UTC) for month in (4, 5, 6)]
    ends = [(DialStatus.BUSY, True), (DialStatus.BUSY, False), (DialStatus.COMPLETED, False)]
    for n, (status, is_due) in enumerate(ends * 10):
        at = times[n % 3]
        dialing.calls.add(
            [
                a_dial_call(
                    id=f"{campaign}-{n}",
                    campaign_id=campaign,
                    status=status,
                    scheduled_at=at,
                    due_at=at if is_due else None,
                    params={"note": "x" * 4_000},
                )
                for campaign in ("one", "two")
            ]
        )
    everything = DialQuery(organization_id="org", campaign_id="one", since=times[0], until=times[2] + MINUTE, limit=1)
    tally = dialing.calls.tally(everything)
    assert (tally.by_status, tally.over) == ({DialStatus.BUSY: 20, DialStatus.COMPLETED: 10}, 20)
    busy = dialing.calls.tally(replace(everything, statuses=frozenset({DialStatus.BUSY}), until=times[1]))
    assert (busy.by_status, busy.over) == ({DialStatus.BUSY: 10}, 0)
    nobody = dialing.calls.tally(replace(everything, organization_id="another"))
    assert (nobody.by_status, nobody.over) == ({}, 0)


def test_a_tally_goes_on_where_an_answer_of_the_table_ended(on_dynamodb: Any) -> None:
    calls = DynamoDialCalls(on_dynamodb, "DialingTable")
    many = [a_dial_call(id=f"call-{n}", params={"note": "x" * 40_000}) for n in range(60)]
    for n in range(0, 60, 20):
        calls.add(many[n : n + 20])
    tally = calls.tally(DialQuery(organization_id="org", since=MONDAY, until=MONDAY + MINUTE))
    assert tally.by_status == {DialStatus.SCHEDULED: 60}, "more than the two megabytes of two answers"


def test_a_pace_is_written_by_who_saw_it_as_it_was(dialing: Dialing) -> None:
    exact = MONDAY + timedelta(microseconds=1_040_001)
    lease = Lease(starts_at=exact, until=exact + MINUTE)
    pace = Pace(free_at=exact, asked_at=MONDAY, leases={"call.1": lease})
    fresh = dialing.paces.read("+12025550100")
    assert fresh == KeptPace(pace=Pace(), version=0)
    dialing.paces.write("+12025550100", replace(fresh, pace=pace))
    with pytest.raises(RaceLost):
        dialing.paces.write("+12025550100", replace(fresh, pace=Pace()))
    kept = dialing.paces.read("+12025550100")
    assert kept == KeptPace(pace=pace, version=1)
    dialing.paces.write("+12025550100", replace(kept, pace=Pace()))
    assert dialing.paces.read("+12025550100").pace == Pace()
    assert dialing.paces.read("+12025550101").version == 0


def test_a_line_is_given_back_whoever_else_is_at_it_and_nobody_writes_it_back(dialing: Dialing) -> None:
    lease = Lease(starts_at=MONDAY, until=MONDAY + MINUTE)
    pace = Pace(free_at=MONDAY, leases={"call.1": lease, "call.2": lease})
    dialing.paces.give_back("+12025550100", "call.1")
    assert dialing.paces.read("+12025550100").version == 0, "where nothing was given out nothing is kept"
    dialing.paces.write("+12025550100", KeptPace(pace=pace, version=0))
    seen = dialing.paces.read("+12025550100")
    for _ in range(2):
        dialing.paces.give_back("+12025550100", "call.1")
    with pytest.raises(RaceLost):
        dialing.paces.write("+12025550100", seen)
    kept = dialing.paces.read("+12025550100")
    assert kept == KeptPace(pace=replace(pace, leases={"call.2": lease}), version=2)
    dialing.paces.give_back("+12025550100", "call.2")
    assert dialing.paces.read("+12025550100").pace == replace(pace, leases={})


def test_the_index_wakes_calls_by_their_attempts_and_not_by_their_events(on_dynamodb: Any) -> None:
    calls = DynamoDialCalls(on_dynamodb, "DialingTable")
    call = a_dial_call(due_at=MONDAY)
    calls.add([call])
    after = claim(calls, call)
    timers = DynamoTimers(on_dynamodb, ("SchedulingTable", "DialingTable"), "AccessTable")
    found: list[Due] = [due for page in timers.between(MONDAY, MONDAY + 59 * MINUTE) for due in page]
    assert found == [due_of_dial(after)]
    assert len(buckets_of(MONDAY)) == 8


def test_a_status_leaves_an_event_beside_its_call(on_dynamodb: Any) -> None:
    calls = DynamoDialCalls(on_dynamodb, "DialingTable")
    call = a_dial_call(due_at=MONDAY, campaign_id="campaign")
    calls.add([call])
    after = claim(calls, call)
    key = to_values({"pk": "ORG#org#DIAL#call", "sk": "EVENT#00000002"})
    row = from_values(on_dynamodb.get_item(TableName="DialingTable", Key=key)["Item"])
    assert dial_event_from_item(row) == event_of(call, after)


def test_many_are_written_with_their_events_fifty_calls_at_a_time(on_dynamodb: Any) -> None:
    counted: list[int] = []
    transact = on_dynamodb.transact_write_items

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(on_dynamodb, name)

        def transact_write_items(self, **request: Any) -> Any:
            counted.append(len(request["TransactItems"]))
            return transact(**request)

    calls = [a_dial_call(id=f"call-{n:03}", due_at=MONDAY) for n in range(120)]
    DynamoDialCalls(on_dynamodb, "DialingTable").add(calls)
    over = [call.ended(Over(reason="campaign_canceled"), MONDAY) for call in calls]
    DynamoDialCalls(Counting(), "DialingTable").write_all(  # type: ignore[arg-type]
        [
            DialWrite(call=after, replaces=1, event=event_of(call, after))
            for call, after in zip(calls, over, strict=True)
        ]
    )
    assert counted == [100, 100, 40]
    key = to_values({"pk": "ORG#org#DIAL#call-119", "sk": "EVENT#00000002"})
    assert "Item" in on_dynamodb.get_item(TableName="DialingTable", Key=key)


def test_a_page_that_would_read_too_much_says_where_it_stands(
    on_dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dials, "MOST_READS", 2)
    calls = DynamoDialCalls(on_dynamodb, "DialingTable")
    last = a_dial_call(scheduled_at=datetime(2026, 9, 1, tzinfo=UTC))
    calls.add([last])
    query = DialQuery(
        organization_id="org", since=datetime(2026, 5, 4, tzinfo=UTC), until=datetime(2026, 10, 1, tzinfo=UTC)
    )
    pages = 0
    while True:
        page, pages = calls.find(query), pages + 1
        if page.next is None:
            break
        query = replace(query, after=page.next)
    assert (pages, page.calls) == (3, [last])


def test_calls_that_wait_are_come_to_whosever_they_are(dialing: Dialing) -> None:
    waiting = [a_dial_call(id=f"call-{number}", due_at=MONDAY) for number in range(3)]
    theirs = a_dial_call(id="theirs", organization_id="other", due_at=MONDAY)
    dialing.calls.add([*waiting, a_dial_call(id="over"), theirs])
    found, place = dialing.calls.waiting(None)
    seen = list(found)
    while place is not None:
        found, place = dialing.calls.waiting(place)
        seen += found
    assert sorted(seen, key=lambda call: call.id) == [*waiting, theirs]
