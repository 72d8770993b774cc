"""The page behind a guest's link: what it shows and offers in each state, and that only its buttons change anything."""

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from slotline.domain.booking.apps import AssignmentMode
from slotline.ports.shared import StoreBusyError
from tests.handlers.guests.conftest import SECRET_THINGS, START, Guest, Invite, booked
from tests.support.handlers import APP_ID, Endpoint, Reply
from tests.support.memory.everything import everything_kept
from tests.support.memory.wiring import MemoryPorts

FREE = {"guest_can_cancel": True, "guest_can_reschedule": True}
TUESDAY = "2026-05-05T10:00:00.000Z"
STEPS = ("", "confirm", "cancel", "reschedule", "zone")
TIMES = re.compile(r'<button class="button" name="start" value="([^"]+)">')
LINK = re.compile(r'href="([^"]+)"')


def words(reply: Reply) -> str:
    """What a reader sees of a page. A dash between times is written as a hyphen."""
    body = re.sub(r"<(script|style|dt)[^>]*>.*?</\1>", "", reply.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).replace(" .", ".").replace("\N{EN DASH}", "-").split())


def links(reply: Reply) -> list[str]:
    return [html.unescape(link) for link in LINK.findall(reply.text)]


def times(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.text
    return TIMES.findall(reply.text)


@pytest.fixture
def waiting(invite: Invite) -> Guest:
    """A guest who has to confirm."""
    return invite(FREE, requireConfirmation=True)


class TestEveryPage:
    @pytest.mark.parametrize("step", ["", "cancel", "reschedule", "zone", "nothing"])
    def test_is_kept_nowhere_found_by_nobody_and_framed_by_nobody(self, invite: Invite, step: str):
        guest = invite({**FREE, "allowed_embed_origins": ("https://shop.example.com",)})
        headers = guest.page(step=step).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-robots-tag"] == "noindex"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"  # the link goes to no other site
        assert headers["strict-transport-security"] == "max-age=31536000"
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert "unsafe" not in headers["content-security-policy"]

    @pytest.mark.parametrize("step", ["", "cancel", "reschedule", "zone"])
    def test_holds_nothing_of_others_and_no_contact(self, invite: Invite, step: str):
        text = invite(FREE).page(step=step).text
        assert not [thing for thing in (*SECRET_THINGS, APP_ID, "agent-2") if thing in text]

    @pytest.mark.parametrize("step", STEPS)
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_changes_nothing_when_it_is_looked_at(self, ports: MemoryPorts, waiting: Guest, step: str, method: str):
        counts = frozenset({"rates"})
        before = everything_kept(ports, besides=counts)
        for query in ({}, {"start": TUESDAY}, {"reason": "I am ill", "done": "cancelled"}):
            assert waiting.page(method, step=step, **query).status in (200, 303)
        assert everything_kept(ports, besides=counts) == before

    @pytest.mark.parametrize("step", ["", "cancel", "reschedule", "zone"])
    def test_speaks_the_language_of_the_address_else_the_guests_else_the_browsers(self, invite: Invite, step: str):
        def spoken(guest: Guest, **asked: Any) -> str:
            return guest.page(step=step, **asked).headers["content-language"]

        guest = invite(FREE, guestLanguage="es-CO")
        assert spoken(guest) == spoken(guest, language="ar") == "es"
        assert spoken(guest, lang="ar", language="en") == "ar"
        nobody_knows = booked(guestLanguage="fr", scheduledAtUtc=TUESDAY)
        assert (spoken(nobody_knows, language="ar;q=0.5,de"), spoken(nobody_knows)) == ("ar", "en")

    def test_runs_as_its_language_does(self, invite: Invite):
        text = invite(FREE, guestLanguage="ar-EG").page().text
        assert '<html lang="ar" dir="rtl"' in text
        assert "هذه المكالمة محجوزة." in text

    def test_has_the_colour_of_the_service(self, invite: Invite):
        assert "--brand:#0f766e" in invite({**FREE, "branding_color": "#0f766e"}).page().text

    def test_shows_a_name_as_text(self, invite: Invite):
        text = invite({**FREE, "branding_name": "<b>Acme</b>"}).page().text
        assert "&lt;b&gt;Acme&lt;/b&gt;" in text
        assert "<b>" not in text

    @pytest.mark.parametrize("step", ["nothing", "Cancel", "calendar.ics"])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_is_one_of_the_known_steps(self, waiting: Guest, step: str, method: str):
        reply = waiting.page(step=step) if method == "GET" else waiting.press(step)
        assert reply.status == 404
        assert "There is no booking at this address" in words(reply)

    def test_answers_other_methods_with_those_that_there_are(self, waiting: Guest):
        assert (waiting.page("POST").status, waiting.page("POST").headers["Allow"]) == (405, "GET, HEAD")
        refused = waiting.page("DELETE", step="cancel")
        assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD, POST")

    def test_says_in_words_that_we_are_busy(self, waiting: Guest, ports: MemoryPorts, monkeypatch: pytest.MonkeyPatch):
        def busy(*_: Any) -> None:
            raise StoreBusyError("throttled")

        monkeypatch.setattr(ports.store, "commit", busy)
        reply = waiting.press("cancel")
        assert (reply.status, reply.headers["retry-after"]) == (503, "1")
        assert "We are busy just now, and nothing was changed." in words(reply)


class TestTheCall:
    def test_is_shown_by_the_guests_clocks_and_by_the_organizations(self, invite: Invite):
        guest = invite({**FREE, "branding_name": "Acme Care", "title": {"en": "Advice", "es": "Asesoría"}})
        shown = words(guest.page())
        assert "Acme Care Advice This call is booked." in shown
        assert "Monday, May 4, 2026 5:00 AM - 5:30 AM" in shown
        assert "Bogota time, UTC-5" in shown
        assert "For Acme Care : 10:00 AM , UTC" in shown
        assert "30 minutes" in shown
        assert "Agent-1" in shown
        assert "Asesoría" in words(guest.page(lang="es"))

    def test_is_shown_in_another_zone_if_the_address_names_one(self, invite: Invite):
        guest = invite(FREE)
        shown = words(guest.page(tz="Asia/Tokyo"))
        assert "Monday, May 4, 2026 7:00 PM - 7:30 PM" in shown
        assert "Tokyo time, UTC+9" in shown
        assert "5:00 AM" in words(guest.page(tz="Mars/Olympus"))

    def test_asks_the_device_for_its_zone_only_if_nobody_has_said_the_guests(self, invite: Invite):
        assert "data-zone" not in invite(FREE).page().text
        nobody_said = booked(guestTimezone=None, scheduledAtUtc=TUESDAY)
        assert 'data-zone="UTC"' in nobody_said.page().text
        assert "data-zone" not in nobody_said.page(tz="Asia/Tokyo").text

    def test_is_as_it_stands(self, invite: Invite, ports: MemoryPorts):
        guest = invite(FREE)
        assert "This call is booked." in words(guest.page())
        guest.post("reschedule", {"scheduledAtUtc": TUESDAY})
        assert "It was moved from Monday, May 4, 2026, 5:00 AM (Bogota time, UTC-5)" in words(guest.page())
        ports.clock.advance(days=12, hours=22)
        assert "It is time for this call." in words(guest.page())
        assert "The call has begun, so it can no longer be moved or cancelled." in words(guest.page())
        ports.clock.advance(hours=1)
        over = guest.page()
        assert "This call is over." in words(over)
        assert "<form" not in over.text
        assert not [link for link in links(over) if "/c/" in link or "calendar" in link]

    def test_offers_calendars_without_giving_the_link_away(self, waiting: Guest):
        page = waiting.page()
        assert f"/api/v1/guest/{waiting.token}/calendar.ics" in links(page)
        elsewhere = [link for link in links(page) if link.startswith("https://")]
        assert [urlsplit(link).hostname for link in elsewhere] == ["calendar.google.com", "outlook.live.com"]
        room = f"https://video.example.com/c/{waiting.call['id']}"
        assert [parse_qs(urlsplit(link).query)["location"] for link in elsewhere] == [[room]] * 2
        assert not [link for link in elsewhere if waiting.token in link]

    @pytest.mark.parametrize(
        ("before", "opens", "shown"),
        [
            ({"days": 11, "hours": 21, "minutes": 44}, 61, "You can join here from 4:45 AM on Monday, May 4"),
            ({"days": 11, "hours": 21, "minutes": 45}, 0, "You can join now."),
            ({"days": 11, "hours": 22, "minutes": 29}, 0, "You can join now."),
        ],
    )
    def test_is_joined_from_a_quarter_of_an_hour_before_it_until_its_end(
        self, invite: Invite, ports: MemoryPorts, before: dict[str, int], opens: int, shown: str
    ):
        guest = invite(FREE)
        days = before.pop("days")
        ports.clock.advance(days=days, **before)
        page = guest.page()
        assert shown in words(page)
        (way,) = re.findall(r'<a [^>]*id="join"[^>]*>', page.text)
        assert f'data-opens="{opens}"' in way
        assert f'href="/c/{guest.call["id"]}"' in way
        assert way.endswith(" hidden>") == (opens > 0)

    def test_that_is_under_way_is_joined_also_after_its_end(self, invite: Invite, ports: MemoryPorts):
        guest = invite(FREE)
        ports.clock.advance(days=11, hours=22)
        path = f"/api/v1/video/{APP_ID}/scheduled-calls/{guest.call['id']}/start"
        assert Endpoint("scheduled_calls/attendance", "POST")(path).status == 200
        ports.clock.advance(hours=1)
        page = guest.page()
        assert "The call is under way." in words(page)
        (way,) = re.findall(r'<a [^>]*id="join"[^>]*>', page.text)
        assert "data-ends" not in way
        assert not way.endswith(" hidden>")


class TestConfirming:
    def test_leads_back_to_the_page_which_says_so(self, waiting: Guest):
        assert f'<form method="post" action="/b/{waiting.token}/confirm">' in waiting.page().text
        reply = waiting.press()
        assert (reply.status, reply.headers["location"]) == (303, f"/b/{waiting.token}?done=confirmed")
        page = waiting.page(done="confirmed")
        assert "Thank you. The call is confirmed." in words(page)
        assert "<form" not in page.text
        assert waiting.now()["call"]["status"] == "confirmed"

    def test_twice_is_harmless(self, waiting: Guest):
        assert [waiting.press().headers["location"] for _ in range(2)] == [f"/b/{waiting.token}?done=confirmed"] * 2
        assert waiting.now()["call"]["revision"] == 2

    def test_a_cancelled_call_changes_nothing_and_says_so(self, waiting: Guest):
        waiting.press("cancel")
        reply = waiting.press()
        assert (reply.status, reply.headers["location"]) == (303, f"/b/{waiting.token}?done=unchanged")
        assert "That is no longer possible. Nothing was changed." in words(waiting.page(done="unchanged"))
        assert waiting.now()["call"]["status"] == "cancelled"

    def test_keeps_zone_and_language(self, waiting: Guest):
        page = waiting.page(tz="Asia/Tokyo", lang="es")
        assert "/confirm?tz=Asia%2FTokyo&amp;lang=es" in page.text
        reply = waiting.press(query={"tz": "Asia/Tokyo", "lang": "es"})
        assert reply.headers["location"] == f"/b/{waiting.token}?tz=Asia%2FTokyo&lang=es&done=confirmed"

    def test_that_was_loaded_again_after_an_error_shows_the_page(self, waiting: Guest):
        reply = waiting.page(step="confirm")
        assert (reply.status, reply.headers["location"]) == (303, f"/b/{waiting.token}")
        assert waiting.now()["call"]["status"] == "pending_confirmation"


@pytest.mark.parametrize("done", ["confirmed", "moved", "cancelled", "<b>", "unchanged"])
def test_an_address_cannot_make_the_page_say_what_was_not_done(waiting: Guest, done: str):
    page = waiting.page(done=done)
    assert page.status == 200
    said = [each for each in ("Thank you.", "has its new time", "is cancelled", "<b>") if each in words(page)]
    assert said == []
    assert "Please confirm this call." in words(page)


class TestCancelling:
    def test_asks_first_and_takes_a_reason(self, invite: Invite):
        guest = invite(FREE)
        asked = guest.page(step="cancel")
        assert "Cancel this call?" in words(asked)
        assert guest.now()["call"]["status"] == "scheduled"
        reply = guest.press("cancel", reason=" I am ill.\r\nSorry! ")
        assert (reply.status, reply.headers["location"]) == (303, f"/b/{guest.token}?done=cancelled")
        call = guest.now()["call"]
        assert (call["status"], call["cancellation_reason"]) == ("cancelled", "I am ill.\nSorry!")
        assert guest.now()["events"][-1]["actor_type"] == "guest"

    def test_leaves_nothing_to_press(self, waiting: Guest):
        waiting.press("cancel", reason="I am ill")
        page = waiting.page(done="cancelled")
        assert "The call is cancelled. Reason: I am ill" in words(page)
        assert "<form" not in page.text
        assert [link for link in links(page) if waiting.token in link and "lang=" not in link] == [
            f"/b/{waiting.token}/zone",
            f"/api/v1/guest/{waiting.token}/calendar.ics",
        ]

    def test_twice_is_harmless(self, invite: Invite):
        guest = invite(FREE)
        where = [guest.press("cancel", reason=reason).headers["location"] for reason in ("I am ill", "", "Again")]
        assert where == [f"/b/{guest.token}?done=cancelled"] * 3
        assert guest.now()["call"]["cancellation_reason"] == "I am ill"

    def test_needs_no_reason(self, invite: Invite):
        guest = invite(FREE)
        guest.press("cancel")
        assert guest.now()["call"]["cancellation_reason"] is None

    @pytest.mark.parametrize("reason", ["x" * 501, "a\x07bell"])
    def test_for_a_reason_that_is_none_asks_again_and_keeps_what_was_typed(self, invite: Invite, reason: str):
        guest = invite(FREE)
        reply = guest.press("cancel", reason=reason)
        assert reply.status == 400
        assert "Enter at most 500 characters" in words(reply)
        assert reason in html.unescape(reply.text)
        assert 'aria-invalid="true"' in reply.text
        assert guest.now()["call"]["status"] == "scheduled"

    def test_is_not_offered_where_guests_may_not(self, invite: Invite):
        guest = invite({"guest_can_reschedule": True, "branding_name": "Acme Care"})
        page = guest.page()
        assert "To cancel the call, ask Acme Care." in words(page)
        assert not [link for link in links(page) if "/cancel" in link]
        assert guest.page(step="cancel").headers["location"] == f"/b/{guest.token}"
        assert guest.press("cancel").headers["location"] == f"/b/{guest.token}?done=unchanged"
        assert guest.now()["call"]["status"] == "scheduled"


class TestMoving:
    def test_offers_the_free_times_but_not_the_one_that_the_call_has(self, invite: Invite):
        guest = invite(FREE)
        page = guest.page(step="reschedule", day="2026-05-04", tz="UTC")
        assert "Choose another time" in words(page)
        assert "Your call so far Monday, May 4, 2026 10:00 AM - 10:30 AM" in words(page)
        assert START not in times(page)
        assert times(page)[0] == "2026-05-04T09:00:00.000Z"
        assert len(times(page)) == 15

    def test_offers_what_the_api_offers(self, invite: Invite):
        guest = invite(FREE)
        booked(assignedAgentId="agent-1", scheduledAtUtc="2026-05-05T09:00:00.000Z")
        assert times(guest.page(step="reschedule", day="2026-05-05", tz="UTC")) == guest.times("2026-05-05")

    def test_offers_each_time_once_if_guests_get_whoever_is_available(self, invite: Invite):
        guest = invite({**FREE, "assignment_mode": AssignmentMode.ANY_AVAILABLE})
        booked(assignedAgentId="agent-1", scheduledAtUtc="2026-05-05T09:00:00.000Z")
        page = guest.page(step="reschedule", day="2026-05-05", tz="UTC")
        assert times(page) == guest.times("2026-05-05")
        assert len(times(page)) == 16
        assert "(UTC)" not in page.text  # as a time that the clock shows twice would be

    def test_begins_with_the_first_free_day(self, invite: Invite):
        page = invite(FREE).page(step="reschedule")
        assert page.status == 200
        assert times(page)
        assert 'aria-current="date"' in page.text

    def test_is_told_that_nothing_is_free(self, invite: Invite):
        guest = invite(FREE, agents=("agent-1",))
        Endpoint("agents/write", "DELETE")(f"/api/v1/video/{APP_ID}/agents/agent-1")
        page = guest.page(step="reschedule")
        assert times(page) == []
        assert "Nothing is free at the moment" in words(page)
        asked = guest.page(step="reschedule", month="2026-06")
        assert "Nothing is free in this month Show the next free time" in words(asked)
        assert f"/b/{guest.token}/reschedule" in links(asked)

    def test_keeps_the_day_that_was_chosen_in_other_months_zones_and_languages(self, invite: Invite):
        guest = invite(FREE)
        page = guest.page(step="reschedule", month="2026-06", day="2026-05-05", tz="UTC")
        assert "June 2026" in words(page)
        assert "Tuesday, May 5" in words(page)
        assert times(page) == guest.times("2026-05-05")
        here = f"/b/{guest.token}/reschedule?month=2026-06&day=2026-05-05&tz=UTC"
        assert f"{here}&lang=es" in links(page)
        zones = guest.page(step="zone", to="reschedule", month="2026-06", day="2026-05-05", tz="UTC")
        assert here in links(zones)
        assert '<input type="hidden" name="day" value="2026-05-05">' in zones.text
        assert f"/b/{guest.token}?tz=UTC" in links(page)  # the page itself shows no month

    def test_asks_first(self, invite: Invite):
        guest = invite(FREE)
        page = guest.page(step="reschedule", start=TUESDAY)
        assert "Move the call to this time?" in words(page)
        assert "Tuesday, May 5, 2026 5:00 AM Bogota time, UTC-5" in words(page)
        assert "Monday, May 4, 2026 5:00 AM" in words(page)
        assert guest.now()["call"]["scheduled_at"] == START

    @pytest.mark.parametrize("start", ["never", "", "2020-01-01T00:00:00Z", "9999-01-01T00:00:00Z"])
    def test_shows_the_times_for_what_is_none(self, invite: Invite, start: str):
        assert times(invite(FREE).page(step="reschedule", start=start))

    def test_leads_back_to_the_page_which_says_so(self, invite: Invite):
        guest = invite(FREE)
        reply = guest.press("reschedule", start=TUESDAY)
        assert (reply.status, reply.headers["location"]) == (303, f"/b/{guest.token}?done=moved")
        page = words(guest.page(done="moved"))
        assert "The call has its new time. It was moved from Monday, May 4, 2026, 5:00 AM" in page
        assert "Tuesday, May 5, 2026 5:00 AM - 5:30 AM" in page
        assert guest.now()["events"][-1]["actor_type"] == "guest"

    def test_twice_is_harmless(self, invite: Invite):
        guest = invite(FREE)
        where = [guest.press("reschedule", start=TUESDAY).headers["location"] for _ in range(2)]
        assert where == [f"/b/{guest.token}?done=moved"] * 2
        assert guest.now()["call"]["revision"] == 2

    def test_a_call_that_waits_still_asks_for_its_confirmation(self, waiting: Guest):
        waiting.press("reschedule", start=TUESDAY)
        page = waiting.page(done="moved")
        assert "The call has its new time. Please confirm this call." in words(page)
        assert "/confirm" in page.text

    def test_to_a_time_that_was_just_taken_shows_the_others(self, invite: Invite):
        guest = invite(FREE)
        booked(assignedAgentId="agent-1", scheduledAtUtc=TUESDAY)
        reply = guest.press("reschedule", query={"tz": "UTC", "lang": "es"}, start=TUESDAY)
        assert reply.status == 409
        assert "Esa hora se acaba de ocupar" in words(reply)
        assert TIMES.findall(reply.text)
        assert TUESDAY not in TIMES.findall(reply.text)
        assert 'role="alert"' in reply.text
        assert "martes, 5 de mayo" in words(reply)  # the day of the time that is gone
        assert guest.now()["call"]["scheduled_at"] == START

    @pytest.mark.parametrize("start", ["never", "2020-01-01T00:00:00Z", "2031-01-01T10:00:00Z"])
    def test_to_what_is_past_too_far_ahead_or_no_time_shows_the_others(self, invite: Invite, start: str):
        guest = invite(FREE)
        reply = guest.press("reschedule", start=start)
        assert reply.status == 409
        assert "This time cannot be chosen any more" in words(reply)
        assert TIMES.findall(reply.text)

    def test_hands_the_call_over_if_the_preset_gives_whoever_is_free(self, invite: Invite):
        guest = invite({**FREE, "assignment_mode": AssignmentMode.ANY_AVAILABLE})
        booked(assignedAgentId="agent-1", scheduledAtUtc=TUESDAY)
        assert guest.press("reschedule", start=TUESDAY).headers["location"].endswith("?done=moved")
        assert guest.now()["call"]["assigned_agent_id"] == "agent-2"

    @pytest.mark.parametrize(
        ("preset", "said"),
        [
            ({"guest_can_cancel": True}, "To move the call, ask Acme Care."),
            ({}, "To move or cancel the call, ask Acme Care."),
        ],
    )
    def test_is_not_offered_where_guests_may_not(self, invite: Invite, preset: dict[str, Any], said: str):
        guest = invite({"branding_name": "Acme Care", **preset})
        page = guest.page()
        assert said in words(page)
        assert not [link for link in links(page) if "/reschedule" in link]
        assert guest.page(step="reschedule").headers["location"] == f"/b/{guest.token}"
        assert guest.press("reschedule", start=TUESDAY).headers["location"] == f"/b/{guest.token}?done=unchanged"
        assert guest.now()["call"]["scheduled_at"] == START

    def test_is_not_possible_once_the_call_has_begun(self, invite: Invite, ports: MemoryPorts):
        guest = invite(FREE)
        ports.clock.advance(days=11, hours=22, minutes=5)
        for step in ("reschedule", "cancel"):
            assert guest.page(step=step).headers["location"] == f"/b/{guest.token}"
            assert guest.press(step, start=TUESDAY).headers["location"] == f"/b/{guest.token}?done=unchanged"


class TestZones:
    def test_are_chosen_on_a_page_that_leads_back_to_its_step(self, invite: Invite):
        guest = invite(FREE)
        page = guest.page(step="zone", lang="es", tz="Asia/Tokyo")
        assert f'<form class="pane stack" method="get" action="/b/{guest.token}' in page.text
        assert "<option selected>Asia/Tokyo</option>" in page.text
        assert '<input type="hidden" name="lang" value="es">' in page.text
        assert f'action="/b/{guest.token}/reschedule' in guest.page(step="zone", to="reschedule").text

    def test_lead_nowhere_else(self, invite: Invite):
        guest = invite(FREE)
        assert "example.com" not in guest.page(step="zone", to="//example.com").text
