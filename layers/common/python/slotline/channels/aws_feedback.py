"""What AWS's messaging services say of a message after they took it, as their SNS topic brings it.

Three services publish to one topic, each in a shape of its own (checked on 2026-11-29):
SES: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
SMS: https://docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-format.html
WhatsApp: https://docs.aws.amazon.com/social-messaging/latest/userguide/managing-event-destinations-generated.html
(what is in it: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status/)

A body that is none of these is nothing to us, and never an error: SES greets a new topic in plain text, and guests
answer on WhatsApp. Nothing that a body says is believed but ids, which are looked up, and words, which are checked.
"""

import json
from collections.abc import Sequence

from slotline.domain.booking.reminders import Channel
from slotline.domain.booking.sendings import Feedback
from slotline.domain.messages.feedback import FeedbackReport, SendingReference, reason_of

_SMS_FAILURES = {
    "TEXT_BLOCKED": Feedback.BOUNCED_FOR_GOOD,  # the recipient's device or carrier blocks messages to this recipient
    "TEXT_CARRIER_BLOCKED": Feedback.BOUNCED,
    "TEXT_CARRIER_UNREACHABLE": Feedback.BOUNCED,
    "TEXT_INVALID": Feedback.BOUNCED_FOR_GOOD,  # no number
    "TEXT_INVALID_MESSAGE": Feedback.BOUNCED,
    "TEXT_PROTECT_BLOCKED": Feedback.BOUNCED,  # the account's own rules, by country
    "TEXT_SPAM": Feedback.BOUNCED,
    "TEXT_TTL_EXPIRED": Feedback.BOUNCED,
    "TEXT_UNREACHABLE": Feedback.BOUNCED,
}
"""Events by what they say of the number. `TEXT_UNKNOWN` is none: it means that no carrier has said anything."""
SMS_EVENTS = tuple(_SMS_FAILURES)
SES_EVENTS = ("BOUNCE", "COMPLAINT", "REJECT")
"""What the configuration sets are to publish, by the names that CloudFormation has for it."""


def reports_in(body: str) -> Sequence[FeedbackReport]:
    """The reports in one message of the queue; none in whatever is no bad news."""
    event = _json(body)
    if _at(event, "whatsAppWebhookEntry") is not None:
        return _whatsapp(event)
    match _at(event, "eventType"):
        case ("Bounce" | "Complaint" | "Reject") as kind:
            return _ses(kind, event)
        case str(kind) if kind in _SMS_FAILURES:
            return _sms(kind, event)
    return ()


def _ses(kind: str, event: object) -> Sequence[FeedbackReport]:
    if kind == "Complaint" and _at(event, "complaint", "complaintFeedbackType") == "not-spam":
        return ()  # somebody took it out of the spam folder
    tags = ("mail", "tags")
    reference = SendingReference.of(*(_at(event, *tags, name, 0) for name in ("app", "call", "sending")))
    if kind == "Complaint":
        words = _at(event, "complaint", "complaintSubType") or _at(event, "complaint", "complaintFeedbackType")
        return [_report(reference, Channel.EMAIL, Feedback.COMPLAINED, words)]
    if kind == "Reject":  # SES found a virus in it, and sent nothing
        return [_report(reference, Channel.EMAIL, Feedback.BOUNCED, "rejected")]
    is_final = _at(event, "bounce", "bounceType") == "Permanent"
    feedback = Feedback.BOUNCED_FOR_GOOD if is_final else Feedback.BOUNCED
    return [_report(reference, Channel.EMAIL, feedback, _at(event, "bounce", "bounceSubType"))]


def _sms(kind: str, event: object) -> Sequence[FeedbackReport]:
    if _at(event, "isFinal") is not True:  # it may arrive yet
        return ()
    names = ("app_id", "call_id", "sending_id")
    reference = SendingReference.of(*(_at(event, "context", name) for name in names))
    return [_report(reference, Channel.SMS, _SMS_FAILURES[kind], kind.removeprefix("TEXT_").lower())]


def _whatsapp(event: object) -> Sequence[FeedbackReport]:
    """A failed status. None is taken to be for good: Meta's codes say no more of a number than that it may be old."""
    entry = _json(_at(event, "whatsAppWebhookEntry"))
    failed = [
        status
        for change in _list(_at(entry, "changes"))
        for status in _list(_at(change, "value", "statuses"))
        if _at(status, "status") == "failed"
    ]
    return [_failed_whatsapp(status) for status in failed]


def _failed_whatsapp(status: object) -> FeedbackReport:
    said = _json(_at(status, "biz_opaque_callback_data"))
    reference = SendingReference.of(*(_at(said, name) for name in ("app_id", "call_id", "sending_id")))
    code = _at(status, "errors", 0, "code")
    return _report(reference, Channel.WHATSAPP, Feedback.BOUNCED, f"meta_{code}" if isinstance(code, int) else None)


def _report(reference: SendingReference | None, channel: Channel, feedback: Feedback, words: object) -> FeedbackReport:
    return FeedbackReport(reference=reference, channel=channel, feedback=feedback, reason=reason_of(words))


def _json(text: object) -> object:
    """What a JSON text says; None for whatever is none."""
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None


def _at(value: object, *path: str | int) -> object:
    """What is at this place; None if there is no such place."""
    for step in path:
        match value, step:
            case dict(), str():
                value = value.get(step)
            case list(), int() if step < len(value):
                value = value[step]
            case _:
                return None
    return value


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
