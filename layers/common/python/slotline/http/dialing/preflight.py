"""What a campaign would be like, asked and shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from slotline.domain.dialing.barred import BarredRow
from slotline.domain.dialing.duplicates import Duplicates
from slotline.domain.dialing.planning import Preflight
from slotline.domain.dialing.use_cases import LONGEST_CALL_MINUTES
from slotline.domain.shared.errors import Detail
from slotline.domain.shared.instants import format_instant
from slotline.http.core.fields import WholeNumber
from slotline.http.core.models import Model, Moment
from slotline.http.dialing.requests import CampaignBody
from slotline.http.dialing.views import UNFILLED, WARNINGS, DuplicateView, RowFault, Warned

MOST_SHOWN = 1_000


class PreflightBody(CampaignBody):
    """The body of `POST dial/preflight`: what `POST dial/scheduled` would be sent."""

    typical_call_seconds: Annotated[WholeNumber, Field(ge=1, le=LONGEST_CALL_MINUTES * 60)] = Field(
        default=120, description="How long a call is taken to last"
    )


class Repeat(Model):
    """A number that comes more than once, with the positions of its calls, counted from 1."""

    phone_number: str
    positions: list[int]


class PlannedStart(Model):
    """When a call would go out. `starts_at` is null where it would not within a year."""

    position: int
    phone_number: str
    asked_at: Moment
    starts_at: Moment | None


class BarredRowView(Model):
    """A row that reaches nobody: its number is never dialled, on the do-not-call list, or in no numbering plan."""

    source: str
    row: int
    phone_number: str
    reason: Literal[
        "emergency_number",
        "premium_number",
        "satellite_number",
        "shared_cost_number",
        "do_not_call",
        "impossible_number",
    ]

    @classmethod
    def of(cls, barred: BarredRow) -> Self:
        """The view of a barred row."""
        return cls.model_validate(
            {
                "source": barred.place.source.value,
                "row": barred.place.row,
                "phone_number": barred.phone_number,
                "reason": barred.reason,
            }
        )


class PreflightView(Model):
    """What a campaign would be like. `planned` has the first thousand calls."""

    calls: int
    refused: int
    errors: list[RowFault]
    repeats: list[Repeat]
    duplicates: list[DuplicateView] = Field(description="The same by their rows, up to 50 of them, dialled or not")
    total_duplicates: int
    barred: list[BarredRowView] = Field(description="Rows that reach nobody, the first thousand of them")
    total_barred: int
    late: int
    first_at: Moment | None
    last_at: Moment | None
    ends_at: Moment | None
    takes_minutes: float
    planned: list[PlannedStart]
    unfilled_placeholders: list[str] = Field(description=UNFILLED)
    warnings: list[Warned] = Field(description=WARNINGS)

    @classmethod
    def of(
        cls,
        found: Preflight,
        calls: Sequence[Any],
        *,
        refused_rows: int,
        faults: Sequence[Detail],
        duplicates: Duplicates,
        barred: Sequence[BarredRow],
        unfilled: Sequence[str],
        warnings: Sequence[Detail],
    ) -> Self:
        """The view of a preflight. `calls`: the planned ones, in order."""
        starts = zip(calls[:MOST_SHOWN], found.starts, strict=False)
        return cls(
            calls=found.calls,
            refused=refused_rows,
            errors=[RowFault.of(fault) for fault in faults],
            repeats=[
                Repeat(phone_number=number, positions=[place + 1 for place in places])
                for number, places in found.repeats.items()
            ][:MOST_SHOWN],
            duplicates=[DuplicateView.of(one) for one in duplicates.listed],
            total_duplicates=duplicates.total,
            barred=[BarredRowView.of(row) for row in barred[:MOST_SHOWN]],
            total_barred=len(barred),
            late=found.late,
            first_at=_moment(found.first_at),
            last_at=_moment(found.last_at),
            ends_at=_moment(found.ends_at),
            takes_minutes=round(found.takes.total_seconds() / 60, 1),
            planned=[
                PlannedStart(
                    position=position,
                    phone_number=call.request.phone_number,
                    asked_at=format_instant(call.asked_at),
                    starts_at=_moment(at),
                )
                for position, (call, at) in enumerate(starts, start=1)
            ],
            unfilled_placeholders=list(unfilled),
            warnings=[Warned.of(warning) for warning in warnings],
        )


def _moment(at: datetime | None) -> str | None:
    return format_instant(at) if at else None
