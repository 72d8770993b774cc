"""The two ways into the slot lock, each with a crowd before it; and slots that no other round uses."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from urllib.parse import urlsplit

import boto3
import pytest

from local.process import RunningSystem, running_system
from tests.support.crowd import Crowd, OnStore, OverHttp, Target, crowd
from tests.support.invariants import State

HORIZON_DAYS = 728


@dataclass(frozen=True)
class Arena:
    """A crowd at one of the ways in, and the state behind it."""

    kind: str
    crowd: Crowd
    running: RunningSystem
    agents: list[str]
    turns: Iterator[int]

    def fresh_day(self) -> tuple[str, datetime]:
        """An agent and a midnight whose day, and the days beside it, no other round touches."""
        turn = next(self.turns)
        ahead = 4 + 2 * (turn // len(self.agents))
        assert ahead < HORIZON_DAYS, "no day is left that no round has touched"
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return self.agents[turn % len(self.agents)], today + timedelta(days=ahead)

    def state(self) -> State:
        """What is stored now."""
        client = boto3.client(
            "dynamodb",
            endpoint_url=self.running.emulator_url,
            region_name=self.running.region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        return State.read(client, self.running.tables["scheduling"], self.running.demo["app_id"])

    def retries(self) -> int:
        """How often bookings through the API have decided again so far, by their own metric."""
        lines = (self.running.state_dir / "functions.log").read_text(encoding="utf-8", errors="replace").splitlines()
        found = [line for line in lines if '"BookingRetries"' in line]
        return sum(int(sum(json.loads(line[line.index("{") :]).get("BookingRetries", [0]))) for line in found)


@contextmanager
def _arena(way: str, system: RunningSystem, turns: Iterator[int]) -> Iterator[Arena]:
    """`turns` counts the system's days that rounds have used: arenas of one system share it."""
    with crowd(WAYS[way](system)) as clients:
        yield Arena(way, clients, system, system.demo["agent_ids"], turns)


@pytest.fixture(scope="session")
def quick_arenas(system: RunningSystem) -> Iterator[Callable[[str], Arena]]:
    """The arenas on the system that all tests share, each set up once."""
    turns = count()
    with ExitStack() as stack:
        yield cache(lambda way: stack.enter_context(_arena(way, system, turns)))


@pytest.fixture(params=["http", "store"])
def arena(request: pytest.FixtureRequest) -> Iterator[Arena]:
    """Sixty-four clients at the API, then at the store. Each slow race has a system, so calendars, of its own."""
    if not request.node.get_closest_marker("slow"):
        yield request.getfixturevalue("quick_arenas")(request.param)
        return
    with running_system() as system, _arena(request.param, system, count()) as fresh:
        yield fresh


def _api(system: RunningSystem) -> OverHttp:
    address = urlsplit(system.base_url)
    assert address.hostname
    assert address.port
    return OverHttp(address.hostname, address.port, _token(system), system.demo["app_id"])


def _store(system: RunningSystem) -> OnStore:
    return OnStore(
        system.emulator_url,
        system.region,
        system.tables["scheduling"],
        system.tables["access"],
        system.demo["app_id"],
    )


def _token(system: RunningSystem) -> str:
    body = {"grant_type": "client_credentials"} | {name: system.demo[name] for name in ("client_id", "client_secret")}
    request = urllib.request.Request(
        f"{system.base_url}/api/v1/oauth/token", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        token: str = json.load(answer)["data"]["access_token"]
    return token


WAYS: dict[str, Callable[[RunningSystem], Target]] = {"http": _api, "store": _store}
