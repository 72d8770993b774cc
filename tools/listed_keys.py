"""Clients and keys from before an organization's keys were listed: put into the list that the console reads."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.access.keys import KeyKind
from slotline.domain.shared.errors import NotFound
from slotline.store.access.credentials import DynamoAccess
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import Item, from_values, to_values
from tools.apps import DynamoApps

KINDS = {
    keys.client("")["sk"]: KeyKind.CLIENT,
    keys.api_key("")["sk"]: KeyKind.API_KEY,
    keys.widget_key("")["sk"]: KeyKind.WIDGET_KEY,
}
"""By the sort key of their rows."""


@dataclass(frozen=True, slots=True)
class AdoptKeys:
    """One walk through the access table. It changes no key, and listing one twice changes nothing."""

    access: DynamoAccess
    apps: DynamoApps

    def __call__(self, *, dry_run: bool) -> dict[str, int]:
        """How many of each kind were listed, or would be; `without_app`: widget keys of apps that are gone."""
        done: Counter[str] = Counter()
        for row in self._kept():
            kind = KINDS[row["sk"]]
            organization_id = self._organization_of(row)
            if organization_id is None:
                done["without_app"] += 1
                continue
            fingerprint = str(row["pk"]).partition("#")[2]
            # A widget key of that time has no name but its fingerprint.
            key_id = str(row.get("client_id") or row.get("key_id") or fingerprint)
            kept = None if kind is KeyKind.CLIENT else fingerprint
            if self.access.list_key(organization_id, kind, key_id, kept, dry_run=dry_run):
                done[kind.value] += 1
        return {name: done[name] for name in (*KeyKind, "without_app")}

    def _organization_of(self, row: Item) -> str | None:
        if "organization_id" in row:
            return str(row["organization_id"])
        try:
            return self.apps.get(row["app_id"]).organization_id
        except NotFound:
            return None

    def _kept(self) -> Iterator[Item]:
        values = {f":kind{number}": sort_key for number, sort_key in enumerate(KINDS)}
        request: dict[str, Any] = {
            "TableName": self.access.table,
            "ConsistentRead": True,
            "FilterExpression": f"sk IN ({', '.join(values)})",
            "ExpressionAttributeValues": to_values(values),
        }
        with raising_store_busy():
            for page in self.access.dynamodb.get_paginator("scan").paginate(**request):
                yield from map(from_values, page["Items"])
