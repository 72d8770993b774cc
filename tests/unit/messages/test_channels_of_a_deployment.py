"""Which channels a deployment has: those that its environment sets up."""

from collections.abc import Iterator

import pytest

from slotline.channels.aws_sms import AwsSms
from slotline.channels.aws_whatsapp import AwsWhatsApp
from slotline.channels.genesys_dispatch import GenesysDispatch
from slotline.channels.ses_email import SesEmail
from slotline.domain.booking.reminders import Channel
from slotline.settings import ChannelSettings
from slotline.wiring.messages.messengers import messenger
from tests.support.aws.moto_tables import ENVIRONMENT
from tests.support.handlers import forget_wiring

WHATSAPP = {"WHATSAPP_PHONE_NUMBER_ID": "phone-number-id-1", "META_API_VERSION": "v23.0"}
GENESYS = {"GENESYS_REGION": "mypurecloud.de", "GENESYS_INTEGRATION_ID": "one", "GENESYS_SECRET_ID": "genesys"}
SET_UP = [
    (Channel.EMAIL, {"EMAIL_SENDER": "calls@slotline.example"}, SesEmail),
    (Channel.SMS, {"SMS_ORIGINATION_IDENTITY": "Slotline"}, AwsSms),
    (Channel.WHATSAPP, WHATSAPP, AwsWhatsApp),
    (Channel.GENESYS, GENESYS, GenesysDispatch),
]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A function whose deployment sets nothing up."""
    for name, value in {**ENVIRONMENT, "SIGNING_KEY_IDS": "key", "CLIENT_OF_AWS": "own"}.items():
        monkeypatch.setenv(name, value)
    for name in [
        *(name for _, environment, _ in SET_UP for name in environment),
        "GENESYS_LOGIN_URL",
        "GENESYS_API_URL",
    ]:
        monkeypatch.delenv(name, raising=False)
    forget_wiring()
    yield
    forget_wiring()


@pytest.mark.parametrize("channel", list(Channel))
def test_a_channel_that_is_not_set_up_is_none(channel):
    assert messenger(channel) is None


@pytest.mark.parametrize(("channel", "environment", "kind"), SET_UP)
def test_a_channel_that_is_set_up_is_made_once(monkeypatch, channel, environment, kind):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = messenger(channel)
    assert isinstance(found, kind)
    assert messenger(channel) is found


@pytest.mark.parametrize("name", [*WHATSAPP, *GENESYS])
def test_a_channel_that_is_half_set_up_is_none(monkeypatch, name):
    for other, value in (WHATSAPP | GENESYS).items():
        monkeypatch.setenv(other, "" if other == name else value)
    assert messenger(Channel.WHATSAPP if name in WHATSAPP else Channel.GENESYS) is None


def test_a_genesys_region_stands_for_its_two_addresses_and_either_may_be_named():
    region = ChannelSettings.from_environment({"GENESYS_REGION": "usw2.pure.cloud"})
    assert (region.genesys_login_url, region.genesys_api_url) == (
        "https://login.usw2.pure.cloud",
        "https://api.usw2.pure.cloud",
    )
    named = ChannelSettings.from_environment({"GENESYS_REGION": "x.example", "GENESYS_API_URL": "http://localhost:1/"})
    assert (named.genesys_login_url, named.genesys_api_url) == ("https://login.x.example", "http://localhost:1")
