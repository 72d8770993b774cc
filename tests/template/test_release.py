"""A release publishes every function if anything has changed that a function runs with, and none if nothing has."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.aws.moto_tables import ROOT
from tests.support.aws.template import FUNCTION, RELEASE, functions, template, transformed
from tools import release
from tools.release import parameters_of, release_of

LAYER = "CommonLayer/python/slotline/domain/rule.py"
FILES = {
    LAYER: "ANSWER = 42\n",
    "CommonLayer/python/botocore/data/endpoints.json": "{}",
    "JwksFunction/app.py": "from slotline.domain.rule import ANSWER\n",
    "template.yaml": "Resources: {}\n",
}
PARAMETERS = ["Stage=staging", "LogRetentionDays=30"]
LONGEST_DESCRIPTION = 256
"""Characters, of a Lambda function (CreateFunction)."""


def _build(folder: Path, **changed: str) -> Path:
    """A build of SAM's, in small."""
    for name, text in {**FILES, **changed}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def _published(digest: str) -> dict[str, str]:
    """The functions' versions in the transform, by function."""
    return {
        found["Properties"]["FunctionName"]["Ref"]: name
        for name, found in transformed(Release=digest)["Resources"].items()
        if found["Type"] == "AWS::Lambda::Version"
    }


def test_a_change_of_the_layer_alone_publishes_every_function(tmp_path: Path) -> None:
    before = _published(release_of(_build(tmp_path / "before"), PARAMETERS))
    after = _published(release_of(_build(tmp_path / "after", **{LAYER: "ANSWER = 43\n"}), PARAMETERS))
    assert before.keys() == after.keys() == {function.logical_id for function in functions().values()}
    assert set(before.values()).isdisjoint(after.values())


def test_equal_builds_publish_nothing(tmp_path: Path) -> None:
    here, there = _build(tmp_path / "here"), _build(tmp_path / "there")
    for path in there.rglob("*"):
        path.touch()
    assert release_of(here, PARAMETERS) == release_of(there, reversed(PARAMETERS))
    assert _published(release_of(here, PARAMETERS)) == _published(release_of(there, PARAMETERS))


@pytest.mark.parametrize(
    "changed",
    [
        lambda build: (build / "JwksFunction/app.py").write_text("pass\n"),
        lambda build: (build / "template.yaml").write_text("Resources: {Table: {}}\n"),
        lambda build: (build / LAYER).rename(build / "CommonLayer/python/slotline/domain/other.py"),
        lambda build: (build / LAYER).unlink(),
        lambda build: (build / "CommonLayer/python/slotline/more.py").touch(),
    ],
    ids=["a function", "the template", "a name", "a file less", "an empty file more"],
)
def test_whatever_changes_in_a_build_is_another_release(tmp_path: Path, changed: Callable[[Path], object]) -> None:
    build = _build(tmp_path)
    before = release_of(build, PARAMETERS)
    changed(build)
    assert release_of(build, PARAMETERS) != before


@pytest.mark.parametrize("parameters", [["Stage=staging"], [*PARAMETERS, "VideoBaseUrl=https://video.example.com"]])
def test_parameters_alone_are_another_release(tmp_path: Path, parameters: list[str]) -> None:
    build = _build(tmp_path)
    before, after = _published(release_of(build, PARAMETERS)), _published(release_of(build, parameters))
    assert set(before.values()).isdisjoint(after.values())


def test_every_function_is_published_by_the_release_and_knows_it() -> None:
    assert template()["Globals"]["Function"]["AutoPublishAlias"] == "live"
    for name, resource in template()["Resources"].items():
        if resource["Type"] == FUNCTION:  # SAM takes this one property from no Globals
            assert resource["Properties"]["AutoPublishCodeSha256"] == {"Ref": "Release"}, name
    for resource in _of_type("AWS::Lambda::Function").values():
        assert resource["Environment"]["Variables"]["RELEASE"] == {"Ref": "Release"}
        assert len(resource["Description"]) <= LONGEST_DESCRIPTION


def test_a_function_changes_with_each_release() -> None:
    # A version of an unchanged function fails: "A version for this Lambda function exists". SAM's way out is this.
    for function in _of_type("AWS::Lambda::Function").values():
        assert function["Description"].endswith(f" {RELEASE}")


def test_a_release_is_what_the_template_takes(tmp_path: Path) -> None:
    assert re.fullmatch(template()["Parameters"]["Release"]["AllowedPattern"], release_of(_build(tmp_path), PARAMETERS))


def test_whoever_calls_a_function_calls_its_alias() -> None:
    names = {function.logical_id for function in functions().values()}
    # A metric that names a function alone is of all its versions and aliases (Lambda's "Types of metrics").
    makers = {"AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig", "AWS::CloudWatch::Alarm"}
    unqualified = {
        name: found
        for name, resource in transformed()["Resources"].items()
        if resource["Type"] not in makers and (found := _references(resource) & names)
    }
    assert unqualified == {}
    assert {config["Qualifier"] for config in _of_type("AWS::Lambda::EventInvokeConfig").values()} == {"live"}
    assert {alias["Name"] for alias in _of_type("AWS::Lambda::Alias").values()} == {"live"}


CANARIES = {
    "AuthorizeFunction": "access",
    "CreateScheduledCallFunction": "booking",
    "CreateVideoCallFunction": "instant",
    "SendReminderFunction": "messages",
    "PlaceCallFunction": "dialing",
    "DeliverWebhookFunction": "webhooks",
}
"""The functions that a release reaches first, one of each context (decision 42)."""


def test_without_a_canary_nothing_of_it_is_in_the_stack() -> None:
    assert template()["Parameters"]["Canary"]["Default"] == "false"
    assert [kind for found in transformed()["Resources"].values() if "CodeDeploy" in (kind := found["Type"])] == []
    assert [name for name, found in transformed()["Resources"].items() if "UpdatePolicy" in found] == []


def test_a_canary_gets_a_tenth_of_the_calls_first_and_alarms_that_see_every_function_take_it_back() -> None:
    resources = transformed(Canary="true")["Resources"]
    canaries = {name: found["UpdatePolicy"] for name, found in resources.items() if "UpdatePolicy" in found}
    assert canaries.keys() == {f"{name}Aliaslive" for name in CANARIES}
    for policy in canaries.values():
        group = resources[policy["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]["Ref"]]["Properties"]
        assert group["DeploymentConfigName"]["Fn::Sub"][1] == {"ConfigName": "Canary10Percent5Minutes"}
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        alarms = [alarm["Name"]["Ref"] for alarm in group["AlarmConfiguration"]["Alarms"]]
        assert alarms == ["ServerErrorsAlarm", "FunctionFailuresAlarm"]
    for alarm in ("ServerErrorsAlarm", "FunctionFailuresAlarm"):
        settings = resources[alarm]["Properties"]
        assert settings["Period"] * settings["EvaluationPeriods"] < 300, "it would ring when all is over"


def _of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: found["Properties"] for name, found in transformed()["Resources"].items() if found["Type"] == kind}


def _references(value: Any) -> set[str]:
    """The logical ids that an intrinsic function in it names."""
    if isinstance(value, list):
        return set().union(*map(_references, value))
    if not isinstance(value, dict):
        return set()
    own: set[str] = set()
    if isinstance(value.get("Ref"), str):
        own = {value["Ref"]}
    if isinstance(value.get("Fn::GetAtt"), list):
        own = {value["Fn::GetAtt"][0]}
    if "Fn::Sub" in value:
        text = value["Fn::Sub"] if isinstance(value["Fn::Sub"], str) else value["Fn::Sub"][0]
        own = {name.split(".")[0] for name in re.findall(r"\$\{([^}!]+)\}", text)}
    return own.union(*map(_references, value.values()))


SAMCONFIG = """
version = 0.1
[staging.deploy.parameters]
parameter_overrides = ["Stage=staging", 'Networks="10.0.0.0/8, 192.168.0.0/16"']
[bare.deploy.parameters]
[odd.deploy.parameters]
parameter_overrides = "Stage=odd"
[filed.deploy.parameters]
parameter_overrides = ["file://parameters.yaml"]
[fixed.deploy.parameters]
parameter_overrides = ["Release=0123456789abcdef"]
"""


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    path = tmp_path / "samconfig.toml"
    path.write_text(SAMCONFIG)
    return path


def test_the_parameters_are_those_of_the_stage(configuration: Path) -> None:
    assert parameters_of(configuration, "staging") == ["Stage=staging", 'Networks="10.0.0.0/8, 192.168.0.0/16"']
    assert parameters_of(configuration, "bare") == []
    for stage in ("local", "staging", "production"):
        assert f"Stage={stage}" in parameters_of(ROOT / "samconfig.toml", stage)


@pytest.mark.parametrize(
    ("stage", "complaint"),
    [
        ("nowhere", r"has no \[nowhere.deploy.parameters\]"),
        ("odd", "must be a list"),
        ("filed", "must be a list"),
        ("fixed", "leave Release out of fixed"),
    ],
)
def test_what_no_release_can_be_made_of_is_told(configuration: Path, stage: str, complaint: str) -> None:
    with pytest.raises(SystemExit, match=complaint):
        parameters_of(configuration, stage)


def test_sam_is_given_all_parameters_and_the_release(configuration: Path, tmp_path: Path) -> None:
    build = _build(tmp_path / ".aws-sam" / "build")
    sam = tmp_path / "sam"
    sam.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n")
    sam.chmod(0o755)
    program = f"import pathlib; from tools import release; release.ROOT = pathlib.Path({str(tmp_path)!r}); "
    program += f"release.main(['staging', {str(sam)!r}])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    said, given = done.stdout.splitlines()
    expected = release_of(build, parameters_of(configuration, "staging"))
    assert said == f"Release {expected}"
    assert json.loads(given) == [
        *("deploy", "--config-env", "staging", "--parameter-overrides"),
        *("Stage=staging", 'Networks="10.0.0.0/8, 192.168.0.0/16"', f"Release={expected}"),
    ]


def test_without_a_build_nothing_is_deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match="no build to deploy"):
        release.main(["staging", "sam"])
