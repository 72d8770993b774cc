"""What a route's handler takes is found out from its signature, and read from the request."""

from typing import Annotated, Any

import pytest
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Cookie, Header, Query
from pydantic import BaseModel, Field

from slotline.domain.access.scopes import Scope
from slotline.domain.shared.errors import InvalidRequest
from slotline.http.core.api import AppId, CurrentCaller, IdempotencyHeader
from slotline.http.core.bodies import parse_json
from slotline.http.core.caller import Caller
from slotline.http.core.doors import Door
from slotline.http.core.models import Model
from slotline.http.core.rights import needs

PATH = "/apps/<app_id>/things"
CALLER = Caller(client_id="c", organization_id="o", app_ids=frozenset(), scopes=frozenset(), limits={})


class Thing(Model):
    """A body."""

    name: str
    size: Annotated[int, Field(ge=1)] = 1


class Asked(Model):
    """A query."""

    status: Annotated[list[str], Field(default_factory=list)]
    limit: int = 50


def _said(**said: Any) -> Response[str]:
    return Response(200, "text/plain", repr(sorted(said.items())))


@needs(Scope.SCHEDULING_READ)
def _write(app_id: AppId, body: Thing, caller: CurrentCaller, idempotency: IdempotencyHeader = None) -> Response[str]:
    return _said(app_id=app_id, body=(body.name, body.size), caller=caller.client_id, idempotency=idempotency)


def _list(app_id: AppId, asked: Annotated[Asked, Query()]) -> Response[str]:
    return _said(app_id=app_id, status=asked.status, limit=asked.limit)


def _event(*, body: str | None = None, query: str = "", **headers: str) -> dict[str, Any]:
    return {"headers": headers, "rawQueryString": query, "body": body}


def _answer(door: Door, event: dict[str, Any]) -> str | None:
    path = door.opened_by(door.method, "/apps/a-1/things")
    assert path is not None
    return door.answer(door.read(path, event, parse_json), CALLER).body


def test_a_handler_gets_path_body_header_and_caller() -> None:
    event = _event(body='{"name": "x"}', **{"Idempotency-Key": "once"})
    said = _answer(Door("POST", PATH, _write), event)
    assert said == "[('app_id', 'a-1'), ('body', ('x', 1)), ('caller', 'c'), ('idempotency', 'once')]"


def test_a_header_that_is_not_sent_is_left_at_its_default() -> None:
    assert "('idempotency', None)" in str(_answer(Door("POST", PATH, _write), _event(body='{"name": "x"}')))


def test_a_list_in_the_query_comes_with_commas_or_by_repetition() -> None:
    said = _answer(Door("GET", PATH, _list), _event(query="status=a,b&status=c&limit=7"))
    assert said == "[('app_id', 'a-1'), ('limit', 7), ('status', ['a', 'b', 'c'])]"


@pytest.mark.parametrize(
    ("door", "event", "fields"),
    [
        (Door("POST", PATH, _write), _event(body='{"size": 0}', **{"idempotency-key": "a b"}), 3),
        (Door("POST", PATH, _write), _event(), 1),
        (Door("GET", PATH, _list), _event(query="limit=many"), 1),
        (Door("GET", PATH, _list), _event(query="colour=blue&limit=1&limit=2"), 2),
    ],
)
def test_whatever_is_wrong_is_said_at_once(door: Door, event: dict[str, Any], fields: int) -> None:
    with pytest.raises(InvalidRequest) as refused:
        _answer(door, event)
    assert len(refused.value.details) == fields


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/apps/a-1/things"), ("POST", "/apps/a-1"), ("POST", "/apps//things"), ("POST", "/apps/a/b/things")],
)
def test_another_method_or_path_is_another_route(method: str, path: str) -> None:
    assert Door("POST", PATH, _write).opened_by(method, path) is None


def test_a_part_of_a_path_may_be_any_text_without_a_slash() -> None:
    assert Door("POST", PATH, _write).opened_by("POST", "/apps/+57\u00a0300/things") == {"app_id": "+57\u00a0300"}


class _Others(BaseModel):
    other: str


def _with_a_cookie(session: Annotated[str, Cookie()]) -> Response[str]:
    return _said(session=session)


def _with_two_bodies(one: Thing, other: _Others) -> Response[str]:
    return _said(one=one, other=other)


def _with_two_kinds_of_query(asked: Annotated[Asked, Query()], reason: Annotated[str, Query()]) -> Response[str]:
    return _said(asked=asked, reason=reason)


def _with_a_model_of_headers(headers: Annotated[_Others, Header()]) -> Response[str]:
    return _said(headers=headers)


def _with_a_dependency(found: Annotated[str, Depends(lambda: "it")]) -> Response[str]:
    return _said(found=found)


@pytest.mark.parametrize(
    "handler",
    [_with_a_cookie, _with_two_bodies, _with_two_kinds_of_query, _with_a_model_of_headers, _with_a_dependency],
)
def test_what_a_door_does_not_read_it_refuses_to_leave_out(handler: Any) -> None:
    with pytest.raises(TypeError, match="no door reads"):
        Door("POST", "/things", handler).read({}, _event(), parse_json)
