"""The preset that rules a request or a call, in the rows that were read anyway where that is possible.

A preset is kept in its own row and in copies: the active one's in its app's row, and one under its slug. So whoever
names a preset reads one row more in the same request. What a preset was at an earlier revision is a row that nobody
changes; calls that were booked under it are ruled by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from slotline.domain.booking.apps import App, Preset
from slotline.domain.booking.calls import Call
from slotline.domain.booking.services import looks_like_id
from slotline.store.booking import items
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient, Item
from slotline.store.dynamodb.rows import Key, Rows, get_rows, row_of

REVISED = "presets_have_revisions"
"""On an app's row: its presets were written by a release that knows of revisions, and so was the copy in it then."""
MOST_KNOWN = 256


@dataclass(slots=True)
class KnownRevisions:
    """Presets at the revisions of calls, as they were read: nobody changes them, so they stay true in a process."""

    presets: dict[tuple[str, str, int], Preset] = field(default_factory=dict)

    def keep(self, place: tuple[str, str, int], preset: Preset) -> None:
        """Keep it; the oldest one goes."""
        if len(self.presets) >= MOST_KNOWN:
            self.presets.pop(next(iter(self.presets)), None)
        self.presets[place] = preset


def keys_by_name(app_id: str, name: str | None) -> Sequence[Key]:
    """The rows in which a preset of this id or slug is found. No slug looks like an id."""
    if name is None:
        return ()
    by_id = keys.preset(app_id, name)
    return (by_id,) if looks_like_id(name) else (by_id, keys.preset_slug(app_id, name))


def preset_by_name(found: Rows, app: App | None, name: str | None) -> Preset | None:
    """The preset of this id or slug; the id wins. None where the app has none, or none was asked for."""
    if app is None or name is None:
        return None
    if (row := row_of(found, keys.preset(app.app_id, name))) is not None:
        return items.preset_from_map(row)
    if (slug := row_of(found, keys.preset_slug(app.app_id, name))) is None:
        return None
    preset = items.preset_from_map(slug["preset"])
    # The app's copy is written by releases, too, that know of no slugs.
    return app.preset if preset.preset_id == app.preset.preset_id else preset


def app_of(client: DynamoDBClient, table: str, row: Item | None) -> App | None:
    """The app of a row, with its active preset. One request more where its copy lacks what the preset has.

    A release that knows of no revisions copies what it knows when it activates a preset. Its copy has no revision, in a
    row that says that there are some: the preset's own row is whole.
    """
    if row is None:
        return None
    app = items.app_from_item(row)
    if REVISED not in row or "revision" in row["preset"]:
        return app
    key = keys.preset(app.app_id, app.preset.preset_id)
    whole = row_of(get_rows(client, {table: [key]}), key)
    return replace(app, preset=items.preset_from_map(whole)) if whole else app


def ruled_as_booked(
    client: DynamoDBClient, table: str, app: App | None, call: Call | None, known: KnownRevisions
) -> App | None:
    """The app under the preset that a call was booked under, as it was then.

    One request more unless that is the active preset, unchanged, or was read before. The active preset rules a call
    that was booked before calls kept theirs.
    """
    if app is None or call is None or call.preset_id is None:
        return app
    place = (app.app_id, call.preset_id, call.preset_revision or 1)
    if place[1:] == (app.preset.preset_id, app.preset.revision):
        return app
    if (preset := known.presets.get(place)) is None:
        preset = _at_revision(client, table, *place)
        if preset is None:  # a release that keeps no revisions took the preset away
            return app
        known.keep(place, preset)
    return replace(app, preset=preset)


def keys_at_revision(app_id: str, preset_id: str, revision: int) -> Sequence[Key]:
    """The rows in which a preset is found as it was then: what was kept of it, and its own."""
    return keys.preset_revision(app_id, preset_id, revision), keys.preset(app_id, preset_id)


def preset_at_revision(found: Rows, app_id: str, preset_id: str, revision: int) -> Preset | None:
    """The preset as it was at a revision, or is. None where it never was at it."""
    then, now = keys_at_revision(app_id, preset_id, revision)
    if (row := row_of(found, then)) is not None:
        return items.preset_from_map(row["preset"])
    row = row_of(found, now)
    preset = items.preset_from_map(row) if row else None
    return preset if preset and preset.revision == revision else None


def _at_revision(client: DynamoDBClient, table: str, app_id: str, preset_id: str, revision: int) -> Preset | None:
    found = get_rows(client, {table: keys_at_revision(app_id, preset_id, revision)})
    return preset_at_revision(found, app_id, preset_id, revision)


def revision_row(app_id: str, preset: Preset, copy: Mapping[str, object]) -> Item:
    """The row that keeps a preset as it is at its present revision."""
    return {**keys.preset_revision(app_id, preset.preset_id, preset.revision), "preset": dict(copy)}


def slug_row(app_id: str, slug: str, preset: Preset, copy: Mapping[str, object]) -> Item:
    """The row that leads from a slug to its preset, with a copy of it."""
    return {**keys.preset_slug(app_id, slug), "preset_id": preset.preset_id, "preset": dict(copy)}
