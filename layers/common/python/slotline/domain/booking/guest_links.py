"""The guest's link: whoever holds it sees one call as its guest, and may do what the call's preset lets guests do.

A link is made of what is known anyway and kept nowhere: of a key of the deployment, the call's id, and the call's
contact epoch, which moves when the guest's address or number is corrected. So every message can carry it, and whoever
got a message that was meant for somebody else holds a dead link from then on.

A token is 36 bytes in base64url (RFC 4648 §5), which are 48 characters and no padding, so that no bit of it is free:

    1 key's id | 3 epoch | 16 call's id | 16 of HMAC-SHA256 over the 20 before it

A cut HMAC of 128 bits is as hard to guess as a UUID (RFC 2104 §5; NIST SP 800-107 §5.3.4 asks for 64 or more).
"""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from slotline.domain.booking.calls import Call, Guest
from slotline.domain.shared.errors import NotFound
from slotline.domain.shared.instants import format_instant, instant_or_none

PATH = "/b/"
"""Of the guest's page; the token follows."""
TOKEN_LENGTH = 48

KEPT_FOR = timedelta(minutes=5)
"""How long a process uses the keys that it has read."""
NOTICE = 3 * KEPT_FOR
"""How long before it signs a new key is known: by then, no process is left that would refuse what it signs."""

_EPOCHS = 1 << 24
_MAC_LENGTH = 16
_SIGNED = 20
_LEAST_SECRET = 32
_PURPOSE = b"slotline guest link 1\n"
_OF_ADDRESSES = b"slotline guest address 1\n"
_OF_CODES = b"slotline code 1\n"
_OF_PAGES = b"slotline page pass 1\n"
_OF_PREFILLS = b"slotline page prefill 1\n"
_OF_ROOMS = b"slotline room role 1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestLink:
    """What a link that we made says: which call, and whose of its contacts."""

    call_id: str
    epoch: int

    def is_of(self, epoch: int) -> bool:
        """Whether the guest's contact is still the one that the link was sent to."""
        return self.epoch == epoch % _EPOCHS


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkKey:
    """A key that links are made with. `id`: 0 to 255. `signs_from`: it only verifies before; None: it always signs."""

    id: int
    secret: str = field(repr=False)
    signs_from: datetime | None = None

    def mac(self, signed: bytes) -> bytes:
        """The proof that these bytes are ours."""
        return hmac.digest(self.secret.encode(), _PURPOSE + signed, "sha256")[:_MAC_LENGTH]

    def page_mac(self, signed: bytes) -> bytes:
        """The same for a page pass (`slotline.domain.booking.page_passes`): no link's proof is ever one of these."""
        return hmac.digest(self.secret.encode(), _OF_PAGES + signed, "sha256")[:_MAC_LENGTH]

    def room_mac(self, signed: bytes) -> bytes:
        """The same for a role token (`slotline.domain.booking.role_tokens`)."""
        return hmac.digest(self.secret.encode(), _OF_ROOMS + signed, "sha256")[:_MAC_LENGTH]

    @property
    def for_prefills(self) -> bytes:
        """32 bytes to encrypt with what the first link to a page said of its guest."""
        return hmac.digest(self.secret.encode(), _OF_PREFILLS, "sha256")


@dataclass(frozen=True, slots=True)
class LinkKeys:
    """The keys of a deployment, the newest first. Each of them verifies, one of them signs."""

    keys: tuple[LinkKey, ...]

    def token_of(self, call_id: str, epoch: int, now: datetime) -> str:
        """The token for the guest of a call. Raises ValueError for an id that is no UUID."""
        key = self.signing(now)
        signed = bytes([key.id]) + (epoch % _EPOCHS).to_bytes(3, "big") + bytes_of(call_id)
        if len(signed) != _SIGNED:
            raise ValueError("not a call's id")
        return base64.urlsafe_b64encode(signed + key.mac(signed)).decode("ascii")

    def url_of(self, call: Call, rooms_at: str, now: datetime) -> str:
        """The link for the guest of a call, on the pages at this address."""
        return f"{rooms_at}{PATH}{self.token_of(call.id, call.contact_epoch, now)}"

    def opened(self, token: str) -> GuestLink | None:
        """What a token says; None if we did not make it. Takes as long for one as for any other."""
        told = _bytes_of(token)
        signed = told[:_SIGNED]
        key = self.key_of(signed[0])
        ours = hmac.compare_digest((key or self.keys[0]).mac(signed), told[_SIGNED:])
        # Base64 has more than one spelling for some bytes; a token has one.
        is_spelled_so = hmac.compare_digest(base64.urlsafe_b64encode(told), token.encode(errors="replace"))
        if key is None or not ours or not is_spelled_so:
            return None
        return GuestLink(call_id=id_of(signed[4:]), epoch=int.from_bytes(signed[1:4], "big"))

    def key_of(self, key_id: int) -> LinkKey | None:
        """The key of this id; None if it is gone, or never was."""
        return next((key for key in self.keys if key.id == key_id), None)

    @property
    def for_addresses(self) -> str:
        """What visitors' addresses are hashed with: nobody finds an address by the name that it is counted under."""
        return hmac.digest(self.keys[-1].secret.encode(), _OF_ADDRESSES, "sha256").hex()

    def proof_of(self, key_id: int, text: str) -> bytes | None:
        """What follows from a text and the key of this id, and from nothing else; None once there is no such key."""
        key = self.key_of(key_id)
        return hmac.digest(key.secret.encode(), _OF_CODES + text.encode(), "sha256") if key else None

    def rotated(self, secret: str, now: datetime) -> "LinkKeys":
        """With one more key, which signs once everybody knows it; of those before, the one that signs now stays.

        Raises ValueError while the newest key is not signing yet: two new ones at once would end links that were sent.
        """
        newest = self.keys[0]
        if newest.signs_from is not None and now < newest.signs_from:
            raise ValueError(f"the newest key signs from {format_instant(newest.signs_from)}; rotate after that")
        return LinkKeys((LinkKey(id=self._next_id, secret=secret, signs_from=now + NOTICE), newest))

    def replaced(self, secret: str) -> "LinkKeys":
        """With a new key alone: every link that was sent so far is dead."""
        return LinkKeys((LinkKey(id=self._next_id, secret=secret),))

    @property
    def _next_id(self) -> int:
        return (self.keys[0].id + 1) % 256

    def signing(self, now: datetime) -> LinkKey:
        """The newest of those that may sign already."""
        return next((key for key in self.keys if key.signs_from is None or key.signs_from <= now), self.keys[-1])


def epoch_after(call: Call, guest: Guest) -> int:
    """The contact epoch of a call whose guest is changed to this one.

    It moves when an address or a number that there was is another one now, or gone: who had it may have a link. It does
    not move for a way to the guest that is new. It moves to the revision of the change, so it never comes back to a
    value that it had.
    """
    ways = ((call.guest.email, guest.email), (call.guest.phone_e164, guest.phone_e164))
    is_corrected = any(was and was.casefold() != (now or "").casefold() for was, now in ways)
    return call.revision + 1 if is_corrected else call.contact_epoch


def bytes_of(uuid: str) -> bytes:
    """An id as tokens hold it. Raises ValueError for one that is not hexadecimal; its length is not looked at."""
    return bytes.fromhex(uuid.replace("-", ""))


def id_of(raw: bytes) -> str:
    """The id again that these 16 bytes are of."""
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def keys_of(text: str) -> LinkKeys:
    """The keys that a secret holds: `{"keys": [...]}`, the newest first, or one key alone, as a deployment begins with.

    Raises ValueError, which repeats nothing of the secret.
    """
    try:
        found = json.loads(text)
        said: Sequence[Mapping[str, Any]] = found.get("keys", [found])
        keys = tuple(
            LinkKey(id=int(key["id"]), secret=str(key["secret"]), signs_from=instant_or_none(key.get("signs_from")))
            for key in said
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError("the secret holds no keys of guests' links") from None
    if not keys or len({key.id for key in keys}) < len(keys) or not all(map(_is_usable, keys)):
        raise ValueError("the secret holds no usable keys of guests' links")
    return LinkKeys(keys)


def text_of(keys: LinkKeys) -> str:
    """What a secret with these keys holds."""
    return json.dumps(
        {
            "keys": [
                {
                    "id": key.id,
                    "secret": key.secret,
                    **({"signs_from": format_instant(key.signs_from)} if key.signs_from else {}),
                }
                for key in keys.keys
            ]
        }
    )


def no_such_link() -> NotFound:
    """What is said of every link that opens nothing, whatever is wrong with it."""
    return NotFound(
        "There is no booking at this address. A link ends when its guest's address or number is corrected: the latest "
        "message has the one that works."
    )


def _is_usable(key: LinkKey) -> bool:
    return 0 <= key.id < 256 and len(key.secret) >= _LEAST_SECRET


def _bytes_of(token: str) -> bytes:
    """What a token says, or bytes that say nothing if it is none at all."""
    nothing = sha256(token.encode(errors="replace")).digest() + bytes(4)
    try:
        told = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return nothing
    return told if len(told) == _SIGNED + _MAC_LENGTH else nothing
