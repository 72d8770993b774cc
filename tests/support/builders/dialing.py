"""Dialing for tests: use cases, calls and rows with nothing said but what a test is about."""

from datetime import UTC, datetime
from typing import Any

from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import Campaign, CampaignState
from slotline.domain.dialing.hours import Hours
from slotline.domain.dialing.numbers import CarrierName, Number, NumberGrant
from slotline.domain.dialing.rows import CallRequest, Row, Source, read_request
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.dialing.use_cases import UseCase

MONDAY = datetime(2026, 5, 4, tzinfo=UTC)
"""A Monday, at midnight in UTC."""


def a_use_case(**more: Any) -> UseCase:
    """One whose own hours are around the clock."""
    return UseCase(**{"id": "use-case", "organization_id": "org", "name": "Kate", **more})


def is_open(hours: Hours, at: datetime) -> bool:
    """True if a call may go out at this instant."""
    return hours.next_opening(at) == at


def a_number(**more: Any) -> Number:
    said = {"id": "number", "organization_id": "org", "phone_number": "+12025550100", "carrier": CarrierName.TWILIO}
    return Number(**{**said, **more})


def a_grant(organization_id: str | None = "org", **more: Any) -> NumberGrant:
    """The number of `a_number`, granted."""
    said = {"phone_number": "+12025550100", "organization_id": organization_id, "granted_at": MONDAY}
    return NumberGrant(**{**said, **more})


def a_dial_call(**more: Any) -> DialCall:
    said = {
        "id": "call",
        "organization_id": "org",
        "use_case_id": "use-case",
        "number_id": "number",
        "phone_number": "+573005550100",
        "e164": "+573005550100",
        "status": DialStatus.SCHEDULED,
        "scheduled_at": MONDAY,
        "max_duration_mins": 10,
        "metadata": {"from": "+12025550100"},
        "created_at": MONDAY,
        "updated_at": MONDAY,
    }
    return DialCall(**{**said, **more})


def an_attempt(status: DialStatus, **more: Any) -> DialAttempt:
    said = {"call_id": "call", "number": 1, "carrier": CarrierName.TWILIO, "claimed_at": MONDAY}
    return DialAttempt(**{**said, "updated_at": MONDAY, "status": status, **more})


def a_campaign(state: CampaignState, **more: Any) -> Campaign:
    said = {"id": "campaign", "organization_id": "org", "name": "May", "use_case_id": "use-case"}
    return Campaign(
        **{**said, "number_id": "number", "created_at": MONDAY, "updated_at": MONDAY, "state": state, **more}
    )


def a_row(number: int = 1, **cells: object) -> Row:
    return Row(source=Source.CALLS, number=number, cells={"phone_number": "+573005550100", **cells})


def a_request(number: int = 1, **cells: object) -> CallRequest:
    """What a good row asks for; no number is listed."""
    return read_request(a_row(number, **cells), lambda _: None)
