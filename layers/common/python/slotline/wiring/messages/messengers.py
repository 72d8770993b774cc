"""The channels that this deployment has set up. Each is imported when it is first needed: the others cost nothing."""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from slotline.channels.aws_errors import SENDING
from slotline.domain.booking.reminders import Channel
from slotline.domain.shared.deadlines import RECORDING
from slotline.ports.messages import CodeMessenger, Messenger, WayInMessenger
from slotline.settings import ChannelSettings
from slotline.wiring import common


@cache
def messenger(channel: Channel) -> Messenger | None:
    """What sends over this channel; None where it is not set up."""
    return _CHANNELS[channel](ChannelSettings.from_environment())


@cache
def code_messenger(channel: Channel) -> CodeMessenger | None:
    """What sends codes over this channel: by e-mail or SMS."""
    found = messenger(channel)
    return cast("CodeMessenger", found) if found is not None else None


def way_in_messenger() -> WayInMessenger | None:
    """What sends links by which somebody chooses a password: by e-mail."""
    found = messenger(Channel.EMAIL)
    return cast("WayInMessenger", found) if found is not None else None


def _email(settings: ChannelSettings) -> Messenger | None:
    if not settings.email_sender:
        return None
    from slotline.channels.ses_email import SesEmail

    return SesEmail(_client("sesv2"), settings.email_sender, settings.email_configuration_set)


def _sms(settings: ChannelSettings) -> Messenger | None:
    if not settings.sms_origination_identity:
        return None
    from slotline.channels.aws_sms import AwsSms

    client = _client("pinpoint-sms-voice-v2")
    return AwsSms(client, settings.sms_origination_identity, settings.sms_configuration_set)


def _whatsapp(settings: ChannelSettings) -> Messenger | None:
    if not settings.whatsapp_phone_number_id or not settings.meta_api_version:
        return None
    from slotline.channels.aws_whatsapp import AwsWhatsApp

    client = _client("socialmessaging")
    return AwsWhatsApp(client, settings.whatsapp_phone_number_id, settings.meta_api_version)


def _genesys(settings: ChannelSettings) -> Messenger | None:
    needed = (settings.genesys_integration_id, settings.genesys_secret_id)
    if not all((*needed, settings.genesys_login_url, settings.genesys_api_url)):
        return None
    from urllib3 import PoolManager

    from slotline.channels.aws_secret import AwsSecret
    from slotline.channels.genesys_dispatch import GenesysDispatch

    return GenesysDispatch(
        pool=PoolManager(),
        login_url=settings.genesys_login_url,
        api_url=settings.genesys_api_url,
        integration_id=settings.genesys_integration_id,
        credentials=AwsSecret(_client("secretsmanager"), settings.genesys_secret_id),
        clock=common.clock(),
        deadline=common.deadline(),
    )


def _client(service: str) -> Any:
    """Asked only if there is time to write down what came of it."""
    return common.client(service, SENDING, then=RECORDING)


_CHANNELS: dict[Channel, Callable[[ChannelSettings], Messenger | None]] = {
    Channel.EMAIL: _email,
    Channel.SMS: _sms,
    Channel.WHATSAPP: _whatsapp,
    Channel.GENESYS: _genesys,
}
