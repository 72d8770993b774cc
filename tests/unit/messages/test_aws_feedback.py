"""What AWS's messaging services say of messages, as they say it, and whatever else a topic may bring."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.channels.aws_feedback import SES_EVENTS, SMS_EVENTS, reports_in
from slotline.domain.booking.reminders import Channel
from slotline.domain.booking.sendings import Feedback
from slotline.domain.messages.feedback import SendingReference, reason_of
from tests.support.builders.feedback import IDS, ses_event, sms_event, whatsapp_event

REFERENCE = SendingReference(**IDS)


def said(event: Any) -> list[tuple[Feedback, str]]:
    """What an event comes to."""
    return [(report.feedback, report.reason) for report in reports_in(json.dumps(event))]


@pytest.mark.parametrize(
    ("kind", "sub_type", "feedback", "reason"),
    [
        ("Permanent", "General", Feedback.BOUNCED_FOR_GOOD, "general"),
        ("Permanent", "NoEmail", Feedback.BOUNCED_FOR_GOOD, "no_email"),
        ("Permanent", "Suppressed", Feedback.BOUNCED_FOR_GOOD, "suppressed"),
        ("Permanent", "OnAccountSuppressionList", Feedback.BOUNCED_FOR_GOOD, "on_account_suppression_list"),
        ("Transient", "General", Feedback.BOUNCED, "general"),
        ("Transient", "MailboxFull", Feedback.BOUNCED, "mailbox_full"),
        ("Transient", "CustomTimeoutExceeded", Feedback.BOUNCED, "custom_timeout_exceeded"),
        ("Undetermined", "Undetermined", Feedback.BOUNCED, "undetermined"),
        (None, None, Feedback.BOUNCED, "unknown"),
    ],
)
def test_only_a_permanent_bounce_is_for_good(kind: Any, sub_type: Any, feedback: Feedback, reason: str) -> None:
    event = ses_event("Bounce", bounce={"bounceType": kind, "bounceSubType": sub_type})
    (report,) = reports_in(json.dumps(event))
    assert (report.channel, report.reference) == (Channel.EMAIL, REFERENCE)
    assert (report.feedback, report.reason) == (feedback, reason)


@pytest.mark.parametrize(
    ("complaint", "reasons"),
    [
        ({"complaintFeedbackType": "abuse", "complaintSubType": None}, ["abuse"]),
        ({"complaintSubType": "OnAccountSuppressionList"}, ["on_account_suppression_list"]),
        ({}, ["unknown"]),
        ({"complaintFeedbackType": "not-spam"}, []),  # somebody took it out of the spam folder
    ],
)
def test_a_complaint_is_one_unless_it_says_the_contrary(complaint: dict[str, Any], reasons: list[str]) -> None:
    assert said(ses_event("Complaint", complaint=complaint)) == [(Feedback.COMPLAINED, one) for one in reasons]


def test_a_mail_that_ses_rejects_bounced_for_now() -> None:
    assert said(ses_event("Reject", reject={"reason": "Bad content"})) == [(Feedback.BOUNCED, "rejected")]


@pytest.mark.parametrize("kind", ["Send", "Delivery", "Open", "Click", "DeliveryDelay", "Subscription"])
def test_what_ses_says_beside_that_is_no_report(kind: str) -> None:
    assert said(ses_event(kind)) == []


@pytest.mark.parametrize("kind", SMS_EVENTS)
def test_a_text_message_that_failed_finally_bounced_and_for_good_if_the_number_is_why(kind: str) -> None:
    (report,) = reports_in(json.dumps(sms_event(kind)))
    assert (report.channel, report.reference) == (Channel.SMS, REFERENCE)
    assert report.reason == kind.removeprefix("TEXT_").lower()
    assert report.feedback.suppresses is (kind in {"TEXT_INVALID", "TEXT_BLOCKED"})


@pytest.mark.parametrize("kind", ["TEXT_DELIVERED", "TEXT_SUCCESSFUL", "TEXT_PENDING", "TEXT_UNKNOWN", "VOICE_FAILED"])
def test_a_text_message_that_arrived_or_of_which_nobody_knows_is_no_report(kind: str) -> None:
    assert said(sms_event(kind)) == []


@pytest.mark.parametrize("final", [False, None, "true", 1])
def test_a_text_message_that_may_yet_arrive_is_no_report(final: object) -> None:
    assert said(sms_event("TEXT_UNREACHABLE", isFinal=final)) == []


def test_a_failed_whatsapp_message_bounced_with_metas_code_and_never_for_good() -> None:
    (report,) = reports_in(json.dumps(whatsapp_event("failed", errors=[{"code": 131026, "title": "Undeliverable"}])))
    assert (report.channel, report.reference) == (Channel.WHATSAPP, REFERENCE)
    assert (report.feedback, report.reason) == (Feedback.BOUNCED, "meta_131026")
    assert said(whatsapp_event("failed", errors=[])) == [(Feedback.BOUNCED, "unknown")]


def test_of_several_statuses_in_one_event_each_that_failed_is_a_report() -> None:
    event = whatsapp_event("failed", "delivered", "failed", errors=[{"code": 1}])
    assert said(event) == [(Feedback.BOUNCED, "meta_1")] * 2


def test_what_a_guest_writes_on_whatsapp_is_no_report() -> None:
    value = {"messages": [{"from": "573005550100", "type": "text", "text": {"body": "failed"}}]}
    entry = {"changes": [{"field": "messages", "value": value}]}
    assert said({"whatsAppWebhookEntry": json.dumps(entry)}) == []


@pytest.mark.parametrize(
    "event",
    [
        ses_event("Bounce", tags={}),
        ses_event("Bounce", tags={"app": "app_1", "call": [], "sending": [7]}),
        ses_event("Bounce", tags={"app": ["app_1"], "call": ["call_1"], "sending": ["#"]}),
        {"eventType": "Bounce"},
        {"eventType": "Complaint", "mail": "none", "complaint": []},
        sms_event("TEXT_INVALID", context=None),
        sms_event("TEXT_INVALID", context={"call_id": "call_1"}),
        whatsapp_event("failed", biz_opaque_callback_data="call_1"),
        whatsapp_event("failed", biz_opaque_callback_data=None),
    ],
    ids=str,
)
def test_a_report_of_a_message_that_is_not_ours_names_none(event: Any) -> None:
    assert [report.reference for report in reports_in(json.dumps(event))] == [None]


@pytest.mark.parametrize(
    "body",
    [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "",
        "null",
        "[]",
        '"Bounce"',
        "7",
        "{}",
        "[" * 20_000,
        '{"eventType": ["Bounce"]}',
        '{"eventType": {"Bounce": 1}}',
        '{"notificationType": "Bounce"}',
        '{"whatsAppWebhookEntry": 7}',
        '{"whatsAppWebhookEntry": "{}"}',
        '{"whatsAppWebhookEntry": "{\\"changes\\": [7, {\\"value\\": {\\"statuses\\": {}}}]}"}',
    ],
)
def test_whatever_else_a_topic_brings_is_nothing_and_no_error(body: str) -> None:
    assert list(reports_in(body)) == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(_JSON, st.sampled_from([ses_event("Bounce"), ses_event("Complaint"), sms_event("TEXT_INVALID")]), st.data())
def test_no_shape_of_an_event_is_an_error(odd: Any, event: dict[str, Any], data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(sorted(event)))
    for report in reports_in(json.dumps(event | {place: odd})):
        assert report.reference in {None, REFERENCE}
        assert report.reason.isascii()


def test_a_reason_is_a_word_and_never_what_somebody_wrote() -> None:
    assert reason_of("MailboxFull") == "mailbox_full"
    for text in ("smtp; 550 5.1.1 <ana@guest.example>", "ana@guest.example", "", "é", "a" * 65, 550, None, ["x"]):
        assert reason_of(text) == "unknown"


def test_what_is_asked_for_is_what_is_read() -> None:
    assert SES_EVENTS == ("BOUNCE", "COMPLAINT", "REJECT")
    assert all(said(sms_event(kind)) for kind in SMS_EVENTS)
