"""Send for a code: whoever is about to book on a website proves that they read what goes to their contact."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.booking.requests import check_guest
from slotline.domain.booking.sent_codes import (
    CodeRequest,
    SentCode,
    check_asks_for_code,
    contact_to_prove,
    count_code,
    windows_of,
)
from slotline.domain.booking.services import check_bookable, ruled_by
from slotline.domain.shared.errors import Unavailable
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.domain.shared.phones import Screen
from slotline.ports.booking import Bookings, GuestLinkKeys, SentCodes
from slotline.ports.shared import (
    AlreadyAnswered,
    AlreadyWritten,
    Backoff,
    Clock,
    Ids,
    QueueBusyError,
    Queues,
    RaceLost,
    RateLimitCheck,
    StoreBusyError,
)
from slotline.usecases.shared.once import Answered
from slotline.usecases.shared.retrying import retry


@dataclass(frozen=True, slots=True, kw_only=True)
class SendForCode:
    """Makes a code and has it sent. What it answers does not depend on who the contact is, or whether it is reached."""

    bookings: Bookings
    codes: SentCodes
    keys: GuestLinkKeys
    queues: Queues
    screen: Screen
    clock: Clock
    ids: Ids
    backoff: Backoff

    def __call__(self, request: CodeRequest, key: IdempotencyKey | None, check_rate: RateLimitCheck) -> Answered:
        """The code, without its digits. Raises AppNotFound, Forbidden, InvalidRequest or CodeLimitReached."""
        code_id = self.ids.new()
        now = self.clock.now()
        gave_up = Unavailable("The code could not be sent for in time. Ask again.")
        answered = retry(
            lambda: self._try(request, code_id, key, check_rate, now),
            self.backoff,
            on=(RaceLost, AlreadyAnswered, StoreBusyError),
            or_else=gave_up,
        )
        # Again for a repeat, too: a first try may have died before this. One that was sent is not sent twice.
        try:
            self.queues.send([self.codes.wake_up(request.app_id, str(answered.result["id"]), now)], now)
        except QueueBusyError:
            raise gave_up from None
        return answered

    def _try(
        self,
        request: CodeRequest,
        code_id: str,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
        now: datetime,
    ) -> Answered:
        email, phone = request.guest.email, request.guest.phone_e164
        windows = windows_of(request.visitor, (email, phone))
        around = Interval.starting(now, MINUTE)  # of nobody's days
        seen = self.bookings.read_for_booking(request.app_id, None, around, key, windows, request.preset_id)
        if seen.receipt is not None and key is not None:
            seen.receipt.check(key)
            result, at = seen.receipt.result, seen.receipt.answered_at
            return Answered(result=result, answered_at=at, replayed=result["id"] != code_id)
        check_rate()
        app = ruled_by(seen.app, request.preset_id, seen.named_preset, public_only=True)
        check_bookable(app)
        preset = app.preset
        check_asks_for_code(preset)
        contact = contact_to_prove(request.guest, preset.verification)
        check_guest(request.guest, self.screen)
        sent = SentCode(
            id=code_id,
            app_id=request.app_id,
            channel=preset.verification,
            recipient=contact,
            key_id=self.keys().signing(now).id,
            language=request.guest.language or preset.language,
            sender_name=app.shown_name,
            created_at=now,
        )
        result = _shown(sent)
        receipt = Receipt(key=key, result=result, answered_at=now) if key else None
        counts = count_code(seen.customers, request.visitor, contact, code_id, now)
        with suppress(AlreadyWritten):  # the id is new: an earlier try of this request got through
            self.codes.add(sent, counts, receipt)
        return Answered(result=result, answered_at=now)


def _shown(sent: SentCode) -> Mapping[str, object]:
    return {"id": sent.id, "channel": sent.channel.value, "expires_at": format_instant(sent.expires_at)}
