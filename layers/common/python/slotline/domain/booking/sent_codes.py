"""Codes that prove an address: whoever books on a website shows that they read what is sent to the contact they give.

A code is kept nowhere. It follows from a key of the deployment, and from the id and the contact of what was asked for
(HMAC-SHA256, of which six digits), so neither the tables nor the queues hold it. A plain hash of a million possible
codes would give them away to anybody who reads the table.
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice

from slotline.domain.booking.apps import Preset, Verification
from slotline.domain.booking.calls import BookingSource, Guest
from slotline.domain.booking.customer_limits import MOST_DROPPED, CustomerChange, CustomerHistory
from slotline.domain.booking.guest_links import LinkKeys
from slotline.domain.shared.errors import CodeLimitReached, InvalidRequest
from slotline.domain.shared.windows import next_allowed

LIFE = timedelta(minutes=10)
MOST_TRIES = 5
WINDOW = timedelta(hours=1)
"""In which codes are counted: by who asks, by who gets them, and in the whole app."""
MOST_OF_VISITOR, MOST_TO_CONTACT, MOST_IN_APP = 10, 5, 500

_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCode:
    """A code that was sent to somebody, or is about to be, and what is left of it.

    `channel`: e-mail or SMS. `recipient`: an address as it was given, or a number in E.164. `key_id`: of the key
    that the code follows from. The rest is what the message needs.
    """

    id: str
    app_id: str
    channel: Verification
    recipient: str = field(repr=False)
    key_id: int
    language: str
    sender_name: str
    created_at: datetime
    tries: int = 0
    sent_at: datetime | None = None

    @property
    def contact(self) -> str:
        """The contact as it is compared."""
        return self.recipient.casefold()

    @property
    def expires_at(self) -> datetime:
        """When it proves nothing any more."""
        return self.created_at + LIFE

    def code(self, keys: LinkKeys) -> str | None:
        """The code, six digits; None once its key was replaced."""
        proof = keys.proof_of(self.key_id, f"{self.app_id}\n{self.id}\n{self.contact}")
        return None if proof is None else f"{int.from_bytes(proof, 'big') % 10**_DIGITS:0{_DIGITS}}"

    def is_proven_by(self, given: str, keys: LinkKeys) -> bool:
        """Whether this is the code. Takes as long for one as for any other."""
        code = self.code(keys)
        return hmac.compare_digest((code or "?" * _DIGITS).encode(), given.encode()) and code is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRequest:
    """Who is to get a code, and who asks for it. `preset_id`: an id or a slug; None: the active preset."""

    app_id: str
    visitor: str
    guest: Guest
    preset_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenCode:
    """What a booking brings to prove its contact."""

    id: str
    code: str = field(repr=False)


def contact_to_prove(guest: Guest, verification: Verification) -> str:
    """The contact that a preset wants proven, as it was given. Raises InvalidRequest where the guest gives none."""
    if verification is Verification.SMS:
        if guest.phone_e164 is None:
            raise InvalidRequest.of_field("guestPhone", "is required: a code is sent to it by SMS", "required")
        return guest.phone_e164
    if not guest.email:
        raise InvalidRequest.of_field("guestEmail", "is required: a code is sent to it by e-mail", "required")
    return guest.email


def check_asks_for_code(preset: Preset) -> None:
    """Raises InvalidRequest where bookings of this preset prove nothing, so nobody is sent anything."""
    if preset.verification is Verification.NONE:
        message = "bookings of this service need no code: book without one"
        raise InvalidRequest.of_field("presetId", message, "no_verification")


def needs_code(source: BookingSource, preset: Preset) -> bool:
    """Whether guests who book for themselves prove their contact, and this is one."""
    return source is BookingSource.PUBLIC_BOOKING and preset.verification is not Verification.NONE


def code_needed(preset: Preset) -> InvalidRequest:
    """What is said of a booking without a code."""
    how = "e-mail" if preset.verification is Verification.EMAIL else "SMS"
    return InvalidRequest.of_field(
        "verificationId",
        f"is required: POST …/verifications sends a code by {how}; send its id, and the code as verificationCode",
        "verification_required",
    )


def no_such_code() -> InvalidRequest:
    """What is said of every verification that proves nothing any more, or never did, for whatever reason."""
    return InvalidRequest.of_field(
        "verificationId",
        f"this code is over: it was used, tried {MOST_TRIES} times or sent {LIFE // timedelta(minutes=1)} minutes ago, "
        "or it went to another contact. Ask for a new one: POST …/verifications",
        "verification_over",
    )


def wrong_code() -> InvalidRequest:
    """What is said of a code that is not the one that was sent."""
    return InvalidRequest.of_field("verificationCode", "is not the code that was sent", "wrong_code")


def windows_of(visitor: str, contacts: Iterable[str | None]) -> tuple[str, ...]:
    """The windows that a code may count in, hashed: who asks for it, who may get it, and the app."""
    named = (_of_visitor(visitor), *(_to_contact(contact) for contact in contacts if contact), _IN_APP)
    return tuple(name for name, _, _ in named)


def count_code(
    seen: Sequence[CustomerHistory], visitor: str, contact: str, code_id: str, now: datetime
) -> tuple[CustomerChange, ...]:
    """The writes that count a code, in windows as they were read. Raises CodeLimitReached."""
    histories = {history.identity: history for history in seen}
    counted: list[CustomerChange] = []
    waits: dict[datetime, str] = {}
    for name, most, message in (_of_visitor(visitor), _to_contact(contact), _IN_APP):
        history = histories[name]
        wait = next_allowed(history.besides(code_id), most, WINDOW, now)
        if wait is not None:
            waits[wait] = message
        stale = (old for old, at in history.bookings.items() if at <= now - WINDOW)
        drop = tuple(islice(stale, MOST_DROPPED))
        counted.append(CustomerChange(identity=name, version=history.version, call_id=code_id, at=now, drop=drop))
    if waits:
        raise CodeLimitReached(waits[max(waits)], next_allowed_at=max(waits))
    return tuple(counted)


_Bound = tuple[str, int, str]
"""The name of a window, how many codes it holds, and what is said once it does."""


def _of_visitor(visitor: str) -> _Bound:
    message = "As many codes were asked for from this address as may be in an hour."
    return _hashed(f"codes of:{visitor}"), MOST_OF_VISITOR, message


def _to_contact(contact: str) -> _Bound:
    return (
        _hashed(f"codes to:{contact.casefold()}"),
        MOST_TO_CONTACT,
        "As many codes went to this contact as may in an hour.",
    )


def _hashed(name: str) -> str:
    return sha256(name.encode()).hexdigest()


_IN_APP = (_hashed("codes"), MOST_IN_APP, "As many codes were asked for as this app sends in an hour.")
