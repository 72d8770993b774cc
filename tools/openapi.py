"""`python -m tools.openapi`: the one OpenAPI 3.1 document of the API, from the code of its handlers and the template.

The template says which routes there are and which are public; each handler's models say what it takes and answers; what
every operation shares (headers, security, bodies) is said here once. `--check` compares instead of writing.
"""

import argparse
import importlib.util
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from local.template import read_template
from slotline import zone_rules
from slotline.http.core import documents
from slotline.http.core.addresses import ROUTES
from slotline.http.core.api import Api
from slotline.http.core.rights import rights_of
from tools import openapi_parts, openapi_websites

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "functions/docs/openapi/openapi.json"
_NO_OPERATIONS = frozenset({"$default", "GET /api/v1/docs", "GET /api/v1/docs/{asset}", "GET /calendar/{token}"})
_METHODS = {"ANY": "GET"}
"""What a route of the template is to those who call: the function of a GET gets every other method (decision 28)."""
_CARRIERS = "/api/v1/dial/carriers/"
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}

Json = dict[str, Any]
_REFERENCE = "#/components/schemas/"
_RATE_LIMITED_ALWAYS = frozenset({"404", "409", "422", "429"})
_NO_RATE_LIMIT = frozenset({"401", "403"})


@dataclass(frozen=True, slots=True)
class Route:
    """One HTTP route of the template."""

    method: str
    path: str
    folder: str
    public: bool

    @property
    def key(self) -> str:
        """As API Gateway names it."""
        return f"{self.method} {self.path}" if self.path != "$default" else self.path

    @property
    def is_operation(self) -> bool:
        """Whether customers' programs call it.

        Pages and what they ask are for people, feeds for their calendars, preflights for browsers, callbacks for
        carriers, the default route for nothing.
        """
        is_page = self.folder.startswith(("pages/", "rooms/"))
        is_callback = self.path.startswith(_CARRIERS)
        return not (is_page or is_callback or self.method == "OPTIONS" or self.key in _NO_OPERATIONS)

    @property
    def tag(self) -> str:
        """The context that the function belongs to."""
        context = self.folder.split("/")[0]
        return openapi_parts.TAGS.get(context, context.replace("_", " ").capitalize())


@cache
def routes() -> list[Route]:
    """The template's HTTP routes, in its order."""
    template = read_template(ROOT / "template.yaml")
    functions = ROOT / "functions"
    return [
        Route(
            method=_METHODS.get(route.method, route.method),
            path=route.path,
            folder=template.functions[route.function].source.parent.relative_to(functions).as_posix(),
            public=route.authorizer is None,
        )
        for route in template.routes
    ]


def build() -> Json:
    """The whole document."""
    paths: Json = {}
    schemas: Json = {}
    tags: list[str] = []
    for route in routes():
        if not route.is_operation:
            continue
        operation, used = _operation(route)
        for name, schema in used.items():
            if schemas.setdefault(name, schema) != schema:
                raise SystemExit(f"Two handlers have different models named {name}. Rename one.")
        if route.tag not in tags:
            tags.append(route.tag)
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    document: Json = {
        "openapi": "3.1.0",
        "info": {**openapi_parts.INFO, "version": version, "x-zone-rules": zone_rules.VERSION},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "headers": openapi_parts.HEADERS,
            "securitySchemes": openapi_parts.SECURITY_SCHEMES | openapi_websites.SECURITY_SCHEMES,
        },
    }
    document["components"]["schemas"] = _referenced(document)
    spelled: Json = _in_json_schemas_words(document)
    return spelled


def allowed_methods() -> dict[str, list[str]]:
    """The methods of every path, for the answer to any other method; where two paths fit, the first has the words."""
    found: dict[str, list[str]] = {}
    for route in routes():
        if route.path != "$default":
            found.setdefault(route.path, []).append(route.method)
    return {
        path: sorted([*found[path], *(["HEAD"] if "GET" in found[path] else [])])
        for path in sorted(found, key=_most_specific_first)
    }


def _most_specific_first(path: str) -> list[tuple[bool, str]]:
    """API Gateway prefers a literal segment to a parameter."""
    return [(segment.startswith("{"), segment) for segment in path.split("/")]


def artefacts() -> dict[Path, str]:
    """What is committed, by its path."""
    return {
        DOCUMENT: json.dumps(build(), indent=2, ensure_ascii=False) + "\n",
        ROUTES: json.dumps(allowed_methods(), indent=2) + "\n",
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the artefacts, or, with `--check`, say which is not what the code says."""
    parser = argparse.ArgumentParser(prog="python -m tools.openapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with what is committed, and write nothing")
    check = parser.parse_args(arguments).check
    texts = artefacts()
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if not check:
            path.write_text(texts[path], encoding="utf-8")
        print(f"{path.relative_to(ROOT)} {'is not what the code says: make openapi' if check else 'written'}")
    return 1 if check and stale else 0


@cache
def _handler(folder: str) -> ModuleType:
    name = f"handler_{folder.replace('/', '_')}"
    spec = importlib.util.spec_from_file_location(name, ROOT / "functions" / folder / "app.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"functions/{folder}/app.py cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _operation(route: Route) -> tuple[Json, Json]:
    """One operation, and the schemas that its handler knows."""
    if route.key in openapi_parts.OPERATIONS:
        return {"tags": [route.tag], **openapi_parts.OPERATIONS[route.key]}, openapi_parts.SCHEMAS
    if route.key in openapi_websites.OPERATIONS:
        return {"tags": [route.tag], **openapi_websites.OPERATIONS[route.key]}, openapi_websites.SCHEMAS
    api = getattr(_handler(route.folder), "api", None)
    if not isinstance(api, Api):
        raise SystemExit(f"{route.key} has neither models nor a hand-written operation")
    endpoint: Json = api.get_openapi_schema(title="handler", version="0").model_dump(
        mode="json", by_alias=True, exclude_none=True
    )
    schemas = endpoint["components"]["schemas"]
    for path, methods in endpoint["paths"].items():
        if _shape(path) == _shape(route.path) and route.method.lower() in methods:
            return _finished(route, methods[route.method.lower()], _Endpoint(api, route.method, path, schemas)), schemas
    raise SystemExit(f"functions/{route.folder}/app.py does not answer {route.key}")


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """What Powertools knows of the handler behind an operation."""

    api: Api
    method: str
    path: str
    schemas: Json

    @property
    def function(self) -> Any:
        """The Python function that answers."""
        # Powertools has no public list of its routes.
        known = [*self.api._static_routes, *self.api._dynamic_routes]  # noqa: SLF001
        return next(route.func for route in known if route.openapi_path == self.path and self.method in route.method)


def _shape(path: str) -> str:
    """A path without the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def _finished(route: Route, operation: Json, endpoint: _Endpoint) -> Json:
    """Powertools' operation with what every operation of this API has."""
    idempotent = any(parameter["name"].lower() == "idempotency-key" for parameter in operation.get("parameters", []))
    responses = dict(operation["responses"])
    if "HTTPValidationError" in json.dumps(responses.get("422", {})):
        del responses["422"]  # Powertools' own: here a bad field is a 400
    if "requestBody" in operation:
        for status in (413, 415):
            responses.setdefault(str(status), _error(status))
    for status, response in responses.items():
        for content in response.get("content", {}).values():
            if "anyOf" in content["schema"]:
                content["schema"].pop("title")  # Powertools calls two shapes "Return"
        headers = _headers(status, public=route.public, idempotent=idempotent)
        if headers:
            response["headers"] = headers
    finished = {
        "tags": [route.tag],
        "summary": operation["summary"],
        "description": " ".join((operation.get("description") or endpoint.function.__doc__ or "").split()),
        "operationId": operation["operationId"],
        "parameters": [_parameter(found, route, endpoint) for found in operation.get("parameters", [])],
        "requestBody": operation.get("requestBody"),
        "responses": dict(sorted(responses.items())),
        "security": [] if route.public else _security(endpoint),
    }
    said = {name: value for name, value in finished.items() if value is not None}
    return openapi_websites.open_to_websites(said) if _takes_widget_keys(endpoint) else said


def _error(status: int) -> Json:
    described = documents.answers(200, documents.ErrorAnswer, status)[status]
    schema = {"$ref": f"{_REFERENCE}ErrorAnswer"}
    return {"description": described["description"], "content": {"application/json": {"schema": schema}}}


def _headers(status: str, *, public: bool, idempotent: bool) -> Json:
    names: list[str] = []
    succeeded = status.startswith("2")
    if not public and status not in _NO_RATE_LIMIT:
        always = succeeded or status in _RATE_LIMITED_ALWAYS
        names += openapi_parts.RATE_LIMIT_ALWAYS if always else openapi_parts.RATE_LIMIT
    if succeeded and idempotent:
        names.append("Idempotency-Replayed")
    if status == "401":
        names.append("WWW-Authenticate")
    if status == "403" and not public:
        names.append("WWW-Authenticate-Scope")
    if status in {"429", "503"}:
        names.append("Retry-After")
    return {openapi_parts.header_name(name): {"$ref": f"#/components/headers/{name}"} for name in names}


def _security(endpoint: _Endpoint) -> list[Json]:
    """The scopes that are asked for beside the handler; or a widget key, if the route is for websites too."""
    rights = rights_of(endpoint.function)
    scopes = [scope.value for scope in rights.scopes] if rights else []
    website: list[Json] = [{"appId": [], "widgetKey": []}] if _takes_widget_keys(endpoint) else []
    return [{"oauth2": scopes}, {"bearer": scopes}, *website]


def _takes_widget_keys(endpoint: _Endpoint) -> bool:
    rights = rights_of(endpoint.function)
    return rights is not None and rights.websites


def _parameter(parameter: Json, route: Route, endpoint: _Endpoint) -> Json:
    """A parameter under its public name, with the whole of its schema."""
    name, place = parameter["name"], parameter["in"]
    if place == "path":
        public_names = re.findall(r"\{([^}]*)\}", route.path)
        name = public_names[re.findall(r"\{([^}]*)\}", endpoint.path).index(name)]
    if place == "header":
        name = "-".join(word.capitalize() for word in name.split("-"))
    schema = _query_schema(parameter, endpoint) if place == "query" else parameter["schema"]
    schema = _never_null({key: value for key, value in schema.items() if key not in {"title", "description"}})
    described = {"description": parameter["description"]} if "description" in parameter else {}
    required: bool = parameter["required"]
    empty = {"allowEmptyValue": True} if place == "query" and not required else {}  # it is as if it were not sent
    return {"name": name, "in": place, "required": required, **described, **empty, "schema": schema}


def _query_schema(parameter: Json, endpoint: _Endpoint) -> Json:
    """The parameter's schema in its query model: Powertools keeps only the type when it takes a model apart."""
    own: Json = parameter["schema"]
    for model in endpoint.schemas.values():
        found: Json | None = model.get("properties", {}).get(parameter["name"])
        if found is not None and found.get("description") == parameter.get("description"):
            return found
    return own


def _never_null(schema: Json) -> Json:
    """A header or a query parameter is there or not; it cannot be null."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) != 1:
        return schema
    rest = {key: value for key, value in schema.items() if key not in {"anyOf", "default"}}
    return {**{key: value for key, value in choices[0].items() if key != "description"}, **rest}


def _referenced(document: Json) -> Json:
    """The schemas that the paths reach, directly or through others."""
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    reached: set[str] = set()
    waiting = list(_references(document["paths"]))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _references(schemas[name])
    return {name: schema for name, schema in schemas.items() if name in reached}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str) and value["$ref"].startswith(_REFERENCE):
            yield value["$ref"].removeprefix(_REFERENCE)
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _in_json_schemas_words(value: Any) -> Any:
    """As JSON Schema says it: one kind of number, so 200.0 is 200, and bounds, which pydantic names as Python does.

    Pydantic does where a validator of ours stands before the bound.
    """
    if isinstance(value, dict):
        return {_BOUNDS.get(name, name): _in_json_schemas_words(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_in_json_schemas_words(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


if __name__ == "__main__":
    sys.exit(main())
