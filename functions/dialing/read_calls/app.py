"""GET calls and campaigns: what is to be dialled, what was, and how far it has come."""

from functools import partial
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from slotline.domain.access.scopes import Scope
from slotline.domain.shared.paging import Listed
from slotline.http.core.api import CurrentCaller, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, Page, ok, page
from slotline.http.core.paging import AskedCounted
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
from slotline.usecases.dialing.read_calls import read_dial_call
from slotline.wiring import common
from slotline.wiring.dialing import calls, reading

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
    now = common.clock().now()
    found = reading.list_calls()(asked.to_query(caller.organization_id, now), is_counted=asked.total)
    listed = Listed(rows=found.calls, next=place_of(found.next) if found.next else None)
    data = DialCallsData(calls=[DialCallView.of(call) for call in found.calls])
    return page(data, asked.where(listed, found.total), now)


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
def find_campaigns(asked: Annotated[AskedCounted, Query()], caller: CurrentCaller) -> Response[str]:
    """A page of the organization's campaigns, newest first."""
    organization_id = caller.organization_id
    found = calls.campaigns().list(organization_id, asked.limit, asked.after)
    data = CampaignsData(campaigns=[CampaignView.of(campaign) for campaign in found.rows])
    count = partial(calls.campaigns().count, organization_id)
    return page(data, asked.where_of(found, count), common.clock().now())


@api.get(
    "/api/v1/campaigns/<campaign_id>",
    summary="Read a campaign",
    operation_id="getCampaign",
    responses=answers(200, Envelope[CampaignData], 404),
)
@needs(Scope.DIALING_READ)
def get_campaign(campaign_id: CampaignInPath, caller: CurrentCaller) -> Response[str]:
    """The campaign with its progress: its calls by status, and how far its file is imported."""
    found = reading.read_progress()(caller.organization_id, campaign_id)
    return ok(CampaignData.of(found), common.clock().now())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
