"""GET /api/calls/{id}: a call as it is now, for its own app."""

from slotline.http.access.website_api import Answer, Done, Event, Visit, serve
from slotline.http.instant.video_calls import answered
from slotline.usecases.instant.read_call import read_video_call
from slotline.wiring import common
from slotline.wiring.access import websites
from slotline.wiring.instant import rooms


def get(visit: Visit) -> Done:
    """The call, its Genesys context included: only who has the app's key gets here."""
    call = read_video_call(rooms.rooms(), visit.website.app.app_id, visit.call_id)
    return answered(call, visit)


def handler(event: Event, _context: object) -> Answer:
    """The Lambda's entry point."""
    return serve(event, common, websites.admit_website, get)
