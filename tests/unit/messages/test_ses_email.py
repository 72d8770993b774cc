"""E-mail as a mail program sees it: its parts, and what guests cannot write into it."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.utils import parseaddr
from html import escape
from html.parser import HTMLParser

import boto3
import pytest
from botocore.stub import ANY, Stubber
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from slotline.channels.ses_email import SesEmail, address_of, compose
from slotline.channels.wording import NO_NAME, one_line
from slotline.domain.booking.reminders import ReminderKind
from slotline.domain.messages.message import Message
from slotline.ports.messages import MessageRefused
from tests.support.builders.messages import JOIN_URL, OCCASIONS, SENDER, make_message, parsed, part, text_of

NASTY = "<script>alert('x')</script> & \"Ana\"\r\nBcc: eve@x.example"


def email_of(message: Message):
    return parsed(compose(message, address_of(message.recipient), SENDER))


def mailbox(raw: bytes, header: str) -> tuple[str, str]:
    """The name and address of a header, by the standard library's older reader.

    Its newer one puts a space between encoded words of a name, which RFC 2047 §6.2 says are one.
    """
    name, address = parseaddr(message_from_bytes(raw)[header].replace("\r\n", ""))
    return str(make_header(decode_header(name))), address


class Tags(HTMLParser):
    """The tags and links of a page, and its text."""

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


def test_an_invitation_is_text_html_and_a_calendar_twice():
    email = email_of(make_message())
    shape = [one.get_content_type() for one in email.walk()]
    assert shape == [
        "multipart/mixed",
        *("multipart/alternative", "text/plain", "text/html", "text/calendar"),
        "application/ics",
    ]
    calendar = part(email, "text/calendar")
    assert dict(calendar["Content-Type"].params) == {"charset": "utf-8", "method": "REQUEST"}
    file = part(email, "application/ics")
    assert file.get_filename() == "call.ics"
    assert file.get_payload(decode=True) == calendar.get_payload(decode=True)
    assert Calendar.from_ical(file.get_payload(decode=True))["METHOD"] == "REQUEST"


def test_a_cancellation_has_a_calendar_that_cancels_and_no_link():
    email = email_of(make_message(kind=ReminderKind.CANCELLATION))
    assert part(email, "text/calendar")["Content-Type"].params["method"] == "CANCEL"
    assert JOIN_URL not in text_of(email) + text_of(email, "text/html")


@pytest.mark.parametrize("kind", [kind for kind in ReminderKind if kind.value.startswith(("reminder", "conflict"))])
def test_a_reminder_is_text_and_html_alone(kind):
    email = email_of(make_message(kind=kind))
    assert [one.get_content_type() for one in email.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_it_says_who_writes_to_whom_about_what_and_asks_for_no_answer():
    email = email_of(make_message(language="es"))
    assert str(email["From"]) == f"Acme <{SENDER}>"
    assert str(email["To"]) == "Ana García <ana@guest.example>"
    assert (
        str(email["Subject"]) == "Tu videollamada con Acme: viernes, 1 de mayo de 2026, 10:00 (hora de Bogota, UTC-5)"
    )
    assert email["Content-Language"] == "es"
    assert email["Auto-Submitted"] == "auto-generated"
    assert email["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert email["Reply-To"] is None
    assert (email["X-Slotline-Kind"], email["X-Slotline-Call"]) == ("invitation", make_message().call_id)
    assert email["Message-ID"] is None


@pytest.mark.parametrize(
    ("reply_to", "written"),
    [
        (("Ada Byron", "ada@acme.example"), "Ada Byron <ada@acme.example>"),
        (("Byron, Ada", "ada@acme.example"), '"Byron, Ada" <ada@acme.example>'),
        (("Ada", "ada@bücher.example"), "Ada <ada@xn--bcher-kva.example>"),
        (("Ada", "ada..byron@acme.example"), None),
        (("Ada", "ada@acme.example, eve@x.example"), None),
    ],
)
def test_an_answer_goes_where_the_preset_says_and_a_bad_address_stops_no_mail(reply_to, written):
    email = email_of(make_message(reply_to=reply_to))
    assert email["Reply-To"] == written
    assert email["To"]


def test_a_cancellation_to_whoever_was_not_invited_has_no_calendar():
    email = email_of(make_message(kind=ReminderKind.CANCELLATION, may_be_in_calendar=False))
    assert [one.get_content_type() for one in email.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_text_and_html_say_the_same():
    email = email_of(make_message(guest_name="Zoë", sender_name="Łódź & Söhne"))
    text, page = text_of(email), Tags(text_of(email, "text/html"))
    for said in ("Hello Zoë,", "Łódź & Söhne", "Friday, May 1, 2026", "30 minutes", "Ada", "Join the call", JOIN_URL):
        assert said in text
        assert said in page.text
    assert set(page.links) == {JOIN_URL}


@pytest.mark.parametrize("occasion", OCCASIONS, ids=str)
def test_what_people_wrote_is_text_in_html_and_makes_no_header(occasion):
    message = make_message(**occasion, guest_name=NASTY, sender_name=NASTY, agent_name=NASTY, reason=NASTY)
    email = email_of(message)
    page = Tags(text_of(email, "text/html"))
    line = " ".join(NASTY.split())
    assert page.tags == {"html", "head", "meta", "title", "body", "div", "p", "table", "tr", "th", "td", "bdi"} | (
        {"a"} if page.links else set()
    )
    assert line in page.text
    assert "Bcc" not in email
    to = email["To"]
    assert isinstance(to, AddressHeader)
    assert [(one.display_name, one.addr_spec) for one in to.addresses] == [(line, "ana@guest.example")]


@pytest.mark.parametrize("name", ["עברית שלום", "سلام", "José\u0301", "👩‍👩‍👧 Ana", "A" * 200, "Ж" * 200])
def test_any_script_comes_through_whole(name):
    raw = compose(make_message(guest_name=name, sender_name=name), "ana@guest.example", SENDER)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    email = parsed(raw)
    assert name in str(email["Subject"])
    assert f"Hello {name}," in text_of(email)
    assert escape(name) in text_of(email, "text/html")
    for header, address in (("From", SENDER), ("To", "ana@guest.example")):
        assert mailbox(raw, header) == (name, address)


@given(st.text(max_size=60))
def test_a_name_never_adds_a_recipient(name):
    raw = compose(make_message(kind=ReminderKind.REMINDER_1H, guest_name=name), "ana@guest.example", SENDER)
    assert [one.addr_spec for one in parsed(raw)["To"].addresses] == ["ana@guest.example"]
    shown, address = mailbox(raw, "To")
    assert address == "ana@guest.example"
    # The standard library may lose a space where it breaks a long name into lines.
    assert shown.replace(" ", "") == (one_line(name) or NO_NAME).replace(" ", "")


@pytest.mark.parametrize(
    ("color", "style"),
    [
        ("#ffcc00", "background:#ffcc00;color:#000000"),
        ("#101060", "background:#101060;color:#ffffff"),
        (None, "background:#1f4e8c;color:#ffffff"),
        ('red" onclick="x', "background:#1f4e8c;color:#ffffff"),
    ],
)
def test_the_button_has_the_senders_colour_with_letters_that_can_be_read(color, style):
    assert style in text_of(email_of(make_message(sender_color=color)), "text/html")


@pytest.mark.parametrize(
    ("domain", "sent_to"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("ς.example", "xn--3xa.example"),
    ],
)
def test_a_domain_in_another_script_is_written_in_punycode_and_is_not_taken_for_a_similar_one(domain, sent_to):
    assert address_of(f"ana@{domain}") == f"ana@{sent_to}"
    email = email_of(make_message(recipient=f"ana@{domain}"))
    assert email["To"].addresses[0].addr_spec == f"ana@{sent_to}"
    # Lines are folded anywhere.
    assert f":mailto:ana@{sent_to}\n" in text_of(email, "text/calendar").replace("\n ", "")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "ana@ü_b.example",
        "ana@ü..example",
        "a\u0430@b.example",
        "a b@c.example",
        "a@b, c@d",
        "a@b\r\nBcc: c@d",
    ],
)
def test_what_is_no_address_is_refused_without_being_repeated(address):
    with pytest.raises(MessageRefused) as refused:
        SesEmail(boto3.client("sesv2", region_name="us-east-1"), SENDER).send(make_message(recipient=address))
    assert str(refused.value) == "not an address that SES can send to"


@pytest.mark.parametrize("configuration_set", ["", "bounces"])
def test_ses_is_asked_once_with_the_whole_message(configuration_set):
    client = boto3.client("sesv2", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    expected = {
        "FromEmailAddress": SENDER,
        "Destination": {"ToAddresses": ["ana@guest.example"]},
        "Content": {"Raw": {"Data": ANY}},
        "EmailTags": [
            {"Name": "app", "Value": make_message().app_id},
            {"Name": "call", "Value": make_message().call_id},
            {"Name": "sending", "Value": make_message().sending_id},
        ],
    }
    if configuration_set:
        expected["ConfigurationSetName"] = configuration_set
    with Stubber(client) as stub:
        stub.add_response("send_email", {"MessageId": "ses-1"}, expected)
        assert SesEmail(client, SENDER, configuration_set).send(make_message()) == "ses-1"
