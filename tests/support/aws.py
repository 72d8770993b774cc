"""Tables as template.yaml declares them, in moto. Single-threaded tests only: moto's transactions are not atomic."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from moto import mock_aws
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
REGION = "eu-west-1"
TABLES = ("SchedulingTable", "DialingTable", "AccessTable")
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
    "STAGE": "local",
    "POWERTOOLS_TRACE_DISABLED": "true",
}


@cache
def template() -> dict[str, Any]:
    """The template, parsed as SAM parses it."""
    return yaml_parse((ROOT / "template.yaml").read_text())


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


@cache
def _session() -> Any:
    """One session for the run: it keeps the service models that each new one would read from disk again."""
    return botocore.session.get_session()


@contextmanager
def aws_in_memory() -> Iterator[Any]:
    """A DynamoDB client on fresh tables, and the environment that functions read."""
    before = dict(os.environ)
    os.environ.update(ENVIRONMENT)
    os.environ.pop("AWS_ENDPOINT_URL", None)
    try:
        with mock_aws():
            boto3.setup_default_session(botocore_session=_session())
            key = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
            os.environ["SIGNING_KEY_IDS"] = key["KeyMetadata"]["KeyId"]
            client = boto3.client("dynamodb")
            create_tables(client, template()["Resources"])
            yield client
    finally:
        os.environ.clear()
        os.environ.update(before)
