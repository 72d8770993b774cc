"""WhatsApp through AWS End User Messaging Social (API `socialmessaging`).

WhatsApp delivers to somebody who has not written first only what Meta has approved: a template. So the words stand in
the organization's account with Meta, one template an occasion and language, and what goes out are its parameters.
"""

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slotline.channels.aws_errors import told_apart
from slotline.channels.wording import Wording, in_words, says_another_time_left
from slotline.domain.booking.reminders import ReminderKind
from slotline.domain.messages.message import Message
from slotline.words.direction import isolated

if TYPE_CHECKING:
    from mypy_boto3_socialmessaging import EndUserMessagingSocialClient

REFUSALS = frozenset({"InvalidParametersException", "ValidationException"})
"""Answers that will be the same the next time (API reference, SendWhatsAppMessage)."""

TEMPLATE_PREFIX = "slotline_"

_TEMPLATES = {
    "invitation_confirmed": "invitation",
    "invitation_changed": "invitation",
    "invitation_changed_pending": "invitation_pending",
}
"""Occasions without a template of their own: what they tell first are the facts, which are parameters."""
_MANY_SPACES = re.compile(r"\s{4,}")
"""Meta refuses a message with so many in a parameter."""


@dataclass(frozen=True, slots=True)
class AwsWhatsApp:
    """Sends templates from one number. `meta_api_version`, such as `v23.0`: Meta retires them, so it is a setting."""

    client: "EndUserMessagingSocialClient"
    phone_number_id: str
    meta_api_version: str

    def send(self, message: Message) -> str:
        """Send it; AWS's id of it. Raises MessageRefused or MessengerBusyError."""
        with told_apart(REFUSALS):
            answer = self.client.send_whatsapp_message(
                originationPhoneNumberId=self.phone_number_id,
                metaApiVersion=self.meta_api_version,
                message=json.dumps(template_message(message), ensure_ascii=False).encode(),
            )
        return answer["messageId"]


def template_message(message: Message) -> dict[str, object]:
    """The message as WhatsApp's Cloud API takes it (reference: Messages, template)."""
    wording = in_words(message)
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.recipient,
        "type": "template",
        "template": {
            "name": TEMPLATE_PREFIX + _template_of(message, wording),
            "language": {"code": wording.language},
            "components": [
                {"type": "body", "parameters": [{"type": "text", "text": value} for value in parameters(wording)]}
            ],
        },
        # Meta repeats it in its delivery events.
        "biz_opaque_callback_data": json.dumps(
            {"app_id": message.app_id, "call_id": message.call_id, "sending_id": message.sending_id}
        ),
    }


def _template_of(message: Message, wording: Wording) -> str:
    """Meta's texts are fixed. One that says how long is left is for whoever has that long."""
    if says_another_time_left(message):
        return ReminderKind.REMINDER_CUSTOM.value
    return _TEMPLATES.get(wording.occasion, wording.occasion)


def parameters(wording: Wording) -> tuple[str, ...]:
    """{{1}} the guest's name, {{2}} whose call it is, {{3}} when, {{4}} the links in one line; a cancellation has none.

    What Meta has approved has so many parameters: both links are one of them.
    """
    names = (_MANY_SPACES.sub(" ", name) for name in (wording.guest_in_text, wording.sender_in_text))
    always = (*(isolated(name, wording.language) for name in names), wording.moment)
    return (*always, wording.line) if wording.join_url else always
