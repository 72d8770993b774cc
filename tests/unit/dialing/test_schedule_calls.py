"""Many calls at once: nothing is dialled before all of it is written, wherever its writer died."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.dialing.calls import DialCall, Later, Over
from slotline.domain.dialing.campaign_requests import CampaignRequest
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.duplicates import DuplicatePolicy
from slotline.domain.dialing.imports import ImportState
from slotline.domain.dialing.rows import Row, Source
from slotline.domain.dialing.rulings import Facts, ruling
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.errors import IdempotencyMismatch, InvalidRequest, RowsRefused
from slotline.store.dialing.settings import use_case_of
from slotline.store.dynamodb import keys
from slotline.usecases.dialing import import_calls, schedule_calls
from slotline.usecases.dialing.granted_numbers import FindNumber
from slotline.usecases.dialing.import_calls import ImportCalls
from slotline.usecases.dialing.schedule_calls import PlanCalls, ScheduleCalls, Scheduled
from slotline.usecases.shared.once import Once
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.bookings import a_key
from tests.support.builders.dialing import a_campaign, a_dial_call, a_grant, a_number, a_use_case
from tests.support.memory.campaigns import MemoryDialSettings, MemoryKeptCampaigns, MemoryNumberGrants, MemoryUploads
from tests.support.memory.dials import MemoryDials
from tests.support.memory.faults import Crashed, Fault
from tests.support.memory.receipts import MemoryReceipts
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.store import MemoryStore

REQUEST = CampaignRequest(organization_id="org", use_case_id="use-case", number_id="number", name="May")
KEY = a_key()
GRANT = a_grant()


class Office:
    """An organization with a use case and a number, in memory, and the use case on it."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.store = MemoryStore(self.clock)
        self.calls, self.campaigns, self.uploads = MemoryDials(), MemoryKeptCampaigns(), MemoryUploads()
        self.use_cases: Any = MemoryDialSettings(self.store, {("org", "use-case"): a_use_case()})
        self.numbers: Any = MemoryDialSettings(self.store, {("org", "number"): a_number()})
        self.grants = MemoryNumberGrants(self.numbers, {GRANT.phone_number: GRANT})
        plan = PlanCalls(
            use_cases=self.use_cases,
            find_number=FindNumber(numbers=self.numbers, grants=self.grants),
            screen=lambda _: None,
            zones_of=lambda _: ("UTC",),
            flaw=lambda *_: None,
        )
        once = Once(receipts=MemoryReceipts(self.store), clock=self.clock, backoff=RecordedBackoff(), ids=NumberedIds())
        self.schedule = ScheduleCalls(
            plan=plan,
            campaigns=self.campaigns,
            calls=self.calls,
            uploads=self.uploads,
            ids=NumberedIds(),
            once=once,
            to_use_case=use_case_of,
        )

    def ask(self, rows: Sequence[Row], key: Any = None, request: CampaignRequest = REQUEST) -> Scheduled:
        return self.schedule(request, lambda: rows, key, lambda: None)

    def write_the_rest(self) -> None:
        """What is left to an import, done."""
        plan = self.schedule.plan
        for place, begun in list(self.campaigns.imports.items()):
            go_on = ImportCalls(
                campaigns=self.campaigns,
                calls=self.calls,
                uploads=self.uploads,
                use_cases=plan.use_cases,
                numbers=self.numbers,
                screen=plan.screen,
                zones_of=plan.zones_of,
                clock=self.clock,
                ids=NumberedIds(),
                backoff=RecordedBackoff(),
            )
            assert begun.due_at
            due = Due(kind=DueKind.IMPORT, **keys.dial_import(*place), at=begun.due_at)
            go_on(due, NOW + timedelta(days=1))

    @property
    def states(self) -> list[CampaignState]:
        return [campaign.state for campaign in self.campaigns.kept.values()]


def rows(count: int) -> list[Row]:
    return [
        Row(source=Source.CALLS, number=number, cells={"phone_number": f"+1202555{number:04d}", "n": number})
        for number in range(1, count + 1)
    ]


def test_the_calls_come_in_the_order_of_their_rows_and_their_ids_sort_so():
    office = Office()
    made = office.ask(rows(7))
    assert [call.params["n"] for call in made.calls] == list(range(1, 8))
    assert [call.id for call in made.calls] == sorted(call.id for call in made.calls)
    assert office.states == [CampaignState.RUNNING]
    assert made.campaign.calls == 7
    assert list(office.calls.calls.values()) == list(made.calls)


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
def test_whoever_dies_while_writing_leaves_a_campaign_that_dials_nothing_and_the_same_request_goes_on(
    fault: Fault,
):
    office = Office()
    office.calls.faults.commits.append(fault)
    with pytest.raises(Crashed):
        office.ask(rows(7), KEY)
    assert office.states == [CampaignState.CREATING]
    assert not office.states[0].places_calls
    office.clock.advance(minutes=5)
    made = office.ask(rows(7), KEY)
    assert office.states == [CampaignState.RUNNING]
    assert list(office.calls.calls.values()) == list(made.calls)
    assert {call.created_at for call in made.calls} == {NOW}
    assert not made.replayed


@pytest.mark.parametrize("most", [3, 500], ids=["in the background", "at once"])
@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
@pytest.mark.parametrize("at", range(2))
def test_a_campaign_that_was_begun_is_the_one_that_is_finished(
    fault: Fault, at: int, most: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(schedule_calls, "WRITTEN_AT_ONCE", most)
    office = Office()
    office.campaigns.faults.commits.extend([*[None] * at, fault])
    with pytest.raises(Crashed):
        office.ask(rows(7), KEY)
    made = office.ask(rows(7), KEY)
    office.write_the_rest()
    assert len(office.campaigns.kept) == 1
    assert office.states == [CampaignState.RUNNING]
    assert list(office.calls.calls.values()) == list(made.calls)


def test_the_calls_of_a_large_request_are_answered_at_once_and_dialled_when_all_are_written(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(schedule_calls, "WRITTEN_AT_ONCE", 3)
    monkeypatch.setattr(import_calls, "AT_ONCE", 2)
    office = Office()
    bad = Row(source=Source.CALLS, number=8, cells={"phone_number": "nobody"})
    table = Row(source=Source.CSV, number=2, cells={"phone_number": "+12025550199", "ratio": 1.5, "none": None})
    skipping = replace(REQUEST, skips_bad_rows=True, staggered_interval_minutes=5)
    made = office.ask([*rows(7), bad, table], KEY, skipping)
    assert (office.states, office.calls.calls) == ([CampaignState.CREATING], {})
    again = office.ask([*rows(7), bad, table], KEY, skipping)
    assert (again.calls, again.replayed) == (made.calls, True)
    office.write_the_rest()
    assert office.states == [CampaignState.RUNNING]
    assert list(office.calls.calls.values()) == list(made.calls)
    assert (len(made.calls), made.calls[7].params) == (8, {"ratio": 1.5, "none": None})
    assert made.calls[7].scheduled_at - made.calls[0].scheduled_at == timedelta(minutes=35)


def test_what_a_large_request_left_out_as_a_duplicate_is_left_out_in_the_background_too(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(schedule_calls, "WRITTEN_AT_ONCE", 3)
    monkeypatch.setattr(import_calls, "AT_ONCE", 2)
    office = Office()
    again = Row(source=Source.CSV, number=2, cells={"phone_number": "+12025550003"})
    skipping = replace(REQUEST, duplicates=DuplicatePolicy.SKIP, staggered_interval_minutes=5)
    made = office.ask([*rows(3), again, *rows(7)[3:]], KEY, skipping)
    office.write_the_rest()
    assert list(office.calls.calls.values()) == list(made.calls)
    assert [call.params["n"] for call in made.calls] == [1, 2, 3, 4, 5, 6, 7]
    assert made.calls[6].scheduled_at - made.calls[0].scheduled_at == timedelta(minutes=30)
    assert made.duplicates.total == 1


def test_the_same_key_gives_the_same_calls_though_the_use_case_changed_meanwhile():
    office = Office()
    first = office.ask(rows(4), KEY)
    office.use_cases.kept["org", "use-case"] = a_use_case(name="Karen", max_duration_mins=99)
    again = office.ask(rows(4), KEY)
    assert (again.calls, again.use_case, again.replayed) == (first.calls, first.use_case, True)
    assert len(office.calls.calls) == 4


def test_the_same_key_with_another_body_is_refused():
    office = Office()
    office.ask(rows(1), KEY)
    with pytest.raises(IdempotencyMismatch):
        office.ask(rows(2), a_key(fingerprint="other"))


def test_a_busy_store_is_asked_again():
    office = Office()
    office.calls.faults.commits.extend([Fault.BUSY, Fault.LOST_ANSWER])
    office.campaigns.faults.commits.extend([Fault.LOST_ANSWER, Fault.BUSY, Fault.LOST_ANSWER])
    made = office.ask(rows(7), KEY)
    assert office.states == [CampaignState.RUNNING]
    assert list(office.calls.calls.values()) == list(made.calls)


@pytest.mark.parametrize("most", [3, 500], ids=["in the background", "at once"])
@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.LOST_ANSWER])
@pytest.mark.parametrize("at", range(4))
def test_one_request_has_one_effect_whichever_of_its_writes_fails(
    at: int, fault: Fault, most: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(schedule_calls, "WRITTEN_AT_ONCE", most)
    office = Office()
    campaigns = office.campaigns.faults.commits
    calls = office.uploads.faults.commits if most == 3 else office.calls.faults.commits
    planned = (office.store.faults.commits, campaigns, calls, campaigns)[at]
    planned.extend([None, fault] if at == 3 else [fault])  # a campaign is opened, and begins once its calls are there
    made = office.ask(rows(7), KEY)
    office.write_the_rest()
    assert not planned, "the fault came"
    assert [call.id for call in office.calls.calls.values()] == [call.id for call in made.calls]
    assert (len(made.calls), office.states) == (7, [CampaignState.RUNNING])
    assert [call.id for call in office.ask(rows(7), KEY).calls] == [call.id for call in made.calls]
    assert len(office.campaigns.kept) == 1


@dataclass
class Meanwhile(MemoryDials):
    """Something happens while calls are written."""

    happens: Callable[[], object] = lambda: None

    def add(self, calls: Sequence[DialCall]) -> None:
        """Written, and it has happened."""
        super().add(calls)
        self.happens()


def test_a_campaign_that_is_canceled_while_its_calls_are_written_stays_canceled():
    office = Office()

    def cancel() -> None:
        (campaign,) = office.campaigns.kept.values()
        canceled = replace(campaign.moved_to(CampaignState.CANCELED, NOW), revision=campaign.revision + 1)
        office.campaigns.replace(canceled, campaign.revision)

    office.schedule = replace(office.schedule, calls=Meanwhile(happens=cancel))
    made = office.ask(rows(7), KEY)
    assert office.states == [made.campaign.state] == [CampaignState.CANCELED]


def test_two_requests_with_one_key_at_once_make_one_campaign_and_answer_the_same():
    office = Office()
    others: list[Scheduled] = []
    other = office.schedule
    sooner = Meanwhile(happens=lambda: others.append(other(REQUEST, lambda: rows(7), KEY, lambda: None)))
    office.schedule = replace(other, calls=sooner)
    made = office.ask(rows(7), KEY)
    assert [[call.id for call in one.calls] for one in others] == [[call.id for call in made.calls]]
    assert [one.campaign for one in others] == [made.campaign] == list(office.campaigns.kept.values())
    assert made.campaign.state is CampaignState.RUNNING


def test_one_bad_row_creates_nothing_and_is_left_out_where_that_was_asked():
    office = Office()
    bad = [*rows(2), Row(source=Source.CALLS, number=3, cells={"phone_number": "nobody"})]
    with pytest.raises(RowsRefused):
        office.ask(bad, KEY)
    assert (office.campaigns.kept, office.calls.calls, office.store.receipts) == ({}, {}, {})
    skipping = CampaignRequest(organization_id="org", use_case_id="use-case", number_id="number", skips_bad_rows=True)
    made = office.ask(bad, KEY, skipping)
    assert (len(made.calls), made.refused, [fault.code for fault in made.faults]) == (2, 1, ["phone"])
    with pytest.raises(RowsRefused):
        office.ask(bad[2:], None, skipping)


@pytest.mark.parametrize(("count", "code"), [(0, "required"), (10_001, "too_many")])
def test_a_request_has_a_call_and_not_too_many(count: int, code: str):
    with pytest.raises(InvalidRequest) as refused:
        Office().ask(rows(count))
    assert refused.value.details[0].code == code


def test_an_upload_is_imported_after_the_calls_of_the_request():
    office = Office()
    office.uploads.files["org", "upload-1"] = b"phone_number\n+12025550100\n"
    request = CampaignRequest(organization_id="org", use_case_id="use-case", number_id="number", upload_id="upload-1")
    office.ask(rows(2), KEY, request)
    (begun,) = office.campaigns.imports.values()
    assert office.states == [CampaignState.IMPORTING]
    assert (begun.first_turn, begun.turns, begun.due_at, begun.size) == (2, 2, NOW, 26)
    assert begun.state is ImportState.CHECKING
    with pytest.raises(InvalidRequest):
        office.ask(rows(501), None, request)
    missing = CampaignRequest(organization_id="org", use_case_id="use-case", number_id="number", upload_id="gone")
    with pytest.raises(InvalidRequest):
        office.ask([], None, missing)


def test_a_call_whose_campaign_is_still_being_created_waits_and_after_an_hour_is_given_up():
    campaign = a_campaign(CampaignState.CREATING)
    facts = Facts(campaign=campaign, use_case=a_use_case(), number=a_number(), is_granted=True, is_listed=False)
    call = a_dial_call(campaign_id="campaign")
    hour = campaign.created_at + timedelta(hours=1)
    waits = ruling(call, facts, lambda *_: False, hour - timedelta(minutes=1), is_barred=False)
    assert isinstance(waits, Later)
    assert waits.reason == "campaign_creating"
    given_up = ruling(call, facts, lambda *_: False, hour, is_barred=False)
    assert given_up == Over(reason="campaign_creating")
