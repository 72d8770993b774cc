"""Accounts, in DynamoDB: each in a row of its own, found by its address, and listed by its organization."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from slotline.domain.access.identity import email_hash
from slotline.domain.access.users import Organization, Role, SecondFactor, User, UserStatus
from slotline.domain.shared.audit import NOBODY, AuditEntry
from slotline.domain.shared.instants import parse_instant
from slotline.ports.shared import AlreadyWritten, RaceLost
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient
from slotline.store.dynamodb.rows import get_row, get_rows, query_rows, row_of
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact
from slotline.store.shared.audit import audit_part

_LAST = "\uffff"


@dataclass(frozen=True, slots=True)
class DynamoUsers:
    """`Users` on AccessTable."""

    client: DynamoDBClient
    table: str

    def find(self, user_id: str) -> User | None:
        """One consistent GetItem."""
        row = get_row(self.client, self.table, keys.user(user_id))
        return user_from_item(row) if row else None

    def several(self, user_ids: Sequence[str]) -> Sequence[User]:
        """A consistent BatchGetItem for a hundred."""
        wanted = [keys.user(user_id) for user_id in dict.fromkeys(user_ids)]
        found = get_rows(self.client, {self.table: wanted}) if wanted else {}
        rows = (row_of(found, key) for key in wanted)
        return [user_from_item(row) for row in rows if row]

    def by_email(self, email: str) -> User | None:
        """Two consistent GetItems: an address leads to an account by its hash. One that leads to none takes as many."""
        named = get_row(self.client, self.table, keys.sign_in_name(email_hash(email)))
        return self.find(named["user_id"] if named else NOBODY)

    def organization(self, organization_id: str) -> Organization:
        """One consistent GetItem."""
        row = get_row(self.client, self.table, keys.organization(organization_id)) or {}
        return Organization(
            organization_id=organization_id,
            name=row.get("name"),
            requires_second_factor=row.get("requires_second_factor", True),
            version=row.get("version", 0),
        )

    def change_organization(self, before: Organization, after: Organization, entry: AuditEntry | None = None) -> None:
        """One transaction: what was decided is as it was read."""
        row = {
            **keys.organization(after.organization_id),
            "name": after.name,
            "requires_second_factor": after.requires_second_factor,
            "version": before.version + 1,
        }
        condition, values = _as_read(before)
        put = parts.put(self.table, row, condition, **values)
        self._transact([("organization", put)], entry, otherwise=RaceLost)

    def of_organization(self, organization_id: str) -> Sequence[User]:
        """A Query, and a BatchGetItem for every hundred."""
        first = keys.member(organization_id)
        ids = [row["user_id"] for row in query_rows(self.client, self.table, first, first["sk"] + _LAST)]
        return self.several(ids)

    def add(self, user: User, entry: AuditEntry | None = None) -> None:
        """One transaction: the account and its address are new."""
        name = {**keys.sign_in_name(user.email_hash), "user_id": user.user_id}
        member = {**keys.member(user.organization_id, user.user_id), "user_id": user.user_id}
        labelled: list[Labelled] = [
            ("user", parts.put_new(self.table, user_to_item(user))),
            ("address", parts.put_new(self.table, name)),
            ("member", parts.put_new(self.table, member)),
        ]
        self._transact(labelled, entry, otherwise=AlreadyWritten)

    def change(
        self,
        before: User,
        after: User,
        entry: AuditEntry | None = None,
        one_owner_less: Organization | None = None,
    ) -> User:
        """One transaction: the account is as it was read, and no other owner went meanwhile if this one does."""
        labelled = [("user", change_part(self.table, before, after)), *self._owner_goes(one_owner_less)]
        self._transact(labelled, entry, otherwise=RaceLost)
        return replace(after, version=before.version + 1)

    def remove(self, user: User, entry: AuditEntry | None = None, one_owner_less: Organization | None = None) -> None:
        """One transaction: the account as it was read, its address and its place in the organization go.

        Its sessions open nothing.
        """
        labelled: list[Labelled] = [
            ("user", parts.delete(self.table, keys.user(user.user_id), version=user.version)),
            ("address", parts.delete(self.table, keys.sign_in_name(user.email_hash))),
            ("member", parts.delete(self.table, keys.member(user.organization_id, user.user_id))),
            *self._owner_goes(one_owner_less),
        ]
        self._transact(labelled, entry, otherwise=RaceLost)

    def _owner_goes(self, organization: Organization | None) -> list[Labelled]:
        """Whoever takes an owner away read who else is one; of two who do so at once, one has to read again."""
        if organization is None:
            return []
        key, (condition, values) = keys.organization(organization.organization_id), _as_read(organization)
        return [("owners", parts.change(self.table, key, {"version": organization.version + 1}, condition, **values))]

    def _transact(self, labelled: list[Labelled], entry: AuditEntry | None, otherwise: type[Exception]) -> None:
        if entry:
            labelled.append(("audit", audit_part(self.table, entry)))
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            raise otherwise from refused


def change_part(table: str, before: User, after: User) -> parts.Part:
    """Keep an account in the place of what was read, if it is still so."""
    changed = user_to_item(after) | {"version": before.version + 1}
    return parts.put(table, changed, "version = :version", version=before.version)


def _as_read(organization: Organization) -> tuple[str, dict[str, object]]:
    """The condition that an organization's row is as it was read; it has none before anything was decided."""
    if organization.version == 0:
        return "attribute_not_exists(version)", {}
    return "version = :version", {"version": organization.version}


def user_to_item(user: User) -> dict[str, Any]:
    """The row of an account."""
    factor = user.second_factor
    item: dict[str, Any] = {
        **keys.user(user.user_id),
        "user_id": user.user_id,
        "organization_id": user.organization_id,
        "email": user.email,
        "name": user.name,
        "is_owner": user.is_owner,
        "roles": {app_id: role.value for app_id, role in user.roles.items()},
        "agent_ids": dict(user.agent_ids),
        "password_hash": user.password_hash,
        "identities": sorted(user.identities),
        "status": user.status.value,
        "language": user.language,
        "session_epoch": user.session_epoch,
        "created_at": user.created_at,
        "last_sign_in_at": user.last_sign_in_at,
        "version": user.version,
    }
    if factor:
        item["second_factor"] = {
            "secret": factor.secret,
            "last_step": factor.last_step,
            "recovery_hashes": list(factor.recovery_hashes),
        }
    return item


def user_from_item(item: Mapping[str, Any]) -> User:
    """The account of a row."""
    factor = item.get("second_factor")
    return User(
        user_id=item["user_id"],
        organization_id=item["organization_id"],
        email=item["email"],
        name=item["name"],
        is_owner=item["is_owner"],
        roles={app_id: Role(role) for app_id, role in item["roles"].items()},
        agent_ids=item["agent_ids"],
        password_hash=item.get("password_hash"),
        second_factor=SecondFactor(
            secret=factor["secret"],
            last_step=factor["last_step"],
            recovery_hashes=tuple(factor["recovery_hashes"]),
        )
        if factor
        else None,
        identities=frozenset(item["identities"]),
        status=UserStatus(item["status"]),
        language=item.get("language"),
        session_epoch=item["session_epoch"],
        created_at=_instant(item.get("created_at")),
        last_sign_in_at=_instant(item.get("last_sign_in_at")),
        version=item["version"],
    )


def _instant(kept: Any) -> datetime | None:
    if kept is None or isinstance(kept, datetime):
        return kept
    return parse_instant(kept)
