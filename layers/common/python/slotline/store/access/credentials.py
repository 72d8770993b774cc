"""The access table: clients, API keys and widget keys.

Every read is strongly consistent, so that a credential works as soon as it is made and stops once it is
revoked; `CachedCredentials` bounds how long an authorizer may go on without asking.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.access.identity import Client, RateLimits, StoredSecret
from slotline.domain.access.keys import Key, KeyKind
from slotline.domain.access.scopes import Scope
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.errors import Conflict, DomainError, NotFound
from slotline.domain.shared.instants import format_instant
from slotline.ports.access import Credentials
from slotline.ports.shared import Clock
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, from_values, to_values
from slotline.store.dynamodb.rows import get_rows, page_rows, query_rows, row_of
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact, write
from slotline.store.shared.audit import audit_parts

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

    def keys_of(self, organization_id: str) -> Sequence[Key]:
        """A consistent Query of what the organization has, and a BatchGetItem for every hundred."""
        first = keys.organization_key(organization_id)
        listed = query_rows(self.dynamodb, self.table, first, keys.last_of(first))
        places = [_place_of(row) for row in listed]
        found = get_rows(self.dynamodb, {self.table: places}) if places else {}
        rows = ((there, row_of(found, place)) for there, place in zip(listed, places, strict=True))
        return [_key(organization_id, there, row) for there, row in rows if row]

    def last_used(self, principals: Sequence[str]) -> Mapping[str, date]:
        """For each of them a consistent Query for the latest of its request counters."""
        found = ((principal, self._latest(keys.rates_of(principal))) for principal in principals)
        return {principal: date.fromisoformat(day) for principal, day in found if day}

    def _latest(self, first: Mapping[str, str]) -> str | None:
        rows = page_rows(self.dynamodb, self.table, first, 1, None, newest_first=True).rows
        return str(rows[0]["sk"]).removeprefix(first["sk"]) if rows else None

    def add_client(self, client: Client, entry: AuditEntry | None = None) -> None:
        """Keep a new client. Raises Conflict where the id is taken."""
        listed = {"kind": KeyKind.CLIENT.value, "key_id": client.client_id}
        item = _client_item(client) | _created(entry)
        self._add(keys.client(client.client_id), item, "client", client.organization_id, listed, entry)

    def add_api_key(
        self, key_hash: str, grants: Client, entry: AuditEntry | None = None, *, replaces: str | None = None
    ) -> None:
        """Keep a new API key by its hash. Raises Conflict where it or its id is there already."""
        listed = {"kind": KeyKind.API_KEY.value, "key_id": grants.client_id, "fingerprint": key_hash}
        listed |= {"replaces": replaces} if replaces else {}
        item = _client_item(grants) | _created(entry)
        self._add(keys.api_key(key_hash), item, "API key", grants.organization_id, listed, entry)

    def add_widget_key(
        self,
        key_hash: str,
        app_id: str,
        created_at: str,
        limits: RateLimits | None = None,
        *,
        key: Key | None = None,
        entry: AuditEntry | None = None,
    ) -> None:
        """Keep a new widget key by its hash; without limits it has the product's. Raises Conflict where it is there.

        `key`: as the organization lists it.
        """
        item: dict[str, object] = {"app_id": app_id, "created_at": created_at}
        if limits:
            item |= {"limit_minute": limits.minute, "limit_hour": limits.hour, "limit_day": limits.day}
        listed: dict[str, str] = {}
        if key:
            item |= {"organization_id": key.organization_id, "key_id": key.id, "widget_key": key.public}
            listed = {"kind": KeyKind.WIDGET_KEY.value, "key_id": key.id, "fingerprint": key_hash}
            listed |= {"replaces": key.replaces} if key.replaces else {}
        organization_id = key.organization_id if key else None
        self._add(keys.widget_key(key_hash), item, "widget key", organization_id, listed, entry)

    def replace_secrets(
        self, client: Client, secrets: tuple[StoredSecret, ...], entry: AuditEntry | None = None
    ) -> None:
        """Put a client's secrets in place of those it was read with. Raises Conflict where those changed."""
        changed = Conflict("The client's secrets were changed by someone else just now. Look, then try again.")
        part = parts.change(
            self.table,
            keys.client(client.client_id),
            {"secrets": _secret_list(secrets)},
            "secrets = :read_as",
            read_as=_secret_list(client.secrets),
        )
        self._write([("row", part), *audit_parts(self.table, entry)], changed)

    def revoke_client(self, client_id: str, entry: AuditEntry | None = None) -> None:
        """Stop a client: no token from now on, and its tokens name nobody. Raises NotFound."""
        self._revoke(keys.client(client_id), "client", entry)

    def revoke_api_key(self, key_hash: str, entry: AuditEntry | None = None) -> None:
        """Stop an API key. Raises NotFound."""
        self._revoke(keys.api_key(key_hash), "API key", entry)

    def revoke_widget_key(self, key_hash: str, key: Key | None = None, entry: AuditEntry | None = None) -> None:
        """Take a widget key away. Raises NotFound. `key`: as the organization lists it."""
        gone: list[Labelled] = [("row", parts.delete(self.table, keys.widget_key(key_hash)))]
        if key:  # one that was made before keys were listed may be in no list
            listed = keys.organization_key(key.organization_id, key.kind, key.id)
            gone.append(("listed", parts.delete_row(self.table, listed)))
        self._write([*gone, *audit_parts(self.table, entry)], NotFound("There is no such widget key."))

    def app_of_widget_key(self, key_hash: str) -> str | None:
        """Of which app a widget key is; None if there is no such key."""
        item = self._get(keys.widget_key(key_hash))
        return str(item["app_id"]) if item else None

    def list_key(
        self, organization_id: str, kind: KeyKind, key_id: str, fingerprint: str | None, *, dry_run: bool = False
    ) -> bool:
        """List a key that was made before keys were listed; False if it is listed already. `dry_run`: only ask."""
        place = keys.organization_key(organization_id, kind, key_id)
        if dry_run:
            return self._get(place) is None
        row = {**place, "kind": kind.value, "key_id": key_id}
        try:
            write(self.dynamodb, [("listed", parts.put_new(self.table, {**row, "fingerprint": fingerprint}))])
        except ConditionsFailed:
            return False
        return True

    def _get(self, key: Mapping[str, str]) -> dict[str, Any] | None:
        with raising_store_busy():
            answer = self.dynamodb.get_item(TableName=self.table, Key=to_values(key), ConsistentRead=True)
        item = answer.get("Item")
        return from_values(item) if item else None

    def _add(
        self,
        key: Mapping[str, str],
        item: Mapping[str, object],
        what: str,
        organization_id: str | None,
        listed: Mapping[str, str],
        entry: AuditEntry | None,
    ) -> None:
        """A row with its place in the organization's list, and the entry of the audit log."""
        new: list[Labelled] = [("row", parts.put_new(self.table, {**key, **item}))]
        if organization_id and listed:
            place = keys.organization_key(organization_id, listed["kind"], listed["key_id"])
            new.append(("listed", parts.put_new(self.table, {**place, **listed})))
        self._write([*new, *audit_parts(self.table, entry)], Conflict(f"There is such a {what} already."))

    def _revoke(self, key: Mapping[str, str], what: str, entry: AuditEntry | None) -> None:
        part = parts.change(self.table, key, {"status": _REVOKED}, "attribute_exists(pk)")
        self._write([("row", part), *audit_parts(self.table, entry)], NotFound(f"There is no such {what}."))

    def _write(self, labelled: Sequence[Labelled], otherwise: DomainError) -> None:
        try:
            transact(self.dynamodb, labelled)
        except ConditionsFailed as refused:
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


def _place_of(listed: Mapping[str, Any]) -> dict[str, str]:
    """The row of a key that is listed."""
    match KeyKind(listed["kind"]):
        case KeyKind.CLIENT:
            return keys.client(listed["key_id"])
        case KeyKind.API_KEY:
            return keys.api_key(listed["fingerprint"])
        case KeyKind.WIDGET_KEY:
            return keys.widget_key(listed["fingerprint"])


def _key(organization_id: str, listed: Mapping[str, Any], row: Mapping[str, Any]) -> Key:
    """A key as it is listed, with what its row says."""
    limits = RateLimits(row["limit_minute"], row["limit_hour"], row["limit_day"]) if "limit_minute" in row else None
    common: dict[str, Any] = {
        "kind": KeyKind(listed["kind"]),
        "id": listed["key_id"],
        "organization_id": organization_id,
        "fingerprint": listed.get("fingerprint"),
        "replaces": listed.get("replaces"),
        "limits": limits,
        "created_at": row.get("created_at"),
    }
    if "app_id" in row:
        return Key(**common, app_ids=frozenset({row["app_id"]}), public=row.get("widget_key"))
    client = _client(row)
    return Key(
        **common,
        app_ids=client.app_ids,
        name=client.name,
        scopes=client.scopes,
        secrets=client.secrets,
        is_active=client.is_active,
    )


def _created(entry: AuditEntry | None) -> dict[str, object]:
    return {"created_at": format_instant(entry.at)} if entry else {}


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
