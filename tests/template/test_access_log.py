"""The API's access log: who called, and what became of it, in one line of JSON that never holds a path or a query."""

import json
import re

from slotline.http.core.caller import caller_from
from tests.support.aws.template import deployed, template
from tests.support.handlers import partner

KNOWN = {
    *("accountId", "apiId", "awsEndpointRequestId", "awsEndpointRequestId2", "dataProcessed", "domainName"),
    *("authorizer.error", "domainPrefix", "error.message", "error.messageString", "error.responseType"),
    *("extendedRequestId", "httpMethod", "identity.sourceIp", "identity.userAgent", "integration.error"),
    *("integration.integrationStatus", "integration.latency", "integration.requestId", "integration.status"),
    *("integrationErrorMessage", "integrationLatency", "integrationStatus", "path", "protocol", "requestId"),
    *("requestTime", "requestTimeEpoch", "responseLatency", "responseLength", "routeKey", "stage", "status"),
}
"""What an HTTP API fills in of a request of ours: docs.aws.amazon.com/apigateway/latest/developerguide,
http-api-logging-variables.html. A name that is not there is written as `-`."""
PRIVATE = {"path", "identity.userAgent", "domainName"}
"""Of these, what callers write as they like: a path may hold a token, and a quotation mark breaks the JSON."""
LARGEST_TEMPLATE = 3 * 1024


def _format() -> str:
    """As API Gateway is handed it."""
    stages = [found["Properties"] for found in deployed().values() if found["Type"] == "AWS::ApiGatewayV2::Stage"]
    (said,) = [stage["AccessLogSettings"]["Format"] for stage in stages]
    assert isinstance(said, str)
    return said


def _variables() -> list[str]:
    return re.findall(r"\$context\.([\w.]+)", _format())


def test_it_is_one_line_of_json_once_it_is_filled():
    assert "\n" not in _format()
    assert len(_format().encode()) <= LARGEST_TEMPLATE
    filled = re.sub(r"\$context\.[\w.]+", "-", _format())
    assert json.loads(filled).keys() == json.loads(_format()).keys()
    assert set(json.loads(filled).values()) == {"-"}


def test_every_variable_is_one_that_an_http_api_knows():
    of_the_caller = {name for name in _variables() if name.startswith("authorizer.")} - {"authorizer.error"}
    assert set(_variables()) - of_the_caller <= KNOWN
    assert of_the_caller == {"authorizer.client_id"}
    authorizer_says = partner()
    caller = caller_from({"requestContext": {"authorizer": {"lambda": authorizer_says}}})
    assert caller.client_id == authorizer_says["client_id"]


def test_it_says_who_called_which_route_and_what_the_authorizer_and_the_function_had_to_say():
    said = {"identity.sourceIp", "routeKey", "status", "authorizer.error", "integrationErrorMessage", "requestId"}
    assert said <= set(_variables())


def test_it_never_holds_what_a_caller_wrote():
    assert not set(_variables()) & PRIVATE
    assert "$request" not in _format()
    assert "querystring" not in _format().lower()


def test_it_is_kept_for_as_long_as_the_operator_says():
    (stage,) = [found["Properties"] for found in deployed().values() if found["Type"] == "AWS::ApiGatewayV2::Stage"]
    assert stage["AccessLogSettings"]["DestinationArn"] == {"Fn::GetAtt": ["ApiLogs", "Arn"]}
    assert deployed()["ApiLogs"]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_no_warning_of_api_gateway_rolls_the_first_deployment_back():
    """Which there are is not known before the first deployment."""
    api = template()["Resources"]["HttpApi"]["Properties"]
    assert not api.get("FailOnWarnings")
    assert not deployed()["HttpApi"]["Properties"].get("FailOnWarnings")
