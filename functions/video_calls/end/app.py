"""POST /api/calls/{id}/end: nobody joins the call any more."""

from slotline.http.access.website_api import Answer, Done, Event, Visit, serve
from slotline.http.instant.video_calls import answered, asked_nothing
from slotline.wiring import common
from slotline.wiring.access import websites
from slotline.wiring.instant import instant_calls


def end(visit: Visit) -> Done:
    """The call as it is then. One that was over already stays as it was."""
    key = visit.idempotency_key(asked_nothing(visit))
    ended = instant_calls.end_video_call()(visit.website.app.app_id, visit.call_id, key)
    return answered(ended.call, visit, replayed=ended.replayed)


def handler(event: Event, _context: object) -> Answer:
    """The Lambda's entry point."""
    return serve(event, common, websites.admit_website, end)
