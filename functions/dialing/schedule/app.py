"""POST dial/scheduled and dial/outbound: calls to be dialled, many or one."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.core.accepting import takes_gzip
from slotline.http.core.api import CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.bodies import TABLE
from slotline.http.core.documents import answers
from slotline.http.core.rights import needs
from slotline.http.dialing.created_calls import CreatedCalls, created_calls
from slotline.http.dialing.requests import CampaignBody, OutboundBody
from slotline.wiring import common
from slotline.wiring.dialing import scheduling

api = make_api(common, largest_body=TABLE)


@api.post(
    "/api/v1/dial/scheduled",
    summary="Schedule calls",
    operation_id="scheduleCalls",
    responses=answers(200, CreatedCalls, 422),
)
@needs(Scope.DIALING_WRITE, checks_rate=False)
def schedule(body: CampaignBody, caller: CurrentCaller, idempotency: IdempotencyHeader = None) -> Response[str]:
    """A campaign of up to 10,000 calls; more come as an upload.

    One row that cannot be dialled refuses all, unless `on_error` is `skip`. Nothing is dialled before everything is
    created. The calls of an upload are created in the background: read the campaign for its progress.
    """
    organization_id = caller.organization_id
    event = api.current_event.raw_event
    key = idempotency_key(caller, event, idempotency)
    found = scheduling.schedule_calls()(body.to_request(organization_id), body.rows, key, caller.check_rate)
    return created_calls(
        found.calls,
        found.use_case,
        campaign_id=found.campaign.id,
        rules=found.campaign.rules,
        max_retries=found.campaign.max_retries,
        unfilled=found.unfilled,
        warnings=found.warnings,
        refused_rows=found.refused,
        faults=found.faults,
        duplicates=found.duplicates,
        compresses=takes_gzip(event),
        replayed=found.replayed,
    )


@api.post(
    "/api/v1/dial/outbound",
    summary="Call a number now",
    operation_id="callNow",
    responses=answers(200, CreatedCalls, 422),
)
@needs(Scope.DIALING_WRITE, checks_rate=False)
def call_now(body: OutboundBody, caller: CurrentCaller, idempotency: IdempotencyHeader = None) -> Response[str]:
    """One call, dialled as soon as the use case's hours and the callee's allow. It belongs to no campaign."""
    organization_id = caller.organization_id
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    called = scheduling.call_now()(body.to_request(organization_id), body.row(), key, caller.check_rate)
    call = called.call
    return created_calls(
        [call],
        called.use_case,
        campaign_id=None,
        rules=call.rules,
        max_retries=call.max_retries,
        unfilled=called.unfilled,
        warnings=called.warnings,
        replayed=called.replayed,
    )


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
