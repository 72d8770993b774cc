"""Scheduled dialing: use cases and their settings, numbers to call from, campaigns, calls, and attempts at them.

The rule guarded here: what a carrier reports about an attempt moves it forward or not at all. Reports come twice, late
and in any order, and an attempt that is over stays as it ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.errors import CampaignIsFinal, Conflict, Detail, InvalidRequest
from slotline.domain.phones import to_e164
from slotline.domain.working_hours import Window, overlapping
from slotline.domain.zones import zone

LONGEST_CALL_MINUTES = 240
DEFAULT_CALL_MINUTES = 10
FASTEST = 100
"""Calls per second of one number: more than any carrier grants one."""
MOST_LINES = 1_000
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class DialStatus(StrEnum):
    """Where a call to be dialled, or an attempt at it, is. Unknown: the carrier was asked and its answer was lost."""

    SCHEDULED = "Scheduled"
    QUEUED = "Queued"
    INITIATED = "Initiated"
    RINGING = "Ringing"
    IN_PROGRESS = "In progress"
    TRANSFERRED = "Transferred"
    COMPLETED = "Completed"
    AMD_TERMINATED = "AMD Terminated"
    BUSY = "Busy"
    NO_ANSWER = "No answer"
    CANCELED = "Canceled"
    FAILED = "Failed"
    UNKNOWN = "Unknown"

    @property
    def is_final(self) -> bool:
        """True where an attempt with it is over. Unknown is not: the carrier can still be asked."""
        return self in FINAL

    @property
    def is_retriable(self) -> bool:
        """True where nobody was reached and dialling again may help. Never Unknown: the phone may have rung."""
        return self in RETRIABLE

    def after(self, reported: "DialStatus") -> "DialStatus":
        """The status after a report: the reported one where that is later in a call's life, else this one.

        What is final stays. Anything a carrier knows about a call replaces Unknown; Unknown replaces only what came
        before the carrier was asked.
        """
        return reported if _PLACE[reported] > _PLACE[self] else self


RETRIABLE = frozenset({DialStatus.AMD_TERMINATED, DialStatus.BUSY, DialStatus.NO_ANSWER, DialStatus.FAILED})
UNSUCCESSFUL = RETRIABLE | {DialStatus.CANCELED}
FINAL = UNSUCCESSFUL | {DialStatus.COMPLETED}

_PLACE = {
    DialStatus.SCHEDULED: 0,
    DialStatus.QUEUED: 1,
    DialStatus.UNKNOWN: 2,
    DialStatus.INITIATED: 3,
    DialStatus.RINGING: 4,
    DialStatus.IN_PROGRESS: 5,
    DialStatus.TRANSFERRED: 6,
    **dict.fromkeys(FINAL, 7),
}
"""The order of a call's life. Reports are applied only upwards, so the first final one stays."""


class AmdBehavior(StrEnum):
    """What happens where an answering machine picks up."""

    HANGUP = "Hangup"
    CONTINUE = "Continue"
    LEAVE_MESSAGE = "Leave message"


class CarrierName(StrEnum):
    """Who places the calls of a number."""

    TWILIO = "twilio"
    CONNECT = "connect"
    SIMULATED = "simulated"


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
class Hook:
    """An address that is told about calls, and the headers it is told with, in order."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()


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
    limit.
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
        if self.amd_behavior is AmdBehavior.LEAVE_MESSAGE and not self.amd_messages.get(self.language, "").strip():
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number to call from: how many calls it may start a second, and how many it may hold at once."""

    id: str
    organization_id: str
    phone_number: str
    carrier: CarrierName
    name: str | None = None
    calls_per_second: int = 1
    lines: int = 10
    revision: int = 1
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def check(self) -> None:
        """Raises InvalidRequest where no calls could be placed from it. `phone_number` is kept in E.164."""
        to_e164(self.phone_number, "phone_number")
        if not 1 <= self.calls_per_second <= FASTEST:
            raise InvalidRequest.of_field("calls_per_second", f"must be 1 to {FASTEST}", "range")
        if not 1 <= self.lines <= MOST_LINES:
            raise InvalidRequest.of_field("lines", f"must be 1 to {MOST_LINES}", "range")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoNotCallEntry:
    """A number that its organization does not call. `reason`: in its sender's words."""

    e164: str
    reason: str | None = None
    listed_at: datetime


class CampaignState(StrEnum):
    """What becomes of a campaign's calls. Nothing leaves Completed and Canceled.

    Creating: not all of its calls are written yet, and none is dialled before they are.
    """

    CREATING = "creating"
    IMPORTING = "importing"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELED = "canceled"

    @property
    def places_calls(self) -> bool:
        """True where calls that are due are dialled. The first calls of an import need not wait for its last."""
        return self in (CampaignState.IMPORTING, CampaignState.RUNNING)


_MOVES = {
    CampaignState.CREATING: {CampaignState.IMPORTING, CampaignState.RUNNING, CampaignState.CANCELED},
    CampaignState.IMPORTING: {CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.CANCELED},
    CampaignState.RUNNING: {CampaignState.PAUSED, CampaignState.COMPLETED, CampaignState.CANCELED},
    CampaignState.PAUSED: {CampaignState.RUNNING, CampaignState.CANCELED},
    CampaignState.COMPLETED: set[CampaignState](),
    CampaignState.CANCELED: set[CampaignState](),
}


FIRST_WALK_AFTER = timedelta(minutes=1)
"""How soon it is looked into whether all calls of a campaign that runs are over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRule:
    """After which outcomes a call is dialled again, and how soon.

    `query` is a JMESPath condition over the call, or a list of statuses with commas. `retry_period` is in minutes from
    the end of the last attempt. `max_retry_per_day` counts all retries of a call on one day of the callee; None: no
    limit but the call's `max_retries`.
    """

    query: str
    retry_period: int
    max_retry_per_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DialPosition:
    """Where a list stands: after the call with this `scheduled_at` and id."""

    scheduled_at: datetime
    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """How far a walk has come. `seen`: how many calls it has left behind; `after`: where it stands."""

    began_at: datetime
    seen: int = 0
    after: DialPosition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Calls that were asked for together. `rules` and `max_retries` are those of all its calls.

    `calls`: how many it was created with; those of its import are counted there. `first_at` and `last_at`: between
    them, both included, lies every call's `scheduled_at`. `due_at`: when a walk through its calls goes on, to bring it
    to its end; `walk`: how far it has come.
    """

    id: str
    organization_id: str
    name: str
    use_case_id: str
    number_id: str
    state: CampaignState
    staggered_interval_minutes: int = 0
    rules: tuple[RetryRule, ...] = ()
    max_retries: int = 0
    max_duration_mins: int | None = None
    language: str | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    """The seed's `assistant_id`, `voice_id`, `model`, `prompt_id`, `agent_id` and `model_id`, where they were given."""
    calls: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    due_at: datetime | None = None
    walk: Walk | None = None
    revision: int = 1
    created_at: datetime
    updated_at: datetime

    def covering(self, calls: "Sequence[DialCall]") -> "Campaign":
        """The campaign with the times of these calls between its first and its last; itself where they are already."""
        times = [*(at for at in (self.first_at, self.last_at) if at), *(call.scheduled_at for call in calls)]
        covered = replace(self, first_at=min(times, default=None), last_at=max(times, default=None))
        return self if covered == self else replace(covered, revision=self.revision + 1)

    def moved_to(self, state: CampaignState, at: datetime) -> "Campaign":
        """The campaign in that state; itself where it is there already. Raises CampaignIsFinal, or Conflict."""
        if state is self.state:
            return self
        if not _MOVES[self.state]:
            raise CampaignIsFinal(f"The campaign is {self.state}; it does not change any more.")
        if state not in _MOVES[self.state]:
            message = f"A campaign that is {self.state} cannot be {state}."
            raise Conflict(message, [Detail(message, "campaign_state", "state")])
        return replace(
            self,
            state=state,
            due_at=_walked_from(state, at),
            walk=self.walk if _MOVES[state] else None,
            revision=self.revision + 1,
            updated_at=at,
        )

    def walked(self, walk: Walk | None, due_at: datetime | None) -> "Campaign":
        """The campaign with so much of its walk done, which goes on then."""
        return replace(self, walk=walk, due_at=due_at, revision=self.revision + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DialAttempt:
    """One try to reach somebody: the phone rings at most once for it.

    `number` counts the attempts of a call from 1. `carrier_call_id` is the carrier's own name of the call, known once
    the carrier has answered. `lookups`: how often the carrier was asked what became of it. `reason`: why it ended, in a
    word, where its status does not say it.
    """

    call_id: str
    number: int
    status: DialStatus
    carrier: CarrierName
    claimed_at: datetime
    updated_at: datetime
    carrier_call_id: str | None = None
    answered_by: str | None = None
    ended_at: datetime | None = None
    lookups: int = 0
    reason: str | None = None

    def reported(
        self, status: DialStatus, at: datetime, *, carrier_call_id: str | None = None, answered_by: str | None = None
    ) -> "DialAttempt":
        """The attempt after a report; itself, equal in all, where the report says nothing new."""
        after = self.status.after(status)
        known = replace(
            self,
            status=after,
            carrier_call_id=self.carrier_call_id or carrier_call_id,
            answered_by=self.answered_by or answered_by,
            ended_at=self.ended_at or (at if after.is_final else None),
        )
        return self if known == self else replace(known, updated_at=max(at, self.updated_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class DialCall:
    """One call to be dialled, with all its attempts. `revision` counts its changes and is its optimistic lock.

    `phone_number` as it was given, `e164` as it is dialled. `zones`: where the callee may be; none, where nobody knows.
    `attempted_at`: when each attempt was claimed, in order, but for the `withdrawn` ones: those never reached a phone,
    and no rule counts them. `due_at`: when it acts next, by an attempt or by asking the carrier about one that is under
    way; a call that is not over always has one. `status` and `carrier_call_id` are those of the last attempt;
    `last_outcome` is that of the last one that counted. `reason`: why it waits or why it ended, in a word.
    `called_off`: no further attempt follows. `rules` and `max_retries` are its campaign's, and do not change.
    """

    id: str
    organization_id: str
    use_case_id: str
    number_id: str
    phone_number: str
    e164: str
    status: DialStatus
    scheduled_at: datetime
    max_duration_mins: int
    campaign_id: str | None = None
    language: str | None = None
    zones: tuple[str, ...] = ()
    params: Mapping[str, object] = field(default_factory=dict)
    metadata: Mapping[str, object] = field(default_factory=dict)
    rules: tuple[RetryRule, ...] = ()
    max_retries: int = 0
    due_at: datetime | None = None
    attempted_at: tuple[datetime, ...] = ()
    withdrawn: int = 0
    last_outcome: DialStatus | None = None
    called_off: bool = False
    carrier_call_id: str | None = None
    reason: str | None = None
    revision: int = 1
    created_at: datetime
    updated_at: datetime

    @property
    def attempts(self) -> int:
        """How many attempts have been made, those that were withdrawn apart."""
        return len(self.attempted_at)

    @property
    def last_attempt(self) -> int:
        """The number of the last attempt, withdrawn ones counted; 0 before the first."""
        return self.attempts + self.withdrawn

    @property
    def is_under_way(self) -> bool:
        """True from the claim of an attempt to its end."""
        return not self.status.is_final and self.status is not DialStatus.SCHEDULED

    @property
    def is_over(self) -> bool:
        """True once nothing more will be done about it."""
        return self.due_at is None


def _walked_from(state: CampaignState, at: datetime) -> datetime | None:
    """When the calls of a campaign are walked through that has come to this state; None: as long as it stays, never."""
    if state is CampaignState.CANCELED:
        return at
    return at + FIRST_WALK_AFTER if state is CampaignState.RUNNING else None


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
