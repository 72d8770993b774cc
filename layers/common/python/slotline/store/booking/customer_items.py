"""Customers' windows as rows, and back."""

from collections.abc import Mapping
from typing import Any

from slotline.domain.booking.customer_limits import CustomerHistory
from slotline.domain.shared.instants import parse_instant

_BOOKING = "booking_"


def history_from_item(identity: str, item: Mapping[str, Any] | None) -> CustomerHistory:
    """A customer's window of a row; an empty one where there is none."""
    fields = item or {}
    return CustomerHistory(
        identity=identity,
        version=fields.get("version", 0),
        bookings={
            name.removeprefix(_BOOKING): parse_instant(value)
            for name, value in fields.items()
            if name.startswith(_BOOKING)
        },
    )


def booking_attribute(call_id: str) -> str:
    """The attribute of a customer's window that counts this call."""
    return f"{_BOOKING}{call_id}"
