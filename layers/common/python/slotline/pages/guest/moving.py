"""Moving a call: the month of times that it can have, the question whether the guest means it, and other zones."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from http import HTTPStatus

from slotline.domain.booking.slots import Slots, epoch_minute
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.pages.booking.picker import picker_of
from slotline.pages.guest.shown import Setting
from slotline.pages.kit import Asked
from slotline.pages.rendering import Page, script_data
from slotline.pages.zones import zones_by_place
from slotline.usecases.booking.free_month import Search, free_month
from slotline.words.dates import date_of, time_of, zone_of

PICKER_SCRIPT, ZONE_SCRIPT = "picker.js", "zone.js"
STEP = "reschedule"
TAKEN, TOO_LATE = "taken", "too_late"
"""Why a time that the guest chose was not to be had."""


def times_page(asked: Asked, setting: Setting, search: Search, refused: str | None = None) -> Page:
    """The month and the day that are asked for, or those of the first free time. `refused`: why one cannot be had."""
    call, preset, way = setting.look_at.call, setting.look_at.app.preset, setting.way
    day = _date(asked.query("day"))
    month = _date(f"{asked.query('month')}-01") or day

    def others(start: datetime, end: datetime) -> Slots:
        return _others(search(start, end), call.scheduled_at)

    length = timedelta(minutes=call.duration_minutes)
    found = free_month(others, setting.zone, setting.now, length, preset.horizon, month)
    picker = picker_of(found, day, setting.now, setting.words, setting.texts)
    return Page(
        template="guest_times.html",
        look=setting.look,
        context=setting.context(
            STEP,
            picker=picker,
            is_asked_month=month is not None,
            refused=refused,
            data=script_data(picker.data),
            hidden=way.said("tz", "lang"),
            ways={
                "zone": way.to("zone", to=STEP),
                "choose": way.to(STEP),
                "next_free": way.to(STEP),
                "month": lambda first: way.to(STEP, month=f"{first:%Y-%m}"),
                "day": lambda at: way.to(STEP, day=at),
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


def zone_page(setting: Setting, to: str | None) -> Page:
    """All time zones. `to`: the step that is shown in the chosen zone then, if it is not the page itself."""
    shown = STEP if to == STEP else ""
    return Page(
        template="zone.html",
        look=setting.look,
        context=setting.context(
            "zone",
            service=setting.booked,
            zones=zones_by_place(),
            hidden=setting.way.said("lang"),
            ways={
                "start": setting.way.to(shown),
                "back": setting.way.to(shown),
            },
        ),
    )


def start_said(asked: Asked) -> datetime | None:
    """The time that a guest chose; None if there is none, or it is no time."""
    try:
        return parse_instant(asked.said("start") or "")
    except ValueError:
        return None


def _others(found: Slots, present: datetime) -> Slots:
    """Each free time once, whoever has it, without the one that the call has."""
    minutes: Sequence[int] = sorted({start for start, _ in found.starts} - {epoch_minute(present)})
    return replace(found, starts=[(start, 0) for start in minutes])


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
