"""Links by which somebody chooses a password, in DynamoDB: mails that were asked for, and the hashes of tokens."""

from dataclasses import dataclass
from datetime import datetime

from slotline.domain.access.ways_in import AskedWayIn, WayIn
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.ports.access import AccountChange, KnownDevice
from slotline.ports.shared import RaceLost
from slotline.store.access.sessions import device_part
from slotline.store.access.users import change_part
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient
from slotline.store.dynamodb.rows import get_row
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact, write
from slotline.store.shared.audit import audit_part


@dataclass(frozen=True, slots=True)
class DynamoWaysIn:
    """`WaysIn` on AccessTable, whose rows go by themselves."""

    client: DynamoDBClient
    table: str

    def ask(self, asked: AskedWayIn) -> Due:
        """One PutItem."""
        key = keys.asked_way_in(asked.id)
        row = {
            **key,
            "id": asked.id,
            "email": asked.email,
            "language": asked.language,
            "created_at": asked.created_at,
            "expires_at": int(asked.expires_at.timestamp()),
        }
        write(self.client, [("asked", parts.put_new(self.table, row))])
        return Due(kind=DueKind.WAY_IN, **key, at=asked.created_at)

    def due(self, due: Due) -> AskedWayIn | None:
        """One consistent GetItem."""
        row = get_row(self.client, self.table, {"pk": due.pk, "sk": due.sk})
        if row is None or "sent_at" in row:
            return None
        created_at = parse_instant(row["created_at"])
        return AskedWayIn(id=row["id"], email=row["email"], language=row["language"], created_at=created_at)

    def was_sent(self, asked: AskedWayIn, at: datetime) -> None:
        """One conditional UpdateItem. A row that is gone stays so."""
        key, value = keys.asked_way_in(asked.id), format_instant(at)
        part = parts.update(self.table, key, "SET sent_at = :at", "attribute_exists(pk)", None, at=value)
        try:
            write(self.client, [("asked", part)])
        except ConditionsFailed:
            return

    def keep(self, way: WayIn) -> None:
        """One PutItem."""
        row = {
            **keys.sign_in_token(way.token_hash),
            "user_id": way.user_id,
            "epoch": way.epoch,
            "expires_at": int(way.expires_at.timestamp()),
            "ends_at": way.expires_at,
        }
        write(self.client, [("way", parts.put_new(self.table, row))])

    def find(self, token_hash: str) -> WayIn | None:
        """One consistent GetItem."""
        row = get_row(self.client, self.table, keys.sign_in_token(token_hash))
        if row is None:
            return None
        ends_at = parse_instant(row["ends_at"])
        return WayIn(token_hash=token_hash, user_id=row["user_id"], epoch=row["epoch"], expires_at=ends_at)

    def spend(self, way: WayIn, account: AccountChange, device: KnownDevice, entry: AuditEntry) -> None:
        """One transaction: the link is there, and gone afterwards; the account is as it was read."""
        labelled: list[Labelled] = [
            ("way", parts.delete(self.table, keys.sign_in_token(way.token_hash))),
            ("user", change_part(self.table, account.before, account.after)),
            ("device", device_part(self.table, device)),
            ("audit", audit_part(self.table, entry)),
        ]
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            raise RaceLost from refused
