"""The operations of websites, which come with a widget key: their handlers have models and an envelope of their own."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from slotline.domain.access.scopes import Scope
from slotline.http.core.documents import ErrorDetail, answers
from slotline.http.instant.video_calls import InstantCallAnswer, NewVideoCall, VideoCallAnswer, WidgetBody
from tools.openapi_parts import RATE_LIMIT

Json = dict[str, Any]
_REFERENCE = "#/components/schemas/"
_ALWAYS = ["X-RateLimit-Limit-Always", "X-RateLimit-Remaining-Always", "X-RateLimit-Reset-Always"]
_ALWAYS += ["X-RateLimit-Window-Always"]
_NOT_COUNTED = frozenset({401, 403})


class WebsiteError(BaseModel):
    """What went wrong."""

    type: str
    message: str
    details: list[ErrorDetail]


class WebsiteErrorAnswer(BaseModel):
    """Every answer to a website that is not a success: `ok` is false."""

    ok: bool
    error: WebsiteError


_, _definitions = models_json_schema(
    [
        (NewVideoCall, "validation"),
        (WidgetBody, "validation"),
        (InstantCallAnswer, "serialization"),
        (VideoCallAnswer, "serialization"),
        (WebsiteErrorAnswer, "validation"),
    ],
    ref_template=_REFERENCE + "{model}",
)


def _said(value: Any) -> Any:
    """A schema without `default: null`, which Powertools leaves out of the others."""
    if isinstance(value, dict):
        return {name: _said(inner) for name, inner in value.items() if not (name == "default" and inner is None)}
    return [_said(inner) for inner in value] if isinstance(value, list) else value


SCHEMAS: Json = _said(_definitions["$defs"])

_ELSEWHERE = "At `/api/calls`, and there alone, `{}` in the query or body will do, too."
SECURITY_SCHEMES: Json = {
    "appId": {"type": "apiKey", "in": "header", "name": "X-App-Id", "description": _ELSEWHERE.format("appId")},
    "widgetKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Widget-Key",
        "description": _ELSEWHERE.format("widgetKey"),
    },
    "callSecret": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Call-Secret",
        "description": "`callSecret` of the call's creation; in a header only.",
    },
}

_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Up to 255 visible characters. The same key and body: the first answer again, the effect once.",
    "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"},
}
_VISIT_ID: Json = {
    "name": "X-Visit-Id",
    "in": "header",
    "required": False,
    "description": (
        "With a widget key: which visit this is. 16 to 128 visible ASCII characters, random, the same for one visit, "
        "whose holds and repeats are its own. Without one, visitors are told by their address on the network"
    ),
    "schema": {"type": "string"},
}
_MEANING_TO_BOTH = {
    "401": "`unauthorized`: no access token or widget key, or one that is not valid",
    "403": "`forbidden`: not this scope, not this app, not a page that may use the widget key, or switched off on the "
    "preset",
    "429": "`rate_limit_exceeded`: the client's limit, the visitor's or the customer's; try again after `Retry-After` "
    "seconds",
}
_CALL_ID: Json = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


def _reference(model: type[BaseModel]) -> Json:
    return {"application/json": {"schema": {"$ref": _REFERENCE + model.__name__}}}


def _headers(*components: str) -> Json:
    names = {component.removesuffix("-Always"): component for component in components}
    return {"headers": {name: {"$ref": f"#/components/headers/{component}"} for name, component in names.items()}}


def _responses(
    status: int,
    model: type[BaseModel],
    *errors: int,
    replayed: bool = False,
    meaning: Mapping[int, str] | None = None,
) -> Json:
    said = answers(status, model, *errors)
    found: Json = {}
    for code in sorted(said):
        if code == status:
            more = _headers(*_ALWAYS, *(["Idempotency-Replayed"] if replayed else []))
        elif code in _NOT_COUNTED:
            more = _headers("WWW-Authenticate") if code == 401 else {}
        else:
            more = _headers(*RATE_LIMIT, *(["Retry-After"] if code in {429, 503} else []))
        content = _reference(model if code == status else WebsiteErrorAnswer)
        found[str(code)] = {
            "description": (meaning or _MEANING).get(code, said[code]["description"]),
            "content": content,
            **more,
        }
    return found


_MEANING = {401: "`unauthorized`: no app id and widget key that belong together", 403: "`forbidden`: not this website"}
_OF_A_CALL = _MEANING | {
    401: "`unauthorized`: no app id and widget key that belong together, and no token",
    404: "`not_found`: no such call, or neither its secret nor a token of its app with the scope for it",
}
_SECURITY: list[Json] = [{"appId": [], "widgetKey": []}]


def _security_of_a_call(scope: Scope) -> list[Json]:
    return [
        {"oauth2": [scope.value]},
        {"bearer": [scope.value]},
        {"appId": [], "widgetKey": [], "callSecret": []},
    ]


OPERATIONS: dict[str, Json] = {
    "POST /api/calls": {
        "summary": "Start a call at once",
        "description": "A call with its links. Genesys context may come in the body or in the query; the body wins.",
        "operationId": "createVideoCall",
        "parameters": [_IDEMPOTENCY_KEY],
        "requestBody": {"required": False, "content": _reference(NewVideoCall)},
        "responses": _responses(201, InstantCallAnswer, 413, 415, 422, replayed=True),
        "security": _SECURITY,
    },
    "GET /api/calls/{id}": {
        "summary": "Read a call",
        "description": "The call as it is now, for the website that has its secret, or for a partner of its app.",
        "operationId": "getVideoCall",
        "parameters": [_CALL_ID],
        "responses": _responses(200, VideoCallAnswer, 404, meaning=_OF_A_CALL),
        "security": _security_of_a_call(Scope.SCHEDULING_READ),
    },
    "POST /api/calls/{id}/end": {
        "summary": "End a call",
        "description": "Nobody joins any more. One that was over already stays as it was. Who may: as for reading it.",
        "operationId": "endVideoCall",
        "parameters": [_CALL_ID, _IDEMPOTENCY_KEY],
        "requestBody": {"required": False, "content": _reference(WidgetBody)},
        "responses": _responses(200, VideoCallAnswer, 404, 409, 413, 415, 422, replayed=True, meaning=_OF_A_CALL),
        "security": _security_of_a_call(Scope.SCHEDULING_WRITE),
    },
}


def open_to_websites(operation: Json) -> Json:
    """An operation of partners' that takes a widget key as well: what is said of it besides."""
    responses = {
        status: {**response, "description": _MEANING_TO_BOTH.get(status, response["description"])}
        for status, response in operation["responses"].items()
    }
    return {**operation, "parameters": [*operation["parameters"], _VISIT_ID], "responses": responses}
