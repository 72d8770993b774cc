"""What CloudFormation gets: SAM's transform of template.yaml, linted. `sam validate` sees only what goes into it."""

import json

import pytest
from cfnlint.api import ManualArgs, lint

from tests.support.aws.moto_tables import REGION
from tests.support.aws.template import transformed

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("stage", "canary"), [("staging", "false"), ("production", "true")])
def test_no_resource_waits_for_itself_and_nothing_is_an_error(stage: str, canary: str) -> None:
    found = lint(json.dumps(transformed(stage, Canary=canary)), config=ManualArgs(regions=[REGION]))
    assert [str(fault) for fault in found if fault.rule.id.startswith("E")] == []


@pytest.mark.parametrize("through", ["a function's environment", "an alarm that takes a release back"])
def test_a_circle_would_be_found(through: str) -> None:
    template = json.loads(json.dumps(transformed(Canary="true")))
    if through == "a function's environment":
        function = template["Resources"]["CarrierStatusFunction"]["Properties"]
        function["Environment"]["Variables"]["API"] = {"Fn::Sub": "${HttpApi}"}
    else:
        group = template["Resources"]["AuthorizeFunctionDeploymentGroup"]["Properties"]
        group["AlarmConfiguration"]["Alarms"] = [{"Name": {"Ref": "ApiErrorsAlarm"}}]
    found = lint(json.dumps(template), config=ManualArgs(regions=[REGION]))
    assert {fault.rule.id for fault in found if fault.rule.id.startswith("E")} == {"E3004"}
