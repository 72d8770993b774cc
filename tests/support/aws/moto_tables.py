"""Tables as template.yaml declares them, in moto. Single-threaded tests only: moto's transactions are not atomic."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from local.template import read_yaml
from tests.support.aws import moto_shortcut  # noqa: F401 - it holds from its import on
from tests.support.aws.moto_tokens import TOKENS
from tests.support.aws.quick_moto import shared
from tests.support.builders.guest_links import LINK_KEYS
from tests.support.builders.relays import RELAYS

ROOT = Path(__file__).parents[3]
REGION = "eu-west-1"
TABLES = ("SchedulingTable", "DialingTable", "AccessTable")
QUEUES_AT = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}"
QUEUES = (
    "RemindersQueue",
    "CallsQueue",
    "DeliveriesQueue",
    "AttemptsQueue",
    "ImportsQueue",
    "CampaignsQueue",
    "BulkQueue",
    "StreamDeadLetters",
)
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "SCHEDULING_TABLE": "SchedulingTable",
    "DIALING_TABLE": "DialingTable",
    "ACCESS_TABLE": "AccessTable",
    "API_BASE_URL": "https://api.example.com",
    "VIDEO_BASE_URL": "https://video.example.com",
    "REMINDERS_QUEUE_URL": f"{QUEUES_AT}/RemindersQueue",
    "CALLS_QUEUE_URL": f"{QUEUES_AT}/CallsQueue",
    "DELIVERIES_QUEUE_URL": f"{QUEUES_AT}/DeliveriesQueue",
    "ATTEMPTS_QUEUE_URL": f"{QUEUES_AT}/AttemptsQueue",
    "IMPORTS_QUEUE_URL": f"{QUEUES_AT}/ImportsQueue",
    "CAMPAIGNS_QUEUE_URL": f"{QUEUES_AT}/CampaignsQueue",
    "BULK_QUEUE_URL": f"{QUEUES_AT}/BulkQueue",
    "UPLOADS_BUCKET": "uploads-bucket",
    "RECORDINGS_BUCKET": "recordings-bucket",
    "STREAM_DEAD_LETTERS_URL": f"{QUEUES_AT}/StreamDeadLetters",
    "SCHEDULE_GROUP": "DueSchedules",
    "FIRE_DUE_ARN": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:FireDueFunction",
    "FIRE_DUE_ROLE_ARN": f"arn:aws:iam::{ACCOUNT_ID}:role/ScheduleRole",
    "SCHEDULE_DEAD_LETTERS_ARN": f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:ScheduleDeadLetters",
    "EMAIL_SENDER": "calls@example.com",
    "EMAIL_CONFIGURATION_SET": "EmailConfigurationSet",
    "SMS_ORIGINATION_IDENTITY": "SmsOriginationIdentity",
    "WHATSAPP_PHONE_NUMBER_ID": "WhatsAppPhoneNumberId",
    "META_API_VERSION": "v23.0",
    "GENESYS_INTEGRATION_ID": "integration-1",
    "GENESYS_SECRET_ID": "GenesysSecretArn",
    "TWILIO_SECRET_ID": "TwilioSecretArn",
    "TWILIO_API_URL": "http://127.0.0.1:9",
    "GUEST_LINK_SECRET_ID": "GuestLinkSecret",
    "RELAY_SECRET_ID": "RelaySecretArn",
    "CONNECT_INSTANCE_ID": "ConnectInstance",
    "CONNECT_FLOW_ID": "flow-1",
    # Nobody listens there: no test may speak to the world.
    "GENESYS_LOGIN_URL": "http://127.0.0.1:9",
    "GENESYS_API_URL": "http://127.0.0.1:9",
    "STAGE": "local",
    "CLIENT_OF_AWS": "boto3",  # which moto answers inside this process
    "POWERTOOLS_TRACE_DISABLED": "true",
}


@cache
def template() -> dict[str, Any]:
    """The template, parsed as SAM parses it."""
    return read_yaml((ROOT / "template.yaml").read_text())


def create_tables(client: Any, resources: dict[str, Any], names: tuple[str, ...] = TABLES) -> None:
    """The template's tables, by their logical ids."""
    for name in names:
        properties = resources[name]["Properties"]
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=properties["AttributeDefinitions"],
            KeySchema=properties["KeySchema"],
            **(
                {"GlobalSecondaryIndexes": properties["GlobalSecondaryIndexes"]}
                if "GlobalSecondaryIndexes" in properties
                else {}
            ),
        )


class _Session(boto3.Session):
    """A session that makes each client once: making one costs more than most tests do."""

    def __init__(self) -> None:
        super().__init__(botocore_session=botocore.session.get_session())
        self._made: dict[str, Any] = {}

    def client(self, *said: Any, config: Config | None = None, **more: Any) -> Any:
        """The client that is set up like this."""
        key = repr((said, vars(config) if config else None, more))
        if key not in self._made:
            self._made[key] = super().client(*said, config=config, **more)
        return self._made[key]

    def emitters(self) -> list[Any]:
        """What tells of events: of clients that are made from now on, and of each that is there."""
        return [self.events, *(client.meta.events for client in self._made.values())]


@contextmanager
def before_each_call(handler: Any) -> Iterator[None]:
    """A handler of botocore's event `before-call`, on every client of the run."""
    for emitter in _session().emitters():
        emitter.register("before-call", handler, unique_id="before-each-call")
    try:
        yield
    finally:
        for emitter in _session().emitters():
            emitter.unregister("before-call", unique_id="before-each-call")


@cache
def _session() -> _Session:
    """One session for the run: it keeps the service models that each new one would read from disk again.

    One of boto3's, too: each of those adds its methods to the clients of S3 anew, and they may be added only once.
    """
    return _Session()


@contextmanager
def aws_in_memory() -> Iterator[Any]:
    """A DynamoDB client on empty tables, and the environment that functions read.

    The tables and the key are made once for the run and only emptied from test to test: making them costs more than
    most tests do.
    """
    before = dict(os.environ)
    os.environ.update(ENVIRONMENT)
    os.environ.pop("AWS_ENDPOINT_URL", None)
    mock = mock_aws()
    mock.start(reset=False)
    try:
        boto3.DEFAULT_SESSION = _session()
        os.environ["SIGNING_KEY_IDS"] = _key_id()
        client = boto3.client("dynamodb")
        _empty_tables(client)
        _make_queues()
        yield client
    finally:
        mock.stop(remove_data=False)
        os.environ.clear()
        os.environ.update(before)


@cache
def _key_id() -> str:
    key = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return str(key["KeyMetadata"]["KeyId"])


@cache
def _make_queues() -> None:
    sqs = boto3.client("sqs")
    for name in QUEUES:
        sqs.create_queue(QueueName=name)
    boto3.client("scheduler").create_schedule_group(Name="DueSchedules")
    secrets = boto3.client("secretsmanager")
    for name, secret in (("GUEST_LINK_SECRET_ID", LINK_KEYS), ("RELAY_SECRET_ID", RELAYS)):
        secrets.create_secret(Name=ENVIRONMENT[name], SecretString=secret)
    placed: Any = {"LocationConstraint": REGION}
    for name in ("UPLOADS_BUCKET", "RECORDINGS_BUCKET"):
        boto3.client("s3").create_bucket(Bucket=ENVIRONMENT[name], CreateBucketConfiguration=placed)


def _empty_tables(client: Any) -> None:
    """Tables as they were made. Through moto's own store: one request a row would cost as much as making them anew."""
    tables = dynamodb_backends[ACCOUNT_ID][REGION].tables
    if sorted(tables) != sorted(TABLES):
        for name in list(tables):
            client.delete_table(TableName=name)
        create_tables(client, template()["Resources"])
    for table in tables.values():
        table.items.clear()
    TOKENS.forget()


def kept_rows() -> dict[str, Any]:
    """What the tables hold, to be put back."""
    return {name: shared(table.items) for name, table in dynamodb_backends[ACCOUNT_ID][REGION].tables.items()}


def put_back(kept: dict[str, Any]) -> None:
    """Make the tables hold what they held."""
    for name, table in dynamodb_backends[ACCOUNT_ID][REGION].tables.items():
        table.items = shared(kept[name])
