"""GET /api/calls/{id}: a call as it is now, for whoever started it, or for a partner of its app."""

from collections.abc import Sequence

from slotline.domain.access.scopes import Scope
from slotline.domain.booking.rooms import RoomKind
from slotline.domain.instant.recordings import Downloadable
from slotline.domain.instant.rooms import VideoCall
from slotline.http.access.website_api import Answer, Done, Event, PartnerVisit, Visit, serve_partners_too
from slotline.http.instant.video_calls import answered, author_of, openable, urls_for
from slotline.usecases.instant.read_call import read_video_call
from slotline.wiring import common
from slotline.wiring.access import websites
from slotline.wiring.booking import guest_links
from slotline.wiring.instant import recordings, rooms


def get(visit: Visit | PartnerVisit) -> Done:
    """The call, its Genesys context included: only who may open it gets here."""
    call = read_video_call(rooms.rooms(), visit.call_id, openable(visit))
    urls = urls_for(call, visit, guest_links.link_keys(), common.clock().now())
    return answered(call, urls, _recordings(call, visit))


def _recordings(call: VideoCall, visit: Visit | PartnerVisit) -> Sequence[Downloadable]:
    """Of a call in which two have met, for the website that started it: nothing else was recorded."""
    if isinstance(visit, PartnerVisit) or (call.started_at is None and call.kind is RoomKind.INSTANT):
        return ()
    app = rooms.rooms().app(call.app_id, call.preset_id)
    return recordings.read_recordings().downloadable(call.id, app, author_of(visit)) if app else ()


def handler(event: Event, context: object) -> Answer:
    """The Lambda's entry point."""
    common.begin(context)
    return serve_partners_too(event, common, websites.admit_website, get, Scope.SCHEDULING_READ)
