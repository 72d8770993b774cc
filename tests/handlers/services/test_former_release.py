"""The release before, which knows of no slugs and no revisions, beside this one: what it writes to presets meanwhile.

It changes a preset in place, copies the attributes it knows when it activates one, and deletes one without its slug.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.transactions import transact
from slotline.wiring import common
from tests.handlers.services.conftest import MONDAY, Shop, details
from tests.support.aws.requests import counted
from tests.support.builders.bookings import new_id
from tests.support.builders.provisioned import FIRST_PRESET, SECOND_PRESET
from tests.support.handlers import APP_ID
from tools import preset_copies

pytestmark = pytest.mark.usefixtures("tables")

KNEW = ("preset_id", "name", "scheduling_enabled", "duration_minutes", "buffer_before_minutes", "buffer_after_minutes")
KNEW += ("horizon_days", "minimum_notice_minutes", "assignment_mode", "require_confirmation", "customer_limits")
KNEW += ("reminders", "language", "allowed_embed_origins", "no_show_grace_minutes", "cancelled_bookings_count")
TABLE = "SchedulingTable"


class FormerRelease:
    """Its writes, as its adapter made them."""

    def __init__(self, ports: Any) -> None:
        self.ports = ports

    def change(self, preset_id: str, values: Mapping[str, Any], *, active: bool) -> None:
        own = {**values, "change_id": new_id()}
        row = parts.change(TABLE, keys.preset(APP_ID, preset_id), own, "attribute_exists(pk)")
        app = parts.check(TABLE, keys.app(APP_ID), "preset.preset_id <> :id", id=preset_id)
        if active:
            names = {f"#n{number}": name for number, name in enumerate(values)}
            sets = ", ".join(f"preset.{place} = :{place[1:]}" for place in names)
            typed = {place[1:]: values[name] for place, name in names.items()}
            key = keys.app(APP_ID)
            app = parts.update(TABLE, key, f"SET {sets}", "preset.preset_id = :id", names, id=preset_id, **typed)
        transact(self.ports.client, [("preset", row), ("app", app)])

    def activate(self, preset_id: str) -> None:
        row = self.ports.row(keys.preset(APP_ID, preset_id))
        copy = {name: row[name] for name in KNEW if name in row}
        app = {"active_preset_id": preset_id, "preset": copy, "activation_id": new_id()}
        transact(self.ports.client, [("app", parts.change(TABLE, keys.app(APP_ID), app, "attribute_exists(pk)"))])

    def remove(self, preset_id: str) -> None:
        app = parts.check(TABLE, keys.app(APP_ID), "preset.preset_id <> :id", id=preset_id)
        transact(self.ports.client, [("", parts.delete(TABLE, keys.preset(APP_ID, preset_id))), ("app", app)])


@pytest.fixture
def former(shop: Shop) -> FormerRelease:
    return FormerRelease(shop.ports)


class TestItActivates:
    def test_what_it_does_not_know_of_the_preset_rules_all_the_same(self, shop: Shop, former: FormerRelease):
        preset_id = shop.add(slug="first-visit", requiredTags=["spanish"], questions=[], public=True)
        shop.change(preset_id, durationMinutes=20)
        former.activate(preset_id)
        call = shop.booked(assignedAgentId="agent-1")
        assert (call["preset_id"], call["preset_revision"], call["duration_minutes"]) == (preset_id, 2, 20)
        assert shop.ports.presets.find(APP_ID, preset_id)[0].preset.required_tags == ("spanish",)
        assert shop.search().status == shop.hold("12:00").status - 1 == 200

    def test_the_next_change_or_activation_makes_the_copy_whole(self, shop: Shop, former: FormerRelease):
        preset_id = shop.add(requiredTags=["spanish"])
        mends = {"10:00": lambda: shop.change(preset_id, durationMinutes=20), "11:00": lambda: shop.activate(preset_id)}
        for at, mend in mends.items():
            former.activate(preset_id)
            assert "required_tags" not in shop.ports.row(keys.app(APP_ID))["preset"]
            assert mend().status == 200
            assert shop.ports.row(keys.app(APP_ID))["preset"]["required_tags"] == ["spanish"]
            with counted(common.dynamodb()) as requests:
                shop.booked(at)
            assert requests.operations.count("BatchGetItem") == 1, "the copy needs no second look"

    def test_a_change_of_another_preset_leaves_it_to_be_known_as_poor(self, shop: Shop, former: FormerRelease):
        preset_id = shop.add(requiredTags=["spanish"])
        former.activate(preset_id)
        shop.change(SECOND_PRESET, durationMinutes=20)
        assert shop.ports.presets.find(APP_ID, preset_id)[0].preset.required_tags == ("spanish",)

    def test_an_app_that_this_release_never_wrote_takes_no_further_look(self, shop: Shop):
        app = shop.ports.row(keys.app(APP_ID))
        copy = {name: app["preset"][name] for name in KNEW if name in app["preset"]}
        shop.ports.put({name: app[name] for name in app if name != "presets_have_revisions"} | {"preset": copy})
        with counted(common.dynamodb()) as requests:
            call = shop.booked()
        assert (call["preset_id"], call["preset_revision"]) == (FIRST_PRESET, 1)
        assert sorted(requests.operations) == ["BatchGetItem", "TransactWriteItems", "UpdateItem"]

    def test_nor_does_one_in_which_this_release_changed_another_preset_first(self, shop: Shop):
        app = shop.ports.row(keys.app(APP_ID))
        copy = {name: app["preset"][name] for name in KNEW if name in app["preset"]}
        shop.ports.put({name: app[name] for name in app if name != "presets_have_revisions"} | {"preset": copy})
        shop.add(slug="first-visit")
        with counted(common.dynamodb()) as requests:
            shop.booked()
        assert sorted(requests.operations) == ["BatchGetItem", "TransactWriteItems", "UpdateItem"]


class TestItChanges:
    @pytest.mark.parametrize("active", [True, False])
    def test_the_next_change_here_keeps_its_values_as_what_was_and_raises_the_revision(
        self, shop: Shop, former: FormerRelease, active: bool
    ):
        preset_id = FIRST_PRESET if active else SECOND_PRESET
        preset = shop.change(preset_id, slug="first-visit").json["data"]["preset"]
        former.change(preset_id, {"duration_minutes": 25}, active=active)
        left = shop.ports.row(keys.preset(APP_ID, preset_id))
        changed = shop.change(preset_id, bufferAfterMinutes=5).json["data"]["preset"]
        assert changed == preset | {"duration_minutes": 25, "buffer_after_minutes": 5, "revision": 3}
        was = shop.ports.row(keys.preset_revision(APP_ID, preset_id, 2))["preset"]
        assert was == {name: left[name] for name in was}
        assert (was["duration_minutes"], was["revision"], was["slug"]) == (25, 2, "first-visit")
        assert was.keys() >= {name for name in KNEW if name in left}
        for name in (preset_id, "first-visit"):
            at = "10:00" if name == preset_id else "11:00"
            assert shop.booked(at, presetId=name)["duration_minutes"] == 25

    def test_a_change_of_the_active_preset_rules_those_who_name_its_slug(self, shop: Shop, former: FormerRelease):
        shop.change(FIRST_PRESET, slug="standard")
        former.change(FIRST_PRESET, {"duration_minutes": 25}, active=True)
        assert shop.booked(presetId="standard")["duration_minutes"] == 25

    def test_a_change_that_was_decided_before_it_is_decided_again(self, shop: Shop, former: FormerRelease, monkeypatch):
        kept = type(shop.ports.presets)
        real, meddled = kept.change, []

        def change(self, *args, active, **more):
            if not meddled:
                meddled.append(former.change(SECOND_PRESET, {"duration_minutes": 25}, active=False))
            return real(self, *args, active=active, **more)

        monkeypatch.setattr(kept, "change", change)
        changed = shop.change(SECOND_PRESET, slug="first-visit").json["data"]["preset"]
        assert (changed["slug"], changed["duration_minutes"]) == ("first-visit", 25)
        assert shop.booked(presetId="first-visit")["duration_minutes"] == 25

    def test_it_reads_and_books_from_what_this_release_wrote(self, shop: Shop):
        """It takes the attributes that it knows from a copy, and passes over the rest."""
        shop.change(FIRST_PRESET, slug="standard", questions=[])
        copy = shop.ports.row(keys.app(APP_ID))["preset"]
        assert {name: copy[name] for name in KNEW if name in copy} == {
            "preset_id": FIRST_PRESET,
            "name": "Default",
            "scheduling_enabled": True,
            "duration_minutes": 30,
            "buffer_before_minutes": 0,
            "buffer_after_minutes": 0,
            "horizon_days": 730,
            "language": "en",
            "minimum_notice_minutes": 0,
            "assignment_mode": "pick_from_options",
            "require_confirmation": False,
            "customer_limits": [],
            "reminders": {},
            "allowed_embed_origins": [],
            "no_show_grace_minutes": 15,
            "cancelled_bookings_count": True,
        }


class TestItDeletes:
    def test_the_slug_that_it_left_behind_is_free(self, shop: Shop, former: FormerRelease):
        gone = shop.add(slug="first-visit")
        former.remove(gone)
        preset_id = shop.add(slug="first-visit", durationMinutes=20)
        assert shop.booked(presetId="first-visit")["preset_id"] == preset_id
        former.remove(preset_id)
        assert shop.change(SECOND_PRESET, slug="first-visit").status == 200

    def test_its_calls_follow_the_active_preset_from_then_on(self, shop: Shop, former: FormerRelease):
        gone = shop.add(slug="first-visit")
        call = shop.booked(presetId=gone)
        former.remove(gone)
        assert shop.move(call["id"], scheduledAtUtc=f"{MONDAY}T12:00:00Z").status == 200

    def test_those_of_an_earlier_revision_keep_theirs(self, shop: Shop, former: FormerRelease):
        gone = shop.add()
        call = shop.booked(presetId=gone)
        shop.change(gone, durationMinutes=20)
        former.remove(gone)
        shop.change(FIRST_PRESET, minimumNoticeMinutes=43_200)
        assert shop.move(call["id"], scheduledAtUtc=f"{MONDAY}T12:00:00Z").status == 200


class TestTheReleaseAfter:
    def test_what_it_has_written_beside_a_preset_is_in_every_copy(self, shop: Shop):
        preset_id = shop.add(slug="first-visit")
        shop.ports.change(keys.preset(APP_ID, preset_id), colour="blue")
        shop.change(preset_id, durationMinutes=20)
        shop.activate(preset_id)
        for key in (
            keys.app(APP_ID),
            keys.preset_slug(APP_ID, "first-visit"),
            keys.preset_revision(APP_ID, preset_id, 1),
        ):
            assert shop.ports.row(key)["preset"]["colour"] == "blue"
        assert details(shop.change(preset_id, colour="red")) == [("colour", "extra_forbidden")]


class TestCopiesArePutRight:
    def test_recopy_writes_what_it_left_old_frees_what_it_left_behind_and_says_how_many(
        self, shop: Shop, former: FormerRelease
    ):
        stale, gone, poor = (shop.add(slug=slug, requiredTags=["spanish"]) for slug in ("stale", "gone", "poor"))
        former.change(stale, {"duration_minutes": 25}, active=False)
        former.remove(gone)
        former.activate(poor)
        assert shop.booked("09:00", presetId="stale")["duration_minutes"] == 30
        assert self.recopied(shop, APP_ID) == {"active_copies": 1, "slug_copies": 1, "slugs_freed": 1}
        assert shop.booked("10:00", presetId="stale")["duration_minutes"] == 25
        assert details(shop.book("11:00", presetId="gone")) == [("presetId", "unknown_preset")]
        assert shop.ports.row(keys.app(APP_ID))["preset"]["required_tags"] == ["spanish"]
        assert self.recopied(shop) == {"active_copies": 0, "slug_copies": 0, "slugs_freed": 0}

    def test_every_app_is_seen_to_where_none_is_named(self, shop: Shop, former: FormerRelease):
        stale = shop.add(slug="stale")
        former.change(stale, {"duration_minutes": 25}, active=False)
        assert self.recopied(shop)["slug_copies"] == 1
        assert shop.booked(presetId="stale")["duration_minutes"] == 25

    def test_a_preset_that_changes_meanwhile_is_read_again(self, shop: Shop, former: FormerRelease, monkeypatch):
        stale, meddled = shop.add(slug="stale"), []
        former.change(stale, {"duration_minutes": 25}, active=False)
        real = preset_copies.transact

        def transact(client, labelled):
            if not meddled:
                meddled.append(former.change(stale, {"duration_minutes": 20}, active=False))
            real(client, labelled)

        monkeypatch.setattr(preset_copies, "transact", transact)
        assert self.recopied(shop)["slug_copies"] == 1
        assert shop.booked(presetId="stale")["duration_minutes"] == 20

    def recopied(self, shop: Shop, app_id: str | None = None) -> dict[str, int]:
        return preset_copies.recopy(shop.ports.client, TABLE, app_id)
