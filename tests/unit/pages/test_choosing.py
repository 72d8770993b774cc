"""Whose times the booking page shows, where a guest chooses whom they meet."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from slotline.domain.booking.apps import Agent
from slotline.domain.booking.slots import Slots
from slotline.pages.booking.choosing import Choice
from slotline.pages.booking.ways import Way
from slotline.usecases.booking.free_month import FreeMonth

DAY = date(2027, 6, 2)
ANA, BEN = (Agent(agent_id=f"agent_{name.lower()}", name=name) for name in ("Ana", "Ben"))
MONTH = FreeMonth(
    first=DAY.replace(day=1),
    zone=ZoneInfo("UTC"),
    days={DAY: [(100, 1), (130, 0), (130, 1)]},
    found=Slots(
        agent_ids=[ANA.agent_id, BEN.agent_id],
        length_minutes=30,
        starts=[(100, 1), (130, 0), (130, 1)],
        shown_to_guests=[ANA, BEN],
    ),
    has_earlier=True,
    has_later=True,
)
FULL = replace(MONTH, days={}, found=replace(MONTH.found, starts=[], shown_to_guests=[]))


def test_the_times_are_those_of_the_agent_who_was_chosen():
    choice = Choice.of(MONTH, ANA.agent_id)
    assert (choice.agent_name, choice.month.days) == ("Ana", {DAY: [(130, 0)]})


def test_else_they_are_those_of_the_agent_who_is_free_first():
    assert Choice.of(MONTH, None).agent_name == "Ben"


def test_the_agent_stays_chosen_in_a_month_without_a_free_time():
    assert Choice.of(FULL, ANA.agent_id).agent_id == ANA.agent_id
    assert Choice.of(FULL, "agent_of_nobody").agent_id is None


def test_nobody_is_chosen_where_the_service_finds_the_agent():
    anybody = replace(MONTH, found=replace(MONTH.found, shown_to_guests=()))
    assert (Choice.of(anybody, ANA.agent_id).agent_id, Choice.of(anybody, None).agents) == (None, [])


def test_links_of_the_picker_keep_month_and_day_and_those_of_other_steps_do_not():
    way = Way(app_id="app", service="talk", page_pass="pass")
    chosen = way.change(agent="agent_ana", month="2027-06", day="2027-05-31", tz="UTC")
    assert chosen.to() == "/book/app/talk/pass?agent=agent_ana&month=2027-06&day=2027-05-31&tz=UTC"
    assert chosen.to(day=DAY, month=None) == "/book/app/talk/pass?agent=agent_ana&day=2027-06-02&tz=UTC"
    assert chosen.start == "/book/app/talk/pass"
    assert way.to("hold") == "/book/app/talk/pass/hold"
