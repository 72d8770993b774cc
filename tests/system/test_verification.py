"""The examples of docs/webhooks.md that verify what comes, run as they are printed, where their runtime is found."""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from slotline.domain.webhooks.signing import signed_headers
from tests.support import patient
from tests.support.aws.moto_tables import ROOT
from tests.support.memory.webhooks import OTHER_SECRET, SECRET

PACKAGES = Path(__file__).with_name("verification")
BODY = json.dumps({"event": "scheduled.created", "payload": {"guest_name": "Zoë"}}, ensure_ascii=False).encode()
PATIENCE_SECONDS = 60.0

Post = Callable[[dict[str, str], bytes], int]
"""Sends a receiver these headers and this body; the status that it answers."""

_BLOCK = re.compile(r"^```(?P<language>python|js|go)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def example(language: str, holding: str) -> str:
    """The one example of the page in this language that holds this text."""
    page = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")
    (code,) = [
        found["code"] for found in _BLOCK.finditer(page) if found["language"] == language and holding in found["code"]
    ]
    return code


def signed(body: bytes = BODY, *, secrets: tuple[str, ...] = (SECRET,), at: datetime | None = None) -> dict[str, str]:
    """What we send with a body, now."""
    return dict(
        signed_headers(
            event_id="event-1",
            event="scheduled.created",
            delivery="webhook-1:1",
            body=body,
            secrets=secrets,
            at=at or datetime.now(UTC),
        )
    )


def check(post: Post) -> None:
    """What every receiver does with what is ours, and with what is not."""
    late, early = (datetime.now(UTC) + timedelta(minutes=minutes) for minutes in (-6, 6))
    assert post(signed(), BODY) == 204
    assert post(signed(secrets=(OTHER_SECRET, SECRET)), BODY) == 204, "while a rotation overlaps"
    refused: list[tuple[str, dict[str, str], bytes]] = [
        ("another secret", signed(secrets=(OTHER_SECRET,)), BODY),
        ("other bytes", signed(), BODY + b" "),
        ("the same JSON, written again", signed(), json.dumps(json.loads(BODY)).encode()),
        ("another id", signed() | {"webhook-id": "event-2"}, BODY),
        ("recorded, and sent again later", signed(at=late), BODY),
        ("from the future", signed(at=early), BODY),
        ("the vendor's header alone", {k: v for k, v in signed().items() if k != "webhook-signature"}, BODY),
        ("no headers of ours", {"content-type": "application/json"}, BODY),
        ("an empty signature", signed() | {"webhook-signature": ""}, BODY),
    ]
    for what, headers, body in refused:
        assert post(headers, body) == 400, what


def test_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    names: dict[str, Any] = {}
    exec(compile(example("python", "Starlette"), "docs/webhooks.md", "exec"), names)

    def post(headers: dict[str, str], body: bytes) -> int:
        async def ask() -> int:
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app=names["app"]), base_url="http://own"
            ) as client:
                return (await client.post("/hook", content=body, headers=headers)).status_code

        return asyncio.run(ask())

    check(post)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages that Node's examples import, in the versions and with the digests that are pinned."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("Node is not found here")
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PACKAGES / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if installed.returncode:
        pytest.skip(f"npm cannot install the examples' packages here: {installed.stderr[-200:]}")
    return folder


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_node_with_express(packages: Path) -> None:
    (packages / "express.mjs").write_text(example("js", "express.raw"), encoding="utf-8")
    with served(["node", "express.mjs"], packages) as post:
        check(post)


_FETCH = """
import http from "node:http";
import { POST } from "./fetch.mjs";

http
  .createServer(async (req, res) => {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    const url = `http://localhost${req.url}`;
    const answer = await POST(new Request(url, { method: "POST", headers: req.headers, body: Buffer.concat(chunks) }));
    res.writeHead(answer.status).end();
  })
  .listen(process.env.PORT, "localhost");
"""
"""What Next.js and its like do around a handler: a request becomes a `Request`, the `Response` an answer."""


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_node_in_fetch_style(packages: Path) -> None:
    (packages / "fetch.mjs").write_text(example("js", "Object.fromEntries"), encoding="utf-8")
    (packages / "serve.mjs").write_text(_FETCH, encoding="utf-8")
    with served(["node", "serve.mjs"], packages) as post:
        check(post)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_go(tmp_path: Path) -> None:
    if not shutil.which("go"):
        pytest.skip("Go is not found here")
    (tmp_path / "main.go").write_text(example("go", "hmac"), encoding="utf-8")
    subprocess.run(["go", "build", "-o", "receiver", "main.go"], cwd=tmp_path, check=True, timeout=300)
    with served([str(tmp_path / "receiver")], tmp_path) as post:
        check(post)


@contextmanager
def served(command: list[str], folder: Path) -> Iterator[Post]:
    """Run a receiver on a free port, and post to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PORT": str(port), "WEBHOOK_SECRET": SECRET}
    with subprocess.Popen(command, cwd=folder, env=environment) as running:
        try:
            _await(port, running)

            def post(headers: dict[str, str], body: bytes) -> int:
                return patient.post(f"http://localhost:{port}/hook", content=body, headers=headers).status_code

            yield post
        finally:
            running.terminate()


def _await(port: int, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        assert running.poll() is None, "the example has ended"
        try:
            patient.get(f"http://localhost:{port}/")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the example does not answer")
