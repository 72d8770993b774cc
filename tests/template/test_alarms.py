"""Whoever is on call is told of what went wrong, and finds what to do about it."""

import json
import re
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.validate import ParamValidator

from slotline import observability
from slotline.queues.sqs import LONGEST_DELAY_SECONDS
from slotline.wiring import common
from tests.support.aws.alarms import Watched, is_over, resolved, units, watched, written
from tests.support.aws.moto_tables import REGION, ROOT, TABLES
from tests.support.aws.template import deployed, functions, template
from tests.template.conftest import World

RUNBOOK = (ROOT / "docs/operating.md").read_text()


def _of_type(kind: str, resources: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    there = deployed() if resources is None else resources
    return {name: resource["Properties"] for name, resource in there.items() if resource["Type"] == kind}


# As the template has them: SAM's transform would take a second of everybody's start.
ALARMS = _of_type("AWS::CloudWatch::Alarm", template()["Resources"])
QUEUES = _of_type("AWS::SQS::Queue", template()["Resources"])
DEAD_LETTERS = sorted(name for name in QUEUES if name.endswith("DeadLetters"))

_AWS = "https://docs.aws.amazon.com"
DOCUMENTED = {
    ("AWS/ApiGateway", "5xx"): [f"{_AWS}/apigateway/latest/developerguide/http-api-metrics.html", {"ApiId"}],
    ("AWS/ApiGateway", "Count"): [f"{_AWS}/apigateway/latest/developerguide/http-api-metrics.html", {"ApiId"}],
    # Without dimensions: of all functions of the account in the region.
    ("AWS/Lambda", "Throttles"): [f"{_AWS}/lambda/latest/dg/monitoring-metrics-types.html", set(), {"FunctionName"}],
    ("AWS/Lambda", "IteratorAge"): [f"{_AWS}/lambda/latest/dg/monitoring-metrics-types.html", {"FunctionName"}],
    **{
        ("AWS/SQS", name): [
            f"{_AWS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
            {"QueueName"},
        ]
        for name in ("ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible")
    },
    **{
        ("AWS/DynamoDB", name): [
            f"{_AWS}/amazondynamodb/latest/developerguide/metrics-dimensions.html",
            {"TableName"},
            {"TableName", "GlobalSecondaryIndexName"},
        ]
        for name in ("ReadThrottleEvents", "WriteThrottleEvents")
    },
    # Written for each configuration set that asks for it (`ReputationMetricsEnabled`), and once for the account.
    **{
        ("AWS/SES", f"Reputation.{name}"): [
            f"{_AWS}/ses/latest/dg/reputationdashboard-cloudwatch-alarm.html",
            {"ses:configuration-set"},
        ]
        for name in ("BounceRate", "ComplaintRate")
    },
}
"""Metrics that AWS writes: the page that says so, and the sets of dimensions that it writes them with."""

WRITTEN_BY = {
    "ServerErrors": "scheduled_calls/get/call",
    "SweepBehindSeconds": "timers/sweep/every_minute",
    "WakeUpsOverdue": "timers/sweep/every_minute",
    "RemindersSent": "reminders/send/due",
    "RemindersFailed": "reminders/send/due",
    "RemindersPlanned": "reminders/send/due",
    "DialsAsked": "dialing/place_call/due",
    "DialsRefused": "dialing/place_call/due",
    "DialsUnknown": "dialing/place_call/due",
}
"""Our metrics that alarms watch, and the event whose handler writes each."""

NAMED = {
    "ApiId": ("AWS::Serverless::HttpApi", None),
    "FunctionName": ("AWS::Serverless::Function", None),
    "TableName": ("AWS::DynamoDB::Table", None),
    "QueueName": ("AWS::SQS::Queue", "QueueName"),
    "ses:configuration-set": ("AWS::SES::ConfigurationSet", None),
}
"""The type of resource that a dimension names, and by which attribute; None: by its reference."""

PRODUCTION = {"Stage": "production", "AWS::StackName": "slotline-production"}
STAGING = {"Stage": "staging", "AWS::StackName": "slotline-staging"}
SECOND = {"Stage": "production", "AWS::StackName": "slotline-second"}


def _named(arn: Any) -> str:
    """The resource that an ARN is taken of."""
    name = arn["Fn::GetAtt"][0]
    assert isinstance(name, str)
    return name


def _dead_letters(queue: str) -> str | None:
    policy = QUEUES[queue].get("RedrivePolicy")
    return _named(policy["deadLetterTargetArn"]) if policy else None


def _where_failures_go() -> dict[str, str]:
    """By what brings work to a function, or by a function's own settings: the queue of what failed."""
    found = {queue: letters for queue in QUEUES if (letters := _dead_letters(queue))}
    for name, source in _of_type("AWS::Lambda::EventSourceMapping").items():
        if "DestinationConfig" in source:
            found[name] = _named(source["DestinationConfig"]["OnFailure"]["Destination"])
    for name, config in _of_type("AWS::Lambda::EventInvokeConfig").items():
        if to := config.get("DestinationConfig", {}).get("OnFailure"):
            found[name] = _named(to["Destination"])
    return found


def test_a_message_or_a_record_that_fails_is_kept_somewhere():
    sources = _of_type("AWS::Lambda::EventSourceMapping")
    from_queues = {_named(source["EventSourceArn"]) for source in sources.values() if _is_queue(source)}
    from_streams = {name for name, source in sources.items() if not _is_queue(source)}
    assert from_queues
    assert from_streams
    assert from_queues | from_streams <= _where_failures_go().keys()


def _is_queue(source: dict[str, Any]) -> bool:
    return source["EventSourceArn"]["Fn::GetAtt"][0] in QUEUES


def test_these_are_the_alarms_and_queues_of_the_stack_and_where_its_failures_go():
    assert _of_type("AWS::CloudWatch::Alarm") == ALARMS
    assert _of_type("AWS::SQS::Queue") == QUEUES
    assert sorted(set(_where_failures_go().values())) == DEAD_LETTERS


@pytest.mark.parametrize("letters", DEAD_LETTERS)
def test_one_dead_letter_is_an_alarm(letters: str):
    watching = [
        alarm
        for alarm in ALARMS.values()
        if alarm.get("Dimensions") == [{"Name": "QueueName", "Value": {"Fn::GetAtt": [letters, "QueueName"]}}]
    ]
    (alarm,) = watching
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_calls_somebody_and_says_when_it_is_over(name: str):
    topic = [{"Ref": "AlarmTopic"}]
    assert (ALARMS[name]["AlarmActions"], ALARMS[name]["OKActions"]) == (topic, topic)


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_the_runbook_says_what_an_alarm_means_and_what_to_do(name: str):
    assert re.search(rf"^\|[^|]*`{name}`[^|]*\|[^|]+\|[^|]+\|$", RUNBOOK, re.MULTILINE)


def _by_metric(ours: bool) -> list[Any]:
    """Each alarm's metrics: those that our functions write, or those that AWS writes."""
    return [
        pytest.param(name, one, id=f"{name}-{one.kind[1]}-{number}")
        for name, alarm in sorted(ALARMS.items())
        for number, one in enumerate(watched(alarm))
        if (one.kind[0] == "Slotline") is ours and name != "FunctionFailuresAlarm"
    ]


@pytest.mark.parametrize(("name", "metric"), _by_metric(ours=True))
def test_the_runbook_explains_the_metric_that_an_alarm_watches(name: str, metric: Watched):
    assert re.search(rf"^\|[^|]*`{metric.kind[1]}`[^|]*\|[^|]+\|$", RUNBOOK, re.MULTILINE), name


def _environment(folder: str, stack: dict[str, str]) -> dict[str, str]:
    """What tells a function of this stack which one it is of, as the template says it."""
    found = deployed()[functions()[folder].logical_id]["Properties"]["Environment"]["Variables"]
    return {variable: resolved(found[variable], stack) for variable in ("STAGE", "STACK")}


def _run(world: World, event: str, stack: dict[str, str]) -> None:
    """Run the real handler as a function of this stack."""
    folder = event.rpartition("/")[0]
    observability.metrics.forget()  # an earlier test's, which may be of another stack
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in _environment(folder, stack).items():
            patch.setenv(variable, value)
        world.invoke(folder, world.event(event))


@pytest.fixture
def writes(world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What the function that writes a metric writes, if it is of this stack."""

    def explode() -> None:
        raise RuntimeError

    def output(name: str, stack: dict[str, str]) -> str:
        if name == "ServerErrors":
            monkeypatch.setattr(common, "settings", explode)
        _run(world, WRITTEN_BY[name], stack)
        return capsys.readouterr().out

    return output


@pytest.mark.parametrize(("name", "metric"), _by_metric(ours=True))
def test_a_function_writes_the_metric_that_an_alarm_watches(name: str, metric: Watched, writes: Callable[..., str]):
    """The same namespace, name and dimensions, each and no more: CloudWatch takes anything else for another metric."""
    output = writes(metric.kind[1], PRODUCTION)
    assert metric.in_stack(PRODUCTION) in written(output)
    if "Unit" in ALARMS[name]:
        assert ALARMS[name]["Unit"] == units(output)[metric.kind[1]]


@pytest.mark.parametrize("other", [STAGING, SECOND], ids=["another stage", "another stack of the stage"])
@pytest.mark.parametrize(("name", "metric"), _by_metric(ours=True))
def test_no_alarm_takes_another_stacks_metric_for_its_own(
    name: str, metric: Watched, other: dict[str, str], writes: Callable[..., str]
):
    found = written(writes(metric.kind[1], other))
    assert metric.in_stack(other) in found, name
    assert metric.in_stack(PRODUCTION) not in found, name


def test_a_call_that_its_carrier_may_take_later_counts_as_refused(world: World, capsys: pytest.CaptureFixture[str]):
    """Its status says that it is scheduled, as that of a call which waits for its number's pace does."""
    _run(world, "dialing/place_call/due", PRODUCTION)
    found = {metric.name: values for metric, values in written(capsys.readouterr().out).items()}
    assert (found["DialsAsked"], found["DialsRefused"]) == ([1, 1], [1, 0])
    assert "DialsFailed" not in found


def test_seconds_are_seconds(world: World, capsys: pytest.CaptureFixture[str]):
    _run(world, "timers/sweep/every_minute", PRODUCTION)
    assert units(capsys.readouterr().out) == {"WakeUpsOverdue": "Count", "SweepBehindSeconds": "Seconds"}


@pytest.mark.parametrize("folder", sorted(functions()))
def test_every_function_knows_its_stage_and_its_stack(folder: str):
    assert _environment(folder, STAGING) == {"STAGE": "staging", "STACK": "slotline-staging"}


@pytest.mark.parametrize(("name", "metric"), _by_metric(ours=False))
def test_an_alarm_on_a_metric_of_aws_names_what_the_documentation_has_and_a_resource_of_the_stack(
    name: str, metric: Watched
):
    page, *sets = DOCUMENTED[metric.kind]
    assert str(page).startswith("https://docs.aws.amazon.com/")
    assert set(metric.dimensions) in sets, name
    for dimension, value in metric.dimensions.items():
        if dimension == "GlobalSecondaryIndexName":
            table = template()["Resources"][metric.dimensions["TableName"]["Ref"]]["Properties"]
            assert value in {index["IndexName"] for index in table["GlobalSecondaryIndexes"]}
        else:
            kind, attribute = NAMED[dimension]
            if "Fn::If" in value:  # the operator's own, or else the stack's
                value = value["Fn::If"][-1]  # noqa: PLW2901 - the choice in place of both
            (named,) = [value["Fn::GetAtt"]] if attribute else [[value["Ref"]]]
            assert template()["Resources"][named[0]]["Type"] == kind
            assert named[1:] == ([attribute] if attribute else [])


def test_nothing_is_listed_that_no_alarm_watches():
    kinds = {one.kind for alarm in ALARMS.values() for one in watched(alarm) if isinstance(one.kind[0], str)}
    assert DOCUMENTED.keys() == {kind for kind in kinds if kind[0].startswith("AWS/")}
    assert WRITTEN_BY.keys() == {name for namespace, name in kinds if namespace == "Slotline"}


@pytest.mark.parametrize("name", sorted(name for name, alarm in ALARMS.items() if "Metrics" in alarm))
def test_an_expression_reads_at_most_ten_metrics_and_returns_one_value(name: str):
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html"""
    metrics = ALARMS[name]["Metrics"]
    read = [one for one in metrics if "MetricStat" in one]
    assert len(read) <= 10
    assert [one["Id"] for one in metrics if one.get("ReturnData", True)] == ["watched"]
    assert len({one["MetricStat"]["Period"] for one in read}) == 1
    if "METRICS()" not in metrics[0]["Expression"]:
        assert {one["Id"] for one in read} <= set(re.findall(r"[a-z_]+", metrics[0]["Expression"]))


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_cloudwatch_takes_the_time_that_an_alarm_looks_at(name: str):
    """Metrics of AWS come by the minute, and an alarm looks at a day at most (API reference, PutMetricAlarm)."""
    alarm = ALARMS[name]
    of_metrics = [one["MetricStat"]["Period"] for one in alarm.get("Metrics", []) if "MetricStat" in one]
    (period,) = set(of_metrics or [alarm["Period"]])
    assert period % 60 == 0
    assert period * alarm["EvaluationPeriods"] <= 86400
    assert 1 <= alarm.get("DatapointsToAlarm", 1) <= alarm["EvaluationPeriods"]


@pytest.mark.parametrize("name", sorted(name for name, alarm in ALARMS.items() if "FILL" in json.dumps(alarm)))
def test_an_alarm_that_fills_gaps_does_not_rest_on_the_newest_minutes(name: str):
    """They are gaps until the metric arrives, so an alarm on them alone would stay OK for ever.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html, FILL: take M out of N.
    """
    looked_at = ALARMS[name]["EvaluationPeriods"]
    assert looked_at - ALARMS[name].get("DatapointsToAlarm", looked_at) >= 2


def _plain(value: Any) -> Any:
    """A value as the service gets it: some text in the place of each reference."""
    match value:
        case {"Ref": _} | {"Fn::Sub": _} | {"Fn::GetAtt": _} | {"Fn::If": _}:
            return "resolved"
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
    return value


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_cloudwatch_takes_the_alarm(name: str):
    """By the service's own model, as the SDK has it."""
    model = boto3.client("cloudwatch", region_name=REGION).meta.service_model
    asked = {"AlarmName": name, **_plain(ALARMS[name])}
    report = ParamValidator().validate(asked, model.operation_model("PutMetricAlarm").input_shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize(
    ("name", "quiet", "loud"),
    [
        ("ApiErrorsAlarm", {"errors": 2, "answers": 2}, {"errors": 3, "answers": 3}),
        ("ApiErrorsAlarm", {"errors": 10, "answers": 1000}, {"errors": 11, "answers": 1000}),
        (
            "RemindersNotSentAlarm",
            {"failed": 10, "planned": 0, "sent": 0},
            {"failed": 5, "planned": 6, "sent": 10},
        ),
        ("RemindersNotSentAlarm", {"failed": 0, "planned": 20, "sent": 20}, {"failed": 0, "planned": 21, "sent": 20}),
        ("DialsRefusedAlarm", {"refused": 10, "asked": 10}, {"refused": 11, "asked": 11}),
        ("DialsRefusedAlarm", {"refused": 20, "asked": 40}, {"refused": 21, "asked": 41}),
    ],
)
def test_a_share_rings_once_it_is_large_and_made_of_more_than_a_few(
    name: str, quiet: dict[str, float], loud: dict[str, float]
):
    assert not is_over(ALARMS[name], quiet)
    assert is_over(ALARMS[name], loud)


@pytest.mark.parametrize(
    ("name", "threshold"),
    [("StreamsBehindAlarm", 120_000), ("WakeUpsWaitAlarm", 1800), ("LongWorkWaitsAlarm", 3600)],
)
def test_any_one_of_the_metrics_rings(name: str, threshold: int):
    ids = [one["Id"] for one in ALARMS[name]["Metrics"] if "MetricStat" in one]
    assert not is_over(ALARMS[name], dict.fromkeys(ids, threshold))
    for late in ids:
        assert is_over(ALARMS[name], {**dict.fromkeys(ids, 0), late: threshold + 1})


def _values(dimension: str, *names: str) -> list[Any]:
    return [one.dimensions[dimension] for name in names for one in watched(ALARMS[name])]


def test_every_queue_of_work_is_watched_for_what_waits_in_it():
    waiting = [value["Fn::GetAtt"][0] for value in _values("QueueName", "WakeUpsWaitAlarm", "LongWorkWaitsAlarm")]
    assert sorted(waiting) == sorted(name for name in QUEUES if _dead_letters(name))


@pytest.mark.parametrize("name", ["WakeUpsWaitAlarm", "LongWorkWaitsAlarm"])
def test_a_message_that_is_held_back_and_fails_once_rings_nobody(name: str):
    for value in _values("QueueName", name):
        queue = QUEUES[value["Fn::GetAtt"][0]]
        assert LONGEST_DELAY_SECONDS + queue["VisibilityTimeout"] <= ALARMS[name]["Threshold"]
        assert ALARMS[name]["Threshold"] < queue["MessageRetentionPeriod"] / 10


def test_every_function_that_a_stream_brings_changes_to_is_watched_for_how_far_behind_it_is():
    streams = [one for one in _of_type("AWS::Lambda::EventSourceMapping").values() if not _is_queue(one)]
    fed = {name for stream in streams for name in re.findall(r"\w+?Function", json.dumps(stream["FunctionName"]))}
    assert len(fed) == 3
    assert {value["Ref"] for value in _values("FunctionName", "StreamsBehindAlarm")} == fed


@pytest.mark.parametrize("name", ["StoreReadsThrottledAlarm", "StoreWritesThrottledAlarm"])
def test_every_table_and_each_of_its_indexes_is_watched_for_throttling(name: str):
    found = [
        (one.dimensions["TableName"]["Ref"], one.dimensions.get("GlobalSecondaryIndexName"))
        for one in watched(ALARMS[name])
    ]
    tables = {table: template()["Resources"][table]["Properties"] for table in TABLES}
    there: list[tuple[str, str | None]] = [(table, None) for table in tables]
    for table, properties in tables.items():
        there += [(table, index["IndexName"]) for index in properties.get("GlobalSecondaryIndexes", [])]
    assert sorted(found, key=str) == sorted(there, key=str)


def test_a_sweep_that_does_not_run_is_an_alarm_too():
    """It is what finds everything that nobody woke: where it stops, nothing else would say so."""
    assert ALARMS["SweepBehindAlarm"]["TreatMissingData"] == "breaching"
