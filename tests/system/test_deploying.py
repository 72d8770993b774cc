"""Whoever deploys for the first time types what the guide says; what speaks HTTP is typed here, to the local system."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from local.process import RunningSystem
from slotline.domain.access.scopes import Scope
from tests.support import patient
from tests.support.worlds.api import UNLIMITED, own_app, target_of
from tools.provision import Grants, Provision

pytestmark = pytest.mark.system

GUIDE = Path(__file__).parents[2] / "docs/deploying.md"
SPEAK_HTTP = (3, 4, 5, 6, 7)
"""The steps that do, and need nothing of ours on the Internet."""
_DONE_BEFORE = re.compile(r"aws |python -m tools|API=\$\(output")
"""What is AWS's own in them, or the operator's command line."""
_PRINTS = "#=> "
_END = "--- end of what was printed ---"


def _steps() -> dict[int, list[str]]:
    """The lines of each step of the list."""
    said = GUIDE.read_text(encoding="utf-8").split("## Checked at the first deployment\n")[1].split("\n## ")[0]
    found = re.findall(r"^\*\*(\d+)\. .*?```sh\n(.*?)```", said, re.DOTALL | re.MULTILINE)
    return {int(number): lines.splitlines() for number, lines in found}


def _typed() -> tuple[list[str], list[str]]:
    """What is typed, and what each command that says so must print; in one shell, since steps build on each other."""
    typed, prints, is_typed = [], [], False
    for line in (line for step in SPEAK_HTTP for line in _steps()[step]):
        if not line.startswith(_PRINTS):
            is_typed = not _DONE_BEFORE.match(line)
            typed += [line] if is_typed else []
        elif is_typed:
            typed.append(f"echo '{_END}'")
            prints.append(line.removeprefix(_PRINTS))
    return typed, prints


def _matches(printed: str, said: str) -> bool:
    """Whether that is printed, `…` being anything. Whether there is a space after a colon is the sender's business."""
    pattern = ".*".join(re.escape(part) for part in said.replace(": ", ":").split("…"))
    return re.fullmatch(pattern, printed.replace(": ", ":").strip(), re.DOTALL) is not None


def test_what_must_be_printed_at_the_first_deployment_is_printed_here(system: RunningSystem, tmp_path: Path) -> None:
    app = own_app(system)
    client = Provision.of(target_of(system)).create_client(Grants("First", [app.app_id], frozenset(Scope), UNLIMITED))
    given = {
        "API": system.base_url,
        "APP_ID": app.app_id,
        "AGENT_ID": app.agent_ids[0],
        "CLIENT_ID": client.client_id,
        "CLIENT_SECRET": client.secret,
    }
    typed, prints = _typed()
    script = "\n".join(typed).replace("/tmp/", f"{tmp_path}/")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=os.environ | given,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=patient.SECONDS,
        check=True,
    )
    printed = done.stdout.split(_END)[:-1]
    assert len(printed) == len(prints) > 10
    assert [(text, said) for text, said in zip(printed, prints, strict=True) if not _matches(text, said)] == []
