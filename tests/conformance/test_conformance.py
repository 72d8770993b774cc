"""Requests made up from the served OpenAPI document, sent to the running system: no answer may contradict the document.

Each run is schemathesis's command line, deterministic, with every check on; schemathesis.toml and hooks.py say where the
contract asks for another expectation, and why.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.process import RunningSystem
from slotline.domain.calls import BookingSource, CallStatus
from slotline.domain.identity import Scope
from tests.support.aws import ROOT

SETTINGS = Path(__file__).with_name("schemathesis.toml")
HOOKS = Path(__file__).with_name("hooks.py")
ENOUGH = 2_000

pytestmark = pytest.mark.system


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


@dataclass(frozen=True)
class Partner:
    """The demo's client, with what it knows of the system."""

    system: RunningSystem
    token: str
    calls: list[str]
    pooled: list[str]

    def run(self, folder: Path, *, examples: int, phases: str, authenticated: bool = True) -> Run:
        """Make up at most so many requests an operation and phase, and send them."""
        settings = folder / "schemathesis.toml"
        settings.write_text(f"hooks = {json.dumps(str(HOOKS))}\n" + SETTINGS.read_text() + _dictionaries(self))
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings)]
        command += ["run", f"{self.system.base_url}/api/v1/openapi.json", "--checks", "all", "--phases", phases]
        command += ["--max-examples", str(examples), "--report-json-path", str(folder / "report.json")]
        command += ["--header", f"Authorization: Bearer {self.token}"] if authenticated else []
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert (folder / "report.json").exists(), done.stdout + done.stderr
        return Run(done.stdout, json.loads((folder / "report.json").read_text()))


@pytest.fixture(scope="module")
def partner(system: RunningSystem) -> Partner:
    """The demo's client, with a token and a few calls."""
    asked = {
        "grant_type": "client_credentials",
        "client_id": system.demo["client_id"],
        "client_secret": system.demo["client_secret"],
    }
    answer = httpx.post(f"{system.base_url}/api/v1/oauth/token", json=asked)
    token = str(answer.raise_for_status().json()["data"]["access_token"])
    named = [_book(system, token, day, {"assignedAgentId": system.demo["agent_ids"][0]}) for day in range(4)]
    pooled = [_book(system, token, day, {"assignmentMethod": "pool"}) for day in range(4)]
    return Partner(system, token, named, pooled)


def _book(system: RunningSystem, token: str, day: int, who: dict[str, str]) -> str:
    call = {
        "guestName": "Jane Doe",
        "guestEmail": "jane@example.com",
        "appTimezone": "UTC",
        "scheduledAtUtc": _text(_next_monday() + timedelta(days=day, hours=15 if "assignmentMethod" in who else 9)),
        **who,
    }
    url = f"{system.base_url}/api/v1/video/{system.demo['app_id']}/scheduled-calls"
    answer = httpx.post(url, json=call, headers={"authorization": f"Bearer {token}"})
    return str(answer.raise_for_status().json()["data"]["call"]["id"])


def _next_monday() -> datetime:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=7 - midnight.weekday())


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _dictionaries(partner: Partner) -> str:
    """Values that make a made-up request an acceptable one, as TOML."""
    demo, monday = partner.system.demo, _next_monday()
    working_hours = [timedelta(days=day, hours=10, minutes=30 * half) for day in range(5) for half in range(12)]
    values: dict[str, list[str]] = {
        "apps": [demo["app_id"]],
        "agents": demo["agent_ids"],
        "calls": partner.calls,
        "pooled": partner.pooled,
        "client_ids": [demo["client_id"]],
        "client_secrets": [demo["client_secret"]],
        "scopes": [Scope.SCHEDULING_READ.value, " ".join(Scope)],
        "days": [_text(monday + timedelta(days=day)) for day in range(5)],
        "later_days": [_text(monday + timedelta(days=day)) for day in range(5, 10)],
        "starts": [_text(monday + length) for length in working_hours],
        "statuses": [*CallStatus, ",".join(CallStatus)],
        "sources": [*BookingSource, ",".join(BookingSource)],
        "zones": ["UTC", "America/Bogota", "Europe/Berlin", "Australia/Lord_Howe"],
        "phones": ["+57 300 123 4567", "+1 (212) 555-0100", "+442079460000"],
        "emails": ["jane@example.com", "j.o'hara+calls@mail.example.org"],
        "names": ["Jane Doe", "José Ñandú", "李雷"],
    }
    return "".join(f"\n[dictionaries.{name}]\nvalues = {json.dumps(found)}\n" for name, found in values.items())


def _operations() -> dict[str, dict[str, Any]]:
    document = json.loads((ROOT / "functions/docs/openapi/openapi.json").read_text())
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def _public() -> set[str]:
    """Operations that need no token."""
    return {key for key, operation in _operations().items() if not operation["security"] or {} in operation["security"]}


def test_answers_to_made_up_requests_are_as_documented(partner: Partner, tmp_path: Path):
    run = partner.run(tmp_path, examples=9, phases="examples,fuzzing")
    assert run.is_clean, run.output
    assert run.cases > 100


def test_without_a_token_nothing_is_done_and_nothing_is_undocumented(partner: Partner, tmp_path: Path):
    run = partner.run(tmp_path, examples=2, phases="examples,fuzzing", authenticated=False)
    assert run.is_clean, run.output
    assert run.accepted() <= _public()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_answers_to_thousands_of_made_up_requests_are_as_documented(partner: Partner, tmp_path: Path):
    run = partner.run(tmp_path, examples=150, phases="examples,coverage,fuzzing,stateful")
    assert run.is_clean, run.output
    assert run.cases >= ENOUGH
    assert run.accepted() == set(_operations()), "every operation was reached with requests that it accepts"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_without_a_token_thousands_of_requests_do_nothing(partner: Partner, tmp_path: Path):
    run = partner.run(tmp_path, examples=60, phases="examples,coverage,fuzzing", authenticated=False)
    assert run.is_clean, run.output
    assert run.cases >= ENOUGH // 2
    assert run.accepted() <= _public()
