"""Presets, and the copy of the active one: what changes both changes them together."""

from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.booking.apps import AssignmentMode, CustomerLimit, Period, Preset
from slotline.domain.shared.idempotency import Receipt
from slotline.ports.apps import KeptPreset
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, RaceLost
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.audit import an_entry
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID, a_key, new_id

FIRST = Preset(preset_id="preset-1", name="Default")
SECOND = Preset(
    preset_id="preset-2",
    name="Sales",
    duration_minutes=45,
    assignment_mode=AssignmentMode.ANY_AVAILABLE,
    customer_limits=(CustomerLimit(max_bookings=3, per=Period.DAY), CustomerLimit(max_bookings=0, per=Period.HOUR)),
    reminders={"1440": ["email"], "15": ["sms", "whatsapp"]},
    allowed_embed_origins=("https://example.com",),
    genesys_origins=("https://apps.mypurecloud.com",),
    branding_name="Acme",
    guest_can_cancel=True,
)
A_RECEIPT = Receipt(key=a_key(), result={"made": "first"}, answered_at=NOW)


def add(backend: Backend, preset: Preset = SECOND, receipt: Receipt | None = None) -> Preset:
    backend.presets.add(APP_ID, preset, NOW, receipt)
    return preset


def kept(backend: Backend, preset_id: str = SECOND.preset_id) -> KeptPreset:
    _, found = backend.presets.find(APP_ID, preset_id)
    assert found
    return found


def change(backend: Backend, change_id: str | None = None, *, active: bool = False, **values: Any) -> Preset:
    """The second preset, changed as the use case does."""
    there = kept(backend)
    changed = replace(there.preset, **values, revision=there.preset.revision + 1)
    backend.presets.change(APP_ID, there, changed, change_id or new_id(), active=active)
    return changed


def active(backend: Backend) -> Preset:
    app, _ = backend.presets.find(APP_ID, "any")
    assert app
    return app.preset


def test_looking_finds_the_app_with_its_active_preset_and_the_preset(backend: Backend) -> None:
    app, found = backend.presets.find(APP_ID, "preset-1")
    assert app
    assert (app.app_id, app.preset, found) == (APP_ID, FIRST, KeptPreset(preset=FIRST, change_id=None))


def test_what_is_not_there_is_none(backend: Backend) -> None:
    add(backend)
    assert backend.presets.find(APP_ID, new_id())[1] is None
    assert backend.presets.find(OTHER_APP_ID, SECOND.preset_id)[1] is None
    assert backend.presets.find(new_id(), SECOND.preset_id) == (None, None)


def test_all_presets_come_in_order_of_their_ids(backend: Backend) -> None:
    third = add(backend, replace(SECOND, preset_id="preset-3"))
    add(backend)
    app, found = backend.presets.all(APP_ID)
    assert app
    assert list(found) == [FIRST, SECOND, third]
    assert list(backend.presets.all(OTHER_APP_ID)[1]) == [FIRST]


def test_an_app_that_is_not_there_has_no_presets(backend: Backend) -> None:
    app, found = backend.presets.all(new_id())
    assert (app, list(found)) == (None, [])


def test_an_added_preset_reads_back_with_everything_it_had_and_does_not_rule(backend: Backend) -> None:
    add(backend, receipt=A_RECEIPT)
    assert kept(backend) == KeptPreset(preset=SECOND)
    assert active(backend) == FIRST
    assert backend.receipts.find(a_key()) == A_RECEIPT


def test_a_preset_whose_id_is_there_was_written_before(backend: Backend) -> None:
    add(backend)
    with pytest.raises(AlreadyWritten):
        add(backend, replace(SECOND, name="Again"), A_RECEIPT)
    assert kept(backend).preset == SECOND
    assert backend.receipts.find(a_key()) is None


def test_an_answered_key_adds_no_preset_and_outranks_one_that_is_there(backend: Backend) -> None:
    add(backend, receipt=A_RECEIPT)
    for again in (replace(SECOND, name="Again"), replace(SECOND, preset_id="preset-3")):
        with pytest.raises(AlreadyAnswered):
            add(backend, again, A_RECEIPT)
    assert list(backend.presets.all(APP_ID)[1]) == [FIRST, SECOND]


def test_nothing_is_added_to_an_app_that_is_gone(backend: Backend) -> None:
    gone = new_id()
    with pytest.raises(RaceLost):
        backend.presets.add(gone, SECOND, NOW, None)
    assert list(backend.presets.all(gone)[1]) == []


VALUES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("one attribute", {"duration_minutes": 60}, {"duration_minutes": 60}),
    ("one cleared", {"branding_name": None}, {"branding_name": None}),
    (
        "set and cleared",
        {"name": "Support", "branding_name": None, "customer_limits": ()},
        {"name": "Support", "branding_name": None, "customer_limits": ()},
    ),
    ("a map", {"reminders": {"60": ["email"]}}, {"reminders": {"60": ["email"]}}),
]


@pytest.mark.parametrize(("values", "expected"), [row[1:] for row in VALUES], ids=[row[0] for row in VALUES])
@pytest.mark.parametrize("is_active", [False, True], ids=["not active", "active"])
def test_a_change_writes_the_attributes_named_in_the_apps_copy_too_where_it_rules(
    backend: Backend, values: dict[str, Any], expected: dict[str, Any], is_active: bool
) -> None:
    add(backend)
    if is_active:
        backend.presets.activate(APP_ID, kept(backend), new_id(), None)
    changed = change(backend, "change-1", active=is_active, **values)
    assert changed == replace(SECOND, **expected, revision=2)
    assert kept(backend) == KeptPreset(preset=changed, change_id="change-1")
    assert active(backend) == (changed if is_active else FIRST)


@pytest.mark.parametrize("is_active", [False, True], ids=["it is active now", "it no longer is"])
def test_a_change_that_was_mistaken_about_who_rules_loses_and_writes_nothing(backend: Backend, is_active: bool) -> None:
    add(backend)
    mistaken = SECOND.preset_id if is_active else FIRST.preset_id
    before = kept(backend, mistaken)
    with pytest.raises(RaceLost):
        backend.presets.change(APP_ID, before, replace(before.preset, name="Lost"), "change-1", active=is_active)
    assert kept(backend, mistaken) == before
    assert active(backend) == FIRST


@pytest.mark.parametrize("is_active", [False, True])
def test_a_preset_that_is_gone_is_not_changed(backend: Backend, is_active: bool) -> None:
    gone = KeptPreset(preset=SECOND)
    with pytest.raises(RaceLost):
        backend.presets.change(APP_ID, gone, replace(SECOND, name="Lost"), "change-1", active=is_active)
    assert backend.presets.find(APP_ID, SECOND.preset_id)[1] is None


def test_an_activated_preset_rules_and_the_one_before_stays(backend: Backend) -> None:
    add(backend)
    backend.presets.activate(APP_ID, kept(backend), "change-1", A_RECEIPT)
    assert active(backend) == SECOND
    assert list(backend.presets.all(APP_ID)[1]) == [FIRST, SECOND]
    assert backend.receipts.find(a_key()) == A_RECEIPT
    backend.presets.activate(APP_ID, kept(backend), "change-2", None)
    assert active(backend) == SECOND


@pytest.mark.parametrize("changes", [1, 2], ids=["its first change", "a later one"])
def test_a_preset_that_has_changed_since_it_was_read_is_not_activated(backend: Backend, changes: int) -> None:
    add(backend)
    for number in range(changes):
        stale = kept(backend)
        change(backend, duration_minutes=number + 5)
    with pytest.raises(RaceLost):
        backend.presets.activate(APP_ID, stale, new_id(), A_RECEIPT)
    assert active(backend) == FIRST
    assert backend.receipts.find(a_key()) is None
    backend.presets.activate(APP_ID, kept(backend), new_id(), None)
    assert active(backend).duration_minutes == changes + 4


def test_a_preset_that_is_gone_is_not_activated(backend: Backend) -> None:
    with pytest.raises(RaceLost):
        backend.presets.activate(APP_ID, KeptPreset(preset=SECOND), new_id(), None)
    assert active(backend) == FIRST


def test_an_answered_key_activates_nothing(backend: Backend) -> None:
    add(backend, receipt=A_RECEIPT)
    with pytest.raises(AlreadyAnswered):
        backend.presets.activate(APP_ID, kept(backend), new_id(), A_RECEIPT)
    assert active(backend) == FIRST


def test_a_preset_is_taken_away_and_one_that_never_was_is_not(backend: Backend) -> None:
    add(backend)
    backend.presets.remove(APP_ID, kept(backend))
    assert list(backend.presets.all(APP_ID)[1]) == [FIRST]
    with pytest.raises(RaceLost):
        backend.presets.remove(APP_ID, KeptPreset(preset=replace(SECOND, preset_id="never-was")))


def test_the_active_preset_is_not_taken_away(backend: Backend) -> None:
    with pytest.raises(RaceLost):
        backend.presets.remove(APP_ID, KeptPreset(preset=FIRST))
    assert list(backend.presets.all(APP_ID)[1]) == [FIRST]


def test_a_preset_is_read_as_it_was_at_each_revision_also_once_it_is_gone(backend: Backend) -> None:
    first = add(backend)
    second = change(backend, name="Support")
    at = backend.presets.at_revision
    found = [at(APP_ID, SECOND.preset_id, revision)[1] for revision in (1, 2, 3)]
    assert found == [first, second, None]
    app, _ = at(APP_ID, SECOND.preset_id, 1)
    assert app
    assert app.preset == FIRST
    backend.presets.remove(APP_ID, kept(backend))
    assert at(APP_ID, SECOND.preset_id, 2)[1] == second
    assert at(OTHER_APP_ID, SECOND.preset_id, 2)[1] is None
    assert at(new_id(), SECOND.preset_id, 2)[0] is None


def test_each_change_of_a_preset_is_written_with_its_entry_or_not_at_all(backend: Backend) -> None:
    entries = [an_entry(f"preset.{verb}") for verb in ("added", "changed", "activated", "removed")]
    backend.presets.add(APP_ID, SECOND, NOW, None, entries[0])
    stale = kept(backend)
    changed = replace(SECOND, name="Support", revision=2)
    backend.presets.change(APP_ID, stale, changed, "change-1", active=False, entry=entries[1])
    backend.presets.activate(APP_ID, kept(backend), "change-2", None, replaces="preset-1", entry=entries[2])
    with pytest.raises(RaceLost):  # another one has ruled since
        backend.presets.activate(APP_ID, kept(backend), "change-3", None, replaces="preset-1", entry=an_entry())
    with pytest.raises(RaceLost):
        backend.presets.change(APP_ID, stale, changed, "change-4", active=True, entry=an_entry())
    with pytest.raises(RaceLost):  # it rules
        backend.presets.remove(APP_ID, kept(backend), an_entry())
    backend.presets.activate(APP_ID, kept(backend, "preset-1"), "change-5", None)
    backend.presets.remove(APP_ID, kept(backend), entries[3])
    assert list(backend.audited()) == entries
