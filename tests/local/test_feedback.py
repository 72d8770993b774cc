"""The local providers say of messages what AWS's own simulators say, in words that the function understands."""

import json
from typing import Any

import pytest

from local.feedback import NO_NUMBER, of_email, of_text, of_whatsapp
from slotline.channels.aws_feedback import reports_in
from slotline.channels.aws_whatsapp import template_message
from slotline.domain.booking.sendings import Feedback
from slotline.domain.messages.feedback import SendingReference
from tests.support.builders.messages import make_message

MESSAGE = make_message(recipient=NO_NUMBER)
IDS = {"app_id": MESSAGE.app_id, "call_id": MESSAGE.call_id, "sending_id": MESSAGE.sending_id}
REFERENCE = SendingReference(**IDS)


def a_mail(to: str, **changes: Any) -> dict[str, Any]:
    """A request to SES, as its adapter makes it (`tests/unit/messages/test_ses_email.py`)."""
    tags = {"app": MESSAGE.app_id, "call": MESSAGE.call_id, "sending": MESSAGE.sending_id}
    return {
        "FromEmailAddress": "calls@slotline.local",
        "Destination": {"ToAddresses": [to]},
        "EmailTags": [{"Name": name, "Value": value} for name, value in tags.items()],
        "ConfigurationSetName": "slotline",
        **changes,
    }


@pytest.mark.parametrize(
    ("to", "feedback", "reason"),
    [
        ("bounce@simulator.amazonses.com", Feedback.BOUNCED_FOR_GOOD, "general"),
        ("Bounce+a.label@Simulator.AmazonSES.com", Feedback.BOUNCED_FOR_GOOD, "general"),
        ("suppressionlist@simulator.amazonses.com", Feedback.BOUNCED_FOR_GOOD, "on_account_suppression_list"),
        ("complaint+1@simulator.amazonses.com", Feedback.COMPLAINED, "abuse"),
    ],
)
def test_a_mailbox_of_the_simulator_answers_as_it_is_named(to: str, feedback: Feedback, reason: str) -> None:
    (event,) = of_email(a_mail(to), "local-1")
    (report,) = reports_in(json.dumps(event))
    assert (report.reference, report.feedback, report.reason) == (REFERENCE, feedback, reason)


@pytest.mark.parametrize(
    "to", ["success@simulator.amazonses.com", "bounce@guest.example", "bounce@simulator.amazonses.com.guest.example"]
)
def test_every_other_mailbox_takes_its_mail(to: str) -> None:
    assert of_email(a_mail(to), "local-1") == ()


def test_the_simulators_number_takes_neither_a_text_message_nor_whatsapp() -> None:
    text = {"DestinationPhoneNumber": NO_NUMBER, "ConfigurationSetName": "slotline", "Context": IDS}
    events = [*of_text(text, "local-1"), *of_whatsapp(template_message(MESSAGE), "local-2")]
    reports = [report for event in events for report in reports_in(json.dumps(event))]
    assert [(report.reference, report.channel, report.reason) for report in reports] == [
        (REFERENCE, "sms", "blocked"),
        (REFERENCE, "whatsapp", "meta_131026"),
    ]
    other = make_message(recipient="+573005550100")
    assert of_text({**text, "DestinationPhoneNumber": other.recipient}, "local-3") == ()
    assert of_whatsapp(template_message(other), "local-4") == ()


def test_without_a_configuration_set_nothing_is_said() -> None:
    mail = a_mail("bounce@simulator.amazonses.com")
    del mail["ConfigurationSetName"]
    assert of_email(mail, "local-1") == ()
    assert of_text({"DestinationPhoneNumber": NO_NUMBER, "Context": IDS}, "local-2") == ()
