"""What organizations' calls stand on: use cases, numbers, and whom they do not call."""

from functools import cache

from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.use_cases import UseCase
from slotline.ports.dialing import DialSettings
from slotline.store.dialing.do_not_call import DynamoDoNotCall
from slotline.store.dialing.grants import DynamoNumberGrants
from slotline.store.dialing.settings import NUMBERS, USE_CASES, DynamoDialSettings, Shape
from slotline.usecases.dialing.granted_numbers import AddNumber, FindNumber
from slotline.usecases.dialing.keep_do_not_call import ListNumbers
from slotline.usecases.dialing.keep_settings import ChangeSetting, RemoveSetting, Setting
from slotline.wiring import common
from slotline.wiring.shared import phones
from slotline.wiring.shared.receipts import once


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
def find_number() -> FindNumber:
    """Numbers, and whether they may be called from."""
    return FindNumber(numbers=numbers(), grants=grants())


@cache
def add_number() -> AddNumber:
    """New numbers."""
    return AddNumber(numbers=numbers(), grants=grants(), ids=common.ids(), once=once())


@cache
def do_not_call() -> DynamoDoNotCall:
    """Whom nobody calls."""
    return DynamoDoNotCall(common.dynamodb(), common.settings().dialing_table)


def change_setting(kept: DialSettings[Setting]) -> ChangeSetting[Setting]:
    """Changes of use cases, or of numbers."""
    return ChangeSetting(settings=kept, screen=phones.refusal_of, once=once())


def remove_setting(kept: DialSettings[Setting]) -> RemoveSetting[Setting]:
    """Use cases, or numbers, taken away."""
    return RemoveSetting(settings=kept, once=once())


@cache
def list_numbers() -> ListNumbers:
    """Numbers put on the list."""
    return ListNumbers(do_not_call=do_not_call(), once=once())


def _kept(shape: Shape[Setting]) -> DynamoDialSettings[Setting]:
    settings = common.settings()
    tables = (settings.dialing_table, settings.access_table)
    return DynamoDialSettings(common.dynamodb(), *tables, common.clock(), shape)
