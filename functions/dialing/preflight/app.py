"""POST dial/preflight: what a campaign would be like, and nothing created."""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.domain.dialing.planning import preflight
from slotline.http.core.api import CurrentCaller, IdempotencyHeader, make_api
from slotline.http.core.bodies import TABLE_TO_LOOK_AT
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import flat
from slotline.http.core.rights import needs
from slotline.http.dialing.preflight import PreflightBody, PreflightView
from slotline.wiring import common
from slotline.wiring.dialing import scheduling

api = make_api(common, largest_body=TABLE_TO_LOOK_AT)


@api.post(
    "/api/v1/dial/preflight",
    summary="Go through a campaign",
    operation_id="preflightCalls",
    responses=answers(200, PreflightView, 422),
)
@needs(Scope.DIALING_WRITE)
def go_through(body: PreflightBody, caller: CurrentCaller, idempotency: IdempotencyHeader = None) -> Response[str]:
    """Every row's faults, numbers that repeat or reach nobody, when each call would start, and how long it would take.

    Nothing is created, so an Idempotency-Key changes nothing. An upload cannot be gone through.
    """
    del idempotency
    organization_id = caller.organization_id
    request = body.to_request(organization_id)
    found, barred = scheduling.preview_calls()(request, body.rows, common.clock().now())
    outlook = preflight(
        found.calls,
        calls_per_second=found.number.calls_per_second,
        lines=found.number.lines,
        typical_call=timedelta(seconds=body.typical_call_seconds),
    )
    return flat(
        PreflightView.of(
            outlook,
            found.calls,
            refused_rows=found.refused,
            faults=found.faults,
            duplicates=found.duplicates,
            barred=barred,
            unfilled=found.unfilled,
            warnings=found.warnings,
        )
    )


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
