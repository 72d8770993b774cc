"""Calls to be dialled."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from slotline.domain.dialing.own_times import OwnTime
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.dialing.statuses import DialStatus


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DialPosition:
    """Where a list stands: after the call with this `scheduled_at` and id."""

    scheduled_at: datetime
    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Not now: the call is due again at this moment."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """Not at all: the call ends, with this status."""

    reason: str
    status: DialStatus = DialStatus.CANCELED


@dataclass(frozen=True, slots=True, kw_only=True)
class DialCall:
    """One call to be dialled, with all its attempts. `revision` counts its changes and is its optimistic lock.

    `phone_number` as it was given, `e164` as it is dialled. `zones`: where the callee may be; none if nobody knows.
    `attempted_at`: when each attempt was claimed, in order, but for the `withdrawn` ones: those never reached a phone,
    and no rule counts them. `due_at`: when it acts next, by an attempt or by asking the carrier about one that is under
    way; a call that is not over always has one. `status` and `carrier_call_id` are those of the last attempt;
    `last_outcome` is that of the last one that counted. `reason`: why it waits or why it ended, in a word.
    `is_called_off`: no further attempt follows. `has_own_time`: its date was asked for; `own_time`: as
    which wall time, None of older calls. `rules` and `max_retries` are its campaign's, and do not change.
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
    is_called_off: bool = False
    has_own_time: bool = False
    own_time: OwnTime | None = None
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
    def calls_from(self) -> str:
        """The number that it is dialled from, in E.164."""
        return str(self.metadata.get("from", ""))

    @property
    def is_undialled(self) -> bool:
        """True until its first attempt is claimed, and again if that came to nothing."""
        return self.status is DialStatus.SCHEDULED

    @property
    def is_under_way(self) -> bool:
        """True from the claim of an attempt to its end."""
        return not self.status.is_final and self.status is not DialStatus.SCHEDULED

    @property
    def is_over(self) -> bool:
        """True once nothing more will be done about it."""
        return self.due_at is None

    def revised(self, now: datetime) -> "DialCall":
        """Its next revision: what has changed about it is written as that, or not at all."""
        return replace(self, revision=self.revision + 1, updated_at=now)

    def put_off(self, later: Later, now: datetime) -> "DialCall":
        """Due again later."""
        return replace(self, due_at=later.at, reason=later.reason).revised(now)

    def ended(self, over: Over, now: datetime) -> "DialCall":
        """Over without another attempt."""
        return replace(self, status=over.status, due_at=None, reason=over.reason).revised(now)

    def called_off(self, now: datetime, reason: str = "called_off") -> "DialCall":
        """Without any further attempt: over at once, or once the attempt that is under way has ended.

        Itself if nothing changes: it is over, or somebody called it off before.
        """
        if self.is_over or self.is_called_off:
            return self
        off = replace(self, is_called_off=True)
        return off.revised(now) if self.is_under_way else off.ended(Over(reason=reason), now)
