"""Create many calls at once: a campaign, of which nothing is dialled before all of it is written.

The order of writing is the rule: the answer's receipt, which names the campaign; the campaign, still being created; its
calls; the campaign, running. Whoever dies in between leaves calls that nothing dials. The same request with the same
key finds the receipt, plans the same calls by the same present, and goes on.

The calls of a large request are kept as rows first, and written by an import that begins with one change of the
campaign: from then on they are as good as written, and their ids are known already.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaign_requests import (
    WRITING_TAKES,
    WRITTEN_AT_ONCE,
    CampaignRequest,
    call_of,
    campaign_of,
    counted,
    planned,
    planner_of,
)
from slotline.domain.dialing.campaigns import Campaign, CampaignState
from slotline.domain.dialing.duplicates import Duplicates, MetNumbers
from slotline.domain.dialing.imports import Import, ImportFormat, ImportState, to_line
from slotline.domain.dialing.numbers import Number, not_granted
from slotline.domain.dialing.placeholders import nothing_fills
from slotline.domain.dialing.planning import PlannedCall, ZonesOf
from slotline.domain.dialing.retries import Flaw, warnings_of
from slotline.domain.dialing.rows import Refusals, Row, Source
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.errors import Detail, InvalidRequest, RowsRefused, Unavailable
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.phones import Screen
from slotline.domain.shared.plain_json import plain
from slotline.ports.dialing import DialCalls, DialSettings, KeptCampaigns, UploadMissing, Uploads
from slotline.ports.shared import Ids, RateLimitCheck
from slotline.usecases.dialing.granted_numbers import FindNumber
from slotline.usecases.shared.once import Once

Rows = Callable[[], Iterable[Row]]
"""The rows of a request, from the first one each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a request would create. `refused`: rows that cannot be dialled, of which `faults` are the first.

    `duplicates`: the numbers that come more than once, whatever became of their rows.
    `unfilled`: placeholders of what is said that stay empty in every call. `warnings`: rules that hold for none of
    them. Of an upload's calls nobody knows yet.
    """

    use_case: UseCase
    number: Number
    calls: Sequence[PlannedCall]
    turns: int
    refused: int
    faults: Sequence[Detail]
    duplicates: Duplicates
    unfilled: Sequence[str]
    warnings: Sequence[Detail]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """What a request created. `replayed`: an earlier request with the same key did."""

    campaign: Campaign
    use_case: UseCase
    calls: Sequence[DialCall]
    refused: int
    faults: Sequence[Detail]
    duplicates: Duplicates
    unfilled: Sequence[str]
    warnings: Sequence[Detail]
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCalls:
    """Go through the rows of a request, and create nothing."""

    use_cases: DialSettings[UseCase]
    find_number: FindNumber
    screen: Screen
    zones_of: ZonesOf
    flaw: Flaw

    def __call__(self, request: CampaignRequest, rows: Rows, now: datetime, use_case: UseCase | None = None) -> Planned:
        """The calls, in order. Raises InvalidRequest, or RowsRefused unless the request skips bad rows.

        `use_case`: as it was when an earlier try of the request planned by it.
        """
        request.check(self.flaw)
        use_case = use_case or self.use_cases.get(request.organization_id, request.use_case_id)
        if use_case is None:
            raise InvalidRequest.of_field("use_case_id", "there is no such use case", "not_found")
        number, is_granted = self.find_number(request.organization_id, request.number_id)
        if number is None:
            raise InvalidRequest.of_field("number_id", "there is no such number", "not_found")
        if not is_granted:
            raise not_granted("number_id")
        planner = planner_of(request, use_case, now, self.zones_of)
        refusals, met = Refusals(), MetNumbers(request.duplicates)
        calls = list(planned(counted(rows()), planner, self.screen, refusals, met))
        if not request.skips_bad_rows:
            refusals.check()
        params = [call.request.params for call in calls]
        are_all_known = bool(params) and not request.upload_id
        unfilled = nothing_fills(use_case, request.language, params) if are_all_known else ()
        warnings = warnings_of(request.rules, request.retries, params, self.flaw) if are_all_known else ()
        return Planned(
            use_case=use_case,
            number=number,
            calls=calls,
            turns=planner.turns,
            refused=refusals.rows,
            faults=refusals.details,
            duplicates=met.duplicates,
            unfilled=unfilled,
            warnings=warnings,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleCalls:
    """Creates a campaign with all of its calls. `to_use_case` makes one of plain JSON again: a receipt keeps it."""

    plan: PlanCalls
    campaigns: KeptCampaigns
    calls: DialCalls
    uploads: Uploads
    ids: Ids
    once: Once
    to_use_case: Callable[[Mapping[str, Any]], UseCase]

    def __call__(
        self, request: CampaignRequest, rows: Rows, key: IdempotencyKey | None, check_rate: RateLimitCheck
    ) -> Scheduled:
        """The campaign with its calls, in the order of their rows.

        Raises InvalidRequest, or RowsRefused; nothing was created then.
        """
        retry = self.once.retry
        receipt = retry(lambda: self.once.receipts.find(key)) if key else None
        if key and receipt:
            receipt.check(key)
        check_rate()
        now = receipt.answered_at if receipt else self.once.clock.now()
        size = retry(lambda: self._size(request))
        kept = _KeptLines(rows)
        found = retry(lambda: self.plan(request, kept, now, self._use_case_of(receipt)))
        if not found.calls and not request.upload_id:
            raise _nothing(found)
        if request.upload_id and len(found.calls) > WRITTEN_AT_ONCE:
            message = f"must be at most {WRITTEN_AT_ONCE} beside an upload; put the others into the file"
            raise InvalidRequest.of_field("calls", message, "too_many")
        if key and not receipt:
            receipt = self._announce(key, found.use_case, now)
            if receipt.answered_at != now:
                return self(request, rows, key, check_rate)
        campaign_id = str(receipt.result["campaign_id"]) if receipt else self.ids.new()
        campaign, calls, replayed = self._create(request, found, kept, campaign_id, now, size)
        return Scheduled(
            campaign=campaign,
            use_case=found.use_case,
            calls=calls,
            refused=found.refused,
            faults=found.faults,
            duplicates=found.duplicates,
            unfilled=found.unfilled,
            warnings=found.warnings,
            replayed=replayed,
        )

    def _announce(self, key: IdempotencyKey, use_case: UseCase, now: datetime) -> Receipt:
        """The receipt of this key: ours, or that of another request that was sooner."""
        answer = {"campaign_id": self.ids.new(), "use_case": json.dumps(plain(use_case))}
        receipt = Receipt(key=key, result=answer, answered_at=now)
        if self.once.retry(lambda: self.once.receipts.keep(receipt)):
            return receipt
        kept = self.once.retry(lambda: self.once.receipts.find(key))
        if kept is None:
            raise Unavailable("The answer to this Idempotency-Key could not be kept. Send the request again.")
        kept.check(key)
        return kept

    def _use_case_of(self, receipt: Receipt | None) -> UseCase | None:
        return self.to_use_case(json.loads(str(receipt.result["use_case"]))) if receipt else None

    def _create(
        self, request: CampaignRequest, found: Planned, lines: "_KeptLines", campaign_id: str, now: datetime, size: int
    ) -> tuple[Campaign, Sequence[DialCall], bool]:
        """Write what is not written yet; whether all of it was."""
        retry = self.once.retry
        new = campaign_of(request, campaign_id, now, [call.at for call in found.calls])
        is_opened = retry(lambda: self.campaigns.open(new))
        campaign = new if is_opened else retry(lambda: self._campaign(new))
        not_before = now + len(found.calls) * WRITING_TAKES
        calls = [call_of(call, campaign, found.number, now, not_before) for call in found.calls]
        begun = None if is_opened else retry(lambda: self.campaigns.import_of(new.organization_id, new.id))
        if begun or campaign.state is not CampaignState.CREATING:
            return campaign, calls, True
        if len(calls) > WRITTEN_AT_ONCE:
            rows = lines.of(found.calls)
            retry(lambda: self.uploads.put(new.organization_id, new.id, rows))
            kept = _import(campaign, new.id, len(rows), ImportFormat.ROWS, dials_from=not_before)
            return self._begin(campaign, CampaignState.CREATING, calls, kept), calls, False
        retry(lambda: self.calls.add(calls))
        if request.upload_id is None:
            return self._begin(campaign, CampaignState.RUNNING, calls, None), calls, False
        file = _import(campaign, request.upload_id, size, ImportFormat.CSV, turns=found.turns)
        state = ImportState.WRITING if request.skips_bad_rows else ImportState.CHECKING
        beside = tuple((call.request.e164, call.request.row.number) for call in found.calls)
        file = replace(file, state=state, skips_bad_rows=request.skips_bad_rows, encoding=request.encoding)
        file = replace(file, beside=beside)
        return self._begin(campaign, CampaignState.IMPORTING, calls, file), calls, False

    def _begin(
        self, seen: Campaign, state: CampaignState, calls: Sequence[DialCall], imported: Import | None
    ) -> Campaign:
        """The campaign in its next state with what it has, and with the import of the rest.

        `seen`: the campaign before, without an import. It is read again if it has changed since.
        """
        in_hand = [seen]

        def act() -> Campaign:
            is_seen = bool(in_hand)
            there = in_hand.pop() if is_seen else self._campaign(seen)
            begun = None if is_seen else self.campaigns.import_of(seen.organization_id, seen.id)
            if begun or there.state is not CampaignState.CREATING:
                return there
            written = 0 if state is CampaignState.CREATING else len(calls)
            at = self.once.clock.now()
            moved = replace(there.moved_to(state, at), calls=written, revision=there.revision + 1, updated_at=at)
            self.campaigns.replace(moved, there.revision, imported)
            return moved

        return self.once.retry(act)

    def _campaign(self, new: Campaign) -> Campaign:
        return self.campaigns.get(new.organization_id, new.id) or new

    def _size(self, request: CampaignRequest) -> int:
        if request.upload_id is None:
            return 0
        try:
            return self.uploads.size_of(request.organization_id, request.upload_id)
        except UploadMissing as missing:
            message = "nothing was uploaded under this handle, or it is no longer kept"
            raise InvalidRequest.of_field("csv_file", message, "not_found") from missing


def _import(
    campaign: Campaign,
    upload_id: str,
    size: int,
    form: ImportFormat,
    *,
    turns: int = 0,
    dials_from: datetime | None = None,
) -> Import:
    """The import that the campaign begins with, due at once."""
    return Import(
        organization_id=campaign.organization_id,
        campaign_id=campaign.id,
        upload_id=upload_id,
        state=ImportState.WRITING,
        format=form,
        size=size,
        planned_at=campaign.created_at,
        dials_from=dials_from,
        first_turn=turns,
        turns=turns,
        due_at=campaign.created_at,
        updated_at=campaign.created_at,
    )


class _KeptLines:
    """The rows of a request, which are kept as lines on their way to whoever plans them: they are read once.

    Lines, because rows with their cells take several times the room.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._lines: dict[tuple[Source, int], str] = {}

    def __call__(self) -> Iterator[Row]:
        """The rows, as they are taken. Those of an earlier try are forgotten."""
        self._lines = {}
        for row in self._rows():
            self._lines[row.source, row.number] = to_line(row)
            yield row

    def of(self, calls: Sequence[PlannedCall]) -> bytes:
        """The lines of the rows that these calls were made of."""
        rows = (call.request.row for call in calls)
        return "".join(self._lines[row.source, row.number] for row in rows).encode()


def _nothing(found: Planned) -> InvalidRequest | RowsRefused:
    """Why a request without any call that can be dialled is refused."""
    if found.refused:
        message = f"None of the {found.refused} rows can be dialled; nothing was created."
        return RowsRefused(message, found.faults, total=max(found.refused, len(found.faults)))
    return InvalidRequest.of_field("calls", "calls or csv_file must have a call", "required")
