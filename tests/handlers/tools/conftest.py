"""The command line as an operator runs it, on a stack in memory."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from slotline.store.access.websites import DynamoWebsites
from tests.support.aws.moto_tables import ENVIRONMENT, REGION, TABLES, aws_in_memory
from tools.__main__ import main
from tools.provision import Provision
from tools.target import Target

STACK = "slotline-test"


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """A stack's tables."""
    with aws_in_memory():
        yield Target(None, REGION, *TABLES, guest_link_secret=ENVIRONMENT["GUEST_LINK_SECRET_ID"])


@pytest.fixture
def provision(target: Target) -> Provision:
    """The acts on that stack."""
    return Provision.of(target)


@pytest.fixture
def websites(target: Target) -> DynamoWebsites:
    """What that stack lets in by a widget key."""
    return DynamoWebsites(target.client("dynamodb"), target.scheduling_table, target.access_table)


@pytest.fixture
def run(target: Target, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run `python -m tools --stack … --json` with these arguments, and with this on standard input."""
    monkeypatch.setattr("tools.__main__.target_of_stack", lambda _name, _region: target)

    def run_it(*arguments: str, stdin: str = "") -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        status = main(["--stack", STACK, "--json", *arguments])
        output = capsys.readouterr()
        return Ran(status, output.out, output.err)

    return run_it


@pytest.fixture
def app_id(run: Callable[..., Ran]) -> str:
    """A new app."""
    return run("app", "create", "--name", "Acme", "--timezone", "America/Bogota").json["app_id"]
