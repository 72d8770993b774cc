"""An uploaded file becomes calls piece by piece, once each, however often its importer dies."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.duplicates import DuplicatePolicy, RowPlace
from slotline.domain.dialing.imports import Import, ImportState
from slotline.domain.dialing.rows import Source
from slotline.domain.shared.due import Due, DueKind
from slotline.ports.shared import StoreBusyError
from slotline.store.dynamodb import keys
from slotline.usecases.dialing import import_calls
from slotline.usecases.dialing.import_calls import ImportCalls
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.dialing import a_campaign, a_number, a_use_case
from tests.support.memory.campaigns import MemoryDialSettings, MemoryKeptCampaigns, MemoryUploads
from tests.support.memory.dials import MemoryDials
from tests.support.memory.faults import Crashed, Fault
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.store import MemoryStore

PLACE = ("org", "campaign")
FOREVER = NOW + timedelta(days=9)


class RunningClock(SetClock):
    """A clock on which every look takes a second: time runs out in the middle of a file."""

    def now(self) -> datetime:
        self.advance(seconds=1)
        return self.instant


class Importer:
    """A campaign with a file, in memory, and the use case on it."""

    def __init__(
        self,
        content: str,
        *,
        skips: bool = False,
        beside: Sequence[str] = (),
        clock: SetClock | None = None,
        **said: Any,
    ) -> None:
        self.clock = clock or SetClock()
        self.calls, self.campaigns, self.uploads = MemoryDials(), MemoryKeptCampaigns(), MemoryUploads()
        store = MemoryStore(self.clock)
        self.uploads.files["org", "upload"] = content.encode()
        self.campaigns.kept[PLACE] = a_campaign(CampaignState.IMPORTING, staggered_interval_minutes=1, **said)
        self.campaigns.imports[PLACE] = Import(
            organization_id="org",
            campaign_id="campaign",
            upload_id="upload",
            state=ImportState.WRITING if skips else ImportState.CHECKING,
            size=len(content),
            planned_at=NOW,
            skips_bad_rows=skips,
            beside=tuple((e164, row) for row, e164 in enumerate(beside, start=1)),
            first_turn=len(beside),
            turns=len(beside),
            due_at=NOW,
            updated_at=NOW,
        )
        use_cases: Any = MemoryDialSettings(store, {("org", "use-case"): a_use_case()})
        numbers: Any = MemoryDialSettings(store, {("org", "number"): a_number()})
        self.go_on = ImportCalls(
            campaigns=self.campaigns,
            calls=self.calls,
            uploads=self.uploads,
            use_cases=use_cases,
            numbers=numbers,
            screen=lambda _: None,
            zones_of=lambda _: ("UTC",),
            clock=self.clock,
            ids=NumberedIds(),
            backoff=RecordedBackoff(),
        )

    @property
    def kept(self) -> Import:
        return self.campaigns.imports[PLACE]

    @property
    def state(self) -> CampaignState:
        return self.campaigns.kept[PLACE].state

    def wake(self, until: Any = FOREVER) -> Import | None:
        """The wake-up of the import, at its moment."""
        assert self.kept.due_at
        self.clock.instant = max(self.clock.now(), self.kept.due_at)
        due = Due(kind=DueKind.IMPORT, **keys.dial_import(*PLACE), at=self.kept.due_at)
        return self.go_on(due, until)


def table(count: int) -> str:
    return "phone_number,n\n" + "".join(f"+1202555{number:04d},{number}\n" for number in range(count))


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_calls, "AT_ONCE", 3)


def test_every_row_becomes_a_call_in_its_turn():
    importer = Importer(table(8))
    importer.wake()
    assert (importer.kept.state, importer.kept.created, importer.kept.due_at) == (ImportState.DONE, 8, None)
    assert importer.state is CampaignState.RUNNING
    starts = [call.scheduled_at for call in sorted(importer.calls.calls.values(), key=lambda call: call.id)]
    assert starts == [NOW + timedelta(minutes=turn) for turn in range(8)]
    campaign = importer.campaigns.kept[PLACE]
    assert (campaign.first_at, campaign.last_at) == (starts[0], starts[-1])


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.BUSY])
@pytest.mark.parametrize("at", range(12))
def test_whoever_dies_or_fails_is_followed_by_another_who_goes_on(fault: Fault, at: int):
    importer = Importer(table(8))
    importer.campaigns.faults.commits.extend([*[None] * at, fault])
    for _ in range(10):
        if importer.kept.is_over:
            break
        with suppress(Crashed, StoreBusyError):
            importer.wake()
    assert (importer.kept.state, importer.kept.created) == (ImportState.DONE, 8)
    assert len(importer.calls.calls) == 8
    starts = sorted(call.scheduled_at for call in importer.calls.calls.values())
    assert starts == [NOW + timedelta(minutes=turn) for turn in range(8)]


@pytest.mark.parametrize("at", range(3))
def test_calls_that_were_written_before_their_writer_died_are_written_once(at: int):
    importer = Importer(table(8))
    importer.calls.faults.commits.extend([*[None] * at, Fault.CRASH_AFTER])
    with pytest.raises(Crashed):
        importer.wake()
    importer.wake()
    assert (importer.kept.created, len(importer.calls.calls)) == (8, 8)


def test_where_time_is_short_each_run_does_a_piece():
    importer = Importer(table(8))
    runs = 0
    while not importer.kept.is_over:
        importer.wake(until=importer.clock.now() + timedelta(microseconds=1) if runs % 2 else FOREVER)
        importer.clock.advance(seconds=1)
        runs += 1
        assert runs < 20
    assert (importer.kept.created, len(importer.calls.calls)) == (8, 8)


def test_one_bad_row_refuses_the_file_before_a_call_is_written():
    importer = Importer(table(8) + "nobody,9\n")
    importer.wake()
    assert (importer.kept.state, importer.kept.refused, importer.kept.created) == (ImportState.REFUSED, 1, 0)
    (fault,) = importer.kept.faults
    assert (fault.field, fault.code, fault.extra["row"]) == ("phone_number", "phone", 10)
    assert importer.calls.calls == {}
    assert importer.state is CampaignState.CANCELED


def test_where_bad_rows_are_skipped_the_others_are_dialled():
    importer = Importer("phone_number\nnobody\n+12025550100\n", skips=True)
    importer.wake()
    assert (importer.kept.state, importer.kept.refused, importer.kept.created) == (ImportState.DONE, 1, 1)
    assert importer.state is CampaignState.RUNNING


@pytest.mark.parametrize(
    ("content", "code"),
    [("", "empty"), ("name\nAna\n", "header"), (table(8) + '"+12025550100,1\n', "malformed"), (None, "not_found")],
    ids=["nothing in it", "no column of numbers", "a quote that is not closed", "gone"],
)
def test_a_file_that_cannot_be_read_is_refused(content: str | None, code: str):
    importer = Importer(content or "")
    if content is None:
        importer.uploads.files.clear()
    importer.wake()
    assert (importer.kept.state, importer.kept.faults[0].code) == (ImportState.REFUSED, code)
    assert importer.state is CampaignState.CANCELED
    assert importer.calls.calls == {}


def test_a_canceled_campaign_gets_no_more_calls():
    importer = Importer(table(8))
    canceled = importer.campaigns.kept[PLACE].moved_to(CampaignState.CANCELED, NOW)
    importer.campaigns.kept[PLACE] = canceled
    importer.wake()
    assert importer.kept.is_over
    assert importer.calls.calls == {}


def test_a_paused_campaign_is_imported_and_stays_paused():
    importer = Importer(table(8))
    importer.campaigns.kept[PLACE] = importer.campaigns.kept[PLACE].moved_to(CampaignState.PAUSED, NOW)
    importer.wake()
    assert (importer.kept.state, importer.state) == (ImportState.DONE, CampaignState.PAUSED)


def test_a_wake_up_that_is_stale_finds_nothing_to_do():
    importer = Importer(table(2))
    due = Due(kind=DueKind.IMPORT, **keys.dial_import(*PLACE), at=NOW - timedelta(minutes=1))
    assert importer.go_on(due, FOREVER) is None
    assert importer.calls.calls == {}


NUMBERS = [f"+1202555{n:04d}" for n in range(9)]
REPEATED = "phone_number\n" + "".join(f"{number}\n" for number in (*NUMBERS, NUMBERS[0], NUMBERS[7], NUMBERS[0]))
"""Rows 2 to 10, then the first one's number, the eighth's and the first one's again, a piece later."""


@pytest.mark.parametrize("skips", [False, True], ids=["checked first", "bad rows skipped"])
@pytest.mark.parametrize("stops", [0, 1, 3], ids=["in one run", "with one stop", "with a stop a piece"])
@pytest.mark.parametrize(
    ("policy", "dialled"), [(DuplicatePolicy.KEEP, 12), (DuplicatePolicy.SKIP, 9)], ids=["kept", "skipped"]
)
def test_duplicates_are_found_over_the_whole_file_however_often_its_import_stops(
    policy: DuplicatePolicy, dialled: int, stops: int, skips: bool
):
    importer = Importer(REPEATED, skips=skips, clock=RunningClock(), duplicates=policy)
    for _ in range(stops):
        importer.wake(until=importer.clock.instant + timedelta(seconds=4))
        assert not importer.kept.is_over
    importer.wake()
    assert (importer.kept.state, importer.kept.created) == (ImportState.DONE, dialled)
    starts = sorted(call.scheduled_at for call in importer.calls.calls.values())
    assert starts == [NOW + timedelta(minutes=turn) for turn in range(dialled)], "what is skipped takes no turn"
    found = importer.kept.duplicates
    assert found.total == 2
    assert [(one.e164, [place.row for place in one.rows]) for one in found.listed] == [
        (NUMBERS[0], [2, 11, 13]),
        (NUMBERS[7], [9, 12]),
    ]


def test_a_file_that_repeats_a_number_is_refused_where_that_was_asked():
    importer = Importer(REPEATED, duplicates=DuplicatePolicy.REFUSE)
    importer.wake()
    assert (importer.kept.state, importer.kept.refused, importer.calls.calls) == (ImportState.REFUSED, 3, {})
    assert {(fault.code, fault.extra["row"]) for fault in importer.kept.faults} == {
        ("duplicate", 11),
        ("duplicate", 12),
        ("duplicate", 13),
    }


def test_a_number_of_the_requests_own_calls_is_not_dialled_again_by_the_file_beside_it():
    table = "phone_number\n+12025550100\n+12025550101\n"
    importer = Importer(table, beside=["+12025550101"], duplicates=DuplicatePolicy.SKIP)
    importer.wake()
    assert [call.e164 for call in importer.calls.calls.values()] == ["+12025550100"]
    assert importer.kept.duplicates.listed[0].rows == (
        RowPlace(source=Source.CALLS, row=1),
        RowPlace(source=Source.CSV, row=3),
    )


def test_rows_that_are_read_again_renew_the_lease(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(import_calls, "READ_AGAIN_AT_ONCE", 2)
    importer = Importer(REPEATED, skips=True, clock=RunningClock(), duplicates=DuplicatePolicy.SKIP)
    importer.wake(until=importer.clock.instant + timedelta(seconds=4))
    before, read = importer.kept.revision, importer.kept.row
    importer.wake(until=importer.clock.instant + timedelta(seconds=4))
    claim, piece = 1, 1
    assert importer.kept.revision == before + claim + -(-(read - 1) // 2) + piece
    importer.wake()
    assert importer.kept.created == 9
