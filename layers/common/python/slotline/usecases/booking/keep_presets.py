"""Set up an app's presets: read them, add one, change one, say which one rules, take one away."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from slotline.domain.booking.apps import App, Preset, PresetOfApp
from slotline.domain.booking.services import TEXTS, check_texts, slug_is_there
from slotline.domain.shared.audit import Author
from slotline.domain.shared.errors import AppNotFound, Conflict, Detail, NotFound
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.plain_json import plain
from slotline.ports.apps import KeptPreset, Presets, SlugInUse
from slotline.ports.shared import AlreadyWritten, Ids, RateLimitCheck
from slotline.usecases.shared.once import Answered, Once

HIDDEN = frozenset({"reply_to"})
"""An address of somebody's, of which the audit log says only that it was changed."""
CHANGED_MEANWHILE = "changed_meanwhile"
"""The code of each attribute that somebody else has changed since a form with it was made."""


def list_presets(presets: Presets, app_id: str) -> Sequence[PresetOfApp]:
    """The app's presets in order of their ids. Raises AppNotFound."""
    app, found = presets.all(app_id)
    if app is None:
        raise AppNotFound("There is no such app.")
    active = app.preset.preset_id
    return [PresetOfApp(preset=preset, active=preset.preset_id == active) for preset in found]


def list_services(presets: Presets, app_id: str, *, public_only: bool = False) -> Sequence[PresetOfApp]:
    """The presets that the app's guests can be booked into, or those that are public. Raises AppNotFound."""
    return [found for found in list_presets(presets, app_id) if found.preset.public or not public_only]


def read_preset(presets: Presets, app_id: str, preset_id: str, revision: int | None = None) -> PresetOfApp:
    """One preset as it is, or as it was at a revision: then also one that is gone. Raises AppNotFound or NotFound."""
    if revision is None:
        found, kept = _look(presets, app_id, preset_id)
        return _of(found, kept.preset)
    app, preset = presets.at_revision(app_id, preset_id, revision)
    if app is None:
        raise AppNotFound("There is no such app.")
    if preset is None:
        raise NotFound("This app has no preset with this id that was ever at this revision.")
    now = app.preset
    return PresetOfApp(preset=preset, active=(now.preset_id, now.revision) == (preset_id, revision))


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPreset:
    """Add a preset. It rules nothing until it is activated."""

    presets: Presets
    ids: Ids
    once: Once

    def __call__(
        self, app_id: str, preset: Preset, author: Author, key: IdempotencyKey | None, check_rate: RateLimitCheck
    ) -> Answered:
        """The preset as it was added, with an id of its own. Raises InvalidRequest, AppNotFound, or SlugIsThere."""
        check_texts(preset)
        audited = self.once.audited(author)
        added = PresetOfApp(preset=replace(preset, preset_id=self.ids.new()), active=False)

        def act(now: datetime) -> Mapping[str, object]:
            app, _ = self.presets.find(app_id, added.preset.preset_id)
            if app is None:
                raise AppNotFound("There is no such app.")
            shown: dict[str, object] = plain(added)
            receipt = Receipt(key=key, result=shown, answered_at=now) if key else None
            entry = audited.entry("preset.added", added.preset.preset_id, None, added.preset, of=app, hidden=HIDDEN)
            with suppress(AlreadyWritten), _naming(added.preset.slug):
                # The id is new: if it is there, an earlier try of this request got through.
                self.presets.add(app_id, added.preset, now, receipt, entry)
            return shown

        return self.once(key, check_rate, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePreset:
    """Change some attributes of a preset, and raise its revision. Calls that are booked keep what it was."""

    presets: Presets
    once: Once

    def __call__(
        self, app_id: str, preset_id: str, values: Mapping[str, Any], author: Author, since: int | None = None
    ) -> PresetOfApp:
        """The preset as it is then; as it was, if it has these values.

        `since`: the revision that the change was thought out on. Raises InvalidRequest, AppNotFound, NotFound,
        SlugIsThere, or Conflict: somebody else has changed some of these attributes since then, named in its details.
        """
        audited = self.once.audited(author)

        def act() -> PresetOfApp:
            app, kept = _look(self.presets, app_id, preset_id)
            changed = replace(kept.preset, **values)
            if changed == kept.preset or kept.change_id == audited.id:  # the latter: an earlier try got through
                return _of(app, kept.preset)
            if since is not None and since != kept.preset.revision:
                _, was = self.presets.at_revision(app_id, preset_id, since)
                _check_unchanged(kept.preset, was, values)
            if not values.keys().isdisjoint(TEXTS):
                check_texts(changed)
            changed = replace(changed, revision=kept.preset.revision + 1)
            entry = audited.entry("preset.changed", preset_id, kept.preset, changed, of=app, hidden=HIDDEN)
            found = _of(app, changed)
            with _naming(changed.slug):
                self.presets.change(app_id, kept, changed, audited.id, active=found.active, entry=entry)
            return found

        return self.once.retry(act)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivatePreset:
    """Make a preset the one that rules new bookings and changes. Again on the active one: the same answer."""

    presets: Presets
    once: Once

    def __call__(
        self, app_id: str, preset_id: str, author: Author, key: IdempotencyKey | None, check_rate: RateLimitCheck
    ) -> Answered:
        """The preset, now active. Raises AppNotFound or NotFound."""
        audited = self.once.audited(author)

        def act(now: datetime) -> Mapping[str, object]:
            app, kept = _look(self.presets, app_id, preset_id)
            shown: dict[str, object] = plain(PresetOfApp(preset=kept.preset, active=True))
            receipt = Receipt(key=key, result=shown, answered_at=now) if key else None
            ruled = app.preset.preset_id
            before, after = ({"active_preset_id": which} for which in (ruled, preset_id))
            entry = audited.entry("preset.activated", preset_id, before, after, of=app)
            to_be_said = entry if ruled != preset_id else None
            self.presets.activate(app_id, kept, audited.id, receipt, replaces=ruled, entry=to_be_said)
            return shown

        return self.once(key, check_rate, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePreset:
    """Take a preset away, unless it rules. Calls that were booked under it keep its rules; its slug is free."""

    presets: Presets
    once: Once

    def __call__(self, app_id: str, preset_id: str, author: Author) -> PresetOfApp:
        """The preset as it was. Raises AppNotFound, NotFound, or Conflict for the active one."""
        audited = self.once.audited(author)
        seen: list[PresetOfApp] = []

        def act() -> PresetOfApp:
            try:
                app, kept = _look(self.presets, app_id, preset_id)
            except NotFound:
                if seen:
                    return seen[-1]  # an earlier try got through, or somebody else's
                raise
            seen.append(_of(app, kept.preset))
            if seen[-1].active:
                message = "This preset is active. Activate another one first."
                raise Conflict(message, [Detail(message, "preset_active")])
            entry = audited.entry("preset.removed", preset_id, kept.preset, None, of=app, hidden=HIDDEN)
            self.presets.remove(app_id, kept, entry)
            return seen[-1]

        return self.once.retry(act)


def _check_unchanged(now: Preset, was: Preset | None, values: Mapping[str, Any]) -> None:
    """Raises Conflict for attributes that are about to be changed and are otherwise than they were."""
    message = "has been changed by somebody else meanwhile"
    clashing = [
        Detail(message, CHANGED_MEANWHILE, name)
        for name, value in values.items()
        if getattr(now, name) not in (getattr(was, name, None), value)
    ]
    if clashing:
        raise Conflict("Somebody else has changed this preset meanwhile.", clashing)


def _look(presets: Presets, app_id: str, preset_id: str) -> tuple[App, KeptPreset]:
    app, kept = presets.find(app_id, preset_id)
    if app is None:
        raise AppNotFound("There is no such app.")
    if kept is None:
        raise NotFound("There is no such preset in this app.")
    return app, kept


def _of(app: App, preset: Preset) -> PresetOfApp:
    return PresetOfApp(preset=preset, active=app.preset.preset_id == preset.preset_id)


@contextmanager
def _naming(slug: str | None) -> Iterator[None]:
    """Raises SlugIsThere where another preset has the slug."""
    try:
        yield
    except SlugInUse as taken:
        raise slug_is_there(slug or "") from taken
