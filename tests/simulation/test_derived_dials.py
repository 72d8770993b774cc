"""Counters and lists of what is dialled equal a recount, whatever a stream repeats, reorders or loses.

Ten thousand random changes of calls of several campaigns go through the rules and the store in memory. What the stream
brings of them reaches the derived rows, on DynamoDB's tables, in batches that come late, twice, and in any order. Then
nothing differs from a count of the calls themselves. Where the stream loses changes too, a walk finds them.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.dialing.call_lists import BEGINNING, END, DialQuery, Tally, position_of
from slotline.domain.dialing.calls import DialCall, Later, Over
from slotline.domain.dialing.statuses import DialStatus
from slotline.ports.shared import Derived
from slotline.store.dialing.derived import derived_of_change
from slotline.store.dialing.items import dial_call_to_item
from slotline.store.dialing.lists import DynamoDialLists
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import Item, from_values, to_values
from slotline.store.dynamodb.streams import Change
from slotline.store.shared.derived import DynamoDerivations
from slotline.usecases.shared.derive import Derive
from tests.support.aws.moto_tables import aws_in_memory
from tests.support.builders.apps import SetClock
from tests.support.builders.dialing import MONDAY, a_dial_call
from tests.support.memory.running import RecordedBackoff
from tests.support.memory.timing import MemoryDeadLetters
from tools.counters import Found, Recount, phone_calls

OPERATIONS = 10_000
CALLS = 240
CAMPAIGNS = ("may", "june", "july", None)
UNDER_WAY = (DialStatus.QUEUED, DialStatus.RINGING, DialStatus.IN_PROGRESS, DialStatus.UNKNOWN)
ENDS = (DialStatus.BUSY, DialStatus.NO_ANSWER, DialStatus.FAILED, DialStatus.COMPLETED)
ALL = DialQuery(organization_id="org", since=BEGINNING, until=END, limit=200)


@dataclass
class Dialled:
    """Calls as they are, and what happened to each, in order: the stream of the table."""

    random: random.Random
    calls: dict[str, DialCall] = field(default_factory=dict)
    happened: list[Change] = field(default_factory=list)

    def operate(self) -> None:
        """Something happens: a call is planned, or one of them changes."""
        if len(self.calls) < CALLS and self.random.random() < 0.03:
            self._becomes(None, self._new())
        elif self.calls:
            call = self.random.choice(list(self.calls.values()))
            self._becomes(call, self._changed(call))

    def _new(self) -> DialCall:
        at = MONDAY + timedelta(hours=self.random.randrange(24 * 5))
        return a_dial_call(
            id=f"call-{len(self.calls):04}",
            campaign_id=self.random.choice(CAMPAIGNS),
            number_id=self.random.choice(("one", "two")),
            scheduled_at=at,
            due_at=at,
        )

    def _changed(self, call: DialCall) -> DialCall:
        if call.is_over:
            return call
        match self.random.randrange(40):
            case 0:
                return call.ended(Over(reason="over", status=self.random.choice(ENDS)), MONDAY)
            case 1:
                return call.called_off(MONDAY)
            case 2 | 3 | 4 | 5:
                return call.put_off(Later(at=call.scheduled_at + timedelta(hours=1), reason="closed"), MONDAY)
        # A final status of one that is not over: it is dialled again later.
        return replace(call, status=self.random.choice((*UNDER_WAY, *ENDS))).revised(MONDAY)

    def _becomes(self, before: DialCall | None, after: DialCall) -> None:
        if after is not before:
            self.calls[after.id] = after
            self.happened.append(Change(old=_row(before) if before else None, new=_row(after)))


@dataclass
class Stream:
    """What brings the changes: in batches, late, again, and in any order. `loses`: the share that never comes."""

    random: random.Random
    derive: Derive
    loses: float = 0.0

    def bring(self, happened: list[Change]) -> None:
        """All of them, to the end."""
        coming = [(place + self.random.expovariate(1 / 60), change) for place, change in enumerate(happened)]
        late = [change for _, change in sorted(coming, key=lambda one: one[0]) if self.random.random() >= self.loses]
        start = 0
        while start < len(late):
            end = start + self.random.randint(60, 100)
            self._batch(late[start:end])
            if self.random.random() < 0.1:  # again, with some of what came long before
                again = late[start:end] + self.random.sample(late[:end], min(end, len(late), 10))
                self.random.shuffle(again)
                self._batch(again)
            start = end

    def _batch(self, changes: list[Change]) -> None:
        derived: list[Derived] = [found for change in changes if (found := derived_of_change(change))]
        assert self.derive(derived) == [], "none of them is put aside"


@dataclass
class World:
    """The calls, the tables, and the lists and counters that a caller sees."""

    dialled: Dialled
    client: Any
    derivations: DynamoDerivations

    def recount(self) -> Found:
        """What a walk finds."""
        walk = Recount(self.client, phone_calls("DialingTable"), "AccessTable", self.derivations)
        walk()
        return walk.found

    def check(self) -> None:
        """Every counter and every list equals a recount of the calls as they are."""
        for call in self.dialled.calls.values():
            self.client.put_item(TableName="DialingTable", Item=to_values(dial_call_to_item(call)))
        calls = sorted(self.dialled.calls.values(), key=position_of)
        lists = DynamoDialLists(self.client, "DialingTable", self.derivations)
        of_campaign = defaultdict[str, list[DialCall]](list)
        for call in calls:
            if call.campaign_id:
                of_campaign[call.campaign_id].append(call)
        assert len(of_campaign) == 3
        for campaign_id, own in of_campaign.items():
            by_status = Counter(call.status for call in own)
            over = sum(call.is_over for call in own)
            assert lists.of_campaign("org", campaign_id) == Tally(by_status=by_status, over=over)
        for day in range(5):
            since = MONDAY + timedelta(days=day)
            asked = replace(ALL, since=since, until=since + timedelta(days=1))
            for query in (
                asked,
                replace(asked, number_id="one"),
                replace(asked, statuses=frozenset({DialStatus.BUSY})),
            ):
                assert lists.of_days(query) == sum(query.takes(call) for call in calls)
        for query in (*_asked(campaign_id="may"), *_asked(number_id="two"), *_asked()[1:]):
            assert _walked(lists, query) == [call.id for call in calls if query.takes(call)]


@pytest.fixture
def world() -> Iterator[World]:
    """Tables with nothing in them but the mark that all calls of then are counted."""
    with aws_in_memory() as client:
        client.put_item(TableName="DialingTable", Item=to_values(keys.dials_are_counted()))
        dialled = Dialled(random.Random(15))
        yield World(dialled, client, DynamoDerivations(client, "DialingTable", SetClock()))


def _stream(world: World, loses: float = 0.0) -> Stream:
    backoff = RecordedBackoff()
    derive = Derive(derivations=world.derivations, dead_letters=MemoryDeadLetters(), backoff=backoff, clock=SetClock())
    return Stream(world.dialled.random, derive, loses)


@pytest.mark.slow
def test_counters_and_lists_equal_a_recount_once_the_stream_is_drained_and_what_it_lost_is_found(world: World) -> None:
    for _ in range(OPERATIONS * 2 // 3):
        world.dialled.operate()
    _stream(world).bring(world.dialled.happened)
    world.check()

    world.dialled.happened.clear()
    for _ in range(OPERATIONS // 3):
        world.dialled.operate()
    _stream(world, loses=0.05).bring(world.dialled.happened)
    with pytest.raises(AssertionError):
        world.check()
    walk = world.recount()
    assert walk.mended > 0
    world.check()
    again = world.recount()
    assert (again.subjects, again.mended) == (len(world.dialled.calls), 0)


def _asked(**more: Any) -> list[DialQuery]:
    """A list of all, and of some statuses."""
    query = replace(ALL, **more)
    return [query, replace(query, statuses=frozenset({DialStatus.BUSY})), replace(query, statuses=frozenset(ENDS))]


def _walked(lists: DynamoDialLists, query: DialQuery) -> list[str]:
    found: list[str] = []
    while True:
        page = lists.page(query)
        assert page is not None
        found += [call.id for call in page.calls]
        if page.next is None:
            return found
        query = replace(query, after=page.next)


def _row(call: DialCall) -> Item:
    """As the stream brings it."""
    return from_values(to_values(dial_call_to_item(call)))
