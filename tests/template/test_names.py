"""Two stacks of one account and region get along: nothing in the template has a name that is the same in both."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.aws.moto_tables import REGION
from tests.support.aws.template import template, transformed
from tools.release import LONGEST_STACK_NAME

WITHIN = {
    ("AWS::ApiGatewayV2::Stage", "StageName"): "of its API",
    ("AWS::CodeDeploy::DeploymentGroup", "DeploymentConfigName"): "AWS's own",
    ("AWS::CloudWatch::Alarm", "MetricName"): "what it looks at; its dimensions or its namespace have the stack",
    ("AWS::Route53::RecordSet", "Type"): "of its domain",
    ("AWS::Lambda::Alias", "Name"): "of its function",
    ("AWS::Lambda::EventInvokeConfig", "Qualifier"): "of its function",
}
"""Names that are no resource's own, or that another name of the stack is part of."""
BOTH = [{}, {"Canary": "true"}]


def _schema(kind: str) -> dict[str, Any]:
    """What CloudFormation's registry says of a type of resources."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # not at every worker's start: it takes two seconds

    schema: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    return schema


def _named(resource: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What names a resource: its type's identifiers in CloudFormation's registry, and properties called names."""
    schema = _schema(resource["Type"])
    identifiers = [
        *schema["primaryIdentifier"],
        *(one for more in schema.get("additionalIdentifiers", []) for one in more),
    ]
    own = {identifier.removeprefix("/properties/") for identifier in identifiers}
    for name, value in resource.get("Properties", {}).items():
        if (name in own or name.endswith("Name")) and (resource["Type"], name) not in WITHIN:
            yield name, value


def _is_of_one_stack(value: Any, resources: dict[str, Any]) -> bool:
    """Whether a name differs between stacks: by the stack's name, by a resource in it, or by an operator's choice."""
    operators = template()["Parameters"].keys() - {"Stage", "Release"}
    return bool(_references(value) & {"AWS::StackName", "AWS::StackId", *resources, *operators})


def _references(value: Any) -> set[str]:
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return {name}
        case {"Fn::Sub": str(text)}:
            return {part.partition("}")[0].partition(".")[0] for part in text.split("${")[1:]}
        case {"Fn::Sub": [str(text), dict(variables)]}:
            return _references({"Fn::Sub": text}) | _references(list(variables.values()))
        case dict():
            return _references(list(value.values()))
        case list():
            return set().union(*map(_references, value))
    return set()


def _fixed(whole: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    resources = whole["Resources"]
    return {
        logical_id: (name, value)
        for logical_id, resource in resources.items()
        for name, value in _named(resource)
        if not _is_of_one_stack(value, resources)
    }


@pytest.mark.parametrize("parameters", BOTH)
@pytest.mark.parametrize("stage", ["staging", "production"])
def test_no_resource_has_the_name_that_it_would_have_in_another_stack(stage: str, parameters: dict[str, str]) -> None:
    assert _fixed(transformed(stage, **parameters)) == {}


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("AWS::Scheduler::Schedule", "Name", "SweepFunctionEveryMinute"),
        ("AWS::Lambda::LayerVersion", "LayerName", "CommonLayer"),
        ("AWS::Lambda::Function", "FunctionName", {"Fn::Sub": "slotline-${Stage}-jwks"}),
        ("AWS::DynamoDB::Table", "TableName", "calls"),
        ("AWS::S3::Bucket", "BucketName", {"Fn::Join": ["-", ["uploads", {"Ref": "AWS::AccountId"}]]}),
        ("AWS::IAM::Role", "RoleName", "reader"),
    ],
)
def test_a_name_of_that_kind_would_be_found(kind: str, name: str, value: Any) -> None:
    assert _fixed({"Resources": {"One": {"Type": kind, "Properties": {name: value}}}}) == {"One": (name, value)}


def _too_long(resources: dict[str, Any], stack_name: str) -> set[str]:
    """The resources that get a name of the stack's which is longer than their type takes."""
    found = set()
    for logical_id, resource in resources.items():
        schema = _schema(resource["Type"])
        for name, value in resource.get("Properties", {}).items():
            match value:
                case {"Fn::Sub": str(text)} if "${AWS::StackName}" in text:
                    longest = schema["properties"][name].get("maxLength", 0)
                    if len(text.replace("${AWS::StackName}", stack_name)) > longest:
                        found.add(logical_id)
    return found


def test_the_longest_name_of_a_stack_leaves_room_for_the_names_made_of_it() -> None:
    resources = transformed(Canary="true")["Resources"]
    assert _too_long(resources, "x" * LONGEST_STACK_NAME) == set()
    assert "DueSchedules" in _too_long(resources, "x" * (LONGEST_STACK_NAME + 1))


def test_no_output_is_exported_under_a_name() -> None:
    # Exports share one list of names in an account and region.
    assert [name for name, output in transformed()["Outputs"].items() if "Export" in output] == []
