"""The page behind a join link: the room itself, or why nobody can be in it now.

Whoever has the link may see the page, so it says nothing of the call: who has a seat is told more by the room's API. Of
a booking it says when the room opens, because its guest has nothing but this link to know that from.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from slotline.domain.booking.apps import App
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.doors import Door, doors_of
from slotline.domain.instant.rooms import VideoCall
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.names import one_line
from slotline.pages import assets
from slotline.pages.kit import Asked
from slotline.pages.rendering import Look, Page, script_data
from slotline.pages.zones import zone_or_none
from slotline.ports.shared import Clock
from slotline.words.catalogue import PAGES, catalogue_for, languages
from slotline.words.dates import moment_of

_ZONE_SCRIPT = "zone.js"
_FILES = ("room_wire.js", "room_link.js", "room_devices.js", "room_recorder.js", "room.js")
_CLOCK = "room_ticks.js"


def side_of(asked: Asked) -> Side:
    """Whose seat a link is for, as it says."""
    return Side.HOST if asked.query("role") == "agent" else Side.GUEST


def room_page(asked: Asked, call: VideoCall, app: App, clock: Clock, kept_at: Callable[[], str]) -> Page:
    """The page of one call, in the visitor's language and zone. `kept_at`: the origin where recordings are put."""
    now = clock.now()
    doors = doors_of(call, now)
    if doors.is_open or call.join_tokens:
        return _open(asked, call, app, kept_at())
    preset = app.preset
    language = asked.language(preset.language)
    zone = zone_or_none(asked.query("tz")) or ZoneInfo(app.timezone)
    said = [(name, value) for name in ("role", "tz") if (value := asked.query(name))]
    return Page(
        template="room_closed.html",
        look=_look(language, app),
        context={
            "organization": one_line(app.shown_name),
            "door": doors.door.value,
            "opens": _moment(doors.opens_at, zone, language) if doors.door is Door.EARLY else None,
            "starts": _moment(call.scheduled_at, zone, language) if call.scheduled_at else None,
            "seconds": max(int((doors.opens_at - now).total_seconds()), 0),
            "zone": zone.key if call.scheduled_at else None,
            "here": asked.same_page(*said),
            "ways_to_languages": {tag: asked.same_page(*said, ("lang", tag)) for tag in sorted(languages(PAGES))},
        },
        first_scripts=(_ZONE_SCRIPT,) if call.scheduled_at else (),
        scripts=("room_early.js",) if doors.door is Door.EARLY else (),
    )


def _open(asked: Asked, call: VideoCall, app: App, kept_at: str) -> Page:
    language = asked.language(app.preset.language)
    side = side_of(asked)
    said = [(name, value) for name in ("role",) if (value := asked.query(name))]
    return Page(
        template="room.html",
        look=_look(language, app),
        context={
            "organization": one_line(app.shown_name),
            "data": script_data(_data(asked, call, side, catalogue_for(language, PAGES).words["room"]["script"])),
            "ways_to_languages": {tag: asked.same_page(*said, ("lang", tag)) for tag in sorted(languages(PAGES))},
        },
        files=_FILES,
        uses_devices=True,
        puts_to=kept_at,
    )


def _data(asked: Asked, call: VideoCall, side: Side, words: Mapping[str, str]) -> Mapping[str, object]:
    """What the page's script begins with."""
    return {
        "callId": call.id,
        "side": side.value,
        "previewEnabled": call.preview_enabled,
        "isFramed": asked.is_in_frame,
        "clock": assets.url_of(_CLOCK),
        "words": words,
    }


def _look(language: str, app: App) -> Look:
    return Look.of(language, app.preset.branding_color, app.preset.allowed_embed_origins)


def _moment(instant: datetime, zone: ZoneInfo, language: str) -> dict[str, str]:
    start = instant.astimezone(zone)
    return {"instant": format_instant(instant), "text": moment_of(catalogue_for(language), start)}
