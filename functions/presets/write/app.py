"""POST, PATCH, DELETE presets, and say which one rules."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.booking.presets import NewPreset, PresetChanges, PresetData, PresetInPath, PresetView
from slotline.http.core.api import AppId, CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, created, ok
from slotline.http.core.models import NoFields
from slotline.http.core.rights import needs
from slotline.wiring import common
from slotline.wiring.booking import presets

api = make_api(common, body_optional=True)


@api.post(
    "/api/v1/video/<app_id>/presets",
    summary="Add a preset",
    operation_id="createPreset",
    responses=answers(201, Envelope[PresetData], 404, 409, 422),
)
@needs(Scope.SCHEDULING_WRITE, checks_rate=False)
def create(
    app_id: AppId, body: NewPreset, caller: CurrentCaller, idempotency: IdempotencyHeader = None
) -> Response[str]:
    """Add a preset. It rules nothing until it is activated."""
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    added = presets.add_preset()(app_id, body.to_preset(), caller.author, key, caller.check_rate)
    data = PresetData(preset=PresetView.of_fields(added.result))
    return created(data, added.answered_at, replayed=added.replayed)


@api.patch(
    "/api/v1/video/<app_id>/presets/<preset_id>",
    summary="Change a preset",
    operation_id="updatePreset",
    responses=answers(200, Envelope[PresetData], 404, 409),
)
@needs(Scope.SCHEDULING_WRITE)
def update(app_id: AppId, preset_id: PresetInPath, body: PresetChanges, caller: CurrentCaller) -> Response[str]:
    """Change what is sent. Changes to the active preset apply from the next booking on.

    Of two changes of the same field at once, the later one stands.
    """
    found = presets.change_preset()(app_id, preset_id, body.to_values(), caller.author)
    return ok(PresetData(preset=PresetView.of(found)), common.clock().now())


@api.post(
    "/api/v1/video/<app_id>/presets/<preset_id>/activate",
    summary="Activate a preset",
    operation_id="activatePreset",
    responses=answers(200, Envelope[PresetData], 404, 422),
)
@needs(Scope.SCHEDULING_WRITE, checks_rate=False)
def activate(
    app_id: AppId,
    preset_id: PresetInPath,
    caller: CurrentCaller,
    body: NoFields | None = None,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """From the next booking on this preset rules, and the one before no longer does."""
    del body
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    activated = presets.activate_preset()(app_id, preset_id, caller.author, key, caller.check_rate)
    data = PresetData(preset=PresetView.of_fields(activated.result))
    return ok(data, activated.answered_at, replayed=activated.replayed)


@api.delete(
    "/api/v1/video/<app_id>/presets/<preset_id>",
    summary="Delete a preset",
    operation_id="deletePreset",
    responses=answers(200, Envelope[PresetData], 404, 409),
)
@needs(Scope.SCHEDULING_WRITE)
def delete(app_id: AppId, preset_id: PresetInPath, caller: CurrentCaller) -> Response[str]:
    """Take it away; `preset_active` where it is the one that rules. Answers with the preset as it was."""
    removed = presets.remove_preset()(app_id, preset_id, caller.author)
    return ok(PresetData(preset=PresetView.of(removed)), common.clock().now())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
