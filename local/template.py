"""What the local runtime needs to know of `template.yaml`: functions, routes, authorizers, layers.

Read with the SAM translator's own YAML reader, so `!Ref` and friends arrive in their long form. What
the runtime cannot play faithfully is refused here by name: silently ignoring, say, a JWT authorizer
would serve locally what AWS would refuse.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # it ships no types

from local.errors import TemplateError

FUNCTION = "AWS::Serverless::Function"
LAYER = "AWS::Serverless::LayerVersion"
HTTP_API = "AWS::Serverless::HttpApi"
IMPLICIT_API = "ServerlessHttpApi"
"""SAM's name for the API of events that name none; its settings are `Globals.HttpApi`."""

DEFAULT_ROUTE = "$default"
LONGEST_INTEGRATION_SECONDS = 30.0
"""API Gateway's own limit for an HTTP API; an event's `TimeoutInMillis` can only lower it."""

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
        document = yaml_parse(path.read_text(encoding="utf-8"))
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
    apis = _Apis(document)
    for logical_id, own in _of_type(document, FUNCTION):
        properties = {**defaults, **own}
        functions[logical_id] = _function(root, logical_id, properties)
        routes.extend(_routes(logical_id, own.get("Events", {}), apis))
        _agree(variables, logical_id, defaults, own)
    for route in routes:
        if route.authorizer is not None and route.authorizer.function not in functions:
            raise TemplateError(f"{route.key}: {route.authorizer.function} is not a function of this template")
    layers = tuple(root / properties["ContentUri"] for _, properties in _of_type(document, LAYER))
    return Template(root, document, functions, tuple(routes), layers)


def _of_type(document: Mapping[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for logical_id, resource in document["Resources"].items():
        if resource["Type"] == kind:
            yield logical_id, resource.get("Properties", {})


def _function(root: Path, logical_id: str, properties: Mapping[str, Any]) -> Function:
    if "CodeUri" not in properties:
        raise TemplateError(f"{logical_id} has no CodeUri: the local host runs code from folders only")
    module, _, attribute = str(properties.get("Handler", "")).rpartition(".")
    if not module:
        raise TemplateError(f"{logical_id}: Handler must read file.function, such as app.handler")
    return Function(
        logical_id=logical_id,
        source=root / properties["CodeUri"] / f"{module}.py",
        attribute=attribute,
        timeout_seconds=float(properties.get("Timeout", 3)),
        memory_mb=int(properties.get("MemorySize", 128)),
    )


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


class _Apis:
    """The authorizers of every HTTP API of the template."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        shared = document.get("Globals", {}).get("HttpApi", {})
        self._auth = {IMPLICIT_API: shared.get("Auth", {})}
        for name, own in [(IMPLICIT_API, shared), *_of_type(document, HTTP_API)]:
            if "CorsConfiguration" in own:
                raise TemplateError(f"{name}: the local gateway does not play CorsConfiguration")
            self._auth[name] = {**shared.get("Auth", {}), **own.get("Auth", {})}

    def authorizer(self, api: str, event: str, auth: Mapping[str, Any]) -> Authorizer | None:
        """Who guards a route: the event's own choice, else the API's default. None: nobody."""
        if api not in self._auth:
            raise TemplateError(f"{event}: {api} is not an HttpApi of this template")
        settings = self._auth[api]
        name = auth.get("Authorizer", settings.get("DefaultAuthorizer", "NONE"))
        if name == "NONE":
            return None
        known = settings.get("Authorizers", {})
        if name not in known:
            raise TemplateError(f"{event}: {api} has no authorizer {name}")
        return _authorizer(name, known[name])


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
    return Authorizer(name, settings["FunctionArn"]["Fn::GetAtt"][0], sources, cached)


def _routes(logical_id: str, events: Mapping[str, Any], apis: _Apis) -> Iterator[Route]:
    for name, event in events.items():
        if event["Type"] != "HttpApi":
            continue
        place = f"{logical_id}, event {name}"
        properties = event.get("Properties", {})
        if str(properties.get("PayloadFormatVersion", "2.0")) != "2.0":
            raise TemplateError(f"{place}: the local gateway plays payload format 2.0 only")
        api = properties.get("ApiId", {"Ref": IMPLICIT_API})
        path = str(properties.get("Path", DEFAULT_ROUTE))
        if path != DEFAULT_ROUTE and not path.startswith("/"):
            raise TemplateError(f"{place}: Path must begin with / or be {DEFAULT_ROUTE}, not {path}")
        yield Route(
            method=str(properties.get("Method", "ANY")).upper(),
            path=path,
            function=logical_id,
            authorizer=apis.authorizer(api["Ref"], place, properties.get("Auth", {})),
            timeout_seconds=min(float(properties.get("TimeoutInMillis", 30_000)) / 1000, LONGEST_INTEGRATION_SECONDS),
        )
