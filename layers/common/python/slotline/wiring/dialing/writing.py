"""What writes use cases: apart from what reads them, which needs no way out to customers' addresses."""

from functools import cache

from slotline.domain.dialing.use_cases import UseCase
from slotline.usecases.dialing.admit_hooks import AdmitHooks
from slotline.usecases.dialing.keep_settings import AddSetting, ChangeSetting
from slotline.wiring import common
from slotline.wiring.dialing.settings import use_cases
from slotline.wiring.shared import phones
from slotline.wiring.shared.egress import egress
from slotline.wiring.shared.receipts import once


@cache
def add_use_case() -> AddSetting[UseCase]:
    """New use cases."""
    return AddSetting(
        settings=use_cases(),
        screen=phones.refusal_of,
        ids=common.ids(),
        once=once(),
        admit=AdmitHooks(egress=egress()),
    )


@cache
def change_use_case() -> ChangeSetting[UseCase]:
    """Changes of use cases."""
    return ChangeSetting(settings=use_cases(), screen=phones.refusal_of, once=once(), admit=AdmitHooks(egress=egress()))
