"""What others need to trust our tokens: the public keys (RFC 7517), and the server's metadata (RFC 8414)."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from slotline import observability
from slotline.domain.access.identity import GRANT_TYPE, issuer_of
from slotline.domain.access.scopes import Scope
from slotline.domain.shared.errors import Unavailable
from slotline.http.core import problems
from slotline.http.core.methods import answers_get
from slotline.ports.shared import StoreBusyError
from slotline.wiring import common
from slotline.wiring.access import tokens

# Long enough that verifiers do not ask for every token, short enough for a new key to be known before it signs.
FRESH = "public, max-age=300"

api = APIGatewayHttpResolver()


@api.get("/.well-known/jwks.json")
def jwks() -> Response[str]:
    """Every key whose tokens may still be valid."""
    return _published(tokens.public_keys().jwks(partial(observability.log_failure, "a key cannot be published")))


@api.get("/.well-known/oauth-authorization-server")
def metadata() -> Response[str]:
    """Where tokens come from, and how to ask for one."""
    host = str(api.current_event["requestContext"]["domainName"])
    base = issuer_of(common.settings().api_base_url, host)
    return _published(
        {
            "issuer": base,
            "token_endpoint": f"{base}/api/v1/oauth/token",
            "jwks_uri": f"{base}/.well-known/jwks.json",
            "grant_types_supported": [GRANT_TYPE],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "scopes_supported": [scope.value for scope in Scope],
            "response_types_supported": [],
        }
    )


def _busy(error: StoreBusyError) -> Response[str]:
    """503: KMS cannot be asked just now."""
    observability.log_failure("the keys are out of reach", error)
    busy_now = Unavailable("The service is busy. Try again in a moment.")
    return _problem(problems.answer_to(busy_now, common.clock().now()))


def _unexpected(error: Exception) -> Response[str]:
    """500: recorded, and answered without a word about us."""
    observability.log_unexpected(error)
    observability.flush()
    return _problem(problems.server_error(common.clock().now()))


api.exception_handler(StoreBusyError)(_busy)
api.exception_handler(Exception)(_unexpected)


@answers_get(common.clock)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one payload 2.0 event."""
    common.begin(context)
    return api.resolve(event, context)


def _published(document: Mapping[str, object]) -> Response[str]:
    return Response(
        status_code=200,
        content_type="application/json",
        body=json.dumps(document),
        headers={"Cache-Control": FRESH},
    )


def _problem(answer: problems.ProblemAnswer) -> Response[str]:
    return Response(
        status_code=answer.problem.status.value,
        content_type="application/json",
        body=answer.body,
        headers=dict(answer.headers),
    )
