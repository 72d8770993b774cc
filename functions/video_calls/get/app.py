"""GET /api/calls/{id}: a call as it is now, for its own app."""

from slotline.http.video_calls import answered
from slotline.http.widget import Answer, Done, Event, Visit, serve
from slotline.usecases.read_video_call import read_video_call
from slotline.wiring import common, rooms, websites


def get(visit: Visit) -> Done:
    """The call, its Genesys context included: only who has the app's key gets here."""
    call = read_video_call(rooms.rooms(), visit.website.app.app_id, visit.call_id)
    return answered(call, visit)


def handler(event: Event, _context: object) -> Answer:
    """The Lambda's entry point."""
    return serve(event, common, websites.admit_website, get)
