"""POST /api/v1/video/{appId}/scheduled-calls/{id}/reminders: tell somebody about a call now."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.core.api import AppId, CurrentCaller, IdempotencyHeader, ResourceId, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, accepted
from slotline.http.core.rights import needs
from slotline.http.messages.reminders import ReminderData, ReminderRequestBody
from slotline.wiring import common
from slotline.wiring.messages import reminders

api = make_api(common, body_optional=True)


@api.post(
    "/api/v1/video/<app_id>/scheduled-calls/<call_id>/reminders",
    summary="Send a reminder",
    operation_id="remindOfScheduledCall",
    responses=answers(202, Envelope[ReminderData], 404, 409, 422),
)
@needs(Scope.SCHEDULING_WRITE, checks_rate=False)
def remind(
    app_id: AppId,
    call_id: ResourceId,
    caller: CurrentCaller,
    body: ReminderRequestBody | None = None,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """Send a message about the call now. What became of it is on the call's timeline.

    The preset bounds how many are asked for: about a call in a day, to a recipient and in the app in an hour. Over a
    bound: 429 with `nextAllowedAt`. A recipient other than the guest: 403, unless the preset allows it.
    """
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    request = (body or ReminderRequestBody()).to_request()
    requested = reminders.request_reminder()(app_id, call_id, request, key, caller.check_rate)
    data = ReminderData.model_validate({"reminder": requested.result})
    return accepted(data, requested.answered_at, replayed=requested.replayed)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
