"""What the local runtime needs to know of `template.yaml`: functions, routes, authorizers, layers.

The routes are those of an HTTP API's `DefinitionBody`, in API Gateway's extensions to OpenAPI. Read with
what the SAM translator makes of `!Ref` and friends, so they arrive in their long form. What
the runtime cannot play faithfully is refused here by name: silently ignoring, say, a JWT authorizer
would serve locally what AWS would refuse.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from samtranslator.yaml_helper import (  # type: ignore[import-untyped]  # it ships no types
    intrinsics_multi_constructor,
)

from local.errors import TemplateError

FUNCTION = "AWS::Serverless::Function"
LAYER = "AWS::Serverless::LayerVersion"
HTTP_API = "AWS::Serverless::HttpApi"
EVENT_SOURCE = "AWS::Lambda::EventSourceMapping"
DEFAULT_ROUTE = "$default"
LONGEST_INTEGRATION_SECONDS = 30.0
"""API Gateway's own limit for an HTTP API; an integration's `timeoutInMillis` can only lower it."""

INTEGRATION = "x-amazon-apigateway-integration"
ANY_METHOD = "x-amazon-apigateway-any-method"
_METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", ANY_METHOD})
_FUNCTION_URI = re.compile(r":lambda:path/2015-03-31/functions/\$\{([\w.]+)\}/invocations$")
_PLAYED = {
    "the API": {"openapi", "info", "paths", "components", "tags"},
    "components": {f"{INTEGRATION}s"},
    "an operation": {
        *(INTEGRATION, "security", "isDefaultRoute"),
        *("responses", "parameters", "summary", "description", "operationId", "tags"),
    },
    "an integration": {"type", "httpMethod", "payloadFormatVersion", "credentials", "uri", "timeoutInMillis"},
}
"""What the local gateway plays, or may overlook: whatever else is there is refused by name."""

_PREFIXES = {
    "Headers": "$request.header.",
    "QueryStrings": "$request.querystring.",
    "StageVariables": "$stageVariables.",
    "Context": "$context.",
}
"""How SAM spells an authorizer's `Identity` as API Gateway's identity sources."""


@dataclass(frozen=True, slots=True)
class Function:
    """One `AWS::Serverless::Function`, its globals merged in."""

    logical_id: str
    source: Path
    """The file that holds the handler."""
    attribute: str
    """The handler's name in that file."""
    timeout_seconds: float
    memory_mb: int
    most_from_queues: int | None = None
    """How many of its queues' batches it works on at a time (`MaximumConcurrency`); None: nothing says so."""


@dataclass(frozen=True, slots=True)
class Authorizer:
    """A Lambda authorizer: payload format 2.0, simple response."""

    name: str
    function: str
    identity_sources: tuple[str, ...]
    cache_seconds: int
    """0: every request asks. Without an identity source there is no key to cache by, so always 0."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route of an HTTP API and what answers it."""

    method: str
    path: str
    function: str
    authorizer: Authorizer | None
    timeout_seconds: float

    @property
    def key(self) -> str:
        """As API Gateway names it: `GET /things/{id}`, or `$default`."""
        return self.path if self.path == DEFAULT_ROUTE else f"{self.method} {self.path}"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # which base is known at run time
    """YAML with CloudFormation's tags: by libyaml, which takes a tenth of the time, where PyYAML came with it."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)


def read_yaml(text: str) -> Any:
    """What a template says, as `samtranslator.yaml_helper.yaml_parse` reads it. Raises yaml.YAMLError."""
    return yaml.load(text, _Loader)  # noqa: S506 - it is a safe loader


@dataclass(frozen=True, slots=True)
class Template:
    """A template, read."""

    root: Path
    document: dict[str, Any]
    functions: dict[str, Function]
    routes: tuple[Route, ...]
    layers: tuple[Path, ...]
    """Folders that Lambda would put on `sys.path`."""


def read_template(path: Path) -> Template:
    """Read a SAM template. Raises TemplateError with one line that names the place."""
    try:
        document = read_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TemplateError(f"{path} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise TemplateError(f"{path.name} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateError(f"{path.name} has no Resources")
    try:
        return _understand(path.parent.resolve(), document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TemplateError(f"{path.name} cannot be understood: {type(error).__name__}: {error}") from error


def _understand(root: Path, document: dict[str, Any]) -> Template:
    defaults = document.get("Globals", {}).get("Function", {})
    functions: dict[str, Function] = {}
    routes: list[Route] = []
    variables: dict[str, tuple[object, str]] = {}
    most = _most_from_queues(document)
    for logical_id, own in _of_type(document, FUNCTION):
        properties = {**defaults, **own}
        functions[logical_id] = _function(root, logical_id, properties, most.get(logical_id))
        _agree(variables, logical_id, defaults, own)
    shared = document.get("Globals", {}).get("HttpApi", {})
    for name, own in _of_type(document, HTTP_API):
        routes.extend(_routes(name, {**shared, **own, "Auth": {**shared.get("Auth", {}), **own.get("Auth", {})}}))
    for route in routes:
        for name in [route.function, *([route.authorizer.function] if route.authorizer else [])]:
            if name not in functions:
                raise TemplateError(f"{route.key}: {name} is not a function of this template")
    layers = tuple(root / properties["ContentUri"] for _, properties in _of_type(document, LAYER))
    return Template(root, document, functions, tuple(routes), layers)


def _of_type(document: Mapping[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for logical_id, resource in document["Resources"].items():
        if resource["Type"] == kind:
            yield logical_id, resource.get("Properties", {})


def _function(root: Path, logical_id: str, properties: Mapping[str, Any], most_from_queues: int | None) -> Function:
    if "CodeUri" not in properties:
        raise TemplateError(f"{logical_id} has no CodeUri: the local host runs code from folders only")
    module, _, attribute = str(properties.get("Handler", "")).rpartition(".")
    if not module:
        raise TemplateError(f"{logical_id}: Handler must read file.function, such as app.handler")
    for event, settings in properties.get("Events", {}).items():
        if settings["Type"] in {"Api", "HttpApi"}:
            raise TemplateError(f"{logical_id}, event {event}: routes belong into the DefinitionBody of the HttpApi")
    return Function(
        logical_id=logical_id,
        source=root / properties["CodeUri"] / f"{module}.py",
        attribute=attribute,
        timeout_seconds=float(properties.get("Timeout", 3)),
        memory_mb=int(properties.get("MemorySize", 128)),
        most_from_queues=most_from_queues,
    )


def _most_from_queues(document: Mapping[str, Any]) -> dict[str, int]:
    """By function: each mapping has a maximum of its own, so together they have the sum."""
    found: dict[str, int] = {}
    for _, mapping in _of_type(document, EVENT_SOURCE):
        if "ScalingConfig" in mapping:
            function = _named(mapping["FunctionName"])
            found[function] = found.get(function, 0) + int(mapping["ScalingConfig"]["MaximumConcurrency"])
    return found


def _agree(
    seen: dict[str, tuple[object, str]], logical_id: str, defaults: Mapping[str, Any], own: Mapping[str, Any]
) -> None:
    """Refuse a variable that two functions set differently: they share execution environments here.

    Variables that only some functions set are fine; here all of them see those.
    """
    merged = {**_variables(defaults), **_variables(own)}
    for name, value in merged.items():
        first, setter = seen.setdefault(name, (value, logical_id))
        if first != value:
            raise TemplateError(
                f"{name} has one value in {setter} and another in {logical_id}: "
                "locally all functions share one environment, so give the two settings two names"
            )


def _variables(properties: Mapping[str, Any]) -> dict[str, object]:
    found = properties.get("Environment", {}).get("Variables", {})
    return dict(found)


def _authorizer(name: str, settings: Mapping[str, Any]) -> Authorizer:
    if "FunctionArn" not in settings:
        raise TemplateError(f"authorizer {name}: the local gateway plays Lambda authorizers only")
    if str(settings.get("AuthorizerPayloadFormatVersion")) != "2.0" or not settings.get("EnableSimpleResponses"):
        raise TemplateError(
            f"authorizer {name}: the local gateway plays AuthorizerPayloadFormatVersion 2.0 "
            "with EnableSimpleResponses only"
        )
    identity = settings.get("Identity", {})
    sources = tuple(prefix + value for kind, prefix in _PREFIXES.items() for value in identity.get(kind, []))
    cached = int(identity.get("ReauthorizeEvery", 300)) if sources else 0
    return Authorizer(name, _named(settings["FunctionArn"]), sources, cached)


def _named(reference: Mapping[str, Any]) -> str:
    """The function of `!GetAtt Name.Arn` or `!Ref Name.Alias`; in a `!Sub` both are `${Name.…}`."""
    if "Fn::GetAtt" in reference:
        return str(reference["Fn::GetAtt"][0])
    return str(reference["Ref"].removesuffix(".Alias").removesuffix(".Arn"))


def _routes(api: str, properties: Mapping[str, Any]) -> Iterator[Route]:
    """The routes of an HTTP API. `Auth` of its properties has the authorizers."""
    for unplayed in ("CorsConfiguration", "DefinitionUri"):
        if unplayed in properties:
            raise TemplateError(f"{api}: the local gateway does not play {unplayed}")
    body = properties.get("DefinitionBody", {})
    _refuse_unplayed(api, "the API", body)
    _refuse_unplayed(api, "components", body.get("components", {}))
    integrations = body.get("components", {}).get(f"{INTEGRATION}s", {})
    for path, item in body.get("paths", {}).items():
        if not path.startswith("/"):
            raise TemplateError(f"{api}: a path must begin with /, as {path} does not")
        for method, operation in item.items():
            if method == "parameters":
                continue
            if method not in _METHODS:
                raise TemplateError(f"{api}, {path}: the local gateway does not play {method}")
            yield _route(f"{method} {path}", method, path, operation, integrations, properties.get("Auth", {}))


def _route(
    place: str,
    method: str,
    path: str,
    operation: Mapping[str, Any],
    integrations: Mapping[str, Any],
    auth: Mapping[str, Any],
) -> Route:
    _refuse_unplayed(place, "an operation", operation)
    if operation.get("isDefaultRoute", False) != (path == f"/{DEFAULT_ROUTE}"):
        raise TemplateError(f"{place}: isDefaultRoute belongs to the path /{DEFAULT_ROUTE}, and to it alone")
    integration = _integration(place, operation[INTEGRATION], integrations)
    seconds = float(integration.get("timeoutInMillis", 30_000)) / 1000
    return Route(
        method="ANY" if method == ANY_METHOD else method.upper(),
        path=DEFAULT_ROUTE if path == f"/{DEFAULT_ROUTE}" else path,
        function=_called(place, integration["uri"]),
        authorizer=_guard(place, method, operation.get("security") or [], auth),
        timeout_seconds=min(seconds, LONGEST_INTEGRATION_SECONDS),
    )


def _integration(place: str, own: Mapping[str, Any], integrations: Mapping[str, Any]) -> Mapping[str, Any]:
    """An operation's integration, its own or one of `components`."""
    prefix = f"#/components/{INTEGRATION}s/"
    found = own
    if "$ref" in own:
        found = integrations.get(own["$ref"].removeprefix(prefix), {})
        if not own["$ref"].startswith(prefix) or not found:
            raise TemplateError(f"{place}: {own['$ref']} leads nowhere")
    _refuse_unplayed(place, "an integration", found)
    if str(found["type"]).lower() != "aws_proxy" or found["httpMethod"] != "POST":
        raise TemplateError(f"{place}: the local gateway plays integrations of type aws_proxy and method POST only")
    if str(found.get("payloadFormatVersion")) != "2.0":
        raise TemplateError(f"{place}: the local gateway plays payload format 2.0 only")
    return found


def _called(place: str, uri: Mapping[str, Any]) -> str:
    """The function in the uri of an integration."""
    text, variables = uri["Fn::Sub"] if isinstance(uri.get("Fn::Sub"), list) else (uri.get("Fn::Sub"), {})
    match = _FUNCTION_URI.search(str(text))
    if match is None:
        raise TemplateError(f"{place}: the uri of its integration is no !Sub of a function's invocations")
    return _named(variables.get(match[1], {"Ref": match[1]}))


def _guard(place: str, method: str, security: list[Any], auth: Mapping[str, Any]) -> Authorizer | None:
    """Who guards a route: the one it names, else the API's default, which SAM gives no OPTIONS. None: nobody."""
    default = "NONE" if method == "options" else auth.get("DefaultAuthorizer", "NONE")
    named = [(name, scopes) for scheme in security for name, scopes in scheme.items()] or [(default, [])]
    (name, scopes), *others = named
    if others or scopes:
        raise TemplateError(f"{place}: the local gateway plays one authorizer a route, without scopes")
    if name == "NONE":
        return None
    known = auth.get("Authorizers", {})
    if name not in known:
        raise TemplateError(f"{place}: its API has no authorizer {name}")
    return _authorizer(name, known[name])


def _refuse_unplayed(place: str, kind: str, found: Iterable[str]) -> None:
    unplayed = sorted(set(found) - _PLAYED[kind])
    if unplayed:
        raise TemplateError(f"{place}: the local gateway does not play {', '.join(unplayed)} of {kind}")
