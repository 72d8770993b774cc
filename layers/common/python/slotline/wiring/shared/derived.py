"""What is derived from the subjects of either table: counters and search rows."""

from functools import cache

from slotline.ports.shared import Derivations
from slotline.store.shared.derived import DynamoDerivations
from slotline.usecases.shared.derive import Derive
from slotline.wiring import common
from slotline.wiring.shared import queues


@cache
def of_bookings() -> Derivations:
    """Of scheduled calls."""
    return DynamoDerivations(common.dynamodb(), common.settings().scheduling_table, common.clock())


@cache
def of_dials() -> Derivations:
    """Of calls that are dialled."""
    return DynamoDerivations(common.dynamodb(), common.settings().dialing_table, common.clock())


@cache
def derive_bookings() -> Derive:
    """From changes of scheduled calls."""
    return _derive(of_bookings())


@cache
def derive_dials() -> Derive:
    """From changes of calls that are dialled."""
    return _derive(of_dials())


def _derive(derivations: Derivations) -> Derive:
    return Derive(
        derivations=derivations,
        dead_letters=queues.dead_letters(),
        backoff=common.backoff(),
        clock=common.clock(),
    )
