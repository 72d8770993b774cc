"""Every port in memory, on one store; and how they take the adapters' place in the wiring, for the time of a test.

A wiring module names the class of each adapter that it builds. There, and nowhere else, the port in memory is put in
its place: who imported a provider from a wiring module builds on it as well, however early or late that was. Whatever
would go to AWS past the ports is refused.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.hooks import HierarchicalEmitter as EventHooks

from slotline import wiring
from slotline.domain.booking.apps import App
from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.instants import parse_instant
from slotline.queues.sqs import SqsDeadLetters, SqsQueues
from slotline.storage.s3_recordings import S3Recordings
from slotline.storage.s3_uploads import S3Uploads
from slotline.store.access.audit_log import DynamoAuditLog
from slotline.store.access.calendar_feeds import DynamoCalendarFeeds
from slotline.store.access.connections import DynamoConnections
from slotline.store.access.credentials import DynamoAccess
from slotline.store.access.rates import DynamoRates
from slotline.store.access.sessions import DynamoSessions
from slotline.store.access.users import DynamoUsers
from slotline.store.access.ways_in import DynamoWaysIn
from slotline.store.access.websites import DynamoWebsites
from slotline.store.booking.agent_time import DynamoAgentTime
from slotline.store.booking.agents import DynamoAgents
from slotline.store.booking.bookings import DynamoBookings
from slotline.store.booking.bulk_jobs import DynamoBulkJobs
from slotline.store.booking.calendars import DynamoCalendars
from slotline.store.booking.calls import DynamoCalls
from slotline.store.booking.holds import DynamoHolds
from slotline.store.booking.presets import DynamoPresets
from slotline.store.booking.rollups import DynamoRollups
from slotline.store.booking.sent_codes import DynamoSentCodes
from slotline.store.booking.ticket_queue import DynamoTicketQueue
from slotline.store.booking.zone_walks import DynamoZoneWalks
from slotline.store.dialing.attempt_facts import DynamoAttemptFacts
from slotline.store.dialing.calls import DynamoDialCalls
from slotline.store.dialing.campaigns import DynamoCampaigns
from slotline.store.dialing.do_not_call import DynamoDoNotCall
from slotline.store.dialing.grants import DynamoNumberGrants
from slotline.store.dialing.lists import DynamoDialLists
from slotline.store.dialing.paces import DynamoPaces
from slotline.store.dialing.settings import NUMBERS, USE_CASES, DynamoDialSettings
from slotline.store.instant.recordings import DynamoRecordings
from slotline.store.instant.rooms import DynamoRooms
from slotline.store.instant.seats import DynamoMailboxes, DynamoSeatings
from slotline.store.messages.reminders import DynamoReminders
from slotline.store.messages.suppressions import DynamoSuppressions
from slotline.store.shared.derived import DynamoDerivations
from slotline.store.shared.receipts import DynamoReceipts
from slotline.store.shared.timers import DynamoTimers
from slotline.store.webhooks.deliveries import DynamoDeliveries
from slotline.store.webhooks.subscriptions import DynamoWebhooks
from slotline.wiring import common
from tests.support.aws.moto_tables import ENVIRONMENT
from tests.support.builders.apps import SetClock
from tests.support.builders.guest_links import LINK_KEYS
from tests.support.builders.relays import RELAYS
from tests.support.handlers import forget_wiring
from tests.support.memory.access import MemoryAccess
from tests.support.memory.agents import MemoryAgents, MemoryAgentTime
from tests.support.memory.attempt_facts import MemoryAttemptFacts
from tests.support.memory.audit_log import MemoryAuditLog
from tests.support.memory.bulk_jobs import MemoryBulkJobs
from tests.support.memory.calendars import MemoryCalendars
from tests.support.memory.campaigns import (
    MemoryDialSettings,
    MemoryDoNotCallList,
    MemoryKeptCampaigns,
    MemoryNumberGrants,
    MemoryUploads,
)
from tests.support.memory.derivations import MemoryDerivations
from tests.support.memory.dials import MemoryDialLists, MemoryDials, MemoryPaces
from tests.support.memory.presets import MemoryPresets
from tests.support.memory.rates import MemoryRates
from tests.support.memory.receipts import MemoryReceipts
from tests.support.memory.recordings import MemoryRecordingFiles, MemoryRecordings
from tests.support.memory.rooms import MemoryRooms
from tests.support.memory.rows import StoreRows
from tests.support.memory.seats import MemoryMailboxes, MemorySeatings
from tests.support.memory.sent_codes import MemorySentCodes
from tests.support.memory.store import MemoryStore
from tests.support.memory.ticket_queue import MemoryTicketQueue
from tests.support.memory.timing import (
    MemoryDeadLetters,
    MemoryHolds,
    MemoryQueues,
    MemoryReminders,
    MemorySuppressions,
    MemoryTimers,
)
from tests.support.memory.webhooks import MemoryDeliveries, MemoryWebhooks
from tests.support.memory.zone_walks import MemoryZoneWalks

ADAPTERS: dict[type, str] = {
    DynamoAccess: "credentials",
    DynamoAgentTime: "agent_time",
    DynamoAgents: "agents",
    DynamoAttemptFacts: "attempt_facts",
    DynamoAuditLog: "audit_log",
    DynamoBookings: "bookings",
    DynamoBulkJobs: "bulk_jobs",
    DynamoCalendars: "calendars",
    DynamoCalls: "calls",
    DynamoCampaigns: "campaigns",
    DynamoDeliveries: "deliveries",
    DynamoDerivations: "derivations",
    DynamoDialCalls: "dials",
    DynamoDialLists: "dial_lists",
    DynamoDoNotCall: "do_not_call",
    DynamoHolds: "holds",
    DynamoNumberGrants: "grants",
    DynamoTicketQueue: "ticket_queue",
    DynamoPaces: "paces",
    DynamoPresets: "presets",
    DynamoRates: "rates",
    DynamoReceipts: "receipts",
    DynamoReminders: "reminders",
    DynamoMailboxes: "mailboxes",
    DynamoRecordings: "recordings",
    DynamoRooms: "rooms",
    DynamoSeatings: "seatings",
    DynamoSentCodes: "sent_codes",
    DynamoSuppressions: "suppressions",
    DynamoTimers: "timers",
    DynamoWebhooks: "webhooks",
    DynamoWebsites: "websites",
    DynamoZoneWalks: "zone_walks",
    S3Recordings: "recording_files",
    S3Uploads: "uploads",
    SqsDeadLetters: "dead_letters",
    SqsQueues: "queues",
}
"""Which port in memory stands for which adapter. `DynamoDialSettings` is two ports: see `_settings`."""


@dataclass(frozen=True)
class _Meta:
    """What a client tells of itself. Nothing is ever sent, so nobody has to be asked before that."""

    config: Config = field(default_factory=Config)
    events: EventHooks = field(default_factory=EventHooks)


SECRETS = {ENVIRONMENT["GUEST_LINK_SECRET_ID"]: LINK_KEYS, ENVIRONMENT["RELAY_SECRET_ID"]: RELAYS}


@dataclass
class MemorySecrets:
    """Secrets Manager, as far as a secret is read, and how often it was asked for one."""

    meta: _Meta = field(default_factory=_Meta)
    kept: dict[str, str] = field(default_factory=lambda: dict(SECRETS))
    asked: int = 0

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 - as boto3 names it
        """Its text."""
        self.asked += 1
        if SecretId not in self.kept:
            raise BotoCoreError
        return {"SecretString": self.kept[SecretId]}


class MemoryPorts(StoreRows):
    """The ports, all on one store."""

    def __init__(self, clock: SetClock) -> None:
        store = MemoryStore(clock)
        super().__init__(store)
        self.clock = clock
        self.bookings = self.calls = store
        self.receipts = MemoryReceipts(store)
        self.agents = MemoryAgents(store)
        self.agent_time = MemoryAgentTime(store)
        self.presets = MemoryPresets(store)
        self.calendars = MemoryCalendars(store)
        self.rooms = MemoryRooms(store)
        self.seatings = MemorySeatings(store)
        self.mailboxes = MemoryMailboxes(store)
        self.webhooks = MemoryWebhooks(store)
        self.deliveries = MemoryDeliveries(store)
        self.access = self.credentials = self.websites = MemoryAccess(store)
        self.derivations = MemoryDerivations(store.faults)
        self.rates = MemoryRates(faults=store.faults)
        self.ticket_queue = MemoryTicketQueue(faults=store.faults)
        self.reminders = MemoryReminders(store)
        self.suppressions = MemorySuppressions(store)
        self.holds = MemoryHolds(store)
        self.sent_codes = MemorySentCodes(store)
        self.timers = MemoryTimers(store)
        self.dials = MemoryDials(store.faults)
        self.paces = MemoryPaces(store.faults)
        self.use_cases: MemoryDialSettings[UseCase] = MemoryDialSettings(store)
        self.numbers: MemoryDialSettings[Number] = MemoryDialSettings(store)
        self.grants = MemoryNumberGrants(self.numbers)
        self.do_not_call = MemoryDoNotCallList(store)
        self.campaigns = MemoryKeptCampaigns(store.faults, audited=store.audited)
        self.dial_lists = MemoryDialLists(self.dials, campaigns=self.campaigns)
        self.attempt_facts = MemoryAttemptFacts(
            self.dials, self.campaigns, self.use_cases, self.numbers, self.grants, self.do_not_call, self.paces
        )
        self.recordings, self.recording_files = MemoryRecordings(store), MemoryRecordingFiles(faults=store.faults)
        self.uploads = MemoryUploads(faults=store.faults)
        self.queues = MemoryQueues(faults=store.faults)
        self.dead_letters = MemoryDeadLetters()
        self.secrets = MemorySecrets()
        self.zone_walks = MemoryZoneWalks(store)
        self.audit_log = MemoryAuditLog(store)
        self.bulk_jobs = MemoryBulkJobs(store)

    def add_app(self, app: App, created_at: str) -> None:
        """Keep a new app with its first preset, which rules."""
        self.store.apps[app.app_id] = app
        self.presets.add(app.app_id, app.preset, parse_instant(created_at), None)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The handlers keep everything here, at this clock, and reach nothing else."""
        try:
            with pytest.MonkeyPatch.context() as patch:
                for name, value in _environment().items():
                    patch.setenv(name, value)
                patch.delenv("AWS_ENDPOINT_URL", raising=False)
                for module, name, port in _places():
                    patch.setattr(module, name, self._settings if port is None else _always(getattr(self, port)))
                patch.setattr(boto3, "client", self.client)
                patch.setattr(common, "clock", lambda: self.clock)
                patch.setattr(common, "world_clock", lambda: self.clock)
                forget_wiring()
                yield
        finally:
            forget_wiring()

    def client(self, service: str, **_: object) -> Any:
        """What stands where `boto3.client` does."""
        return self.secrets if service == "secretsmanager" else _NoClient(service)

    def _settings(self, *said: object) -> Any:
        """The use cases or the numbers: the last that is said tells which."""
        return {id(USE_CASES): self.use_cases, id(NUMBERS): self.numbers}[id(said[-1])]


@dataclass(frozen=True)
class _NoClient:
    """A client of AWS for whoever passes one on and never uses it."""

    service: str
    meta: _Meta = field(default_factory=_Meta)

    def __getattr__(self, operation: str) -> Any:
        raise AssertionError(f"nothing goes to AWS here, and somebody wants {self.service} to {operation}")


def _always(port: object) -> Callable[..., object]:
    return lambda *_, **__: port


ON_TABLES_ALONE = {DynamoCalendarFeeds, DynamoConnections, DynamoRollups, DynamoSessions, DynamoUsers, DynamoWaysIn}
"""Adapters of pages that people sign in to: their tests are on tables in memory."""


@cache
def _environment() -> dict[str, str]:
    return ENVIRONMENT | {"SIGNING_KEY_IDS": "key"}


@cache
def _parts() -> list[ModuleType]:
    """Every wiring module, imported."""
    found = pkgutil.walk_packages(wiring.__path__, f"{wiring.__name__}.")
    return [importlib.import_module(module.name) for module in found]


@cache
def _places() -> list[tuple[ModuleType, str, str | None]]:
    """Where wiring modules name an adapter, and which port stands for it. Raises KeyError for one that is new."""
    named = [(part, name, value) for part in _parts() for name, value in vars(part).items() if _is_adapter(value)]
    known = [(part, name, value) for part, name, value in named if value not in ON_TABLES_ALONE]
    return [(part, name, None if value is DynamoDialSettings else ADAPTERS[value]) for part, name, value in known]


def _is_adapter(value: object) -> bool:
    return isinstance(value, type) and value.__name__.startswith(("Dynamo", "S3", "Sqs"))
