"""The guest's link as messages show it: in every one that is the guest's, in their language, and where it is needed."""

import html
import json

import pytest

from slotline.channels.aws_whatsapp import template_message
from slotline.channels.genesys_dispatch import inbound_message
from slotline.channels.ses_email import compose
from slotline.channels.wording import in_words
from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.reminders import ReminderKind
from slotline.words.catalogue import languages
from tests.support.builders.messages import JOIN_URL, OCCASIONS, SENDER, make_message, parsed, text_of

GUEST_URL = "https://video.slotline.example/b/AQAAAAGW8qAAAHAAgAAAAAAAAAE0123456789abcdefghi-_"
PENDING = {"kind": ReminderKind.INVITATION, "call_status": CallStatus.PENDING_CONFIRMATION}


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize("occasion", OCCASIONS, ids=str)
def test_every_message_to_the_guest_has_the_guests_link(occasion, language):
    message = make_message(**occasion, language=language, guest_url=GUEST_URL)
    mail = parsed(compose(message, message.recipient, SENDER))
    assert GUEST_URL in text_of(mail)
    assert GUEST_URL in html.unescape(text_of(mail, "text/html"))
    assert GUEST_URL in in_words(message).sms


@pytest.mark.parametrize("occasion", OCCASIONS, ids=str)
def test_a_message_without_a_link_is_as_it_always_was(occasion):
    message = make_message(**occasion)
    mail = parsed(compose(message, message.recipient, SENDER))
    assert "/b/" not in text_of(mail) + text_of(mail, "text/html") + in_words(message).sms


def test_an_entry_in_the_calendar_has_it_in_its_description():
    message = make_message(guest_url=GUEST_URL)
    mail = parsed(compose(message, message.recipient, SENDER))
    calendar = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    content = calendar.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert f"Your booking: {GUEST_URL}" in content.replace(b"\r\n ", b"").decode()


@pytest.mark.parametrize(("language", "label"), [("en", "Confirm the call"), ("es", "Confirmar la llamada")])
def test_who_has_to_confirm_is_led_there_first(language, label):
    wording = in_words(make_message(**PENDING, language=language, guest_url=GUEST_URL))
    assert [url for _, url in wording.links] == [GUEST_URL, JOIN_URL]
    assert wording.links[0][0] == label
    assert wording.sms.endswith(GUEST_URL)
    assert JOIN_URL not in wording.sms


def test_who_has_nothing_to_confirm_is_led_to_the_call_first():
    wording = in_words(make_message(guest_url=GUEST_URL))
    assert [url for _, url in wording.links] == [JOIN_URL, GUEST_URL]
    assert wording.sms.endswith(f"{JOIN_URL} Your booking: {GUEST_URL}")


def test_whatsapp_has_both_in_the_one_parameter_that_meta_approved():
    said = template_message(make_message(guest_url=GUEST_URL))
    template = said["template"]
    assert isinstance(template, dict)
    parameters = [one["text"] for one in template["components"][0]["parameters"]]
    assert len(parameters) == 4
    assert parameters[3] == f"{JOIN_URL} Your booking: {GUEST_URL}"


@pytest.mark.parametrize("occasion", OCCASIONS, ids=str)
def test_a_dispatch_never_has_it(occasion):
    assert "/b/" not in json.dumps(inbound_message(make_message(**occasion, guest_url=GUEST_URL)))
