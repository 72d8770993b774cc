"""Each kind of what is due has a queue, under one variable: in the settings, in the template, in the tests."""

from collections.abc import Iterator
from typing import Any

import pytest

from slotline.domain.shared.due import DueKind
from slotline.settings import QUEUE_VARIABLES
from tests.support.aws.moto_tables import ENVIRONMENT
from tests.support.aws.template import deployed, functions

SEND_ANYTHING = ("timers/plan", "timers/fire_due", "timers/sweep")


def _set_by(folder: str) -> dict[str, Any]:
    variables: dict[str, Any] = functions()[folder].own.get("Environment", {}).get("Variables", {})
    return {name: value for name, value in variables.items() if name.endswith("_QUEUE_URL")}


def _everywhere() -> Iterator[tuple[str, Any]]:
    for folder in functions():
        yield from _set_by(folder).items()


def test_every_kind_has_its_variable() -> None:
    assert QUEUE_VARIABLES.keys() == {kind.value for kind in DueKind}


@pytest.mark.parametrize("folder", SEND_ANYTHING)
def test_what_sends_whatever_is_due_has_every_queue(folder: str) -> None:
    assert _set_by(folder).keys() == set(QUEUE_VARIABLES.values())


def test_a_variable_is_the_same_queue_wherever_it_is_set() -> None:
    found: dict[str, set[str]] = {}
    for variable, queue in _everywhere():
        found.setdefault(variable, set()).add(queue["Ref"])
    assert found.keys() == set(QUEUE_VARIABLES.values())
    for variable, queues in found.items():
        (queue,) = queues
        assert deployed()[queue]["Type"] == "AWS::SQS::Queue"
        assert ENVIRONMENT[variable].rpartition("/")[2] == queue
    assert len(set.union(*found.values())) == len(found), "two variables lead to one queue"
