"""POST campaigns/{id}/pause, resume and cancel."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.domain.dialing.campaigns import CampaignState
from slotline.http.core.api import CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.models import NoFields
from slotline.http.core.rights import needs
from slotline.http.dialing.reads import CampaignInPath, CampaignOnly
from slotline.http.dialing.views import CampaignView
from slotline.wiring import common
from slotline.wiring.dialing import changing

api = make_api(common, body_optional=True)
ANSWERS = answers(200, Envelope[CampaignOnly], 404, 409, 422)


def _add_route(path: str, state: CampaignState, *, summary: str, operation_id: str, description: str) -> None:
    """A route that moves a campaign to this state."""

    @api.post(path, summary=summary, operation_id=operation_id, description=description, responses=ANSWERS)
    @needs(Scope.DIALING_WRITE, checks_rate=False)
    def move(
        campaign_id: CampaignInPath,
        caller: CurrentCaller,
        body: NoFields | None = None,
        idempotency: IdempotencyHeader = None,
    ) -> Response[str]:
        del body
        organization_id = caller.organization_id
        key = idempotency_key(caller, api.current_event.raw_event, idempotency)
        campaign, replayed = changing.change_campaign()(
            organization_id, campaign_id, state, caller.author, key, caller.check_rate
        )
        return ok(CampaignOnly(campaign=CampaignView.of(campaign)), common.clock().now(), replayed=replayed)


_add_route(
    "/api/v1/campaigns/<campaign_id>/pause",
    CampaignState.PAUSED,
    summary="Pause a campaign",
    operation_id="pauseCampaign",
    description="None of its calls is dialled any more until it is resumed. Calls under way go on.",
)
_add_route(
    "/api/v1/campaigns/<campaign_id>/resume",
    CampaignState.RUNNING,
    summary="Resume a campaign",
    operation_id="resumeCampaign",
    description="A paused campaign goes on. Calls without a time of their own follow in order and an interval apart,"
    " the first within a minute; rows with their own time and retries that fell due meanwhile go out at once.",
)
_add_route(
    "/api/v1/campaigns/<campaign_id>/cancel",
    CampaignState.CANCELED,
    summary="Cancel a campaign",
    operation_id="cancelCampaign",
    description="None of its calls is dialled any more: each is Canceled within minutes. Calls under way go on.",
)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
