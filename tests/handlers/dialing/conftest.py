"""The handlers of the dial API, on an organization with a use case and a number."""

from dataclasses import dataclass
from typing import Any

import pytest

from slotline.clock import FullJitter
from slotline.wiring import common
from slotline.wiring.dialing import writing as writing_of_use_cases
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.dialing import a_grant
from tests.support.handlers import Endpoint, Reply, partner
from tests.support.memory.webhooks import Receiver
from tests.support.memory.wiring import MemoryPorts

GRANTED = tuple(f"+1202555010{last}" for last in range(4))
OTHERS = {"organization_id": "organization-2", "client_id": "client-2"}


def writing(method: str = "POST", **caller: str) -> Endpoint:
    return Endpoint("dialing/write_settings", method, partner(**caller))


def reading(**caller: str) -> Endpoint:
    return Endpoint("dialing/read_settings", "GET", partner(**caller))


def scheduling(**caller: str) -> Endpoint:
    return Endpoint("dialing/schedule", "POST", partner(**caller))


def reading_calls(**caller: str) -> Endpoint:
    return Endpoint("dialing/read_calls", "GET", partner(**caller))


@dataclass(frozen=True)
class Dialer:
    """What every request names."""

    use_case_id: str
    number_id: str

    def body(self, **more: Any) -> dict[str, Any]:
        return {"use_case_id": self.use_case_id, "number_id": self.number_id, **more}

    def schedule(self, *, key: str | None = None, accept: str = "", **more: Any) -> Reply:
        headers = {"idempotency-key": key} if key else {}
        return scheduling()("/api/v1/dial/scheduled", self.body(**more), headers={"accept-encoding": accept, **headers})


@pytest.fixture
def receiver() -> Receiver:
    """Where hooks lead: no network is asked."""
    return Receiver()


@pytest.fixture
def dialer(ports: MemoryPorts | TablePorts, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Dialer:
    """A use case that calls at any hour, a number, and a few more that are granted."""
    for e164 in GRANTED:
        ports.grants.put(a_grant("organization-1", phone_number=e164))
    monkeypatch.setattr(common, "backoff", lambda: FullJitter(first_seconds=0, longest_seconds=0))
    monkeypatch.setattr(writing_of_use_cases, "egress", lambda: receiver)
    use_case = writing()("/api/v1/use-cases", {"name": "Kate", "callee_start": "00:00", "callee_end": "24:00"})
    number = writing()("/api/v1/numbers", {"phone_number": "+1 202 555 0100", "carrier": "twilio", "lines": 5})
    return Dialer(use_case.json["data"]["use_case"]["id"], number.json["data"]["number"]["id"])
