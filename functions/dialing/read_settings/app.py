"""GET use cases, numbers and the do-not-call list: what an organization's calls stand on."""

from functools import partial
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from slotline.domain.access.scopes import Scope
from slotline.http.core.api import CurrentCaller, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, Page, ok, page
from slotline.http.core.paging import AskedCounted
from slotline.http.core.rights import needs
from slotline.http.dialing.do_not_call import BarredNumbersData, BarredNumberView
from slotline.http.dialing.numbers import NumberData, NumberInPath, NumbersData, NumberView
from slotline.http.dialing.use_case_views import AskedUseCases, UseCaseData, UseCaseInPath, UseCasesData, UseCaseView
from slotline.usecases.dialing.keep_settings import list_use_cases, read_setting
from slotline.wiring import common
from slotline.wiring.dialing import settings

api = make_api(common)


@api.get(
    "/api/v1/use-cases",
    summary="List use cases",
    operation_id="listUseCases",
    responses=answers(200, Page[UseCasesData]),
)
@needs(Scope.DIALING_READ)
def find_use_cases(asked: Annotated[AskedUseCases, Query()], caller: CurrentCaller) -> Response[str]:
    """A page of the organization's use cases, in order of their ids."""
    organization_id = caller.organization_id
    found = list_use_cases(settings.use_cases(), organization_id, asked.limit, asked.after, hidden=asked.hidden)
    data = UseCasesData(use_cases=[UseCaseView.of(use_case) for use_case in found.rows])
    count = partial(settings.use_cases().count, organization_id, hidden=asked.hidden)
    return page(data, asked.where_of(found, count), common.clock().now())


@api.get(
    "/api/v1/use-cases/<use_case_id>",
    summary="Read a use case",
    operation_id="getUseCase",
    responses=answers(200, Envelope[UseCaseData], 404),
)
@needs(Scope.DIALING_READ)
def get_use_case(use_case_id: UseCaseInPath, caller: CurrentCaller) -> Response[str]:
    """The use case as it is now."""
    organization_id = caller.organization_id
    found = read_setting(settings.use_cases(), organization_id, use_case_id)
    return ok(UseCaseData(use_case=UseCaseView.of(found)), common.clock().now())


@api.get(
    "/api/v1/numbers",
    summary="List numbers",
    operation_id="listNumbers",
    responses=answers(200, Page[NumbersData]),
)
@needs(Scope.DIALING_READ)
def find_numbers(asked: Annotated[AskedCounted, Query()], caller: CurrentCaller) -> Response[str]:
    """A page of the numbers that the organization calls from, in order of their ids."""
    organization_id = caller.organization_id
    found = settings.numbers().list(organization_id, asked.limit, asked.after)
    data = NumbersData(numbers=[NumberView.of(number) for number in found.rows])
    count = partial(settings.numbers().count, organization_id)
    return page(data, asked.where_of(found, count), common.clock().now())


@api.get(
    "/api/v1/numbers/<number_id>",
    summary="Read a number",
    operation_id="getNumber",
    responses=answers(200, Envelope[NumberData], 404),
)
@needs(Scope.DIALING_READ)
def get_number(number_id: NumberInPath, caller: CurrentCaller) -> Response[str]:
    """The number as it is now."""
    organization_id = caller.organization_id
    found = read_setting(settings.numbers(), organization_id, number_id)
    return ok(NumberData(number=NumberView.of(found)), common.clock().now())


@api.get(
    "/api/v1/do-not-call",
    summary="List whom nobody calls",
    operation_id="listDoNotCall",
    responses=answers(200, Page[BarredNumbersData]),
)
@needs(Scope.DIALING_READ)
def find_barred(asked: Annotated[AskedCounted, Query()], caller: CurrentCaller) -> Response[str]:
    """A page of the numbers that the organization does not call, in order."""
    organization_id = caller.organization_id
    found = settings.do_not_call().list(organization_id, asked.limit, asked.after)
    data = BarredNumbersData(numbers=[BarredNumberView.of(number) for number in found.rows])
    count = partial(settings.do_not_call().count, organization_id)
    return page(data, asked.where_of(found, count), common.clock().now())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
