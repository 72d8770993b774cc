"""Moving a call: the month of times that it can have, the question whether the guest means it, and other zones."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from http import HTTPStatus

from slotline.domain.booking.slots import Slots, epoch_minute
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.pages.booking.picker import as_said, picker_of
from slotline.pages.guest.shown import Setting, Way
from slotline.pages.kit import Asked
from slotline.pages.rendering import Page, script_data
from slotline.pages.zones import zones_by_place
from slotline.usecases.booking.free_month import Search, free_month, with_day
from slotline.words.dates import date_of, time_of, zone_of

PICKER_SCRIPT, ZONE_SCRIPT = "picker.js", "zone.js"
STEP = "reschedule"
TAKEN, TOO_LATE = "taken", "too_late"
"""Why a time that the guest chose cannot be had."""
_WHOEVER = "whoever is free"
"""Whose the times are: that is settled when the call is moved."""


def times_page(
    asked: Asked, setting: Setting, search: Search, refused: str | None = None, near: datetime | None = None
) -> Page:
    """The month and the day that are asked for, or those of the first free time.

    `refused`: why a time cannot be had; `near`: that time, whose day is shown then.
    """
    call, horizon = setting.look_at.call, setting.look_at.app.preset.horizon
    day = near.astimezone(setting.zone).date() if near else asked.day()
    named = asked.month()
    length = timedelta(minutes=call.duration_minutes)

    def others(start: datetime, end: datetime) -> Slots:
        return _others(search(start, end), call.scheduled_at)

    found = free_month(others, setting.zone, setting.now, length, horizon, named or day)
    if day is not None:
        found = with_day(found, others, setting.now, length, horizon, day)
    way = _showing(setting.way, named, day)
    picker = picker_of(found, day, setting.now, setting.words, setting.texts)
    return Page(
        template="guest_times.html",
        look=setting.look,
        context=replace(setting, way=way).context(
            STEP,
            picker=picker,
            is_asked_month=(named or day) is not None,
            refused=refused,
            data=script_data(picker.data),
            hidden=way.said("tz", "lang"),
            ways={
                "zone": way.to("zone", to=STEP),
                "choose": way.to(STEP),
                "here": way.to(STEP) if refused else None,
                "next_free": way.to(STEP, month=None, day=None),
                "month": lambda first: way.to(STEP, month=f"{first:%Y-%m}"),
                "day": lambda at: way.to(STEP, day=at, month=None),
            },
        ),
        scripts=(PICKER_SCRIPT,),
        first_scripts=(ZONE_SCRIPT,) if setting.asks_for_zone else (),
        status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK,
    )


def move_page(setting: Setting, start: datetime) -> Page:
    """The question whether the call is to have this time instead of the one that it has."""
    to, words = start.astimezone(setting.zone), setting.words
    return Page(
        template="guest_move.html",
        look=setting.look,
        context=setting.context(
            STEP,
            start=format_instant(start),
            to={"day": date_of(words, to), "time": time_of(words, to), "zone": zone_of(words, to)},
            ways={"move": setting.way.to(STEP), "times": setting.way.to(STEP, day=to.date())},
        ),
    )


def zone_page(asked: Asked, setting: Setting) -> Page:
    """All time zones. Who came from the times goes back to them, and to the month and the day that were shown."""
    is_from_times = asked.query("to") == STEP
    way, step = setting.way, ""
    if is_from_times:
        way, step = _showing(way, asked.month(), asked.day()), STEP
    return Page(
        template="zone.html",
        look=setting.look,
        context=setting.context(
            "zone",
            service=setting.booked,
            zones=zones_by_place(),
            hidden=way.said("month", "day", "lang"),
            ways={"start": way.to(step), "back": way.to(step)},
        ),
    )


def start_said(asked: Asked) -> datetime | None:
    """The time that a guest chose; None if there is none, or it is no time."""
    try:
        return parse_instant(asked.said("start") or "")
    except ValueError:
        return None


def _showing(way: Way, month: date | None, day: date | None) -> Way:
    said = as_said(month, day)
    return replace(way, month=said["month"], day=said["day"])


def _others(found: Slots, present: datetime) -> Slots:
    """Each free time once, whoever has it, without the one that the call has."""
    minutes = sorted({start for start, _ in found.starts} - {epoch_minute(present)})
    return replace(found, agent_ids=[_WHOEVER], starts=[(start, 0) for start in minutes])
