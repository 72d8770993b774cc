"""What organizations' calls stand on: use cases, numbers, and whom they do not call."""

from functools import cache

from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.use_cases import UseCase
from slotline.store.dialing.do_not_call import DynamoDoNotCall
from slotline.store.dialing.grants import DynamoNumberGrants
from slotline.store.dialing.settings import NUMBERS, USE_CASES, DynamoDialSettings, Setting, Shape
from slotline.wiring import common


@cache
def use_cases() -> DynamoDialSettings[UseCase]:
    """What calls are for."""
    return _kept(USE_CASES)


@cache
def numbers() -> DynamoDialSettings[Number]:
    """The numbers to call from."""
    return _kept(NUMBERS)


@cache
def grants() -> DynamoNumberGrants:
    """Whom numbers are granted to."""
    settings = common.settings()
    return DynamoNumberGrants(common.dynamodb(), settings.dialing_table, settings.access_table, common.clock())


@cache
def do_not_call() -> DynamoDoNotCall:
    """Whom nobody calls."""
    return DynamoDoNotCall(common.dynamodb(), common.settings().dialing_table, common.settings().access_table)


def _kept(shape: Shape[Setting]) -> DynamoDialSettings[Setting]:
    settings = common.settings()
    tables = (settings.dialing_table, settings.access_table)
    return DynamoDialSettings(common.dynamodb(), *tables, common.clock(), shape)
