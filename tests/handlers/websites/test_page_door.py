"""The booking page's door as it is wired, and the use cases behind it: a guest who comes by a link, holds and books."""

import json
from datetime import datetime
from typing import Any

import pytest

from slotline.domain.access.identity import secret_hash
from slotline.domain.access.websites import Purpose
from slotline.domain.booking.calls import Call, Guest
from slotline.domain.booking.requests import BookingRequest
from slotline.domain.shared.errors import HoldLimitReached, NoPass, PassOver, StaleHold, Unauthorized
from slotline.http.access.page_door import Admitted
from slotline.http.core.problems import answer_to, problem_of
from slotline.usecases.booking.hold_slot import HoldRequest
from slotline.wiring import common
from slotline.wiring.booking import bookings, pages
from tests.handlers.websites.conftest import ADDRESS, KEY, MONDAY, Site
from tests.support.builders.apps import SetClock
from tests.support.handlers import APP_ID

SOURCE, OTHER_SOURCE = "192.0.2.1", "192.0.2.2"
SLUG = "first-visit"
QUESTIONS = [
    {"key": "campaign", "label": "From", "type": "short_text", "hidden": True},
    {"key": "reason", "label": "Why?", "type": "short_text"},
]
SAID = [("email", ADDRESS), ("campaign", "spring"), ("externalId", "deal-4711"), ("metadata[pipeline]", "Q3")]


@pytest.fixture
def service(site: Site) -> str:
    """A service of the website's app, whose guests choose whom they meet."""
    site.add_preset(slug=SLUG, public=True, questions=QUESTIONS)
    return SLUG


def entered(query: Any = ()) -> Admitted:
    return pages.page_door().enter(SOURCE, APP_ID, KEY, SLUG, query)


def stepped(token: str, source: str = SOURCE) -> Admitted:
    return pages.page_door().step(source, APP_ID, SLUG, token, Purpose.BOOK)


def at(time: str) -> datetime:
    return datetime.fromisoformat(f"{MONDAY}T{time}:00+00:00")


def held(guest: Admitted, time: str = "10:00") -> str:
    caller = guest.caller
    asked = HoldRequest(
        app_id=APP_ID,
        holders=caller.holders,
        by_guest=True,
        agent_id="agent-1",
        start=at(time),
        seconds=600,
        preset_id=SLUG,
    )
    return str(bookings.hold_slot()(asked, None, caller.check_rate).hold["id"])


def booked(guest: Admitted, hold_id: str, time: str = "10:00") -> Call:
    caller = guest.caller
    asked = BookingRequest(
        app_id=APP_ID,
        source=caller.source,
        actor=caller.actor,
        guest=Guest.reachable(name="Jane Doe", phone=None, email=guest.prefill.email or ADDRESS),
        scheduled_at=at(time),
        app_timezone="UTC",
        assigned_agent_id="agent-1",
        hold_id=hold_id,
        holders=caller.holders,
        preset_id=SLUG,
        answers=dict(guest.prefill.answers),
        said_by_link=guest.prefill.by_link,
    )
    return bookings.book_call()(asked, None, caller.check_rate).call


@pytest.mark.usefixtures("service")
class TestBehindThePass:
    def test_a_guest_holds_and_books_and_the_call_says_what_the_link_said(self) -> None:
        token = entered(SAID).pass_token
        hold_id = held(stepped(token))
        call = booked(stepped(token), hold_id)
        assert (call.booking_source.value, call.guest.email) == ("public_booking", ADDRESS)
        assert call.answers == {"campaign": "spring"}
        assert call.external_id == "deal-4711"
        assert call.metadata == {"said_by_link": {"external_id": "deal-4711", "metadata": {"pipeline": "Q3"}}}

    def test_a_visit_has_one_hold_wherever_it_goes_on_and_another_visit_cannot_spend_it(self) -> None:
        token, other = entered().pass_token, entered().pass_token
        first = held(stepped(token), "10:00")
        second = held(stepped(token, OTHER_SOURCE), "11:00")
        with pytest.raises(StaleHold):
            booked(stepped(token), first, "10:00")
        with pytest.raises(StaleHold):
            booked(stepped(other), second, "11:00")
        assert booked(stepped(token, OTHER_SOURCE), second, "11:00").assigned_agent_id == "agent-1"

    def test_one_address_holds_five_slots_at_a_time_in_as_many_visits_as_it_likes(self) -> None:
        for time in ("09:00", "10:00", "11:00", "12:00", "13:00"):
            held(entered(), time)
        with pytest.raises(HoldLimitReached, match="This address holds 5 slots"):
            held(entered(), "14:00")
        held(replace_source(entered()), "14:00")

    def test_a_revoked_key_ends_a_visit_at_its_next_step(self, site: Site) -> None:
        token = entered().pass_token
        site.ports.access.revoke_widget_key(secret_hash(KEY))
        with pytest.raises(Unauthorized, match="revoked"):
            stepped(token)

    def test_a_pass_is_over_after_two_hours_by_the_systems_clock(self, clock: SetClock) -> None:
        token = entered(SAID).pass_token
        clock.advance(hours=2)
        with pytest.raises(PassOver):
            stepped(token)


def replace_source(guest: Admitted) -> Admitted:
    """The same visit from another network."""
    return stepped(guest.pass_token, OTHER_SOURCE)


@pytest.mark.parametrize("error", [NoPass("No."), PassOver("Over.")])
def test_both_refusals_of_a_pass_are_a_401_that_says_which_it_is(error: Unauthorized) -> None:
    assert problem_of(error).status == 401
    answer = answer_to(error, common.clock().now())
    assert json.loads(answer.body)["error"]["type"] == "unauthorized"
    assert error.code in ("no_pass", "pass_over")
