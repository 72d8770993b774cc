"""Make, replace and end what an organization's programs prove themselves with. Each act is in the audit log.

A secret is made here, is in the answer to whoever asked for it, and is kept nowhere. What is ended stops within a
minute: authorizers ask again after half of one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from slotline.domain.access.identity import (
    API_KEY_PREFIX,
    CLIENT_SECRET_PREFIX,
    WIDGET_KEY_PREFIX,
    Client,
    RateLimits,
    StoredSecret,
    retired,
    rotated,
    secret_hash,
)
from slotline.domain.access.keys import Grants, Key, KeyKind
from slotline.domain.shared.audit import Audited, AuditEntry, Author, Organization
from slotline.domain.shared.errors import Conflict, InvalidRequest, NotFound
from slotline.domain.shared.instants import format_instant
from slotline.ports.access import KeptCredentials
from slotline.ports.shared import Clock, Ids

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepCredentials:
    """The acts. Ids of new ones are the caller's: a form that is sent twice makes one, and the second is a Conflict."""

    credentials: KeptCredentials
    clock: Clock
    ids: Ids
    new_secret: Callable[[str], str]
    """With the prefix by which a secret that leaked is recognised."""

    def of_organization(self, organization_id: str) -> Sequence[Key]:
        """Its clients and keys, the latest first."""
        found = self.credentials.keys_of(organization_id)
        return sorted(found, key=lambda key: (key.created_at or "", key.id), reverse=True)

    def find(self, organization_id: str, key_id: str) -> Key:
        """One of them. Raises NotFound."""
        found = next((key for key in self.of_organization(organization_id) if key.id == key_id), None)
        if found is None:
            raise NotFound("There is no such key in this organization.")
        return found

    def last_used(self, keys: Sequence[Key]) -> Mapping[str, date]:
        """On which day each was last used, by its id; nothing of one that was not used for 90 days, or has ended.

        The counters of requests say so, and a use costs no further write.
        """
        principals = {name: key.id for key in keys if key.is_active for name in key.principals}
        used: dict[str, date] = {}
        for name, day in self.credentials.last_used(list(principals)).items():
            used[principals[name]] = max(day, used.get(principals[name], day))
        return used

    def add_client(self, organization_id: str, client_id: str, grants: Grants, author: Author) -> str:
        """A new client; its first secret. Raises Conflict where the id is taken, InvalidRequest."""
        secret, audited = self.new_secret(CLIENT_SECRET_PREFIX), self._audited(author)
        client = _client_of(organization_id, client_id, grants)
        kept = replace(client, secrets=(self._stored(secret, audited.at),))
        self.credentials.add_client(kept, _entry(audited, "client.added", client, None, _said(client)))
        return secret

    def add_api_key(
        self, organization_id: str, key_id: str, grants: Grants, author: Author, replaces: str | None = None
    ) -> str:
        """A new API key, perhaps in the place of another. Raises Conflict where the id is taken, InvalidRequest."""
        secret, client = self.new_secret(API_KEY_PREFIX), _client_of(organization_id, key_id, grants)
        entry = _entry(self._audited(author), "api_key.added", client, None, {**_said(client), "replaces": replaces})
        self.credentials.add_api_key(secret_hash(secret), client, entry, replaces=replaces)
        return secret

    def add_widget_key(
        self,
        organization_id: str,
        app_id: str,
        key_id: str,
        author: Author,
        limits: RateLimits | None = None,
        replaces: str | None = None,
    ) -> Key:
        """A new widget key of an app, perhaps in the place of another; without limits it has the product's.

        Raises Conflict where the id is taken.
        """
        secret, audited = self.new_secret(WIDGET_KEY_PREFIX), self._audited(author)
        key = Key(
            kind=KeyKind.WIDGET_KEY,
            id=key_id,
            organization_id=organization_id,
            app_ids=frozenset({app_id}),
            fingerprint=secret_hash(secret),
            limits=limits,
            created_at=format_instant(audited.at),
            public=secret,
            replaces=replaces,
        )
        of = Organization(organization_id=organization_id, app_id=app_id)
        said = {"app_ids": [app_id], "limits": limits, "replaces": replaces}
        entry = audited.entry("widget_key.added", key_id, None, said, of=of)
        self.credentials.add_widget_key(
            secret_hash(secret), app_id, format_instant(audited.at), limits, key=key, entry=entry
        )
        return key

    def rotate(self, client_id: str, author: Author, organization_id: str | None = None) -> str:
        """One more secret of a client; the one before it is accepted until it is retired.

        Raises NotFound, InvalidRequest while two are active, or Conflict if somebody else changed them just now.
        """
        client = self._client(client_id, organization_id)
        secret, audited = self.new_secret(CLIENT_SECRET_PREFIX), self._audited(author)
        secrets = _or_refused(client, lambda: rotated(client.secrets, self._stored(secret, audited.at)))
        self.credentials.replace_secrets(client, secrets, _of_secrets(audited, "client.rotated", client, secrets))
        return secret

    def retire(self, client_id: str, author: Author, organization_id: str | None = None) -> None:
        """Only the newest secret of a client is accepted from now on. Raises as `rotate` does."""
        client, audited = self._client(client_id, organization_id), self._audited(author)
        secrets = _or_refused(client, lambda: retired(client.secrets, format_instant(audited.at)))
        self.credentials.replace_secrets(client, secrets, _of_secrets(audited, "client.retired", client, secrets))

    def replace(self, key: Key, new_id: str, author: Author) -> str:
        """Another API key or widget key with the grants of this one, which is accepted until it is revoked.

        Raises Conflict for one that has ended or has been replaced already, and where the new id is taken.
        """
        others = self.of_organization(key.organization_id)
        if not key.is_active or any(one.replaces == key.id and one.is_active for one in others):
            raise Conflict("This key has ended, or has been replaced already.")
        if key.kind is KeyKind.WIDGET_KEY:
            (app_id,) = key.app_ids
            new = self.add_widget_key(key.organization_id, app_id, new_id, author, key.limits, key.id)
            return new.public or ""
        grants = Grants(key.name, sorted(key.app_ids), key.scopes, key.limits or RateLimits())
        return self.add_api_key(key.organization_id, new_id, grants, author, key.id)

    def revoke(self, key: Key, author: Author) -> None:
        """End a client or a key. Raises NotFound where it is gone, Conflict where it has ended before."""
        if not key.is_active:
            raise Conflict("This was revoked before.")
        app_id = next(iter(key.app_ids)) if key.kind is KeyKind.WIDGET_KEY else None
        of = Organization(organization_id=key.organization_id, app_id=app_id)
        state = ({"status": status} for status in ("active", "revoked"))
        entry = self._audited(author).entry(f"{key.kind}.revoked", key.id, *state, of=of)
        match key.kind:
            case KeyKind.CLIENT:
                self.credentials.revoke_client(key.id, entry)
            case KeyKind.API_KEY:
                self.credentials.revoke_api_key(key.fingerprint or "", entry)
            case KeyKind.WIDGET_KEY:
                self.credentials.revoke_widget_key(key.fingerprint or "", key, entry)

    def _client(self, client_id: str, organization_id: str | None) -> Client:
        client = self.credentials.client(client_id)
        if client is None or organization_id not in (None, client.organization_id):
            raise NotFound(f"There is no client {client_id}.")
        return client

    def _audited(self, author: Author) -> Audited:
        return Audited(id=self.ids.new(), at=self.clock.now(), author=author)

    def _stored(self, secret: str, at: datetime) -> StoredSecret:
        return StoredSecret(hash=secret_hash(secret), created_at=format_instant(at))


def _client_of(organization_id: str, client_id: str, grants: Grants) -> Client:
    if not grants.app_ids or not grants.scopes:
        raise InvalidRequest("A client needs at least one app and one scope.")
    return Client(
        client_id=client_id,
        name=grants.name,
        organization_id=organization_id,
        app_ids=frozenset(grants.app_ids),
        scopes=grants.scopes,
        limits=grants.limits,
    )


def _said(client: Client) -> Mapping[str, object]:
    """What the audit log says of a client: nothing of its secrets."""
    scopes, app_ids = sorted(client.scopes), sorted(client.app_ids)
    return {"name": client.name, "app_ids": app_ids, "scopes": scopes, "limits": client.limits}


def _entry(
    audited: Audited, action: str, client: Client, before: Mapping[str, object] | None, after: Mapping[str, object]
) -> AuditEntry:
    of = Organization(organization_id=client.organization_id)
    return audited.entry(action, client.client_id, before, after, of=of)


def _of_secrets(audited: Audited, action: str, client: Client, secrets: tuple[StoredSecret, ...]) -> AuditEntry:
    active = sum(secret.is_active for secret in secrets)
    before, after = ({"active_secrets": count} for count in (len(client.active_secrets), active))
    return _entry(audited, action, client, before, after)


def _or_refused(client: Client, change: Callable[[], Result]) -> Result:
    try:
        return change()
    except ValueError as refusal:
        raise InvalidRequest(f"Client {client.client_id}: {refusal}.") from refusal
