"""The route table of the API as SAM hands it to API Gateway: who answers a route, whom it asks, with whose rights."""

import json
import re
from typing import Any

import pytest

from tests.support.aws.template import deployed, functions

PUBLIC = {
    *(
        f"OPTIONS /api/v1/video/{{appId}}/{what}"
        for what in ("availability", "holds", "scheduled-calls", "services", "verifications")
    ),
    "POST /api/v1/oauth/token",
    "ANY /.well-known/jwks.json",
    "ANY /.well-known/oauth-authorization-server",
    "ANY /api/v1/openapi.json",
    "ANY /api/v1/docs",
    "ANY /api/v1/docs/{asset}",
    "$default",
    # The handlers of websites check the widget key themselves: it is no bearer token.
    "POST /api/calls",
    "OPTIONS /api/calls",
    "OPTIONS /api/calls/{id}",
    "OPTIONS /api/calls/{id}/end",
    "ANY /c/{callId}",
    "POST /c/{callId}/enter",
    "POST /c/{callId}/ways",
    "POST /c/{callId}/sync",
    "POST /c/{callId}/leave",
    "POST /c/{callId}/recordings",
    "POST /c/{callId}/recordings/part",
    "POST /c/{callId}/recordings/stop",
    # A guest's link is no bearer token either: its handlers know what they have made.
    "ANY /api/v1/guest/{token}",
    "ANY /api/v1/guest/{token}/availability",
    "ANY /api/v1/guest/{token}/calendar.ics",
    "POST /api/v1/guest/{token}/confirm",
    "POST /api/v1/guest/{token}/cancel",
    "POST /api/v1/guest/{token}/reschedule",
    "ANY /b/{token}",
    "ANY /book/{appId}",
    "ANY /book/{appId}/{service}",
    "ANY /book/{appId}/{service}/{pagePass}",
    "ANY /book/{appId}/{service}/{pagePass}/{step}",
    "POST /book/{appId}/{service}/{pagePass}/{step}",
    "ANY /static/{file}",
    # Pages that people sign in to read the session's cookie.
    "ANY /sign-in",
    "POST /sign-in",
    "ANY /sign-in/{step}",
    "POST /sign-in/{step}",
    "POST /sign-out",
    "ANY /forgotten",
    "POST /forgotten",
    "ANY /password/{token}",
    "POST /password/{token}",
    "ANY /account",
    "ANY /account/{page+}",
    "POST /account/{page+}",
    "ANY /calendar/{token}",
    "ANY /my",
    "ANY /my/{appId}",
    "ANY /my/{appId}/{page+}",
    "POST /my/{appId}/{page+}",
    "ANY /console",
    "ANY /console/{appId}",
    "ANY /console/{appId}/dialing/{page+}",
    "POST /console/{appId}/dialing/{page+}",
    "ANY /console/{appId}/settings/{page+}",
    "ANY /sign-in/with",
    "POST /sign-in/with",
    "ANY /sign-in/with/{connection}",
    "ANY /sign-in/with/{connection}/back",
    "POST /console/{appId}/settings/{page+}",
    "ANY /console/{appId}/{page+}",
    "POST /console/{appId}/{page+}",
    "ANY /b/{token}/{step}",
    "POST /b/{token}/{step}",
    # Carriers sign what they report.
    "POST /api/v1/dial/carriers/twilio/status/{organizationId}/{callId}/{attempt}",
    "POST /api/v1/dial/carriers/twilio/answer/{organizationId}/{callId}/{attempt}",
}
"""Routes that need no bearer token. Every other one asks the authorizer."""
_INTEGRATION = "x-amazon-apigateway-integration"
_METHODS = {"x-amazon-apigateway-any-method": "ANY"}
_URI = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Live}/invocations"
INLINE_POLICIES = 10_240
"""Characters that a role's inline policies may have in all, without white space (IAM's quotas)."""


def _api() -> dict[str, Any]:
    body: dict[str, Any] = deployed()["HttpApi"]["Properties"]["Body"]
    return body


def _routes() -> dict[str, dict[str, Any]]:
    """The API's routes as SAM hands them to API Gateway."""
    return {
        "$default" if path == "/$default" else f"{_METHODS.get(method, method.upper())} {path}": operation
        for path, methods in _api()["paths"].items()
        for method, operation in methods.items()
    }


def _integrations() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = _api()["components"][f"{_INTEGRATION}s"]
    return found


def _integration(operation: dict[str, Any]) -> str:
    """The name of an operation's integration."""
    prefix, _, name = operation[_INTEGRATION]["$ref"].rpartition("/")
    assert prefix == f"#/components/{_INTEGRATION}s"
    return str(name)


def _called(integration: dict[str, Any]) -> str:
    """The function whose alias an integration calls."""
    text, values = integration["uri"]["Fn::Sub"]
    assert text == _URI
    assert values["Live"]["Ref"].endswith("Aliaslive")
    return str(values["Live"]["Ref"].removesuffix("Aliaslive"))


def test_every_route_has_a_function_and_every_integration_a_route():
    # "x-amazon-apigateway-integrations object" of API Gateway's developer guide, for HTTP APIs only.
    assert {_integration(operation) for operation in _routes().values()} == _integrations().keys()
    assert {_called(integration) for integration in _integrations().values()} == {
        function.logical_id for function in functions().values() if function.routes
    }


@pytest.mark.parametrize("name", sorted(_integrations()))
def test_a_function_is_called_by_its_alias_with_the_rights_of_the_api(name: str):
    integration = _integrations()[name]
    assert integration == {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "payloadFormatVersion": "2.0",
        "credentials": {"Fn::GetAtt": ["ApiRole", "Arn"]},
        "uri": integration["uri"],
    }
    assert _called(integration) == f"{name}Function"


def test_the_api_may_call_its_functions_and_nothing_else():
    role = deployed()["ApiRole"]["Properties"]
    (policy,) = role["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    allowed = statement["Resource"]
    assert statement == {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": allowed}
    called = {"AuthorizeFunction", *(_called(integration) for integration in _integrations().values())}
    assert sorted(one["Ref"] for one in allowed) == sorted(f"{name}Aliaslive" for name in called)
    authorizer = _api()["components"]["securitySchemes"]["Bearer"]["x-amazon-apigateway-authorizer"]
    assert authorizer["authorizerCredentials"] == {"Fn::GetAtt": ["ApiRole", "Arn"]}
    assert [name for name, found in deployed().items() if found["Type"] == "AWS::Lambda::Permission"] == []


def test_the_rights_of_the_api_fit_into_a_role():
    role = deployed()["ApiRole"]["Properties"]
    (statement,) = role["Policies"][0]["PolicyDocument"]["Statement"]
    longest = f"arn:aws:lambda:ap-southeast-1:123456789012:function:{'x' * 64}:live"
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": [longest] * len(statement["Resource"])}]}
    assert len(json.dumps(policy, separators=(",", ":"))) < INLINE_POLICIES * 3 / 4


def test_every_route_of_a_function_reaches_the_api():
    assert set(_routes()) == {route for function in functions().values() for route in function.routes}


@pytest.mark.parametrize("folder", sorted(functions()))
def test_a_functions_description_says_by_which_methods_it_is_called(folder: str):
    function = functions()[folder]
    said = set(re.findall(r"\b(?:GET|POST|PUT|PATCH|DELETE)\b", function.own["Description"]))
    answered = {route.split()[0].replace("ANY", "GET") for route in function.routes} - {"OPTIONS", "$default"}
    assert said == answered


def test_what_no_route_names_has_a_route_of_its_own():
    default = [route for route, operation in _routes().items() if operation.get("isDefaultRoute")]
    assert default == ["$default"]


def test_the_function_of_a_get_answers_head_too_and_says_405_to_the_rest():
    # Decision 28: API Gateway has no HEAD for a route of GET, and a route of its own for each would double them.
    assert [route for route in _routes() if route.startswith(("GET ", "HEAD "))] == []


def test_only_these_routes_are_public():
    guarded = {route for route, operation in _routes().items() if operation["security"] == [{"Bearer": []}]}
    assert {route for route, operation in _routes().items() if operation["security"] == [{"NONE": []}]} == PUBLIC
    assert set(_routes()) - guarded == PUBLIC


def test_the_authorizers_answers_are_not_kept_without_a_key():
    authorizer = _api()["components"]["securitySchemes"]["Bearer"]
    settings = authorizer["x-amazon-apigateway-authorizer"]
    assert settings["authorizerPayloadFormatVersion"] == "2.0"
    assert settings["enableSimpleResponses"] is True
    assert settings.get("authorizerResultTtlInSeconds", 0) == 0
