"""The rules of instant calls and of their rooms, without a store."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from slotline.domain.access.websites import could_be, origins
from slotline.domain.booking.apps import App, Preset
from slotline.domain.booking.calls import AssignmentMethod, BookingSource, Call, CallStatus, Guest
from slotline.domain.booking.rooms import RoomKind
from slotline.domain.instant.rooms import (
    GenesysContext,
    InstantCallRequest,
    VideoCallStatus,
    is_call_id,
    new_instant_call,
    of_apps,
    room_of,
    with_secret,
)
from slotline.domain.shared.errors import Conflict
from slotline.store.booking.items import scheduled_room_item
from slotline.store.dynamodb.client import from_values, to_values
from slotline.store.instant.rooms import call_from_room, room_item

NOW = datetime(2026, 4, 22, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 4, 22, 13, 0, tzinfo=UTC)
PRESET = Preset(preset_id="p", name="P", host_name="Concierge", record_on_start=True, preview_enabled=False)
APP = App(app_id="app-1", organization_id="o", name="Acme", timezone="UTC", preset=PRESET)
SECRET = "slv_example-example-example-example-example-123"
CALL_ID = "01960000-0000-7000-8000-000000000001"


def made(**said):
    request = InstantCallRequest(**said)
    return new_instant_call(
        request, PRESET, app_id="app-1", call_id=CALL_ID, secret=SECRET, created_by="widget-1", now=NOW
    )


def booked(status=CallStatus.SCHEDULED):
    return Call(
        id=CALL_ID,
        app_id="app-1",
        booking_source=BookingSource.API,
        assignment_method=AssignmentMethod.MANUAL,
        assigned_agent_id=None,
        guest=Guest(name="Jane", email="jane@example.com", phone="+4912345678", intake_notes="private"),
        scheduled_at=LATER,
        duration_minutes=30,
        buffer_before_minutes=0,
        buffer_after_minutes=0,
        app_timezone="UTC",
        status=status,
        revision=1,
        created_at=NOW,
        updated_at=NOW,
    )


def test_what_is_not_said_is_the_presets():
    call = made()
    assert (call.host_name, call.guest_name, call.record_on_start, call.preview_enabled) == (
        "Concierge",
        None,
        True,
        False,
    )
    assert call.metadata == {}


def test_what_is_said_stands():
    call = made(host_name="Ada", record_on_start=False, metadata={"a": 1})
    assert (call.host_name, call.record_on_start, call.metadata) == ("Ada", False, {"a": 1})


def test_a_call_ends_once():
    ended = made().end(NOW, "client-1")
    assert (ended.status, ended.ended_at, ended.is_over) == (VideoCallStatus.ENDED, NOW, True)
    assert ended.end(LATER, "client-2") is ended


@pytest.mark.parametrize(
    ("app_id", "secret", "opens"),
    [
        ("app-1", SECRET, True),
        ("app-2", SECRET, False),
        ("app-1", SECRET[:-1], False),
        ("app-1", SECRET.upper(), False),
        ("app-1", "é\ud800", False),
        ("app-1", "", False),
        ("app-1", None, False),
    ],
)
def test_a_website_opens_a_call_by_its_secret_only(app_id, secret, opens):
    assert with_secret(app_id, secret)(made()) is opens


@pytest.mark.parametrize("call", [room_of(booked(), APP), replace(made(), secret_hash=None)], ids=["booked", "old"])
@pytest.mark.parametrize("secret", [SECRET, "", None])
def test_a_call_without_a_secret_is_opened_by_none(call, secret):
    assert not with_secret("app-1", secret)(call)


def test_a_partner_opens_the_calls_of_its_apps_of_either_kind():
    for call in (made(), room_of(booked(), APP)):
        assert of_apps({"app-1", "app-2"})(call)
        assert not of_apps({"app-2"})(call)
        assert not of_apps(())(call)


def test_a_call_s_secret_is_kept_as_its_hash_only():
    assert SECRET not in str(room_item(made())) + str(made())


def test_a_scheduled_call_ends_with_its_booking():
    with pytest.raises(Conflict):
        room_of(booked(), APP).end(NOW, "client-1")


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (CallStatus.SCHEDULED, VideoCallStatus.CREATED),
        (CallStatus.PENDING_CONFIRMATION, VideoCallStatus.CREATED),
        (CallStatus.CONFIRMED, VideoCallStatus.CREATED),
        (CallStatus.STARTED, VideoCallStatus.STARTED),
        (CallStatus.COMPLETED, VideoCallStatus.ENDED),
        (CallStatus.CANCELLED, VideoCallStatus.ENDED),
        (CallStatus.NO_SHOW, VideoCallStatus.ENDED),
        (CallStatus.RESCHEDULED, VideoCallStatus.ENDED),
    ],
)
def test_a_room_is_in_the_state_of_its_booking(status, shown):
    assert room_of(booked(status), APP).status is shown


def test_a_booking_s_room_knows_the_guest_by_name_only():
    shown = str(room_of(booked(), APP))
    assert "Jane" in shown
    assert not any(private in shown for private in ("jane@", "+49", "private"))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"title": "", "description": "x", "guest_name": "G"},
        {"metadata": {"floats": [1.5, 1e300], "null": None, "deep": {"": [{}]}}},
        {"genesys": GenesysContext(gc_lang_tag="de", gc_use_popup_auth=False)},
        {"genesys": GenesysContext()},
    ],
)
@pytest.mark.parametrize("over", [False, True])
def test_a_row_gives_back_the_call_it_was_made_of(said, over):
    call = made(**said).end(LATER, "client-1") if over else made(**said)
    assert call_from_room(from_values(to_values(room_item(call)))) == call


def test_metadata_may_nest_deeper_than_a_row_may():
    deep: dict[str, object] = {}
    for _ in range(48):
        deep = {"x": deep}
    call = made(metadata=deep)
    assert call_from_room(from_values(to_values(room_item(call)))).metadata == deep


def test_both_kinds_of_rows_say_whose_they_are():
    rows = room_item(made()), scheduled_room_item(booked())
    for row, kind in zip(rows, (RoomKind.INSTANT, RoomKind.SCHEDULED), strict=True):
        assert (row["pk"], row["sk"]) == (f"ROOM#{CALL_ID}", "ROOM")
        assert (row["room_id"], row["app_id"], row["kind"], row["created_at"]) == (CALL_ID, "app-1", kind.value, NOW)


def test_a_booking_s_row_holds_nothing_of_the_guest():
    row = str(scheduled_room_item(booked()))
    assert not any(private in row for private in ("Jane", "jane@", "+49", "private"))


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (CALL_ID, True),
        ("01960000-0000-7000-8000-00000000000", False),
        (f"{CALL_ID}\n", False),
        (f"x{CALL_ID}", False),
        ("01960000-0000-7000-8000-00000000000g", False),
        (CALL_ID.replace("0", "\u0660"), False),
        ("", False),
    ],
)
def test_an_id_is_a_uuid_as_we_write_it(text, good):
    assert is_call_id(text) is good


@pytest.mark.parametrize(
    ("app_id", "key", "good"),
    [
        ("a", "k", True),
        ("a" * 128, "k" * 256, True),
        ("a" * 129, "k", False),
        ("a", "k" * 257, False),
        ("", "k", False),
        ("a", "", False),
        ("é", "k", False),
        ("a", "k k", False),
        ("a", "k\n", False),
    ],
)
def test_credentials_are_visible_ascii_and_not_endless(app_id, key, good):
    assert could_be(app_id, key) is good


def test_only_origins_reach_a_header():
    listed = [
        "https://Shop.example/",
        "http://localhost:3000",
        "*",
        "https://a.example; script-src *",
        "https://a/b",
        "",
    ]
    assert origins(listed) == {"https://shop.example", "http://localhost:3000"}
