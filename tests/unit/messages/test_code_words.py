"""The message with a code that proves an address: what a guest reads in it, in each language, by e-mail and by SMS."""

from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from slotline.channels.aws_sms import AwsSms
from slotline.channels.code_words import code_in_words
from slotline.channels.ses_email import SesEmail
from slotline.domain.booking.reminders import Channel
from slotline.domain.messages.code_message import CodeMessage
from slotline.ports.messages import MessageRefused
from slotline.words.catalogue import RIGHT_TO_LEFT, languages
from tests.support.builders.messages import GSM, HAIR_SPACE, SENDER, parsed, text_of

PHONE, ADDRESS = "+573005550100", "ana@guest.example"
SHOWN = "Óptica Luz"
"""The name that the app shows to its guests."""
SAID = {
    "en": {
        "subject": "042719 is your code for Óptica Luz",
        "text": (
            "Hello,\n\n"
            "Enter this code to book with Óptica Luz. It is good for 10 minutes. If you are not booking anything, "
            "ignore this message: somebody may have mistyped their address.\n\n"
            "Code: 042719\n\n"
            "Óptica Luz\n"
        ),
        "sms": "042719 is your code to book with Óptica Luz. It is good for 10 minutes.",
    },
    "es": {
        "subject": "042719 es tu código para Óptica Luz",
        "text": (
            "Hola:\n\n"
            "Escribe este código para reservar con Óptica Luz. Vale durante 10 minutos. Si no estás reservando nada, "
            "ignora este mensaje: alguien puede haberse equivocado de dirección.\n\n"
            "Código: 042719\n\n"
            "Óptica Luz\n"
        ),
        "sms": "042719 es tu clave para reservar con Óptica Luz. Vale durante 10 minutos.",
    },
    "ar": {
        "subject": "رمزك لدى \u2068Óptica Luz\u2069: 042719",
        "text": (
            "مرحبًا،\n\n"
            "يُرجى إدخال هذا الرمز للحجز لدى \u2068Óptica Luz\u2069. الرمز صالح لمدة 10 دقائق. إن لم يكن هذا الحجز لك، "
            "فيُرجى تجاهل هذه الرسالة: ربما أخطأ أحدهم في كتابة عنوانه.\n\n"
            "الرمز: 042719\n\n"
            "Óptica Luz\n"
        ),
        "sms": "رمزك لدى \u2068Óptica Luz\u2069: 042719. صالح لمدة 10 دقائق.",
    },
}
EVERY_LANGUAGE = pytest.mark.parametrize("language", sorted(languages()))


def a_message(**changes: Any) -> CodeMessage:
    """A code for Ana, whose first digit is a zero."""
    values: dict[str, Any] = {
        "id": "01960000-0000-7000-8000-000000000001",
        "app_id": "app_1",
        "channel": Channel.EMAIL,
        "recipient": ADDRESS,
        "language": "en",
        "sender_name": SHOWN,
        "code": "042719",
        "minutes": 10,
    }
    return CodeMessage(**{**values, **changes})


def client_of(service: str) -> Any:
    return boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def mailed(message: CodeMessage) -> EmailMessage:
    """The mail as SES is given it, and as a mail program reads it."""
    client, taken = client_of("sesv2"), list[dict[str, Any]]()
    client.meta.events.register("provide-client-params.sesv2.SendEmail", lambda params, **_: taken.append(params))
    with Stubber(client) as aws:
        aws.add_response(
            "send_email",
            {"MessageId": "1"},
            dict.fromkeys(("FromEmailAddress", "Content"), ANY)
            | {
                "Destination": {"ToAddresses": [ADDRESS]},
                "EmailTags": [{"Name": "app", "Value": "app_1"}],
            },
        )
        assert SesEmail(client, SENDER).send_code(message) == "1"
    return parsed(taken[0]["Content"]["Raw"]["Data"])


def texted(message: CodeMessage) -> str:
    """The text as AWS is given it."""
    client, taken = client_of("pinpoint-sms-voice-v2"), list[dict[str, Any]]()
    client.meta.events.register("provide-client-params.*.SendTextMessage", lambda params, **_: taken.append(params))
    with Stubber(client) as aws:
        aws.add_response(
            "send_text_message",
            {"MessageId": "1"},
            {
                "DestinationPhoneNumber": PHONE,
                "OriginationIdentity": "Slotline",
                "MessageBody": ANY,
                "MessageType": "TRANSACTIONAL",
                "Context": {"kind": "code", "app_id": "app_1"},
            },
        )
        assert AwsSms(client, "Slotline").send_code(message) == "1"
    return str(taken[0]["MessageBody"])


def test_every_language_is_read_here():
    assert set(SAID) == languages()


@EVERY_LANGUAGE
def test_a_mail_says_the_code_who_asks_for_it_how_long_it_is_good_for_and_that_it_may_be_ignored(language: str):
    email = mailed(a_message(language=language))
    assert email["Subject"] == SAID[language]["subject"]
    assert text_of(email) == SAID[language]["text"]
    assert email["Content-Language"] == language


@EVERY_LANGUAGE
def test_a_text_message_says_it_in_one_message(language: str):
    assert texted(a_message(channel=Channel.SMS, recipient=PHONE, language=language)) == SAID[language]["sms"]
    longer = code_in_words(a_message(language=language, sender_name="A" * 25, minutes=15)).sms
    assert len(longer) <= 160
    assert set(longer) <= GSM or len(longer.encode("utf-16-le")) <= 2 * 70


@EVERY_LANGUAGE
def test_the_page_of_a_mail_says_the_same_and_shows_the_code_by_itself(language: str):
    page = text_of(mailed(a_message(language=language)), "text/html")
    greeting, told, _, name = SAID[language]["text"].strip().split("\n\n")
    direction = ' dir="rtl"' if language in RIGHT_TO_LEFT else ""
    assert f'<html lang="{language}"{direction}>' in page
    assert f"<div{direction} style=" in page
    shown = told.replace("\u2068", "<bdi>").replace("\u2069", "</bdi>")
    assert f"<p>{greeting}</p><p>{shown}</p>" in page
    assert "<bdi>042719</bdi></p>" in page, "nothing beside it is copied with it, and no direction turns it around"
    assert f"<p><bdi>{name}</bdi></p>" in page
    assert page.count("042719") == 2, "in the title and by itself"


def test_a_mail_loads_nothing_and_leads_nowhere():
    page = text_of(mailed(a_message()), "text/html")
    assert not [part for part in ("href", "src", "<img", "<a ", "<script", "http", "url(") if part in page]


def test_a_mail_is_from_the_deployments_address_under_the_shown_name_and_asks_for_no_reply():
    email = mailed(a_message())
    assert getaddresses([email["From"]]) == [(SHOWN, SENDER)]
    assert getaddresses([email["To"]]) == [("", ADDRESS)], "nobody has a name yet"
    assert (email["Auto-Submitted"], email["X-Slotline-Kind"]) == ("auto-generated", "code")
    assert email["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert "Reply-To" not in email


@pytest.mark.parametrize("message", [mailed, texted], ids=["e-mail", "SMS"])
@pytest.mark.parametrize("minutes", [5, 15])
def test_how_long_it_is_good_for_is_said_as_it_is(message: Any, minutes: int):
    sent = message(a_message(recipient=PHONE if message is texted else ADDRESS, minutes=minutes))
    assert f"It is good for {minutes} minutes." in (sent if isinstance(sent, str) else text_of(sent))


def test_a_language_without_words_is_english():
    assert texted(a_message(recipient=PHONE, language="fr-CA")) == SAID["en"]["sms"]
    assert texted(a_message(recipient=PHONE, language="es-CO")) == SAID["es"]["sms"]
    assert texted(a_message(recipient=PHONE, language="ar-EG")) == SAID["ar"]["sms"]


def test_a_shown_name_is_text_makes_no_link_and_no_line():
    name = "<b>Luz</b>\r\nluz.example"
    email = mailed(a_message(sender_name=name))
    assert email["Subject"] == "042719 is your code for <b>Luz</b> luz.example"
    assert text_of(email).endswith(f"\n<b>Luz</b> luz.{HAIR_SPACE}example\n")
    page = text_of(email, "text/html")
    assert "<b>" not in page
    assert f"<bdi>&lt;b&gt;Luz&lt;/b&gt; luz.{HAIR_SPACE}example</bdi>" in page
    assert "book with <b>Luz</b> luz. example. It is" in texted(a_message(recipient=PHONE, sender_name=name))


def test_an_app_whose_name_shows_nothing_is_a_dash():
    assert texted(a_message(recipient=PHONE, sender_name=" \n ")).startswith("042719 is your code to book with -.")


def test_what_no_channel_can_reach_is_refused():
    with pytest.raises(MessageRefused):
        SesEmail(client_of("sesv2"), SENDER).send_code(a_message(recipient="nobody"))


def test_the_code_is_not_in_what_is_shown_of_its_message():
    assert "042719" not in repr(a_message())
