"""The template is read whole, and what cannot be played is refused by name."""

import pytest

from local.errors import TemplateError
from local.stack import PROXY_VARIABLE, deployable
from local.template import read_template

from .conftest import write_project


@pytest.fixture
def template(tmp_path):
    return read_template(write_project(tmp_path))


def test_functions_take_their_globals(template, tmp_path):
    echo = template.functions["Echo"]
    assert echo.source == tmp_path / "functions/echo/app.py"
    assert (echo.attribute, echo.timeout_seconds, echo.memory_mb) == ("handler", 5.0, 128)
    assert template.functions["Hasty"].timeout_seconds == 1.0
    assert template.layers == (tmp_path / "layers/common",)


def test_routes_know_their_authorizer(template):
    routes = {route.key: route for route in template.routes}
    assert routes["GET /guarded"].authorizer.function == "Guard"
    assert routes["GET /guarded"].authorizer.identity_sources == ("$request.header.Authorization",)
    assert routes["GET /broken"].authorizer is None
    assert routes["GET /slow/{case}"].timeout_seconds == 0.3
    assert routes["GET /broken"].timeout_seconds == 30.0


def test_the_emulator_gets_no_code_layers_or_routes(template):
    document = deployable(template, "http://127.0.0.1:1/functions/", 8)
    assert "CommonLayer" not in document["Resources"]
    assert "Layers" not in document["Globals"]["Function"]
    echo = document["Resources"]["Echo"]["Properties"]
    assert "CodeUri" not in echo
    assert "DefinitionBody" not in document["Resources"]["Api"]["Properties"]
    assert echo["Environment"]["Variables"][PROXY_VARIABLE] == "http://127.0.0.1:1/functions/Echo"
    assert "CodeUri" in template.document["Resources"]["Echo"]["Properties"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("Parameters:", "Parameters: [", "not YAML"),
        ("Resources:", "Sources:", "no Resources"),
        ('AuthorizerPayloadFormatVersion: "2.0"', 'AuthorizerPayloadFormatVersion: "1.0"', "authorizer Guard"),
        ("FunctionArn: !Ref Guard.Alias", "JwtConfiguration: {}", "Lambda authorizers only"),
        ("FunctionArn: !Ref Guard.Alias", "FunctionArn: !GetAtt Nobody.Arn", "Nobody is not a function"),
        ("DefaultAuthorizer: Guard", "DefaultAuthorizer: Else", "no authorizer Else"),
        ("/guarded:", "guarded:", "must begin with /"),
        ("/guarded:", "/$default:", "isDefaultRoute"),
        ("get:", "trace:", "does not play trace"),
        ("get:", "Fn::If:", "does not play Fn::If"),
        ('Version: "2.0"\n              uri', 'Version: "1.0"\n              uri', "payload format 2.0 only"),
        ("type: aws_proxy", "type: http_proxy", "type aws_proxy and method POST only"),
        ("httpMethod: POST", "httpMethod: GET", "type aws_proxy and method POST only"),
        ("timeoutInMillis: 300", "requestParameters: {}", "does not play requestParameters of an integration"),
        ("security: [{NONE: []}]", "security: [{NONE: []}, {Guard: []}]", "one authorizer a route"),
        ("security: [{NONE: []}]", "security: [{Guard: [read]}]", "without scopes"),
        ("security: [{NONE: []}]", "x-amazon-apigateway-cors: {}", "does not play x-amazon-apigateway-cors of an oper"),
        ("integrations/Echo", "integrations/Nobody", "integrations/Nobody leads nowhere"),
        ("Live: !Ref Echo.Alias", "Live: !Ref Nobody.Alias", "Nobody is not a function"),
        ("functions/${Live}/invocations", "functions/${Live}", "no !Sub of a function's invocations"),
        (
            "        paths:",
            "        x-amazon-apigateway-cors: {}\n        paths:",
            "x-amazon-apigateway-cors of the API",
        ),
        ("        components:", "        components:\n          securitySchemes: {}", "securitySchemes of components"),
        ("    Properties:\n      Auth:", "    Properties:\n      CorsConfiguration: true\n      Auth:", "Cors"),
        ("    Properties:\n      Auth:", "    Properties:\n      DefinitionUri: x\n      Auth:", "DefinitionUri"),
        (
            "{CodeUri: functions/guard}",
            "{CodeUri: f, Events: {Http: {Type: HttpApi}}}",
            "routes belong into the DefinitionBody",
        ),
        ("CodeUri: functions/echo", "ImageUri: x", "no CodeUri"),
        ("{CodeUri: functions/guard}", "{CodeUri: f, Environment: {Variables: {STAGE: other}}}", "STAGE has one"),
    ],
)
def test_what_cannot_be_played_is_refused_by_name(tmp_path, old, new, complaint):
    path = write_project(tmp_path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(TemplateError, match=complaint):
        read_template(path)


def test_a_variable_of_one_function_alone_is_fine(tmp_path):
    path = write_project(tmp_path)
    own = "{CodeUri: functions/guard, Environment: {Variables: {QUEUE: q}}}"
    path.write_text(path.read_text().replace("{CodeUri: functions/guard}", own))
    assert "Guard" in read_template(path).functions


def test_an_authorizer_without_identity_sources_is_never_cached(tmp_path):
    path = write_project(tmp_path)
    path.write_text(path.read_text().replace("{Headers: [Authorization], ReauthorizeEvery: 0}", "{}"))
    guard = next(route.authorizer for route in read_template(path).routes if route.authorizer)
    assert (guard.identity_sources, guard.cache_seconds) == ((), 0)


def test_sams_default_is_five_minutes(tmp_path):
    path = write_project(tmp_path)
    path.write_text(path.read_text().replace(", ReauthorizeEvery: 0", ""))
    guard = next(route.authorizer for route in read_template(path).routes if route.authorizer)
    assert guard.cache_seconds == 300


def test_the_default_route_says_that_it_is(tmp_path):
    path = write_project(tmp_path)
    text = path.read_text().replace(
        "/guarded:\n            get:", "/$default:\n            get:\n              isDefaultRoute: true"
    )
    path.write_text(text)
    assert "$default" in {route.key for route in read_template(path).routes}


def test_an_options_asks_no_authorizer_unless_it_names_one(tmp_path):
    # SAM gives every method its API's default authorizer but this one, for browsers' preflights carry no token.
    path = write_project(tmp_path)
    path.write_text(path.read_text().replace("/guarded:\n            get:", "/guarded:\n            options:"))
    (route,) = [route for route in read_template(path).routes if route.path == "/guarded"]
    assert route.authorizer is None
    text = path.read_text().replace("options:", "options:\n              security: [{Guard: []}]")
    path.write_text(text)
    (route,) = [route for route in read_template(path).routes if route.path == "/guarded"]
    assert route.authorizer.function == "Guard"
