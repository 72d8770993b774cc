"""What a guest is shown behind the link, and that looking changes nothing."""

from typing import Any

import icalendar
import pytest

from slotline.domain.booking.apps import AssignmentMode
from tests.handlers.guests.conftest import SECRET_THINGS, START, Guest, Invite, booked
from tests.support.handlers import APP_ID, Endpoint
from tests.support.memory.everything import everything_kept
from tests.support.memory.wiring import MemoryPorts

FREE = {"guest_can_cancel": True, "guest_can_reschedule": True}


def test_a_guest_sees_when_the_call_is_and_with_whom(invite: Invite):
    guest = invite({"branding_name": "Acme Care", "title": {"en": "Advice", "es": "Asesoría"}}, guestLanguage="es-CO")
    call = guest.get().json["data"]["call"]
    assert call == {
        "status": "scheduled",
        "title": "Asesoría",
        "description": None,
        "organization_name": "Acme Care",
        "agent_name": "Agent-1",
        "guest_name": "Jane Doe",
        "scheduled_at": START,
        "ends_at": "2026-05-04T10:30:00.000Z",
        "duration_minutes": 30,
        "timezone": "America/Bogota",
        "moved_from": None,
        "join_url": f"https://video.example.com/c/{guest.call['id']}",
        "cancelled_at": None,
        "cancellation_reason": None,
        "can_confirm": False,
        "can_cancel": False,
        "can_reschedule": False,
    }


def test_what_a_guest_may_do_is_what_the_preset_of_the_call_lets_guests_do(invite: Invite):
    call = invite(FREE, requireConfirmation=True).get().json["data"]["call"]
    assert (call["can_confirm"], call["can_cancel"], call["can_reschedule"]) == (True, True, True)


@pytest.mark.parametrize("below", ["", "/availability", "/calendar.ics"])
def test_no_answer_holds_anything_of_others_or_that_is_not_the_guests_to_see(invite: Invite, below: str):
    guest = invite(FREE)
    booked(guestName="Somebody Else", guestEmail="else@example.com", scheduledAtUtc="2026-05-04T11:00:00.000Z")
    said = {"fromUtc": START, "toUtc": "2026-05-05T23:00:00.000Z"} if below == "/availability" else {}
    reply = guest.get(below, **said)
    assert reply.status == 200
    for thing in (*SECRET_THINGS, "Somebody Else", "else@example.com", APP_ID, "agent-2", "preset"):
        assert thing not in reply.text


def test_the_page_holds_as_little(invite: Invite):
    text = invite(FREE).page().text
    assert not [thing for thing in (*SECRET_THINGS, APP_ID) if thing in text]


@pytest.mark.parametrize(
    "look",
    [
        lambda guest: guest.get(),
        lambda guest: guest.head(),
        lambda guest: guest.page(),
        lambda guest: guest.page("HEAD"),
        lambda guest: guest.get("/calendar.ics"),
        lambda guest: guest.times(),
    ],
)
def test_looking_changes_nothing_however_often_a_mail_scanner_does_it(ports: MemoryPorts, invite: Invite, look: Any):
    guest = invite(FREE, requireConfirmation=True)
    counts = frozenset({"rates"})
    before = everything_kept(ports, besides=counts)
    for _ in range(5):
        look(guest)
    assert everything_kept(ports, besides=counts) == before
    assert guest.now()["call"]["status"] == "pending_confirmation"


@pytest.mark.parametrize("name", ["confirm", "cancel", "reschedule"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_change_is_no_get_and_no_head(invite: Invite, name: str, method: str):
    guest = invite(FREE, requireConfirmation=True)
    reply = Endpoint("guest/read", method, None, route="$default")(f"/api/v1/guest/{guest.token}/{name}")
    assert reply.status == 404
    assert guest.now()["call"]["revision"] == 1


def test_other_methods_of_the_link_are_refused_and_told_which_there_are(invite: Invite):
    guest = invite(FREE)
    reply = Endpoint("guest/read", "DELETE", None, route="ANY /api/v1/guest/{token}")(f"/api/v1/guest/{guest.token}")
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD")
    page = guest.page("POST")
    assert (page.status, page.headers["Allow"]) == (405, "GET, HEAD")


def test_a_head_has_the_headers_of_a_get_and_no_body(invite: Invite):
    reply = invite(FREE).head()
    assert (reply.status, reply.text, reply.headers["Content-Type"]) == (200, "", "application/json")


def test_the_calendar_file_is_the_event_that_invitations_are(invite: Invite):
    guest = invite(FREE)
    reply = guest.get("/calendar.ics")
    assert reply.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="call.ics"'
    file = icalendar.Calendar.from_ical(reply.text)
    (event,) = file.walk("VEVENT")
    assert (file["METHOD"], event["STATUS"], str(event["UID"])) == (
        "PUBLISH",
        "CONFIRMED",
        f"{guest.call['id']}@slotline",
    )
    assert event["ORGANIZER"] == "mailto:calls@example.com"
    assert "ATTENDEE" not in event
    assert f"/b/{guest.token}" in event["DESCRIPTION"]


def test_the_calendar_file_of_a_cancelled_call_takes_it_out(invite: Invite):
    guest = invite(FREE)
    guest.post("cancel")
    (event,) = icalendar.Calendar.from_ical(guest.get("/calendar.ics").text).walk("VEVENT")
    assert event["STATUS"] == "CANCELLED"


def test_without_an_address_to_send_from_the_file_is_no_publication(invite: Invite, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EMAIL_SENDER", "")
    file = icalendar.Calendar.from_ical(invite(FREE).get("/calendar.ics").text)
    assert "METHOD" not in file
    assert len(file.walk("VEVENT")) == 1


def test_times_are_those_of_the_agent_who_has_the_call(invite: Invite):
    guest = invite(FREE)
    booked(assignedAgentId="agent-1", scheduledAtUtc="2026-05-05T09:00:00.000Z")
    booked(assignedAgentId="agent-2", scheduledAtUtc="2026-05-05T09:30:00.000Z")
    times = guest.times()
    assert times[0] == "2026-05-05T09:30:00.000Z"
    assert len(times) == 15


def test_times_are_anybodys_if_guests_get_whoever_is_available(invite: Invite):
    guest = invite({**FREE, "assignment_mode": AssignmentMode.ANY_AVAILABLE})
    booked(assignedAgentId="agent-1", scheduledAtUtc="2026-05-05T09:00:00.000Z")
    assert guest.times()[0] == "2026-05-05T09:00:00.000Z"
    assert len(guest.times()) == 16


def test_the_calls_own_time_is_not_in_its_way(invite: Invite):
    guest = invite(FREE, durationMinutes=60)
    times = guest.times("2026-05-04")
    assert "2026-05-04T10:00:00.000Z" in times


def test_times_are_asked_for_a_month_at_most(invite: Invite):
    reply = invite(FREE).get("/availability", fromUtc=START, toUtc="2026-06-30T00:00:00.000Z")
    assert (reply.status, reply.error["details"][0]["field"]) == (400, "toUtc")


def test_no_times_are_given_to_guests_who_may_not_move_their_call(invite: Invite):
    reply = invite().get("/availability", fromUtc=START, toUtc="2026-05-05T00:00:00.000Z")
    assert (reply.status, reply.error["type"]) == (403, "forbidden")


def test_an_agent_who_left_has_no_times(invite: Invite):
    guest = invite(FREE)
    Endpoint("agents/write", "DELETE")(f"/api/v1/video/{APP_ID}/agents/agent-1")
    assert guest.times() == []


def test_pages_are_counted_by_address_too(invite: Invite):
    guest = invite(FREE)
    statuses = [guest.page().status for _ in range(121)]
    assert statuses == [200] * 120 + [429]
    assert int(guest.page().headers["retry-after"]) > 0


def test_requests_of_one_address_are_counted_whatever_their_links_say(invite: Invite):
    guest = invite(FREE)
    forged = Guest("A" * 48, guest.call)
    assert [forged.get().status for _ in range(120)] == [404] * 120
    refused = guest.get()
    assert (refused.status, refused.error["type"]) == (429, "rate_limit_exceeded")
    assert refused.headers["X-RateLimit-Window"] == "minute"
    elsewhere = Guest(guest.token, guest.call, address="192.0.2.8")
    assert elsewhere.get().status == 200


def test_an_address_that_the_sender_names_is_not_the_one_that_is_counted(invite: Invite):
    guest = invite(FREE)
    page = Endpoint("pages/guest", "GET", None, guest.address, "ANY /b/{token}")
    forged = [{"x-forwarded-for": f"192.0.2.{n}", "forwarded": f"for=192.0.2.{n}"} for n in range(121)]
    assert [page(f"/b/{guest.token}", headers=headers).status for headers in forged] == [200] * 120 + [429]


def test_nothing_that_is_kept_says_which_address_asked(ports: MemoryPorts, invite: Invite):
    guest = invite(FREE)
    guest.get()
    guest.page()
    assert guest.post("cancel", Idempotency_Key="once").status == 200
    assert ports.store.receipts
    assert [name for name, _ in ports.rates.counters if name.startswith("guest-")], "it was counted"
    assert guest.address not in everything_kept(ports)
