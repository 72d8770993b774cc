"""Use cases: what calls of one kind are for, and the rules and hours they keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from slotline.domain.dialing.hooks import Hook
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.phones import Screen, as_compared, to_e164
from slotline.domain.shared.working_hours import Window, overlapping
from slotline.domain.shared.zones import zone

LONGEST_CALL_MINUTES = 240
DEFAULT_CALL_MINUTES = 10
MOST_CLOSED_DATES = 366
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class AmdBehavior(StrEnum):
    """What happens where an answering machine picks up."""

    HANGUP = "Hangup"
    CONTINUE = "Continue"
    LEAVE_MESSAGE = "Leave message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """One thing that is read out of a conversation."""

    name: str
    description: str = ""
    type: str = "string"
    example: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationTag:
    """One tag that a conversation may be given."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLabel:
    """A label with its colour."""

    name: str
    color: str = "slate"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayWindow:
    """From `start` to `end` on a weekday of `detailed_work_hours`: `HH:MM`, or `24:00` for the day's end."""

    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCase:
    """What calls of one kind are for, and the rules they keep.

    `detailed_work_hours` has windows by weekday, `{"monday": [{"start": "09:00", "end": "17:00"}], …}`; a weekday that
    is not there is closed. They rule where `enable_detailed_work_hours` says so; else `work_start` and `work_end` do,
    on every day. Both are on the clocks of `timezone`. Without either, calls go out around the clock as far as the
    hours of those who are called allow: `callee_start` to `callee_end` on their own clocks; `00:00` to `24:00` is no
    limit. None goes out on one of its `closed_dates`, which are days of `timezone`.
    """

    id: str
    organization_id: str
    name: str
    timezone: str = "UTC"
    transfer_number: str | None = None
    extract_with_ai: tuple[Extraction, ...] = ()
    classification_tags: tuple[ClassificationTag, ...] = ()
    language: str = "en-US"
    detailed_work_hours: Mapping[str, tuple[DayWindow, ...]] = field(default_factory=dict)
    enable_detailed_work_hours: bool = False
    work_start: str | None = None
    work_end: str | None = None
    callee_start: str = "08:00"
    callee_end: str = "21:00"
    closed_dates: tuple[date, ...] = ()
    generic_after_hours_message: str | None = None
    keywords: tuple[str, ...] = ()
    hooks: tuple[Hook, ...] = ()
    params: Mapping[str, object] = field(default_factory=dict)
    amd: bool = False
    amd_behavior: AmdBehavior = AmdBehavior.HANGUP
    amd_messages: Mapping[str, str] = field(default_factory=dict)
    sample_labels: tuple[SampleLabel, ...] = ()
    hidden: bool = False
    evaluation_models: tuple[str, ...] = ()
    max_duration_mins: int = DEFAULT_CALL_MINUTES
    recorded_message_inbound: bool = False
    recorded_message_outbound: bool = False
    show_original_caller_id: bool = False
    disable_end_call_after_n_reminders: bool = False
    model: str | None = None
    revision: int = 1
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def work_windows(self) -> tuple[Window, ...]:
        """When its calls may go out, by its own hours; empty where it keeps none."""
        if self.enable_detailed_work_hours:
            return tuple(
                Window(weekday=WEEKDAYS.index(day), start=window.start, end=window.end, zone=self.timezone)
                for day, windows in self.detailed_work_hours.items()
                for window in windows
            )
        if self.work_start is None or self.work_end is None:
            return ()
        return daily(self.work_start, self.work_end, self.timezone)

    def machine_tag(self, language: str) -> str | None:
        """The tag under which it has a message for machines in this language; None if it has none.

        Tags of languages are compared without regard to case (RFC 5646, section 2.1.1).
        """
        written = (tag for tag, message in self.amd_messages.items() if message.strip())
        return next((tag for tag in written if tag.casefold() == language.casefold()), None)

    def check(self) -> None:
        """Raises InvalidRequest where its rules cannot be kept."""
        zone(self.timezone, "timezone")
        check_duration(self.max_duration_mins, "max_duration_mins")
        if self.transfer_number is not None:
            to_e164(self.transfer_number, "transfer_number")
        if (self.work_start is None) != (self.work_end is None):
            missing = "work_start" if self.work_start is None else "work_end"
            raise InvalidRequest.of_field(missing, "work_start and work_end go together", "required")
        if self.work_start is not None and self.work_end is not None:
            _check_day("work_start", self.work_start, "work_end", self.work_end)
        _check_day("callee_start", self.callee_start, "callee_end", self.callee_end)
        self._check_detailed()
        if len(self.closed_dates) > MOST_CLOSED_DATES:
            raise InvalidRequest.of_field("closed_dates", f"must be at most {MOST_CLOSED_DATES} dates", "too_many")
        if self.amd_behavior is AmdBehavior.LEAVE_MESSAGE and not self.machine_tag(self.language):
            raise InvalidRequest.of_field(
                "amd_messages", f"must have a message in {self.language}, to be left on answering machines", "required"
            )

    def _check_detailed(self) -> None:
        if unknown := self.detailed_work_hours.keys() - set(WEEKDAYS):
            raise InvalidRequest.of_field(
                f"detailed_work_hours.{min(unknown)}", f"must be one of {', '.join(WEEKDAYS)}", "weekday"
            )
        for day, windows in self.detailed_work_hours.items():
            for n, window in enumerate(windows):
                place = f"detailed_work_hours.{day}[{n}]"
                _check_day(f"{place}.start", window.start, f"{place}.end", window.end)
            day_windows = [Window(weekday=0, start=w.start, end=w.end, zone=self.timezone) for w in windows]
            if pair := overlapping(day_windows):
                raise InvalidRequest.of_field(
                    f"detailed_work_hours.{day}[{pair[1]}]", f"overlaps window {pair[0]} of that day", "overlap"
                )
        if self.enable_detailed_work_hours and not any(self.detailed_work_hours.values()):
            raise InvalidRequest.of_field(
                "detailed_work_hours", "must have a window: none of its calls would ever go out", "required"
            )


def with_transfers_screened(use_case: UseCase, screen: Screen) -> UseCase:
    """The use case as its calls are put through: to its number in E.164, or to nobody if nobody dials that number."""
    if use_case.transfer_number is None:
        return use_case
    number = as_compared(use_case.transfer_number)
    return replace(use_case, transfer_number=None if screen(number) else number)


def daily(start: str, end: str, zone_name: str) -> tuple[Window, ...]:
    """The same hours on every day of the week."""
    return tuple(Window(weekday=day, start=start, end=end, zone=zone_name) for day in range(7))


def check_duration(minutes: int, field_name: str) -> None:
    """Raises InvalidRequest where no carrier would hold a call that long, or it would have no time at all."""
    if not 1 <= minutes <= LONGEST_CALL_MINUTES:
        raise InvalidRequest.of_field(field_name, f"must be 1 to {LONGEST_CALL_MINUTES} minutes", "range")


def _check_day(start_field: str, start: str, end_field: str, end: str) -> None:
    """Raises InvalidRequest, with these names, where it is no window of a day."""
    try:
        Window(weekday=0, start=start, end=end, zone="UTC").check("day")
    except InvalidRequest as error:
        (detail,) = error.details
        name = end_field if detail.field == "day.end" else start_field
        raise InvalidRequest.of_field(name, detail.message, detail.code) from error
