"""GET /api/calls/{id}: a call as it is now, for its own app."""

from slotline import wiring
from slotline.http.video_calls import answered
from slotline.http.widget import Answer, Done, Event, Visit, serve
from slotline.usecases.read_video_call import read_video_call


def get(visit: Visit) -> Done:
    """The call, its Genesys context included: only who has the app's key gets here."""
    call = read_video_call(wiring.rooms(), visit.website.app.app_id, visit.call_id)
    return answered(call, visit)


def handler(event: Event, _context: object) -> Answer:
    """The Lambda's entry point."""
    return serve(event, wiring, get)
