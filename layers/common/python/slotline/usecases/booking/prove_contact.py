"""Whether the code that a booking brings proves the guest's contact."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.booking.apps import Preset
from slotline.domain.booking.requests import BookingRequest
from slotline.domain.booking.sent_codes import SentCode, code_needed, contact_to_prove, no_such_code, wrong_code
from slotline.ports.booking import GuestLinkKeys, SentCodes
from slotline.ports.shared import StoreBusyError


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveContact:
    """Looks at codes. Each look is counted before it is made, so nobody gets more of them by asking all at once."""

    codes: SentCodes
    keys: GuestLinkKeys

    def __call__(self, request: BookingRequest, preset: Preset, now: datetime) -> SentCode:
        """The code that was right, for the booking to spend. Raises InvalidRequest."""
        contact = contact_to_prove(request.guest, preset.verification)
        if request.code is None:
            raise code_needed(preset)
        sent = self.codes.take_try(request.app_id, request.code.id, now)
        if sent is None or (sent.channel, sent.contact) != (preset.verification, contact.casefold()):
            raise no_such_code()
        if not sent.is_proven_by(request.code.code, self.keys()):
            raise wrong_code()
        return sent

    def give_back(self, sent: SentCode) -> None:
        """The code was right, and the booking came to nothing: whoever knows the code has their try again."""
        with suppress(StoreBusyError):
            self.codes.give_back_try(sent)
