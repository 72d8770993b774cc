"""Booking by the form: once, with what the guest said, and with other times if that one is gone."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from slotline.domain.access.identity import secret_hash
from tests.handlers.pages.conftest import EMAIL, KEY, MONDAY, NAME, PHONE, SLUG, WIDE, Guest, Office, Reply, at
from tests.support.builders.apps import SetClock
from tests.support.memory.everything import everything_kept


def others(reply: Reply) -> list[str]:
    """The times that are offered instead."""
    return reply.form.values_of_buttons("move")


class TestBooked:
    def test_a_booking_says_where_it_came_from_who_comes_and_how_they_read(self, guest: Guest, office: Office) -> None:
        form = guest.at_form(tz="America/Bogota", lang="es", externalId="deal-4711", **{"metadata[pipeline]": "Q3"})
        done = guest.book(form, phone=PHONE, notes="by the side door")
        assert done.status == 200
        found = office.call()
        call = found["call"]
        assert (call["booking_source"], call["status"]) == ("public_booking", "scheduled")
        assert (call["guest_timezone"], call["guest_language"]) == ("America/Bogota", "es")
        assert (call["guest_name"], call["guest_email"], call["guest_phone"]) == (NAME, EMAIL, PHONE)
        assert call["guest_intake_notes"] == "by the side door"
        assert call["external_id"] == "deal-4711"
        assert call["metadata"] == {"said_by_link": {"external_id": "deal-4711", "metadata": {"pipeline": "Q3"}}}
        assert found["events"][0]["actor_type"] == "guest"
        assert office.holds() == []

    def test_the_confirmation_says_everything_and_leads_to_the_guests_own_link(self, guest: Guest) -> None:
        done = guest.book(guest.at_form(tz="America/Bogota"))
        for text in ("You are booked, Jane Doe", EMAIL, "First visit", "5:00 AM", "For Acme", "10:00 AM", "Agent-1"):
            assert text in done.text, text
        links = done.page.links
        assert [link.startswith(("/b/", "/api/v1/guest/", "https://")) for link in links if link[0] != "#"][:3] == [
            True,
            True,
            True,
        ]
        assert done.page.title.startswith("Booked: First visit")

    def test_a_booking_that_the_guest_has_to_confirm_says_so_at_each_step(self, guest: Guest, office: Office) -> None:
        office.set_service(requireConfirmation=True)
        form = guest.at_form()
        assert "once you have confirmed it" in form.text
        done = guest.book(form)
        assert "One more step, Jane Doe" in done.text
        assert next(one for one in done.page.forms).action.endswith("/confirm")
        assert office.call()["call"]["status"] == "pending_confirmation"

    def test_a_form_cannot_say_what_only_a_link_or_a_partner_may(self, guest: Guest, office: Office) -> None:
        form = guest.at_form()
        done = guest.book(
            form,
            metadata="x",
            externalId="deal-1",
            external_id="deal-1",
            durationMinutes="240",
            duration_minutes="240",
            booking_source="api",
            require_confirmation="false",
            guest_email="other@example.com",
        )
        assert done.status == 200
        call = office.call()["call"]
        assert (call["external_id"], call["metadata"], call["duration_minutes"]) == (None, None, 30)
        assert (call["booking_source"], call["guest_email"]) == ("public_booking", EMAIL)

    def test_an_answer_to_a_question_that_nobody_asks_is_left_out(self, guest: Guest, office: Office) -> None:
        guest.book(guest.at_form(), q__nobody="asked", q__="x")
        assert office.call()["call"]["answers"] == {}


class TestOnce:
    def test_a_form_that_is_sent_twice_books_once_and_both_lead_to_the_same_confirmation(
        self, guest: Guest, office: Office
    ) -> None:
        form = guest.at_form()
        first, second = guest.book(form), guest.book(form)
        assert (first.status, second.status) == (200, 200)
        assert first.text == second.text
        assert len(office.calls()) == 1

    def test_nor_does_it_book_twice_if_its_hold_was_over(self, guest: Guest, office: Office, clock: SetClock) -> None:
        form = guest.at_form()
        clock.advance(minutes=11)
        assert guest.book(form).status == guest.book(form).status == 200
        assert len(office.calls()) == 1

    def test_a_form_that_was_changed_after_it_had_booked_says_that_the_first_booking_stays(
        self, guest: Guest, office: Office
    ) -> None:
        form = guest.at_form()
        guest.book(form)
        reply = guest.book(form, notes="and another thing")
        assert reply.status == 409
        assert "You have booked this time already" in reply.text
        assert reply.form.value("notes") == "and another thing"
        assert office.call()["call"]["guest_intake_notes"] is None

    def test_the_same_form_name_of_another_visit_is_another_form(
        self, guest: Guest, office: Office, another: Callable[[str], Guest]
    ) -> None:
        mine, theirs = guest.at_form("10:00"), another("192.0.2.2").at_form("11:00")
        guest.book(mine)
        assert another("192.0.2.2").book(theirs, once=mine.form.value("once") or "").status == 200
        assert [row["scheduled_at"][11:16] for row in office.calls()] == ["10:00", "11:00"]

    def test_two_visits_at_one_time_are_two_attempts_and_one_booking(
        self, guest: Guest, office: Office, another: Callable[[str], Guest], clock: SetClock
    ) -> None:
        mine = guest.at_form()
        clock.advance(minutes=11)
        theirs = another("192.0.2.2").at_form()
        clock.advance(minutes=11)
        assert guest.book(mine).status == 200
        assert another("192.0.2.2").book(theirs, name="Joe").status == 409
        assert office.call()["call"]["guest_name"] == NAME

    def test_the_confirmation_is_opened_again_without_a_trace(self, guest: Guest, office: Office) -> None:
        done = guest.book(guest.at_form())
        kept = everything_kept(office.ports, frozenset({"rates"}))
        assert guest.get(done.url).text == done.text
        assert everything_kept(office.ports, frozenset({"rates"})) == kept


class TestTime:
    def test_a_hold_that_is_over_books_all_the_same_if_the_time_is_free(
        self, guest: Guest, office: Office, clock: SetClock
    ) -> None:
        form = guest.at_form()
        clock.advance(minutes=11)
        assert guest.book(form).status == 200
        assert office.call()["call"]["assigned_agent_id"] == "agent-1"

    def test_a_time_that_was_taken_offers_the_nearest_and_the_guest_moves_with_all_that_was_typed(
        self, guest: Guest, office: Office, clock: SetClock
    ) -> None:
        form = guest.at_form()
        clock.advance(minutes=11)
        office.take("10:00")
        reply = guest.book(form, notes="keep this")
        assert reply.status == 409
        assert "This time was just taken" in reply.text
        assert others(reply) == [at(time) for time in ("09:00", "09:30", "10:30", "11:00", "11:30", "12:00")]
        moved = guest.press(reply.form, ("move", at("10:30")))
        assert (moved.status, moved.form.value("start")) == (200, at("10:30"))
        assert "Kept for you until 12:21 PM" in moved.text
        assert (moved.form.value("name"), moved.form.value("notes")) == (NAME, "keep this")
        assert office.holds() == [("agent-1", "10:30")]
        assert guest.press(moved.form, ("action", "book")).status == 200
        assert office.call()["call"]["guest_intake_notes"] == "keep this"

    def test_a_service_that_finds_the_agent_books_another_one_when_the_hold_is_over(
        self, guest: Guest, office: Office, clock: SetClock
    ) -> None:
        office.set_service(assignmentMode="any_available")
        form = guest.at_form()
        held = office.holds()[0][0]
        clock.advance(minutes=11)
        office.take("10:00", held)
        assert guest.book(form).status == 200
        assert office.call()["call"]["assigned_agent_id"] != held

    def test_nothing_free_near_it_says_so_and_leads_back_to_the_days(
        self, guest: Guest, office: Office, clock: SetClock
    ) -> None:
        form = guest.at_form()
        clock.advance(minutes=11)
        office.set_agent("agent-1", workingHours=[])
        reply = guest.book(form)
        assert (reply.status, others(reply)) == (409, [])
        assert "nothing else is free near it" in reply.text
        assert guest.get(reply.page.link("day=")).status == 200

    def test_an_agent_who_has_left_meanwhile_is_as_a_time_that_was_taken(self, guest: Guest, office: Office) -> None:
        form = guest.at_form()
        office.set_agent("agent-1", active=False)
        reply = guest.book(form)
        assert reply.status == 409
        assert reply.form.value("name") == NAME

    def test_so_is_the_one_agent_of_a_link(self, guest: Guest, office: Office) -> None:
        office.set_service(assignmentMode="url_forced")
        form = guest.choose(guest.enter(day=MONDAY, agentId="agent-1"))
        office.set_agent("agent-1", active=False)
        reply = guest.book(form)
        assert (reply.status, others(reply), reply.form.value("name")) == (409, [], NAME)

    @pytest.mark.parametrize(
        "start", ["1970-01-01T00:00:00Z", "2026-04-22T12:00:00Z", "2026-05-04T10:00:30Z", "2199-12-31T23:59:00Z"]
    )
    def test_a_time_at_which_nothing_can_be_booked_is_said_to_be_one(
        self, guest: Guest, office: Office, start: str
    ) -> None:
        reply = guest.book(guest.at_form(), start=start)
        assert reply.status == 400
        assert "This time cannot be booked any more" in reply.text
        assert (reply.form.value("name"), office.calls()) == (NAME, [])

    @pytest.mark.parametrize("start", ["2026-05-04T08:00:00Z", "2026-05-03T10:00:00Z", "2026-05-04T16:45:00Z"])
    def test_a_time_outside_the_agents_hours_is_not_booked(self, guest: Guest, office: Office, start: str) -> None:
        assert (guest.book(guest.at_form(), start=start).status, office.calls()) == (409, [])

    def test_notice_and_horizon_bind_the_form_too(self, guest: Guest, office: Office) -> None:
        form = guest.at_form()
        office.set_service(horizonDays=5)
        assert "cannot be booked any more" in guest.book(form).text
        office.set_service(horizonDays=60, minimumNoticeMinutes=43_200)
        assert "cannot be booked any more" in guest.book(form).text
        assert office.calls() == []

    def test_an_agent_who_may_not_take_the_call_is_not_booked(self, guest: Guest, office: Office) -> None:
        form = guest.at_form()
        office.set_service(agentIds=["agent-2"])
        assert (guest.book(form).status, office.calls()) == (409, [])

    @pytest.mark.parametrize("move", ["soon", "", "2026-05-04", "\x00", "9" * 5_000])
    def test_a_move_to_no_time_is_refused_and_books_nothing(self, guest: Guest, office: Office, move: str) -> None:
        form = guest.at_form().form
        reply = guest.post(form.action, [*form.filled({"name": "", "email": ""}), ("move", move)])
        assert (reply.status, office.calls()) == (400, [])


class TestHiddenFields:
    def test_a_hold_of_another_time_or_agent_books_what_the_form_says_if_that_is_free(
        self, guest: Guest, office: Office
    ) -> None:
        assert guest.book(guest.at_form("10:00"), start=at("11:00")).status == 200
        assert guest.book(guest.at_form("13:00"), agent="agent-2").status == 200
        assert [(row["scheduled_at"][11:16], row["assigned_agent_id"]) for row in office.calls()] == [
            ("11:00", "agent-1"),
            ("13:00", "agent-2"),
        ]

    def test_a_hold_of_another_visit_is_not_spent(
        self, guest: Guest, office: Office, another: Callable[[str], Guest]
    ) -> None:
        theirs = another("192.0.2.2").at_form("10:00").form
        reply = guest.book(guest.at_form("11:00"), start=at("10:00"), hold=theirs.value("hold") or "")
        assert (reply.status, office.calls()) == (409, [])
        assert ("agent-1", "10:00") in office.holds()

    @pytest.mark.parametrize("hold", ["", "x", "x" * 5_000, "\x00", "01890000-0000-7000-8000-00000000dead"])
    def test_a_hold_that_is_none_is_in_nobodys_way(self, guest: Guest, office: Office, hold: str) -> None:
        form = guest.at_form("10:00")
        assert guest.book(form, hold=hold, start=at("12:00")).status == 200
        assert len(office.calls()) == 1

    def test_an_agent_is_not_named_where_the_service_finds_one(self, guest: Guest, office: Office) -> None:
        office.set_service(assignmentMode="any_available")
        form = guest.at_form()
        assert guest.book(form, hold="", agent="agent-2", start=at("12:00")).status == 200
        assert office.call()["call"]["assignment_method"] == "round_robin"

    @pytest.mark.parametrize("agent", ["", "agent-9", "x" * 3_000, "\x00", "<b>"])
    def test_an_agent_who_is_none_is_not_booked(self, guest: Guest, office: Office, agent: str) -> None:
        reply = guest.book(guest.at_form(), agent=agent)
        assert (reply.status in (400, 409), office.calls()) == (True, [])

    @pytest.mark.parametrize("until", ["2199-12-31T23:59:59Z", "soon", "\x00", "1970-01-01T00:00:00Z"])
    def test_until_when_a_time_is_kept_is_only_what_the_page_says(
        self, guest: Guest, office: Office, until: str
    ) -> None:
        assert guest.book(guest.at_form(), until=until).status == 200
        assert len(office.calls()) == 1


class TestLimits:
    def test_a_customer_who_has_booked_enough_is_told_from_when_they_may_again(
        self, guest: Guest, office: Office
    ) -> None:
        office.set_service(customerLimits=[{"maxBookings": 1, "per": "day"}])
        guest.book(guest.at_form("10:00"))
        reply = guest.book(guest.at_form("11:00"), notes="keep this")
        assert reply.status == 429
        assert "You can book again from Thursday, April 23, 12:00 PM" in reply.text
        assert reply.form.value("notes") == "keep this"
        assert others(reply) == []
        assert len(office.calls()) == 1

    def test_a_key_that_may_ask_for_little_is_refused_and_the_form_can_be_sent_again(self, guest: Guest) -> None:
        form = guest.at_form()
        for _ in range(200):
            reply = guest.press(form.form, ("action", "extend"), name=NAME)
            if reply.status == 429:
                break
        assert reply.status == 429
        assert "too many requests" in reply.text
        assert int(reply.headers["retry-after"]) > 0
        (again,) = reply.page.forms
        assert again.value("name") == NAME


class TestConfirmation:
    def test_a_token_of_another_service_or_app_shows_nothing(self, guest: Guest, office: Office) -> None:
        other = office.add_service("second", title="Second opinion")
        done = guest.book(guest.at_form())
        token = urlsplit(done.url).query.partition("booking=")[2]
        elsewhere = guest.enter(other, day=MONDAY).page.form("slots").action.replace("/hold", "/done")
        reply = guest.get(f"{elsewhere}&booking={token}")
        assert reply.status == 404
        assert NAME not in reply.text
        by_id = guest.enter(office.preset_id).page.form("slots").action.replace("/hold", "/done")
        assert guest.get(f"{by_id}&booking={token}").status == 200, "the same service by its other name"

    @pytest.mark.parametrize("token", ["", "x", "A" * 92, "\x00", "%ff", "../..", "A" * 5_000])
    def test_a_token_that_is_none_shows_nothing(self, guest: Guest, token: str) -> None:
        address = guest.enter().page.form("slots").action.replace("/hold", "/done")
        assert guest.get(f"{address}&booking={token}").status == 404

    def test_a_token_is_not_guessed_by_changing_one_of_its_letters(self, guest: Guest) -> None:
        done = guest.book(guest.at_form())
        address, _, token = done.url.partition("booking=")
        for place in range(0, len(token), 7):
            other = "A" if token[place] != "A" else "B"
            assert guest.get(f"{address}booking={token[:place]}{other}{token[place + 1 :]}").status == 404


def test_a_widget_key_of_another_app_does_not_open_this_one(guest: Guest, office: Office) -> None:
    office.ports.access.add_widget_key(secret_hash("slw_other-key"), "another-app", "2026-04-01T00:00:00.000Z", WIDE)
    path = guest.enter().url.partition("?")[0]
    assert guest.get(f"{path}?widgetKey=slw_other-key").status == 401
    assert guest.get(f"/book/another-app/{SLUG}?widgetKey={KEY}").status == 401
