"""GET calls and campaigns: what is to be dialled, what was, and how far it has come."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from slotline.domain.access.scopes import Scope
from slotline.domain.shared.paging import Listed
from slotline.http.core.api import CurrentCaller, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, Page, ok, page
from slotline.http.core.paging import AskedPage
from slotline.http.core.rights import needs
from slotline.http.dialing.reads import (
    AskedCalls,
    CampaignData,
    CampaignInPath,
    CampaignsData,
    DialAttemptView,
    DialCallData,
    DialCallInPath,
    DialCallsData,
    place_of,
)
from slotline.http.dialing.views import CampaignView, DialCallView
from slotline.usecases.dialing.change_campaign import read_campaign
from slotline.usecases.dialing.read_calls import query_of, read_dial_call, read_progress
from slotline.wiring import common
from slotline.wiring.dialing import calls

api = make_api(common)


@api.get(
    "/api/v1/calls",
    summary="List phone calls",
    operation_id="listCalls",
    responses=answers(200, Page[DialCallsData], 404),
)
@needs(Scope.DIALING_READ)
def find_calls(asked: Annotated[AskedCalls, Query()], caller: CurrentCaller) -> Response[str]:
    """The calls that match every filter given, in order of their planned time. A page may be short and not the last."""
    organization_id = caller.organization_id
    within = None
    if asked.campaign_id:
        within = query_of(read_campaign(calls.campaigns(), organization_id, asked.campaign_id))
    found = calls.dial_calls().find(asked.to_query(organization_id, within, common.clock().now()))
    listed = Listed(rows=found.calls, next=place_of(found.next) if found.next else None)
    data = DialCallsData(calls=[DialCallView.of(call) for call in found.calls])
    return page(data, asked.where(listed), common.clock().now())


@api.get(
    "/api/v1/calls/<call_id>",
    summary="Read a phone call",
    operation_id="getCall",
    responses=answers(200, Envelope[DialCallData], 404),
)
@needs(Scope.DIALING_READ)
def get_call(call_id: DialCallInPath, caller: CurrentCaller) -> Response[str]:
    """The call with its attempts, as it is now."""
    organization_id = caller.organization_id
    call, attempts = read_dial_call(calls.dial_calls(), organization_id, call_id)
    data = DialCallData(call=DialCallView.of(call), attempts=[DialAttemptView.of(attempt) for attempt in attempts])
    return ok(data, common.clock().now())


@api.get(
    "/api/v1/campaigns",
    summary="List campaigns",
    operation_id="listCampaigns",
    responses=answers(200, Page[CampaignsData]),
)
@needs(Scope.DIALING_READ)
def find_campaigns(asked: Annotated[AskedPage, Query()], caller: CurrentCaller) -> Response[str]:
    """A page of the organization's campaigns, newest first."""
    organization_id = caller.organization_id
    found = calls.campaigns().list(organization_id, asked.limit, asked.after)
    data = CampaignsData(campaigns=[CampaignView.of(campaign) for campaign in found.rows])
    return page(data, asked.where(found), common.clock().now())


@api.get(
    "/api/v1/campaigns/<campaign_id>",
    summary="Read a campaign",
    operation_id="getCampaign",
    responses=answers(200, Envelope[CampaignData], 404),
)
@needs(Scope.DIALING_READ)
def get_campaign(campaign_id: CampaignInPath, caller: CurrentCaller) -> Response[str]:
    """The campaign with its progress: its calls by status, and how far its file is imported."""
    organization_id = caller.organization_id
    found = read_progress(calls.campaigns(), calls.dial_calls(), organization_id, campaign_id)
    return ok(CampaignData.of(found), common.clock().now())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
