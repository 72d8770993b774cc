"""Requests made up from the served OpenAPI document, sent to the running system: no answer may contradict it.

Each run is schemathesis's command line, deterministic, with every check on; schemathesis.toml and hooks.py say where
the contract asks for another expectation, and why. Each operation has a run of its own, in this process: a program of
its own for each would start for longer than it asks. CONFORMANCE_EXAMPLES_SLOW says how many requests are made up for
an operation in each phase.
"""

import gc
import json
import os
import time
import warnings
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from local.gateway.renaming import PREFIX
from local.process import RunningSystem, running_system
from slotline.domain.access.scopes import Scope
from tests.conformance.belongings import belongings_of
from tests.support import patient
from tests.support.aws.moto_tables import ROOT
from tests.support.worlds.api import UNLIMITED, Api, own_app, target_of
from tests.support.worlds.receivers import answering, receiver
from tools.provision import Grants, Provision

SETTINGS = Path(__file__).with_name("schemathesis.toml")
HOOKS = Path(__file__).with_name("hooks.py")
THOROUGH = int(os.environ.get("CONFORMANCE_EXAMPLES_SLOW", "40"))
WITHOUT_A_TOKEN = 10
MOST = 500
"""Examples after which nobody goes on looking for one that is accepted."""
LASTS_SECONDS = 900.0
"""So long a partner is asked: tokens are good for an hour, and calls that may be started begin in half an hour."""
GRANTED = 60
"""Numbers that a partner may call from, and no other."""
COUNTED_GUESTS = "CLIENT#guest-"
NOT_DEMANDED = {
    # The document itself was read before anything was made up.
    "GET /api/v1/openapi.json",
    # Nobody can have missed a call that is still to come, and none is booked that has begun.
    "POST /api/v1/video/{appId}/scheduled-calls/{id}/no-show",
    # It nearly always names no agent, or replaces a hold that never was; tests/handlers/changes has what is taken.
    "POST /api/v1/video/{appId}/holds",
    # A hold lasts for ten minutes, and all operations together may take longer.
    "GET /api/v1/video/{appId}/holds/{holdId}",
    "DELETE /api/v1/video/{appId}/holds/{holdId}",
    # Few made-up requests name a service that sends codes over what they give, and codes to one contact are bounded;
    # tests/handlers/websites has what is taken.
    "POST /api/v1/video/{appId}/verifications",
    # Made-up rows, files and rules are nearly always refused, by design; tests/handlers/dialing has what is not.
    "POST /api/v1/dial/scheduled",
}

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Run:
    """How a run of made-up requests ended."""

    output: str
    report: dict[str, Any]

    @property
    def cases(self) -> int:
        """Requests made up and checked."""
        return int(self.report["test_cases"]["generated"])

    @property
    def is_clean(self) -> bool:
        """Whether it ran to its end, and no answer contradicted the document."""
        found = self.report["failures"] or self.report["errors"]
        return self.report["complete"] and self.report["exit_code"] == 0 and not found

    def accepted(self) -> set[str]:
        """The operations that did something for at least one made-up request."""
        return {
            operation
            for operation, phases in self.report["valid_rates"].items()
            if any(phase["accepted"] for phase in phases.values())
        }


class Role(StrEnum):
    """Who sends the requests. A reader may read calls.

    A writer may do everything, and has the widget key beside the token, for the operations that take no token.
    """

    WRITER = "writer"
    READER = "reader"
    WEBSITE = "website"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Partner:
    """A client of an app of its own, with what it knows of the system. Values by the dictionary they go into."""

    base_url: str
    token: str
    reader: str
    widget_key: str
    values: dict[str, list[str]]

    def run(self, folder: Path, *, examples: int, phases: str, only: str | None = None, who: Role = Role.WRITER) -> Run:
        """Make up at most so many requests an operation and phase, of one operation or of all, and send them."""
        settings = folder / "schemathesis.toml"
        parts = [f"hooks = {json.dumps(str(HOOKS))}", SETTINGS.read_text()]
        parts += [f"[dictionaries.{name}]\nvalues = {json.dumps(values)}" for name, values in self.values.items()]
        parts += [f"[auth.openapi.{name}]\n{value}" for name, value in self._credentials(who).items()]
        settings.write_text("\n".join(parts))
        command = ["--config-file", str(settings)]
        command += ["run", f"{self.base_url}/api/v1/openapi.json", "--checks", "all", "--phases", phases]
        command += ["--max-examples", str(examples), "--report-json-path", str(folder / "report.json")]
        command += ["--include-operation-id", only] if only else []
        printed = _printed_by_schemathesis(command, folder)
        assert (folder / "report.json").exists(), printed
        return Run(printed, json.loads((folder / "report.json").read_text()))

    def accepted_by(
        self, folder: Path, name: str, *, examples: int, is_demanded: bool, who: Role = Role.WRITER
    ) -> set[str]:
        """What did something for one of the requests that were made up of one operation; every answer is checked.

        Whether one of a few is acceptable is luck. Where one is demanded, more and more of them are made up until there
        is one. Whoever is turned away at the door is so whatever they ask: every limit of every field, hundreds of
        requests of a preset, is tried by those alone who are let in.
        """
        phases = "examples,coverage,fuzzing" if _is_let_in(who, OPERATIONS[name]) else "examples,fuzzing"
        run = self.run(folder, only=name, examples=examples, phases=phases, who=who)
        assert run.is_clean, run.output
        assert run.cases >= FEWEST
        while is_demanded and not run.accepted() and examples < MOST:
            examples *= 4
            run = self.run(folder, only=name, examples=examples, phases="fuzzing", who=who)
            assert run.is_clean, run.output
        return run.accepted()

    def _credentials(self, who: Role) -> dict[str, str]:
        key = {
            "appId": f"api_key = {json.dumps(self.values['apps'][0])}",
            "widgetKey": f"api_key = {json.dumps(self.widget_key)}",
        }
        return {
            Role.WRITER: {"bearer": f"bearer = {json.dumps(self.token)}", **key},
            Role.READER: {"bearer": f"bearer = {json.dumps(self.reader)}"},
            Role.WEBSITE: key,
            Role.NOBODY: {},
        }[who]


def _is_let_in(who: Role, operation: str) -> bool:
    """Whether whoever comes so is heard at all, and not turned away whatever they ask."""
    if who is Role.READER:
        return operation in TO_READ
    return who is not Role.NOBODY or operation in PUBLIC


def _printed_by_schemathesis(command: list[str], folder: Path) -> str:
    """Run its command line in this folder. Its warnings are its own business, those of what it leaves unclosed too."""
    from schemathesis.cli import schemathesis  # no other test needs it, and it takes as long as many of them

    with chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        printed = CliRunner().invoke(schemathesis, command).output
        gc.collect()
    return printed


@pytest.fixture(scope="module")
def hooks() -> Iterator[str]:
    """Where webhooks may be sent: an address that takes whatever comes."""
    with receiver(answering()) as running:
        yield f"http://127.0.0.1:{running.port}/hooks"


@dataclass
class Partners:
    """One partner of a system after the other."""

    system: RunningSystem
    hooks: str
    _last: Partner | None = None
    _ends: float = 0.0
    _granted: Iterator[int] = field(default_factory=lambda: count(200))

    def now(self) -> Partner:
        """One whose token is good for long, and whose calls that may be started are to come."""
        if self._last is None or time.monotonic() > self._ends:
            self._last = _partner(self.system, self.hooks, islice(self._granted, GRANTED))
            self._ends = time.monotonic() + LASTS_SECONDS
        return self._last


@pytest.fixture(scope="module")
def partners(system: RunningSystem, hooks: str) -> Partners:
    return Partners(system, hooks)


@pytest.fixture
def partner(partners: Partners) -> Partner:
    """A client with a token, an app whose agents and presets nobody else needs, and something of everything."""
    return partners.now()


@pytest.fixture
def _nobody_counted_out(system: RunningSystem) -> None:
    """Requests of guests are counted by their address, which all requests made up here share."""
    target = target_of(system)
    client, table = target.client("dynamodb"), target.access_table
    for row in client.scan(TableName=table, ProjectionExpression="pk, sk")["Items"]:
        if row["pk"]["S"].startswith(COUNTED_GUESTS):
            client.delete_item(TableName=table, Key=row)


@pytest.fixture(scope="module")
def renaming(hooks: str) -> Iterator[Partners]:
    """The same of a system whose headers arrive as API Gateway may leave them."""
    with running_system(ready_timeout=120, webhooks_to="127.0.0.0/8", rename_headers=True) as running:
        yield Partners(running, hooks)


@pytest.fixture
def renamed_to(renaming: Partners) -> Partner:
    return renaming.now()


def _partner(system: RunningSystem, hooks: str, granted: Iterator[int]) -> Partner:
    app = own_app(system, weights=(1, 1, 1, 1), guest_can_cancel=True, guest_can_reschedule=True)
    grants = Grants("Conformance", [app.app_id], frozenset(Scope), UNLIMITED)
    made = Provision.of(target_of(system)).create_client(grants)
    who = {"client_id": made.client_id, "client_secret": made.secret}
    widget_key = Provision.of(target_of(system)).create_widget_key(app.app_id, UNLIMITED).key
    with Api(system, who, app.app_id) as api:
        values = belongings_of(api, app, widget_key, hooks, [f"+1202555{number:04}" for number in granted])
        values |= {"client_ids": [made.client_id], "client_secrets": [made.secret]}
        token = _token_of(api)
    with app.client(Scope.SCHEDULING_READ) as api:
        reader = _token_of(api)
    return Partner(system.base_url, token, reader, widget_key, values)


def _token_of(api: Api) -> str:
    return str(api.client.headers["Authorization"]).removeprefix("Bearer ")


def _operations() -> dict[str, dict[str, Any]]:
    document = json.loads((ROOT / "functions/docs/openapi/openapi.json").read_text())
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


OPERATIONS = {operation["operationId"]: key for key, operation in _operations().items()}
PUBLIC = {key for key, operation in _operations().items() if not operation["security"] or {} in operation["security"]}
"""Operations that need no token."""
OF_WEBSITES = [
    name
    for name, key in OPERATIONS.items()
    if {"appId": [], "widgetKey": []} in _operations()[key]["security"] and len(_operations()[key]["security"]) > 1
]
"""Operations of partners' that take a widget key as well."""
NOT_DEMANDED_OF_WEBSITES = {
    # What only partners may say is in nearly every request that is made up; tests/handlers/websites has what is taken.
    "POST /api/v1/video/{appId}/scheduled-calls",
    "POST /api/v1/video/{appId}/holds",
    "POST /api/v1/video/{appId}/verifications",
}

OF_CALLS = [name for name, key in OPERATIONS.items() if " /api/v1/video/{appId}/" in key]
"""Operations of apps' calls, which a client with the right to read them meets."""
TO_READ = {key for key, operation in _operations().items() if {"bearer": ["scheduling:read"]} in operation["security"]}
"""Those that this right is enough for."""

FEWEST = 10
"""So many requests are made up even for an operation that takes nothing but a path."""


@pytest.mark.usefixtures("_nobody_counted_out")
@pytest.mark.parametrize("name", OPERATIONS)
def test_answers_to_made_up_requests_are_as_documented(partner: Partner, tmp_path: Path, name: str):
    is_demanded = OPERATIONS[name] not in NOT_DEMANDED
    accepted = partner.accepted_by(tmp_path, name, examples=THOROUGH, is_demanded=is_demanded)
    assert accepted or not is_demanded, "it was sent what it accepts"


@pytest.mark.parametrize("name", OPERATIONS)
def test_without_a_token_nothing_is_done_and_nothing_is_undocumented(partner: Partner, tmp_path: Path, name: str):
    accepted = partner.accepted_by(tmp_path, name, examples=WITHOUT_A_TOKEN, is_demanded=False, who=Role.NOBODY)
    assert accepted <= PUBLIC


@pytest.mark.parametrize("name", OF_WEBSITES)
def test_answers_to_a_website_are_as_documented_too(partner: Partner, tmp_path: Path, name: str):
    is_demanded = OPERATIONS[name] not in NOT_DEMANDED_OF_WEBSITES
    accepted = partner.accepted_by(tmp_path, name, examples=THOROUGH, is_demanded=is_demanded, who=Role.WEBSITE)
    assert accepted or not is_demanded, "it was sent what it accepts"


@pytest.mark.parametrize("name", OF_CALLS)
def test_with_the_right_to_read_nothing_is_changed_and_nothing_is_undocumented(
    partner: Partner, tmp_path: Path, name: str
):
    is_demanded = OPERATIONS[name] in TO_READ - NOT_DEMANDED
    accepted = partner.accepted_by(tmp_path, name, examples=WITHOUT_A_TOKEN, is_demanded=is_demanded, who=Role.READER)
    assert accepted <= TO_READ
    assert accepted or not is_demanded, "it was let in where it may read"


def test_answers_to_requests_that_follow_from_earlier_answers_are_as_documented(partner: Partner, tmp_path: Path):
    run = partner.run(tmp_path, examples=THOROUGH, phases="stateful")
    assert run.is_clean, run.output
    assert run.cases >= FEWEST


RENAMED = ("issueToken", "createScheduledCall", "listScheduledCalls", "getVideoCall", "createUseCase", "getDocument")
"""Operations of every kind: of the token endpoint, with a body and without, of websites, of dialing, public."""


@pytest.mark.parametrize("who", [Role.WRITER, Role.NOBODY])
@pytest.mark.parametrize("name", RENAMED)
def test_with_its_headers_renamed_no_answer_contradicts_the_document_either(
    renamed_to: Partner, tmp_path: Path, name: str, who: Role
):
    is_demanded = who is Role.WRITER or OPERATIONS[name] in PUBLIC
    accepted = renamed_to.accepted_by(tmp_path, name, examples=WITHOUT_A_TOKEN, is_demanded=is_demanded, who=who)
    assert bool(accepted) == is_demanded


def test_their_headers_were_renamed(renamed_to: Partner):
    answer = patient.get(f"{renamed_to.base_url}/api/v1/video/{renamed_to.values['apps'][0]}/scheduled-calls")
    assert answer.status_code == 401
    assert "www-authenticate" not in answer.headers
    assert f"{PREFIX}www-authenticate" in answer.headers
