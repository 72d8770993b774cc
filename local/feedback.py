"""What the local providers say of messages later, by the addresses and numbers that AWS's own simulators know.

https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html (the mailbox simulator) and
https://docs.aws.amazon.com/sms-voice/latest/userguide/test-phone-numbers.html. It is published to the stack's topic, as
AWS does: from there on everything is what it is in production.
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.console import say
from local.surroundings import REGION, fake_account

_MAILBOX = re.compile(r"([a-z]+)(?:\+[^@]*)?@simulator\.amazonses\.com", re.IGNORECASE)
"""A mailbox of SES's simulator: whatever follows a plus is the sender's own label."""
NO_NUMBER = "+14254147167"
"""The number to which no text message comes."""

_EMAIL: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "bounce": ("Bounce", {"bounceType": "Permanent", "bounceSubType": "General"}),
    "suppressionlist": ("Bounce", {"bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList"}),
    "complaint": ("Complaint", {"complaintFeedbackType": "abuse", "complaintSubType": None}),
}


class Feedback:
    """The way from the providers to the stack's topic, once there is one."""

    def __init__(self) -> None:
        self._topic_arn: str | None = None
        self._client: Any = None

    def opens(self, emulator_url: str, topic_arn: str | None) -> None:
        """Publish to this topic from now on."""
        account = fake_account()
        self._topic_arn = topic_arn
        self._client = boto3.client(
            "sns",
            endpoint_url=emulator_url,
            region_name=REGION,
            aws_access_key_id=account["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=account["AWS_SECRET_ACCESS_KEY"],
        )

    async def publish(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Have the topic bring these."""
        for event in events:
            await asyncio.to_thread(self._publish, json.dumps(event))

    def _publish(self, message: str) -> None:
        if self._topic_arn is None:
            return
        try:
            self._client.publish(TopicArn=self._topic_arn, Message=message)
        except (BotoCoreError, ClientError) as error:
            say(f"what became of a message cannot be published: {type(error).__name__}")


def of_email(request: Mapping[str, Any], message_id: str) -> Sequence[Mapping[str, Any]]:
    """SES's events of a mail. Without a configuration set it has none."""
    (to,) = request["Destination"]["ToAddresses"]
    mailbox = _MAILBOX.fullmatch(to)
    found = _EMAIL.get(mailbox[1].lower()) if mailbox else None
    if found is None or "ConfigurationSetName" not in request:
        return ()
    kind, about = found
    tags = {tag["Name"]: [tag["Value"]] for tag in request.get("EmailTags", ())}
    mail = {
        "messageId": message_id,
        "source": request["FromEmailAddress"],
        "destination": [to],
        "tags": {"ses:configuration-set": [request["ConfigurationSetName"]], **tags},
    }
    return [{"eventType": kind, kind.lower(): about, "mail": mail}]


def of_text(request: Mapping[str, Any], message_id: str) -> Sequence[Mapping[str, Any]]:
    """The SMS service's events of a text message. Without a configuration set it has none."""
    if request["DestinationPhoneNumber"] != NO_NUMBER or "ConfigurationSetName" not in request:
        return ()
    return [
        {
            "eventType": "TEXT_BLOCKED",
            "isFinal": True,
            "messageId": message_id,
            "destinationPhoneNumber": NO_NUMBER,
            "context": request.get("Context", {}),
        }
    ]


def of_whatsapp(message: Mapping[str, Any], message_id: str) -> Sequence[Mapping[str, Any]]:
    """Meta's status of a message, as AWS passes it on."""
    if message["to"] != NO_NUMBER:
        return ()
    status = {
        "id": message_id,
        "status": "failed",
        "errors": [{"code": 131026, "title": "Message undeliverable"}],
        "biz_opaque_callback_data": message.get("biz_opaque_callback_data"),
    }
    entry = {"changes": [{"field": "messages", "value": {"statuses": [status]}}]}
    return [{"whatsAppWebhookEntry": json.dumps(entry)}]
