"""The access table: clients, API keys and widget keys.

Every read is strongly consistent, so that a credential works as soon as it is made and stops once it is
revoked; `CachedCredentials` bounds how long an authorizer may go on without asking.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.access.identity import Client, RateLimits, StoredSecret
from slotline.domain.access.scopes import Scope
from slotline.domain.shared.errors import Conflict, DomainError, NotFound
from slotline.ports.access import Credentials
from slotline.ports.shared import Clock
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient, from_values, to_values

_ACTIVE, _REVOKED = "active", "revoked"


@dataclass(frozen=True, slots=True)
class DynamoAccess:
    """Credentials, in DynamoDB. Secrets come and go as hashes only."""

    dynamodb: DynamoDBClient
    table: str

    def client(self, client_id: str) -> Client | None:
        """The client of this id, revoked ones too."""
        item = self._get(keys.client(client_id))
        return _client(item) if item else None

    def api_key(self, key_hash: str) -> Client | None:
        """The grants of an API key, revoked ones too."""
        item = self._get(keys.api_key(key_hash))
        return _client(item) if item else None

    def add_client(self, client: Client) -> None:
        """Keep a new client. Raises Conflict where the id is taken."""
        self._add(keys.client(client.client_id), _client_item(client), "client")

    def add_api_key(self, key_hash: str, grants: Client) -> None:
        """Keep a new API key by its hash. Raises Conflict where it is there already."""
        self._add(keys.api_key(key_hash), _client_item(grants), "API key")

    def add_widget_key(self, key_hash: str, app_id: str, created_at: str, limits: RateLimits | None = None) -> None:
        """Keep a new widget key by its hash; without limits it has the product's. Raises Conflict where it is there."""
        item: dict[str, object] = {"app_id": app_id, "created_at": created_at}
        if limits:
            item |= {"limit_minute": limits.minute, "limit_hour": limits.hour, "limit_day": limits.day}
        self._add(keys.widget_key(key_hash), item, "widget key")

    def replace_secrets(self, client: Client, secrets: tuple[StoredSecret, ...]) -> None:
        """Put a client's secrets in place of those it was read with. Raises Conflict where those changed."""
        changed = Conflict("The client's secrets were changed by someone else just now. Look, then try again.")
        self._set(
            keys.client(client.client_id),
            ("secrets", _secret_list(secrets)),
            otherwise=changed,
            read_as=_secret_list(client.secrets),
        )

    def revoke_client(self, client_id: str) -> None:
        """Stop a client: no token from now on, and its tokens name nobody. Raises NotFound."""
        self._revoke(keys.client(client_id), "client")

    def revoke_api_key(self, key_hash: str) -> None:
        """Stop an API key. Raises NotFound."""
        self._revoke(keys.api_key(key_hash), "API key")

    def revoke_widget_key(self, key_hash: str) -> None:
        """Take a widget key away. Raises NotFound."""
        with raising_store_busy():
            gone = self.dynamodb.delete_item(
                TableName=self.table, Key=to_values(keys.widget_key(key_hash)), ReturnValues="ALL_OLD"
            )
        if "Attributes" not in gone:
            raise NotFound("There is no such widget key.")

    def _get(self, key: Mapping[str, str]) -> dict[str, Any] | None:
        with raising_store_busy():
            answer = self.dynamodb.get_item(TableName=self.table, Key=to_values(key), ConsistentRead=True)
        item = answer.get("Item")
        return from_values(item) if item else None

    def _add(self, key: Mapping[str, str], item: Mapping[str, object], what: str) -> None:
        with raising_store_busy():
            try:
                self.dynamodb.put_item(
                    TableName=self.table,
                    Item=to_values({**key, **item}),
                    ConditionExpression="attribute_not_exists(pk)",
                )
            except ClientError as taken:
                if code_of(taken) != "ConditionalCheckFailedException":
                    raise
                raise Conflict(f"There is such a {what} already.") from taken

    def _revoke(self, key: Mapping[str, str], what: str) -> None:
        self._set(key, ("status", _REVOKED), otherwise=NotFound(f"There is no such {what}."))

    def _set(
        self,
        key: Mapping[str, str],
        attribute: tuple[str, object],
        *,
        otherwise: DomainError,
        read_as: object = None,
    ) -> None:
        """Set one attribute of a row that is there, and still has what was read; raise `otherwise` if not."""
        name, value = attribute
        condition = "attribute_exists(pk)" if read_as is None else "#name = :read_as"
        with raising_store_busy():
            try:
                self.dynamodb.update_item(
                    TableName=self.table,
                    Key=to_values(key),
                    UpdateExpression="SET #name = :value",
                    ConditionExpression=condition,
                    ExpressionAttributeNames={"#name": name},
                    ExpressionAttributeValues=to_values({":value": value, ":read_as": read_as}),
                )
            except ClientError as refused:
                if code_of(refused) != "ConditionalCheckFailedException":
                    raise
                raise otherwise from refused


@dataclass(slots=True)
class CachedCredentials:
    """Credentials asked for once in a while: what was read stands for `lifetime`, then is read again.

    Only what was found is kept, so that made-up names cannot fill the memory; the oldest entry makes room.
    """

    credentials: Credentials
    clock: Clock
    lifetime: timedelta = timedelta(seconds=30)
    size: int = 1_000
    _kept: dict[tuple[str, str], tuple[datetime, Client]] = field(default_factory=dict)

    def client(self, client_id: str) -> Client | None:
        """The client of this id, as it was at most `lifetime` ago."""
        return self._ask(("client", client_id), lambda: self.credentials.client(client_id))

    def api_key(self, key_hash: str) -> Client | None:
        """The grants of an API key, as they were at most `lifetime` ago."""
        return self._ask(("api_key", key_hash), lambda: self.credentials.api_key(key_hash))

    def _ask(self, name: tuple[str, str], read: Callable[[], Client | None]) -> Client | None:
        now = self.clock.now()
        read_at, client = self._kept.get(name, (None, None))
        if read_at is not None and timedelta() <= now - read_at < self.lifetime:
            return client
        self._kept.pop(name, None)
        if (client := read()) is not None:
            if len(self._kept) >= self.size:
                del self._kept[next(iter(self._kept))]
            self._kept[name] = (now, client)
        return client


def _client_item(client: Client) -> dict[str, object]:
    return {
        "client_id": client.client_id,
        "name": client.name,
        "organization_id": client.organization_id,
        "app_ids": sorted(client.app_ids),
        "scopes": [scope.value for scope in Scope if scope in client.scopes],
        "secrets": _secret_list(client.secrets),
        "status": _ACTIVE if client.is_active else _REVOKED,
        "limit_minute": client.limits.minute,
        "limit_hour": client.limits.hour,
        "limit_day": client.limits.day,
    }


def _secret_list(secrets: tuple[StoredSecret, ...]) -> list[dict[str, str]]:
    return [
        {"hash": secret.hash, "created_at": secret.created_at}
        | ({"revoked_at": secret.revoked_at} if secret.revoked_at else {})
        for secret in secrets
    ]


def _client(item: Mapping[str, Any]) -> Client:
    return Client(
        client_id=item["client_id"],
        name=item["name"],
        organization_id=item["organization_id"],
        app_ids=frozenset(item["app_ids"]),
        scopes=frozenset(scope for scope in Scope if scope.value in item["scopes"]),
        limits=RateLimits(item["limit_minute"], item["limit_hour"], item["limit_day"]),
        secrets=tuple(
            StoredSecret(hash=kept["hash"], created_at=kept["created_at"], revoked_at=kept.get("revoked_at"))
            for kept in item["secrets"]
        ),
        is_active=item["status"] == _ACTIVE,
    )
