"""GET /api/calls/{id}: a call as it is now, for whoever started it, or for a partner of its app."""

from slotline.domain.access.scopes import Scope
from slotline.http.access.website_api import Answer, Done, Event, PartnerVisit, Visit, serve_partners_too
from slotline.http.instant.video_calls import answered, openable
from slotline.usecases.instant.read_call import read_video_call
from slotline.wiring import common
from slotline.wiring.access import websites
from slotline.wiring.instant import rooms


def get(visit: Visit | PartnerVisit) -> Done:
    """The call, its Genesys context included: only who may open it gets here."""
    call = read_video_call(rooms.rooms(), visit.call_id, openable(visit))
    return answered(call, visit)


def handler(event: Event, context: object) -> Answer:
    """The Lambda's entry point."""
    common.begin(context)
    return serve_partners_too(event, common, websites.admit_website, get, Scope.SCHEDULING_READ)
