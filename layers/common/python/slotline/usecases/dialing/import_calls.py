"""Import the calls of a file into its campaign, piece by piece, and go on where an earlier run stopped.

The file is an uploaded table, or the rows of a request that were too many to be written while it waited.

Unless bad rows are skipped the whole file is checked before the first call is written: one bad row, and none is.
Progress is kept after every piece, on condition that nobody else has it; a piece that is written twice is written once,
because a row's call is known by its id.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile

from slotline.domain.dialing.campaign_requests import FILE, call_of, planned, planner_of
from slotline.domain.dialing.campaigns import Campaign, CampaignState
from slotline.domain.dialing.csv_tables import csv_rows
from slotline.domain.dialing.duplicates import MetNumbers
from slotline.domain.dialing.imports import Import, ImportFormat, ImportState, from_lines
from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.planning import PlannedCall, Planner, ZonesOf
from slotline.domain.dialing.rows import Refusals, Row
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.due import Due
from slotline.domain.shared.errors import Detail, InvalidRequest
from slotline.domain.shared.phones import Screen
from slotline.ports.dialing import DialCalls, DialSettings, KeptCampaigns, UploadMissing, Uploads
from slotline.ports.shared import Backoff, Clock, Ids, RaceLost
from slotline.usecases.shared.retrying import retry

AT_ONCE = 1_000
"""Rows of one piece."""
READ_AGAIN_AT_ONCE = 20_000
"""Rows that are read again under one lease."""
LEASE = timedelta(minutes=2)
"""How long one piece may take. Whoever takes longer is taken for dead, and another goes on."""

Place = tuple[int, Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCalls:
    """Imports the calls of a file, a piece at a time."""

    campaigns: KeptCampaigns
    calls: DialCalls
    uploads: Uploads
    use_cases: DialSettings[UseCase]
    numbers: DialSettings[Number]
    screen: Screen
    zones_of: ZonesOf
    clock: Clock
    ids: Ids
    backoff: Backoff

    def __call__(self, due: Due, until: datetime) -> Import | None:
        """The import afterwards, due at once where the time was not enough; None where it was not due, or is another's.

        Raises StoreBusyError: it goes on when its lease is over, or by the next wake-up.
        """
        claimed = self.campaigns.claim_import(due, self.ids.new(), self.clock.now() + LEASE)
        if claimed is None or claimed.is_over:
            return None
        try:
            return self._go_on(claimed, until)
        except RaceLost:
            return None

    def _go_on(self, kept: Import, until: datetime) -> Import:
        campaign = self.campaigns.get(kept.organization_id, kept.campaign_id)
        use_case = self.use_cases.get(kept.organization_id, campaign.use_case_id) if campaign else None
        number = self.numbers.get(kept.organization_id, campaign.number_id) if campaign else None
        if campaign is None or use_case is None or number is None:
            return self._refuse(kept, "the campaign's use case or number is gone", "not_found")
        try:
            while not kept.is_over and self.clock.now() < until:
                kept, met = self._met_before(kept, campaign, use_case)
                planner = planner_of(campaign, use_case, kept.planned_at, self.zones_of, kept.turns)
                kept = self._pass(kept, number, planner, met, until)
        except UploadMissing:
            return self._refuse(kept, "the file is no longer kept", "not_found")
        except InvalidRequest as error:
            return self._refuse(kept, error.message, error.details[0].code)
        return kept

    def _met_before(self, kept: Import, campaign: Campaign, use_case: UseCase) -> tuple[Import, MetNumbers]:
        """The numbers of the rows that are done with, and the import with a new lease.

        No store has them: a run that goes on for another reads those rows once more. Whether a row counts depends on
        whether it could be dialled, so they are planned again, too.
        """
        met = kept.met(campaign.duplicates)
        if kept.row == 1:
            return kept, met
        planner = planner_of(campaign, use_case, kept.planned_at, self.zones_of, kept.first_turn)
        places, last = _places(kept, self.uploads.read(kept.organization_id, kept.upload_id)), kept.row
        for piece in _pieces(takewhile(lambda place: place[0] <= last, places), READ_AGAIN_AT_ONCE):
            deque(planned((row for _, row in piece), planner, self.screen, Refusals(), met), maxlen=0)
            kept = self._keep(kept, self.clock.now() + LEASE)
        return kept, met

    def _pass(self, kept: Import, number: Number, planner: Planner, met: MetNumbers, until: datetime) -> Import:
        """One way through what is left of the file, as far as time allows."""
        content = self.uploads.read(kept.organization_id, kept.upload_id)
        first = kept.row
        for piece in _pieces((place for place in _places(kept, content) if place[0] > first), AT_ONCE):
            if not self._is_wanted(kept):
                return self._keep(kept.over(ImportState.REFUSED), None)
            done = self._done(kept, piece, number, planner, met)
            now = self.clock.now()
            kept = self._keep(done, now + LEASE if now < until else now)
            if now >= until:
                return kept
        return self._end(kept)

    def _done(self, kept: Import, piece: Sequence[Place], number: Number, planner: Planner, met: MetNumbers) -> Import:
        """A piece once it is checked, or written."""
        refusals = Refusals()
        found = list(planned((row for _, row in piece), planner, self.screen, refusals, met))
        if kept.state is ImportState.WRITING:
            self._write(kept, found, number)
        created = len(found) if kept.state is ImportState.WRITING else 0
        return kept.after(piece[-1][0], created, planner.turns, refusals, met.duplicates)

    def _write(self, kept: Import, found: Sequence[PlannedCall], number: Number) -> None:
        """The times of the calls are the campaign's before the calls are: its lists look between them."""
        now = self.clock.now()

        def act() -> bool:
            campaign = self.campaigns.get(kept.organization_id, kept.campaign_id)
            if campaign is None:
                return False
            calls = [call_of(call, campaign, number, kept.planned_at, kept.dials_from or now) for call in found]
            covering = campaign.covering(calls)
            if covering is not campaign:
                self.campaigns.replace(covering, campaign.revision)
            self.calls.add(calls)
            return True

        if not retry(act, self.backoff, or_else=RaceLost()):
            raise RaceLost

    def _end(self, kept: Import) -> Import:
        if kept.state is ImportState.CHECKING and not kept.refused:
            return self._keep(kept.ready_to_write(), self.clock.now() + LEASE)
        if kept.state is ImportState.CHECKING:
            return self._close(kept.over(ImportState.REFUSED))
        return self._close(kept.over(ImportState.DONE))

    def _refuse(self, kept: Import, message: str, code: str) -> Import:
        """The file cannot be read, or no further."""
        there = self.campaigns.import_of(kept.organization_id, kept.campaign_id) or kept
        return self._close(there.over(ImportState.REFUSED, [Detail(message, code, "csv_file")]))

    def _close(self, over: Import) -> Import:
        """The campaign first: an import that is not over comes again and finds the rest."""

        def act() -> None:
            campaign = self.campaigns.get(over.organization_id, over.campaign_id)
            if campaign is None:
                return
            state = CampaignState.RUNNING if campaign.calls + over.created else CampaignState.CANCELED
            waits = campaign.state is CampaignState.PAUSED and state is CampaignState.RUNNING
            if waits or campaign.state not in (CampaignState.CREATING, CampaignState.IMPORTING, CampaignState.PAUSED):
                return
            self.campaigns.replace(campaign.moved_to(state, self.clock.now()), campaign.revision)

        with suppress(RaceLost):  # the campaign goes on without: what others made of it stands
            retry(act, self.backoff, or_else=RaceLost())
        return self._keep(over, None)

    def _is_wanted(self, kept: Import) -> bool:
        campaign = self.campaigns.get(kept.organization_id, kept.campaign_id)
        return campaign is not None and campaign.state not in (CampaignState.CANCELED, CampaignState.COMPLETED)

    def _keep(self, kept: Import, due_at: datetime | None) -> Import:
        """Its next revision. Raises RaceLost where another has gone on with it."""
        after = kept.next_revision(self.clock.now(), due_at)
        self.campaigns.keep_import(after, kept.revision)
        return after


def _places(kept: Import, content: Iterable[bytes]) -> Iterator[Place]:
    """The rows with their places in what is read; a table's header is place 1. Raises InvalidRequest."""
    if kept.format is ImportFormat.CSV:
        return ((row.number, row) for row in csv_rows(content, FILE, kept.encoding))
    return enumerate(from_lines(content), start=2)


def _pieces(places: Iterator[Place], size: int) -> Iterator[Sequence[Place]]:
    while piece := list(islice(places, size)):
        yield piece
