"""What a carrier is asked, and what it says."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.dialing.use_cases import AmdBehavior, UseCase
from slotline.domain.shared.phones import as_compared

RINGS_FOR = timedelta(seconds=40)
"""How long a phone rings before it counts as not answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One attempt, as a carrier is asked for it. `to` and `from_number` are in E.164.

    `token` is the attempt's own, and never another's: a carrier that knows tokens places an order once.
    """

    organization_id: str
    call_id: str
    attempt: int
    use_case_id: str
    campaign_id: str | None
    to: str = field(repr=False)
    from_number: str = field(repr=False)
    max_duration: timedelta
    detects_machines: bool = False
    waits_for_the_tone: bool = False
    records: bool = False

    @property
    def token(self) -> str:
        """The attempt's name towards its carrier."""
        return f"{self.call_id}.{self.attempt}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a carrier says of an attempt. `answered_by_machine`: None where it does not say."""

    status: DialStatus
    carrier_call_id: str | None = None
    answered_by_machine: bool | None = None


def order_of(call: DialCall, attempt: DialAttempt, use_case: UseCase, number: Number) -> Order:
    """The attempt as its carrier is asked for it."""
    return Order(
        organization_id=call.organization_id,
        call_id=call.id,
        attempt=attempt.number,
        use_case_id=call.use_case_id,
        campaign_id=call.campaign_id,
        to=as_compared(call.e164),
        from_number=number.phone_number,
        max_duration=timedelta(minutes=call.max_duration_mins),
        detects_machines=use_case.amd,
        waits_for_the_tone=use_case.amd and use_case.amd_behavior is AmdBehavior.LEAVE_MESSAGE,
        records=use_case.recorded_message_outbound,
    )


class Heard(StrEnum):
    """What is said to whoever, or whatever, has answered."""

    MESSAGE = "message"
    MACHINE_MESSAGE = "machine_message"
    NOTHING = "nothing"


def heard_by(use_case: UseCase, *, is_machine: bool) -> Heard:
    """What the use case has said: to a machine nothing, its own message, or all that a person hears."""
    if not is_machine or not use_case.amd or use_case.amd_behavior is AmdBehavior.CONTINUE:
        return Heard.MESSAGE
    return Heard.MACHINE_MESSAGE if use_case.amd_behavior is AmdBehavior.LEAVE_MESSAGE else Heard.NOTHING


def status_of(use_case: UseCase, heard: Heard) -> DialStatus:
    """The status of an attempt that was answered so."""
    if heard is Heard.NOTHING:
        return DialStatus.AMD_TERMINATED
    is_put_through = heard is Heard.MESSAGE and use_case.transfer_number is not None
    return DialStatus.TRANSFERRED if is_put_through else DialStatus.IN_PROGRESS
