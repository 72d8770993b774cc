"""The real handlers of `functions/oauth`, on a table and a key in memory, with the client that the events name."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest

from slotline.domain.access.identity import Client, RateLimits, StoredSecret, secret_hash
from slotline.domain.access.scopes import Scope
from slotline.store.access.credentials import DynamoAccess
from tests.support.aws.moto_tables import aws_in_memory
from tests.support.handlers import ROOT, forget_wiring, load_function

EVENTS = ROOT / "events" / "oauth"
CLIENT_ID = "01968c2e-7a00-7000-8000-00000000c11e"
SECRET = "sls_example-example-example-example-example-123"
API_KEY = "slk_example-example-example-example-example-123"
ISSUER = "https://api.example.com"
GATEWAY = "https://abc123defg.execute-api.eu-central-1.amazonaws.com"
GRANTED = frozenset({Scope.SCHEDULING_READ, Scope.SCHEDULING_WRITE})


def events(function: str) -> list[Path]:
    """The events of one function."""
    return sorted((EVENTS / function).glob("*.json"))


@dataclass
class Handlers:
    """The system under test, and its client."""

    access: DynamoAccess
    client: Client
    key_id: str
    kms: Any

    def event(self, name: str) -> dict[str, Any]:
        """A fresh copy of one of `events/oauth`."""
        return json.loads((EVENTS / f"{name}.json").read_text())

    def call(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        """What the function's handler returns."""
        return load_function(f"oauth/{function}").handler(event, None)

    def token(self) -> str:
        """A token that was really issued."""
        answer = self.call("issue_token", self.event("issue_token/json_body"))
        return json.loads(answer["body"])["data"]["access_token"]

    def named(self, authorization: str | None) -> dict[str, str]:
        """The context that the authorizer hands to the handler for this header."""
        event = self.event("authorize/no_credential")
        if authorization is not None:
            event["headers"]["authorization"] = authorization
        answer = self.call("authorize", event)
        assert answer["isAuthorized"] is True
        return answer["context"]


_MADE = count()
"""No client is made twice with the same words: DynamoDB takes that for a repeat, whatever was deleted in between."""


@pytest.fixture(scope="module")
def tables() -> Iterator[Any]:
    """A DynamoDB client; the tables and the key are made once a module, because making them is slow."""
    with aws_in_memory() as client:
        yield client


@pytest.fixture
def endpoints(tables: Any) -> Iterator[Handlers]:
    """The handlers, with one client that may read and write schedules."""
    forget_wiring()
    access = DynamoAccess(tables, os.environ["ACCESS_TABLE"])
    client = Client(
        client_id=CLIENT_ID,
        name="Example CRM",
        organization_id="org-1",
        app_ids=frozenset({"app-b", "app-a"}),
        scopes=GRANTED,
        limits=RateLimits(60, 600, 6000),
        secrets=(StoredSecret(hash=secret_hash(SECRET), created_at=f"2026-05-01T15:00:00.{next(_MADE):03}Z"),),
    )
    access.add_client(client)
    yield Handlers(access, client, os.environ["SIGNING_KEY_IDS"], boto3.client("kms"))
    for item in tables.scan(TableName=access.table)["Items"]:
        tables.delete_item(TableName=access.table, Key={name: item[name] for name in ("pk", "sk")})
    forget_wiring()
