"""Bookings a second of `make run` with sixteen clients at once, beside another commit's, turn by turn.

    python -m bench throughput --before COMMIT

Each system is started from its own checkout with its own data. Every client has a connection of its own and books one
call after the other: of three agents in turn, each time on another day, so nobody waits for anybody's slot. The first
bookings are not counted; they start the execution environments. Both systems are up, but only one of them is asked, and
the other is at rest: what its streams brought after its turn is done.
"""

import http.client
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.sides import ROOT

CLIENTS = 16
SLOTS_A_DAY = 16
READY_SECONDS = 120
QUIET_SECONDS = 2
"""Each batch of a stream has its line, several of them a second."""


@dataclass
class System:
    """A running system, and how many bookings it has."""

    name: str
    port: int
    demo: dict[str, Any]
    log: Path
    token: str = ""
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def sign_in(self) -> None:
        """Get a token for all clients."""
        who = {name: self.demo[name] for name in ("client_id", "client_secret")}
        status, answer = self._post(
            self._connected(), "/api/v1/oauth/token", {"grant_type": "client_credentials", **who}
        )
        assert status == 200, answer
        self.token = answer["data"]["access_token"]

    def rate(self, bookings: int) -> float:
        """Bookings a second while so many are made."""
        left = itertools.islice(self.numbers, bookings)
        lock, refused = threading.Lock(), list[Any]()

        def book() -> None:
            connection = self._connected()
            while True:
                with lock:
                    number = next(left, None)
                if number is None:
                    return
                path = f"/api/v1/video/{self.demo['app_id']}/scheduled-calls"
                status, answer = self._post(connection, path, self._wish(number))
                if status != 201:
                    refused.append(answer)

        clients = [threading.Thread(target=book) for _ in range(CLIENTS)]
        began = time.perf_counter()
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        assert not refused, refused[0]
        return bookings / (time.perf_counter() - began)

    def come_to_rest(self) -> None:
        """Wait until it says nothing any more. What its streams bring goes on after its turn, and slows the other."""
        said = -1
        while said != (said := self.log.stat().st_size):
            time.sleep(QUIET_SECONDS)

    def _connected(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def _post(self, connection: http.client.HTTPConnection, path: str, body: Any) -> tuple[int, Any]:
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def _wish(self, number: int) -> dict[str, Any]:
        turn, agent = divmod(number, len(self.demo["agent_ids"]))
        day, slot = turn % len(WEEKDAYS), turn // len(WEEKDAYS)
        assert slot < SLOTS_A_DAY, "no time is left"
        start = WEEKDAYS[day] + timedelta(minutes=30 * slot)
        return {
            "guestName": "Jane Doe",
            "guestEmail": f"guest.{number}@example.com",
            "guestPhone": f"+57 301 {number // 10_000:03d} {number % 10_000:04d}",
            "scheduledAtUtc": start.isoformat(timespec="milliseconds"),
            "durationMinutes": 25,
            "appTimezone": "America/Bogota",
            "guestTimezone": "America/Bogota",
            "assignedAgentId": self.demo["agent_ids"][agent],
        }


_OPENING = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=7)
WEEKDAYS = [day for ahead in range(600) if (day := _OPENING + timedelta(days=ahead)).weekday() < 5]


@contextmanager
def running(name: str, root: Path) -> Iterator[System]:
    """A system of this checkout."""
    with tempfile.TemporaryDirectory(prefix="slotline-bench-") as folder:
        ready, log = Path(folder) / "ready.json", Path(folder) / "output.log"
        command = (sys.executable, "-m", "local", "run", "--port", "0", "--stop-at-eof", "--no-reload")
        with log.open("wb") as output:
            child = subprocess.Popen(
                (*command, "--state-dir", f"{folder}/state", "--ready-file", str(ready)),
                cwd=root,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
            )
        try:
            until = time.monotonic() + READY_SECONDS
            while not ready.exists():
                if child.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(log.read_text(encoding="utf-8", errors="replace"))
                time.sleep(0.05)
            said = json.loads(ready.read_text(encoding="utf-8"))
            demo = json.loads(Path(said["demo_file"]).read_text(encoding="utf-8"))
            system = System(name, said["port"], demo, log)
            system.sign_in()
            yield system
        finally:
            assert child.stdin
            child.stdin.close()
            child.terminate()
            child.wait(20)


def measure(rounds: int, bookings: int, before: Path | None = None) -> dict[str, float]:
    """Medians by the side's name: `ours`, and `before` if there is one."""
    with ExitStack() as ends:
        systems = [ends.enter_context(running("ours", ROOT))]
        if before:
            systems.append(ends.enter_context(running("before", before)))
        for system in systems:
            system.rate(bookings)  # environments start, and models are built
            system.come_to_rest()
        rates: dict[str, list[float]] = {system.name: [] for system in systems}
        for _ in range(rounds):
            for system in systems:
                rates[system.name].append(system.rate(bookings))
                system.come_to_rest()
        return {name: statistics.median(found) for name, found in rates.items()}
