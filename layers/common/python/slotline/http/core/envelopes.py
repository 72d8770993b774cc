"""The shape of every successful answer: `{"data", "meta", "pagination"?}`."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from aws_lambda_powertools.event_handler import Response
from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from slotline.domain.shared.instants import format_instant
from slotline.http.core.models import Model

Data = TypeVar("Data", bound=Model)


class Meta(Model):
    """When the answer was made."""

    timestamp: str


class Pagination(Model):
    """Where a page stands in its list.

    `total` is null if more match than are counted, and left out if it was not asked for.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    total: int | None = None
    limit: int
    offset: int
    has_more: bool
    next_cursor: str | None

    def without_total(self) -> "Pagination":
        """The same for whoever did not want to know how many there are."""
        return Pagination(**self.model_dump(exclude={"total"}))


class Envelope(Model, Generic[Data]):
    """An answer with one thing."""

    data: Data
    meta: Meta


class Page(Envelope[Data], Generic[Data]):
    """An answer with a part of a list."""

    pagination: Pagination


def ok(data: Model, at: datetime, *, status: HTTPStatus = HTTPStatus.OK, replayed: bool = False) -> Response[str]:
    """200, or another success. `replayed`: an earlier request with the same Idempotency-Key had the effect."""
    answer = _answer(status, Envelope(data=data, meta=_meta(at)))
    if replayed:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


def created(data: Model, at: datetime, *, replayed: bool = False) -> Response[str]:
    """201."""
    return ok(data, at, status=HTTPStatus.CREATED, replayed=replayed)


def accepted(data: Model, at: datetime, *, replayed: bool = False) -> Response[str]:
    """202: it is on its way."""
    return ok(data, at, status=HTTPStatus.ACCEPTED, replayed=replayed)


def page(data: Model, pagination: Pagination, at: datetime) -> Response[str]:
    """200 with a part of a list."""
    found = Page(data=data, meta=_meta(at), pagination=pagination)
    is_counted = "total" in pagination.model_fields_set
    return _answer(HTTPStatus.OK, found, without=None if is_counted else {"pagination": {"total"}})


def _meta(at: datetime) -> Meta:
    return Meta(timestamp=format_instant(at))


def _answer(status: HTTPStatus, envelope: Model, without: Any = None) -> Response[str]:
    return Response(
        status_code=status.value,
        content_type="application/json",
        body=envelope.model_dump_json(by_alias=True, exclude=without),
        headers={},
    )


def flat(data: Model, status: HTTPStatus = HTTPStatus.OK, *, replayed: bool = False) -> Response[str]:
    """An answer without an envelope, as the dial endpoints give it."""
    return Response(
        status_code=status.value,
        content_type="application/json",
        body=data.model_dump_json(by_alias=True),
        headers={"Idempotency-Replayed": "true"} if replayed else {},
    )
