"""A call keeps the rules that it was booked under, whatever becomes of its preset."""

import pytest

from tests.handlers.services.conftest import MONDAY, Shop, details
from tests.support.builders.provisioned import FIRST_PRESET, SECOND_PRESET

NOON = f"{MONDAY}T12:00:00.000Z"
HOURLY = {"reminder_1h": ["email"], "cancellation": ["email"]}


def reminders_of(shop: Shop, call_id: str) -> set[str]:
    """The messages that are still to go out about a call."""
    rows = (row for row in shop.ports.rows() if row["sk"].startswith("REMINDER#") and call_id in row["pk"])
    return {f"{row['kind']} {row['channel']}" for row in rows if row.get("due_at")}


@pytest.mark.parametrize("active", [True, False], ids=["the active preset", "a named preset"])
class TestWhenThePresetChanges:
    def test_a_move_keeps_to_the_notice_it_was_booked_under(self, shop: Shop, active: bool):
        preset_id = FIRST_PRESET if active else SECOND_PRESET
        call = shop.booked(presetId=preset_id)
        shop.change(preset_id, minimumNoticeMinutes=43_200)
        assert details(shop.book("14:00", presetId=preset_id)) == [("scheduledAtUtc", "minimum_notice")]
        moved = shop.move(call["id"], scheduledAtUtc=NOON)
        assert moved.status == 200
        assert moved.json["data"]["call"]["preset_revision"] == 1

    def test_messages_are_planned_again_by_the_rules_it_was_booked_under(self, shop: Shop, active: bool):
        preset_id = FIRST_PRESET if active else SECOND_PRESET
        shop.change(preset_id, reminders=HOURLY)
        call = shop.booked(presetId=preset_id)
        shop.change(preset_id, reminders={"reminder_24h": ["email"]})
        shop.move(call["id"], scheduledAtUtc=NOON)
        assert reminders_of(shop, call["id"]) == {"reminder_1h email"}
        shop.cancel(call["id"])
        assert reminders_of(shop, call["id"]) == {"cancellation email"}

    def test_whether_a_cancelled_booking_counts_was_settled_when_it_was_booked(self, shop: Shop, active: bool):
        preset_id = FIRST_PRESET if active else SECOND_PRESET
        once = [{"maxBookings": 1, "per": "day"}]
        shop.change(preset_id, customerLimits=once, cancelledBookingsCount=False)
        call = shop.booked(presetId=preset_id)
        shop.change(preset_id, cancelledBookingsCount=True)
        shop.cancel(call["id"])
        assert shop.book("14:00", presetId=preset_id).status == 201


class TestWhenAnotherPresetRules:
    def test_a_call_of_the_former_active_preset_keeps_its_rules(self, shop: Shop):
        call = shop.booked()
        shop.change(SECOND_PRESET, minimumNoticeMinutes=43_200)
        shop.activate(SECOND_PRESET)
        assert shop.move(call["id"], scheduledAtUtc=NOON).status == 200

    def test_a_call_from_before_calls_kept_their_preset_follows_the_active_one(self, shop: Shop):
        call = shop.booked()
        row = next(row for row in shop.ports.rows() if row["sk"] == "CALL")
        shop.ports.put({name: value for name, value in row.items() if not name.startswith("preset_")})
        shop.change(FIRST_PRESET, minimumNoticeMinutes=43_200)
        assert details(shop.move(call["id"], scheduledAtUtc=NOON)) == [("scheduledAtUtc", "minimum_notice")]


class TestWhenThePresetIsDeleted:
    def test_its_calls_keep_its_rules_and_name_it(self, shop: Shop):
        preset_id = shop.add(slug="first-visit", reminders=HOURLY)
        shop.change(preset_id, durationMinutes=45)
        call = shop.booked(presetId="first-visit")
        shop.remove(preset_id)
        moved = shop.move(call["id"], scheduledAtUtc=NOON).json["data"]["call"]
        assert (moved["preset_id"], moved["preset_revision"], moved["duration_minutes"]) == (preset_id, 2, 45)
        assert reminders_of(shop, call["id"]) == {"reminder_1h email"}

    def test_its_slug_given_to_another_preset_does_not_touch_them(self, shop: Shop):
        preset_id = shop.add(slug="first-visit", reminders=HOURLY)
        call = shop.booked(presetId="first-visit")
        shop.remove(preset_id)
        shop.add(slug="first-visit", minimumNoticeMinutes=43_200)
        assert shop.move(call["id"], scheduledAtUtc=NOON).status == 200
        assert reminders_of(shop, call["id"]) == {"reminder_1h email"}


class TestRevisions:
    def test_each_change_is_one_and_what_changes_nothing_is_none(self, shop: Shop):
        preset_id = shop.add(durationMinutes=20, allowedEmbedOrigins=["https://example.com"], questions=[])
        shown = [
            shop.change(preset_id, **fields).json["data"]["preset"]["revision"]
            for fields in (
                {"durationMinutes": 25},
                {"durationMinutes": 25},
                {"durationMinutes": 20, "name": "Second visit"},
                {"name": "Second visit", "allowedEmbedOrigins": ["https://Example.com:443"]},
                {"slug": "again"},
            )
        ]
        assert shown == [2, 2, 3, 3, 4]

    def test_nobody_else_can_set_it(self, shop: Shop):
        assert details(shop.change(SECOND_PRESET, revision=7)) == [("revision", "extra_forbidden")]

    def test_a_call_of_each_revision_is_ruled_by_it(self, shop: Shop):
        calls = []
        for hour, grace in ((10, 5), (11, 6), (12, 7)):
            shop.change(SECOND_PRESET, minimumNoticeMinutes=0, noShowGraceMinutes=grace)
            calls.append(shop.booked(f"{hour}:00", presetId=SECOND_PRESET))
            shop.change(SECOND_PRESET, minimumNoticeMinutes=43_200)
        assert [call["preset_revision"] for call in calls] == [2, 4, 6]
        for call, hour in zip(calls, (14, 15, 16), strict=True):
            assert shop.move(call["id"], scheduledAtUtc=f"{MONDAY}T{hour}:00:00Z").status == 200
