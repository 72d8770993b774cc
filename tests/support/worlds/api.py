"""One client of the API over HTTP, on the whole local system."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import httpx

from local.process import RunningSystem
from slotline.domain.access.identity import RateLimits
from slotline.domain.access.keys import Grants
from slotline.domain.access.scopes import Scope
from slotline.domain.booking.apps import Agent, Preset
from slotline.domain.shared.working_hours import Window
from slotline.ids import new_id
from tests.support import patient
from tools.provision import Provision
from tools.target import Target

ALWAYS = tuple(Window(weekday=day, start="00:00", end="24:00", zone="UTC") for day in range(7))
UNLIMITED = RateLimits(minute=100_000, hour=10_000_000, day=150_000_000)


class Api:
    """A client at one app, signed in. Threads may share it."""

    def __init__(self, system: RunningSystem, who: dict[str, Any], app_id: str) -> None:
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        self.client = patient.Client(base_url=system.base_url, limits=limits)
        self.app_id = app_id
        self.path = f"/api/v1/video/{app_id}/scheduled-calls"
        answer = self.client.post(
            "/api/v1/oauth/token",
            json={
                "grant_type": "client_credentials",
                "client_id": who["client_id"],
                "client_secret": who["client_secret"],
            },
        )
        self.client.headers["Authorization"] = f"Bearer {answer.json()['data']['access_token']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def ask(self, method: str, path: str = "", body: Any = None, key: str | None = None) -> httpx.Response:
        """Ask something of the app's calls, or of one of them."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.request(method, f"{self.path}/{path}".rstrip("/"), json=body, headers=headers)

    def create(
        self, agent_id: str | None, start: datetime, *, key: str | None = None, **changes: Any
    ) -> httpx.Response:
        """Ask for a call as the documented example does; None leaves a field out."""
        body = {
            "assignedAgentId": agent_id,
            "assignmentMethod": "manual",
            "guestName": "Jane Doe",
            "guestPhone": "+57 300 555 0100",
            "guestEmail": "jane@example.com",
            "guestTimezone": "America/Bogota",
            "guestIntakeNotes": "Wants to discuss contract renewal",
            "scheduledAtUtc": text(start),
            "durationMinutes": 30,
            "appTimezone": "America/Bogota",
            "bufferBeforeMinutes": 5,
            "bufferAfterMinutes": 5,
            "requireConfirmation": False,
            **changes,
        }
        return self.ask("POST", body={name: value for name, value in body.items() if value is not None}, key=key)

    def book(self, agent_id: str | None, start: datetime, **changes: Any) -> str:
        """A call that is booked; its id."""
        answer = self.create(agent_id, start, **changes)
        assert answer.status_code == 201, answer.text
        call_id: str = answer.json()["data"]["call"]["id"]
        return call_id


@dataclass(frozen=True)
class OwnApp:
    """An app that no other test knows, with agents who always work."""

    system: RunningSystem
    app_id: str
    agent_ids: Sequence[str]

    def client(self, *scopes: Scope, limits: RateLimits = UNLIMITED) -> Api:
        """A new client of the app, signed in; with every scope where none is named."""
        provision = Provision.of(target_of(self.system))
        made = provision.create_client(Grants("Test", [self.app_id], frozenset(scopes or Scope), limits))
        return Api(self.system, {"client_id": made.client_id, "client_secret": made.secret}, self.app_id)

    def grants(self, e164: str) -> None:
        """The app's organization may call from this number."""
        provision = Provision.of(target_of(self.system))
        provision.number_owners.grant(e164, provision.apps.get(self.app_id).organization_id)


def own_app(system: RunningSystem, weights: Sequence[int] = (1, 1), **preset: Any) -> OwnApp:
    """A fresh app; an agent for each weight."""
    provision = Provision.of(target_of(system))
    rules = Preset(**{"preset_id": new_id(), "name": "Test", "horizon_days": 3650, **preset})
    app = provision.create_app("Test", "UTC", preset=rules)
    agent_ids = []
    for weight in weights:
        agent = Agent(agent_id=new_id(), name="Agent", weight=weight, working_hours=ALWAYS)
        provision.create_agent(app.app_id, agent)
        agent_ids.append(agent.agent_id)
    return OwnApp(system, app.app_id, agent_ids)


def text(instant: datetime) -> str:
    """As the API writes it."""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def said(answer: httpx.Response) -> tuple[int, str, str | None]:
    """An error's status, type, and first detail's code; its whole shape is checked on the way."""
    error = answer.json()["error"]
    assert error.keys() == {"type", "message", "timestamp", "details", "total_details"}
    return answer.status_code, error["type"], (error["details"] or [{}])[0].get("code")


def target_of(system: RunningSystem) -> Target:
    """The system's tables, for those who write past its handlers."""
    tables = system.tables
    return Target(system.emulator_url, system.region, tables["scheduling"], tables["dialing"], tables["access"])
