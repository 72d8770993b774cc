"""Every policy of the stack through parliament: actions that exist, on resources and with conditions that they know.

Its data are of April 2025 (version 1.6.4), which is all that is there; they know each action that is granted here. It
gets an environment of its own, from requirements/policies.txt.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.aws.moto_tables import ROOT
from tests.support.aws.policies import ACCOUNT, policies

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LINT = """
import json, sys, warnings
warnings.simplefilter("ignore")  # parliament still reads its data through pkg_resources
from parliament import analyze_policy_string
policies = json.load(sys.stdin)
print(json.dumps({name: [finding.issue for finding in analyze_policy_string(json.dumps(policy)).findings]
                  for name, policy in policies.items()}))
"""
_STREAM = "a stream's name is its date, colons included, which parliament takes for another part of the ARN"
LISTED = {
    ("SigningKey.KeyPolicy", "RESOURCE_STAR"): "in a key's own policy it is that key",
    ("RecordingsKey.KeyPolicy", "RESOURCE_STAR"): "likewise",
    (
        "FunctionsBoundary.PolicyDocument",
        "RESOURCE_STAR",
    ): "a boundary grants nothing; all but logs is the roles'",
    ("FireDueFunctionRole.FireDueFunctionEventInvokeConfigOnFailureSQSPolicy", "NO_VERSION"): "SAM writes this one",
    ("FanOutWebhooksFunctionRole.FanOutWebhooksFunctionRolePolicy0", "RESOURCE_MISMATCH"): _STREAM,
    ("FanOutDialEventsFunctionRole.FanOutDialEventsFunctionRolePolicy0", "RESOURCE_MISMATCH"): _STREAM,
    ("PlanWakeUpsFunctionRole.PlanWakeUpsFunctionRolePolicy0", "RESOURCE_MISMATCH"): _STREAM,
}
"""What parliament finds, and why it stays."""

Lint = Callable[[Mapping[str, Any]], set[tuple[str, str]]]


@pytest.fixture(scope="module")
def lint(tmp_path_factory: pytest.TempPathFactory) -> Lint:
    """What parliament finds in policies, by their name."""
    tools = tmp_path_factory.mktemp("parliament")
    python = tools / "bin" / "python"
    _run(sys.executable, "-m", "venv", tools)
    _run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", ROOT / "requirements/policies.txt")

    def find(written: Mapping[str, Any]) -> set[tuple[str, str]]:
        found = json.loads(_run(python, "-c", LINT, said=json.dumps(written)))
        return {(name, issue) for name, issues in found.items() for issue in issues}

    return find


def _run(*command: str | Path, said: str = "") -> str:
    done = subprocess.run([*map(str, command)], input=said, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _on_its_role(name: str, policy: dict[str, Any]) -> dict[str, Any]:
    """A trust policy says nothing of its resource, which is its role; parliament knows no other kind than ours."""
    if not name.endswith(".AssumeRolePolicyDocument"):
        return policy
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name.partition('.')[0]}"
    return policy | {"Statement": [statement | {"Resource": arn} for statement in policy["Statement"]]}


def test_parliament_finds_nothing_that_is_not_listed_with_its_reason(lint: Lint) -> None:
    found = lint({name: _on_its_role(name, policy) for name, policy in policies().items()})
    assert found == LISTED.keys()


@pytest.mark.parametrize(
    ("statement", "issue"),
    [
        ({"Action": "sqs:RecieveMessage", "Resource": "*"}, "UNKNOWN_ACTION"),
        ({"Action": "dynamodb:GetItem", "Resource": "arn:aws:sqs:eu-west-1:123456789012:q"}, "RESOURCE_MISMATCH"),
        ({"Action": "dynamodb:GetItem", "Resource": "*"}, "RESOURCE_STAR"),
        (
            {
                "Action": "iam:PassRole",
                "Resource": "arn:aws:iam::123456789012:role/r",
                "Condition": {"StringEquals": {"iam:PassedTo": "scheduler.amazonaws.com"}},
            },
            "UNKNOWN_CONDITION_FOR_ACTION",
        ),
    ],
)
def test_what_would_be_wrong_is_found(lint: Lint, statement: dict[str, Any], issue: str) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    assert ("wrong", issue) in lint({"wrong": policy})
