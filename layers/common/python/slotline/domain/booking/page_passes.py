"""The page pass: what stands in the booking page's addresses, from the second step on, instead of the widget key.

Whoever opens the page comes with a widget key, and gets a pass for one app and one service. It names the key by its
hash, so that a key which is revoked ends the passes that came of it at their next step, and it names the visit. It is
good for two hours, opens what the key opens for guests, and is kept nowhere.

A token is 69 bytes in base64url (RFC 4648 §5), which are 92 characters and no padding, so that no bit of it is free:

    1 key's id | 4 end, in seconds since 1970 | 16 visit | 32 hash of the widget key | 16 of HMAC-SHA256

The proof is over the 53 bytes before it, and over the app and the service as the address has them. If the first link
said something of its guest, a dot and the encrypted `Prefill` follow; its encryption is bound to the 69 bytes before.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from slotline.domain.booking.guest_links import LinkKey, LinkKeys, bytes_of, id_of
from slotline.domain.booking.prefills import Prefill
from slotline.domain.shared.errors import NoPass, PassOver

LIFE = timedelta(hours=2)
HEAD_LENGTH = 92
MOST_SEALED = 2_900
"""Bytes of an encrypted prefill. A token has 3,960 characters at most then: API Gateway takes 10,240 bytes of request
line and headers together, and a browser sends the address again in `Referer`."""
_MAC_LENGTH = 16
_SIGNED = 53
_DOT = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePass:
    """What a pass that we made says: whose key opened the page, which visit this is, and how long it is good."""

    key_hash: str
    visit: str
    ends_at: datetime

    def check_lasts(self, now: datetime) -> None:
        """Raises PassOver once its time is over."""
        if now >= self.ends_at:
            raise PassOver("This page was open for two hours, and its time is over. Open the first link again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPass:
    """A pass as it came. `sealed`: what may be encrypted behind it, under `key.for_prefills`, bound to `head`."""

    said: PagePass
    key: LinkKey
    head: bytes = field(repr=False)
    sealed: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedPass:
    """A pass as a page writes it into its addresses, with what is known by it."""

    token: str = field(repr=False)
    ends_at: datetime
    prefill: Prefill = field(repr=False)


def made(keys: LinkKeys, app_id: str, service: str, *, key_hash: str, visit: str, now: datetime) -> OpenedPass:
    """A new pass for this app and service, signed by the key that signs by now.

    Raises ValueError for a visit that is no UUID, or a hash that is no SHA-256.
    """
    key, ends_at = keys.signing(now), (now + LIFE).replace(microsecond=0)
    end = int(ends_at.timestamp()).to_bytes(4, "big")
    signed = bytes([key.id]) + end + bytes_of(visit) + bytes.fromhex(key_hash)
    if len(signed) != _SIGNED:
        raise ValueError("a visit has 16 bytes, and the hash of a widget key 32")
    said = PagePass(key_hash=key_hash, visit=visit, ends_at=ends_at)
    return OpenedPass(said=said, key=key, head=signed + key.page_mac(_bound(signed, app_id, service)))


def token_of(made_pass: OpenedPass, sealed: bytes = b"") -> str:
    """The token of a pass, with what is encrypted behind it."""
    return _spelled(made_pass.head) + (_DOT + _spelled(sealed) if sealed else "")


def opened(keys: LinkKeys, token: str, app_id: str, service: str) -> OpenedPass:
    """What a token says. Raises NoPass unless we made it for this app and service; whether it lasts is asked later."""
    head_text, dot, rest = token.partition(_DOT)
    head, sealed = _read(head_text), _read(rest)
    if head is None or sealed is None or len(head) != _SIGNED + _MAC_LENGTH or bool(dot) != bool(sealed):
        raise no_pass()
    signed, key = head[:_SIGNED], keys.key_of(head[0])
    ours = (key or keys.keys[0]).page_mac(_bound(signed, app_id, service))
    if not hmac.compare_digest(ours, head[_SIGNED:]) or key is None or len(sealed) > MOST_SEALED:
        raise no_pass()
    said = PagePass(
        key_hash=signed[21:].hex(),
        visit=id_of(signed[5:21]),
        ends_at=datetime.fromtimestamp(int.from_bytes(signed[1:5], "big"), UTC),
    )
    return OpenedPass(said=said, key=key, head=head, sealed=sealed)


def no_pass() -> NoPass:
    """What is said of every token that opens nothing, whatever is wrong with it."""
    return NoPass("This address opens nothing by itself. Open the first link to the booking page.")


def _bound(signed: bytes, app_id: str, service: str) -> bytes:
    """What the proof is over. Lengths stand before the names, so no two pairs of names are the same bytes."""
    names = (name.encode("utf-8", "surrogatepass") for name in (app_id, service))
    return signed + b"".join(len(name).to_bytes(4, "big") + name for name in names)


def _spelled(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _read(text: str) -> bytes | None:
    """The bytes that a part of a token spells; None if it spells none, or not in the one way that we do."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _spelled(raw) == text else None
