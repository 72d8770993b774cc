"""What organizations' calls stand on: use cases, numbers, and whom they do not call."""

from functools import cache

from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.use_cases import UseCase
from slotline.store.dialing.do_not_call import DynamoDoNotCall
from slotline.store.dialing.settings import NUMBERS, USE_CASES, DynamoDialSettings
from slotline.usecases.dialing.keep_do_not_call import ListNumbers
from slotline.usecases.dialing.keep_settings import AddSetting, ChangeSetting, RemoveSetting
from slotline.wiring import common
from slotline.wiring.shared.receipts import once


@cache
def use_cases() -> DynamoDialSettings[UseCase]:
    """What calls are for."""
    settings = common.settings()
    tables = (settings.dialing_table, settings.access_table)
    return DynamoDialSettings(common.dynamodb(), *tables, common.clock(), USE_CASES)


@cache
def numbers() -> DynamoDialSettings[Number]:
    """The numbers to call from."""
    settings = common.settings()
    tables = (settings.dialing_table, settings.access_table)
    return DynamoDialSettings(common.dynamodb(), *tables, common.clock(), NUMBERS)


@cache
def do_not_call() -> DynamoDoNotCall:
    """Whom nobody calls."""
    return DynamoDoNotCall(common.dynamodb(), common.settings().dialing_table)


@cache
def add_use_case() -> AddSetting[UseCase]:
    """New use cases."""
    return AddSetting(settings=use_cases(), ids=common.ids(), once=once())


@cache
def change_use_case() -> ChangeSetting[UseCase]:
    """Changes of use cases."""
    return ChangeSetting(settings=use_cases(), once=once())


@cache
def remove_use_case() -> RemoveSetting[UseCase]:
    """Use cases taken away."""
    return RemoveSetting(settings=use_cases(), once=once())


@cache
def add_number() -> AddSetting[Number]:
    """New numbers."""
    return AddSetting(settings=numbers(), ids=common.ids(), once=once())


@cache
def change_number() -> ChangeSetting[Number]:
    """Changes of numbers."""
    return ChangeSetting(settings=numbers(), once=once())


@cache
def remove_number() -> RemoveSetting[Number]:
    """Numbers taken away."""
    return RemoveSetting(settings=numbers(), once=once())


@cache
def list_numbers() -> ListNumbers:
    """Numbers put on the list."""
    return ListNumbers(do_not_call=do_not_call(), once=once())
