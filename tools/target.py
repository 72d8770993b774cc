"""Which system a command is for: a stack on AWS, or the one that runs on this machine."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tools import ROOT
from tools.errors import ToolError

SYSTEM_FILE = ROOT / ".local" / "system.json"
_OUTPUTS = ("SchedulingTableName", "DialingTableName", "AccessTableName")


@dataclass(frozen=True)
class Target:
    """Where a system's tables are. `endpoint_url` is an emulator's, or None for AWS itself."""

    endpoint_url: str | None
    region: str | None
    scheduling_table: str
    dialing_table: str
    access_table: str
    guest_link_secret: str = ""
    """The name or ARN of the secret with the keys of guests' links; empty: there is none."""

    def client(self, service: str) -> Any:
        """A boto3 client. An emulator asks for credentials and looks at none, so any will do there."""
        return boto3.client(
            service,  # type: ignore[call-overload] # which client it is, is known at run time only
            region_name=self.region,
            endpoint_url=self.endpoint_url,
            **(_ANY_CREDENTIALS if self.endpoint_url and not _has_credentials() else {}),
        )


_ANY_CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


def target_of_stack(name: str, region: str | None) -> Target:
    """The tables that a deployed stack says are its own. Raises ToolError where there is no such stack."""
    try:
        stacks = boto3.client("cloudformation", region_name=region).describe_stacks(StackName=name)["Stacks"]
    except ClientError as refusal:
        raise ToolError(f"stack {name}: {refusal.response['Error']['Message']}") from refusal
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}
    missing = [output for output in _OUTPUTS if output not in outputs]
    if missing:
        raise ToolError(f"stack {name} has no output {', '.join(missing)}: is it a stack of this template?")
    scheduling, dialing, access = (outputs[output] for output in _OUTPUTS)
    return Target(None, region, scheduling, dialing, access, outputs.get("GuestLinkSecretId", ""))


def target_of_local_system(file: Path = SYSTEM_FILE) -> Target:
    """The system that `make run` started. Raises ToolError where none runs."""
    try:
        system = json.loads(file.read_text(encoding="utf-8"))
        tables = system["tables"]
        return Target(
            endpoint_url=system["emulator_url"],
            region=system["region"],
            scheduling_table=tables["scheduling"],
            dialing_table=tables["dialing"],
            access_table=tables["access"],
            guest_link_secret=system.get("environment", {}).get("GUEST_LINK_SECRET_ID", ""),
        )
    except FileNotFoundError as absent:
        raise ToolError("no local system runs here: start one with `make run`") from absent
    except (ValueError, KeyError, TypeError) as garbled:
        raise ToolError(f"{file} does not describe a local system: stop it, and `make run` anew") from garbled


def _has_credentials() -> bool:
    return bool(os.environ.get("AWS_ACCESS_KEY_ID") or os.environ.get("AWS_PROFILE"))
