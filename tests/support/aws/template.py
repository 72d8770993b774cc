"""template.yaml as CloudFormation gets it: SAM's own transform, without an account and without a network."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

from local.template import Template, read_template
from tests.support.aws.moto_tables import REGION, ROOT, template

FUNCTION = "AWS::Serverless::Function"
RELEASE = "0123456789abcdef"
_MANAGED = ("AWSLambdaBasicExecutionRole", "AWSXRayDaemonWriteAccess", "AWSXrayWriteOnlyAccess")


@dataclass(frozen=True)
class Function:
    """A function as the template has it."""

    logical_id: str
    folder: str
    own: dict[str, Any]

    @property
    def routes(self) -> list[str]:
        """The keys of the routes that it answers."""
        return [route.key for route in _as_read_locally().routes if route.function == self.logical_id]

    @property
    def sources(self) -> set[str]:
        """The types of the resources that Lambda reads in its name, such as AWS::SQS::Queue."""
        resources = template()["Resources"].values()
        mappings = [one["Properties"] for one in resources if one["Type"] == "AWS::Lambda::EventSourceMapping"]
        return {
            template()["Resources"][mapping["EventSourceArn"]["Fn::GetAtt"][0]]["Type"]
            for mapping in mappings
            if mapping["FunctionName"] == {"Ref": f"{self.logical_id}.Alias"}
        }


@cache
def _as_read_locally() -> Template:
    return read_template(ROOT / "template.yaml")


@cache
def transformed(stage: str = "production", **parameters: str) -> dict[str, Any]:
    """The template of the stack of this stage and these parameters, conditions still in it."""
    import boto3  # none of these at everybody's start: most who read the template need no transform
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    managed = {name: f"arn:aws:iam::aws:policy/{name}" for name in _MANAGED}
    manifest = deepcopy(template())
    for resource in manifest["Resources"].values():  # `sam package` would have put the code there
        for name in {"CodeUri", "ContentUri"} & resource.get("Properties", {}).keys():
            resource["Properties"][name] = "s3://code/key"
    translator = Translator(managed, Parser(), boto_session=boto3.Session(region_name=REGION))
    whole: dict[str, Any] = translator.translate(manifest, {"Stage": stage, "Release": RELEASE, **parameters})
    return whole


def deployed(stage: str = "production") -> dict[str, Any]:
    """Its resources."""
    resources: dict[str, Any] = transformed(stage)["Resources"]
    return resources


@cache
def functions() -> dict[str, Function]:
    """The template's functions by their folder under functions/."""
    found = [
        Function(name, resource["Properties"]["CodeUri"].removeprefix("functions/"), resource["Properties"])
        for name, resource in template()["Resources"].items()
        if resource["Type"] == FUNCTION
    ]
    return {function.folder: function for function in found}


def folders() -> list[str]:
    """The folders under functions/ that hold a function."""
    return sorted(path.parent.relative_to(ROOT / "functions").as_posix() for path in ROOT.glob("functions/*/*/app.py"))


def statements(function: Function) -> list[dict[str, Any]]:
    """What the function's role allows beyond writing its logs and traces."""
    role = deployed()[f"{function.logical_id}Role"]["Properties"]
    found = [
        statement for policy in role.get("Policies", []) for statement in _list(policy["PolicyDocument"]["Statement"])
    ]
    return [chosen for statement in found for chosen in _chosen(statement)]


def _chosen(value: Any) -> list[Any]:
    """A value, or what it is under whichever condition."""
    if isinstance(value, dict) and "Fn::If" in value:
        return [chosen for choice in value["Fn::If"][1:] for chosen in _chosen(choice)]
    return [] if value == {"Ref": "AWS::NoValue"} else [value]


def grants(function: Function) -> set[tuple[str, str]]:
    """The function's (verb, resource) pairs; a resource is a logical id, with what follows its ARN."""
    return {
        (verb, named)
        for statement in statements(function)
        for verb in _list(statement["Action"])
        for resource in _list(statement["Resource"])
        for named in _names(resource)
    }


def _names(resource: Any) -> Iterator[str]:
    """The logical id in an ARN's intrinsic function, whatever the conditions say."""
    match resource:
        case {"Fn::GetAtt": [name, "Arn"]}:
            yield name
        case {"Fn::GetAtt": [name, "StreamArn"]}:
            yield f"{name}/stream"
        case {"Fn::Sub": str(text)} if text.startswith("arn:") and text.endswith("/*"):
            yield text.rpartition("${")[2].partition("}")[0].removesuffix("Id")
        case {"Fn::Sub": str(text)} if text.startswith("arn:"):
            yield text.rpartition("/")[2].strip("${}").removesuffix("Id")
        case {"Fn::Sub": str(text)}:
            yield text.replace("${", "").replace(".Arn}", "")
        case {"Fn::If": [_, *choices]}:
            for choice in choices:
                yield from _names(choice)
        case {"Ref": "AWS::NoValue"}:
            return
        case {"Ref": str(parameter)}:
            yield parameter
        case _:
            yield str(resource)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
