"""The files by which other commands find a running system: `system.json`, `demo.json` and `demo.env`.

All hold or lead to secrets of the demo data, so only their owner may read them, and each is replaced
whole: a reader sees an old file or a new one, never half of one.
"""

import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class SystemFile:
    """A running system, as written to `system.json` and to `--ready-file`."""

    base_url: str
    port: int
    pid: int
    emulator_url: str
    functions_url: str
    """Plus a logical id: runs that function (POST, an event as JSON)."""
    region: str
    account_id: str
    stack_name: str
    tables: dict[str, str]
    """Physical names: `scheduling`, `dialing`, `access`."""
    signing_key_id: str
    environment: dict[str, str]
    """What the functions find in theirs, from the deployed stack."""
    resources: dict[str, str]
    """Physical ids by logical id."""
    demo_file: str


_DEMO_VARIABLES = {
    "API": "api_base_url",
    "APP_ID": "app_id",
    "CLIENT_ID": "client_id",
    "CLIENT_SECRET": "client_secret",
    "WIDGET_KEY": "widget_key",
    "USE_CASE_ID": "use_case_id",
    "NUMBER_ID": "number_id",
}


def write_private(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON that only its owner may read, whole or not at all."""
    _write(path, json.dumps(content, indent=2) + "\n")


def write_demo(state_dir: Path, demo: Mapping[str, Any]) -> Path:
    """Write the demo data as JSON, and what a first request needs as shell variables too. Returns the JSON's path."""
    lines = [f"{variable}={shlex.quote(demo[name])}" for variable, name in _DEMO_VARIABLES.items() if name in demo]
    lines += [f"AGENT_ID={shlex.quote(agent_id)}" for agent_id in demo.get("agent_ids", [])[:1]]
    _write(state_dir / "demo.env", "\n".join(lines) + "\n")
    path = state_dir / "demo.json"
    write_private(path, demo)
    return path


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def write_system(path: Path, system: SystemFile) -> None:
    """Publish a system."""
    write_private(path, asdict(system))


def read_system(path: Path) -> SystemFile | None:
    """The published system. None: there is none, or the file is not one of ours."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return SystemFile(**{field.name: found[field.name] for field in fields(SystemFile)})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def withdraw(state_dir: Path, pid: int) -> None:
    """Take the files of a stopped system away, unless another has replaced them."""
    system = read_system(state_dir / "system.json")
    if system is not None and system.pid == pid:
        (state_dir / "system.json").unlink(missing_ok=True)
        (state_dir / "demo.json").unlink(missing_ok=True)
        (state_dir / "demo.env").unlink(missing_ok=True)
