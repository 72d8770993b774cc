"""The carriers that this deployment has set up. Each is imported when it is first needed."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from slotline.carriers.callbacks import place_of
from slotline.domain.dialing.numbers import CarrierName
from slotline.domain.shared.deadlines import RECORDING
from slotline.ports.dialing import Carrier
from slotline.settings import CarrierSettings
from slotline.wiring import common

if TYPE_CHECKING:
    from slotline.carriers.aws_twilio_account import AwsTwilioAccount


@cache
def settings() -> CarrierSettings:
    """By whom calls are placed."""
    return CarrierSettings.from_environment()


@cache
def carrier(name: CarrierName) -> Carrier | None:
    """Who places the calls of a number; None if this deployment has not set it up."""
    return _connect() if name is CarrierName.CONNECT else _twilio()


def is_from_twilio(
    host: str,
    path: str,
    place: tuple[str, str, int],
    query: str,
    fields: Sequence[tuple[str, str]],
    signature: str,
) -> bool:
    """Whether Twilio signed this report about this attempt, and made it of our own account.

    `host`: the one that was asked, which is what Twilio signs if the deployment names no address of its own.
    Raises CarrierRefused if nobody can tell now.
    """
    if not settings().twilio_secret_id:
        return False
    from slotline.carriers.twilio_signature import is_signed

    url = f"{settings().callbacks_at or f'https://{host}'}{path}{place_of(*place)}{'?' if query else ''}{query}"
    account = _account()()
    speaks_of = {value for name, value in fields if name == "AccountSid"}
    return is_signed(url, fields, signature, account.auth_token) and speaks_of == {account.account_sid}


@cache
def _account() -> "AwsTwilioAccount":
    from slotline.carriers.aws_twilio_account import AwsTwilioAccount

    return AwsTwilioAccount(common.client("secretsmanager"), settings().twilio_secret_id, common.clock())


def _twilio() -> Carrier | None:
    if not settings().twilio_secret_id:
        return None
    from slotline.carriers.twilio import TwilioCarrier, to_twilio

    return TwilioCarrier(
        twilio=to_twilio(settings().twilio_api_url),
        callbacks_at=settings().callbacks_at,
        account=_account(),
        deadline=common.deadline(),
    )


def _connect() -> Carrier | None:
    if not settings().connect_instance_id or not settings().connect_flow_id:
        return None
    from slotline.carriers.amazon_connect import PLACING, ConnectCarrier

    return ConnectCarrier(
        client=common.client("connect", PLACING, then=RECORDING),
        instance_id=settings().connect_instance_id,
        flow_id=settings().connect_flow_id,
    )
