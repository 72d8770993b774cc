"""The committed OpenAPI document: what the code says, valid as OpenAPI 3.1, and about every JSON route there is."""

import json
import re
from typing import Any

import jsonschema_rs
import pytest

from tests.support.handlers import load_function
from tests.template.test_routes import PUBLIC as PUBLIC_ROUTES
from tools import openapi

DOCUMENT: dict[str, Any] = json.loads(openapi.DOCUMENT.read_text())
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
PUBLIC = {route.replace("ANY ", "GET ") for route in PUBLIC_ROUTES}
GUARDED = sorted(set(OPERATIONS) - PUBLIC)


def test_what_is_committed_is_what_the_code_says():
    assert openapi.main(["--check"]) == 0, "run: make openapi"


def test_it_is_openapi_3_1():
    from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR  # half a second of everybody's start

    served = load_function("docs/openapi").document("https://api.example.com")
    OPENAPI_31_VALIDATOR.validate(json.loads(served))


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_every_schema_is_a_json_schema(name: str):
    whole = {"components": DOCUMENT["components"], "$ref": f"#/components/schemas/{name}"}
    jsonschema_rs.meta.validate(DOCUMENT["components"]["schemas"][name])
    jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def test_every_number_that_is_bounded_says_so_in_json_schemas_words():
    def words(value: Any) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(words, value))
        return set(value).union(*map(words, value.values())) if isinstance(value, dict) else set()

    assert words(DOCUMENT).isdisjoint({"ge", "gt", "le", "lt", "multiple_of"})
    assert DOCUMENT["components"]["schemas"]["UploadBody"]["properties"]["size"]["minimum"] == 1


def _bodies() -> set[str]:
    """The schemas of what requests send, and of what is in it."""
    bodies = [operation.get("requestBody", {}) for operation in OPERATIONS.values()]
    found: set[str] = set()
    waiting = re.findall(r"schemas/(\w+)", json.dumps(bodies))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += re.findall(r"schemas/(\w+)", json.dumps(DOCUMENT["components"]["schemas"][name]))
    return found


def _takes(schema: Any, value: object) -> bool:
    return jsonschema_rs.Draft202012Validator(
        {"components": DOCUMENT["components"], **schema}, validate_formats=True
    ).is_valid(value)


def _is_of_texts(schema: Any) -> bool:
    """Whether all that it takes beside null is text."""
    if "$ref" in schema:
        return _is_of_texts(DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    return bool(kinds) and all("anyOf" not in kind and _is_text(kind) for kind in kinds)


def _is_text(kind: Any) -> bool:
    return kind.get("type") == "string" or ("$ref" in kind and _is_of_texts(kind))


@pytest.mark.parametrize("name", sorted(_bodies()))
def test_a_text_that_may_be_left_out_may_be_empty(name: str):
    """As the handlers take it: an empty text is an absent value."""
    schema = DOCUMENT["components"]["schemas"][name]
    optional = {
        field: of for field, of in schema.get("properties", {}).items() if field not in schema.get("required", [])
    }
    assert [field for field, of in optional.items() if _is_of_texts(of) and not _takes(of, "")] == []


def test_a_text_that_is_required_is_as_long_as_it_must_be():
    fields = DOCUMENT["components"]["schemas"]["NewScheduledCall"]["properties"]
    assert [name for name in ("guestName", "scheduledAtUtc") if _takes(fields[name], "")] == []
    assert _takes(fields["assignmentMethod"], "")
    assert not _takes(fields["assignmentMethod"], "pools")


def test_every_reference_leads_somewhere():
    def follow(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                _, *steps = value["$ref"].split("/")
                found: Any = DOCUMENT
                for step in steps:
                    found = found[step]
            for inner in value.values():
                follow(inner)
        elif isinstance(value, list):
            for inner in value:
                follow(inner)

    follow(DOCUMENT)


def test_every_json_route_is_an_operation_and_every_operation_a_route():
    assert set(OPERATIONS) == {route.key for route in openapi.routes() if route.is_operation}


def test_operation_ids_are_unique():
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("key", sorted(OPERATIONS))
def test_an_operation_says_what_it_does(key: str):
    operation = OPERATIONS[key]
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    assert "500" in operation["responses"]
    assert "HTTPValidationError" not in json.dumps(operation)


@pytest.mark.parametrize("key", GUARDED)
def test_a_guarded_operation_says_how_to_get_in_and_how_often(key: str):
    operation = OPERATIONS[key]
    tokens = [way for way in operation["security"] if way.keys() <= {"oauth2", "bearer"}]
    assert len(tokens) == 2
    assert all(any(scopes.values()) for scopes in tokens)
    assert {"401", "403", "429", "503"} <= set(operation["responses"])
    for status, response in operation["responses"].items():
        headers = set(response.get("headers", {}))
        assert ("X-RateLimit-Limit" in headers) == (status not in {"401", "403"})
        assert ("Retry-After" in headers) == (status in {"429", "503"})
        assert ("WWW-Authenticate" in headers) == (status == "401" or (status == "403" and " /api/v1/" in key))


@pytest.mark.parametrize("key", [key for key in GUARDED if "requestBody" in OPERATIONS[key]])
def test_a_body_may_be_too_large_or_of_another_kind(key: str):
    assert {"400", "413", "415"} <= set(OPERATIONS[key]["responses"])


@pytest.mark.parametrize("key", [key for key in GUARDED if key.startswith("POST")])
def test_every_post_takes_an_idempotency_key(key: str):
    assert "Idempotency-Key" in {parameter["name"] for parameter in OPERATIONS[key]["parameters"]}
    assert "422" in OPERATIONS[key]["responses"]
    success = next(response for status, response in OPERATIONS[key]["responses"].items() if status.startswith("2"))
    assert "Idempotency-Replayed" in success["headers"]


@pytest.mark.parametrize("key", sorted(OPERATIONS))
def test_path_parameters_are_those_of_the_path(key: str):
    names = {parameter["name"] for parameter in OPERATIONS[key].get("parameters", []) if parameter["in"] == "path"}
    assert names == {part.strip("{}") for part in key.split("/") if part.startswith("{")}
