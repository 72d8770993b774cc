"""The page itself, how the call stands and what can be done with it, and the step that asks before it is cancelled."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.guest_rights import (
    can_confirm,
    can_join,
    joins_from,
    why_not_cancel,
    why_not_reschedule,
)
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.names import check_prose
from slotline.http.booking.guest_door import AT
from slotline.pages.calendars import google_url, outlook_url
from slotline.pages.fields import Field
from slotline.pages.guest.shown import Setting
from slotline.pages.rendering import Page
from slotline.words.dates import day_of, moment_of, time_of

JOIN_SCRIPT, ZONE_SCRIPT = "join.js", "zone.js"
LONGEST_REASON = 500
CONFIRMED, MOVED, CANCELLED, UNCHANGED = "confirmed", "moved", "cancelled", "unchanged"
"""What an address says was done."""
_KINDS = {"pending": "warn", "cancelled": "bad", "over": "", "booked": "good", "confirmed": "good"}
"""How the notice of a state looks."""


def standing_of(call: Call, now: datetime) -> str:
    """How the call stands. Nobody has to have come, or to have said that nobody came, for its time to be over."""
    if call.is_final:
        return "cancelled" if call.status is CallStatus.CANCELLED else "over"
    if call.status is CallStatus.STARTED:
        return "started"
    if now >= call.claim.meeting.end:
        return "over"
    if call.status is CallStatus.PENDING_CONFIRMATION:
        return "pending"
    if now >= call.scheduled_at:
        return "now"
    return "confirmed" if call.status is CallStatus.CONFIRMED else "booked"


def call_page(setting: Setting, done: str | None, join_url: str) -> Page:
    """The call. `done`: what the address says was done just now."""
    look, now, way, booked = setting.look_at, setting.now, setting.way, setting.booked
    call, preset = look.call, look.app.preset
    standing = standing_of(call, now)
    may = {
        "confirm": can_confirm(call, now),
        "move": why_not_reschedule(call, preset, now) is None,
        "cancel": why_not_cancel(call, preset, now) is None,
    }
    is_ahead = standing not in {"cancelled", "over"}
    entry = booked.entry(join_url)
    scripts = (JOIN_SCRIPT,) if is_ahead else ()
    return Page(
        template="guest_call.html",
        look=setting.look,
        context=setting.context(
            standing=standing,
            kind=_KINDS.get(standing, "good"),
            done=_done(setting, done),
            moved_from=moment_of(setting.words, look.moved_from.astimezone(setting.zone)) if look.moved_from else None,
            reason=call.cancellation_reason if standing == "cancelled" else None,
            is_off=standing == "cancelled",
            may=may,
            not_possible=_not_possible(may, has_begun=standing == "started" or call.scheduled_at <= now)
            if is_ahead
            else None,
            join=_join(setting) if is_ahead else None,
            calendars={
                "file": f"{AT}{way.token}/calendar.ics",
                "google": google_url(entry) if is_ahead else None,
                "outlook": outlook_url(entry) if is_ahead else None,
            },
            ways={
                "zone": way.to("zone"),
                "confirm": way.to("confirm"),
                "cancel": way.to("cancel"),
                "move": way.to("reschedule"),
                "join": f"/c/{call.id}",
            },
        ),
        scripts=scripts,
        first_scripts=(ZONE_SCRIPT,) if setting.asks_for_zone else (),
    )


def cancel_page(setting: Setting, typed: str = "", *, is_wrong: bool = False) -> Page:
    """The question whether the guest means it, with room for a reason. `typed`: what stood there, if that was wrong."""
    texts = setting.texts
    reason = Field(
        name="reason",
        label=texts.text("guest", "cancel_reason"),
        kind="area",
        value=typed,
        help=texts.text("guest", "cancel_reason_help"),
        error=texts.text("guest", "cancel_reason_wrong") if is_wrong else None,
        attributes={"maxlength": str(LONGEST_REASON)},
    )
    return Page(
        template="guest_cancel.html",
        look=setting.look,
        context=setting.context(
            "cancel",
            ways={"cancel": setting.way.to("cancel")},
            reason=reason,
        ),
        status=HTTPStatus.BAD_REQUEST if is_wrong else HTTPStatus.OK,
    )


def is_reason(text: str) -> bool:
    """Whether this can be the reason of a cancellation."""
    try:
        check_prose(text)
    except InvalidRequest:
        return False
    return len(text) <= LONGEST_REASON


def _done(setting: Setting, done: str | None) -> str | None:
    """What was done, if the call bears it out: anybody can write an address."""
    look = setting.look_at
    true_of = {
        CONFIRMED: look.call.status is CallStatus.CONFIRMED,
        MOVED: look.moved_from is not None and not look.call.is_final,
        CANCELLED: look.call.status is CallStatus.CANCELLED,
        UNCHANGED: True,
    }
    return done if true_of.get(done or "") else None


def _not_possible(may: Mapping[str, bool], *, has_begun: bool) -> str | None:
    """What the guest cannot do, as the words for it are called."""
    if has_begun:
        return "begun"
    missing = [name for name in ("move", "cancel") if not may[name]]
    return f"ask_{'_'.join(missing)}" if missing else None


def _join(setting: Setting) -> dict[str, Any]:
    """The way into the call: open by the server's time, which the script goes on from."""
    call, now = setting.look_at.call, setting.now
    opens = joins_from(call).astimezone(setting.zone)
    is_open = can_join(call, now)
    ends = None if call.status is CallStatus.STARTED else (call.claim.meeting.end - now).total_seconds()
    return {
        "is_open": is_open,
        "opens_in": 0 if is_open else int((opens - now).total_seconds()) + 1,
        "ends_in": None if ends is None else int(ends),
        "day": day_of(setting.words, opens),
        "time": time_of(setting.words, opens),
    }
