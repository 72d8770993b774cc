"""Whose a hold is, and how many slots one holder may keep at a time: a few dozen of them empty an agent's day.

A holder's live holds are kept as a customer's bookings are (`customer_limits`): each by its end, until it is spent or
let go. So the holder's window says which holds are alive, and no other row needs to be asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from slotline.domain.booking.calls import Call
from slotline.domain.booking.claims import Hold
from slotline.domain.booking.customer_limits import MOST_DROPPED, CustomerChange, CustomerHistory
from slotline.domain.shared.errors import HoldLimitReached, InvalidRequest
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.intervals import Interval

MOST_LIVE = 20
"""Of one API client in one app."""
MOST_OF_ADDRESS = 5
"""Of all visitors of a website's who have one address on the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who keeps slots, and how many they may keep at a time. `named`: as an error calls them."""

    identity: str
    most: int
    named: str


def client_holder(client_id: str) -> Holder:
    """An API client."""
    return Holder(identity=_hashed(client_id), most=MOST_LIVE, named="client")


def visitor_holders(website: str, visit: str | None, address: str) -> tuple[Holder, ...]:
    """A visitor of a website: their visit, if the website names it, whose each hold replaces the one before; and their
    address, which others may share."""
    at_address = Holder(identity=_hashed(f"{website} address:{address}"), most=MOST_OF_ADDRESS, named="address")
    if visit is None:
        return (at_address,)
    return Holder(identity=_hashed(f"{website} visit:{visit}"), most=1, named="visit"), at_address


def live_holds(history: CustomerHistory, now: datetime) -> Mapping[str, datetime]:
    """A holder's holds that are not over, with their ends. What was spent or let go is gone from them."""
    return {hold_id: ends for hold_id, ends in history.bookings.items() if ends > now}


def count_hold(
    holders: Sequence[Holder],
    histories: Sequence[CustomerHistory],
    hold: Hold,
    now: datetime,
    *,
    replaces: str | None = None,
) -> tuple[CustomerChange, ...]:
    """The writes that count this hold, one for each holder; the hold that it replaces is counted no longer.

    Raises HoldLimitReached, with the instant from which the same hold is let through.
    """
    full = [
        (wait, holder)
        for holder, history in zip(holders, histories, strict=True)
        if (wait := _next_allowed(holder, history, {hold.id, replaces}, now)) is not None
    ]
    if full:
        wait, holder = max(full, key=lambda found: found[0])
        message = (
            f"This {holder.named} holds {holder.most} slots, the most at a time. Book one, let one go, or replace it."
        )
        raise HoldLimitReached(message, next_allowed_at=wait)
    return tuple(_change(history, hold, now, replaces) for history in histories)


def check_hold(hold: Hold, call: Call) -> None:
    """Raises InvalidRequest if a booking does not fit into the hold, and says in what they differ."""
    differs = []
    if hold.agent_id != call.assigned_agent_id:
        differs.append(f"for agent {hold.agent_id}, and assignedAgentId is {call.assigned_agent_id}")
    asked = call.claim.meeting
    if not hold.claim.meeting.contains(asked):
        differs.append(f"for {_shown(hold.claim.meeting)}, and the booking for {_shown(asked)}")
    if hold.preset_id is not None and hold.preset_id != call.preset_id:
        differs.append(f"for preset {hold.preset_id}, and the booking follows preset {call.preset_id}")
    if differs:
        raise InvalidRequest.of_field("holdId", f"this hold is {'; '.join(differs)}", "hold_mismatch")


def _next_allowed(holder: Holder, history: CustomerHistory, besides: set[str | None], now: datetime) -> datetime | None:
    live = sorted(ends for hold_id, ends in live_holds(history, now).items() if hold_id not in besides)
    return live[len(live) - holder.most] if len(live) >= holder.most else None


def _change(history: CustomerHistory, hold: Hold, now: datetime, replaces: str | None) -> CustomerChange:
    over = [hold_id for hold_id, ends in history.bookings.items() if ends <= now and hold_id != replaces]
    replaced = [replaces] if replaces and replaces in history.bookings else []
    return CustomerChange(
        identity=history.identity,
        version=history.version,
        call_id=hold.id,
        at=hold.ends_at,
        drop=(*replaced, *over)[:MOST_DROPPED],
        hold=hold,
    )


def _shown(interval: Interval) -> str:
    return f"{format_instant(interval.start)} to {format_instant(interval.end)}"


def _hashed(holder: str) -> str:
    return sha256(f"holder:{holder}".encode()).hexdigest()
