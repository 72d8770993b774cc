"""How a request for many calls becomes a campaign: its calls and their ids.

A call's id follows from its campaign's and from its row, so that what was begun can be begun again: a row that is
written already is known by its id.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import Campaign, CampaignState
from slotline.domain.dialing.csv_encodings import CsvEncoding
from slotline.domain.dialing.csv_tables import CsvBounds
from slotline.domain.dialing.duplicates import DuplicatePolicy, MetNumbers
from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.own_metadata import NO_METADATA, OwnMetadata
from slotline.domain.dialing.planning import PlannedCall, Planner, ZonesOf, check_interval
from slotline.domain.dialing.retries import DEFAULT_RETRIES, Flaw, check_rules
from slotline.domain.dialing.retry_rules import DEFAULT_RULES, RetryRule
from slotline.domain.dialing.rows import CallRequest, Refusals, Row, Source, read_request, sifted
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.dialing.use_cases import UseCase, check_duration
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.phones import Screen

MOST_ROWS = 10_000
"""Calls of one request. More come as an upload."""
LARGEST_UPLOAD = 100 * 1024 * 1024
INLINE = CsvBounds(largest=LARGEST_UPLOAD, most_rows=MOST_ROWS, with_more="; put a table of more as an upload")
FILE = CsvBounds(largest=LARGEST_UPLOAD)
UPLOAD = "upload:"
"""What a `csv_file` begins with that names an upload."""
UPLOAD_INVITED_FOR = timedelta(hours=1)
WRITTEN_AT_ONCE = 500
"""Calls that are written while their request waits. More are kept as rows, and written in the background."""
WRITING_TAKES = timedelta(milliseconds=4)
"""What the writing of one call takes at most, about: none is due before all are likely to be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRequest:
    """What is asked for, but for the rows. `rules` as they were sent; `max_retries`: None where it was not said."""

    organization_id: str
    use_case_id: str
    number_id: str
    name: str = ""
    staggered_interval_minutes: int = 0
    rules: tuple[RetryRule, ...] = ()
    max_retries: int | None = None
    max_duration_mins: int | None = None
    language: str | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    metadata: OwnMetadata = NO_METADATA
    duplicates: DuplicatePolicy = DuplicatePolicy.KEEP
    skips_bad_rows: bool = False
    upload_id: str | None = None
    encoding: CsvEncoding | None = None

    def check(self, flaw: Flaw) -> None:
        """Raises InvalidRequest where it asks for something that could not be kept."""
        check_interval(self.staggered_interval_minutes)
        check_rules(self.rules, self.retries, flaw)
        if self.max_duration_mins is not None:
            check_duration(self.max_duration_mins, "max_duration_mins")
        self.metadata.check()

    @property
    def rules_in_force(self) -> tuple[RetryRule, ...]:
        """The rules that were sent; the default one if only the number of retries was."""
        return self.rules or (DEFAULT_RULES if self.max_retries else ())

    @property
    def retries(self) -> int:
        """How often a call of it is dialled again at most."""
        if self.max_retries is not None:
            return self.max_retries
        return DEFAULT_RETRIES if self.rules else 0


def planner_of(
    request: CampaignRequest | Campaign, use_case: UseCase, now: datetime, zones_of: ZonesOf, turns: int = 0
) -> Planner:
    """Plans the calls of a request, or those that a campaign still gets."""
    return Planner(
        use_case,
        now=now,
        zones_of=zones_of,
        staggered_interval_minutes=request.staggered_interval_minutes,
        max_duration_mins=request.max_duration_mins,
        language=request.language,
        turns=turns,
    )


def campaign_of(request: CampaignRequest, campaign_id: str, at: datetime, starts: Sequence[datetime] = ()) -> Campaign:
    """The campaign that a request asks for, while its calls are being written. `starts`: when they are planned."""
    return Campaign(
        id=campaign_id,
        organization_id=request.organization_id,
        name=request.name or f"Campaign of {at:%Y-%m-%d %H:%M}",
        use_case_id=request.use_case_id,
        number_id=request.number_id,
        state=CampaignState.CREATING,
        staggered_interval_minutes=request.staggered_interval_minutes,
        rules=request.rules_in_force,
        max_retries=request.retries,
        max_duration_mins=request.max_duration_mins,
        language=request.language,
        overrides=request.overrides,
        metadata=request.metadata,
        duplicates=request.duplicates,
        first_at=min(starts, default=None),
        last_at=max(starts, default=None),
        created_at=at,
        updated_at=at,
    )


def planned(
    rows: Iterable[Row], planner: Planner, screen: Screen, refusals: Refusals, met: MetNumbers
) -> Iterator[PlannedCall]:
    """The calls of the good rows, in order, each with its moment. Bad ones go to the refusals.

    A row that is left out takes no turn: `met` is asked before the row is planned, and told once it is.
    """

    def plan(row: Row) -> PlannedCall | None:
        request = read_request(row, screen)
        if not met.admits(request):
            return None
        call = planner.plan(request)
        met.meet(request)
        return call

    return (call for call in sifted(rows, plan, refusals) if call is not None)


def counted(rows: Iterable[Row], most: int = MOST_ROWS) -> Iterator[Row]:
    """The rows, as long as they are not too many for one request. Raises InvalidRequest."""
    for number, row in enumerate(rows, start=1):
        if number > most:
            message = f"must be at most {most:,} calls in one request; put more of them as an upload"
            raise InvalidRequest.of_field(row.source.value, message, "too_many")
        yield row


def call_of(
    planned_call: PlannedCall, campaign: Campaign, number: Number, at: datetime, not_before: datetime
) -> DialCall:
    """A planned call of a campaign, as it is first kept. `not_before`: when all of them will have been written."""
    request = planned_call.request
    own = campaign.metadata.with_more(request.metadata)
    return DialCall(
        id=call_id_of(campaign.id, request),
        organization_id=campaign.organization_id,
        use_case_id=campaign.use_case_id,
        number_id=campaign.number_id,
        campaign_id=campaign.id,
        phone_number=request.phone_number,
        e164=request.e164,
        status=DialStatus.SCHEDULED,
        scheduled_at=planned_call.at,
        due_at=max(planned_call.at, not_before),
        has_own_time=request.day is not None,
        own_time=planned_call.own_time,
        max_duration_mins=planned_call.max_duration_mins,
        language=campaign.language,
        zones=planned_call.zones,
        params=request.params,
        metadata={
            "from": number.phone_number,
            "to": request.e164,
            "tags": list(own.tags),
            "custom": dict(own.custom),
        },
        rules=campaign.rules,
        max_retries=campaign.max_retries,
        created_at=at,
        updated_at=at,
    )


def call_id_of(campaign_id: str, request: CallRequest) -> str:
    """A UUID of version 7 with its campaign's time: the ids of a campaign's calls sort as their rows."""
    place = int(request.row.source is Source.CSV) << 20 | request.row.number
    digits = sha256(f"{campaign_id}\n{place}".encode()).hexdigest()
    time = campaign_id.replace("-", "")[:12]
    middle = 0x8000 | (place & 0x3FF) << 4 | int(digits[0], 16)
    return f"{time[:8]}-{time[8:]}-7{place >> 10:03x}-{middle:04x}-{digits[1:13]}"
