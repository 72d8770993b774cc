"""Whoever is on call is told of what went wrong, and finds what to do about it."""

import re
from typing import Any

import pytest

from tests.support.aws.moto_tables import ROOT
from tests.support.aws.template import deployed, template

RUNBOOK = (ROOT / "docs/operating.md").read_text()


def _of_type(kind: str, resources: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    there = deployed() if resources is None else resources
    return {name: resource["Properties"] for name, resource in there.items() if resource["Type"] == kind}


# As the template has them: SAM's transform would take a second of everybody's start.
ALARMS = _of_type("AWS::CloudWatch::Alarm", template()["Resources"])
QUEUES = _of_type("AWS::SQS::Queue", template()["Resources"])
DEAD_LETTERS = sorted(name for name in QUEUES if name.endswith("DeadLetters"))


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


@pytest.mark.parametrize("name", sorted(name for name, alarm in ALARMS.items() if alarm["Namespace"] == "Slotline"))
def test_an_alarm_watches_a_metric_that_the_runbook_explains(name: str):
    assert re.search(rf"^\|[^|]*`{ALARMS[name]['MetricName']}`[^|]*\|[^|]+\|$", RUNBOOK, re.MULTILINE)


def test_a_sweep_that_does_not_run_is_an_alarm_too():
    """It is what finds everything that nobody woke: where it stops, nothing else would say so."""
    assert ALARMS["SweepBehindAlarm"]["TreatMissingData"] == "breaching"
