"""Numbers to call from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.phones import to_e164

FASTEST = 100
"""Calls per second of one number: more than any carrier grants one."""
MOST_LINES = 1_000


class CarrierName(StrEnum):
    """Who places the calls of a number."""

    TWILIO = "twilio"
    CONNECT = "connect"


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
