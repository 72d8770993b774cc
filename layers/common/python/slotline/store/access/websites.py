"""Websites, in DynamoDB: a widget key and its app, read at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slotline.domain.access.identity import RateLimits
from slotline.domain.access.websites import DEFAULT_LIMITS, Website, WidgetKey
from slotline.store.booking.preset_rows import app_of, keys_by_name, preset_by_name
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient
from slotline.store.dynamodb.rows import get_rows, row_of


@dataclass(frozen=True, slots=True)
class DynamoWebsites:
    """`Websites` on AccessTable and SchedulingTable."""

    client: DynamoDBClient
    scheduling_table: str
    access_table: str

    def find(self, app_id: str, key_hash: str, preset: str | None = None) -> Website | None:
        """One strongly consistent BatchGetItem: a key works as soon as it is made, and stops once it is revoked."""
        app_key, widget_key = keys.app(app_id), keys.widget_key(key_hash)
        wanted = [app_key, *keys_by_name(app_id, preset)]
        found = get_rows(self.client, {self.scheduling_table: wanted, self.access_table: [widget_key]})
        app, key = app_of(self.client, self.scheduling_table, row_of(found, app_key)), row_of(found, widget_key)
        if app is None or key is None or key["app_id"] != app_id:
            return None
        named = preset_by_name(found, app, preset)
        return Website(
            app=app,
            key=WidgetKey(key_hash=key_hash, app_id=app_id, limits=_limits(key)),
            preset=named if named and named.public else None,
        )


def _limits(row: Mapping[str, Any]) -> RateLimits:
    return RateLimits(
        row.get("limit_minute", DEFAULT_LIMITS.minute),
        row.get("limit_hour", DEFAULT_LIMITS.hour),
        row.get("limit_day", DEFAULT_LIMITS.day),
    )
