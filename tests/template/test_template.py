"""What every function and table of the stack must have, read from what SAM makes of template.yaml."""

import subprocess
import sys

import pytest

from tests.support.aws.moto_tables import ROOT, TABLES
from tests.support.aws.template import deployed, folders, functions, template

STREAMED = {"SchedulingTable", "DialingTable"}


def test_every_folder_is_a_function_and_every_function_a_folder():
    assert folders() == sorted(functions())


@pytest.mark.parametrize("folder", folders())
def test_a_function_is_built_the_same_way_as_every_other(folder: str):
    function = deployed()[functions()[folder].logical_id]["Properties"]
    assert function["Architectures"] == ["arm64"]
    assert function["Runtime"] == "python3.13"
    assert function["Handler"] == "app.handler"
    assert function["TracingConfig"] == {"Mode": "Active"}
    logs = {"LogFormat": "JSON", "LogGroup": {"Ref": "FunctionLogs"}, "SystemLogLevel": "INFO"}
    assert function["LoggingConfig"] == logs
    assert len(function["Layers"]) == 1
    assert function["Timeout"] < 30 or not functions()[folder].routes, "API Gateway waits no longer"
    assert functions()[folder].own["Description"]


def test_logs_are_not_kept_for_ever():
    groups = [found["Properties"] for found in deployed().values() if found["Type"] == "AWS::Logs::LogGroup"]
    assert len(groups) == 2
    assert all(group["RetentionInDays"] == {"Ref": "LogRetentionDays"} for group in groups)
    assert template()["Parameters"]["LogRetentionDays"]["Default"] > 0


def test_the_layer_runs_where_the_functions_run():
    (layer,) = [found for found in template()["Resources"].values() if found["Type"] == "AWS::Serverless::LayerVersion"]
    assert layer["Metadata"] == {"BuildMethod": "python3.13", "BuildArchitecture": "arm64"}
    assert layer["Properties"]["CompatibleArchitectures"] == ["arm64"]


def test_these_are_the_tables():
    found = {name for name, resource in deployed().items() if resource["Type"] == "AWS::DynamoDB::Table"}
    assert found == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_encrypted_backed_up_and_kept(name: str):
    table = deployed()[name]
    properties = table["Properties"]
    assert properties["SSESpecification"]["SSEEnabled"] is True
    assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert properties["DeletionProtectionEnabled"] == {"Fn::If": ["IsProduction", True, False]}
    assert table["DeletionPolicy"] == "RetainExceptOnCreate"
    assert table["UpdateReplacePolicy"] == "Retain"
    assert ("StreamSpecification" in properties) == (name in STREAMED)


def test_a_streamed_table_tells_what_was_and_what_is():
    for name in STREAMED:
        assert deployed()[name]["Properties"]["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_production_means_production():
    assert template()["Conditions"]["IsProduction"] == {"Fn::Equals": [{"Ref": "Stage"}, "production"]}


def test_the_signing_key_outlives_the_stack():
    key = deployed()["SigningKey"]
    assert key["UpdateReplacePolicy"] == "Retain"
    assert key["Properties"]["KeySpec"] == "ECC_NIST_P256"


def test_no_handler_reads_the_environment_when_it_is_imported():
    program = (
        "import importlib.util, os, sys; os.environ.clear()\n"
        "for path in sys.argv[1:]:\n"
        "    spec = importlib.util.spec_from_file_location('app', path)\n"
        "    spec.loader.exec_module(importlib.util.module_from_spec(spec))\n"
    )
    paths = [str(ROOT / "functions" / folder / "app.py") for folder in folders()]
    layer = str(ROOT / "layers/common/python")
    done = subprocess.run(
        [sys.executable, "-c", program, *paths], env={"PYTHONPATH": layer}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
