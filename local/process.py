"""A whole system of its own for tests: started as a child process, stopped at the end."""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.options import DEFAULT_ENVIRONMENTS, DEFAULT_SEED, DEFAULT_STACK_NAME, DEFAULT_STAGE
from local.state import SystemFile, read_system
from local.surroundings import ROOT

_STOP_SECONDS = 10.0


class SystemFailedError(Exception):
    """The system did not come up; the message holds what it printed."""


@dataclass(frozen=True, slots=True)
class RunningSystem:
    """What a test needs to know of a running system."""

    base_url: str
    emulator_url: str
    demo: dict[str, Any]
    tables: dict[str, str]
    """Physical names: `scheduling`, `dialing`, `access`."""
    region: str
    pid: int
    state_dir: Path
    log_file: Path
    """What the command printed."""
    system: SystemFile
    """Everything else, such as `environment`, `resources` and `functions_url`."""


@contextlib.contextmanager
def running_system(
    ready_timeout: float = 60,
    *,
    template: Path = ROOT / "template.yaml",
    seed: str = DEFAULT_SEED,
    environments: int = DEFAULT_ENVIRONMENTS,
    reload: bool = False,
    state_dir: Path | None = None,
    webhooks_to: str = "",
    relays: str = "",
    rename_headers: bool = False,
    stack_name: str = DEFAULT_STACK_NAME,
    stage: str = DEFAULT_STAGE,
    emulator: str = "",
) -> Iterator[RunningSystem]:
    """Start a system on free ports, wait until it answers, and stop it when the block ends.

    Raises SystemFailedError with the command's output where it does not come up in time. It also stops
    when this process is killed: it watches the pipe that is its standard input.
    """
    with tempfile.TemporaryDirectory(prefix="slotline-") as scratch:
        state = state_dir or Path(scratch) / "state"
        ready, log = Path(scratch) / "ready.json", Path(scratch) / "output.log"
        command = [sys.executable, "-m", "local", "run", "--port", "0", "--stop-at-eof"]
        command += ["--state-dir", str(state), "--ready-file", str(ready), "--template", str(template)]
        command += ["--seed", seed, "--environments", str(environments), *([] if reload else ["--no-reload"])]
        command += ["--relays", relays]
        command += ["--webhooks-to", webhooks_to, *(["--rename-headers"] if rename_headers else [])]
        command += ["--stack-name", stack_name, "--stage", stage]
        command += ["--emulator", emulator]
        with log.open("wb") as output:
            child = subprocess.Popen(  # noqa: S603 - our own command
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
            )
        try:
            system = _await_ready(child, ready, log, ready_timeout)
            demo = json.loads(Path(system.demo_file).read_text(encoding="utf-8"))
            yield RunningSystem(
                system.base_url,
                system.emulator_url,
                demo,
                system.tables,
                system.region,
                child.pid,
                state,
                log,
                system,
            )
        finally:
            _stop(child)


def _await_ready(child: subprocess.Popen[bytes], ready: Path, log: Path, seconds: float) -> SystemFile:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        system = read_system(ready)
        if system is not None:
            return system
        if child.poll() is not None:
            raise SystemFailedError(f"The system ended with code {child.returncode}:\n{_text(log)}")
        time.sleep(0.02)
    raise SystemFailedError(f"The system was not ready within {seconds:.0f} s:\n{_text(log)}")


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        child.stdin.close()
    child.terminate()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
