"""Agents' exceptions and do-not-disturb windows, as they travel."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel

from slotline.domain.booking.agent_time import DoNotDisturbWindow, ExceptionKind, ExceptionState, ScheduleException
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.intervals import Interval
from slotline.domain.shared.plain_json import plain
from slotline.http.core.fields import EndTime, Flag, Instant, OneLine, StartTime, Zone, refused
from slotline.http.core.models import Model, Moment, RequestBody
from slotline.http.core.paging import AskedPart
from slotline.http.core.parsing import parse

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _date(value: Any) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise refused("date", "must be a date such as 2026-05-01")
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise refused("date", "must be a date that exists, such as 2026-05-01") from error
    if not 1970 <= day.year < 2200:
        raise refused("date", "must be between the years 1970 and 2199")
    return day


Day = Annotated[
    date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date", "description": "2026-05-01"})
]


class NewExceptionBody(RequestBody):
    """The body of `POST agents/{agentId}/exceptions`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "blocked", "dateFrom": "2027-05-03", "dateTo": "2027-05-07", "label": "Leave"}]
        }
    )

    kind: Annotated[ExceptionKind, Field(description="Blocked beats everything; extra adds to the working hours")]
    date_from: Day
    date_to: Annotated[Day, Field(description="The last date, inclusive; up to 366 dates")]
    start: Annotated[StartTime, Field(description="On each date; HH:MM")] = "00:00"
    end: Annotated[EndTime, Field(description="On each date; HH:MM, 24:00 ends the day")] = "24:00"
    zone: Annotated[Zone | None, Field(description="Whose dates and clocks; left out: the app's")] = None
    label: OneLine | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start >= self.end:
            raise refused("end", "end must be after start: an exception is on each date from start to end")
        return self

    def to_exception(self) -> ScheduleException:
        """What the core is asked; the id, and a zone that was not said, come there."""
        return ScheduleException(
            id="",
            kind=self.kind,
            first=self.date_from,
            last=self.date_to,
            start=self.start,
            end=self.end,
            zone=self.zone or "",
            label=self.label,
        )


class NewDoNotDisturb(RequestBody):
    """The body of `POST agents/{agentId}/do-not-disturb`."""

    start_utc: Instant
    end_utc: Annotated[Instant, Field(description="Up to 31 days after startUtc")]
    label: OneLine | None = None
    notify: Annotated[
        Flag, Field(description="Send the guests of affected calls a conflict_notice, as the preset lists it")
    ] = False

    def to_window(self) -> DoNotDisturbWindow:
        """What the core is asked. Raises InvalidRequest where it ends before it starts."""
        if self.end_utc <= self.start_utc:
            raise InvalidRequest.of_field("endUtc", "must be after startUtc")
        return DoNotDisturbWindow(
            id="", interval=Interval(self.start_utc, self.end_utc), label=self.label, notify=self.notify
        )


def exception_of(fields: Mapping[str, object]) -> ScheduleException:
    """What such a body asks for, for a form. Raises InvalidRequest."""
    return parse(NewExceptionBody, fields).to_exception()


def window_of(fields: Mapping[str, object]) -> DoNotDisturbWindow:
    """Likewise."""
    return parse(NewDoNotDisturb, fields).to_window()


class WindowsAsked(AskedPart):
    """The query of `GET do-not-disturb`."""

    model_config = ConfigDict(alias_generator=to_camel)

    from_utc: Annotated[Instant | None, Field(description="Windows that end after it; left out: now")] = None
    to_utc: Annotated[Instant | None, Field(description="Windows that start before it; left out: two years on")] = None

    def bounds(self, now: datetime) -> tuple[datetime, datetime | None]:
        """From when, to when. Raises InvalidRequest where the one is not before the other."""
        start = self.from_utc or now
        if self.to_utc is not None and self.to_utc <= start:
            raise InvalidRequest.of_field("toUtc", "must be after fromUtc, which is now where it is left out")
        return start, self.to_utc


def place_of_exception(exception: ScheduleException) -> str:
    """What a list of exceptions is sorted by: the first date."""
    return f"{exception.first.isoformat()} {exception.id}"


def place_of_window(window: DoNotDisturbWindow) -> str:
    """What a list of windows is sorted by: the start."""
    return f"{format_instant(window.interval.start)} {window.id}"


class ExceptionView(Model):
    """An exception. `state`: a long block is `applying` until all its days are written, and may be `removing`."""

    id: str
    kind: ExceptionKind
    date_from: str
    date_to: str
    start: str
    end: str
    zone: str
    label: str | None
    state: ExceptionState

    @classmethod
    def of(cls, exception: ScheduleException) -> Self:
        """The view of an exception."""
        return cls.of_fields(plain(exception))

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """The view of an exception as plain JSON."""
        return cls.model_validate({**fields, "date_from": fields["first"], "date_to": fields["last"]})


class DoNotDisturbView(Model):
    """A do-not-disturb window. `notify`: that the guests of affected calls be told was asked for."""

    id: str
    start_utc: Moment
    end_utc: Moment
    label: str | None
    notify: bool

    @classmethod
    def of(cls, window: DoNotDisturbWindow) -> Self:
        """The view of a window."""
        return cls.of_fields(plain(window))

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """The view of a window as plain JSON."""
        interval = fields["interval"]
        return cls.model_validate({**fields, "start_utc": interval["start"], "end_utc": interval["end"]})


class AffectedCallView(Model):
    """A call in the blocked time."""

    id: str
    scheduled_at: Moment


class AffectsView(Model):
    """The calls in the blocked time. They stay. All are counted, the first 500 are listed."""

    count: int
    calls: list[AffectedCallView]


class ExceptionData(Model):
    """`data` of an answer with one exception."""

    exception: ExceptionView


class ExceptionsData(Model):
    """`data` of an answer with an agent's exceptions."""

    exceptions: list[ExceptionView]


class AddedExceptionData(Model):
    """`data` of the answer to a new exception."""

    exception: ExceptionView
    affects: AffectsView

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> Self:
        """What the core answered."""
        return cls(exception=ExceptionView.of_fields(result["exception"]), affects=result["affects"])


class DoNotDisturbData(Model):
    """`data` of an answer with one do-not-disturb window."""

    do_not_disturb: DoNotDisturbView


class DoNotDisturbListData(Model):
    """`data` of an answer with an agent's do-not-disturb windows."""

    do_not_disturb: list[DoNotDisturbView]


class AddedDoNotDisturbData(Model):
    """`data` of the answer to a new do-not-disturb window."""

    do_not_disturb: DoNotDisturbView
    affects: AffectsView

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> Self:
        """What the core answered."""
        return cls(do_not_disturb=DoNotDisturbView.of_fields(result["window"]), affects=result["affects"])
