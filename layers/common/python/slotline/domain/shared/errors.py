"""What can go wrong, in the words of the business.

An outcome that the rules decide is named as a fact (`SlotTaken`, `CallIsFinal`); a failure of the machinery ends in
`Error`. How each reaches a client is decided in one other place: `slotline.http.core.problems`.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.shared.instants import format_instant

MOST_DETAILS = 50
"""How many things that were wrong an answer lists; it says how many there were."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that was wrong. `code` is for programs, `message` for people, `field` as the client spelled it."""

    message: str
    code: str
    field: str | None = None
    extra: Mapping[str, object] = dataclasses.field(default_factory=dict)


class DomainError(Exception):
    """A request that the rules refuse. The message says what was wrong and what would be right.

    `total`: how many things were wrong, of which the details may be the first.
    """

    code = "error"

    def __init__(self, message: str, details: Sequence[Detail] = (), *, total: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)
        self.total = len(self.details) if total is None else total


class InvalidRequest(DomainError):
    """The request does not say what it must, or says something impossible."""

    code = "invalid"

    @classmethod
    def of_field(cls, name: str, message: str, code: str = "invalid") -> "InvalidRequest":
        """One field is wrong: the message names it, and so does the only detail."""
        return cls(f"{name}: {message}", [Detail(message, code, name)])

    @classmethod
    def of_all(cls, details: Sequence[Detail], *, total: int | None = None) -> "InvalidRequest":
        """Everything that is wrong, or `total` things, of which these are the first."""
        total = len(details) if total is None else total
        shown = details[:MOST_DETAILS]
        said = [f"{detail.field}: {detail.message}" if detail.field else detail.message for detail in shown]
        if total > len(shown):
            said.append(f"and {total - len(shown):,} more")
        return cls("; ".join(said), shown, total=total)


class RowsRefused(DomainError):
    """Rows of a table cannot be dialled; `total` of them, of which the details list the first. Nothing was created."""

    code = "rows"


class Unauthorized(DomainError):
    """No credential, or one that proves nothing. `rfc6750_error` is the code of RFC 6750 §3.1; none was sent: None."""

    code = "unauthorized"

    def __init__(self, message: str, details: Sequence[Detail] = (), *, rfc6750_error: str | None = None) -> None:
        super().__init__(message, details)
        self.rfc6750_error = rfc6750_error


class NoPass(Unauthorized):
    """A step of the booking page without a pass of ours for this app and service. The first link gives one."""

    code = "no_pass"


class PassOver(Unauthorized):
    """The step's pass was ours, and its time is over. The first link gives a new one."""

    code = "pass_over"


class Forbidden(DomainError):
    """A known caller without the right to this. `needed_scope`: the scope that the credential lacks, if it is that."""

    code = "forbidden"

    def __init__(self, message: str, details: Sequence[Detail] = (), *, needed_scope: str | None = None) -> None:
        super().__init__(message, details)
        self.needed_scope = needed_scope


class NumberNotGranted(Forbidden):
    """Nobody granted this number to the caller's organization, whoever else has it."""

    code = "number_not_granted"


class AppNotFound(DomainError):
    """The app was granted to the caller, and is gone."""

    code = "app_not_found"


class NotFound(DomainError):
    """No such thing in this app; a thing of another app looks the same."""

    code = "not_found"


class Conflict(DomainError):
    """The time, or the call's state, stands against the request. `code` says which."""

    code = "conflict"

    def __init__(self, message: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(message, details or [Detail(message, self.code)])


class SlotTaken(Conflict):
    """Another active call, or a hold, has this time."""

    code = "slot_taken"


class TimeBlocked(Conflict):
    """A blocked exception covers this time."""

    code = "blocked"


class DoNotDisturb(Conflict):
    """The agent asked not to be disturbed at this time."""

    code = "dnd"


class OutsideWorkingHours(Conflict):
    """The agent does not work then, and a guest books within working hours."""

    code = "outside_working_hours"


class NoAgentAvailable(Conflict):
    """Nobody is free for the whole padded time."""

    code = "no_agent_available"


class NotEligible(Conflict):
    """The agent may not take this call: the preset does not name them, or they lack a tag that it requires."""

    code = "not_eligible"


class AgentDayFull(Conflict):
    """The agent has as many calls on that day as they take in one."""

    code = "agent_day_full"


class CallIsFinal(Conflict):
    """Cancelled, completed and no-show calls do not change."""

    code = "final_state"


class CampaignIsFinal(Conflict):
    """Completed and canceled campaigns do not change."""

    code = "final_state"


class StaleHold(Conflict):
    """The hold was spent, or its time ran out."""

    code = "stale_hold"


class SlugIsThere(Conflict):
    """Another preset of the app has this slug."""

    code = "slug_exists"


class NumberIsThere(Conflict):
    """The organization has added this number before."""

    code = "number_exists"


class TooManyWebhooks(Conflict):
    """The app has as many subscriptions as an app may have."""

    code = "too_many_webhooks"


class TooManySecrets(Conflict):
    """As many secrets of a subscription sign as may sign at once."""

    code = "too_many_secrets"


class WebhookNotActive(Conflict):
    """Nothing goes out to this subscription until it is active again."""

    code = "webhook_not_active"


class IdempotencyMismatch(DomainError):
    """The key was used before, with another body."""

    code = "idempotency_mismatch"


class RateLimited(DomainError):
    """The client asked more often than it may."""

    code = "client_limit"

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message, [Detail(message, self.code)])
        self.retry_after_seconds = retry_after_seconds


class LimitReached(DomainError):
    """As often as the preset allows in a sliding window. `next_allowed_at` is exact."""

    def __init__(self, message: str, *, next_allowed_at: datetime) -> None:
        extra = {"nextAllowedAt": format_instant(next_allowed_at)}
        super().__init__(message, [Detail(message, self.code, extra=extra)])
        self.next_allowed_at = next_allowed_at


class CustomerLimitReached(LimitReached):
    """This customer has booked as often as the preset allows."""

    code = "customer_limit"


class HoldLimitReached(LimitReached):
    """The client holds as many slots as it may at a time."""

    code = "hold_limit"


class CodeLimitReached(LimitReached):
    """As many codes that prove an address were asked for as may be."""

    code = "code_limit"


class MessageLimitReached(LimitReached):
    """As many messages were asked for as the preset allows: about the call, to the recipient, or in the app."""

    code = "message_limit"


class Unavailable(DomainError):
    """The machinery could not decide in time. Nothing was written; the same request may be sent again."""

    code = "unavailable"
    retry_after_seconds = 1

    def __init__(self, message: str) -> None:
        super().__init__(message, [Detail(message, self.code)])


class BodyTooLarge(DomainError):
    """More bytes than this handler takes."""

    code = "body_too_large"


class UnsupportedContentType(DomainError):
    """A body that is not of the kind this handler reads."""

    code = "content_type"


class MethodNotAllowed(DomainError):
    """There is something at this address, and it answers other methods."""

    code = "method_not_allowed"

    def __init__(self, message: str, *, allowed: Sequence[str]) -> None:
        super().__init__(message, [Detail(message, self.code)])
        self.allowed = tuple(allowed)
