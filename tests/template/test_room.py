"""How much of a stack and of an API is taken, counted in what CloudFormation gets."""

import pytest

from tests.support.aws.template import transformed

RESOURCES = 500
"""That a stack may have, of CloudFormation's quotas; a condition that is false keeps none out of this count."""
ROUTES = 300
"""That an HTTP API may have (API Gateway's quotas)."""
OURS = 350
"""Resources; beyond that, say what else could go before you raise it."""


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
