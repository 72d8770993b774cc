"""The page behind a join link: what the call is, who is expected, and how it stands.

Whoever has the link may see it, so it says what a guest may know and no more: no metadata, no Genesys context, nothing
of the query. A host's link has a widget key there: it is not read, and no link of the page repeats it.
"""

from zoneinfo import ZoneInfo

from slotline.domain.booking.apps import App
from slotline.domain.instant.rooms import VideoCall
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.names import one_line
from slotline.pages.kit import Asked
from slotline.pages.rendering import Look, Page
from slotline.pages.zones import zone_or_none
from slotline.words.catalogue import PAGES, catalogue_for, languages
from slotline.words.dates import moment_of

_ZONE_SCRIPT = "zone.js"


def room_page(asked: Asked, call: VideoCall, app: App) -> Page:
    """The page of one call, in the visitor's zone: what the address or the browser's script says, else the app's."""
    preset = app.preset
    language = asked.language(preset.language)
    zone = zone_or_none(asked.query("tz")) or ZoneInfo(app.timezone)
    said = [("tz", zone.key)] if asked.query("tz") else []
    return Page(
        template="room.html",
        look=Look.of(language, preset.branding_color, preset.allowed_embed_origins),
        context={
            "organization": one_line(app.shown_name),
            "title": one_line(call.title or "") or None,
            "description": call.description,
            "state": call.status.value,
            "people": [
                (part, one_line(name)) for part, name in (("host", call.host_name), ("guest", call.guest_name)) if name
            ],
            "when": _when(call, zone, language),
            "zone": zone.key if call.scheduled_at else None,
            "ways_to_languages": {tag: asked.same_page(*said, ("lang", tag)) for tag in sorted(languages(PAGES))},
        },
        first_scripts=(_ZONE_SCRIPT,) if call.scheduled_at else (),
    )


def _when(call: VideoCall, zone: ZoneInfo, language: str) -> dict[str, str] | None:
    if call.scheduled_at is None:
        return None
    start = call.scheduled_at.astimezone(zone)
    return {"instant": format_instant(call.scheduled_at), "text": moment_of(catalogue_for(language), start)}
