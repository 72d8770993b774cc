"""The rotation of the signing key, walked through on the emulator: its stack is updated, and its functions answer."""

import base64
import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from local.process import RunningSystem, running_system
from local.surroundings import fake_account
from slotline.domain.access.identity import RateLimits
from slotline.domain.access.scopes import Scope
from tests.support.aws.moto_tables import ROOT
from tests.support.builders.deadlines import Context
from tests.support.handlers import forget_wiring, load_function
from tests.support.worlds.api import own_app, target_of
from tests.support.worlds.later import Later, until
from tools.provision import Grants, Provision

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(300)]

Environment = dict[str, str]
ENOUGH = Context(30_000)
FUNCTIONS = {
    "oauth/issue_token": "IssueTokenFunction",
    "oauth/authorize": "AuthorizeFunction",
    "oauth/jwks": "JwksFunction",
}


class Deployed:
    """A stack on the emulator, and what its functions find in their environment after each deployment."""

    def __init__(self, system: RunningSystem) -> None:
        self.system, later = system, Later(system)
        self._cloudformation, self._lambda = later.client("cloudformation"), later.client("lambda")
        self.kms = later.client("kms")
        self.own_key = system.system.signing_key_id

    def update(self, **changes: str) -> dict[str, Environment]:
        """`sam deploy` with these parameters."""
        stack = self._cloudformation.describe_stacks(StackName=self.system.system.stack_name)["Stacks"][0]
        said = {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]} | changes
        self._cloudformation.update_stack(
            StackName=stack["StackName"],
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in said.items()],
            Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        until(lambda: self._status() == "UPDATE_COMPLETE", "the update")
        return self.environments()

    def environments(self) -> dict[str, Environment]:
        return {folder: self._environment(name) for folder, name in FUNCTIONS.items()}

    def _status(self) -> str:
        (stack,) = self._cloudformation.describe_stacks(StackName=self.system.system.stack_name)["Stacks"]
        return str(stack["StackStatus"])

    def _environment(self, logical_id: str) -> Environment:
        physical = self.system.system.resources[logical_id]
        found: Environment = self._lambda.get_function_configuration(FunctionName=physical)["Environment"]["Variables"]
        return found


@pytest.fixture
def deployed() -> Iterator[Deployed]:
    with running_system(ready_timeout=120) as system:
        yield Deployed(system)
    forget_wiring()


@pytest.fixture
def client(deployed: Deployed) -> dict[str, str]:
    """Somebody who asks for tokens."""
    provision = Provision.of(target_of(deployed.system))
    made = provision.create_client(Grants("Test", [own_app(deployed.system).app_id], frozenset(Scope), RateLimits()))
    return {"grant_type": "client_credentials", "client_id": made.client_id, "client_secret": made.secret}


Ask = Callable[[str, Environment, dict[str, Any]], dict[str, Any]]


@pytest.fixture
def ask(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """A function's answer, as it is with this environment."""
    more = {**fake_account(), "AWS_ENDPOINT_URL": deployed.system.emulator_url, "POWERTOOLS_TRACE_DISABLED": "true"}

    def answer(folder: str, environment: Environment, event: dict[str, Any]) -> dict[str, Any]:
        for name, value in {**environment, **more}.items():
            monkeypatch.setenv(name, value)
        forget_wiring()
        said: dict[str, Any] = load_function(folder).handler(event, ENOUGH)
        return said

    return answer


def _event(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / f"events/{name}.json").read_text())
    return event


def _key_of(token: str) -> str:
    head = token.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


def test_no_token_is_refused_while_the_key_is_rotated(deployed: Deployed, client: dict[str, str], ask: Ask) -> None:
    new_key = deployed.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    steps = [
        deployed.environments(),
        deployed.update(OtherSigningKeyId=new_key),
        deployed.update(SigningKeyId=new_key, OtherSigningKeyId=deployed.own_key),
        deployed.update(OtherSigningKeyId=""),
    ]

    def token(environments: dict[str, Environment]) -> str:
        request = _event("oauth/issue_token/json_body") | {"body": json.dumps(client)}
        answer = ask("oauth/issue_token", environments["oauth/issue_token"], request)
        assert answer["statusCode"] == 200, answer["body"]
        return str(json.loads(answer["body"])["data"]["access_token"])

    def names_the_client(environments: dict[str, Environment], token: str) -> bool:
        event = _event("oauth/authorize/no_credential")
        event["headers"]["authorization"] = f"Bearer {token}"
        answer = ask("oauth/authorize", environments["oauth/authorize"], event)
        return bool(answer["context"].get("client_id") == client["client_id"])

    tokens = [token(step) for step in steps]
    assert [_key_of(one) for one in tokens] == [deployed.own_key, deployed.own_key, new_key, new_key]
    for before, after in pairwise(range(len(steps))):  # of a deployment some functions are new while others are not
        assert names_the_client(steps[after], tokens[before]), f"a token of step {before} is read in step {after}"
        if (before, after) != (2, 3):
            assert names_the_client(steps[before], tokens[after]), f"and the other way round, {after} in {before}"
    assert not names_the_client(steps[3], tokens[1]), "what the old key signed is refused once it is taken out"

    published = json.loads(ask("oauth/jwks", steps[2]["oauth/jwks"], _event("oauth/jwks/keys"))["body"])["keys"]
    assert {key["kid"] for key in published} == {new_key, deployed.own_key}
