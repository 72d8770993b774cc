"""What no handler's models say of the OpenAPI document: its head, headers and security, and identity's operations."""

from typing import Any

from slotline.domain.access.identity import GRANT_TYPE, TOKEN_LIFETIME_SECONDS, OAuthCode
from slotline.domain.access.scopes import Scope
from slotline.http.core.documents import ErrorAnswer, answers

Json = dict[str, Any]

INFO: Json = {
    "title": "Slotline",
    "description": (
        "Scheduled video calls and instant calls.\n\n"
        'A success is `{"data", "meta", "pagination"?}`, a failure `{"error": {"type", "message", "timestamp", '
        '"details"}}`; `/api/calls` answers websites in an envelope of its own, `{"ok", "data"}` or `{"ok", "error"}`. '
        "Instants are ISO-8601 with `Z` or an offset in, UTC with milliseconds and `Z` out. "
        "Zones are IANA names. A local time that exists twice (the autumn change of clocks) means the first. "
        "Every POST but the token endpoint takes an `Idempotency-Key`."
    ),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}

TAGS = {"oauth": "Identity", "docs": "Documentation"}
"""Names of contexts that their folder does not say."""

_SCOPES = {
    Scope.SCHEDULING_READ: "Read calls and availability",
    Scope.SCHEDULING_WRITE: "Book and change calls; set up agents and presets",
    Scope.DIALING_READ: "Read campaigns and phone calls",
    Scope.DIALING_WRITE: "Start and change campaigns and phone calls",
    Scope.WEBHOOKS_WRITE: "Subscribe to events",
}

SECURITY_SCHEMES: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token, or an API key: `Authorization: Bearer …`.",
    },
    "oauth2": {
        "type": "oauth2",
        "description": f"Access tokens live for {TOKEN_LIFETIME_SECONDS} seconds.",
        "flows": {
            "clientCredentials": {
                "tokenUrl": "/api/v1/oauth/token",
                "scopes": {scope.value: _SCOPES[scope] for scope in Scope},
            }
        },
    },
    "client": {
        "type": "http",
        "scheme": "basic",
        "description": "Client id and secret (RFC 6749 §2.3.1), at the token endpoint only.",
    },
}


def _count(description: str, **more: object) -> Json:
    return {"description": description, "schema": {"type": "integer", "minimum": 0, **more}}


_RATE: Json = {
    "X-RateLimit-Limit": _count("Requests that the tightest window allows"),
    "X-RateLimit-Remaining": _count("Requests left in it"),
    "X-RateLimit-Reset": _count("When it is over, in seconds since 1970"),
    "X-RateLimit-Window": {
        "description": "Which window is the tightest",
        "schema": {"type": "string", "enum": ["minute", "hour", "day"]},
    },
}
_ALWAYS = "-Always"
RATE_LIMIT = list(_RATE)
"""Headers of every counted answer, but where the counting itself is what failed."""
RATE_LIMIT_ALWAYS = [name + _ALWAYS for name in _RATE]

HEADERS: Json = {
    **_RATE,
    **{name + _ALWAYS: {**header, "required": True} for name, header in _RATE.items()},
    "Retry-After": {**_count("Seconds until the same request may succeed"), "required": True},
    "Idempotency-Replayed": {
        "description": "`true`: an earlier request with the same key had the effect, and this is its answer",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "WWW-Authenticate": {
        "description": (
            "How to prove who is calling (RFC 6750 §3). The body says it too, in `challenge`: on its way the header "
            "may become `x-amzn-remapped-www-authenticate`"
        ),
        "schema": {"type": "string"},
    },
    "WWW-Authenticate-Scope": {
        "description": "Where a scope is missing: which (`insufficient_scope`, RFC 6750 §3.1)",
        "schema": {"type": "string"},
    },
}


def header_name(component: str) -> str:
    """The header that a component describes: two components may describe one header."""
    return component.removesuffix(_ALWAYS).removesuffix("-Scope")


def _object(properties: Json, *required: str, description: str = "", **more: object) -> Json:
    described = {"description": description} if description else {}
    return {"type": "object", **described, "properties": properties, "required": list(required), **more}


_TEXT: Json = {"type": "string"}
_SCOPE: Json = {
    "type": "string",
    "description": "Scopes with spaces between them; without it, all that were granted",
    "examples": [f"{Scope.SCHEDULING_READ} {Scope.SCHEDULING_WRITE}"],
}
_GRANT: Json = {"type": "string", "const": GRANT_TYPE}

SCHEMAS: Json = {
    "TokenRequest": _object(
        {"grant_type": _GRANT, "client_id": _TEXT, "client_secret": _TEXT, "scope": _SCOPE},
        "grant_type",
        "client_id",
        "client_secret",
        description="Client credentials as JSON. Parameters that are not known are ignored (RFC 6749 §3.2).",
    ),
    "TokenForm": _object(
        {"grant_type": _GRANT, "client_id": _TEXT, "client_secret": _TEXT, "scope": _SCOPE},
        "grant_type",
        description="Client credentials as RFC 6749 §4.4.2 sends them; id and secret here or as HTTP Basic.",
    ),
    "Token": _object(
        {
            "access_token": {"type": "string", "description": "A JWT (RFC 9068), signed with ES256"},
            "token_type": {"type": "string", "const": "Bearer"},
            "expires_in": {"type": "integer", "description": "Seconds"},
            "scope": _TEXT,
        },
        "access_token",
        "token_type",
        "expires_in",
        "scope",
        description="The answer to a form or to HTTP Basic (RFC 6749 §5.1).",
    ),
    "TokenEnvelope": _object(
        {
            "data": {"$ref": "#/components/schemas/Token"},
            "meta": _object({"timestamp": {"type": "string", "format": "date-time"}}, "timestamp"),
        },
        "data",
        "meta",
        description="The answer to a JSON body.",
    ),
    "OAuthError": _object(
        {
            "error": {
                "type": "string",
                "enum": [*(code.value for code in OAuthCode), "server_error", "temporarily_unavailable"],
            },
            "error_description": _TEXT,
            "challenge": {"$ref": "#/components/schemas/ChallengeView"},
        },
        "error",
        "error_description",
        description="The refusal of a form or of HTTP Basic (RFC 6749 §5.2).",
    ),
    "Jwk": _object(
        {
            "kty": {"type": "string", "const": "EC"},
            "crv": {"type": "string", "const": "P-256"},
            "x": _TEXT,
            "y": _TEXT,
            "use": {"type": "string", "const": "sig"},
            "alg": {"type": "string", "const": "ES256"},
            "kid": _TEXT,
        },
        "kty",
        "crv",
        "x",
        "y",
        "use",
        "alg",
        "kid",
        description="A public key (RFC 7517).",
    ),
    "Jwks": _object(
        {"keys": {"type": "array", "items": {"$ref": "#/components/schemas/Jwk"}}},
        "keys",
        description="Every key whose tokens may still be valid.",
    ),
    "ServerMetadata": _object(
        {
            "issuer": {"type": "string", "format": "uri"},
            "token_endpoint": {"type": "string", "format": "uri"},
            "jwks_uri": {"type": "string", "format": "uri"},
            "grant_types_supported": {"type": "array", "items": _TEXT},
            "token_endpoint_auth_methods_supported": {"type": "array", "items": _TEXT},
            "scopes_supported": {"type": "array", "items": _TEXT},
            "response_types_supported": {"type": "array", "items": _TEXT},
        },
        "issuer",
        "token_endpoint",
        "jwks_uri",
        "grant_types_supported",
        "response_types_supported",
        description="Authorization server metadata (RFC 8414).",
    ),
}


def _json(*names: str) -> Json:
    references = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    schema = references[0] if len(references) == 1 else {"oneOf": references}
    return {"application/json": {"schema": schema}}


def _refused(*statuses: int, shapes: tuple[str, ...] = ("ErrorAnswer",)) -> Json:
    said = answers(200, ErrorAnswer, *statuses)
    headers: dict[int, Json] = {
        401: {"WWW-Authenticate": {"$ref": "#/components/headers/WWW-Authenticate"}},
        503: {"Retry-After": {"$ref": "#/components/headers/Retry-After"}},
    }
    return {
        str(status): {
            "description": said[status]["description"],
            "content": _json(*shapes),
            **({"headers": headers[status]} if status in headers else {}),
        }
        for status in statuses
    }


_PUBLISHED = "May be kept for five minutes"

OPERATIONS: dict[str, Json] = {
    "POST /api/v1/oauth/token": {
        "summary": "Issue an access token",
        "description": (
            "Client credentials for a JWT (RFC 6749 §4.4). A JSON body is answered in the API's envelope, a form or "
            "HTTP Basic in the flat shape that OAuth libraries read, errors included. `details[0].code`, or `error`, "
            "is one of RFC 6749 §5.2."
        ),
        "operationId": "issueToken",
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/TokenRequest"}},
                "application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/TokenForm"}},
            },
        },
        "responses": {
            "200": {"description": "OK", "content": _json("TokenEnvelope", "Token")},
            **_refused(400, 401, 413, 415, 500, 503, shapes=("ErrorAnswer", "OAuthError")),
        },
        "security": [{}, {"client": []}],
    },
    "GET /.well-known/jwks.json": {
        "summary": "Read the keys that verify access tokens",
        "description": _PUBLISHED + ".",
        "operationId": "getKeys",
        "responses": {"200": {"description": "OK", "content": _json("Jwks")}, **_refused(500, 503)},
        "security": [],
    },
    "GET /.well-known/oauth-authorization-server": {
        "summary": "Read where tokens come from",
        "description": f"RFC 8414. {_PUBLISHED}.",
        "operationId": "getServerMetadata",
        "responses": {"200": {"description": "OK", "content": _json("ServerMetadata")}, **_refused(500, 503)},
        "security": [],
    },
    "GET /api/v1/openapi.json": {
        "summary": "Read this document",
        "description": _PUBLISHED + ". `GET /api/v1/docs` shows it as a page.",
        "operationId": "getDocument",
        "responses": {
            "200": {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}},
            **_refused(500),
        },
        "security": [],
    },
}
