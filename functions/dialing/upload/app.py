"""POST dial/uploads: where to put a file of calls that is too large for a request."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.core.api import CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import flat
from slotline.http.core.rights import needs
from slotline.http.dialing.uploads import UploadBody, UploadView
from slotline.usecases.dialing.invite_upload import invite_upload
from slotline.wiring import common
from slotline.wiring.dialing import calls
from slotline.wiring.shared import receipts

api = make_api(common)


@api.post(
    "/api/v1/dial/uploads",
    summary="Upload a file of calls",
    operation_id="createUpload",
    responses=answers(201, UploadView, 422),
)
@needs(Scope.DIALING_WRITE, checks_rate=False)
def invite(body: UploadBody, caller: CurrentCaller, idempotency: IdempotencyHeader = None) -> Response[str]:
    """An address for one PUT of exactly `size` bytes, good for an hour, and the `csv_file` that then names the file.

    Up to 100 MB. What was put is kept for seven days.
    """
    organization_id = caller.organization_id
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    upload_id, invitation, replayed = invite_upload(
        calls.uploads(), common.ids(), receipts.once(), organization_id, body.size, key, caller.check_rate
    )
    return flat(UploadView.of(upload_id, invitation), HTTPStatus.CREATED, replayed=replayed)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
