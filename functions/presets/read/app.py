"""GET presets: the rules that an app's bookings follow, and which of them rule now; and services, which are presets as
a form for bookings needs them."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from slotline.domain.access.scopes import Scope
from slotline.http.booking.presets import LARGEST_REVISION, PresetData, PresetInPath, PresetsData, PresetView
from slotline.http.booking.services import ServicesData, ServiceView
from slotline.http.core.api import AppId, CurrentCaller, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, Page, ok, page
from slotline.http.core.paging import AskedPart
from slotline.http.core.rights import needs
from slotline.usecases.booking.keep_presets import list_presets, list_services, read_preset
from slotline.wiring import common
from slotline.wiring.access.visits import visits
from slotline.wiring.booking import presets

api = make_api(common, websites=visits(of_one_preset=False))


@api.get(
    "/api/v1/video/<app_id>/presets",
    summary="List presets",
    operation_id="listPresets",
    responses=answers(200, Page[PresetsData], 404),
)
@needs(Scope.SCHEDULING_READ)
def find(app_id: AppId, asked: Annotated[AskedPart, Query()]) -> Response[str]:
    """The app's presets, in order of their ids."""
    shown, where = asked.part_of(list_presets(presets.presets(), app_id), lambda found: found.preset.preset_id)
    return page(PresetsData(presets=[PresetView.of(preset) for preset in shown]), where, common.clock().now())


@api.get(
    "/api/v1/video/<app_id>/presets/<preset_id>",
    summary="Read a preset",
    operation_id="getPreset",
    responses=answers(200, Envelope[PresetData], 404),
)
@needs(Scope.SCHEDULING_READ)
def get(
    app_id: AppId,
    preset_id: PresetInPath,
    revision: Annotated[
        int | None, Query(ge=1, le=LARGEST_REVISION, description="As it was then, also once it is gone; else as it is")
    ] = None,
) -> Response[str]:
    """The preset as it is now, or as it was when a call was booked: a call has its `preset_revision`."""
    found = read_preset(presets.presets(), app_id, preset_id, revision)
    return ok(PresetData(preset=PresetView.of(found)), common.clock().now())


@api.get(
    "/api/v1/video/<app_id>/services",
    summary="List services",
    operation_id="listServices",
    responses=answers(200, Page[ServicesData], 404),
)
@needs(Scope.SCHEDULING_READ, websites=True)
def services(app_id: AppId, asked: Annotated[AskedPart, Query()], caller: CurrentCaller) -> Response[str]:
    """What can be booked in the app, and what a form for it needs, in order of their ids.

    For a website's widget key: what is public, and may be embedded in the page that asks.
    """
    found = list_services(presets.presets(), app_id, public_only=caller.visitor is not None)
    if (visitor := caller.visitor) is not None:
        found = [one for one in found if visitor.may_embed(one.preset.allowed_embed_origins)]
    shown, where = asked.part_of(found, lambda found: found.preset.preset_id)
    return page(ServicesData(services=[ServiceView.of(found) for found in shown]), where, common.clock().now())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
