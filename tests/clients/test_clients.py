"""Clients that are generated from the OpenAPI document know the types of a booking: one in Python, one in TypeScript.

Each is type-checked with a booking, and with a booking that is wrong: where a generator had fallen back to `Any` or
`unknown`, the wrong one would pass. The tools have environments of their own, pinned by version and hash.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.aws.moto_tables import ROOT
from tools import openapi

NPM = shutil.which("npm")
PACKAGES = Path(__file__).parent / "typescript"

BOOKING_IN_PYTHON = """
from datetime import datetime, timezone
from uuid import UUID

from slotline_client import AuthenticatedClient
from slotline_client.api.scheduled_calls import create_scheduled_call, list_scheduled_calls, update_scheduled_call
from slotline_client.models.call_status import CallStatus
from slotline_client.models.envelope_call_data import EnvelopeCallData
from slotline_client.models.new_scheduled_call import NewScheduledCall
from slotline_client.models.scheduled_call_changes import ScheduledCallChanges

APP = UUID("01890000-0000-7000-8000-000000000001")


def book(client: AuthenticatedClient) -> str:
    body = NewScheduledCall(
        guest_name="Jane Doe",
        guest_email="jane@example.com",
        scheduled_at_utc=datetime(2027, 5, 3, 15, tzinfo=timezone.utc),
        app_timezone="America/Bogota",
        duration_minutes=30,
    )
    answer = create_scheduled_call.sync(APP, client=client, body=body)
    assert isinstance(answer, EnvelopeCallData)
    call_id = UUID(answer.data.call.id)
    update_scheduled_call.sync(APP, call_id, client=client, body=ScheduledCallChanges(guest_name="Jane Roe"))
    list_scheduled_calls.sync(APP, client=client, status=[CallStatus.SCHEDULED, CallStatus.CONFIRMED], limit=10)
    return answer.data.call.join_url
"""
WRONG_IN_PYTHON = """
from slotline_client.models.new_scheduled_call import NewScheduledCall
from slotline_client.models.scheduled_call_changes import ScheduledCallChanges

NewScheduledCall(guest_name=7, scheduled_at_utc="soon", app_timezone="UTC", favourite_colour="blue")
ScheduledCallChanges(guest_name=["Jane"])
"""
BOOKING_IN_TYPESCRIPT = """
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const client = createClient<paths>({ baseUrl: "https://api.example.com" });
const appId = "01890000-0000-7000-8000-000000000001";
const changes: components["schemas"]["ScheduledCallChanges"] = { guestName: "Jane Roe" };

export async function book(): Promise<string> {
  const { data, error } = await client.POST("/api/v1/video/{appId}/scheduled-calls", {
    params: { path: { appId } },
    body: {
      guestName: "Jane Doe",
      guestEmail: "jane@example.com",
      scheduledAtUtc: "2027-05-03T15:00:00.000Z",
      appTimezone: "America/Bogota",
      durationMinutes: 30,
    },
  });
  if (error) throw new Error(error.error.message);
  const id = data.data.call.id;
  await client.PATCH("/api/v1/video/{appId}/scheduled-calls/{id}", { params: { path: { appId, id } }, body: changes });
  await client.GET("/api/v1/video/{appId}/scheduled-calls", {
    params: { path: { appId }, query: { status: ["scheduled", "confirmed"], limit: 10 } },
  });
  return data.data.call.join_url;
}
"""
WRONG_IN_TYPESCRIPT = """
import type { components } from "./schema.js";

export const call: components["schemas"]["NewScheduledCall"] = {
  guestName: 7,
  scheduledAtUtc: "2027-05-03T15:00:00.000Z",
  appTimezone: "UTC",
};
export const changes: components["schemas"]["ScheduledCallChanges"] = { favouriteColour: "blue" };
"""


def _run(*command: str | Path, into: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], cwd=into, capture_output=True, text=True, check=False, timeout=300
    )


def _must(*command: str | Path, into: Path) -> None:
    done = _run(*command, into=into)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


@pytest.mark.slow
def test_a_generated_python_client_knows_the_types_of_a_booking(tmp_path: Path):
    _must(sys.executable, "-m", "venv", tmp_path / "tools", into=tmp_path)
    tools = tmp_path / "tools/bin"
    _must(
        tools / "pip", "install", "--quiet", "--require-hashes", "-r", ROOT / "requirements/clients.txt", into=tmp_path
    )
    generate = (tools / "openapi-python-client", "generate", "--path", openapi.DOCUMENT)
    _must(*generate, "--output-path", "slotline_client", "--meta", "none", into=tmp_path)
    (tmp_path / "booking.py").write_text(BOOKING_IN_PYTHON, encoding="utf-8")
    (tmp_path / "wrong.py").write_text(WRONG_IN_PYTHON, encoding="utf-8")
    _must(tools / "mypy", "--strict", "--follow-imports", "silent", "booking.py", into=tmp_path)
    wrong = _run(tools / "mypy", "--strict", "--follow-imports", "silent", "wrong.py", into=tmp_path)
    for name in ('"guest_name"', '"scheduled_at_utc"', '"favourite_colour"', '"guest_name" to "ScheduledCallChanges"'):
        assert name in wrong.stdout, wrong.stdout


@pytest.mark.slow
@pytest.mark.skipif(
    NPM is None, reason="NO NODE HERE: nothing checks that TypeScript clients know the types of a booking"
)
def test_a_generated_typescript_client_knows_the_types_of_a_booking(tmp_path: Path):
    assert NPM
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PACKAGES / name, tmp_path)
    _must(NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", into=tmp_path)
    programs = tmp_path / "node_modules/.bin"
    _must(programs / "openapi-typescript", openapi.DOCUMENT, "--output", "schema.d.ts", into=tmp_path)
    (tmp_path / "booking.ts").write_text(BOOKING_IN_TYPESCRIPT, encoding="utf-8")
    (tmp_path / "wrong.ts").write_text(WRONG_IN_TYPESCRIPT, encoding="utf-8")
    check = (programs / "tsc", "--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--skipLibCheck")
    _must(*check, "booking.ts", into=tmp_path)
    wrong = _run(*check, "wrong.ts", into=tmp_path)
    assert "Type 'number' is not assignable to type 'string'" in wrong.stdout, wrong.stdout
    assert "'favouriteColour' does not exist" in wrong.stdout, wrong.stdout


def test_every_npm_package_is_pinned_by_version_and_integrity_without_an_address():
    text = (PACKAGES / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in text
    assert "://" not in text
    assert text.count('"integrity": "sha512-') == text.count('    "node_modules/')
