"""The wall time that people were promised, and what became of it when a government moved its clocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from slotline.domain.shared.instants import parse_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedTime:
    """A call's start as people read it, `2027-03-14T09:00`, in the app's zone and the guest's.

    `zone_data` is the release of the IANA database that it was read by, `2026f`.
    """

    app_time: str
    guest_time: str | None
    zone_data: str


class ZoneOutcome(StrEnum):
    """What was done about a call whose wall time is another now, as its preset wants it.

    `told`: it kept its instant. `moved`: it kept the wall time of its app. `not_moved`: it was to, and something stood
    in the way. `not_known`: it lies in a zone whose rules changed, and nobody kept which wall time it promised.
    """

    TOLD = "told"
    MOVED = "moved"
    NOT_MOVED = "not_moved"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneChange:
    """The last change of zone rules by which a call was found. `before` is None if nobody kept what was promised.

    `after`: what its people are told now. `reason`: why it was not moved, in a word.
    """

    outcome: ZoneOutcome
    before: PromisedTime | None
    after: PromisedTime
    found_at: datetime
    reason: str | None = None


def is_newer(release: str, other: str) -> bool:
    """True if a release of the IANA database, such as `2026f`, came after another one."""
    return _order(release) > _order(other)


def promise_from_json(fields: Mapping[str, Any] | None) -> PromisedTime | None:
    """The promise again that `plain` wrote."""
    if fields is None:
        return None
    return PromisedTime(app_time=fields["app_time"], guest_time=fields.get("guest_time"), zone_data=fields["zone_data"])


def zone_change_from_json(fields: Mapping[str, Any] | None) -> ZoneChange | None:
    """The finding again that `plain` wrote."""
    if fields is None:
        return None
    after = promise_from_json(fields["after"])
    if after is None:
        raise ValueError("a finding says what is told now")
    return ZoneChange(
        outcome=ZoneOutcome(fields["outcome"]),
        before=promise_from_json(fields.get("before")),
        after=after,
        found_at=parse_instant(fields["found_at"]),
        reason=fields.get("reason"),
    )


def _order(release: str) -> tuple[int, int, str]:
    """`2026f` follows `2026e`, and `2026aa` would follow `2026z`."""
    year, letters = release[:4], release[4:]
    return int(year) if year.isdigit() else 0, len(letters), letters
