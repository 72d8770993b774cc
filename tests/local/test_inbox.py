"""The real adapters send, the local providers receive, and the inbox shows it: over HTTP, on loopback."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from icalendar import Calendar
from urllib3 import PoolManager

from local.carrier import LocalCarrier, Manners
from local.gateway.events import Request
from local.gateway.inbox_page import InboxPage
from local.inbox import MOST, Inbox, Letter
from local.surroundings import fake_account, sender_environment
from slotline.channels.genesys_dispatch import ClientCredentials, GenesysDispatch
from slotline.clock import SystemClock
from slotline.domain.booking.reminders import Channel, News, ReminderKind
from slotline.ports.messages import MessageRefused, Messenger
from slotline.settings import ChannelSettings
from slotline.wiring.messages.messengers import messenger
from tests.support import patient
from tests.support.aws.moto_tables import ENVIRONMENT
from tests.support.builders.deadlines import SetDeadline
from tests.support.builders.messages import CALL_ID, JOIN_URL, OCCASIONS, make_message
from tests.support.handlers import forget_wiring

PHONE = "+573005550100"
ADDRESS = "ana@guest.example"
AWS = (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP)


@pytest.fixture(scope="module")
def providers_url(live) -> str:
    return live.private_url.removesuffix("/functions/") + "/providers"


@pytest.fixture(scope="module")
def channels(providers_url) -> Iterator[Callable[[Channel], Messenger | None]]:
    """The channels as a function of the local system finds them, made once: making a client costs more than a test.

    Genesys is built here: its credentials are in the emulator, which these tests go without.
    """
    forget_wiring()
    with PoolManager() as pool, pytest.MonkeyPatch.context() as patch:
        said = {**ENVIRONMENT, "SIGNING_KEY_IDS": "key", "CLIENT_OF_AWS": "own", **fake_account()}
        for name, value in {**said, **sender_environment(providers_url)}.items():
            patch.setenv(name, value)
        settings = ChannelSettings.from_environment()
        genesys = GenesysDispatch(
            pool=pool,
            login_url=settings.genesys_login_url,
            api_url=settings.genesys_api_url,
            integration_id=settings.genesys_integration_id,
            credentials=lambda: ClientCredentials(client_id="local", client_secret="local"),
            clock=SystemClock(),
            deadline=SetDeadline(),
        )
        made = {channel: genesys if channel is Channel.GENESYS else messenger(channel) for channel in Channel}
        yield made.__getitem__
    for channel in AWS:
        made[channel].client.close()
    forget_wiring()


@pytest.fixture
def send(channels, http) -> Callable[..., dict]:
    """Sends a message, and finds it in the inbox by the id that its sender was told."""

    def sent(channel: Channel, **changes) -> dict:
        recipient = ADDRESS if channel is Channel.EMAIL else PHONE
        told = channels(channel).send(make_message(channel=channel, **{"recipient": recipient, **changes}))
        (found,) = [one for one in http.get("/__local/inbox").json()["messages"] if one["id"] == told]
        return found

    return sent


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("occasion", OCCASIONS, ids=str)
def test_whatever_is_sent_over_any_channel_is_found_with_its_call(send, channel, occasion):
    found = send(channel, **occasion)
    assert (found["channel"], found["kind"], found["call_id"]) == (channel, occasion["kind"], CALL_ID)
    assert found["to"] == (ADDRESS if channel is Channel.EMAIL else PHONE)
    assert (JOIN_URL in found["text"]) == (occasion["kind"] is not ReminderKind.CANCELLATION)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(found["at"])) < timedelta(minutes=1)


def test_an_email_is_shown_with_its_parts(send):
    found = send(Channel.EMAIL, language="es", guest_name="Ана \U0001f600")
    assert found["subject"].startswith("Tu videollamada con Acme")
    assert found["text"].startswith("Hola, Ана \U0001f600:\n\n")
    assert '<html lang="es">' in found["html"]
    assert Calendar.from_ical(found["ics"])["METHOD"] == "REQUEST"
    assert found["headers"]["From"] == "Acme <calls@slotline.local>"
    assert found["headers"]["To"] == f"Ана \U0001f600 <{ADDRESS}>"


def test_a_whatsapp_message_is_shown_as_its_template(send):
    found = send(Channel.WHATSAPP, news=News.MOVED)
    assert (found["headers"]["Template"], found["headers"]["Language"]) == ("slotline_invitation_moved", "en")
    assert found["text"].split("\n")[:2] == ["Ana García", "Acme"]


def test_letters_are_found_by_recipient_and_by_time(send, http):
    first = send(Channel.SMS, recipient="+15550100001")
    second = send(Channel.SMS, recipient="+15550100001")
    send(Channel.EMAIL, recipient="Bea@Guest.example")

    def ids(query: str) -> list[str]:
        return [one["id"] for one in http.get(f"/__local/inbox?{query}").json()["messages"]]

    assert ids("to=%2B15550100001") == ids("to=+15550100001") == [first["id"], second["id"]]
    assert len(ids("to=bea@guest.example")) == 1
    assert ids("to=nobody") == []
    assert ids(f"to=+15550100001&since={second['at']}")[-1] == second["id"]
    assert ids("since=2999-01-01T00:00:00Z") == ids("since=2999-01-01T00:00:00+00:00") == []


@pytest.mark.parametrize("since", ["yesterday", "2026-05-01", "2026-05-01T15:00:00"])
def test_a_time_that_is_no_instant_is_refused(http, since):
    answer = http.get("/__local/inbox", params={"since": since})
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_the_inbox_is_only_read(http):
    assert http.post("/__local/inbox").status_code == 405


def test_a_value_that_a_provider_does_not_take_is_refused_by_it(send):
    with pytest.raises(MessageRefused):
        send(Channel.SMS, recipient="")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/ses/v2/email/outbound-emails", {}, 403),
        ("/ses/v2/email/outbound-emails", {"authorization": "x"}, 400),
        ("/ses/v2/email/other", {"authorization": "x"}, 404),
        ("/sms", {"authorization": "x", "x-amz-target": "PinpointSMSVoiceV2.DescribePools"}, 400),
        ("/whatsapp/v1/whatsapp/send", {"authorization": "x"}, 400),
        ("/genesys/oauth/token", {"authorization": "Bearer x"}, 401),
        ("/genesys/api/v2/conversations/messages/1/inbound/open/message", {"authorization": "Bearer x"}, 401),
    ],
)
def test_a_provider_takes_only_what_it_understands_from_who_has_credentials(providers_url, path, headers, status):
    answer = patient.post(providers_url + path, content=b"{}", headers=headers)
    assert answer.status_code == status


def test_the_public_port_has_no_providers(http):
    assert http.post("/providers/sms", headers={"authorization": "x"}).status_code == 404


class Page(HTMLParser):
    """The tags, links and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str | None] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data):
        self.text += data


def test_a_browser_gets_a_page_on_which_everything_that_guests_wrote_is_text(send, http):
    nasty = '<img src=x onerror="alert(1)"> {guest}'
    send(Channel.EMAIL, guest_name=nasty, sender_name=nasty, recipient="page@guest.example")
    answer = http.get("/__local/inbox?to=page@guest.example", headers={"accept": "text/html,*/*;q=0.8"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in policy
    page = Page(answer.text)
    assert not page.tags & {"img", "script", "iframe"}
    assert f"Hello {nasty}," in page.text
    assert page.links == [JOIN_URL]


def test_an_empty_inbox_says_so_to_people():
    request = Request("GET", "/__local/inbox", "", (("accept", "text/html"),), b"", "127.0.0.1")
    assert b"Nothing was sent." in asyncio.run(InboxPage(Inbox(), LocalCarrier(Manners()))(request)).body


def test_only_the_last_letters_are_kept():
    inbox = Inbox(lambda: datetime(2026, 5, 1, tzinfo=UTC))
    ids = [inbox.keep(Letter(channel="sms", to=PHONE, text=str(number))) for number in range(MOST + 2)]
    assert [one.id for one in inbox.find()] == ids[2:]
