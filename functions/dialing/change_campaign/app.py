"""POST campaigns/{id}/pause, resume and cancel."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.domain.dialing.campaigns import CampaignState
from slotline.http.core.api import CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.caller import Caller
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.models import NoFields
from slotline.http.dialing.reads import CampaignInPath, CampaignOnly
from slotline.http.dialing.views import CampaignView
from slotline.wiring import common
from slotline.wiring.dialing import calls

api = make_api(common, body_optional=True)


@api.post(
    "/api/v1/campaigns/<campaign_id>/pause",
    summary="Pause a campaign",
    operation_id="pauseCampaign",
    responses=answers(200, Envelope[CampaignOnly], 404, 409, 422),
)
def pause(
    campaign_id: CampaignInPath,
    caller: CurrentCaller,
    body: NoFields | None = None,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """None of its calls is dialled any more until it is resumed. Calls under way go on."""
    del body
    organization_id = caller.dials(Scope.DIALING_WRITE, check_rate=False)
    return _move(organization_id, campaign_id, CampaignState.PAUSED, caller, idempotency)


@api.post(
    "/api/v1/campaigns/<campaign_id>/resume",
    summary="Resume a campaign",
    operation_id="resumeCampaign",
    responses=answers(200, Envelope[CampaignOnly], 404, 409, 422),
)
def resume(
    campaign_id: CampaignInPath,
    caller: CurrentCaller,
    body: NoFields | None = None,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """A paused campaign goes on. Calls whose time has passed meanwhile follow as they look again."""
    del body
    organization_id = caller.dials(Scope.DIALING_WRITE, check_rate=False)
    return _move(organization_id, campaign_id, CampaignState.RUNNING, caller, idempotency)


@api.post(
    "/api/v1/campaigns/<campaign_id>/cancel",
    summary="Cancel a campaign",
    operation_id="cancelCampaign",
    responses=answers(200, Envelope[CampaignOnly], 404, 409, 422),
)
def cancel(
    campaign_id: CampaignInPath,
    caller: CurrentCaller,
    body: NoFields | None = None,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """None of its calls is dialled any more: each is Canceled within minutes. Calls under way go on."""
    del body
    organization_id = caller.dials(Scope.DIALING_WRITE, check_rate=False)
    return _move(organization_id, campaign_id, CampaignState.CANCELED, caller, idempotency)


def _move(
    organization_id: str, campaign_id: str, state: CampaignState, caller: Caller, idempotency: str | None
) -> Response[str]:
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    campaign, replayed = calls.change_campaign()(organization_id, campaign_id, state, key, caller.check_rate)
    return ok(CampaignOnly(campaign=CampaignView.of(campaign)), common.clock().now(), replayed=replayed)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
