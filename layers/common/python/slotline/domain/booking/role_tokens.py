"""Role tokens: what makes somebody the host of one call, or its guest where the link alone is not enough.

A token stands in a join link behind `#`, which no browser sends to any server: it is in no log and in no `Referer`. It
says which call and which side; what else it depends on is bound into its proof, so that it dies with that: a scheduled
call's host is the agent whom the call is assigned to.

A token is 37 bytes in base64url (RFC 4648 §5), which are 50 characters; the four bits that are over must be zero:

    1 key's id | 4 end, in seconds since 1970, or 0: the call's own end | 16 call's id | 16 of HMAC-SHA256

The proof is over the 21 bytes before it, the side, and what the token is bound to.
"""

import base64
import binascii
import hmac
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

from slotline.domain.booking.calls import Call
from slotline.domain.booking.guest_links import LinkKeys, bytes_of, id_of
from slotline.domain.booking.rooms import Side

TOKEN_LENGTH = 50
_SIGNED, _MAC_LENGTH = 21, 16


def token_of(
    keys: LinkKeys, call_id: str, side: Side, *, bound_to: str = "", ends_at: datetime | None = None, now: datetime
) -> str:
    """A token for a side of a call. `ends_at`: None where the call itself says how long. Raises ValueError for an id
    that is no UUID."""
    key = keys.signing(now)
    end = int(ends_at.timestamp()) if ends_at else 0
    signed = bytes([key.id]) + end.to_bytes(4, "big") + bytes_of(call_id)
    if len(signed) != _SIGNED:
        raise ValueError("not a call's id")
    return _spelled(signed + key.room_mac(_proven(signed, side, bound_to)))


def host_url(keys: LinkKeys, call: Call, rooms_at: str, now: datetime) -> str:
    """The link of a scheduled call's host: alive until the call's end, dead once another agent has the call."""
    token = token_of(keys, call.id, Side.HOST, bound_to=host_binding(call), now=now)
    return f"{rooms_at}/c/{call.id}?role=agent&appId={quote(call.app_id)}#{token}"


def host_binding(call: Call) -> str:
    """What a host's token of this call is bound to: the agent who has it."""
    return f"agent {call.assigned_agent_id or ''}"


def is_good(keys: LinkKeys, token: str, call_id: str, side: Side, *, bound_to: str = "", now: datetime) -> bool:
    """Whether a token makes its bearer this side of this call now. Takes as long for one that we never made."""
    told = _read(token)
    signed = told[:_SIGNED]
    key = keys.key_of(signed[0])
    ours = hmac.compare_digest((key or keys.keys[0]).room_mac(_proven(signed, side, bound_to)), told[_SIGNED:])
    end = int.from_bytes(signed[1:5], "big")
    lasts = end == 0 or now < datetime.fromtimestamp(end, UTC)
    is_spelled_so = hmac.compare_digest(_spelled(told).encode(), token.encode(errors="replace"))
    return key is not None and ours and lasts and is_spelled_so and id_of(signed[5:]) == call_id


def _proven(signed: bytes, side: Side, bound_to: str) -> bytes:
    return signed + side.value.encode() + b"\n" + bound_to.encode("utf-8", "surrogatepass")


def _spelled(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _read(token: str) -> bytes:
    """What a token says, or bytes that say nothing if it is none at all."""
    nothing = sha256(token.encode(errors="replace")).digest() + bytes(_SIGNED + _MAC_LENGTH - 32)
    try:
        told = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return nothing
    return told if len(told) == _SIGNED + _MAC_LENGTH else nothing
