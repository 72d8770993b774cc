"""GET campaigns/{id}/export.csv: a campaign's calls as a table, in which no spreadsheet finds anything to run."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from slotline.domain.access.scopes import Scope
from slotline.domain.dialing.call_lists import position_of
from slotline.http.core.api import CurrentCaller, make_api
from slotline.http.core.documents import answers
from slotline.http.core.paging import cursor_of
from slotline.http.core.rights import needs
from slotline.http.dialing.reads import AskedExport, CampaignInPath, Table, export_of, place_of, position_at
from slotline.wiring import common
from slotline.wiring.dialing import exporting

api = make_api(common)


@api.get(
    "/api/v1/campaigns/<campaign_id>/export.csv",
    summary="Export a campaign",
    operation_id="exportCampaign",
    responses={
        **answers(200, Table, 404),
        200: {"description": HTTPStatus.OK.phrase, "content": {"text/csv": {"model": Table}}},
    },
)
@needs(Scope.DIALING_READ)
def export(campaign_id: CampaignInPath, asked: Annotated[AskedExport, Query()], caller: CurrentCaller) -> Response[str]:
    """Its calls as CSV, up to 5,000 an answer; `Link: <…>; rel="next"` leads to the rest. Each names its columns.

    A cell that a spreadsheet could take for a formula begins with an apostrophe.
    """
    after = position_at(asked.after) if asked.after else None
    export_calls = exporting.export_calls()
    campaign, calls, more = export_calls(caller.organization_id, campaign_id, asked.limit, after, caller.author)
    text, taken = export_of(calls)
    headers = {"Content-Disposition": f'attachment; filename="{campaign.id}.csv"'}
    if more or taken < len(calls):
        query = urlencode({"cursor": cursor_of(place_of(position_of(calls[taken - 1]))), "limit": asked.limit})
        headers["Link"] = f'<{api.current_event.raw_event["rawPath"]}?{query}>; rel="next"'
    return Response(HTTPStatus.OK.value, "text/csv; charset=utf-8", text, headers)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
