"""A time is kept while its form is filled in: ten minutes, one a visit, and five at an address."""

from collections.abc import Callable

import pytest

from tests.handlers.pages.conftest import MONDAY, Guest, Office, Reply, at
from tests.support.builders.apps import SetClock


def others(reply: Reply) -> list[str]:
    """The times that are offered instead."""
    return reply.form.values_of_buttons("move")


class TestKept:
    def test_a_time_that_is_chosen_is_kept_for_ten_minutes_and_nobody_else_is_offered_it(
        self, guest: Guest, office: Office, another: Callable[[str], Guest], clock: SetClock
    ) -> None:
        form = guest.at_form()
        assert "Kept for you until 12:10 PM" in form.text
        assert office.holds() == [("agent-1", "10:00")]
        else_where = another("192.0.2.2").enter(day=MONDAY, agent="agent-1").page.form("slots")
        assert at("10:00") not in else_where.values_of_buttons("start")
        clock.advance(minutes=10)
        else_where = another("192.0.2.2").enter(day=MONDAY, agent="agent-1").page.form("slots")
        assert at("10:00") in else_where.values_of_buttons("start")

    def test_a_second_time_of_the_visit_takes_the_place_of_its_first(self, guest: Guest, office: Office) -> None:
        picker = guest.enter(day=MONDAY)
        guest.choose(picker, "10:00")
        guest.choose(picker, "11:00")
        assert office.holds() == [("agent-1", "11:00")]

    def test_two_tabs_of_a_visit_keep_one_time_and_the_tab_that_lost_its_own_still_books_it(
        self, guest: Guest, office: Office
    ) -> None:
        picker = guest.enter(day=MONDAY)
        first, second = guest.choose(picker, "10:00"), guest.choose(picker, "11:00")
        assert office.holds() == [("agent-1", "11:00")]
        assert guest.book(first).status == guest.book(second).status == 200
        assert [row["scheduled_at"][11:16] for row in office.calls()] == ["10:00", "11:00"]
        assert office.holds() == []

    def test_the_visit_goes_on_from_another_network(self, guest: Guest, office: Office) -> None:
        form = guest.at_form()
        guest.address = "192.0.2.99"
        assert guest.book(form).status == 200
        assert len(office.calls()) == 1

    def test_an_address_keeps_five_times_and_its_sixth_visitor_books_without(
        self, guest: Guest, office: Office, another: Callable[[str], Guest]
    ) -> None:
        for time in ("09:00", "10:00", "11:00", "12:00", "13:00"):
            another("192.0.2.1").at_form(time)
        form = guest.at_form("14:00")
        assert "Kept for you" not in form.text
        assert len(office.holds()) == 5
        assert guest.book(form).status == 200
        assert office.calls()[0]["scheduled_at"].startswith(f"{MONDAY}T14:00")

    def test_a_hold_that_the_address_has_no_room_for_is_not_said_to_be_one(
        self, guest: Guest, another: Callable[[str], Guest]
    ) -> None:
        for time in ("09:00", "10:00", "11:00", "12:00", "13:00"):
            another("192.0.2.1").at_form(time)
        form = guest.choose(guest.enter(day=MONDAY), "14:00", hold="another", until="2026-04-22T12:30:00.000Z")
        assert "Kept for you" not in form.text
        assert form.form.value("hold") is None


class TestRefused:
    def test_a_time_that_was_just_taken_leads_back_to_the_times_of_its_day(self, guest: Guest, office: Office) -> None:
        picker = guest.enter(day=MONDAY)
        office.take("10:00")
        reply = guest.choose(picker, "10:00")
        assert reply.status == 409
        assert "This time was just taken" in reply.text
        assert "Monday, May 4" in reply.text
        times = reply.page.form("slots")
        assert at("10:00") not in times.values_of_buttons("start")
        assert guest.press(times, ("start", at("10:30"))).form.value("start") == at("10:30")

    def test_a_time_of_an_agent_who_has_left_leads_back_to_those_of_others(self, guest: Guest, office: Office) -> None:
        picker = guest.enter(day=MONDAY)
        office.set_agent("agent-1", active=False)
        reply = guest.choose(picker, "10:00")
        assert reply.status == 409
        assert "agent=agent-2" in reply.page.form("slots").action

    @pytest.mark.parametrize(
        "said", ["", "soon", "2026-05-04", "2026-13-04T10:00:00Z", "NaN", "1e9", "\x00", "é" * 9_000]
    )
    def test_what_is_no_time_is_refused(self, guest: Guest, office: Office, said: str) -> None:
        slots = guest.enter(day=MONDAY).page.form("slots")
        assert guest.post(slots.action, [("start", said)]).status == 400
        assert office.holds() == []

    @pytest.mark.parametrize(
        "start",
        [
            "2026-05-04T10:00:00.001Z",
            "2026-05-04T10:00:30Z",
            "1970-01-01T00:00:00Z",
            "2026-04-22T12:00:00Z",
            "2199-12-31T23:59:00Z",
            "2026-07-30T10:00:00Z",
        ],
    )
    def test_a_time_at_which_nothing_can_be_booked_leads_back_to_the_times(
        self, guest: Guest, office: Office, start: str
    ) -> None:
        slots = guest.enter(day=MONDAY).page.form("slots")
        reply = guest.post(slots.action, [("start", start)])
        assert reply.status == 400
        assert "cannot be booked any more" in reply.text
        assert reply.page.has_form("slots")
        assert office.holds() == []

    def test_notice_that_is_too_short_leads_back_to_the_times(self, guest: Guest, office: Office) -> None:
        office.set_service(minimumNoticeMinutes=1_440)
        reply = guest.post(guest.enter().page.form("slots").action, [("start", "2026-04-22T14:00:00Z")])
        assert (reply.status, office.holds()) == (400, [])
        assert "cannot be booked any more" in reply.text

    @pytest.mark.parametrize("start", ["2026-05-04T08:00:00Z", "2026-05-04T16:45:00Z", "2026-05-03T10:00:00Z"])
    def test_a_time_outside_the_agents_hours_is_as_one_that_was_taken(
        self, guest: Guest, office: Office, start: str
    ) -> None:
        reply = guest.post(guest.enter().page.form("slots").action, [("start", start)])
        assert (reply.status, office.holds()) == (409, [])

    def test_an_agent_who_may_not_take_the_call_is_not_held(self, guest: Guest, office: Office) -> None:
        office.set_service(agentIds=["agent-2"])
        slots = guest.enter(day=MONDAY).page.form("slots")
        reply = guest.post(slots.action.replace("agent-2", "agent-1"), [("start", at("10:00"))])
        assert (reply.status, office.holds()) == (409, [])
        assert "agent=agent-2" in reply.page.form("slots").action

    def test_a_service_that_finds_the_agent_holds_nobody_whom_the_guest_names(
        self, guest: Guest, office: Office
    ) -> None:
        office.set_service(assignmentMode="any_available")
        office.take("10:00", "agent-1")
        slots = guest.enter(day=MONDAY).page.form("slots")
        guest.post(slots.action, [("start", at("10:00")), ("agent", "agent-1")])
        assert office.holds() == [("agent-2", "10:00")]


class TestLonger:
    def test_the_time_is_kept_longer_and_everything_that_was_typed_is_still_there(
        self, guest: Guest, office: Office, clock: SetClock
    ) -> None:
        form = guest.at_form()
        clock.advance(minutes=9)
        again = guest.press(form.form, ("action", "extend"), name="Jane", notes="two\nlines", email="not yet")
        assert again.status == 200
        assert "Kept for you until 12:19 PM" in again.text
        assert [again.form.value(name) for name in ("name", "notes", "email")] == ["Jane", "two\nlines", "not yet"]
        clock.advance(minutes=9)
        assert office.holds() == [("agent-1", "10:00")]
        assert again.form.value("once") == form.form.value("once")

    def test_a_hold_that_is_over_is_said_to_be_and_can_be_had_again(self, guest: Guest, clock: SetClock) -> None:
        form = guest.at_form()
        clock.advance(minutes=11)
        late = guest.get(form.url)
        assert "not kept any more" in late.text
        assert "Kept for you until 12:21 PM" in guest.press(late.form, ("action", "extend")).text

    def test_a_hold_that_is_over_and_taken_offers_the_nearest_times_and_keeps_what_was_typed(
        self, guest: Guest, office: Office, clock: SetClock
    ) -> None:
        form = guest.at_form()
        clock.advance(minutes=11)
        office.take("10:00")
        reply = guest.press(form.form, ("action", "extend"), name="Jane")
        assert reply.status == 409
        assert others(reply) == [at(time) for time in ("09:00", "09:30", "10:30", "11:00", "11:30", "12:00")]
        assert reply.form.value("name") == "Jane"

    def test_an_address_without_room_is_told_when_times_are_kept_again(
        self, guest: Guest, office: Office, another: Callable[[str], Guest], clock: SetClock
    ) -> None:
        form = guest.at_form()
        clock.advance(minutes=11)
        for time in ("09:00", "11:00", "12:00", "13:00", "14:00"):
            another("192.0.2.1").at_form(time)
        reply = guest.press(form.form, ("action", "extend"), name="Jane")
        assert reply.status == 429
        assert "Times are kept again from 12:21 PM" in reply.text
        assert reply.form.value("name") == "Jane"
        assert guest.book(reply).status == 200
        assert len(office.calls()) == 1

    def test_nobody_keeps_a_time_of_another_visit(
        self, guest: Guest, office: Office, another: Callable[[str], Guest]
    ) -> None:
        theirs = another("192.0.2.2").at_form("10:00").form
        mine = guest.at_form("11:00")
        reply = guest.press(
            mine.form, ("action", "extend"), hold=theirs.value("hold") or "", start=at("10:00"), name="Jane"
        )
        assert reply.status == 409
        assert ("agent-1", "10:00") in office.holds()
