"""Do-not-disturb windows: nothing is booked into them, and what is there is named."""

from collections.abc import Mapping

import pytest

from slotline.store.dynamodb import keys
from slotline.wiring.booking.bookings import bookings as the_bookings
from tests.handlers.agents.conftest import OTHER_APP_ID, book, free_slots, path, quieting, reading
from tests.support.builders.provisioned import provision
from tests.support.handlers import APP_ID, Reply

pytestmark = pytest.mark.usefixtures("app")

WINDOW = {"startUtc": "2026-05-04T10:00:00Z", "endUtc": "2026-05-05T02:00:00+02:00", "label": "Focus"}
WINDOWS = path("agent-1", "do-not-disturb")


def add(body: Mapping[str, object], key: str | None = None) -> Reply:
    return quieting()(WINDOWS, body, headers={"idempotency-key": key} if key else None)


def added(body: Mapping[str, object]) -> dict[str, object]:
    reply = add(body)
    assert reply.status == 201, reply.text
    return reply.json["data"]


def listed(**query: str) -> list[dict[str, object]]:
    return reading()(WINDOWS, query=query).json["data"]["do_not_disturb"]


@pytest.fixture(autouse=True)
def _the_days_are_true(check_days):
    yield
    check_days()


def test_it_is_shown_as_it_was_made():
    window = added(WINDOW)["do_not_disturb"]
    assert window == {
        "id": window["id"],
        "start_utc": "2026-05-04T10:00:00.000Z",
        "end_utc": "2026-05-05T00:00:00.000Z",
        "label": "Focus",
        "notify": False,
    }
    assert listed() == [window]


def test_nothing_is_booked_into_it():
    added(WINDOW)
    reply = book("2026-05-04T12:00:00Z")
    assert (reply.status, reply.error["details"][0]["code"]) == (409, "dnd")
    assert book("2026-05-04T09:30:00Z").status == 201
    assert book("2026-05-04T12:00:00Z", "agent-2").status == 201
    assert free_slots("2026-05-04T09:00:00Z", "2026-05-04T17:00:00Z") == ["2026-05-04T09:00:00.000Z"]


def test_deleting_it_gives_the_time_back():
    window = added(WINDOW)["do_not_disturb"]
    reply = quieting("DELETE")(f"{WINDOWS}/{window['id']}")
    assert (reply.status, reply.json["data"]["do_not_disturb"]) == (200, window)
    assert book("2026-05-04T12:00:00Z").status == 201
    assert quieting("DELETE")(f"{WINDOWS}/{window['id']}").status == 404
    assert listed() == []


def test_calls_that_it_reaches_stay_and_are_named():
    inside = book("2026-05-04T12:00:00Z").json["data"]["call"]
    padded = book("2026-05-04T09:20:00Z", bufferAfterMinutes=15).json["data"]["call"]
    book("2026-05-04T08:00:00Z")
    affects = added(WINDOW)["affects"]
    assert affects["count"] == 2
    assert [call["id"] for call in affects["calls"]] == [padded["id"], inside["id"]]


def test_a_month_is_the_longest(ports):
    added({"startUtc": "2026-05-01T12:00:00Z", "endUtc": "2026-06-01T12:00:00Z"})
    assert len([row for row in ports.rows() if row["sk"].startswith("DAY#")]) == 32
    reply = add({"startUtc": "2026-05-01T12:00:00Z", "endUtc": "2026-06-01T12:01:00Z"})
    assert (reply.status, reply.error["details"][0]["code"]) == (400, "too_long")


def notices(ports) -> list[str]:
    """The calls whose guests are told, with the channel and the window that it is about."""
    found = [row for row in ports.rows() if row["sk"].startswith("REMINDER#conflict_notice")]
    assert all(row["due_at"] == row["created_at"] for row in found), "at once"
    return sorted(f"{row['call_id']} {row['channel']}" for row in found)


def listing(ports, *channels: str) -> None:
    """The active preset lists these channels for notices of conflicts."""
    app = ports.row(keys.app(APP_ID))
    ports.put(app | {"preset": app["preset"] | {"reminders": {"conflict_notice": list(channels)}}})


def test_guests_are_told_once_over_the_channels_that_the_preset_lists(ports):
    listing(ports, "email", "sms")
    inside = book("2026-05-04T12:00:00Z", guestEmail="jane@example.com", guestPhone=None).json["data"]["call"]
    book("2026-05-04T08:00:00Z")
    for _ in range(2):
        assert add(WINDOW | {"notify": True}, "k-1").json["data"]["do_not_disturb"]["notify"] is True
    assert notices(ports) == [f"{inside['id']} email"]


def test_nobody_is_told_unasked_or_over_a_channel_that_is_not_listed(ports):
    listing(ports)
    book("2026-05-04T12:00:00Z")
    added(WINDOW | {"notify": True})
    listing(ports, "email")
    added(WINDOW)
    assert notices(ports) == []


def test_the_same_key_makes_one_window():
    book("2026-05-04T12:00:00Z")
    first, second = add(WINDOW, "k-1"), add(WINDOW, "k-1")
    assert first.text == second.text
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(listed()) == 1
    assert add(WINDOW | {"notify": True}, "k-1").status == 422


def test_a_booking_decided_before_it_loses(monkeypatch):
    bookings = type(the_bookings())
    real = bookings.commit
    made = []

    def commit(self, write):
        if not made:
            made.append(added(WINDOW))
        return real(self, write)

    monkeypatch.setattr(bookings, "commit", commit)
    reply = book("2026-05-04T12:00:00Z")
    assert (reply.status, reply.error["details"][0]["code"]) == (409, "dnd")


def test_the_list_is_of_the_time_asked_for(clock):
    for day in ("04", "06", "08"):
        added({"startUtc": f"2026-05-{day}T10:00:00Z", "endUtc": f"2026-05-{day}T11:00:00Z"})
    assert [window["start_utc"][8:10] for window in listed()] == ["04", "06", "08"]
    asked = listed(fromUtc="2026-05-06T11:00:00Z", toUtc="2026-05-08T10:00:00Z")
    assert asked == []
    asked = listed(fromUtc="2026-05-06T10:59:00Z", toUtc="2026-05-08T10:01:00Z")
    assert [window["start_utc"][8:10] for window in asked] == ["06", "08"]
    clock.advance(days=13)
    assert [window["start_utc"][8:10] for window in listed()] == ["06", "08"]


def test_another_apps_windows_are_not_there(ports):
    mine = added(WINDOW)["do_not_disturb"]
    provision(ports, OTHER_APP_ID)
    both = f"{APP_ID} {OTHER_APP_ID}"
    where = path("agent-1", "do-not-disturb", app_id=OTHER_APP_ID)
    assert quieting("DELETE", app_ids=both)(f"{where}/{mine['id']}").status == 404
    assert reading(app_ids=both)(where).json["data"]["do_not_disturb"] == []
    assert quieting("DELETE")(path("agent-2", "do-not-disturb", mine["id"])).status == 404
    assert quieting()(path("nobody", "do-not-disturb"), WINDOW).status == 404


def test_a_reader_may_not_set_one():
    assert quieting(scopes="scheduling:read")(WINDOWS, WINDOW).status == 403
