"""POST and DELETE do-not-call: whom an organization does not call, from this moment on."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path

from slotline.domain.access.scopes import Scope
from slotline.domain.shared.phones import to_e164
from slotline.http.core.api import CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, created, ok
from slotline.http.core.rights import needs
from slotline.http.dialing.do_not_call import BarredNumberData, ListedData, NotToBeCalled
from slotline.usecases.dialing.keep_do_not_call import unlist_number
from slotline.wiring import common
from slotline.wiring.dialing import changing, settings
from slotline.wiring.shared import receipts

api = make_api(common, body_optional=True)


@api.post(
    "/api/v1/do-not-call",
    summary="Call these numbers no more",
    operation_id="addDoNotCall",
    responses=answers(201, Envelope[ListedData], 422),
)
@needs(Scope.DIALING_WRITE, checks_rate=False)
def add(body: NotToBeCalled, caller: CurrentCaller, idempotency: IdempotencyHeader = None) -> Response[str]:
    """One number, or up to 1,000. Once it is answered none of them is dialled, by campaigns under way neither."""
    organization_id = caller.organization_id
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    listed = changing.list_numbers()(
        organization_id, body.to_numbers(), body.reason, caller.author, key, caller.check_rate
    )
    data = ListedData.model_validate(listed.result)
    return created(data, listed.answered_at, replayed=listed.replayed)


@api.delete(
    "/api/v1/do-not-call/<phone_number>",
    summary="Allow a number again",
    operation_id="deleteDoNotCall",
    responses=answers(200, Envelope[BarredNumberData], 404),
)
@needs(Scope.DIALING_WRITE)
def remove(
    phone_number: Annotated[str, Path(description="The number in any written form; its + may be left out")],
    caller: CurrentCaller,
) -> Response[str]:
    """Take it off the list."""
    organization_id = caller.organization_id
    bare = phone_number.strip().replace("%2B", "+")
    e164 = to_e164(f"+{bare}" if bare[:1].isdigit() else bare, "phone_number")
    unlist_number(settings.do_not_call(), receipts.once(), organization_id, e164, caller.author)
    return ok(BarredNumberData(phone_number=e164), common.clock().now())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
