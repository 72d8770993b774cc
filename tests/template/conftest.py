"""The world that the events under events/ speak of: an app, its agents and presets, a client, and what it made."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from slotline import zone_rules
from slotline.domain.access.calendar_feeds import CalendarFeed
from slotline.domain.access.connections import Connection
from slotline.domain.access.identity import Client, RateLimits, StoredSecret, secret_hash
from slotline.domain.access.scopes import Scope
from slotline.domain.access.second_factors import recovery_hash
from slotline.domain.access.sessions import SEEN_EVERY, Session, SessionKey, Stage
from slotline.domain.access.users import Organization, Role, SecondFactor, User
from slotline.domain.access.ways_in import LIFE, AskedWayIn, WayIn
from slotline.domain.booking.apps import App, Preset, Verification
from slotline.domain.booking.calls import AssignmentMethod, CallStatus
from slotline.domain.booking.claims import Hold
from slotline.domain.booking.reminders import Channel
from slotline.domain.booking.zone_walks import ZoneWalk
from slotline.domain.shared.audit import Audited, Author, AuthorType, Surface
from slotline.ports.booking import HeldSlot
from slotline.store.access.calendar_feeds import DynamoCalendarFeeds
from slotline.store.access.connections import DynamoConnections
from slotline.store.access.credentials import DynamoAccess
from slotline.store.access.ways_in import DynamoWaysIn
from slotline.store.booking.bookings import DynamoBookings
from slotline.store.booking.sent_codes import DynamoSentCodes
from slotline.store.booking.zone_walks import DynamoZoneWalks
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.store.dynamodb.keys import due_fields
from slotline.store.messages.reminders import DynamoReminders
from slotline.store.shared.timers import DynamoTimers
from slotline.tokens import passwords
from slotline.tokens.passwords import Argon2Passwords
from slotline.wiring import common
from slotline.wiring.dialing import writing
from slotline.wiring.instant import instant_calls
from slotline.wiring.webhooks import receivers
from tests.support.aws.moto_tables import ENVIRONMENT, ROOT, aws_in_memory, kept_rows, put_back
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.bookings import AGENT, a_call, a_code, a_hold, a_reminder, a_sending, write_call
from tests.support.builders.deadlines import Context
from tests.support.builders.guest_links import LINK_KEYS
from tests.support.builders.provisioned import provision
from tests.support.builders.relays import RELAYS
from tests.support.handlers import forget_wiring, load_function
from tests.support.memory.webhooks import Receiver
from tests.template.bulked import change_many
from tests.template.campaigned import campaign
from tests.template.dialed import ORGANIZATION, PLANNED, TWILIO, dial
from tests.template.roomed import sit

EVENTS = ROOT / "events"
APP_ID = "01968c2e-7a00-7000-8000-00000000a44a"
CLIENT_ID = "01968c2e-7a00-7000-8000-00000000c11e"
SECRET = "sls_example-example-example-example-example-123"
API_KEY = "slk_example-example-example-example-example-123"
CALL_SECRET = "slv_example-example-example-example-example-123"
WIDGET_KEY = "wk_example-example-example-example-example-123"
USER_ID = "01968c2e-7a00-7000-8000-00000000005e"
CONNECTION = "01968c2e-7a00-7000-8000-0000000c0225"
COLLEAGUE_ID = "01968c2e-7a00-7000-8000-0000000c0113"
OTHER_APP = "01968c2e-7a00-7000-8000-00000000a44b"
"""Of the same organization."""
SESSION_SECRET = "slc_example-example-example-example-example-123"
WAITING_SECRET = "slc_waiting-waiting-waiting-waiting-waiting-123"
"""Of somebody whose password was right, and who owes the code."""
FEED = "slf_example-example-example-example-example-123"
WAY_IN = "slt_example-example-example-example-example-123"
PASSWORD = "correct horse battery staple"
RECOVERY_CODE = "0123-4567-89ab-cdef"
MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "01968c2e-7a00-7000-8000-00000000ca11": (
        "scheduled_calls/create/booking",
        {"scheduledAtUtc": "2027-05-04T15:00:00.000Z"},
    ),
    "01968c2e-7a00-7000-8000-00000000ca12": (
        "scheduled_calls/create/booking",
        {"scheduledAtUtc": "2027-05-05T10:00:00.000Z", "assignedAgentId": None, "assignmentMethod": "pool"},
    ),
    "01968c2e-7a00-7000-8000-00000000e4c1": (
        "agents/exceptions/block",
        {"dateFrom": "2027-07-05", "dateTo": "2027-07-09"},
    ),
    "01968c2e-7a00-7000-8000-00000000d4d1": (
        "agents/do_not_disturb/window",
        {"startUtc": "2027-07-01T09:00:00.000Z", "endUtc": "2027-07-01T12:00:00.000Z"},
    ),
    "01968c2e-7a00-7000-8000-00000000e4c2": (
        "agents/exceptions/day_off",
        {"dateFrom": "2027-07-12", "dateTo": "2027-07-16"},
    ),
    "01968c2e-7a00-7000-8000-00000000d4d2": (
        "agents/do_not_disturb/lunch",
        {"startUtc": "2027-07-08T09:00:00.000Z", "endUtc": "2027-07-08T12:00:00.000Z"},
    ),
    "01968c2e-7a00-7000-8000-00000000a01d": (
        "availability/hold/slot",
        {"startUtc": "2027-05-12T14:00:00.000Z"},
    ),
    "01968c2e-7a00-7000-8000-00000000cafe": ("video_calls/create/call", {}),
    "01968c2e-7a00-7000-8000-00000000cafd": ("video_calls/create/with_tokens", {}),
    "01968c2e-7a00-7000-8000-00000000f001": ("webhooks/write/create", {}),
    "01968c2e-7a00-7000-8000-00000000f002": ("webhooks/write/create", {}),
    "01968c2e-7a00-7000-8000-00000000f003": ("webhooks/write/create_for_dials", {}),
    "01968c2e-7a00-7000-8000-00000000f00b": ("webhooks/resend/ping", {}),
}
"""What events name by its id: the event that made it, and what its body said otherwise."""
PROVEN_PRESET = "01968c2e-7a00-7000-8000-00000000e5e1"
TOKENS_PRESET = "01968c2e-7a00-7000-8000-00000000e5e2"
INSTANT = "01968c2e-7a00-7000-8000-00000000cafe"
MISSED = "01968c2e-7a00-7000-8000-00000000ca13"
STARTED = "01968c2e-7a00-7000-8000-00000000ca14"
SOON = "01968c2e-7a00-7000-8000-00000000ca15"
JOINED = "01968c2e-7a00-7000-8000-00000000ca16"
UNCLAIMED = "01968c2e-7a00-7000-8000-00000000ca17"
"""A call of the pool whose held agent is not there any more."""
HELD = "01968c2e-7a00-7000-8000-00000000401d"
PRESENT = SetClock()

Operation = tuple[str, str]
"""An IAM verb, and the logical id of what it is used on."""

_IN_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}


_CHANNELS = {
    "sesv2": {
        (f"ses:{verb}", resource)
        for verb in ("SendEmail", "SendRawEmail")  # SES asks for the second where the content is raw
        for resource in ("EmailIdentityArn", "EmailConfigurationSet", "EmailEvents")
    },
    "pinpoint-sms-voice-v2": {("sms-voice:SendTextMessage", "SmsOriginationIdentity")},
    "socialmessaging": {("social-messaging:SendWhatsAppMessage", "WhatsAppPhoneNumberArn")},
}
"""The providers of messages, by the name of their API: what IAM sees of the one thing that is asked of each."""

_FILES = {
    "AbortMultipartUpload": "AbortMultipartUpload",
    "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteObject": "DeleteObject",
    "GetObject": "GetObject",
    "HeadObject": "GetObject",
    "ListParts": "ListMultipartUploadParts",
    "PutObject": "PutObject",
    "UploadPartCopy": "PutObject",
}
"""Requests to S3, and what each is to IAM."""
_BUCKETS = {ENVIRONMENT["UPLOADS_BUCKET"]: "UploadsBucket", ENVIRONMENT["RECORDINGS_BUCKET"]: "RecordingsBucket"}

_NAMED_BY = {"connect": "InstanceId", "secretsmanager": "SecretId"}
"""Where a request says what it is about."""

_SECRETS = {"TwilioSecretArn": TWILIO, "GuestLinkSecret": LINK_KEYS, "RelaySecretArn": RELAYS}

_AWAY = {*_CHANNELS, *_NAMED_BY}
"""Services that are not played in memory."""


BEGUN = Context(30_000)
"""An invocation that has time left."""


@dataclass
class World:
    """Handlers on tables in memory, and every AWS operation that they asked for."""

    used: set[Operation] = field(default_factory=set)
    key_ids: dict[str, str] = field(default_factory=dict)
    listening: bool = False

    def invoke(self, folder: str, event: dict[str, Any], context: Context = BEGUN) -> dict[str, Any]:
        """What the function answers to this event."""
        self.listening = True
        try:
            answer = load_function(folder).handler(event, context)
        finally:
            self.listening = False
            common.begin(None)  # clients in memory outlive their test, and ask for the time of the last invocation
        return json.loads(json.dumps(answer))

    def event(self, name: str) -> dict[str, Any]:
        """A fresh copy of one of the files under events/."""
        return json.loads((EVENTS / f"{name}.json").read_text())

    def token(self) -> str:
        """An access token, issued beside the recording."""
        answer = load_function("oauth/issue_token").handler(self.event("oauth/issue_token/json_body"), None)
        return json.loads(answer["body"])["data"]["access_token"]

    def hear(self, service: str, operation: str, request: dict[str, Any]) -> None:
        """Note an operation as IAM sees it."""
        if self.listening:
            self.used |= set(self._seen_by_iam(service, operation, request))

    def _seen_by_iam(self, service: str, operation: str, request: dict[str, Any]) -> Iterator[Operation]:
        if service == "kms":
            names = {key_id: name for name, key_id in self.key_ids.items()}
            yield f"kms:{operation}", names[request["KeyId"]]
        elif operation.startswith("Transact"):
            for item in request["TransactItems"]:
                ((kind, inner),) = item.items()
                yield f"dynamodb:{_IN_TRANSACTIONS[kind]}", inner["TableName"]
        elif operation.startswith("Batch"):
            for table in request["RequestItems"]:
                yield f"dynamodb:{operation}", table
        elif service == "sqs":
            yield "sqs:SendMessage", request["QueueUrl"].rpartition("/")[2]
        elif service in _AWAY:
            yield from _CHANNELS.get(service) or {(f"{service}:{operation}", request[_NAMED_BY[service]])}
        elif service == "scheduler":
            yield f"scheduler:{operation}", request["GroupName"]
            yield "iam:PassRole", request["Target"]["RoleArn"].rpartition("/")[2]
        elif service == "dynamodb":
            index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
            yield f"dynamodb:{operation}", request["TableName"] + index
        else:
            of_files = {_FILES[operation], *(["GetObject"] if "CopySource" in request else [])}
            yield from ((f"s3:{verb}", f"{_BUCKETS[request['Bucket']]}/*") for verb in of_files)


def _nearby() -> Receiver:
    """A receiver that needs no network, and the one address that every network refuses."""
    return Receiver(refused={"https://169.254.169.254/latest/meta-data"})


@pytest.fixture(scope="module")
def aws() -> Iterator[Any]:
    """Tables and two signing keys in memory, and the present of the tests; made once a module, because it is slow."""
    with aws_in_memory() as client, pytest.MonkeyPatch.context() as patch:
        previous = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        patch.setenv("SIGNING_KEY_IDS", f"{os.environ['SIGNING_KEY_IDS']},{previous['KeyMetadata']['KeyId']}")
        patch.setattr(common, "clock", lambda: PRESENT)
        patch.setattr(common, "world_clock", lambda: PRESENT)
        patch.setattr(passwords, "MEMORY_KIB", 8)  # to hash one for each event takes long enough
        for module in (receivers, writing):
            patch.setattr(module, "egress", _nearby)
        forget_wiring()
        yield client
    forget_wiring()


@pytest.fixture(scope="module")
def rows(aws: Any) -> dict[str, Any]:
    """What the tables hold when a test begins."""
    _settle(aws)
    return kept_rows()


@pytest.fixture
def world(rows: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> World:
    """The world as the events expect it, and functions that have just started."""
    put_back(rows)
    forget_wiring()
    signing, previous = os.environ["SIGNING_KEY_IDS"].split(",")
    world = World(key_ids={"SigningKey": signing, "OtherSigningKey": previous})
    _listen(world, monkeypatch)
    return world


def _listen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ask: Callable[..., Any] = BaseClient._make_api_call

    def heard(client: Any, operation: str, request: dict[str, Any]) -> Any:
        service = client.meta.service_model.service_name
        world.hear(service, operation, request)
        return _said(operation, request) if service in _AWAY else ask(client, operation, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", heard)


def _said(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """What a service that is not played here answers."""
    if operation == "GetSecretValue":
        return {"SecretString": _SECRETS.get(request["SecretId"], "{}")}
    if operation in {"DescribeContact", "SearchContacts"}:
        contact = {"Id": "contact-1"}
        return {"Contact": contact, "Contacts": [contact]}
    return {"MessageId": "1", "messageId": "1", "ContactId": "contact-1"}


def _settle(aws: Any) -> None:
    ports = TablePorts(aws)
    may = {"guest_can_cancel": True, "guest_can_reschedule": True}
    provision(ports, APP_ID, organization_id=ORGANIZATION, slug="standard", **may)
    proven = Preset(preset_id=PROVEN_PRESET, name="With a code", verification=Verification.EMAIL)
    with_tokens = Preset(preset_id=TOKENS_PRESET, name="With tokens", join_tokens=True)
    for preset in (proven, with_tokens):
        ports.presets.add(APP_ID, preset, NOW, None)
    access = DynamoAccess(aws, "AccessTable")
    client = Client(
        client_id=CLIENT_ID,
        name="Example CRM",
        organization_id="org-1",
        app_ids=frozenset({APP_ID}),
        scopes=frozenset({Scope.SCHEDULING_READ, Scope.SCHEDULING_WRITE}),
        limits=RateLimits(60, 600, 6000),
        secrets=(StoredSecret(hash=secret_hash(SECRET), created_at="2026-04-01T15:00:00.000Z"),),
    )
    access.add_client(client)
    access.add_api_key(secret_hash(API_KEY), client)
    access.add_widget_key(secret_hash(WIDGET_KEY), APP_ID, "2026-04-01T15:00:00.000Z")
    _sign_in(ports)
    for made_id, (handler_and_event, changes) in MADE.items():
        _make(made_id, handler_and_event, changes)
    _let_time_pass(aws)
    dial(aws)
    campaign(aws)
    sit(aws, APP_ID, INSTANT, SOON)
    change_many(aws, APP_ID, [*list(MADE)[:2], "gone"])
    _let_a_government_move_its_clocks(aws)


def _sign_in(ports: TablePorts) -> None:
    """The owner of the organization, who is an agent of the app as well, with a session that began just now."""
    owner = User(
        user_id=USER_ID,
        organization_id=ORGANIZATION,
        email="owner@example.com",
        name="Olivia Owner",
        is_owner=True,
        agent_ids={APP_ID: AGENT},
        password_hash=Argon2Passwords().hashed(PASSWORD),
        second_factor=SecondFactor(secret="A" * 32, recovery_hashes=(recovery_hash(RECOVERY_CODE),)),
        created_at=NOW,
    )
    ports.users.add(owner)
    colleague = replace(owner, user_id=COLLEAGUE_ID, email="ada@example.com", name="Ada Admin", agent_ids={})
    ports.users.add(replace(colleague, is_owner=False, roles={APP_ID: Role.ADMIN}))
    connection = Connection(
        connection_id=CONNECTION,
        organization_id=ORGANIZATION,
        name="Acme",
        issuer="https://192.0.2.1",  # which nobody has, so that nobody is asked
        client_id="client",
        client_secret="secret",
        domains=frozenset({"example.com"}),
    )
    connected = Audited(id="connected", at=NOW, author=Author(type=AuthorType.OPERATOR, surface=Surface.TOOLS))
    added = connected.entry("connection.added", CONNECTION, of=Organization(organization_id=ORGANIZATION))
    DynamoConnections(ports.client, "AccessTable").add(connection, added)
    preset = Preset(preset_id=OTHER_APP, name="Default")
    other = App(app_id=OTHER_APP, organization_id=ORGANIZATION, name="Other", timezone="UTC", preset=preset)
    ports.add_app(other, "2026-04-01T15:00:00.000Z")
    for secret, stage, since in (
        (SESSION_SECRET, Stage.IN, NOW - SEEN_EVERY),
        (WAITING_SECRET, Stage.PASSWORD, NOW),
    ):
        key = SessionKey(user_id=USER_ID, secret=secret)
        values = {"epoch": 0, "stage": stage, "created_at": since, "seen_at": since}
        ports.sessions.begin(Session(session_hash=key.session_hash, user_id=USER_ID, **values))
    feeds = DynamoCalendarFeeds(ports.client, "SchedulingTable", "AccessTable")
    feed = CalendarFeed(token_hash=secret_hash(FEED), user_id=USER_ID, app_id=APP_ID, created_at=NOW)
    made = Audited(id="feed", at=NOW, author=Author(type=AuthorType.USER, surface=Surface.MY, id=USER_ID))
    feeds.keep(feed, None, made.entry("calendar_feed.added", USER_ID, of=other))
    ways = DynamoWaysIn(ports.client, "AccessTable")
    ways.ask(AskedWayIn(id="way-in", email=owner.email, language="es", created_at=NOW))
    ways.keep(WayIn(token_hash=secret_hash(WAY_IN), user_id=USER_ID, epoch=0, expires_at=NOW + LIFE))


def _let_time_pass(aws: Any) -> None:
    """Calls of this morning, messages of today, and what nobody woke."""
    bookings = DynamoBookings(aws, "SchedulingTable", "AccessTable", PRESENT)
    early = {"app_id": APP_ID, "scheduled_at": NOW - timedelta(minutes=30)}
    write_call(bookings, a_call(id=MISSED, **early))
    write_call(bookings, a_call(id=STARTED, **early, status=CallStatus.STARTED, assigned_agent_id=None))
    present = {"app_id": APP_ID, "assigned_agent_id": None}
    write_call(bookings, a_call(id=SOON, **present, scheduled_at=NOW + timedelta(minutes=30)))
    pooled = {"app_id": APP_ID, "assignment_method": AssignmentMethod.POOL, "assigned_agent_id": None}
    soon = NOW + timedelta(minutes=10)
    write_call(bookings, a_call(id=UNCLAIMED, **pooled, held_agent_id="agent-gone", scheduled_at=soon))
    joined = NOW - timedelta(minutes=5)
    write_call(bookings, a_call(id=JOINED, **present, scheduled_at=joined, status=CallStatus.STARTED))
    claim = a_hold(NOW - timedelta(hours=2), id=HELD, expires_at=NOW - timedelta(minutes=1))
    bookings.take_time(APP_ID, (), None, HeldSlot(app_id=APP_ID, hold=Hold(agent_id=AGENT, claim=claim)))
    call = a_call(id=next(iter(MADE)), app_id=APP_ID, scheduled_at=datetime(2027, 5, 4, 15, tzinfo=UTC))
    messages = [a_reminder(call, due_at=NOW)]
    messages += [
        replace(messages[0], id=f"reminder_1h.{channel}", channel=channel, recipient="+573005550100")
        for channel in Channel
        if channel is not Channel.EMAIL
    ]
    DynamoReminders(aws, "SchedulingTable", "AccessTable", PRESENT).add(messages, None)
    for number, channel in enumerate((Channel.EMAIL, Channel.SMS, Channel.WHATSAPP)):
        sent_as = f"01968c2e-7a00-7000-8000-000000005e4{'def'[number]}"
        DynamoReminders(aws, "SchedulingTable", "AccessTable", PRESENT).note_sending(
            a_sending(call, id=sent_as, channel=channel)
        )
    for at in (NOW + timedelta(minutes=20), NOW - timedelta(minutes=10)):
        for sk in ("CALL", "REMINDER#1", "DELIVERY#1", "DIAL", "IMPORT", "CAMPAIGN#1", "BULK#1"):
            key = {"pk": f"APP#{APP_ID}#{at.isoformat()}", "sk": sk}
            aws.put_item(TableName="SchedulingTable", Item=to_values({**key, **due_fields(key, at)}))
    DynamoTimers(aws, (), "AccessTable").swept(NOW - timedelta(hours=1))
    codes = DynamoSentCodes(aws, "SchedulingTable", "AccessTable", PRESENT)
    for channel, recipient in ((Verification.EMAIL, "jane@example.com"), (Verification.SMS, "+573005550100")):
        code = a_code(id=f"code-{channel}", app_id=APP_ID, channel=channel, recipient=recipient, created_at=NOW)
        codes.add(code, (), None)


def _let_a_government_move_its_clocks(aws: Any) -> None:
    """Calls that keep the wall time they promised an hour earlier, and a walk that is about to come to them."""
    promised = {"app_time": "2027-05-05T04:00", "guest_time": None, "zone_data": "2025b"}
    for call_id in list(MADE)[:2]:
        aws.update_item(
            TableName="SchedulingTable",
            Key=to_values(keys.call(APP_ID, call_id)),
            UpdateExpression="SET promised = :promised",
            ExpressionAttributeValues=to_values({":promised": promised}),
        )
    aws.update_item(
        TableName="SchedulingTable",
        Key=to_values(keys.app(APP_ID)),
        UpdateExpression="SET preset.on_zone_change = :keeps",
        ExpressionAttributeValues=to_values({":keeps": "keep_wall_time"}),
    )
    asked_for = {"wall": "2027-05-04T16:00", "zone": "Europe/Vienna", "at": NOW}
    aws.update_item(
        TableName="DialingTable",
        Key=to_values(keys.dial_call(ORGANIZATION, PLANNED)),
        UpdateExpression="SET asked_for = :asked",
        ExpressionAttributeValues=to_values({":asked": asked_for}),
    )
    seen = ZoneWalk(release=zone_rules.RELEASE, seen_at=NOW - timedelta(hours=1))
    DynamoZoneWalks(aws, "SchedulingTable", "AccessTable").write(seen)


def _make(made_id: str, name: str, changes: dict[str, Any]) -> None:
    """Something that events name, made by its real handler, under the id that they name it by."""

    class FixedIds:
        def new(self) -> str:
            return made_id

    folder = name.rpartition("/")[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common, "ids", FixedIds)
        patch.setattr(instant_calls, "new_secret", lambda _prefix: CALL_SECRET)
        event = World().event(name)
        event["headers"].pop("idempotency-key", None)
        said = json.loads(event["body"]) | changes
        event["body"] = json.dumps({field: value for field, value in said.items() if value is not None})
        answer = load_function(folder).handler(event, None)
        assert answer["statusCode"] in {201, 202}, answer["body"]
    forget_wiring()
