"""Both backends of the ports. What a test says here holds for each of them."""

import atexit
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from typing import Any, TypeVar

import boto3
import pytest

from slotline.aws.direct import DirectClient
from slotline.aws.endpoint import Endpoint
from slotline.aws.s3 import S3Client
from slotline.aws.services import DYNAMODB, SERVICES
from slotline.clock import InvocationDeadline
from slotline.domain.access.identity import Client
from slotline.domain.access.websites import WidgetKey
from slotline.domain.booking.apps import Preset
from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.working_hours import Window
from slotline.ids import new_id
from slotline.ports.access import Credentials, Rates, Websites
from slotline.ports.apps import Agents, AgentTime, Presets
from slotline.ports.booking import Bookings, BulkJobs, Calendars, Calls, Holds, SentCodes, TicketQueue, ZoneWalks
from slotline.ports.dialing import AttemptFacts, DialCalls, DialLists, DialSettings, NumberGrants, Paces, Uploads
from slotline.ports.instant import Mailboxes, RecordingFiles, Recordings, Rooms, Seatings
from slotline.ports.messages import Reminders, Suppressions
from slotline.ports.shared import Derivations, Receipts, Timers
from slotline.ports.webhooks import Deliveries, Webhooks
from slotline.storage.s3_recordings import S3Recordings
from slotline.storage.s3_uploads import S3Uploads
from slotline.store.access.credentials import DynamoAccess
from slotline.store.access.rates import DynamoRates
from slotline.store.access.websites import DynamoWebsites
from slotline.store.booking.agent_time import DynamoAgentTime
from slotline.store.booking.agents import DynamoAgents
from slotline.store.booking.bookings import DynamoBookings
from slotline.store.booking.bulk_jobs import DynamoBulkJobs
from slotline.store.booking.calendars import DynamoCalendars
from slotline.store.booking.calls import DynamoCalls
from slotline.store.booking.holds import DynamoHolds
from slotline.store.booking.presets import DynamoPresets
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
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
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
from tests.support.aws.moto_server import moto_over_http
from tests.support.aws.moto_tables import ENVIRONMENT, REGION, aws_in_memory, kept_rows, put_back
from tests.support.aws.requests import refusal
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW, SetClock, put_app
from tests.support.builders.bookings import AGENT, APP_ID, OTHER_APP_ID, an_agent, an_app
from tests.support.memory.campaigns import MemoryDoNotCallList, MemoryKeptCampaigns
from tests.support.memory.faults import Fault
from tests.support.memory.wiring import MemoryPorts

AGENTS = (AGENT, "agent-2")
ALWAYS = tuple(Window(weekday=day, start="00:00", end="24:00", zone="UTC") for day in range(7))
KINDS = ("dynamodb", "direct", "memory")
"""DynamoDB as boto3 asks it, which is the reference, and as our own client does; and the twins in memory."""
T = TypeVar("T")
_SERVING = ExitStack()
"""For the run. Closed while threads still run: what ends a server waits for its thread."""
atexit.register(_SERVING.close)
_WRITTEN: dict[str, tuple[Any, dict[str, Any]]] = {}


@dataclass(frozen=True)
class Backend:
    """The ports on one backend, with two apps of two agents each and the preset `preset-1`, which is active."""

    bookings: Bookings
    calls: Calls
    receipts: Receipts
    agents: Agents
    agent_time: AgentTime
    presets: Presets
    calendars: Calendars
    rooms: Rooms
    seatings: Seatings
    mailboxes: Mailboxes
    recordings: Recordings
    recording_files: RecordingFiles
    webhooks: Webhooks
    deliveries: Deliveries
    derivations: Derivations
    credentials: Credentials
    websites: Websites
    rates: Rates
    ticket_queue: TicketQueue
    reminders: Reminders
    suppressions: Suppressions
    holds: Holds
    sent_codes: SentCodes
    zone_walks: ZoneWalks
    bulk_jobs: BulkJobs
    timers: Timers
    dials: DialCalls
    dial_lists: DialLists
    paces: Paces
    attempt_facts: AttemptFacts
    use_cases: DialSettings[UseCase]
    numbers: DialSettings[Number]
    grants: NumberGrants
    do_not_call: DynamoDoNotCall | MemoryDoNotCallList
    campaigns: DynamoCampaigns | MemoryKeptCampaigns
    uploads: Uploads
    clock: SetClock
    works_always: Callable[[str], None]
    """Give an agent of the first app working hours around the clock."""
    add_client: Callable[[Client], None]
    add_api_key: Callable[[str, Client], None]
    add_widget_key: Callable[[WidgetKey], None]
    revoke_widget_key: Callable[[str], None]
    throttled: Callable[[], AbstractContextManager[None]]
    """The while of a `with`, every request is refused as one too many."""
    audited: Callable[[], Sequence[AuditEntry]]
    """The audit log, in the order of its writing."""
    rows: Callable[[], object]
    """Everything that is stored, to be compared."""
    lists_in: str
    """The module that reads lists."""


def written_once(name: str, write: Callable[[], T]) -> T:
    """Have this written into the tables, which hold nothing: once for the run, and put back from then on."""
    if name not in _WRITTEN:
        _WRITTEN[name] = write(), kept_rows()
    made, rows = _WRITTEN[name]
    put_back(rows)
    return made


@cache
def _served() -> str:
    """The address of what this process has in memory, behind HTTP: one for the run."""
    return _SERVING.enter_context(moto_over_http({}))


@cache
def direct_client() -> DirectClient:
    """Our own client of the tables: one for the run."""
    return DirectClient(DYNAMODB, Endpoint(_served(), REGION, None), InvocationDeadline())


@cache
def direct_s3() -> S3Client:
    """Our own client of the bucket."""
    return S3Client(SERVICES["s3"], Endpoint(_served(), REGION, None), InvocationDeadline())


@pytest.fixture
def tables() -> Iterator[Any]:
    """A DynamoDB client; the tables hold nothing."""
    with aws_in_memory() as client:
        yield client


@contextmanager
def backend_of(kind: str) -> Iterator[Backend]:
    """A fresh one of this kind."""
    clock = SetClock()
    with ExitStack() as stack:
        if kind == "memory":
            yield _in_memory(clock)
        else:
            client = stack.enter_context(aws_in_memory())
            by_boto3 = kind == "dynamodb"
            yield _on_dynamodb(clock, *((client, boto3.client("s3")) if by_boto3 else (direct_client(), direct_s3())))


@pytest.fixture(params=KINDS)
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Each backend in turn, with nothing in it but its apps."""
    with backend_of(request.param) as made:
        yield made


class _Throttle:
    """A client of AWS that refuses every request while it is told to."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._is_on = False

    def __getattr__(self, name: str) -> Any:
        return self._refuse if self._is_on else getattr(self._client, name)

    def _refuse(self, **_: Any) -> None:
        raise refusal("ThrottlingException")

    @contextmanager
    def on(self) -> Iterator[None]:
        self._is_on = True
        yield
        self._is_on = False


def _on_dynamodb(clock: SetClock, dynamodb: Any, bucket: Any) -> Backend:
    client, s3 = _Throttle(dynamodb), _Throttle(bucket)
    dialing: Any = (client, "DialingTable", "AccessTable", clock)
    both: Any = (client, "SchedulingTable", "AccessTable", clock)
    presets, access = DynamoPresets(*both), DynamoAccess(client, "AccessTable")

    def write_apps() -> None:
        for app_id in (APP_ID, OTHER_APP_ID):
            put_app(TablePorts(client), app_id, agents=AGENTS)
            presets.add(app_id, Preset(preset_id="preset-1", name="Default"), NOW, None)

    written_once("apps", write_apps)

    def works_always(agent_id: str) -> None:
        client.update_item(
            TableName="SchedulingTable",
            Key=to_values(keys.agent(APP_ID, agent_id)),
            UpdateExpression="SET working_hours = :hours",
            ExpressionAttributeValues=to_values({":hours": [asdict(window) for window in ALWAYS]}),
        )

    @contextmanager
    def throttled() -> Iterator[None]:
        with client.on(), s3.on():
            yield

    return Backend(
        bookings=DynamoBookings(*both),
        calls=DynamoCalls(client, "SchedulingTable"),
        receipts=DynamoReceipts(client, "AccessTable", clock),
        agents=DynamoAgents(*both),
        agent_time=DynamoAgentTime(*both),
        presets=presets,
        calendars=DynamoCalendars(client, "SchedulingTable"),
        rooms=DynamoRooms(*both, new_id),
        seatings=DynamoSeatings(client, "AccessTable"),
        mailboxes=DynamoMailboxes(client, "AccessTable"),
        recordings=DynamoRecordings(client, "SchedulingTable", "AccessTable"),
        recording_files=S3Recordings(lambda: s3, ENVIRONMENT["RECORDINGS_BUCKET"]),
        webhooks=DynamoWebhooks(*both),
        deliveries=DynamoDeliveries(*both),
        derivations=DynamoDerivations(client, "SchedulingTable", clock),
        credentials=access,
        websites=DynamoWebsites(client, "SchedulingTable", "AccessTable"),
        rates=DynamoRates(client, "AccessTable"),
        ticket_queue=DynamoTicketQueue(client, "AccessTable"),
        reminders=DynamoReminders(*both),
        suppressions=DynamoSuppressions(client, "SchedulingTable", "AccessTable"),
        holds=DynamoHolds(client, "SchedulingTable"),
        sent_codes=DynamoSentCodes(client, "SchedulingTable", "AccessTable", clock),
        zone_walks=DynamoZoneWalks(client, "SchedulingTable", "AccessTable"),
        bulk_jobs=DynamoBulkJobs(client, "SchedulingTable", "AccessTable"),
        timers=DynamoTimers(client, ("SchedulingTable", "DialingTable"), "AccessTable"),
        dials=DynamoDialCalls(client, "DialingTable"),
        dial_lists=DynamoDialLists(client, "DialingTable", DynamoDerivations(client, "DialingTable", clock)),
        paces=DynamoPaces(client, "AccessTable"),
        attempt_facts=DynamoAttemptFacts(client, "DialingTable", "AccessTable"),
        use_cases=DynamoDialSettings(*dialing, USE_CASES),
        numbers=DynamoDialSettings(*dialing, NUMBERS),
        grants=DynamoNumberGrants(*dialing),
        do_not_call=DynamoDoNotCall(client, "DialingTable", "AccessTable"),
        campaigns=DynamoCampaigns(client, "DialingTable", "AccessTable"),
        uploads=S3Uploads(lambda: s3, ENVIRONMENT["UPLOADS_BUCKET"], clock),
        clock=clock,
        works_always=works_always,
        add_client=access.add_client,
        add_api_key=access.add_api_key,
        revoke_widget_key=access.revoke_widget_key,
        add_widget_key=lambda key: access.add_widget_key(key.key_hash, key.app_id, "2026-04-22", key.limits),
        throttled=throttled,
        audited=TablePorts(client).audited,
        rows=lambda: [
            (name, item.to_json())
            for name, table in kept_rows().items()
            for row in table.values()
            for item in row.values()
        ],
        lists_in="slotline.store.booking.call_pages",
    )


def _in_memory(clock: SetClock) -> Backend:
    ports = MemoryPorts(clock)
    store = ports.store
    for app_id in (APP_ID, OTHER_APP_ID):
        store.apps[app_id] = an_app(app_id)
        store.agents |= {(app_id, agent_id): an_agent(agent_id) for agent_id in AGENTS}
        ports.presets.add(app_id, store.apps[app_id].preset, NOW, None)

    def works_always(agent_id: str) -> None:
        store.agents[APP_ID, agent_id] = replace(store.agents[APP_ID, agent_id], working_hours=ALWAYS)

    @contextmanager
    def throttled() -> Iterator[None]:
        plans = (store.faults.reads, store.faults.commits, store.faults.counts)
        for plan in plans:
            plan.append(Fault.BUSY)
        yield
        for plan in plans:
            plan.clear()

    everything = [
        store,
        *(
            ports.access,
            ports.derivations,
            ports.rates,
            ports.ticket_queue,
            ports.timers,
            ports.dials,
            ports.paces,
            ports.campaigns,
            ports.zone_walks,
            ports.bulk_jobs,
        ),
        *(ports.use_cases, ports.numbers, ports.grants, ports.do_not_call, ports.uploads, ports.recording_files),
    ]
    shared = [field.name for field in fields(Backend) if field.name != "rows" and hasattr(ports, field.name)]
    return Backend(
        **{name: getattr(ports, name) for name in shared},
        works_always=works_always,
        add_client=ports.access.add_client,
        add_api_key=ports.access.add_api_key,
        revoke_widget_key=ports.access.revoke_widget_key,
        add_widget_key=lambda key: ports.access.add_widget_key(key.key_hash, key.app_id, "2026-04-22", key.limits),
        throttled=throttled,
        rows=lambda: repr(everything),
        lists_in="tests.support.memory.store",
    )
