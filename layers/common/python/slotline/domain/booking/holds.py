"""How many slots one client may hold at a time. A hold costs nothing, and a few dozen of them empty an agent's day.

A client's live holds are kept as a customer's bookings are (`customer_limits`): each by its end, until it is spent.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from slotline.domain.booking.claims import Claim
from slotline.domain.booking.customer_limits import MOST_DROPPED, CustomerChange, CustomerHistory
from slotline.domain.shared.errors import HoldLimitReached

MOST_LIVE = 20
"""Of one client in one app."""


def holder_identity(client_id: str) -> str:
    """The name of a client's window."""
    return sha256(f"holder:{client_id}".encode()).hexdigest()


def live_holds(history: CustomerHistory, now: datetime) -> Mapping[str, datetime]:
    """A client's holds that are not over, with their ends. What the client spent is gone from them."""
    return {hold_id: ends for hold_id, ends in history.bookings.items() if ends > now}


def count_hold(history: CustomerHistory, claim: Claim, now: datetime) -> CustomerChange:
    """The write that counts this hold. Raises HoldLimitReached, with the instant at which the client has room again."""
    assert claim.expires_at is not None  # noqa: S101 - for the type checker: a hold always ends
    live = sorted(ends for hold_id, ends in live_holds(history, now).items() if hold_id != claim.id)
    if len(live) >= MOST_LIVE:
        message = f"This client holds {MOST_LIVE} slots, the most at a time. Book one of them, or let one run out."
        raise HoldLimitReached(message, next_allowed_at=live[len(live) - MOST_LIVE])
    over = tuple(hold_id for hold_id, ends in history.bookings.items() if ends <= now)[:MOST_DROPPED]
    return CustomerChange(
        identity=history.identity, version=history.version, call_id=claim.id, at=claim.expires_at, drop=over
    )
