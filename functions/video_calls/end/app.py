"""POST /api/calls/{id}/end: nobody joins the call any more."""

from slotline.domain.access.scopes import Scope
from slotline.http.access.website_api import Answer, Done, Event, PartnerVisit, Visit, serve_partners_too
from slotline.http.instant.video_calls import answered, asked_nothing, openable, urls_for
from slotline.wiring import common
from slotline.wiring.access import websites
from slotline.wiring.booking import guest_links
from slotline.wiring.instant import instant_calls


def end(visit: Visit | PartnerVisit) -> Done:
    """The call as it is then. One that was over already stays as it was."""
    key = visit.idempotency_key(asked_nothing(visit))
    ended = instant_calls.end_video_call()(visit.call_id, openable(visit), key, visit.principal)
    urls = urls_for(ended.call, visit, guest_links.link_keys(), common.clock().now())
    return answered(ended.call, urls, replayed=ended.replayed)


def handler(event: Event, context: object) -> Answer:
    """The Lambda's entry point."""
    common.begin(context)
    return serve_partners_too(event, common, websites.admit_website, end, Scope.SCHEDULING_WRITE)
