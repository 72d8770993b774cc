"""Connections to organizations' providers, the sign-ins that are on their way there, and who is known to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.access.connections import Connection, PendingSignIn, Proof
from slotline.domain.access.users import User
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.instants import parse_instant
from slotline.ports.shared import RaceLost
from slotline.store.access.users import change_part
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, from_values, to_values
from slotline.store.dynamodb.rows import get_row, query_rows
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact, write
from slotline.store.shared.audit import audit_part


@dataclass(frozen=True, slots=True)
class DynamoConnections:
    """`Connections` on AccessTable."""

    client: DynamoDBClient
    table: str

    def find(self, connection_id: str) -> Connection | None:
        """One consistent GetItem."""
        row = get_row(self.client, self.table, keys.connection(connection_id))
        return _connection(row) if row else None

    def of_domain(self, domain: str) -> Connection | None:
        """Two consistent GetItems."""
        row = get_row(self.client, self.table, keys.connection_of_domain(domain))
        return self.find(row["connection_id"]) if row else None

    def of_organization(self, organization_id: str) -> Sequence[Connection]:
        """A consistent Query, and a GetItem for each."""
        first = keys.organization_connection(organization_id)
        rows = query_rows(self.client, self.table, first, keys.last_of(first))
        return [found for row in rows if (found := self.find(row["connection_id"]))]

    def add(self, connection: Connection, entry: AuditEntry) -> None:
        """One transaction: a domain is of one connection. Raises RaceLost if one of them is another's."""
        found = {"connection_id": connection.connection_id}
        listed = keys.organization_connection(connection.organization_id, connection.connection_id)
        labelled: list[Labelled] = [
            ("connection", parts.put_new(self.table, _item(connection))),
            ("listed", parts.put_new(self.table, {**listed, **found})),
            *(
                (domain, parts.put_new(self.table, {**keys.connection_of_domain(domain), **found}))
                for domain in sorted(connection.domains)
            ),
            ("audit", audit_part(self.table, entry)),
        ]
        self._transact(labelled)

    def remove(self, connection: Connection, entry: AuditEntry) -> None:
        """One transaction. Whoever is on the way finds it gone. Raises RaceLost if it is gone already."""
        listed = keys.organization_connection(connection.organization_id, connection.connection_id)
        labelled: list[Labelled] = [
            ("connection", parts.delete(self.table, keys.connection(connection.connection_id))),
            ("listed", parts.delete(self.table, listed)),
            *(
                (domain, parts.delete(self.table, keys.connection_of_domain(domain)))
                for domain in sorted(connection.domains)
            ),
            ("audit", audit_part(self.table, entry)),
        ]
        self._transact(labelled)

    def begin(self, pending: PendingSignIn) -> None:
        """One PutItem."""
        row = {
            **keys.pending_sign_in(pending.state_hash),
            "connection_id": pending.connection_id,
            "browser_hash": pending.browser_hash,
            "nonce": pending.nonce,
            "verifier": pending.verifier,
            "way": pending.way,
            "until": pending.until,
            "expires_at": int(pending.until.timestamp()),
        }
        write(self.client, [("pending", parts.put_new(self.table, row))])

    def take(self, state: str, state_hash: str) -> PendingSignIn | None:
        """One DeleteItem, which says what was there: of two who bring the same, one gets it."""
        with raising_store_busy():
            answer = self.client.delete_item(
                TableName=self.table, Key=to_values(keys.pending_sign_in(state_hash)), ReturnValues="ALL_OLD"
            )
        if not answer.get("Attributes"):
            return None
        row = from_values(answer["Attributes"])
        return PendingSignIn(
            state=state,
            connection_id=row["connection_id"],
            browser_hash=row["browser_hash"],
            nonce=row["nonce"],
            verifier=row["verifier"],
            way=row["way"],
            until=parse_instant(row["until"]),
        )

    def user_known_as(self, organization_id: str, proof: Proof) -> str | None:
        """One consistent GetItem."""
        row = get_row(self.client, self.table, _identity(organization_id, proof))
        return row["user_id"] if row else None

    def link(self, before: User, after: User, proof: Proof, entry: AuditEntry) -> None:
        """One transaction. The row leads to the account, and the account says so too, or the row counts for nothing."""
        row = {**_identity(before.organization_id, proof), "user_id": before.user_id}
        labelled: list[Labelled] = [
            ("user", change_part(self.table, before, after)),
            ("identity", parts.put_row(self.table, row)),
            ("audit", audit_part(self.table, entry)),
        ]
        self._transact(labelled)

    def _transact(self, labelled: list[Labelled]) -> None:
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            raise RaceLost from refused


def _identity(organization_id: str, proof: Proof) -> dict[str, str]:
    """By organization: several may have the same provider, and none speaks for another's people."""
    return keys.identity(sha256(f"{organization_id}\n{proof.identity}".encode()).hexdigest())


def _item(connection: Connection) -> dict[str, object]:
    return {
        **keys.connection(connection.connection_id),
        "connection_id": connection.connection_id,
        "organization_id": connection.organization_id,
        "name": connection.name,
        "issuer": connection.issuer,
        "client_id": connection.client_id,
        "client_secret": connection.client_secret,
        "domains": sorted(connection.domains),
        "proves_second_factor": connection.proves_second_factor,
    }


def _connection(row: Mapping[str, Any]) -> Connection:
    return Connection(
        connection_id=row["connection_id"],
        organization_id=row["organization_id"],
        name=row["name"],
        issuer=row["issuer"],
        client_id=row["client_id"],
        client_secret=row["client_secret"],
        domains=frozenset(row["domains"]),
        proves_second_factor=row["proves_second_factor"],
    )
