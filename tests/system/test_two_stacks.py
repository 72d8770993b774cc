"""Two stacks of different stages in one account: both are created, both book, and neither hides behind the other.

The emulator is the account: it keeps the names and the metrics of both. Each stack has functions of its own.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.process import RunningSystem, running_system
from tests.support.aws.alarms import written
from tests.support.worlds.api import own_app, said
from tests.support.worlds.later import Later, lines_of_functions, until

pytestmark = [pytest.mark.system, pytest.mark.slow]

STAGES = ("staging", "production")
START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=365)
IN_PLACES_OF_THEIR_OWN = {"$default"}
"""What both have: the name of an HTTP API's stage, in the API."""


@dataclass(frozen=True)
class Stack:
    """A stack that runs."""

    system: RunningSystem

    def client(self, service: str) -> Any:
        """A client of the emulator that both are in."""
        return Later(self.system).client(service)

    @property
    def resources(self) -> Mapping[str, str]:
        """Physical ids by logical ids."""
        return self.system.system.resources

    def output(self) -> str:
        """What its functions have written so far."""
        return "".join(f"{line}\n" for line in lines_of_functions(self.system))

    def alarm(self, logical_id: str) -> dict[str, Any]:
        """An alarm as it was created."""
        found = self.client("cloudwatch").describe_alarms(AlarmNames=[self.resources[logical_id]])["MetricAlarms"]
        (alarm,) = found
        return dict(alarm)

    def seen_by(self, alarm: Mapping[str, Any], since: datetime) -> list[dict[str, Any]]:
        """What CloudWatch has of the metric that an alarm watches."""
        named = {name: alarm[name] for name in ("Namespace", "MetricName", "Dimensions")}
        window = {"StartTime": since, "EndTime": since + timedelta(hours=1), "Period": 60}
        answer = self.client("cloudwatch").get_metric_statistics(**named, **window, Statistics=[alarm["Statistic"]])
        points: list[dict[str, Any]] = answer["Datapoints"]
        return points

    @property
    def schedule(self) -> dict[str, str]:
        """What wakes its sweep."""
        group, name = (self.resources[one] for one in ("DueSchedules", "SweepFunctionEveryMinute"))
        return {"GroupName": group.rpartition("/")[2], "Name": name.rpartition("/")[2]}

    def sweep(self) -> None:
        """Run its sweep, as its schedule does."""
        answer = self.client("lambda").invoke(FunctionName=self.resources["SweepFunction"], Payload=b"{}")
        assert "FunctionError" not in answer, answer["Payload"].read()


@pytest.fixture(scope="module")
def stacks() -> Iterator[dict[str, Stack]]:
    """Both, by their stages. Each sweeps when a test says so."""
    found: dict[str, Stack] = {}
    with ExitStack() as running:
        for stage in STAGES:
            emulator = next(iter(found.values())).system.emulator_url if found else ""
            system = running_system(
                120, seed="", environments=8, stack_name=f"slotline-{stage}", stage=stage, emulator=emulator
            )
            stack = Stack(running.enter_context(system))
            found[stage] = stack
        for stack in found.values():  # not before both are there: neither takes the other's
            stack.client("scheduler").delete_schedule(**stack.schedule)
        yield found


def collect(stacks: Mapping[str, Stack], written_before: Mapping[str, int]) -> None:
    """Put what the functions wrote since then into the account's CloudWatch, as it does with lines of the format."""
    for stage, stack in stacks.items():
        for metric, values in written(stack.output()[written_before[stage] :]).items():
            dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
            data = [{"MetricName": metric.name, "Dimensions": dimensions, "Value": value} for value in values]
            stack.client("cloudwatch").put_metric_data(Namespace=metric.namespace, MetricData=data)


def test_both_are_created_and_share_no_name(stacks: dict[str, Stack]) -> None:
    staging, production = (stacks[stage].resources for stage in STAGES)
    assert len(staging) == len(production)
    assert {*staging.values()} & {*production.values()} == IN_PLACES_OF_THEIR_OWN


def test_both_take_the_same_hour_and_neither_lets_the_others_client_in(stacks: dict[str, Stack]) -> None:
    apps = {stage: own_app(stack.system) for stage, stack in stacks.items()}
    clients = {stage: app.client() for stage, app in apps.items()}
    with clients["staging"] as staging, clients["production"] as production:
        for stage, api in clients.items():
            booked = api.book(apps[stage].agent_ids[0], START)
            assert api.ask("GET", booked).status_code == 200
            assert said(api.create(apps[stage].agent_ids[0], START))[:2] == (409, "conflict")
        theirs = {"Authorization": staging.client.headers["Authorization"]}
        assert production.client.get(production.path, headers=theirs).status_code == 401


def test_a_dead_sweep_does_not_hide_behind_the_other_stacks(stacks: dict[str, Stack]) -> None:
    began = datetime.now(UTC) - timedelta(minutes=1)
    before = {stage: len(stack.output()) for stage, stack in stacks.items()}
    alive, dead = stacks["staging"], stacks["production"]
    alive.sweep()
    until(lambda: "SweepBehindSeconds" in alive.output()[before["staging"] :], "the sweep's metric")
    collect(stacks, before)
    alarms = {stage: stack.alarm("SweepBehindAlarm") for stage, stack in stacks.items()}
    (point,) = alive.seen_by(alarms["staging"], began)
    assert point["Maximum"] < alarms["staging"]["Threshold"]
    assert dead.seen_by(alarms["production"], began) == []
    assert alarms["production"]["TreatMissingData"] == "breaching"


@pytest.mark.parametrize("stage", STAGES)
def test_each_alarm_on_a_metric_of_ours_names_its_own_stack(stacks: dict[str, Stack], stage: str) -> None:
    of_this = {"service": "slotline", "stage": stage, "stack": f"slotline-{stage}"}
    found = stacks[stage].client("cloudwatch").describe_alarms(AlarmNamePrefix=f"slotline-{stage}-")["MetricAlarms"]
    ours = [alarm for alarm in found if alarm["Namespace"] == "Slotline"]
    assert len(ours) >= 4
    for alarm in ours:
        assert {one["Name"]: one["Value"] for one in alarm["Dimensions"]} == of_this
