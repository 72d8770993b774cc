"""What agents do with their own calls. Each is imported when it is first needed."""

from functools import cache
from typing import TYPE_CHECKING

from slotline.store.access.users import DynamoUsers
from slotline.wiring import common
from slotline.wiring.booking.agents import agents
from slotline.wiring.booking.bookings import bookings, change_call
from slotline.wiring.booking.calls import calls
from slotline.wiring.shared import phones

if TYPE_CHECKING:
    from slotline.usecases.booking.own_calls import ChangeOwnCall, ReadOwnCall
    from slotline.usecases.booking.what_is_in_the_way import WhatIsInTheWay


@cache
def read_own_call() -> "ReadOwnCall":
    """A call, for its agent."""
    from slotline.usecases.booking.own_calls import ReadOwnCall

    return ReadOwnCall(
        calls=calls(),
        bookings=bookings(),
        agents=agents(),
        users=DynamoUsers(common.dynamodb(), common.settings().access_table),
        clock=common.clock(),
    )


@cache
def change_own_call() -> "ChangeOwnCall":
    """Changes of a call by its agent."""
    from slotline.usecases.booking.own_calls import ChangeOwnCall

    return ChangeOwnCall(change_call=change_call(), bookings=bookings(), calls=calls(), screen=phones.refusal_of)


@cache
def what_is_in_the_way() -> "WhatIsInTheWay":
    """Why an agent cannot have a time."""
    from slotline.usecases.booking.what_is_in_the_way import WhatIsInTheWay

    return WhatIsInTheWay(bookings=bookings(), calls=calls(), clock=common.clock())
