"""The process that execution environments are forked from: it imports the handlers once, for all.

Started as `python -m local.host.zygote CONTROL_FD LOG_FILE`. One line of JSON on standard input says
what to load; one line on standard output says how that went. After that every file descriptor that
arrives over the control socket becomes the line to a new environment. It ends when the socket closes.
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local.host.environment import serve
from local.host.handlers import Loaded, load_all

_LIKELY = ("aws_lambda_powertools.event_handler", "aws_lambda_powertools.logging", "pydantic")
"""Imported while the emulator is still starting; a template that uses none of them loses nothing."""


def main() -> None:
    """Load what standard input says, then fork on demand."""
    control = socket.socket(fileno=int(sys.argv[1]))
    report = os.dup(1)
    _log_to(Path(sys.argv[2]))
    _warm_up()
    orders = _read_line(0)
    if orders is None:
        return
    functions = _load(json.loads(orders))
    errors = {logical_id: one.error for logical_id, one in functions.items() if one.error}
    os.write(report, json.dumps({"errors": errors}).encode() + b"\n")
    os.close(report)
    # Environments end without being waited for: nobody here needs their exit codes.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # What is here now is shared by all environments: keep the collector from touching, so copying, it.
    gc.collect()
    gc.freeze()
    _fork_on_demand(control, functions)


def _warm_up() -> None:
    """Do once what every environment would otherwise do again after its fork."""
    for name in _LIKELY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def _load(orders: Mapping[str, Any]) -> dict[str, Loaded]:
    os.environ.update(orders["environment"])
    # Handlers find what Lambda would give them, the layers, and not this repository's own tools.
    here = str(Path.cwd())
    sys.path[:] = [*orders["layers"], *(entry for entry in sys.path if entry not in {"", here})]
    functions = load_all(orders["functions"])
    _import_what_is_put_off(orders["layers"])
    return functions


def _import_what_is_put_off(layers: Sequence[str]) -> None:
    """Import what the layers' code imports only once it is needed, for the sake of cold starts that do not happen here.

    Each environment would do so again. A module that cannot be imported says so to whoever needs it.
    """
    for package in (found for layer in layers for found in Path(layer).glob("*/__init__.py")):
        name = package.parent.name
        for module in pkgutil.walk_packages([os.fspath(package.parent)], f"{name}.", onerror=lambda _: None):
            with contextlib.suppress(Exception, SystemExit):
                importlib.import_module(module.name)


def _fork_on_demand(control: socket.socket, functions: Mapping[str, Loaded]) -> None:
    while True:
        data, lines, _, _ = socket.recv_fds(control, 16, 16)
        if not data:
            return
        for line in lines:
            if os.fork() == 0:
                control.close()
                serve(socket.socket(fileno=line), functions)
            os.close(line)


def _log_to(path: Path) -> None:
    """Send what handlers print, their logs among it, to a file."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    for stream in (sys.stdout, sys.stderr):
        # A whole line at a time, PYTHONUNBUFFERED or not: many processes write to this file.
        stream.reconfigure(line_buffering=True, write_through=False)  # type: ignore[union-attr]


def _read_line(source: int) -> bytes | None:
    """One line, and not a byte beyond it: environments wait for the end of this same descriptor."""
    line = bytearray()
    while not line.endswith(b"\n"):
        part = os.read(source, 1 << 16)
        if not part:
            return None
        line += part
    return bytes(line)


if __name__ == "__main__":
    main()
