"""Text messages through AWS End User Messaging SMS (API `pinpoint-sms-voice-v2`)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slotline.channels.aws_errors import told_apart
from slotline.channels.wording import in_words
from slotline.domain.messages.message import Message

if TYPE_CHECKING:
    from mypy_boto3_pinpoint_sms_voice_v2 import PinpointSMSVoiceV2Client

REFUSALS = frozenset({"ConflictException", "ValidationException"})
"""Answers that will be the same the next time: a number that opted out or is blocked, a country not served."""


@dataclass(frozen=True, slots=True)
class AwsSms:
    """Sends text messages from one origination identity: a number, a sender id or a pool, by id or ARN."""

    client: "PinpointSMSVoiceV2Client"
    origination_identity: str

    def send(self, message: Message) -> str:
        """Send it; AWS's id of it. Raises MessageRefused or MessengerBusyError."""
        with told_apart(REFUSALS):
            answer = self.client.send_text_message(
                DestinationPhoneNumber=message.recipient,
                OriginationIdentity=self.origination_identity,
                MessageBody=in_words(message).sms,
                MessageType="TRANSACTIONAL",
                # AWS repeats it in its delivery events.
                Context={"kind": message.kind.value, "call_id": message.call_id},
            )
        return answer["MessageId"]
