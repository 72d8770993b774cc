"""How much of a stack and of an API is taken, counted in what CloudFormation gets."""

from typing import Any

import pytest

from tests.support.aws.template import template, transformed

RESOURCES = 500
"""That a stack may have, of CloudFormation's quotas; a condition that is false keeps none out of this count."""
ROUTES = 300
"""That an HTTP API may have (API Gateway's quotas)."""
OURS = 400
"""Resources; beyond that, say what else could go before you raise it.

It was 350 before people signed in: each surface of theirs is a function with rights of its own. What else could go:
nine alarms of dead letters could be one, and eight page functions could be two, with more rights than each needs."""


ENVIRONMENT = 4096
"""Bytes of all variables of a function, names and values (Lambda's quotas)."""
LONGEST_NAME = 140
"""Characters that a reference may come to: the ARN of an alias, the address of a queue."""


@pytest.mark.parametrize("canary", ["false", "true"])
def test_a_stack_keeps_room_to_grow(canary: str) -> None:
    taken = len(transformed(Canary=canary)["Resources"])
    figures = f"{OURS - taken} of {OURS} left here, {RESOURCES - taken} of CloudFormation's {RESOURCES}"
    print(f"\n{taken} resources with Canary={canary}: {figures}")  # noqa: T201 - shown by pytest -s
    assert taken <= OURS, figures


def test_the_api_keeps_room_to_grow() -> None:
    paths = transformed()["Resources"]["HttpApi"]["Properties"]["Body"]["paths"]
    taken = sum(len(methods) for methods in paths.values())
    print(f"\n{taken} routes: {ROUTES - taken} of {ROUTES} left")  # noqa: T201 - shown by pytest -s
    assert taken <= ROUTES / 2


def test_the_environment_of_every_function_keeps_room_for_long_names_and_parameters() -> None:
    for name, found in transformed()["Resources"].items():
        if found["Type"] == "AWS::Lambda::Function":
            variables = found["Properties"]["Environment"]["Variables"]
            taken = sum(len(variable) + _longest(value) for variable, value in variables.items())
            assert taken <= ENVIRONMENT, name


def _longest(value: Any) -> int:
    """How long a value of the template may become."""
    match value:
        case str():
            return len(value)
        case {"Fn::If": [_, *choices]}:
            return max(map(_longest, choices))
        case {"Fn::Join": [str(), list(parts)]}:
            return sum(map(_longest, parts)) + len(parts)
        case {"Ref": str(name)}:
            return int(template()["Parameters"].get(name, {}).get("MaxLength", LONGEST_NAME))
    return LONGEST_NAME


def test_a_list_that_an_operator_writes_is_bounded() -> None:
    assert "MaxLength" in template()["Parameters"]["WebhookAllowedNetworks"]
