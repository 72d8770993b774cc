"""What AWS says of messages that it took, in the shapes of its documentation (`slotline.channels.aws_feedback`)."""

import json
from typing import Any

IDS = {"app_id": "app_1", "call_id": "call_1", "sending_id": "sending_1"}
ADDRESS, PHONE = "ana@guest.example", "+573005550100"


def ses_event(kind: str, ids: dict[str, str] = IDS, tags: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A record of SES's event publishing."""
    named = {"app": ids["app_id"], "call": ids["call_id"], "sending": ids["sending_id"]}
    bounced = {
        "feedbackId": "0100017a-1",
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [
            {
                "emailAddress": ADDRESS,
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": f"smtp; 550 5.1.1 <{ADDRESS}> user unknown",
            }
        ],
        "timestamp": "2026-04-22T12:00:01.000Z",
        "reportingMTA": "dsn; a8-50.smtp-out.amazonses.example",
    }
    complained = {
        "feedbackId": "0100017a-2",
        "complaintSubType": None,
        "complainedRecipients": [{"emailAddress": ADDRESS}],
        "timestamp": "2026-04-22T12:00:01.000Z",
        "userAgent": "Mail client",
        "complaintFeedbackType": "abuse",
        "arrivalDate": "2026-04-22T12:00:01.000Z",
    }
    told = {"Bounce": {"bounce": bounced}, "Complaint": {"complaint": complained}}.get(kind, {})
    return {
        "eventType": kind,
        **told,
        "mail": {
            "timestamp": "2026-04-22T12:00:00.000Z",
            "source": "calls@slotline.example",
            "sourceArn": "arn:aws:ses:eu-central-1:123456789012:identity/slotline.example",
            "sendingAccountId": "123456789012",
            "messageId": "0100017a-0",
            "destination": [ADDRESS],
            "headersTruncated": False,
            "headers": [{"name": "To", "value": f"Ana <{ADDRESS}>"}],
            "commonHeaders": {"from": ["calls@slotline.example"], "to": [f"Ana <{ADDRESS}>"], "subject": "Your call"},
            "tags": {
                "ses:configuration-set": ["slotline"],
                "ses:source-ip": ["192.0.2.0"],
                **({name: [value] for name, value in named.items()} if tags is None else tags),
            },
        },
        **more,
    }


def sms_event(kind: str, ids: dict[str, str] = IDS, **more: Any) -> dict[str, Any]:
    """An event of AWS End User Messaging SMS."""
    return {
        "eventType": kind,
        "eventVersion": "1.0",
        "eventTimestamp": 1776859201000,
        "isFinal": True,
        "originationPhoneNumber": "+12065550152",
        "destinationPhoneNumber": PHONE,
        "isoCountryCode": "CO",
        "messageId": "862a8790-60c0-4430-9b2b-658bdexample",
        "messageRequestTimestamp": 1776859200000,
        "messageEncoding": "GSM",
        "messageType": "TRANSACTIONAL",
        "messageStatus": kind.removeprefix("TEXT_"),
        "messageStatusDescription": "A text about it",
        "context": {"kind": "reminder_1h", **ids},
        "totalMessageParts": 1,
        "totalMessagePrice": 0.09582,
        "totalCarrierFee": 0.0,
        **more,
    }


def whatsapp_event(*statuses: str, ids: dict[str, str] = IDS, **more: Any) -> dict[str, Any]:
    """An event of AWS End User Messaging Social: what Meta said, in JSON within JSON."""
    found = [
        {
            "id": f"wamid.{number}",
            "status": status,
            "timestamp": "1776859201",
            "recipient_id": PHONE.removeprefix("+"),
            "biz_opaque_callback_data": json.dumps(ids),
            **more,
        }
        for number, status in enumerate(statuses)
    ]
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "12065550152", "phone_number_id": "1"},
        "statuses": found,
    }
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    return {
        "context": {
            "MetaWabaIds": [{"wabaId": "1", "arn": "arn:aws:social-messaging:eu-central-1:123456789012:waba/1"}],
            "MetaPhoneNumberIds": [],
        },
        "whatsAppWebhookEntry": json.dumps(entry),
        "aws_account_id": "123456789012",
        "message_timestamp": "2026-04-22T12:00:01.000Z",
        "messageId": "event-1",
    }
