"""Text messages through AWS End User Messaging SMS (API `pinpoint-sms-voice-v2`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slotline.channels.aws_errors import told_apart
from slotline.channels.code_words import code_in_words
from slotline.channels.wording import in_words
from slotline.domain.messages.code_message import CodeMessage
from slotline.domain.messages.message import Message

if TYPE_CHECKING:
    from mypy_boto3_pinpoint_sms_voice_v2 import PinpointSMSVoiceV2Client

REFUSALS = frozenset({"ConflictException", "ValidationException"})
"""Answers that will be the same the next time: a number that opted out or is blocked, a country not served."""


@dataclass(frozen=True, slots=True)
class AwsSms:
    """Sends text messages from one origination identity: a number, a sender id or a pool, by id or ARN.

    `configuration_set` says where AWS sends its delivery events; empty: nowhere.
    """

    client: "PinpointSMSVoiceV2Client"
    origination_identity: str
    configuration_set: str = ""

    def send(self, message: Message) -> str:
        """Send it; AWS's id of it. Raises MessageRefused or MessengerBusyError."""
        context = {
            "kind": message.kind.value,
            "app_id": message.app_id,
            "call_id": message.call_id,
            "sending_id": message.sending_id,
        }
        return self._send(message.recipient, in_words(message).sms, context)

    def send_code(self, message: CodeMessage) -> str:
        """The same for a code. Of no call: what comes back of it finds nothing to be noted at."""
        return self._send(message.recipient, code_in_words(message).sms, {"kind": "code", "app_id": message.app_id})

    def _send(self, recipient: str, text: str, context: Mapping[str, str]) -> str:
        more: Any = {"ConfigurationSetName": self.configuration_set} if self.configuration_set else {}
        with told_apart(REFUSALS):
            answer = self.client.send_text_message(
                DestinationPhoneNumber=recipient,
                OriginationIdentity=self.origination_identity,
                MessageBody=text,
                MessageType="TRANSACTIONAL",
                Context=context,  # AWS repeats it in its delivery events
                **more,
            )
        return answer["MessageId"]
