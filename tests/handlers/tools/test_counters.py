"""A recount finds what the streams lost, on a system that goes on meanwhile, and may be stopped anywhere."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.booking.calls import CallStatus
from slotline.domain.dialing.call_lists import BEGINNING, END, DialQuery, Tally
from slotline.domain.dialing.statuses import DialStatus
from slotline.ports.shared import StoreBusyError, Underivable
from slotline.store.booking import derived as booking
from slotline.store.booking.items import call_to_item
from slotline.store.dialing import derived as dialing
from slotline.store.dialing.items import dial_call_to_item
from slotline.store.dialing.lists import DynamoDialLists
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import Item, to_values
from slotline.store.shared.derived import DynamoDerivations
from tests.handlers.tools.conftest import Ran
from tests.support.aws.moto_tables import REGION, TABLES, aws_in_memory
from tests.support.aws.requests import refusal
from tests.support.builders.apps import SetClock
from tests.support.builders.bookings import a_call
from tests.support.builders.dialing import MONDAY, a_dial_call
from tools.counters import Recount, phone_calls, scheduled_calls
from tools.provision import Provision
from tools.target import Target

Run = Callable[..., Ran]
SCHEDULING, DIALING, ACCESS = TABLES
OF_MAY = DialQuery(organization_id="org", campaign_id="may", since=BEGINNING, until=END)


class Subject(ABC):
    """Calls of one kind in the tables of a stack. `lost`: the stream has not brought it."""

    name: str
    table: str
    first: str
    """The status that a call begins with, as counters name it."""
    other: str

    def __init__(self, target: Target) -> None:
        self.client: Any = target.client("dynamodb")
        self.derivations = DynamoDerivations(self.client, self.table, SetClock())
        self.made = 0

    def put(self, row: Item) -> Item:
        self.client.put_item(TableName=self.table, Item=to_values(row))
        return row

    def new(self) -> Item:
        self.made += 1
        return self.put(self.row())

    def delete(self, key: Mapping[str, Any]) -> None:
        self.client.delete_item(TableName=self.table, Key=to_values({"pk": key["pk"], "sk": key["sk"]}))

    def has(self, key: Mapping[str, str], table: str | None = None) -> bool:
        return "Item" in self.client.get_item(TableName=table or self.table, Key=to_values(key))

    def walk(self, client: Any = None, page: int | None = 2) -> Recount:
        return Recount(client or self.client, self.subjects(), ACCESS, self.derivations, page=page)

    @property
    def is_marked(self) -> bool:
        return self.has(self.mark())

    @abstractmethod
    def row(self) -> Item: ...

    @abstractmethod
    def changed(self, row: Item, revision: int = 2) -> Item:
        """In the other status."""

    @abstractmethod
    def subjects(self) -> Any: ...

    @abstractmethod
    def counts(self) -> dict[str, int]: ...

    @abstractmethod
    def mark(self) -> dict[str, str]: ...


class Scheduled(Subject):
    name, table, first, other = "calls", SCHEDULING, "scheduled_api", "cancelled_api"

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.app_id = Provision.of(target).create_app("Acme", "UTC").app_id
        self.delete(self.mark())

    def row(self) -> Item:
        return call_to_item(a_call(app_id=self.app_id))

    def changed(self, row: Item, revision: int = 2) -> Item:
        call = a_call(app_id=self.app_id, id=row["id"])
        return call_to_item(replace(call, status=CallStatus.CANCELLED, revision=revision))

    def subjects(self) -> Any:
        return scheduled_calls(self.table)

    def counts(self) -> dict[str, int]:
        return dict(self.derivations.counts(keys.counted_calls(self.app_id), booking.IN_ALL))

    def mark(self) -> dict[str, str]:
        return keys.calls_are_counted(self.app_id)


class Dialled(Subject):
    name, table, first, other = "phone_calls", DIALING, DialStatus.SCHEDULED.value, DialStatus.IN_PROGRESS.value

    def row(self) -> Item:
        return dial_call_to_item(a_dial_call(id=f"call-{self.made}", campaign_id="may", due_at=MONDAY))

    def changed(self, row: Item, revision: int = 2) -> Item:
        call = a_dial_call(id=row["id"], campaign_id="may", due_at=MONDAY)
        return dial_call_to_item(replace(call, status=DialStatus.IN_PROGRESS, revision=revision))

    def subjects(self) -> Any:
        return phone_calls(self.table)

    def counts(self) -> dict[str, int]:
        return dict(self.derivations.counts(keys.dial_list("org", campaign_id="may"), dialing.CALLS))

    def mark(self) -> dict[str, str]:
        return keys.dials_are_counted()


@pytest.fixture
def target() -> Iterator[Target]:
    """A stack's tables."""
    with aws_in_memory():
        yield Target(None, REGION, *TABLES)


@pytest.fixture(params=[Scheduled, Dialled], ids=lambda kind: kind.name)
def calls(request: pytest.FixtureRequest, target: Target) -> Subject:
    """Calls of either kind; nothing of theirs is counted yet."""
    subject: Subject = request.param(target)
    return subject


@pytest.fixture
def dialled(target: Target) -> Dialled:
    return Dialled(target)


def test_one_command_counts_calls_of_both_kinds(target: Target, dialled: Dialled, run: Run) -> None:
    scheduled = Scheduled(target)
    for kind in (scheduled, dialled, dialled):
        kind.new()
    assert run("counters", "recount").json == {
        "calls": 1,
        "calls_mended": 1,
        "deliveries": 0,
        "deliveries_mended": 0,
        "messages": 0,
        "messages_mended": 0,
        "phone_calls": 2,
        "phone_calls_mended": 2,
    }
    assert (scheduled.counts(), dialled.counts()) == ({scheduled.first: 1}, {dialled.first: 2})
    marks = [(keys.is_rolled_up(scheduled.app_id), SCHEDULING), (keys.dials_are_rolled_up(), DIALING)]
    assert all(scheduled.has(mark, table) for mark, table in marks), "dashboards show all, too"


def test_a_new_app_is_counted_for_its_dashboard_from_its_beginning(target: Target) -> None:
    scheduled = Scheduled(target)
    assert scheduled.has(keys.is_rolled_up(scheduled.app_id))


def test_rollups_are_rebuilt_by_the_same_command(target: Target, run: Run) -> None:
    assert Scheduled(target).new()
    assert run("rollups", "rebuild").json["calls_mended"] == 1
    assert run("counters", "recount").json["calls_mended"] == 0


@pytest.mark.parametrize("page", [None, 1, 2, 3])
def test_calls_of_before_are_counted_and_then_they_are_marked(calls: Subject, page: int | None) -> None:
    for _ in range(5):
        calls.new()
    walk = calls.walk(page=page)
    walk()
    assert (walk.found.subjects, walk.found.mended) == (5, 5)
    assert (calls.counts(), calls.is_marked) == ({calls.first: 5}, True)


@pytest.mark.parametrize("page", [None, 1, 2, 3])
def test_a_second_run_counts_every_call_once_and_finds_nothing_to_mend(calls: Subject, page: int | None) -> None:
    for _ in range(5):
        calls.new()
    calls.walk()()
    again = calls.walk(page=page)
    again()
    assert (again.found.subjects, again.found.mended) == (5, 0)
    assert calls.counts() == {calls.first: 5}


def test_search_rows_and_rows_of_a_status_come_with_it(target: Target, run: Run) -> None:
    scheduled = Scheduled(target)
    row = scheduled.new()
    run("counters", "recount")
    derived = scheduled.subjects().derived_of(row)
    kinds = {str(one["sk"]).partition("#")[0] for one in derived.rows}
    assert kinds == {"FOUND", "LISTED"}
    assert all(scheduled.has({"pk": one["pk"], "sk": one["sk"]}) for one in derived.rows)


def test_what_the_stream_lost_is_found(calls: Subject) -> None:
    changed, deleted, _ = (calls.new() for _ in range(3))
    calls.walk()()
    calls.put(calls.changed(changed))
    calls.delete(deleted)
    walk = calls.walk()
    walk()
    assert walk.found.mended == 2
    assert calls.counts() == {calls.first: 1, calls.other: 1}


def test_a_call_that_a_restore_took_back_to_an_older_revision_is_counted_as_it_is(calls: Subject) -> None:
    row = calls.new()
    calls.put(calls.changed(row, revision=5))
    calls.walk()()
    assert calls.counts() == {calls.other: 1}
    calls.put(row)
    calls.walk()()
    assert calls.counts() == {calls.first: 1}


def test_a_call_that_nobody_can_read_is_named_once_and_holds_up_no_other(calls: Subject, run: Run) -> None:
    calls.new()
    calls.walk()()
    bad = calls.new()
    calls.walk()()
    calls.put({"pk": bad["pk"], "sk": bad["sk"], "revision": 1})
    calls.new()
    said = run("counters", "recount").json
    assert (said[calls.name], said[f"{calls.name}_mended"]) == (3, 1)
    assert (said[f"{calls.name}_unreadable"], said[f"{calls.name}_unreadable_in_all"]) == ([bad["pk"]], 1)
    assert calls.is_marked


def test_a_call_whose_rows_the_store_refuses_holds_up_no_other(calls: Subject) -> None:
    bad, *_ = (calls.new() for _ in range(3))

    class Refusing(DynamoDerivations):
        def mend(self, subjects: Any) -> int:
            if any(key["pk"] == bad["pk"] for key, _ in subjects):
                raise Underivable("too many parts")
            return super().mend(subjects)

    walk = calls.walk(page=None)
    walk.derivations = Refusing(calls.client, calls.table, SetClock())
    walk()
    assert (walk.found.unreadable, walk.found.mended) == ([bad["pk"]], 2)
    assert calls.counts() == {calls.first: 2}


class Stopping:
    """A client whose scan of a table is stopped after so many pages."""

    def __init__(self, client: Any, most: int, error: BaseException, table: str) -> None:
        self._client, self._left, self._error, self._table = client, most, error, table

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def scan(self, **request: Any) -> Any:
        if request["TableName"] == self._table:
            if not self._left:
                raise self._error
            self._left -= 1
        return self._client.scan(**request)


def test_a_run_that_is_stopped_goes_on_from_there_and_only_its_end_marks_what_is_counted(calls: Subject) -> None:
    for _ in range(9):
        calls.new()
    runs = 0
    while True:
        walk = calls.walk(Stopping(calls.client, 2, StoreBusyError("throttled"), calls.table))
        try:
            walk(resumes=True)
        except StoreBusyError:
            runs += 1
            assert not calls.is_marked
            continue
        break
    assert runs >= 2
    assert (calls.counts(), calls.is_marked) == ({calls.first: 9}, True)
    assert (walk.found.subjects, walk.found.mended) == (9, 9), "it says what all of its runs found"


def test_a_run_that_was_stopped_is_not_gone_on_with_unless_that_is_asked_for(calls: Subject) -> None:
    """What was right when it was looked at may be wrong by now, by a restore in between."""
    rows = [calls.new() for _ in range(5)]
    with pytest.raises(StoreBusyError):
        calls.walk(Stopping(calls.client, 4, StoreBusyError("throttled"), calls.table))()
    for row in rows:
        calls.put(calls.changed(row))
    walk = calls.walk()
    walk()
    assert walk.found.subjects == 5
    assert calls.counts() == {calls.other: 5}


@pytest.mark.parametrize(
    ("error", "said"), [(KeyboardInterrupt(), "stopped;"), (refusal("ExpiredTokenException"), "ExpiredTokenException")]
)
def test_the_command_says_how_to_go_on_and_does_what_is_left_of_both_kinds(
    target: Target, dialled: Dialled, run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, said: str
) -> None:
    scheduled = Scheduled(target)
    for kind in (scheduled, dialled):
        kind.new()
    make = Target.client

    def stopped(self: Target, service: str) -> Any:
        return Stopping(make(self, service), 0, error, DIALING)

    monkeypatch.setattr(Target, "client", stopped)
    ran = run("counters", "recount")
    assert ran.status == 1
    assert said in ran.err
    assert "`counters recount --resume` goes on from there" in ran.err
    monkeypatch.setattr(Target, "client", make)
    calls_scanned = Stopping(target.client("dynamodb"), 0, AssertionError("calls were walked over already"), SCHEDULING)
    with monkeypatch.context() as patched:
        patched.setattr(Target, "client", lambda *_: calls_scanned)
        ended = run("counters", "recount", "--resume").json
    assert (ended["calls_mended"], ended["phone_calls_mended"]) == (1, 1)
    assert (
        dialled.client.scan(
            TableName=ACCESS,
            FilterExpression="begins_with(sk, :walk)",
            ExpressionAttributeValues={":walk": {"S": "WALK"}},
        )["Items"]
        == []
    ), "nothing is left of a run that came to its end"
    fresh = run("counters", "recount", "--resume").json
    assert (fresh["calls"], fresh["calls_mended"]) == (1, 0), "with nothing to go on with it begins at the beginning"


def test_a_call_that_changes_while_it_is_mended_is_read_again(calls: Subject) -> None:
    row = calls.new()
    raced = []

    class Racing(DynamoDerivations):
        def mend(self, subjects: Any) -> int:
            if not raced:
                raced.append(calls.put(calls.changed(row)))
            return super().mend(subjects)

    walk = calls.walk()
    walk.derivations = Racing(calls.client, calls.table, SetClock())
    walk()
    assert (calls.counts(), len(raced)) == ({calls.other: 1}, 1)


def test_a_store_that_stays_busy_ends_the_run(calls: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    calls.new()
    monkeypatch.setattr("slotline.clock.time.sleep", lambda _: None)

    def refuse(*_: object) -> int:
        raise StoreBusyError from refusal("ThrottlingException")

    monkeypatch.setattr(DynamoDerivations, "mend", refuse)
    with pytest.raises(StoreBusyError):
        calls.walk()()
    assert not calls.is_marked


def test_a_new_app_is_counted_from_its_beginning(target: Target) -> None:
    app = Provision.of(target).create_app("Acme", "UTC")
    key = keys.calls_are_counted(app.app_id)
    assert "Item" in target.client("dynamodb").get_item(TableName=SCHEDULING, Key=to_values(key))


def test_every_app_is_marked_however_many_there_are(target: Target) -> None:
    apps = [Scheduled(target) for _ in range(4)]
    apps[0].walk(page=1)()
    assert all(app.is_marked for app in apps)


def test_of_a_new_stack_all_phone_calls_are_counted_from_its_first_app_on(target: Target, dialled: Dialled) -> None:
    row = dialled.new()
    Provision.of(target).create_app("Acme", "UTC")
    assert not dialled.is_marked, "it has calls from before"
    dialled.delete(row)
    Provision.of(target).create_app("Acme", "UTC")
    assert dialled.is_marked


def test_progress_and_lists_of_dialing_are_shown_once_a_recount_has_come_to_its_end(dialled: Dialled) -> None:
    lists = DynamoDialLists(dialled.client, DIALING, dialled.derivations)
    ids = [dialled.new()["id"] for _ in range(3)]
    assert (lists.of_campaign("org", "may"), lists.page(OF_MAY)) == (None, None)
    dialled.walk()()
    assert lists.of_campaign("org", "may") == Tally(by_status={DialStatus.SCHEDULED: 3}, over=0)
    page = lists.page(OF_MAY)
    assert page is not None
    assert [call.id for call in page.calls] == ids
