"""A real relay on this machine: coturn, as Debian packages it."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECRET = "secret-of-the-relay"
PATIENCE_SECONDS = 30


class NoRelayError(Exception):
    """No coturn was found. Nothing is skipped for that."""


@dataclass(frozen=True, slots=True)
class Relay:
    """One that runs."""

    port: int
    pid: int
    log: Path

    @property
    def url(self) -> str:
        """As browsers are given it."""
        return f"turn:127.0.0.1:{self.port}?transport=udp"

    @contextmanager
    def broken(self) -> Iterator[None]:
        """It passes nothing on, as a network that is gone."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)


@contextmanager
def running_relay(folder: Path) -> Iterator[Relay]:
    """A relay on a free port of the loopback interface. It ends with the block. Raises NoRelayError."""
    program = shutil.which("turnserver")
    if program is None:
        raise NoRelayError("Tests of relays need coturn on the PATH: apt-get install -y coturn")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "relay.log"
    command = [program, "-n", "--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=local", "--no-cli"]
    command += ["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--allow-loopback-peers", "--no-tls", "--no-dtls"]
    command += [f"--listening-port={port}", f"--pidfile={folder / 'relay.pid'}", "--log-file=stdout", "--simple-log"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        _await(process, port, log)
        yield Relay(port, process.pid, log)
    finally:
        process.kill()
        process.wait()


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise NoRelayError(f"coturn does not listen:\n{log.read_text(errors='replace')}")
