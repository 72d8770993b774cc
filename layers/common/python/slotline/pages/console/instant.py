"""Instant calls of an app: the list, and one of them, which can be ended."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from slotline.domain.access.permissions import Permission
from slotline.domain.booking.guest_links import LinkKeys
from slotline.domain.booking.rooms import RoomKind
from slotline.domain.instant.join_urls import join_urls
from slotline.domain.instant.rooms import VideoCall, VideoCallStatus, ended_by_user, of_apps
from slotline.domain.shared.errors import NotFound
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.intervals import DAY
from slotline.domain.shared.wall_time import day_start
from slotline.pages.calls.recordings import recording_rows
from slotline.pages.kit import Redirect
from slotline.pages.moments import Moments, length
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn
from slotline.ports.apps import Presets
from slotline.ports.instant import Recordings, Rooms
from slotline.usecases.instant.end_call import EndVideoCall
from slotline.usecases.instant.read_call import read_video_call

SECTION = "instant"
ROWS = 50
_PLACE = re.compile(r"(19[7-9]|2[01]\d)\d-(0[1-9]|1[0-2])[-~#:.TZa-f0-9]{0,64}", re.ASCII)
"""Where a page of the list begins, in addresses, in a year with others before it: nothing else reaches the store."""
_BADGES = {VideoCallStatus.CREATED: "", VideoCallStatus.STARTED: "good", VideoCallStatus.ENDED: "quiet"}


def list_page(signed: SignedIn, rooms: Rooms, now: datetime) -> Page:
    """GET …/instant: the newest first, or those of a day and before it."""
    until, before = signed.asked.day_of("until"), signed.asked.query("before") or ""
    newest = format_instant(day_start(until + DAY, signed.zone)) if until else f"{now:%Y-%m}~"
    place = before if _PLACE.fullmatch(before) else newest
    found = rooms.made(signed.app.app_id, place, ROWS)
    moments = _moments(signed, now)
    context = {
        "calls": [_shown(signed, call, moments) for call in found.rows],
        "zone": moments.zone_name,
        "until": until.isoformat() if until else "",
        "way_newest": way_to(signed) if before else None,
        "way_older": f"{way_to(signed)}?{urlencode({'before': found.next})}" if found.next else None,
        "here": way_to(signed),
        "query": f"?{urlencode(pairs)}" if (pairs := signed.asked.pairs) else "",
    }
    return signed.page("console_instant.html", SECTION, context, live="console_instant_list.html")


def call_page(
    signed: SignedIn,
    rooms: Rooms,
    presets: Presets,
    recordings: Recordings,
    keys: Callable[[], LinkKeys],
    rooms_at: str,
    now: datetime,
) -> Page:
    """GET …/instant/{call_id}: all that is known of it, and its guest's link while it leads somewhere."""
    call = read_instant_call(signed, rooms)
    moments = _moments(signed, now)
    may_download = signed.may(Permission.DOWNLOAD_RECORDINGS) and call.started_at is not None
    _, kept = presets.find(call.app_id, call.preset_id)
    context = {
        "call": {**_shown(signed, call, moments), "metadata": _lines_of(call)},
        "of": call,
        "service": kept.preset if kept else None,
        "guest_url": None if call.is_over else join_urls(call, rooms_at, None, keys, now).guest,
        "recordings": recording_rows(
            recordings.of(call.id) if may_download else (), f"{way_to(signed)}/{call.id}", moments.moment
        ),
        "ended_by_user": (call.ended_by or "").startswith(ended_by_user("")),
        "may_end": signed.may(Permission.END_INSTANT_CALLS) and not call.is_over,
        "just_ended": signed.asked.query("done") == "ended" and call.is_over,
        "back": way_to(signed),
    }
    return signed.page("console_instant_call.html", SECTION, context, scripts=("dialogs.js", "copy.js"))


def end(signed: SignedIn, end_call: EndVideoCall, rooms: Rooms) -> Redirect:
    """POST …/instant/{call_id}/end. To end it once more changes nothing."""
    call = read_instant_call(signed, rooms)
    end_call(call.id, of_apps([signed.app.app_id]), None, ended_by_user(signed.visit.user.user_id))
    return Redirect(f"{way_to(signed)}/{call.id}?done=ended")


def way_to(signed: SignedIn) -> str:
    """The address of the list."""
    return f"/console/{signed.app.app_id}/instant"


def read_instant_call(signed: SignedIn, rooms: Rooms) -> VideoCall:
    """The call that the address names. A scheduled one has pages of its own, so it is not here."""
    call = read_video_call(rooms, signed.asked.part("call_id"), of_apps([signed.app.app_id]))
    if call.kind is not RoomKind.INSTANT:
        raise NotFound("There is no such instant call.")
    return call


def _shown(signed: SignedIn, call: VideoCall, moments: Moments) -> dict[str, Any]:
    words = signed.texts
    began = call.started_at
    return {
        "id": call.id,
        "way": f"{way_to(signed)}/{call.id}",
        "title": call.title,
        "host": call.host_name,
        "guest": call.guest_name,
        "status": call.status.value,
        "badge": _BADGES[call.status],
        "made": moments.moment(call.created_at),
        "began": moments.moment(began) if began else None,
        "ended": moments.moment(call.ended_at) if call.ended_at else None,
        "length": length(words, call.ended_at - began) if began and call.ended_at else None,
    }


def _lines_of(call: VideoCall) -> list[tuple[str, str]]:
    """What the client said with the call, a line for each name. Nested values are as JSON writes them."""
    import json

    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in call.metadata.items()
    ]


def _moments(signed: SignedIn, now: datetime) -> Moments:
    return Moments.of(signed.language, signed.app.timezone, now)
