"""Calls by their links, and the seats of their rooms."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from slotline.domain.booking.calls import Call
from slotline.domain.booking.lifecycle import may_start
from slotline.domain.instant.missing import missing_from
from slotline.domain.instant.seats import Seats
from slotline.ids import new_id
from slotline.ports.instant import Mailboxes, Rooms, Seatings
from slotline.store.instant.rooms import DynamoRooms
from slotline.store.instant.seats import DynamoMailboxes, DynamoSeatings
from slotline.usecases.instant.enter_room import EnterRoom
from slotline.usecases.instant.exchange_key import ExchangeKey
from slotline.usecases.instant.follow_room import FollowRoom
from slotline.usecases.instant.leave_room import LeaveRoom
from slotline.usecases.instant.settle_room import SettleRoom
from slotline.usecases.instant.sync_room import SyncRoom
from slotline.wiring import common
from slotline.wiring.access.websites import admit_website
from slotline.wiring.booking.bookings import change_call
from slotline.wiring.booking.guest_links import link_keys


@cache
def rooms() -> Rooms:
    """Calls by their links."""
    settings = common.settings()
    return DynamoRooms(common.dynamodb(), settings.scheduling_table, settings.access_table, common.clock(), new_id)


@cache
def seatings() -> Seatings:
    """Who is in a room."""
    return DynamoSeatings(common.dynamodb(), common.settings().access_table)


@cache
def mailboxes() -> Mailboxes:
    """What the sides of a room leave each other."""
    return DynamoMailboxes(common.dynamodb(), common.settings().access_table)


@cache
def follow_room() -> FollowRoom:
    """What happens in rooms, told to their calls."""
    return FollowRoom(rooms=rooms(), seatings=seatings(), change_call=change_call, backoff=common.backoff())


@cache
def enter_room() -> EnterRoom:
    """Into a room."""
    return EnterRoom(
        rooms=rooms(),
        seatings=seatings(),
        keys=link_keys(),
        follow=follow_room(),
        clock=common.clock(),
        backoff=common.backoff(),
    )


@cache
def sync_room() -> SyncRoom:
    """Every few seconds in it."""
    return SyncRoom(
        rooms=rooms(),
        seatings=seatings(),
        mailboxes=mailboxes(),
        follow=follow_room(),
        clock=common.clock(),
        backoff=common.backoff(),
    )


@cache
def leave_room() -> LeaveRoom:
    """Out of it."""
    return LeaveRoom(
        rooms=rooms(), seatings=seatings(), follow=follow_room(), clock=common.clock(), backoff=common.backoff()
    )


@cache
def settle_room(complete_left: Callable[[str, Seats], object]) -> SettleRoom:
    """A look into it. `complete_left`: for recordings whose pages are gone."""
    return SettleRoom(
        rooms=rooms(),
        seatings=seatings(),
        follow=follow_room(),
        complete_left=complete_left,
        clock=common.clock(),
        backoff=common.backoff(),
    )


def who_missed(call: Call, now: datetime) -> str | None:
    """Who was not in the room of a call then; None: both are."""
    missing = missing_from(seatings().read(call.id), may_start(call).start, now)
    return missing.value if missing else None


@cache
def exchange_key() -> ExchangeKey:
    """A website's key for a host's token."""
    return ExchangeKey(admit=admit_website(), keys=link_keys(), clock=common.clock())
