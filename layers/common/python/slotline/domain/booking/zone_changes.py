"""What a change of zone rules does to calls: the wall time that was promised, and the one that clocks will show.

A call is an instant, and people keep a wall time in mind. When a government moves its clocks the two part. So a call
keeps the wall times that it promised beside its instant, and under which release of the zone data it did. The promise
is compared with what present rules make of the instant; a release that changed nothing about a call costs nothing.

A promise made under newer rules than those at hand is left alone: while a release takes over, or after it was taken
back, older rules must not undo what newer ones found.
"""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slotline.domain.booking.apps import OnZoneChange, Preset
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.promises import PromisedTime, ZoneChange, ZoneOutcome, is_newer
from slotline.domain.shared.errors import DomainError
from slotline.domain.shared.wall_time import instant_of

_WAITING = frozenset({CallStatus.SCHEDULED, CallStatus.PENDING_CONFIRMATION, CallStatus.CONFIRMED})


def wall_time(instant: datetime, zone: str) -> str | None:
    """What the zone's clocks show at an instant, `2027-03-14T09:00`; None if the rules know no such zone."""
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a name that was kept before names were checked
        return None
    return instant.astimezone(place).replace(tzinfo=None).isoformat(timespec="minutes")


def promised_now(call: Call, release: str) -> PromisedTime:
    """What people are told of the call's start today, under this release of the rules."""
    zone = call.guest.timezone
    return PromisedTime(
        app_time=wall_time(call.scheduled_at, call.app_timezone) or wall_time(call.scheduled_at, "UTC") or "",
        guest_time=wall_time(call.scheduled_at, zone) if zone else None,
        zone_data=release,
    )


def kept_promise(before: Call, after: Call, release: str) -> PromisedTime | None:
    """The promise of a call that is changed: a new one if it moves, the guest's part if their zone is another.

    The rest stays as it was promised, with the release it was promised under: only so is a change of rules that nobody
    has looked at yet still found.
    """
    if after.promised != before.promised:
        return after.promised
    if (after.scheduled_at, after.app_timezone) != (before.scheduled_at, before.app_timezone):
        return promised_now(after, release)
    if after.promised is None or after.guest.timezone == before.guest.timezone:
        return after.promised
    return replace(after.promised, guest_time=promised_now(after, release).guest_time)


def kept_finding(before: Call, after: Call) -> ZoneChange | None:
    """What is on the admins' list about a call that is changed: whoever moves it has seen to it."""
    if after.zone_change == before.zone_change and after.scheduled_at != before.scheduled_at:
        return None
    return after.zone_change


def is_upcoming(call: Call, now: datetime) -> bool:
    """True for a call that people still wait for. What has begun, or is over, keeps the time that it had."""
    return call.status in _WAITING and call.scheduled_at > now


def finds(call: Call, release: str, changed_zones: frozenset[str], now: datetime) -> ZoneOutcome | None:
    """What present rules make of an upcoming call: nothing, or that its wall time is another, or that nobody knows.

    TOLD stands for a wall time that is another: what is done about it is the preset's to say.
    """
    if not is_upcoming(call, now):
        return None
    if call.promised is None:
        zones = {call.app_timezone, call.guest.timezone}
        return ZoneOutcome.NOT_KNOWN if zones & changed_zones else None
    if is_newer(call.promised.zone_data, release):
        return None
    there = promised_now(call, release)
    same = (call.promised.app_time, call.promised.guest_time) == (there.app_time, there.guest_time)
    return None if same else ZoneOutcome.TOLD


def start_by_promise(call: Call, preset: Preset) -> datetime | None:
    """The instant at which the app's clocks show what they were promised to; None for a call that keeps its instant.

    The guest's zone alone moves nothing: the app's people would find the call at another hour. Raises InvalidRequest
    if there is no such wall time any more: nothing is shifted silently. One that comes twice means the first.
    """
    if call.promised is None or preset.on_zone_change is not OnZoneChange.KEEP_WALL_TIME:
        return None
    if wall_time(call.scheduled_at, call.app_timezone) == call.promised.app_time:
        return None
    try:
        place = ZoneInfo(call.app_timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return instant_of(datetime.fromisoformat(call.promised.app_time), place, "scheduledAtUtc")


def reason_of(refusal: DomainError) -> str:
    """Why a call was not moved, in a word: the code of what stood in the way."""
    return refusal.details[0].code if refusal.details else "conflict"
