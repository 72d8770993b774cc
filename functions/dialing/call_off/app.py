"""POST calls/{id}/cancel and stop: no further attempt, and a conversation goes on, or ends."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.core.api import CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.models import NoFields
from slotline.http.core.rights import needs
from slotline.http.dialing.reads import DialCallInPath, DialCallOnly
from slotline.http.dialing.views import DialCallView
from slotline.wiring import common
from slotline.wiring.dialing import calling_off

api = make_api(common, body_optional=True)
ANSWERS = answers(200, Envelope[DialCallOnly], 404, 422)


def _add_route(path: str, *, hang_up: bool, summary: str, operation_id: str, description: str) -> None:
    """A route that calls a phone call off, and with `hang_up` ends its conversation."""

    @api.post(path, summary=summary, operation_id=operation_id, description=description, responses=ANSWERS)
    @needs(Scope.DIALING_WRITE, checks_rate=False)
    def call_off(
        call_id: DialCallInPath,
        caller: CurrentCaller,
        body: NoFields | None = None,
        idempotency: IdempotencyHeader = None,
    ) -> Response[str]:
        del body
        organization_id = caller.organization_id
        key = idempotency_key(caller, api.current_event.raw_event, idempotency)
        call, replayed = calling_off.call_off_once()(
            organization_id, call_id, hang_up=hang_up, key=key, check_rate=caller.check_rate
        )
        return ok(DialCallOnly(call=DialCallView.of(call)), common.clock().now(), replayed=replayed)


_add_route(
    "/api/v1/calls/<call_id>/cancel",
    hang_up=False,
    summary="Cancel a phone call",
    operation_id="cancelCall",
    description="It is not dialled, or not again. A conversation that is under way goes on to its end. "
    "Again: the same answer.",
)
_add_route(
    "/api/v1/calls/<call_id>/stop",
    hang_up=True,
    summary="Stop a phone call",
    operation_id="stopCall",
    description="As cancel, and a conversation that is under way is hung up. Its carrier tells when it has ended.",
)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
