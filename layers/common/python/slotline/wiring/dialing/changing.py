"""What people change of settings and campaigns: apart from what dials, which only reads them."""

from functools import cache

from slotline.ports.dialing import DialSettings
from slotline.usecases.dialing.change_campaign import ChangeCampaign
from slotline.usecases.dialing.granted_numbers import AddNumber, FindNumber
from slotline.usecases.dialing.keep_do_not_call import ListNumbers
from slotline.usecases.dialing.keep_settings import ChangeSetting, RemoveSetting, Setting
from slotline.wiring import common
from slotline.wiring.dialing.calls import campaigns
from slotline.wiring.dialing.settings import do_not_call, grants, numbers
from slotline.wiring.shared import phones
from slotline.wiring.shared.receipts import once


@cache
def find_number() -> FindNumber:
    """Numbers, and whether they may be called from."""
    return FindNumber(numbers=numbers(), grants=grants())


@cache
def add_number() -> AddNumber:
    """New numbers."""
    return AddNumber(numbers=numbers(), grants=grants(), ids=common.ids(), once=once())


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


@cache
def change_campaign() -> ChangeCampaign:
    """Campaigns paused, resumed and canceled."""
    return ChangeCampaign(campaigns=campaigns(), find_number=find_number(), once=once())
