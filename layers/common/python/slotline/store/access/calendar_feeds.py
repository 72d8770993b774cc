"""Calendar feeds, in DynamoDB: a row by the hash of the address's secret, and one beside the user that names it."""

from dataclasses import dataclass

from slotline.domain.access.calendar_feeds import CalendarFeed, FeedSituation
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.instants import parse_instant
from slotline.ports.shared import RaceLost
from slotline.store.access.sessions import app_from_item
from slotline.store.access.users import user_from_item
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient
from slotline.store.dynamodb.rows import get_row, get_rows, row_of
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact
from slotline.store.shared.audit import audit_part


@dataclass(frozen=True, slots=True)
class DynamoCalendarFeeds:
    """`CalendarFeeds` on AccessTable; apps are on SchedulingTable."""

    client: DynamoDBClient
    scheduling_table: str
    access_table: str

    def of_user(self, user_id: str, app_id: str) -> CalendarFeed | None:
        """One consistent GetItem."""
        row = get_row(self.client, self.access_table, keys.calendar_feed_of(user_id, app_id))
        if row is None:
            return None
        created_at = parse_instant(row["created_at"])
        return CalendarFeed(token_hash=row["token_hash"], user_id=user_id, app_id=app_id, created_at=created_at)

    def find(self, token_hash: str) -> FeedSituation | None:
        """A consistent GetItem, then a BatchGetItem: whoever is suspended or loses their role, does so at once."""
        feed = get_row(self.client, self.access_table, keys.calendar_feed(token_hash))
        if feed is None:
            return None
        user_key, app_key = keys.user(feed["user_id"]), keys.app(feed["app_id"])
        found = get_rows(self.client, {self.access_table: [user_key], self.scheduling_table: [app_key]})
        user, app = row_of(found, user_key), row_of(found, app_key)
        return FeedSituation(user=user_from_item(user), app=app_from_item(app)) if user and app else None

    def keep(self, feed: CalendarFeed, replaces: CalendarFeed | None, entry: AuditEntry) -> None:
        """One transaction: the new address opens the feed, the one that it replaces opens nothing."""
        named = {
            **keys.calendar_feed_of(feed.user_id, feed.app_id),
            "token_hash": feed.token_hash,
            "created_at": feed.created_at,
        }
        row = {**keys.calendar_feed(feed.token_hash), "user_id": feed.user_id, "app_id": feed.app_id}
        name = (
            parts.put(self.access_table, named, "token_hash = :was", was=replaces.token_hash)
            if replaces
            else parts.put_new(self.access_table, named)
        )
        labelled: list[Labelled] = [("name", name), ("feed", parts.put_new(self.access_table, row))]
        if replaces:
            labelled.append(("old", parts.delete(self.access_table, keys.calendar_feed(replaces.token_hash))))
        self._transact(labelled, entry)

    def end(self, feed: CalendarFeed, entry: AuditEntry) -> None:
        """One transaction: the address opens nothing, and nobody has it."""
        key = keys.calendar_feed_of(feed.user_id, feed.app_id)
        labelled: list[Labelled] = [
            ("name", parts.delete(self.access_table, key, token_hash=feed.token_hash)),
            ("feed", parts.delete(self.access_table, keys.calendar_feed(feed.token_hash))),
        ]
        self._transact(labelled, entry)

    def _transact(self, labelled: list[Labelled], entry: AuditEntry) -> None:
        try:
            transact(self.client, [*labelled, ("audit", audit_part(self.access_table, entry))])
        except ConditionsFailed as refused:
            raise RaceLost from refused
