"""A code is to be sent: put it into words, and hand it to its channel.

Nobody hears what became of it. Whoever asked for it was answered before, the same for every contact.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from slotline.domain.booking.apps import Verification
from slotline.domain.booking.reminders import Channel
from slotline.domain.booking.sent_codes import LIFE, SentCode
from slotline.domain.messages.bounds import identity_of
from slotline.domain.messages.code_message import CodeMessage
from slotline.domain.shared.due import Due
from slotline.ports.booking import GuestLinkKeys, SentCodes
from slotline.ports.messages import CodeMessenger, MessageRefused, Suppressions
from slotline.ports.shared import Clock

_CHANNELS = {Verification.EMAIL: Channel.EMAIL, Verification.SMS: Channel.SMS}


class CodeOutcome(StrEnum):
    """What became of a code, for the metrics."""

    SENT = "sent"
    SUPPRESSED = "suppressed"
    REFUSED = "refused"
    NOT_SET_UP = "not_set_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendCode:
    """Sends codes. `messenger`: None for a channel that this deployment has not set up."""

    codes: SentCodes
    keys: GuestLinkKeys
    suppressions: Suppressions
    messenger: Callable[[Channel], CodeMessenger | None]
    clock: Clock

    def __call__(self, due: Due) -> CodeOutcome | None:
        """What became of it; None where there was nothing to send any more.

        Raises MessengerBusyError or StoreBusyError: its wake-up comes again.
        """
        sent = self.codes.due(due)
        now = self.clock.now()
        code = sent.code(self.keys()) if sent and now < sent.expires_at else None
        if sent is None or code is None:
            return None
        channel = _CHANNELS[sent.channel]
        if self.suppressions.find(sent.app_id, channel, identity_of(sent.contact)) is not None:
            return CodeOutcome.SUPPRESSED
        messenger = self.messenger(channel)
        if messenger is None:
            return CodeOutcome.NOT_SET_UP
        try:
            messenger.send_code(_message(sent, channel, code))
        except MessageRefused:
            return CodeOutcome.REFUSED
        self.codes.was_sent(sent, now)
        return CodeOutcome.SENT


def _message(sent: SentCode, channel: Channel, code: str) -> CodeMessage:
    return CodeMessage(
        id=sent.id,
        app_id=sent.app_id,
        channel=channel,
        recipient=sent.recipient,
        language=sent.language,
        sender_name=sent.sender_name,
        code=code,
        minutes=LIFE // timedelta(minutes=1),
    )
