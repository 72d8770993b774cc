"""Campaigns and calls as they are read."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Self

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import BeforeValidator, Field, RootModel

from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.call_lists import BEGINNING, END, DialQuery, days_around
from slotline.domain.dialing.calls import DialCall, DialPosition
from slotline.domain.dialing.imports import Import
from slotline.domain.dialing.own_metadata import BETWEEN_TAGS, CUSTOM, TAGS
from slotline.domain.dialing.progress import Progress
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.shared.csv_lines import csv_line
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.domain.shared.plain_json import plain
from slotline.http.core.carried import LARGEST_CARRIED, carried
from slotline.http.core.fields import Instant
from slotline.http.core.models import Model, Moment
from slotline.http.core.paging import AskedCounted, AskedPage, no_cursor
from slotline.http.core.queries import BY_COMMAS
from slotline.http.dialing.views import CampaignView, DialCallView, DuplicateView, RowFault

MOST_EXPORTED = 5_000

CampaignInPath = Annotated[str, Path(description="The campaign")]
DialCallInPath = Annotated[str, Path(description="The call")]


def _status(value: object) -> object:
    """A status as the API spells it, however its sender did."""
    return (DialStatus.named(value) or value) if isinstance(value, str) else value


class AskedCalls(AskedCounted):
    """The query of `GET calls`."""

    campaign_id: Annotated[str, Field(description="The calls of one campaign, whenever they are", max_length=100)] = ""
    number_id: Annotated[str, Field(description="The calls from one number", max_length=100)] = ""
    status: Annotated[list[Annotated[DialStatus, BeforeValidator(_status)]], BY_COMMAS] = Field(
        default_factory=list,
        max_length=len(DialStatus),
        description="Those in one of these",
    )
    date_from: Annotated[
        Instant | None, Field(description="Planned at or after; if no campaign is asked for, the UTC day 31 days ago")
    ] = None
    date_to: Annotated[
        Instant | None, Field(description="Planned before; if no campaign is asked for, the UTC day in 32 days")
    ] = None

    def to_query(self, organization_id: str, now: datetime) -> DialQuery:
        """What the core is asked."""
        since, until = (BEGINNING, END) if self.campaign_id else days_around(now)
        return DialQuery(
            organization_id=organization_id,
            since=self.date_from or since,
            until=self.date_to or until,
            campaign_id=self.campaign_id or None,
            number_id=self.number_id or None,
            statuses=frozenset(self.status),
            limit=self.limit,
            after=position_at(self.after) if self.after else None,
        )


class AskedExport(AskedPage):
    """The query of `GET campaigns/{campaign_id}/export.csv`."""

    limit: Annotated[int, Field(ge=1, le=MOST_EXPORTED)] = MOST_EXPORTED


class Table(RootModel[str]):
    """CSV (RFC 4180)."""


class DialAttemptView(Model):
    """One try to reach somebody."""

    number: int
    status: DialStatus
    carrier: str
    carrier_call_id: str | None
    answered_by: str | None
    reason: str | None
    claimed_at: Moment
    ended_at: Moment | None

    @classmethod
    def of(cls, attempt: DialAttempt) -> Self:
        """The view of an attempt."""
        return cls.model_validate(plain(attempt))


class DialCallData(Model):
    """`data` of an answer with one call and its attempts."""

    call: DialCallView
    attempts: list[DialAttemptView]


class DialCallOnly(Model):
    """`data` of an answer with one call."""

    call: DialCallView


class DialCallsData(Model):
    """`data` of an answer with calls."""

    calls: list[DialCallView]


class ImportView(Model):
    """How far the import of a file has come. `rows`: the last row that is done with; the header is row 1."""

    state: str
    rows: int
    created: int
    refused: int
    errors: list[RowFault]
    duplicates: list[DuplicateView] = Field(
        description="Numbers that have come more than once so far, up to 50 of them"
    )
    total_duplicates: int

    @classmethod
    def of(cls, imported: Import) -> Self:
        """The view of an import."""
        return cls(
            state=imported.state.value,
            rows=imported.row,
            created=imported.created,
            refused=imported.refused,
            errors=[RowFault.of(fault) for fault in imported.faults],
            duplicates=[DuplicateView.of(found) for found in imported.duplicates.listed],
            total_duplicates=imported.duplicates.total,
        )


class ProgressView(Model):
    """How far a campaign has come, as it was some seconds ago.

    `by_status` and `over` may be null until the operator has counted calls from before there were counters.
    """

    calls: int
    by_status: dict[str, int] | None
    over: int | None


class CampaignData(Model):
    """`data` of an answer with one campaign and its progress."""

    campaign: CampaignView
    progress: ProgressView
    imported: ImportView | None = Field(serialization_alias="import")

    @classmethod
    def of(cls, found: Progress) -> Self:
        """The view of a campaign's progress."""
        by_status = found.by_status
        progress = ProgressView(
            calls=found.calls,
            by_status=None if by_status is None else {status.value: count for status, count in by_status.items()},
            over=found.over,
        )
        imported = ImportView.of(found.imported) if found.imported else None
        return cls(campaign=CampaignView.of(found.campaign), progress=progress, imported=imported)


class CampaignOnly(Model):
    """`data` of an answer with one campaign."""

    campaign: CampaignView


class CampaignsData(Model):
    """`data` of an answer with campaigns."""

    campaigns: list[CampaignView]


def place_of(position: DialPosition) -> str:
    """A place in a list as a cursor holds it."""
    return f"{format_instant(position.scheduled_at)} {position.call_id}"


def position_at(place: str) -> DialPosition:
    """The place that a cursor holds. Raises InvalidRequest."""
    at, _, call_id = place.partition(" ")
    try:
        return DialPosition(scheduled_at=parse_instant(at), call_id=call_id)
    except ValueError as error:
        raise no_cursor() from error


COLUMNS = ("id", "phone_number", "status", "reason", "attempts", "scheduled_at", "last_attempt_at")
"""What every exported call has. Its row's own columns follow: a name that is taken is written `params.NAME` there."""


def export_of(calls: Sequence[DialCall]) -> tuple[str, int]:
    """Calls as CSV with their rows' own columns, and how many of them it holds: as many as an answer carries."""
    own = _own_columns(calls)
    lines = [csv_line([*COLUMNS, *own])]
    size = carried(lines[0])
    for call in calls:
        line = csv_line([*_cells(call), *(cell_of(call) for cell_of in own.values())])
        size += carried(line)
        if size > LARGEST_CARRIED and len(lines) > 1:
            break
        lines.append(line)
    return "".join(lines), len(lines) - 1


def _own_columns(calls: Sequence[DialCall]) -> Mapping[str, Callable[[DialCall], object]]:
    """What their rows had, by the columns' names, as far as any of them had it: results are joined by it."""
    columns: dict[str, Callable[[DialCall], object]] = {}
    if any(call.phone_number != call.e164 for call in calls):
        columns["phone_number_given"] = lambda call: call.phone_number
    names = dict.fromkeys(name for call in calls for name in call.params)
    for name in names:
        column = name
        while column in COLUMNS or column in columns or (column != name and column in names):
            column = f"params.{column}"
        columns[column] = partial(_param_of, name)
    if any(call.metadata.get("tags") for call in calls):
        columns[TAGS] = _tags_of
    for name in dict.fromkeys(name for call in calls for name in _custom_of(call)):
        columns[f"{CUSTOM}.{name}"] = partial(_custom_text_of, name)
    return columns


def _cells(call: DialCall) -> list[object]:
    last = format_instant(call.attempted_at[-1]) if call.attempted_at else None
    return [
        call.id,
        call.e164,
        call.status.value,
        call.reason,
        call.attempts,
        format_instant(call.scheduled_at),
        last,
    ]


def _param_of(name: str, call: DialCall) -> object:
    return call.params.get(name)


def _custom_of(call: DialCall) -> Mapping[str, object]:
    found = call.metadata.get("custom")
    return found if isinstance(found, Mapping) else {}


def _custom_text_of(name: str, call: DialCall) -> object:
    return _custom_of(call).get(name)


def _tags_of(call: DialCall) -> object:
    found = call.metadata.get("tags")
    return BETWEEN_TAGS.join(found) if isinstance(found, list) else None
