"""The copies of presets: under their slugs and at their earlier revisions, and what reads them with bookings."""

from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.booking.apps import Preset
from slotline.domain.shared.idempotency import Receipt
from slotline.ports.apps import KeptPreset, SlugInUse
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, RaceLost
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID, TOMORROW, a_call, a_key, minutes, new_id, write_call

FIRST = Preset(preset_id="preset-1", name="Default")
VISIT = Preset(preset_id="01890000-0000-7000-8000-0000000000b1", name="Visit", slug="first-visit", duration_minutes=45)
OTHER = Preset(preset_id="01890000-0000-7000-8000-0000000000b2", name="Other")


def add(backend: Backend, preset: Preset = VISIT, app_id: str = APP_ID, receipt: Receipt | None = None) -> None:
    backend.presets.add(app_id, preset, NOW, receipt)


def kept(backend: Backend, preset_id: str = VISIT.preset_id) -> KeptPreset:
    found = backend.presets.find(APP_ID, preset_id)[1]
    assert found
    return found


def change(backend: Backend, preset_id: str = VISIT.preset_id, *, active: bool = False, **values: Any) -> Preset:
    there = kept(backend, preset_id)
    changed = replace(there.preset, **values, revision=there.preset.revision + 1)
    backend.presets.change(APP_ID, there, changed, new_id(), active=active)
    return changed


def named(backend: Backend, name: str, app_id: str = APP_ID) -> Preset | None:
    """The preset of this name, as everything that reads one by name finds it."""
    found = backend.presets.named(app_id, name)[1]
    around = a_call().claim.padded
    assert backend.bookings.read_for_booking(app_id, None, around, None, (), name).named_preset == found
    for agent_id in (None, "agent-1"):
        assert backend.calendars.read(app_id, agent_id, around, NOW, name).named_preset == found
    return found


def ruling(backend: Backend, preset_id: str, revision: int) -> Preset:
    """The preset that rules a call which was booked under this one, as the call's change and its room find it."""
    call = write_call(backend.bookings, a_call(preset_id=preset_id, preset_revision=revision, assigned_agent_id=None))
    seen = backend.bookings.read_for_change(APP_ID, call.id, None)
    room = backend.rooms.find(call.id)
    assert seen.app
    assert seen.call == call
    assert room
    assert room.preset_id == seen.app.preset.preset_id
    return seen.app.preset


class TestNames:
    def test_a_preset_is_found_by_its_id_and_by_its_slug(self, backend: Backend) -> None:
        add(backend)
        assert named(backend, VISIT.preset_id) == named(backend, "first-visit") == VISIT

    def test_the_app_comes_along_with_its_active_preset(self, backend: Backend) -> None:
        add(backend)
        app, _ = backend.presets.named(APP_ID, "first-visit")
        assert app
        assert app.preset == FIRST
        assert backend.presets.named(new_id(), "first-visit") == (None, None)

    def test_names_are_an_apps_own(self, backend: Backend) -> None:
        add(backend)
        assert named(backend, "first-visit", OTHER_APP_ID) is None
        assert named(backend, VISIT.preset_id, OTHER_APP_ID) is None
        add(backend, OTHER, OTHER_APP_ID)
        add(backend, replace(VISIT, preset_id=new_id()), OTHER_APP_ID)

    def test_an_id_wins_over_a_slug(self, backend: Backend) -> None:
        add(backend, replace(VISIT, slug="walk-in"))
        add(backend, replace(OTHER, preset_id="walk-in"))
        assert named(backend, "walk-in") == replace(OTHER, preset_id="walk-in")
        change(backend, name="Visit of then")  # what has its slug already keeps it

    def test_an_id_is_no_other_presets_slug(self, backend: Backend) -> None:
        walk_in = replace(OTHER, preset_id="walk-in")
        add(backend, walk_in)
        add(backend)
        with pytest.raises(SlugInUse):
            add(backend, replace(VISIT, preset_id=new_id(), slug="walk-in"))
        with pytest.raises(SlugInUse):
            change(backend, slug="walk-in")
        change(backend, "walk-in", slug="walk-in")
        with pytest.raises(SlugInUse):
            change(backend, slug="walk-in")
        assert named(backend, "walk-in") == kept(backend, "walk-in").preset

    @pytest.mark.parametrize("name", ["", "first-visi", "first-visit\x00", "PRESET#preset-1", "\U0001f600" * 128])
    def test_any_other_name_is_nobodys(self, backend: Backend, name: str) -> None:
        add(backend)
        assert named(backend, name) is None

    def test_a_slug_leads_to_the_preset_as_it_is_after_each_change(self, backend: Backend) -> None:
        add(backend)
        for values in ({"duration_minutes": 20}, {"name": "Welcome", "branding_name": "Acme"}, {"branding_name": None}):
            changed = change(backend, **values)
            assert named(backend, "first-visit") == changed

    def test_the_slug_of_the_active_preset_leads_to_it(self, backend: Backend) -> None:
        add(backend)
        backend.presets.activate(APP_ID, kept(backend), new_id(), None)
        changed = change(backend, active=True, duration_minutes=20)
        assert named(backend, "first-visit") == named(backend, VISIT.preset_id) == changed


class TestSlugs:
    @pytest.mark.parametrize("receipt", [None, Receipt(key=a_key(), result={"made": "first"}, answered_at=NOW)])
    def test_a_slug_that_another_has_is_not_added(self, backend: Backend, receipt: Receipt | None) -> None:
        add(backend)
        before = backend.rows()
        with pytest.raises(SlugInUse):
            add(backend, replace(OTHER, slug="first-visit"), receipt=receipt)
        assert backend.rows() == before

    def test_nor_is_a_preset_changed_to_have_it(self, backend: Backend) -> None:
        add(backend)
        add(backend, OTHER)
        before = backend.rows()
        with pytest.raises(SlugInUse):
            change(backend, OTHER.preset_id, slug="first-visit", duration_minutes=20)
        assert backend.rows() == before

    def test_an_answered_key_and_an_id_that_is_there_outrank_a_slug_that_is_taken(self, backend: Backend) -> None:
        receipt = Receipt(key=a_key(), result={"made": "first"}, answered_at=NOW)
        add(backend, receipt=receipt)
        with pytest.raises(AlreadyAnswered):
            add(backend, replace(OTHER, slug="first-visit"), receipt=receipt)
        with pytest.raises(AlreadyWritten):
            add(backend)

    def test_a_change_decided_on_what_was_is_a_lost_race_though_its_slug_is_taken(self, backend: Backend) -> None:
        add(backend)
        add(backend, OTHER)
        stale = kept(backend, OTHER.preset_id)
        change(backend, OTHER.preset_id, duration_minutes=20)
        with pytest.raises(RaceLost):
            backend.presets.change(APP_ID, stale, replace(OTHER, slug="first-visit"), new_id(), active=False)

    @pytest.mark.parametrize("slug", ["welcome", None])
    def test_a_slug_that_is_given_up_is_free(self, backend: Backend, slug: str | None) -> None:
        add(backend)
        changed = change(backend, slug=slug)
        assert named(backend, "first-visit") is None
        if slug:
            assert named(backend, slug) == changed
        other = replace(OTHER, slug="first-visit")
        add(backend, other)
        assert named(backend, "first-visit") == other

    def test_the_slug_of_a_preset_that_is_taken_away_is_free(self, backend: Backend) -> None:
        add(backend)
        backend.presets.remove(APP_ID, kept(backend))
        assert named(backend, "first-visit") is None
        add(backend, replace(OTHER, slug="first-visit"))

    def test_one_that_has_changed_since_it_was_read_is_not_taken_away(self, backend: Backend) -> None:
        add(backend)
        stale = kept(backend)
        changed = change(backend, slug="welcome")
        with pytest.raises(RaceLost):
            backend.presets.remove(APP_ID, stale)
        assert named(backend, "welcome") == changed


class TestRevisions:
    def test_a_call_is_ruled_by_its_preset_as_it_was_when_it_was_booked(self, backend: Backend) -> None:
        add(backend)
        second = change(backend, duration_minutes=20)
        third = change(backend, slug=None, branding_name="Acme")
        assert [ruling(backend, VISIT.preset_id, number) for number in (1, 2, 3)] == [VISIT, second, third]

    def test_also_if_that_was_the_active_preset(self, backend: Backend) -> None:
        add(backend)
        backend.presets.activate(APP_ID, kept(backend), new_id(), None)
        changed = change(backend, active=True, duration_minutes=20)
        assert ruling(backend, VISIT.preset_id, 1) == VISIT
        assert ruling(backend, VISIT.preset_id, 2) == changed
        assert ruling(backend, FIRST.preset_id, 1) == FIRST

    def test_also_once_the_preset_is_taken_away(self, backend: Backend) -> None:
        add(backend)
        changed = change(backend, duration_minutes=20)
        backend.presets.remove(APP_ID, kept(backend))
        assert [ruling(backend, VISIT.preset_id, number) for number in (1, 2)] == [VISIT, changed]

    def test_what_was_read_once_stays_true_after_later_changes(self, backend: Backend) -> None:
        add(backend)
        for duration in (20, 25, 30):
            assert ruling(backend, VISIT.preset_id, 1) == VISIT
            change(backend, duration_minutes=duration)

    def test_a_call_without_a_preset_or_of_one_that_left_nothing_is_ruled_by_the_active_one(
        self, backend: Backend
    ) -> None:
        call = write_call(backend.bookings, a_call(scheduled_at=TOMORROW + minutes(60)))
        seen = backend.bookings.read_for_change(APP_ID, call.id, None)
        assert seen.app
        assert seen.app.preset == FIRST
        assert ruling(backend, new_id(), 1) == FIRST
        add(backend)
        assert ruling(backend, VISIT.preset_id, 7) == FIRST
        assert ruling(backend, FIRST.preset_id, 7) == FIRST

    def test_revisions_are_an_apps_own(self, backend: Backend) -> None:
        add(backend)
        change(backend, duration_minutes=20)
        call = a_call(app_id=OTHER_APP_ID, preset_id=VISIT.preset_id, preset_revision=1)
        write_call(backend.bookings, call)
        seen = backend.bookings.read_for_change(OTHER_APP_ID, call.id, None)
        assert seen.app
        assert seen.app.preset == FIRST

    def test_the_app_of_a_room_is_under_the_calls_preset_as_it_is_now(self, backend: Backend) -> None:
        add(backend)
        changed = change(backend, branding_name="Acme")
        under = backend.rooms.app(APP_ID, VISIT.preset_id)
        assert under
        assert under.preset == changed
        backend.presets.remove(APP_ID, kept(backend))
        gone = backend.rooms.app(APP_ID, VISIT.preset_id)
        assert gone
        assert gone.preset == FIRST
