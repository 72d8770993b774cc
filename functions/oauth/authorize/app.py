"""The API's authorizer: it names the caller behind an `Authorization` header, and never refuses.

API Gateway's own refusals have a body of their own and no `WWW-Authenticate`, so the handler behind refuses, in the
contract's words. If the caller cannot be looked up just now it says so, and the handler answers 503: an outage is
no 401.
"""

from collections.abc import Mapping
from typing import Any

from slotline import observability
from slotline.domain.access.identity import AuthenticatedClient, issuer_of, scope_text
from slotline.domain.access.scopes import Refusal
from slotline.ports.shared import StoreBusyError
from slotline.wiring import common
from slotline.wiring.access import callers

Event = Mapping[str, Any]
Context = dict[str, str]


def handler(event: Event, context: object) -> dict[str, object]:
    """Answer one payload 2.0 authorizer event, in the simple form."""
    common.begin(context)
    authorization = str((event.get("headers") or {}).get("authorization", ""))
    issuer = issuer_of(common.settings().api_base_url, event["requestContext"]["domainName"])
    try:
        named = callers.authenticate()(authorization, issuer)
    except StoreBusyError as error:
        observability.log_failure("callers cannot be looked up", error)
        named = Refusal.UNAVAILABLE
    return {"isAuthorized": True, "context": _refusal(named) if isinstance(named, Refusal) else _caller(named)}


def _refusal(refusal: Refusal) -> Context:
    return {"error": refusal.value}


def _caller(caller: AuthenticatedClient) -> Context:
    client = caller.client
    return {
        "kind": "client",
        "client_id": client.client_id,
        "organization_id": client.organization_id,
        "app_ids": " ".join(sorted(client.app_ids)),
        "scopes": scope_text(caller.scopes),
        "limit_minute": str(client.limits.minute),
        "limit_hour": str(client.limits.hour),
        "limit_day": str(client.limits.day),
    }
