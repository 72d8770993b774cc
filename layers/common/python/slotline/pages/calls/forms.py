"""Forms that change a call: what each is sent with, and why it cannot be taken."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.domain.shared.instants import instant_or_none
from slotline.domain.shared.names import check_prose
from slotline.domain.shared.wall_time import instant_of
from slotline.pages.kit import LONGEST_ID, Asked, is_within_calendar
from slotline.pages.signed import CSRF_FIELD, SignedIn

ONCE, SEEN = "once", "seen"
LONGEST_REASON, LONGEST_NOTE = 500, 4_000
_UNSAID = frozenset({CSRF_FIELD, ONCE})


def form_key(signed: SignedIn) -> IdempotencyKey:
    """The key of a form: sent twice, as by a double click, it has one effect. Raises InvalidRequest without one."""
    asked, once = signed.asked, signed.asked.field(ONCE)
    if not once or len(once) > LONGEST_ID:
        raise InvalidRequest.of_field(ONCE, "is required", "required")
    said = {name: list(values) for name, values in asked.form.items() if name not in _UNSAID}
    return IdempotencyKey(
        principal=f"user:{signed.visit.user.user_id}",
        route=f"POST {asked.event['rawPath']}",
        key=once,
        fingerprint=sha256(json.dumps(said, sort_keys=True).encode()).hexdigest(),
    )


def prose(asked: Asked, name: str, longest: int) -> str | None:
    """What somebody wrote, if anything. Raises InvalidRequest for what is too long, or is no text."""
    text = asked.field(name)
    if len(text) > longest:
        raise InvalidRequest.of_field(name, f"must have at most {longest} characters", "too_long")
    if text:
        check_prose(text)
    return text or None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A day and a time as a form has them: as they were typed."""

    day: str
    time: str

    @classmethod
    def at(cls, instant: datetime, zone: ZoneInfo) -> "Chosen":
        """What the form shows of an instant."""
        local = instant.astimezone(zone)
        return cls(local.date().isoformat(), f"{local:%H:%M}")

    @classmethod
    def of(cls, asked: Asked, zone: ZoneInfo) -> "Chosen | None":
        """What the form says, or the address: by day and time, or by an instant. None: nothing."""
        day, clock = asked.said("day"), asked.said("time")
        if day or clock:
            return cls(day or "", clock or "")
        instant = instant_said(asked)
        return cls.at(instant, zone) if instant else None

    def instant(self, zone: ZoneInfo, meant: datetime | None = None) -> datetime:
        """On the clocks of a zone. Raises InvalidRequest if there is no such time.

        `meant`: an instant that the form had, which it still is if the clocks show this of it: they may show it twice.
        """
        if meant is not None and self == Chosen.at(meant, zone):
            return meant
        try:
            wall = datetime.combine(date.fromisoformat(self.day), time.fromisoformat(self.time))
        except ValueError:
            raise InvalidRequest.of_field("time", "must be a day and a time", "no_time") from None
        if wall.tzinfo is not None or not is_within_calendar(wall.date()):
            raise InvalidRequest.of_field("time", "must be a day and a time", "no_time")
        return instant_of(wall, zone, "time")


def instant_said(asked: Asked) -> datetime | None:
    """The `start` of a form or an address; None if that is no instant."""
    try:
        return instant_or_none(asked.said("start"))
    except ValueError:
        return None


def hidden(seen: str, once: str) -> dict[str, Any]:
    """The hidden fields of a form that changes a call, beside the session's own."""
    return {SEEN: seen, ONCE: once}
