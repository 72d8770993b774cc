"""POST, PATCH, DELETE use cases and numbers."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.core.api import CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, created, ok
from slotline.http.core.rights import needs
from slotline.http.dialing.numbers import NewNumber, NumberChanges, NumberData, NumberInPath, NumberView
from slotline.http.dialing.use_case_views import UseCaseData, UseCaseInPath, UseCaseView
from slotline.http.dialing.use_cases import NewUseCase, UseCaseChanges
from slotline.usecases.dialing.keep_settings import shown
from slotline.wiring import common
from slotline.wiring.dialing import changing, settings, writing

api = make_api(common, body_optional=True)


@api.post(
    "/api/v1/use-cases",
    summary="Add a use case",
    operation_id="createUseCase",
    responses=answers(201, Envelope[UseCaseData], 422),
)
@needs(Scope.DIALING_WRITE, checks_rate=False)
def create_use_case(body: NewUseCase, caller: CurrentCaller, idempotency: IdempotencyHeader = None) -> Response[str]:
    """What calls of one kind are for, and the rules they keep.

    What a hook's headers say is written only: every answer shows `********` instead. A hook's URL that leads to a
    private, loopback or link-local address is a 400.
    """
    organization_id = caller.organization_id
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    added = writing.add_use_case()(body.to_use_case(organization_id), caller.author, key, caller.check_rate)
    data = UseCaseData(use_case=UseCaseView.of_fields(shown(added)))
    return created(data, added.answered_at, replayed=added.replayed)


@api.patch(
    "/api/v1/use-cases/<use_case_id>",
    summary="Change a use case",
    operation_id="updateUseCase",
    responses=answers(200, Envelope[UseCaseData], 404),
)
@needs(Scope.DIALING_WRITE)
def update_use_case(use_case_id: UseCaseInPath, body: UseCaseChanges, caller: CurrentCaller) -> Response[str]:
    """Change what is sent. Calls that are not yet dialled go by it as it is when they are.

    `hooks` are replaced whole. A header's value of `********` keeps what is there, in a hook with the same URL.
    """
    organization_id = caller.organization_id
    found = writing.change_use_case()(organization_id, use_case_id, body.to_values(), caller.author)
    return ok(UseCaseData(use_case=UseCaseView.of(found)), common.clock().now())


@api.delete(
    "/api/v1/use-cases/<use_case_id>",
    summary="Delete a use case",
    operation_id="deleteUseCase",
    responses=answers(200, Envelope[UseCaseData], 404),
)
@needs(Scope.DIALING_WRITE)
def delete_use_case(use_case_id: UseCaseInPath, caller: CurrentCaller) -> Response[str]:
    """Take it away. Calls that are not yet dialled for it never are. Answers with the use case as it was."""
    organization_id = caller.organization_id
    removed = changing.remove_setting(settings.use_cases())(organization_id, use_case_id, caller.author)
    return ok(UseCaseData(use_case=UseCaseView.of(removed)), common.clock().now())


@api.post(
    "/api/v1/numbers",
    summary="Add a number",
    operation_id="createNumber",
    responses=answers(201, Envelope[NumberData], 409, 422),
)
@needs(Scope.DIALING_WRITE, checks_rate=False)
def create_number(body: NewNumber, caller: CurrentCaller, idempotency: IdempotencyHeader = None) -> Response[str]:
    """A number to call from, with its carrier.

    The operator of the deployment grants numbers to organizations. One that is not granted to yours is a 403, one that
    your organization has added before a 409.
    """
    organization_id = caller.organization_id
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    added = changing.add_number()(body.to_number(organization_id), caller.author, key, caller.check_rate)
    data = NumberData(number=NumberView.of_fields(shown(added)))
    return created(data, added.answered_at, replayed=added.replayed)


@api.patch(
    "/api/v1/numbers/<number_id>",
    summary="Change a number",
    operation_id="updateNumber",
    responses=answers(200, Envelope[NumberData], 404),
)
@needs(Scope.DIALING_WRITE)
def update_number(number_id: NumberInPath, body: NumberChanges, caller: CurrentCaller) -> Response[str]:
    """Change its name or its pace. Another number or carrier is another number: add one."""
    organization_id = caller.organization_id
    found = changing.change_setting(settings.numbers())(organization_id, number_id, body.to_values(), caller.author)
    return ok(NumberData(number=NumberView.of(found)), common.clock().now())


@api.delete(
    "/api/v1/numbers/<number_id>",
    summary="Delete a number",
    operation_id="deleteNumber",
    responses=answers(200, Envelope[NumberData], 404),
)
@needs(Scope.DIALING_WRITE)
def delete_number(number_id: NumberInPath, caller: CurrentCaller) -> Response[str]:
    """Take it away. Calls that are not yet dialled from it never are. Answers with the number as it was."""
    organization_id = caller.organization_id
    removed = changing.remove_setting(settings.numbers())(organization_id, number_id, caller.author)
    return ok(NumberData(number=NumberView.of(removed)), common.clock().now())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
