"""The two ways into the slot lock, each with a crowd before it; and slots that no other round uses."""

import json
import os
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from urllib.parse import urlsplit

import boto3
import pytest

from local.process import RunningSystem, running_system
from tests.support.oracles.invariants import State
from tests.support.worlds.crowd import Crowd, OnStore, OverHttp, Target, crowd
from tests.support.worlds.later import lines_of_functions

ROUNDS = int(os.environ.get("RACE_ROUNDS_SLOW", "200"))
"""Of each kind of race."""
HORIZON_DAYS = 728
MOST_DAYS_A_ROUND = 3


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
        found = [line for line in lines_of_functions(self.running) if '"BookingRetries"' in line]
        return sum(int(sum(json.loads(line[line.index("{") :]).get("BookingRetries", [0]))) for line in found)


@dataclass
class Grounds:
    """A system to race on, and a crowd for each way into it; the next one where the days of the last have run out."""

    days_left: int = 0
    _arenas: dict[str, Arena] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def arena(self, way: str, days: int) -> Arena:
        """A crowd at this way in, and so many days that nobody has raced for."""
        if self.days_left < days:
            self.close()
            self._system = self._stack.enter_context(running_system(ready_timeout=120))
            self._turns = count()
            self.days_left = len(self._system.demo["agent_ids"]) * (HORIZON_DAYS // 2 - 2)
        self.days_left -= days
        if way not in self._arenas:
            clients = self._stack.enter_context(crowd(WAYS[way](self._system)))
            self._arenas[way] = Arena(way, clients, self._system, self._system.demo["agent_ids"], self._turns)
        return self._arenas[way]

    def close(self) -> None:
        """Stop what runs."""
        self._stack.close()
        self._arenas.clear()


@pytest.fixture(scope="session")
def grounds() -> Iterator[Grounds]:
    """Where all races of the run take place."""
    with closing(Grounds()) as ours:
        yield ours


@pytest.fixture(params=["http", "store"])
def arena(request: pytest.FixtureRequest, grounds: Grounds) -> Arena:
    """Sixty-four clients at the API, then at the store."""
    return grounds.arena(request.param, MOST_DAYS_A_ROUND * ROUNDS)


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
