"""POST /api/calls: start a call at once, from a website."""

from http import HTTPStatus

from slotline import observability
from slotline.domain.access.websites import Purpose
from slotline.http.access.website_api import Answer, Done, Event, Visit, serve
from slotline.http.instant.video_calls import InstantCallData, asked, urls_for
from slotline.wiring import common
from slotline.wiring.access import websites
from slotline.wiring.booking import guest_links
from slotline.wiring.instant import instant_calls


def create(visit: Visit) -> Done:
    """A call with its links. Nobody has joined it yet."""
    request, everything = asked(visit)
    key = visit.idempotency_key(everything)
    started = instant_calls.start_instant_call()(request.to_request(), visit.website, key)
    observability.count({"InstantCalls": 0 if started.replayed else 1})
    urls = urls_for(started.call, visit, guest_links.link_keys(), common.clock().now())
    data = InstantCallData.of(started.call, started.secret, urls)
    return Done(data=data, status=HTTPStatus.CREATED, replayed=started.replayed)


def handler(event: Event, context: object) -> Answer:
    """The Lambda's entry point."""
    common.begin(context)
    return serve(event, common, websites.admit_website, create, Purpose.START)
