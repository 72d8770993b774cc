"""Deploys `template.yaml` into the emulator by CloudFormation, as a deployment to AWS would.

What the emulator need not or cannot play is taken out on the way: routes (the local gateway serves
them), layers and code (`local.host` runs the real files; each function only gets the address where), and
alarms on expressions. Several stacks may share one emulator, as they share an account.
"""

import contextlib
import copy
import json
import time
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local import carrier
from local.errors import LocalError
from local.host import shares
from local.options import DEFAULT_ENVIRONMENTS
from local.surroundings import GENESYS_SECRET_ID, REGION, RELAY_SECRET_ID, TWILIO_SECRET_ID, fake_account
from local.template import FUNCTION, HTTP_API, LAYER, Template

ALARM = "AWS::CloudWatch::Alarm"
BUCKET = "slotline-deployment"
LOCAL_RELEASE = "0" * 16
"""A stack of the emulator is created once and never updated, so nothing is published twice. It is the parameter's
default there too, because the emulator transforms the template before it looks at parameters."""
PROXY_VARIABLE = "MINISTACK_LAMBDA_PROXY_URL"
"""The emulator's public setting: forward a function's invocations to this address."""

_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Stack:
    """What was deployed."""

    functions: dict[str, str]
    """Physical names by logical id."""
    resources: dict[str, str]
    """Physical ids of everything, by logical id."""
    environment: dict[str, str]
    """What the functions find in their environment, references resolved."""


@dataclass(frozen=True, slots=True)
class Urls:
    """Where a stack is served."""

    base: str
    """As its users reach it."""
    functions: str
    """This plus a logical id runs that function."""


def deployable(template: Template, functions_url: str, environments: int) -> dict[str, Any]:
    """The template as the emulator gets it. `functions_url` plus a logical id runs that function.

    No mapping has a higher maximum than a function's share of the environments: the emulator then leaves in its queue
    what would only wait here, with its time running.
    """
    document = copy.deepcopy(template.document)
    document.get("Globals", {}).get("Function", {}).pop("Layers", None)
    document.get("Parameters", {}).get("Release", {})["Default"] = LOCAL_RELEASE
    resources = document["Resources"]
    for logical_id in [name for name, resource in resources.items() if _is_left_out(resource)]:
        del resources[logical_id]
    for logical_id, resource in resources.items():
        if resource["Type"] == HTTP_API:
            resource["Properties"].pop("DefinitionBody", None)
        if scaling := resource.get("Properties", {}).get("ScalingConfig"):
            most = min(int(scaling["MaximumConcurrency"]), shares.of_one_function(environments))
            scaling["MaximumConcurrency"] = most
        if resource["Type"] != FUNCTION:
            continue
        properties = resource["Properties"]
        properties.pop("CodeUri")
        properties.pop("Layers", None)
        properties["InlineCode"] = "# runs in local.host\n"
        variables = properties.setdefault("Environment", {}).setdefault("Variables", {})
        variables[PROXY_VARIABLE] = functions_url + logical_id
    return document


def _is_left_out(resource: dict[str, Any]) -> bool:
    return resource["Type"] == LAYER or (resource["Type"] == ALARM and "Metrics" in resource["Properties"])


def settings_of(stage: str, base_url: str, webhooks_to: str = "") -> dict[str, str]:
    """The parameters that a local stack is deployed with."""
    return {
        "Stage": stage,
        "Release": LOCAL_RELEASE,
        "ApiBaseUrl": base_url,
        "VideoBaseUrl": base_url,
        "WebhookAllowedNetworks": webhooks_to,
    }


def deploy(
    template: Template,
    emulator_url: str,
    urls: Urls,
    *,
    name: str,
    stage: str,
    webhooks_to: str = "",
    environments: int = DEFAULT_ENVIRONMENTS,
) -> Stack:
    """Create the stack of this name and wait for it. Raises LocalError with CloudFormation's own reason."""
    settings = settings_of(stage, urls.base, webhooks_to)
    declared = template.document.get("Parameters", {})
    try:
        cloudformation = _client("cloudformation", emulator_url)
        cloudformation.create_stack(
            StackName=name,
            TemplateURL=_put(
                emulator_url, name, json.dumps(deployable(template, urls.functions, environments), default=str)
            ),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in settings.items() if key in declared
            ],
            Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        _await_stack(cloudformation, name)
        found = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        resources = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}
        functions = {logical_id: resources[logical_id] for logical_id in template.functions}
        return Stack(functions, resources, _environment(_client("lambda", emulator_url), {*functions.values()}))
    except (BotoCoreError, ClientError) as error:
        raise LocalError(f"The template cannot be deployed: {error}") from error


def keep_secrets(emulator_url: str, relays: str) -> None:
    """Keep the credentials that the local Genesys and carrier are asked with, and the relays. Raises LocalError."""
    genesys = json.dumps({"client_id": "local", "client_secret": "local"})
    try:
        client = _client("secretsmanager", emulator_url)
        kept = {GENESYS_SECRET_ID: genesys, TWILIO_SECRET_ID: carrier.SECRET, RELAY_SECRET_ID: relays or "{}"}
        for name, secret in kept.items():
            with contextlib.suppress(client.exceptions.ResourceExistsException):  # another stack's, and the same
                client.create_secret(Name=name, SecretString=secret)
    except (BotoCoreError, ClientError) as error:
        raise LocalError(f"The emulator keeps no secret: {error}") from error


def _put(emulator_url: str, name: str, document: str) -> str:
    """Keep the template where CloudFormation reads it; in a request it takes 50 KB at most. Its URL."""
    s3 = _client("s3", emulator_url)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=f"{name}.json", Body=document.encode())
    return f"{emulator_url}/{BUCKET}/{name}.json"


def _client(service: str, emulator_url: str) -> Any:
    account = fake_account()
    config = Config(connect_timeout=2, read_timeout=60, retries={"total_max_attempts": 1})
    return boto3.client(
        service,  # type: ignore[call-overload]  # any service, by its name
        endpoint_url=emulator_url,
        region_name=REGION,
        aws_access_key_id=account["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=account["AWS_SECRET_ACCESS_KEY"],
        config=config,
    )


def _await_stack(cloudformation: Any, name: str) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        status = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        if status == "CREATE_COMPLETE":
            return
        if not status.endswith("IN_PROGRESS"):
            raise LocalError(f"The template cannot be deployed: {status}: {_reasons(cloudformation, name)}")
        time.sleep(0.02)
    raise LocalError(f"The template was not deployed within {_PATIENCE_SECONDS:.0f} seconds")


def _reasons(cloudformation: Any, name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    return "; ".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in events
        if event["ResourceStatus"].endswith("FAILED")
    )


def _environment(lambdas: Any, names: set[str]) -> dict[str, str]:
    """The variables of these functions together; reading the template made sure that they agree."""
    found: dict[str, str] = {}
    for page in lambdas.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            if function["FunctionName"] in names:
                found |= function.get("Environment", {}).get("Variables", {})
    found.pop(PROXY_VARIABLE, None)
    return found
