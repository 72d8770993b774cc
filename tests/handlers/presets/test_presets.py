"""Presets: read, added, changed, activated, deleted; the copy that bookings read is always the active one's."""

import pytest

from slotline.wiring.booking import presets
from tests.handlers.presets.conftest import OTHER_APP_ID, copy_of_active, path, reading, writing
from tests.support.builders.provisioned import FIRST_PRESET, SECOND_PRESET, provision
from tests.support.handlers import APP_ID, Endpoint, partner

pytestmark = pytest.mark.usefixtures("app")

DEFAULTS = {
    "revision": 1,
    "slug": None,
    "title": None,
    "description": None,
    "public": True,
    "agent_ids": [],
    "required_tags": [],
    "questions": [],
    "verification": "none",
    "agent_messages": [],
    "on_zone_change": "keep_instant",
    "scheduling_enabled": True,
    "duration_minutes": 30,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "horizon_days": 730,
    "minimum_notice_minutes": 0,
    "assignment_mode": "pick_from_options",
    "require_confirmation": False,
    "guest_can_reschedule": False,
    "guest_can_cancel": False,
    "customer_limits": [],
    "cancelled_bookings_count": True,
    "no_show_grace_minutes": 15,
    "reminders": {},
    "reminders_per_call_per_day": 10,
    "reminders_per_recipient_per_hour": 5,
    "reminders_per_app_per_hour": 200,
    "allow_foreign_recipients": False,
    "genesys_dispatch_minutes": None,
    "genesys_origins": [],
    "reply_to": None,
    "language": "en",
    "allowed_embed_origins": [],
    "branding_name": None,
    "branding_color": None,
    "host_name": None,
    "guest_name": None,
    "record_on_start": False,
    "preview_enabled": True,
    "join_tokens": False,
    "recording_days": 30,
}
ALL = {
    "name": "Sales",
    "slug": "sales-call",
    "title": {"en": "Talk to sales", "es-CO": "Hable con ventas"},
    "description": "Half an hour.\nBring your questions.",
    "public": True,
    "agentIds": ["agent-1"],
    "requiredTags": ["Spanish", "level 2"],
    "questions": [
        {"key": "size", "label": {"en": "How many are you?"}, "type": "number", "required": True, "help": "Roughly"},
        {
            "key": "topic",
            "label": "What about?",
            "type": "single_choice",
            "options": ["Prices", "Else"],
            "hidden": True,
        },
    ],
    "verification": "sms",
    "agentMessages": ["assigned", "cancelled"],
    "onZoneChange": "keep_wall_time",
    "schedulingEnabled": False,
    "durationMinutes": 45,
    "bufferBeforeMinutes": 5,
    "bufferAfterMinutes": 10,
    "horizonDays": 90,
    "minimumNoticeMinutes": 120,
    "assignmentMode": "any_available",
    "requireConfirmation": True,
    "guestCanReschedule": True,
    "guestCanCancel": True,
    "customerLimits": [{"maxBookings": 3, "per": "day"}, {"maxBookings": 10, "per": "month"}],
    "cancelledBookingsCount": False,
    "noShowGraceMinutes": 5,
    "reminders": {"invitation": ["email", "whatsapp"], "reminder_1h": ["sms"], "cancellation": []},
    "remindersPerCallPerDay": 4,
    "remindersPerRecipientPerHour": 3,
    "remindersPerAppPerHour": 1000,
    "allowForeignRecipients": True,
    "genesysDispatchMinutes": 5,
    "genesysOrigins": ["https://apps.MyPureCloud.de", "https://apps.usw2.pure.cloud:443/"],
    "replyTo": "agent",
    "language": "es-CO",
    "allowedEmbedOrigins": ["https://www.Example.com", "http://localhost:3000", "http://127.0.0.1:5500"],
    "brandingName": "Acme",
    "brandingColor": "#00AAff",
    "hostName": "Ada",
    "guestName": "Our guest",
    "recordOnStart": True,
    "previewEnabled": False,
    "joinTokens": True,
    "recordingDays": 7,
}
SHOWN = {
    "name": "Sales",
    "revision": 1,
    "slug": "sales-call",
    "title": {"en": "Talk to sales", "es-CO": "Hable con ventas"},
    "description": "Half an hour.\nBring your questions.",
    "public": True,
    "agent_ids": ["agent-1"],
    "required_tags": ["Spanish", "level 2"],
    "questions": [
        {
            "key": "size",
            "label": {"en": "How many are you?"},
            "type": "number",
            "required": True,
            "options": [],
            "hidden": False,
            "help": "Roughly",
        },
        {
            "key": "topic",
            "label": "What about?",
            "type": "single_choice",
            "required": False,
            "options": ["Prices", "Else"],
            "hidden": True,
            "help": None,
        },
    ],
    "verification": "sms",
    "agent_messages": ["assigned", "cancelled"],
    "on_zone_change": "keep_wall_time",
    "active": False,
    "scheduling_enabled": False,
    "duration_minutes": 45,
    "buffer_before_minutes": 5,
    "buffer_after_minutes": 10,
    "horizon_days": 90,
    "minimum_notice_minutes": 120,
    "assignment_mode": "any_available",
    "require_confirmation": True,
    "guest_can_reschedule": True,
    "guest_can_cancel": True,
    "customer_limits": [{"max_bookings": 3, "per": "day"}, {"max_bookings": 10, "per": "month"}],
    "cancelled_bookings_count": False,
    "no_show_grace_minutes": 5,
    "reminders": {"invitation": ["email", "whatsapp"], "reminder_1h": ["sms"], "cancellation": []},
    "reminders_per_call_per_day": 4,
    "reminders_per_recipient_per_hour": 3,
    "reminders_per_app_per_hour": 1000,
    "allow_foreign_recipients": True,
    "genesys_dispatch_minutes": 5,
    "genesys_origins": ["https://apps.mypurecloud.de", "https://apps.usw2.pure.cloud"],
    "reply_to": "agent",
    "language": "es-CO",
    "allowed_embed_origins": ["https://www.example.com", "http://localhost:3000", "http://127.0.0.1:5500"],
    "branding_name": "Acme",
    "branding_color": "#00AAff",
    "host_name": "Ada",
    "guest_name": "Our guest",
    "record_on_start": True,
    "preview_enabled": False,
    "join_tokens": True,
    "recording_days": 7,
}


def preset(preset_id):
    return reading()(path(preset_id)).json["data"]["preset"]


def active():
    (found,) = [one["preset_id"] for one in reading()(path()).json["data"]["presets"] if one["active"]]
    return found


def booked_minutes():
    body = {
        "guestName": "Jane Doe",
        "guestEmail": "jane@example.com",
        "scheduledAtUtc": "2026-05-04T10:00:00Z",
        "appTimezone": "UTC",
    }
    reply = Endpoint("scheduled_calls/create", "POST", partner())(f"/api/v1/video/{APP_ID}/scheduled-calls", body)
    return reply.json["data"]["call"]["duration_minutes"]


class TestReading:
    def test_the_list(self):
        found = reading()(path()).json["data"]["presets"]
        assert [(one["preset_id"], one["active"]) for one in found] == [(FIRST_PRESET, True), (SECOND_PRESET, False)]

    def test_one_preset_with_every_default(self):
        assert preset(FIRST_PRESET) == DEFAULTS | {"preset_id": FIRST_PRESET, "name": "Default", "active": True}


class TestAdding:
    def test_what_is_not_sent_has_its_default(self):
        reply = writing("POST")(path(), {"name": "Sales"})
        assert reply.status == 201
        added = reply.json["data"]["preset"]
        assert added == DEFAULTS | {
            "preset_id": added["preset_id"],
            "name": "Sales",
            "active": False,
            "public": False,  # those from before there was a choice are
        }
        assert added == preset(added["preset_id"])

    def test_every_field(self):
        added = writing("POST")(path(), ALL).json["data"]["preset"]
        assert added == SHOWN | {"preset_id": added["preset_id"]} == preset(added["preset_id"])

    def test_the_same_key_adds_one(self):
        first, second = (writing("POST")(path(), ALL, headers={"idempotency-key": "k-1"}) for _ in range(2))
        assert first.text == second.text
        assert second.headers["Idempotency-Replayed"] == "true"
        assert len(reading()(path()).json["data"]["presets"]) == 3
        assert writing("POST")(path(), {"name": "Other"}, headers={"idempotency-key": "k-1"}).status == 422


class TestChanging:
    def test_what_is_not_sent_stays(self):
        before = preset(SECOND_PRESET)
        reply = writing("PATCH")(path(SECOND_PRESET), {"durationMinutes": 20})
        assert reply.status == 200
        assert reply.json["data"]["preset"] == before | {"duration_minutes": 20, "revision": 2} == preset(SECOND_PRESET)

    def test_every_field_of_the_active_one_is_changed_in_its_copy_too(self, ports):
        reply = writing("PATCH")(path(FIRST_PRESET), ALL)
        assert reply.json["data"]["preset"] == SHOWN | {"preset_id": FIRST_PRESET, "active": True, "revision": 2}
        assert copy_of_active(ports)["duration_minutes"] == 45

    def test_the_next_booking_follows_the_changed_one(self):
        writing("PATCH")(path(FIRST_PRESET), {"durationMinutes": 20})
        assert booked_minutes() == 20

    def test_branding_is_cleared_by_null(self, ports):
        writing("PATCH")(path(FIRST_PRESET), {"brandingName": "Acme", "brandingColor": "#000000"})
        assert copy_of_active(ports)["branding_name"] == "Acme"
        cleared = writing("PATCH")(path(FIRST_PRESET), {"brandingName": None, "brandingColor": None})
        assert cleared.json["data"]["preset"]["branding_name"] is None
        assert "branding_name" not in copy_of_active(ports)

    def test_what_rules_messages_is_in_the_copy_and_can_be_taken_back(self, ports):
        ruling = {"reminders": {"reminder_15m": ["genesys"]}, "genesysDispatchMinutes": 5, "language": "es"}
        writing("PATCH")(path(FIRST_PRESET), ruling)
        kept = copy_of_active(ports)
        assert (kept["reminders"], kept["genesys_dispatch_minutes"], kept["language"]) == (
            {"reminder_15m": ["genesys"]},
            5,
            "es",
        )
        cleared = writing("PATCH")(path(FIRST_PRESET), {"reminders": {}, "genesysDispatchMinutes": None})
        shown = cleared.json["data"]["preset"]
        assert (shown["reminders"], shown["genesys_dispatch_minutes"], shown["language"]) == ({}, None, "es")

    @pytest.mark.usefixtures("tables")
    def test_back_and_forth_is_no_repeat(self):
        """DynamoDB takes an equal transaction for a repeat; two equal changes are still two."""
        for minutes in (20, 25, 20):
            writing("PATCH")(path(FIRST_PRESET), {"durationMinutes": minutes})
        assert preset(FIRST_PRESET)["duration_minutes"] == 20


class TestActivating:
    def test_another_rules_from_the_next_booking_on(self):
        reply = writing("POST")(path(SECOND_PRESET, "activate"))
        assert (reply.status, reply.json["data"]["preset"]["active"]) == (200, True)
        assert active() == SECOND_PRESET
        assert booked_minutes() == 60

    def test_again_is_the_same(self):
        first, second = (writing("POST")(path(FIRST_PRESET, "activate")) for _ in range(2))
        assert first.json["data"] == second.json["data"]
        assert active() == FIRST_PRESET

    def test_there_and_back(self):
        for preset_id in (SECOND_PRESET, FIRST_PRESET, SECOND_PRESET):
            writing("POST")(path(preset_id, "activate"))
        assert active() == SECOND_PRESET

    @pytest.mark.parametrize("headers", [{}, {"idempotency-key": "k-1"}])
    @pytest.mark.parametrize("raw", ["{bad", '{"nope": 1}', "[1]"])
    def test_a_body_that_says_something_else_is_a_400(self, raw, headers):
        assert writing("POST")(path(SECOND_PRESET, "activate"), raw=raw, headers=headers).status == 400

    def test_the_same_key_activates_once(self):
        writing("POST")(path(SECOND_PRESET, "activate"), headers={"idempotency-key": "k-1"})
        writing("POST")(path(FIRST_PRESET, "activate"))
        again = writing("POST")(path(SECOND_PRESET, "activate"), headers={"idempotency-key": "k-1"})
        assert again.headers["Idempotency-Replayed"] == "true"
        assert active() == FIRST_PRESET

    def test_a_change_of_meanwhile_is_in_the_copy(self, monkeypatch):
        kept = type(presets.presets())
        real = kept.activate
        changed = []

        def activate(self, *args, **more):
            if not changed:
                changed.append(writing("PATCH")(path(SECOND_PRESET), {"durationMinutes": 90}).status)
            return real(self, *args, **more)

        monkeypatch.setattr(kept, "activate", activate)
        reply = writing("POST")(path(SECOND_PRESET, "activate"))
        assert reply.json["data"]["preset"]["duration_minutes"] == 90
        assert booked_minutes() == 90

    def test_an_activation_of_meanwhile_takes_the_change_along(self, monkeypatch):
        kept = type(presets.presets())
        real = kept.change
        activated = []

        def change(self, *args, active, entry):
            if not activated:
                activated.append(writing("POST")(path(SECOND_PRESET, "activate")).status)
            return real(self, *args, active=active, entry=entry)

        monkeypatch.setattr(kept, "change", change)
        writing("PATCH")(path(SECOND_PRESET), {"durationMinutes": 90})
        assert booked_minutes() == 90


class TestDeleting:
    def test_one_that_does_not_rule_goes(self):
        before = preset(SECOND_PRESET)
        reply = writing("DELETE")(path(SECOND_PRESET))
        assert (reply.status, reply.json["data"]["preset"]) == (200, before)
        assert reading()(path(SECOND_PRESET)).status == 404
        assert writing("DELETE")(path(SECOND_PRESET)).status == 404
        assert writing("PATCH")(path(SECOND_PRESET), {"name": "Gone"}).status == 404
        assert writing("POST")(path(SECOND_PRESET, "activate")).status == 404

    def test_the_one_that_rules_stays(self):
        reply = writing("DELETE")(path(FIRST_PRESET))
        assert (reply.status, reply.error["details"][0]["code"]) == (409, "preset_active")
        assert preset(FIRST_PRESET)["active"] is True

    def test_one_that_is_activated_meanwhile_stays(self, monkeypatch):
        kept = type(presets.presets())
        real = kept.remove

        def remove(self, *args):
            writing("POST")(path(SECOND_PRESET, "activate"))
            return real(self, *args)

        monkeypatch.setattr(kept, "remove", remove)
        assert writing("DELETE")(path(SECOND_PRESET)).status == 409


def test_a_preset_of_another_app_is_not_there(ports):
    provision(ports, OTHER_APP_ID)
    theirs = writing("POST", app_ids=OTHER_APP_ID)(path(app_id=OTHER_APP_ID), {"name": "Theirs"})
    preset_id = theirs.json["data"]["preset"]["preset_id"]
    assert reading()(path(preset_id)).error["type"] == "not_found"
    assert writing("PATCH")(path(preset_id), {"name": "Mine"}).status == 404
    assert writing("DELETE")(path(preset_id)).status == 404
    assert writing("POST")(path(preset_id, "activate")).status == 404
    assert reading()(path(app_id=OTHER_APP_ID)).status == 403
    assert writing("POST")(path(app_id=OTHER_APP_ID), {"name": "Mine"}).status == 403


def test_an_app_that_is_gone_is_said_to_be():
    gone = "01890000-0000-7000-8000-000000000009"
    assert reading(app_ids=gone)(path(app_id=gone)).error["type"] == "app_not_found"
    assert writing("POST", app_ids=gone)(path(app_id=gone), {"name": "Sales"}).error["type"] == "app_not_found"


def test_a_reader_may_not_write():
    assert writing("POST", scopes="scheduling:read")(path(), {"name": "Sales"}).status == 403
    assert writing("POST", scopes="scheduling:read")(path(SECOND_PRESET, "activate")).status == 403
    assert reading(scopes="scheduling:write")(path()).status == 403
    assert presets.presets().find(APP_ID, FIRST_PRESET)[0]
