"""Each metric and each log line names the stack that it is of, in every process and however many there are."""

import json
import os
import subprocess
import sys

import pytest

from slotline import observability
from tests.support.aws.alarms import written

OF_STAGING = {"STAGE": "staging", "STACK": "slotline-staging"}
NAMED = {("service", "slotline"), ("stage", "staging"), ("stack", "slotline-staging")}


@pytest.fixture(autouse=True)
def _of_staging(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in OF_STAGING.items():
        monkeypatch.setenv(variable, value)


def test_metrics_that_do_not_fit_into_one_line_name_their_stack_in_each(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of the format holds a hundred values of a metric; the rest is written in further lines."""
    for _ in range(250):
        observability.count({"WakeUpsFailed": 1})
    observability.flush()
    output = capsys.readouterr().out
    assert len(output.splitlines()) == 3
    (metric,) = written(output)
    assert metric.dimensions == NAMED
    assert written(output)[metric] == [1.0] * 250


def test_more_metrics_than_one_line_holds_are_written_in_further_lines(capsys: pytest.CaptureFixture[str]) -> None:
    counted = {f"Metric{number}": 1.0 for number in range(150)}
    observability.count(counted)
    observability.flush()
    output = capsys.readouterr().out
    assert len(output.splitlines()) == 2
    assert {metric.name: values for metric, values in written(output).items()} == {name: [1.0] for name in counted}


def test_what_is_counted_after_a_line_was_written_names_its_stack_again(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("Bookings", "Conflicts"):
        observability.count({name: 1})
        observability.flush()
    assert {metric.dimensions for metric in written(capsys.readouterr().out)} == {frozenset(NAMED)}


def test_nothing_is_written_if_nothing_was_counted(capsys: pytest.CaptureFixture[str]) -> None:
    observability.flush()
    assert capsys.readouterr().out == ""


def _said_by_a_process(variables: dict[str, str]) -> dict[str, str]:
    """The line that a process of its own logs."""
    script = "from slotline import observability; observability.logger.info('answered')"
    others = {name: value for name, value in os.environ.items() if name not in OF_STAGING}
    environment = {**others, "PYTHONPATH": os.pathsep.join(sys.path), **variables}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    line: dict[str, str] = json.loads(done.stdout)
    return line


def test_a_line_of_the_log_names_its_stack() -> None:
    assert _said_by_a_process(OF_STAGING).items() >= {("stage", "staging"), ("stack", "slotline-staging")}


def test_a_command_of_the_operator_is_of_no_stack() -> None:
    assert _said_by_a_process({}).items() >= {("stage", "none"), ("stack", "none")}
