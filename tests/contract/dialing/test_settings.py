"""What organizations set up for dialing: settings, whom they do not call, campaigns and their imports."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from slotline.domain.dialing.calls import DialPosition
from slotline.domain.dialing.campaigns import CampaignState, Resumption, Stretch, Walk
from slotline.domain.dialing.do_not_call import DoNotCallEntry
from slotline.domain.dialing.duplicates import Duplicate, DuplicatePolicy, Duplicates, RowPlace
from slotline.domain.dialing.imports import Import, ImportState
from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.own_metadata import OwnMetadata
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.dialing.rows import Source
from slotline.domain.dialing.use_cases import (
    AmdBehavior,
    ClassificationTag,
    DayWindow,
    Extraction,
    Hook,
    SampleLabel,
    UseCase,
)
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.errors import Detail
from slotline.domain.shared.idempotency import Receipt
from slotline.ports.dialing import UploadMissing
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, RaceLost
from slotline.storage.s3_uploads import S3Uploads
from slotline.store.dialing.campaigns import DynamoCampaigns
from slotline.store.dialing.do_not_call import DynamoDoNotCall
from slotline.store.dialing.lists import DynamoDialLists
from slotline.store.dialing.settings import NUMBERS, USE_CASES, DynamoDialSettings
from slotline.store.dynamodb import keys
from slotline.store.shared.derived import DynamoDerivations
from slotline.store.shared.receipts import DynamoReceipts
from tests.contract.conftest import Backend, direct_s3
from tests.support.aws.moto_tables import ENVIRONMENT, aws_in_memory
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.audit import an_entry
from tests.support.builders.bookings import a_key
from tests.support.builders.dialing import a_campaign, a_dial_call, a_number, a_use_case
from tests.support.memory.campaigns import (
    MemoryDialSettings,
    MemoryDoNotCallList,
    MemoryKeptCampaigns,
    MemoryUploads,
    due_of_campaign,
)
from tests.support.memory.dials import MemoryDialLists, MemoryDials
from tests.support.memory.receipts import MemoryReceipts
from tests.support.memory.store import MemoryStore

A_RECEIPT = Receipt(key=a_key(), result={"setting": "first"}, answered_at=NOW)
FULL = a_use_case(
    timezone="America/New_York",
    transfer_number="+12025550100",
    extract_with_ai=(Extraction(name="budget", description="in dollars", type="number", example="5", required=True),),
    classification_tags=(ClassificationTag(name="hot", description="wants it"),),
    detailed_work_hours={"monday": (DayWindow(start="09:00", end="24:00"),), "sunday": ()},
    enable_detailed_work_hours=True,
    work_start="09:00",
    work_end="17:00",
    keywords=("price",),
    hooks=(Hook(url="https://example.com/hook", headers=(("x-key", "1"), ("x-key", "2"))),),
    params={"ratio": 1.5, "nested": {"deep": [1, None, True]}},
    amd=True,
    amd_behavior=AmdBehavior.LEAVE_MESSAGE,
    amd_messages={"en-US": "Hello"},
    sample_labels=(SampleLabel(name="late", color="red"),),
    evaluation_models=("model-1",),
    model="Fast",
    created_at=NOW,
    updated_at=NOW,
)


@dataclass(frozen=True)
class Desk:
    """The ports on one backend."""

    use_cases: Any
    numbers: Any
    do_not_call: Any
    campaigns: Any
    lists: Any
    receipts: Any


@pytest.fixture(params=["dynamodb", "memory"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """Each backend in turn, with nothing in it."""
    clock = SetClock()
    if request.param == "memory":
        store = MemoryStore(clock)
        settings: Any = (MemoryDialSettings[UseCase](store), MemoryDialSettings[Number](store))
        campaigns = MemoryKeptCampaigns()
        lists = MemoryDialLists(MemoryDials(), campaigns=campaigns)
        yield Desk(*settings, MemoryDoNotCallList(store), campaigns, lists, MemoryReceipts(store))
        return
    with aws_in_memory() as client:
        tables: Any = (client, "DialingTable", "AccessTable", clock)
        yield Desk(
            DynamoDialSettings(*tables, USE_CASES),
            DynamoDialSettings(*tables, NUMBERS),
            DynamoDoNotCall(client, "DialingTable", "AccessTable"),
            DynamoCampaigns(client, "DialingTable", "AccessTable"),
            DynamoDialLists(client, "DialingTable", DynamoDerivations(client, "DialingTable", clock)),
            DynamoReceipts(client, "AccessTable", clock),
        )


class TestSettings:
    @pytest.mark.parametrize("use_case", [FULL, a_use_case()], ids=["everything said", "nothing but a name"])
    def test_a_use_case_reads_back_with_everything_it_had(self, desk: Desk, use_case: UseCase):
        desk.use_cases.add(use_case, A_RECEIPT)
        assert desk.use_cases.get("org", "use-case") == use_case
        assert desk.receipts.find(a_key()) == A_RECEIPT

    def test_a_number_reads_back_with_everything_it_had(self, desk: Desk):
        number = a_number(name="Sales", calls_per_second=5, lines=7, created_at=NOW, updated_at=NOW)
        desk.numbers.add(number, None)
        assert desk.numbers.get("org", "number") == number

    def test_nobody_sees_what_is_another_organizations(self, desk: Desk):
        desk.use_cases.add(FULL, None)
        assert desk.use_cases.get("other", "use-case") is None
        assert list(desk.use_cases.list("other", 10, None).rows) == []
        with pytest.raises(RaceLost):
            desk.use_cases.remove("other", "use-case")

    def test_a_list_goes_on_where_its_page_ended(self, desk: Desk):
        for number in range(5):
            desk.use_cases.add(a_use_case(id=f"id-{number}"), None)
        desk.numbers.add(a_number(id="id-9"), None)
        seen: list[str] = []
        after = None
        while True:
            page = desk.use_cases.list("org", 2, after)
            seen += [use_case.id for use_case in page.rows]
            if page.next is None:
                break
            after = page.next
        assert seen == [f"id-{number}" for number in range(5)]
        assert desk.use_cases.list("org", 5, None).next is None, "a full page that is the last one says so"

    def test_they_are_counted_up_to_as_many_as_are_asked_for_and_hidden_ones_apart(self, desk: Desk):
        for number in range(5):
            desk.use_cases.add(a_use_case(id=f"id-{number}", hidden=number > 2), None)
        desk.use_cases.add(a_use_case(id="foreign", organization_id="other"), None)
        desk.numbers.add(a_number(), None)
        assert (desk.use_cases.count("org", 5), desk.use_cases.count("org", 4)) == (5, None)
        assert (desk.use_cases.count("org", 5, hidden=False), desk.numbers.count("org", 5)) == (3, 1)
        assert desk.numbers.count("other", 5) == 0

    def test_an_id_that_is_there_was_written_before_and_an_answered_key_outranks_it(self, desk: Desk):
        desk.use_cases.add(FULL, A_RECEIPT)
        with pytest.raises(AlreadyWritten):
            desk.use_cases.add(FULL, None)
        with pytest.raises(AlreadyAnswered):
            desk.use_cases.add(replace(FULL, name="Again"), A_RECEIPT)

    def test_only_the_revision_that_was_read_is_replaced(self, desk: Desk):
        desk.use_cases.add(FULL, None)
        changed = replace(FULL, name="Karen", revision=2, transfer_number=None)
        desk.use_cases.replace(changed, 1)
        assert desk.use_cases.get("org", "use-case") == changed
        for stale in (replace(FULL, revision=2), a_use_case(id="gone", revision=2)):
            with pytest.raises(RaceLost):
                desk.use_cases.replace(stale, 1)

    def test_one_that_is_there_is_taken_away_and_no_other(self, desk: Desk):
        desk.use_cases.add(FULL, None)
        desk.use_cases.remove("org", "use-case")
        assert desk.use_cases.get("org", "use-case") is None
        with pytest.raises(RaceLost):
            desk.use_cases.remove("org", "never-was")


class TestDoNotCall:
    def test_a_number_is_listed_until_it_is_taken_off(self, desk: Desk):
        desk.do_not_call.add("org", [DoNotCallEntry(e164="+12025550101", reason="asked", listed_at=NOW)])
        assert desk.do_not_call.listed_among("org", ["+12025550101"])
        assert not desk.do_not_call.listed_among("other", ["+12025550101"])
        assert desk.do_not_call.remove("org", "+12025550101")
        assert not desk.do_not_call.listed_among("org", ["+12025550101"])
        assert not desk.do_not_call.remove("org", "+12025550101")

    def test_they_are_counted_up_to_as_many_as_are_asked_for(self, desk: Desk):
        desk.do_not_call.add("org", [DoNotCallEntry(e164=f"+1202555{n:04d}", listed_at=NOW) for n in range(60)])
        assert (desk.do_not_call.count("org", 60), desk.do_not_call.count("org", 59)) == (60, None)
        assert desk.do_not_call.count("other", 10) == 0

    def test_a_number_that_an_older_row_lists_with_its_trunk_prefix_is_listed_until_it_is_taken_off(self, desk: Desk):
        desk.do_not_call.add("org", [DoNotCallEntry(e164="+4402079460960", listed_at=NOW)])
        assert desk.do_not_call.listed_among("org", ["+442079460960"])
        assert desk.do_not_call.remove("org", "+442079460960")
        assert not desk.do_not_call.list("org", 50, None).rows

    def test_those_of_many_that_are_listed_are_found_at_once_older_rows_too(self, desk: Desk):
        listed = [f"+1202555{number:04d}" for number in range(0, 250, 2)]
        rows = [DoNotCallEntry(e164=e164, listed_at=NOW) for e164 in (*listed, "+4402079460960")]
        desk.do_not_call.add("org", rows)
        asked = {*(f"+1202555{number:04d}" for number in range(250)), "+442079460960", "+442079460961"}
        assert set(desk.do_not_call.listed_among("org", asked)) == {*listed, "+442079460960"}
        assert (
            set(desk.do_not_call.listed_among("other", asked)) == set(desk.do_not_call.listed_among("org", ())) == set()
        )

    def test_many_are_listed_at_once_and_read_in_order(self, desk: Desk):
        many = [DoNotCallEntry(e164=f"+1202555{number:04d}", listed_at=NOW) for number in range(60)]
        desk.do_not_call.add("org", [*reversed(many), replace(many[0], reason="again")])
        page = desk.do_not_call.list("org", 50, None)
        rest = desk.do_not_call.list("org", 50, page.next)
        assert [*page.rows, *rest.rows] == [replace(many[0], reason="again"), *many[1:]]
        assert rest.next is None


class TestCampaigns:
    CAMPAIGN = a_campaign(
        CampaignState.CREATING,
        rules=(RetryRule(query="Busy", retry_period=5, max_retry_per_day=2), RetryRule(query="Failed", retry_period=9)),
        overrides={"voice_id": "v"},
        language="en-US",
        max_duration_mins=5,
        metadata=OwnMetadata(tags=("May", "vip"), custom={"list": "A"}),
        duplicates=DuplicatePolicy.SKIP,
    )
    IMPORT = Import(
        organization_id="org",
        campaign_id="campaign",
        upload_id="upload",
        state=ImportState.CHECKING,
        size=9,
        planned_at=NOW,
        faults=(Detail("is wrong", "phone", "phone_number", {"row": 7, "source": "csv_file"}), Detail("no", "empty")),
        beside=(("+12025550100", 1), ("+12025550101", 2)),
        duplicates=Duplicates(
            listed=(
                Duplicate(
                    e164="+12025550100",
                    times=2,
                    rows=(RowPlace(source=Source.CALLS, row=1), RowPlace(source=Source.CSV, row=7)),
                ),
            ),
            total=1,
        ),
        due_at=NOW,
        updated_at=NOW,
    )
    DUE = Due(kind=DueKind.IMPORT, **keys.dial_import("org", "campaign"), at=NOW)

    def test_a_campaign_reads_back_and_one_that_is_there_stays_as_it_is(self, desk: Desk):
        assert desk.campaigns.open(self.CAMPAIGN)
        assert not desk.campaigns.open(replace(self.CAMPAIGN, name="Another"))
        assert desk.campaigns.get("org", "campaign") == self.CAMPAIGN
        assert desk.campaigns.get("other", "campaign") is None

    def test_only_the_revision_that_was_read_is_replaced(self, desk: Desk):
        desk.campaigns.open(self.CAMPAIGN)
        covering = self.CAMPAIGN.covering([a_dial_call(scheduled_at=NOW)])
        running = replace(covering, state=CampaignState.RUNNING, calls=1)
        desk.campaigns.replace(running, 1)
        assert desk.campaigns.get("org", "campaign") == running
        with pytest.raises(RaceLost):
            desk.campaigns.replace(self.CAMPAIGN, 1)

    @pytest.mark.parametrize(
        "after", [None, DialPosition(scheduled_at=NOW, call_id="call"), DialPosition(scheduled_at=NOW, call_id="")]
    )
    def test_a_walk_through_its_calls_is_due_at_its_moment_and_at_no_other(
        self, desk: Desk, after: DialPosition | None
    ):
        walk = Walk(began_at=NOW, seen=7, after=after)
        running = self.CAMPAIGN.moved_to(CampaignState.RUNNING, NOW)
        desk.campaigns.open(self.CAMPAIGN)
        desk.campaigns.replace(running, 1)
        due = due_of_campaign(running)
        assert desk.campaigns.due(due) == running
        walked = running.walked(walk, NOW + timedelta(minutes=2))
        desk.campaigns.replace(walked, running.revision)
        assert desk.campaigns.due(due) is None
        assert desk.campaigns.due(due_of_campaign(walked)) == desk.campaigns.get("org", "campaign") == walked
        paused = walked.moved_to(CampaignState.PAUSED, NOW)
        desk.campaigns.replace(paused, walked.revision)
        assert desk.campaigns.due(due_of_campaign(walked)) is None
        assert desk.campaigns.get("org", "campaign") == paused

    @pytest.mark.parametrize("after", [None, DialPosition(scheduled_at=NOW, call_id="call")])
    def test_the_walk_after_a_pause_reads_back_with_the_moments_it_gave_out(
        self, desk: Desk, after: DialPosition | None
    ):
        paused = replace(self.CAMPAIGN, state=CampaignState.PAUSED, reason="number_not_granted")
        desk.campaigns.open(paused)
        assert desk.campaigns.get("org", "campaign") == paused
        running = paused.moved_to(CampaignState.RUNNING, NOW)
        desk.campaigns.replace(running, 1)
        assert desk.campaigns.due(due_of_campaign(running)) == running
        taken = (Stretch(first=NOW, last=NOW + timedelta(hours=1)), Stretch(first=NOW, last=NOW))
        walked = running.resumed(Resumption(at=NOW, after=after, taken=taken), NOW + timedelta(minutes=2))
        desk.campaigns.replace(walked, running.revision)
        assert desk.campaigns.get("org", "campaign") == walked

    def test_campaigns_are_listed_newest_first(self, desk: Desk):
        for number in range(3):
            desk.campaigns.open(replace(self.CAMPAIGN, id=f"id-{number}"))
        first = desk.campaigns.list("org", 2, None)
        assert [one.id for one in first.rows] == ["id-2", "id-1"]
        assert [one.id for one in desk.campaigns.list("org", 2, first.next).rows] == ["id-0"]

    def test_they_are_counted_up_to_as_many_as_are_asked_for(self, desk: Desk):
        for number in range(3):
            desk.campaigns.open(replace(self.CAMPAIGN, id=f"campaign-{number}"))
        assert (desk.campaigns.count("org", 3), desk.campaigns.count("org", 2)) == (3, None)
        assert desk.campaigns.count("other", 10) == 0

    def test_a_campaign_is_read_with_its_import_if_it_has_one(self, desk: Desk):
        def read() -> Any:
            found = desk.lists.progress("org", "campaign")
            return found and (found[0].campaign, found[0].imported)

        assert read() is None
        desk.campaigns.open(self.CAMPAIGN)
        assert read() == (self.CAMPAIGN, None)
        moved = self.CAMPAIGN.moved_to(CampaignState.IMPORTING, NOW)
        desk.campaigns.replace(moved, 1, self.IMPORT)
        assert read() == (moved, self.IMPORT)

    def test_an_import_begins_with_its_campaigns_move_or_not_at_all(self, desk: Desk):
        desk.campaigns.open(self.CAMPAIGN)
        importing = self.CAMPAIGN.moved_to(CampaignState.IMPORTING, NOW)
        with pytest.raises(RaceLost):
            desk.campaigns.replace(importing, 7, self.IMPORT)
        assert desk.campaigns.import_of("org", "campaign") is None
        desk.campaigns.replace(importing, 1, self.IMPORT)
        assert desk.campaigns.import_of("org", "campaign") == self.IMPORT

    def test_of_two_who_claim_an_import_one_has_it(self, desk: Desk):
        desk.campaigns.open(self.CAMPAIGN)
        desk.campaigns.replace(self.CAMPAIGN.moved_to(CampaignState.IMPORTING, NOW), 1, self.IMPORT)
        later = NOW + timedelta(minutes=2)
        claimed = desk.campaigns.claim_import(self.DUE, "claim", later)
        assert claimed == replace(self.IMPORT, due_at=later, revision=2, claim_id="claim")
        assert desk.campaigns.claim_import(self.DUE, "another", later) is None
        again = desk.campaigns.claim_import(replace(self.DUE, at=later), "one more", later + timedelta(minutes=2))
        assert again.revision == 3
        with pytest.raises(RaceLost):
            desk.campaigns.keep_import(claimed.next_revision(NOW, None), claimed.revision)
        over = again.over(ImportState.DONE).next_revision(NOW, None)
        desk.campaigns.keep_import(over, again.revision)
        assert desk.campaigns.import_of("org", "campaign") == over


@pytest.mark.parametrize("kind", ["s3", "direct", "memory"])
class TestUploads:
    @contextmanager
    def uploads(self, kind: str) -> Iterator[Any]:
        with aws_in_memory():
            client = direct_s3 if kind == "direct" else lambda: boto3.client("s3")
            s3 = S3Uploads(client, ENVIRONMENT["UPLOADS_BUCKET"], SetClock())
            yield MemoryUploads() if kind == "memory" else s3

    def test_what_was_put_is_read_in_pieces(self, kind: str):
        content = b"phone_number\n" + b"+12025550143\n" * 50_000
        with self.uploads(kind) as uploads:
            uploads.put("org", "upload-1", content)
            assert uploads.size_of("org", "upload-1") == len(content)
            pieces = list(uploads.read("org", "upload-1"))
        assert len(pieces) > 1
        assert b"".join(pieces) == content

    def test_what_is_another_organizations_is_missing_and_so_is_what_nobody_put(self, kind: str):
        with self.uploads(kind) as uploads:
            uploads.put("org", "upload-1", b"x")
            for place in (("other", "upload-1"), ("org", "upload-2")):
                with pytest.raises(UploadMissing):
                    uploads.size_of(*place)
                with pytest.raises(UploadMissing):
                    list(uploads.read(*place))

    def test_an_invitation_is_for_so_many_bytes_and_so_long(self, kind: str):
        with self.uploads(kind) as uploads:
            invited = uploads.invite("org", "upload-1", 7, timedelta(hours=1))
        assert invited.headers["Content-Length"] == "7"
        assert invited.expires_at == NOW + timedelta(hours=1)


class TestAuditLog:
    """What is changed here is written with its entry, or neither is."""

    def test_of_settings_campaigns_and_whom_nobody_calls(self, backend: Backend) -> None:
        entries = [an_entry(f"setting.{number}", None) for number in range(6)]
        settings, listed = backend.use_cases, backend.do_not_call
        settings.add(FULL, None, entries[0])
        with pytest.raises(AlreadyWritten):
            settings.add(FULL, None, an_entry())
        changed = replace(FULL, name="Other", revision=2)
        settings.replace(changed, 1, entries[1])
        for late in (1, 3):
            with pytest.raises(RaceLost):
                settings.replace(changed, late, an_entry())
        with pytest.raises(RaceLost):
            settings.remove("org", FULL.id, 1, an_entry())
        settings.remove("org", FULL.id, 2, entries[2])
        campaign = a_campaign(CampaignState.RUNNING)
        backend.campaigns.open(campaign)
        backend.campaigns.replace(campaign.moved_to(CampaignState.PAUSED, NOW), campaign.revision, None, entries[3])
        with pytest.raises(RaceLost):
            backend.campaigns.replace(campaign, campaign.revision, None, an_entry())
        rows = [DoNotCallEntry(e164=f"+1202555{number:04d}", listed_at=NOW) for number in range(120)]
        for _ in range(2):  # a try whose answer was lost is tried again
            listed.add("org", rows, entries[4])
        assert listed.remove("org", rows[-1].e164, entries[5])
        assert not listed.remove("org", rows[-1].e164, an_entry())
        assert sorted(entry.action for entry in backend.audited()) == [entry.action for entry in entries]
        assert listed.count("org", 1_000) == 119
