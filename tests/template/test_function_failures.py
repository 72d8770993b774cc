"""An invocation that did not go well is counted, however it ended, from what Lambda itself writes about it.

Examples of records: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html. Failures have level
WARN, so they pass at every level: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html.
"""

import json
import re
from typing import Any

import pytest

from slotline import observability
from tests.support.aws.alarms import Watched, resolved
from tests.support.aws.template import deployed, functions, template

RESOURCES = template()["Resources"]
FILTER = RESOURCES["FunctionFailures"]["Properties"]
ALARM = RESOURCES["FunctionFailuresAlarm"]["Properties"]
(TRANSFORMATION,) = FILTER["MetricTransformations"]
STACKS = [{"AWS::StackName": "slotline-production"}, {"AWS::StackName": "slotline-staging"}]

_CONDITION = re.compile(r'\$\.([\w.]+) (=|!=) "([^"]*)"')


def report(status: str, **more: str) -> dict[str, Any]:
    """What Lambda writes at the end of an invocation."""
    metrics = {"durationMs": 29000.0, "billedDurationMs": 29000, "memorySizeMB": 1024, "maxMemoryUsedMB": 88}
    record = {"requestId": "79b4f56e-95b1-4643-9700-2807f4e68189", "metrics": metrics, "status": status, **more}
    return {"time": "2026-03-09T02:44:41.076Z", "type": "platform.report", "record": record}


FAILED = {
    "raised": report("error", errorType="Function.RuntimeError"),
    "could not be imported": report("error", errorType="Runtime.ImportModuleError"),
    "ran out of time": report("timeout"),
    "was killed": report("error", errorType="Runtime.ExitError"),
    "crashed": report("failure", errorType="Runtime.OutOfMemory"),
}
WENT_WELL = {
    "went well": report("success"),
    "begins": {"time": "2026-03-09T02:44:12.076Z", "type": "platform.start", "record": {"requestId": "79b4f56e"}},
    "a line of our own": {"level": "ERROR", "message": "wake-up failed", "status": "error", "service": "slotline"},
    "a metric of our own": {"_aws": {"CloudWatchMetrics": []}, "RemindersFailed": [1.0]},
}


def matches(pattern: str, line: dict[str, Any]) -> bool:
    """Whether a JSON pattern of conditions that all must hold takes a line. A field that is not there holds for none.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    """
    inside = pattern.strip().removeprefix("{").removesuffix("}").split("&&")
    return all(_holds(condition.strip(), line) for condition in inside)


def _holds(condition: str, line: dict[str, Any]) -> bool:
    found = _CONDITION.fullmatch(condition)
    assert found, condition
    value: Any = line
    for name in found[1].split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        return False
    return bool(value == found[3]) is (found[2] == "=")


@pytest.mark.parametrize("line", FAILED.values(), ids=FAILED.keys())
def test_an_invocation_that_failed_is_counted(line: dict[str, Any]) -> None:
    assert matches(FILTER["FilterPattern"], line)


@pytest.mark.parametrize("line", WENT_WELL.values(), ids=WENT_WELL.keys())
def test_nothing_else_is_counted(line: dict[str, Any]) -> None:
    assert not matches(FILTER["FilterPattern"], line)


@pytest.mark.parametrize("folder", sorted(functions()))
def test_every_function_writes_json_into_the_log_group_that_is_read(folder: str) -> None:
    logging = deployed()[functions()[folder].logical_id]["Properties"]["LoggingConfig"]
    assert logging["LogFormat"] == "JSON"
    assert logging["LogGroup"] == FILTER["LogGroupName"] == {"Ref": "FunctionLogs"}
    assert logging.get("SystemLogLevel", "INFO") in {"DEBUG", "INFO", "WARN"}


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack["AWS::StackName"])
def test_the_alarm_watches_what_is_counted_and_no_other_stack_counts_there(stack: dict[str, str]) -> None:
    metric = Watched(ALARM).in_stack(stack)
    assert metric.namespace == resolved(TRANSFORMATION["MetricNamespace"], stack)
    assert metric.name == TRANSFORMATION["MetricName"]
    assert not metric.dimensions
    assert "Dimensions" not in TRANSFORMATION
    assert stack["AWS::StackName"] in metric.namespace


def test_one_failure_rings() -> None:
    assert TRANSFORMATION["MetricValue"] == "1"
    assert (ALARM["Statistic"], ALARM["Threshold"], ALARM["ComparisonOperator"]) == ("Sum", 0, "GreaterThanThreshold")


def test_what_our_code_logs_is_never_taken_for_a_failed_invocation(capsys: pytest.CaptureFixture[str]) -> None:
    observability.log_failure("wake-up failed", RuntimeError(), type="platform.report", record={"status": "error"})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert not any(matches(FILTER["FilterPattern"], line) for line in lines)
