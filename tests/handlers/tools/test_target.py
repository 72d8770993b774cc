"""Which system a command is for."""

import json
from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import Stubber

from tests.handlers.tools.conftest import STACK
from tests.support.aws.moto_tables import REGION, TABLES
from tools import target as targets
from tools.__main__ import main
from tools.errors import ToolError
from tools.target import Target, target_of_local_system, target_of_stack

SYSTEM = {
    "emulator_url": "http://127.0.0.1:4566",
    "region": "us-east-1",
    "tables": {"scheduling": "s", "dialing": "d", "access": "a"},
    "more": "that is not read",
}


@pytest.fixture
def cloudformation(monkeypatch):
    """What CloudFormation will be asked, and will answer."""
    client = boto3.client("cloudformation", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(targets.boto3, "client", lambda *_, **__: client)
    with Stubber(client) as stubber:
        yield stubber


def stack(*outputs):
    described = {
        "StackName": STACK,
        "CreationTime": datetime(2026, 5, 1, tzinfo=UTC),
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [{"OutputKey": f"{name}Name", "OutputValue": name} for name in outputs],
    }
    return {"Stacks": [described]}


def test_a_stack_says_its_tables_itself(cloudformation):
    cloudformation.add_response("describe_stacks", stack(*TABLES, "Other"), {"StackName": STACK})
    assert target_of_stack(STACK, REGION) == Target(None, REGION, *TABLES)


def test_a_stack_of_another_template_is_refused(cloudformation):
    cloudformation.add_response("describe_stacks", stack("AccessTable"))
    with pytest.raises(ToolError, match="has no output SchedulingTableName, DialingTableName:"):
        target_of_stack(STACK, REGION)


def test_a_stack_that_is_not_there_is_named(cloudformation):
    cloudformation.add_client_error("describe_stacks", "ValidationError", "Stack nowhere does not exist")
    with pytest.raises(ToolError, match=r"^stack nowhere: Stack nowhere does not exist"):
        target_of_stack("nowhere", REGION)


def test_the_local_system_is_found_by_its_file(tmp_path):
    file = tmp_path / "system.json"
    file.write_text(json.dumps(SYSTEM))
    assert target_of_local_system(file) == Target("http://127.0.0.1:4566", "us-east-1", "s", "d", "a")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"tables": []}'])
def test_a_file_of_something_else_is_refused(tmp_path, text):
    file = tmp_path / "system.json"
    file.write_text(text)
    with pytest.raises(ToolError, match="does not describe a local system"):
        target_of_local_system(file)


def test_without_a_local_system_make_run_is_the_way(tmp_path):
    with pytest.raises(ToolError, match="make run"):
        target_of_local_system(tmp_path / "system.json")


@pytest.mark.parametrize("where", [[], ["--local", "--stack", "x"]])
def test_a_command_says_where(where, capsys):
    assert main([*where, "app", "show", "--app", "x"]) == 1
    assert capsys.readouterr().err.startswith("error: say where")


@pytest.mark.parametrize(("mine", "used"), [(None, "test"), ("AKIAMINE", "AKIAMINE")])
def test_an_emulator_is_given_credentials_where_there_are_none(monkeypatch, mine, used):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    if mine:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", mine)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setattr(targets.boto3, "DEFAULT_SESSION", None)
    client = Target("http://127.0.0.1:4566", "us-east-1", "s", "d", "a").client("dynamodb")
    assert client._request_signer._credentials.access_key == used
    assert client.meta.endpoint_url == "http://127.0.0.1:4566"
