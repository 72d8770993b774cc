"""How often one customer may book: sliding windows over the bookings of each of their addresses.

A booking counts under the addresses it was made with. The call keeps under which, so that the count can be taken back
whatever the call's contacts are by then; it does not move with them, or else giving another address would dodge it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import islice

from slotline.domain.booking.apps import CustomerLimit, Period
from slotline.domain.booking.calls import Call, Guest
from slotline.domain.booking.claims import Hold
from slotline.domain.shared import windows
from slotline.domain.shared.errors import CustomerLimitReached

LONGEST_WINDOW = max(period.length for period in Period)
MOST_DROPPED = 100
"""Old bookings that one write takes out of a window: an expression has room for these (4 KB)."""


def identities(guest: Guest) -> tuple[str, ...]:
    """What a guest is known by: the number as compared, the address with case folded.

    Hashed: a key, and a call whose guest has another address by now, are no places for an address.
    """
    phone = (f"phone:{guest.phone_e164}",) if guest.phone_e164 else ()
    email = (f"email:{guest.email.casefold()}",) if guest.email else ()
    return tuple(sha256(known.encode()).hexdigest() for known in phone + email)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerHistory:
    """When somebody of this identity booked which call, as it was read. `version` moves with every change.

    `holds`: of holds that are counted here, what they hold. One that a former release made may be missing.
    """

    identity: str
    version: int = 0
    bookings: Mapping[str, datetime] = field(default_factory=dict)
    holds: Mapping[str, Hold] = field(default_factory=dict)

    def stale(self, now: datetime) -> tuple[str, ...]:
        """Calls booked so long ago that no window reaches back to them: as many as one write takes out."""
        old = (call_id for call_id, at in self.bookings.items() if at <= now - LONGEST_WINDOW)
        return tuple(islice(old, MOST_DROPPED))

    def besides(self, call_id: str) -> Sequence[datetime]:
        """When the other calls were booked: an earlier try of this booking may have been counted already."""
        return [at for other, at in self.bookings.items() if other != call_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChange:
    """One more booking of an identity, on condition that its version still stands. `hold`: what a hold holds."""

    identity: str
    version: int
    call_id: str
    at: datetime
    drop: tuple[str, ...] = ()
    hold: Hold | None = None


def count_booking(
    histories: Sequence[CustomerHistory], limits: Sequence[CustomerLimit], call_id: str, now: datetime
) -> tuple[CustomerChange, ...]:
    """The writes that count this booking; none where nothing is limited.

    Raises CustomerLimitReached with the exact instant from which the same booking is let through.
    """
    if not limits:
        return ()
    waits = [
        wait
        for history in histories
        for limit in limits
        if (wait := next_allowed(history.besides(call_id), limit, now)) is not None
    ]
    if waits:
        raise CustomerLimitReached(
            "This customer has made as many bookings as the app allows for now.", next_allowed_at=max(waits)
        )
    return tuple(
        CustomerChange(
            identity=history.identity, version=history.version, call_id=call_id, at=now, drop=history.stale(now)
        )
        for history in histories
    )


def still_counted(call: Call, now: datetime) -> tuple[str, ...]:
    """The identities in whose windows this call counts; none once no window reaches back to its booking."""
    return call.counted_as if now < call.created_at + LONGEST_WINDOW else ()


def next_allowed(bookings: Sequence[datetime], limit: CustomerLimit, now: datetime) -> datetime | None:
    """None where one more booking now stays within the limit; else the first instant at which it does."""
    return windows.next_allowed(bookings, limit.max_bookings, limit.per.length, now)
