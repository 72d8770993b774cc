"""What somebody sees of a call who is about to change it.

Its revision says too much: it also counts messages that went out, and nobody decides otherwise because of those.
"""

import json
from hashlib import sha256

from slotline.domain.booking.calls import Call
from slotline.domain.shared.plain_json import plain

_SEEN = (
    "status",
    "scheduled_at",
    "duration_minutes",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "assigned_agent_id",
    "guest",
    "answers",
    "external_id",
    "metadata",
)
_DIGITS = 24


def seen_as(call: Call) -> str:
    """A digest of what a page shows of a call: it changes with what somebody may decide on."""
    seen = [plain(getattr(call, name)) for name in _SEEN]
    return sha256(json.dumps(seen, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:_DIGITS]
