"""POST /api/calls/{id}/end: nobody joins the call any more."""

from slotline.http.video_calls import answered, asked_nothing
from slotline.http.widget import Answer, Done, Event, Visit, serve
from slotline.wiring import common, instant_calls, websites


def end(visit: Visit) -> Done:
    """The call as it is then. One that was over already stays as it was."""
    key = visit.idempotency_key(asked_nothing(visit))
    ended = instant_calls.end_video_call()(visit.website.app.app_id, visit.call_id, key)
    return answered(ended.call, visit, replayed=ended.replayed)


def handler(event: Event, _context: object) -> Answer:
    """The Lambda's entry point."""
    return serve(event, common, websites.admit_website, end)
