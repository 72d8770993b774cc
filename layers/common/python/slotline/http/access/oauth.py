"""The token endpoint's two dialects.

A JSON body speaks as the rest of the API does: enveloped, with the contract's errors. A form-encoded body or HTTP
Basic is what OAuth libraries send, and is answered as RFC 6749 §5 has it: flat. Neither repeats what was sent.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from slotline.domain.access.identity import (
    GRANT_TYPE,
    IssuedToken,
    OAuthCode,
    TokenRefused,
    TokenRequest,
    issuer_of,
    scope_text,
)
from slotline.domain.shared.errors import (
    BodyTooLarge,
    Detail,
    DomainError,
    InvalidRequest,
    Unauthorized,
    Unavailable,
    UnsupportedContentType,
)
from slotline.domain.shared.instants import format_instant
from slotline.http.core import problems
from slotline.http.core.bodies import check_encoding, parse_json
from slotline.http.core.challenges import BASIC

Event = Mapping[str, Any]
Answer = dict[str, Any]

LARGEST_BODY = 16 * 1024
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_REQUIRED = ("grant_type", "client_id", "client_secret")
_PARAMETERS = (*_REQUIRED, "scope")
_NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache", "X-Content-Type-Options": "nosniff"}  # RFC 6749 §5.1


def issuer(event: Event, api_base_url: str) -> str:
    """Who issues tokens here: the deployment's own address, or the one this payload 2.0 event came to."""
    return issuer_of(api_base_url, event["requestContext"]["domainName"])


def read(event: Event) -> TokenRequest:
    """What the client asks. Raises TokenRefused or a DomainError where the request cannot be read."""
    given = _parameters(event)
    header = _header(event, "authorization")
    if not _is_basic(header):
        return _request(given)
    client_id, client_secret = _basic_credentials(header)
    if given.get("client_secret") or given.get("client_id", client_id) != client_id:
        raise TokenRefused(
            OAuthCode.INVALID_REQUEST,
            "Send the credentials once: in the Authorization header or in the body.",
            "client_secret",
        )
    return _request({**given, "client_id": client_id, "client_secret": client_secret})


def issued(event: Event, token: IssuedToken, now: datetime) -> Answer:
    """The answer with a token."""
    answer = {
        "access_token": token.access_token,
        "token_type": "Bearer",
        "expires_in": token.expires_in,
        "scope": scope_text(token.scopes),
    }
    if _is_flat(event):
        return _answer(200, json.dumps(answer), {})
    return _answer(200, json.dumps({"data": answer, "meta": {"timestamp": format_instant(now)}}), {})


def refused(event: Event, refusal: TokenRefused | DomainError, now: datetime) -> Answer:
    """The answer without one."""
    error = _as_domain_error(refusal) if isinstance(refusal, TokenRefused) else refusal
    answer = problems.answer_to(error, now, BASIC)
    challenge = {"challenge": BASIC.shown()} if isinstance(error, Unauthorized) else {}
    body = _flat_error(_code(refusal), error.message, **challenge) if _is_flat(event) else answer.body
    return _answer(answer.problem.status.value, body, answer.headers)


def failed(event: Event, now: datetime) -> Answer:
    """The answer where the fault is ours."""
    answer = problems.server_error(now)
    body = _flat_error("server_error", "Something went wrong on our side.") if _is_flat(event) else answer.body
    return _answer(answer.problem.status.value, body, {})


def _is_flat(event: Event) -> bool:
    return _is_basic(_header(event, "authorization")) or _content_type(event) == _FORM


def _parameters(event: Event) -> dict[str, str]:
    text = _body(event)
    kind = _content_type(event)
    if kind == _FORM or (not text and _is_flat(event)):
        return _form(text)
    if text and kind != _JSON:
        message = f"The body must be {_JSON} or {_FORM}."
        raise UnsupportedContentType(message, [Detail(message, OAuthCode.INVALID_REQUEST)])
    return _json(text, needs_client=not _is_flat(event))


def _form(text: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError as garbled:
        raise TokenRefused(OAuthCode.INVALID_REQUEST, "The body is not a form in UTF-8.") from garbled
    _check_once([name for name, _ in pairs])
    return {name: value for name, value in pairs if value}


def _json(text: str, *, needs_client: bool) -> dict[str, str]:
    given = {name: value for name, value in parse_json(text).items() if name in _PARAMETERS}  # RFC 6749 §3.2
    _raise_all({name for name, value in given.items() if not isinstance(value, str | None)}, "must be a string")
    said = {name: value for name, value in given.items() if value}
    # A grant that does not exist is named as such, whatever else is missing.
    if needs_client and said.get("grant_type", GRANT_TYPE) == GRANT_TYPE:
        _raise_all(set(_REQUIRED) - said.keys(), "is required")
    return said


def _check_once(names: Sequence[str]) -> None:
    if len(names) != len(set(names)):
        raise TokenRefused(OAuthCode.INVALID_REQUEST, "A parameter was sent more than once.")


def _raise_all(names: set[str], what: str) -> None:
    """Raises InvalidRequest that names every one of these fields."""
    if names:
        details = [Detail(f"{name} {what}", OAuthCode.INVALID_REQUEST, name) for name in sorted(names)]
        raise InvalidRequest("; ".join(detail.message for detail in details), details)


def _request(given: Mapping[str, str]) -> TokenRequest:
    request = TokenRequest(**{name: given.get(name, "") for name in _PARAMETERS})
    request.check_grant_type()
    return request


def _body(event: Event) -> str:
    raw = str(event.get("body") or "")
    if raw:
        check_encoding(event.get("headers", {}))
    content = base64.b64decode(raw) if event.get("isBase64Encoded") else raw.encode("utf-8", "surrogatepass")
    if len(content) > LARGEST_BODY:
        message = f"The body is larger than {LARGEST_BODY // 1024} KB."
        raise BodyTooLarge(message, [Detail(message, OAuthCode.INVALID_REQUEST)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as garbled:
        raise TokenRefused(OAuthCode.INVALID_REQUEST, "The body is not UTF-8 text.") from garbled


def _header(event: Event, name: str) -> str:
    return str(event.get("headers", {}).get(name, ""))


def _content_type(event: Event) -> str:
    return _header(event, "content-type").partition(";")[0].strip().lower()


def _is_basic(header: str) -> bool:
    return header.lower().startswith("basic ")


def _basic_credentials(header: str) -> tuple[str, str]:
    """Id and secret of an HTTP Basic header, each form-encoded before they were joined (RFC 6749 §2.3.1)."""
    try:
        pair = base64.b64decode(header.partition(" ")[2].strip(), validate=True).decode()
        client_id, client_secret = pair.split(":", 1)
        return unquote_plus(client_id, errors="strict"), unquote_plus(client_secret, errors="strict")
    except ValueError as garbled:
        raise TokenRefused(OAuthCode.INVALID_CLIENT, "The Authorization header is not HTTP Basic.") from garbled


def _as_domain_error(refusal: TokenRefused) -> DomainError:
    kind = Unauthorized if refusal.code is OAuthCode.INVALID_CLIENT else InvalidRequest
    return kind(refusal.message, [Detail(refusal.message, refusal.code, refusal.parameter)])


def _code(refusal: TokenRefused | DomainError) -> str:
    if isinstance(refusal, TokenRefused):
        return refusal.code
    return "temporarily_unavailable" if isinstance(refusal, Unavailable) else OAuthCode.INVALID_REQUEST


def _flat_error(code: str, description: str, **more: object) -> str:
    return json.dumps({"error": code, "error_description": description, **more})


def _answer(status: int, body: str, headers: Mapping[str, str]) -> Answer:
    return {
        "statusCode": status,
        "headers": {"Content-Type": _JSON, **_NOT_STORED, **headers},
        "body": body,
    }
