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
from tools.release import parameters_of, release_of, whole

LAYER = "CommonLayer/python/slotline/domain/rule.py"
FILES = {
    LAYER: "ANSWER = 42\n",
    "CommonLayer/python/botocore/data/endpoints.json": "{}",
    "JwksFunction/app.py": "from slotline.domain.rule import ANSWER\n",
    "template.yaml": """
Parameters:
  Stage: {Type: String, Default: staging}
  Release: {Type: String}
  Networks: {Type: String, Default: ""}
  Days: {Type: Number, Default: 30}
Resources: {}
""",
}
PARAMETERS = {"Stage": "staging", "LogRetentionDays": "30"}
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
    assert release_of(here, PARAMETERS) == release_of(there, dict(reversed(PARAMETERS.items())))
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


@pytest.mark.parametrize(
    "parameters",
    [
        {"Stage": "staging"},
        {**PARAMETERS, "VideoBaseUrl": "https://video.example.com"},
        {**PARAMETERS, "Stage": "local"},
    ],
)
def test_parameters_alone_are_another_release(tmp_path: Path, parameters: dict[str, str]) -> None:
    build = _build(tmp_path)
    before, after = _published(release_of(build, PARAMETERS)), _published(release_of(build, parameters))
    assert set(before.values()).isdisjoint(after.values())


def test_an_equal_build_is_published_once_more_if_somebody_asks_for_it(tmp_path: Path) -> None:
    # What CloudFormation took back has left its versions behind, and Lambda publishes no second one like the newest.
    build = _build(tmp_path)
    asked = [release_of(build, PARAMETERS, again) for again in ("", "1", "2")]
    assert len(set(asked)) == 3
    assert asked[0] == release_of(build, PARAMETERS)
    assert asked[1] == release_of(build, PARAMETERS, "1")


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
"""The functions that a release reaches first, one of each context (decision 35)."""


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
[misspelt.deploy.parameters]
parameter_overrides = ["networks=10.0.0.0/8"]
[fixed.deploy.parameters]
parameter_overrides = ["Release=0123456789abcdef"]
[long.deploy.parameters]
stack_name = "a-name-of-sixty-one-characters-which-is-one-more-than-there-a"
[twice.deploy.parameters]
parameter_overrides = ["Stage=staging", "Days=1", "Stage=production"]
"""


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    path = tmp_path / "samconfig.toml"
    path.write_text(SAMCONFIG)
    return path


def test_the_parameters_are_those_of_the_stage(configuration: Path) -> None:
    assert parameters_of(configuration, "staging") == {"Stage": "staging", "Networks": "10.0.0.0/8, 192.168.0.0/16"}
    assert parameters_of(configuration, "bare") == {}
    for stage in ("local", "staging", "production"):
        assert parameters_of(ROOT / "samconfig.toml", stage)["Stage"] == stage


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("One=10.0.0.0/8, 192.168.0.0/16", "10.0.0.0/8, 192.168.0.0/16"),
        ("One='10.0.0.0/8, 192.168.0.0/16'", "10.0.0.0/8, 192.168.0.0/16"),
        (" One=staging ", "staging"),
        ("One=", ""),
        ('One=""', ""),
        ("One=o'hara+calls@example.com", "o'hara+calls@example.com"),
        ("One=arn:aws:secretsmanager:eu-west-1:123456789012:secret:a=b-AbCdEf", None),
    ],
)
def test_a_value_may_hold_spaces_commas_quotes_and_equals_signs(tmp_path: Path, entry: str, value: str | None) -> None:
    path = tmp_path / "samconfig.toml"
    path.write_text(f"[one.deploy.parameters]\nparameter_overrides = [{json.dumps(entry)}]")
    assert parameters_of(path, "one") == {"One": entry.partition("=")[2] if value is None else value}


@pytest.mark.parametrize(
    "overrides",
    [
        '"Stage=odd Days=7"',
        '["file://parameters.yaml"]',
        '["file://a=b.yaml"]',
        '["Stage = staging"]',
        '["Stage=staging Days=7"]',
        """['Stage="staging" Days="7"']""",
        "['Stage=a\"b']",
        "['Stage=a\\b']",
        "[7]",
        "{Stage = 'staging'}",
    ],
)
def test_what_sam_would_take_for_something_else_is_refused(tmp_path: Path, overrides: str) -> None:
    path = tmp_path / "samconfig.toml"
    path.write_text(f"[one.deploy.parameters]\nparameter_overrides = {overrides}")
    with pytest.raises(SystemExit, match="one parameter an entry"):
        parameters_of(path, "one")


@pytest.mark.parametrize(
    ("stage", "complaint"),
    [
        ("nowhere", r"has no \[nowhere.deploy.parameters\]"),
        ("version", r"has no \[version.deploy.parameters\]"),
        ("fixed", "leave Release out of fixed"),
        ("twice", "twice has Stage twice"),
        ("long", "stack_name of long may have 60 characters at most"),
    ],
)
def test_what_no_release_can_be_made_of_is_told(configuration: Path, stage: str, complaint: str) -> None:
    with pytest.raises(SystemExit, match=complaint):
        parameters_of(configuration, stage)


@pytest.mark.parametrize("content", [None, "[staging.deploy"], ids=["no file", "no TOML"])
def test_a_configuration_that_cannot_be_read_is_told(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "samconfig.toml"
    if content:
        path.write_text(content)
    with pytest.raises(SystemExit, match=r"samconfig.toml cannot be read"):
        parameters_of(path, "staging")


def test_a_parameter_that_is_taken_out_goes_back_to_its_default(configuration: Path, tmp_path: Path) -> None:
    # Of one that it is not given, `sam deploy` takes what the stack has: a key that is deleted would be asked for ever.
    build = _build(tmp_path / "build")
    given = whole(build / "template.yaml", parameters_of(configuration, "staging"))
    assert given == {"Stage": "staging", "Networks": "10.0.0.0/8, 192.168.0.0/16", "Days": "30"}
    assert whole(build / "template.yaml", {"Stage": "staging"}) == {"Stage": "staging", "Networks": "", "Days": "30"}
    assert whole(ROOT / "template.yaml", {}).keys() == template()["Parameters"].keys() - {"Release"}


def test_a_default_that_is_written_out_is_no_other_release(tmp_path: Path) -> None:
    build = _build(tmp_path)
    bare, written = (whole(build / "template.yaml", given) for given in ({}, {"Stage": "staging", "Days": "30"}))
    assert release_of(build, bare) == release_of(build, written)


def test_a_parameter_that_the_template_lacks_or_that_has_no_value_is_told(configuration: Path, tmp_path: Path) -> None:
    built = _build(tmp_path / "build") / "template.yaml"
    with pytest.raises(SystemExit, match="no parameter networks"):  # SAM would pass over it
        whole(built, parameters_of(configuration, "misspelt"))
    built.write_text("Parameters: {Stage: {Type: String}}")
    with pytest.raises(SystemExit, match="Stage has no default"):
        whole(built, {})


@pytest.mark.parametrize("again", [[], [""], ["1"]])
def test_sam_is_given_all_parameters_and_the_release(configuration: Path, tmp_path: Path, again: list[str]) -> None:
    build = _build(tmp_path / ".aws-sam" / "build")
    sam = tmp_path / "sam"
    sam.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n")
    sam.chmod(0o755)
    program = f"import pathlib; from tools import release; release.ROOT = pathlib.Path({str(tmp_path)!r}); "
    program += f"release.main(['staging', {str(sam)!r}, *{again}])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    said, given = done.stdout.splitlines()
    parameters = whole(build / "template.yaml", parameters_of(configuration, "staging"))
    expected = release_of(build, parameters, *again)
    assert said == f"Release {expected}"
    command, overrides = json.loads(given)[:4], json.loads(given)[4:]
    assert command == ["deploy", "--config-env", "staging", "--parameter-overrides"]
    assert sorted(overrides) == [
        'Days="30"',
        'Networks="10.0.0.0/8, 192.168.0.0/16"',
        f'Release="{expected}"',
        'Stage="staging"',
    ]


def test_without_a_build_nothing_is_deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match="no build to deploy"):
        release.main(["staging", "sam"])
