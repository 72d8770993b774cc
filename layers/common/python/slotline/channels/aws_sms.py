"""Text messages through AWS End User Messaging SMS (API `pinpoint-sms-voice-v2`)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slotline.channels.aws_errors import told_apart
from slotline.channels.wording import in_words
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
        more: Any = {"ConfigurationSetName": self.configuration_set} if self.configuration_set else {}
        with told_apart(REFUSALS):
            answer = self.client.send_text_message(
                DestinationPhoneNumber=message.recipient,
                OriginationIdentity=self.origination_identity,
                MessageBody=in_words(message).sms,
                MessageType="TRANSACTIONAL",
                # AWS repeats it in its delivery events.
                Context={
                    "kind": message.kind.value,
                    "app_id": message.app_id,
                    "call_id": message.call_id,
                    "sending_id": message.sending_id,
                },
                **more,
            )
        return answer["MessageId"]
