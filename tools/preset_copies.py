"""Copies of presets, put right: under their slugs, and the active one's in its app's row.

A release that knows of no slugs changes a preset in place, deletes it without its slug, and copies the attributes it
knows when it activates one. Each copy is written on condition that its preset is still as it was read, so the system
may be running, and a run may be stopped and run again.
"""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slotline.aws import raising_store_busy
from slotline.clock import FullJitter
from slotline.ports.apps import KeptPreset
from slotline.ports.shared import RaceLost
from slotline.store.booking.preset_rows import REVISED, slug_row
from slotline.store.booking.presets import MINE, as_read, copy_of, kept_preset
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.rows import get_row, query_rows
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact
from slotline.usecases.shared.retrying import retry


def recopy_options(parser: ArgumentParser) -> None:
    """Of one app, or of all."""
    parser.add_argument("--app", metavar="ID", help="the app's id; left out: every app")


def recopy(client: DynamoDBClient, table: str, app_id: str | None) -> dict[str, int]:
    """How many copies were put right, by what was wrong. Raises RaceLost: the next run does what is left."""
    run = _Recopy(client, table)
    for one in [app_id] if app_id else _apps(client, table):
        retry(partial(run, one), FullJitter(), or_else=RaceLost())
    return {name: run.done[name] for name in ("active_copies", "slug_copies", "slugs_freed")}


@dataclass(frozen=True, slots=True)
class _Recopy:
    client: DynamoDBClient
    table: str
    done: Counter[str] = field(default_factory=Counter)

    def __call__(self, app_id: str) -> None:
        """One app: what is right already is left alone."""
        first, slug = keys.preset(app_id, ""), keys.preset_slug(app_id, "")
        presets = {row["preset_id"]: kept_preset(row) for row in self._range(first)}
        under = {row["sk"].removeprefix(slug["sk"]): row for row in self._range(slug)}
        for name, row in under.items():
            kept = presets.get(row["preset_id"])
            if kept is None or kept.preset.slug != name:
                self._free(app_id, name, row["preset_id"])
        for kept in presets.values():
            copy, name = copy_of(kept, kept.preset), kept.preset.slug
            if name and under.get(name, {}).get("preset") != copy:
                new = parts.put(self.table, slug_row(app_id, name, kept.preset, copy), MINE, id=kept.preset.preset_id)
                self._write("slug_copies", app_id, kept, new)
        self._active(app_id, presets)

    def _range(self, first: dict[str, str]) -> list[Item]:
        return query_rows(self.client, self.table, first, keys.last_of(first))

    def _active(self, app_id: str, presets: dict[str, KeptPreset]) -> None:
        app = get_row(self.client, self.table, keys.app(app_id))
        kept = presets.get(app["preset"]["preset_id"]) if app else None
        if app is None or kept is None or REVISED not in app or app["preset"] == copy_of(kept, kept.preset):
            return
        whole = {"preset": copy_of(kept, kept.preset)}
        condition = "preset.preset_id = :id"
        part = parts.change(self.table, keys.app(app_id), whole, condition, id=kept.preset.preset_id)
        self._write("active_copies", app_id, kept, part)

    def _free(self, app_id: str, slug: str, preset_id: str) -> None:
        has_it_not = "attribute_not_exists(pk) OR attribute_not_exists(slug) OR slug <> :slug"
        owner = parts.check(self.table, keys.preset(app_id, preset_id), has_it_not, slug=slug)
        gone = parts.delete_if(self.table, keys.preset_slug(app_id, slug), MINE, id=preset_id)
        self._transact("slugs_freed", [("", owner), ("", gone)])

    def _write(self, what: str, app_id: str, kept: KeptPreset, copy: parts.Part) -> None:
        key = keys.preset(app_id, kept.preset.preset_id)
        unchanged = parts.check(self.table, key, as_read(kept), read=kept.change_id)
        self._transact(what, [("", unchanged), ("", copy)])

    def _transact(self, what: str, labelled: list[Labelled]) -> None:
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            raise RaceLost from refused
        self.done[what] += 1


def _apps(client: DynamoDBClient, table: str) -> Iterator[str]:
    request: dict[str, Any] = {
        "TableName": table,
        "ConsistentRead": True,
        "FilterExpression": "sk = :app",
        "ProjectionExpression": "app_id",
        "ExpressionAttributeValues": to_values({":app": keys.app("")["sk"]}),
    }
    with raising_store_busy():
        for page in client.get_paginator("scan").paginate(**request):
            yield from (str(from_values(row)["app_id"]) for row in page["Items"])
