"""Slots that visitors hold while they fill the form."""

import pytest

from tests.handlers.websites.conftest import MONDAY, Site, problem
from tests.support.builders.apps import SetClock
from tests.support.handlers import Endpoint, partner

VISIT = {"x-visit-id": "01890000-0000-7000-8000-00000000ab01"}
OTHER_VISIT = {"x-visit-id": "01890000-0000-7000-8000-00000000ab02"}


def held(site: Site, at: str = "10:00", headers: dict[str, str] | None = None, **fields: object) -> str:
    reply = site.hold(at, headers=headers or VISIT, **fields)
    assert reply.status == 201, reply.text
    return str(reply.json["data"]["hold"]["id"])


def offered(site: Site, agent: str = "agent-1") -> set[str]:
    slots = site.search(agentId=agent).json["data"]["slots"]
    return {slot["startUtc"][11:16] for slot in slots}


def test_a_held_slot_is_the_visits_until_it_books(site: Site) -> None:
    hold = held(site)
    assert "10:00" not in offered(site)
    assert problem(site.asking("10:00")) == (409, None, "slot_taken")
    assert problem(site.asking("10:00", headers=OTHER_VISIT, holdId=hold)) == (409, None, "stale_hold")
    assert site.asking("10:00", headers=VISIT, holdId=hold).status == 201
    assert problem(site.asking("10:30", headers=VISIT, holdId=hold)) == (409, None, "stale_hold")


def test_a_visits_second_hold_replaces_its_first(site: Site) -> None:
    first = held(site, "10:00")
    second = held(site, "11:00")
    assert {"10:00", "11:00"} & offered(site) == {"10:00"}
    assert problem(site.asking("10:00", headers=VISIT, holdId=first)) == (409, None, "stale_hold")
    assert site.asking("11:00", headers=VISIT, holdId=second).status == 201


def test_a_second_hold_that_is_refused_leaves_the_first(site: Site) -> None:
    first = held(site, "10:00")
    held(site, "11:00", OTHER_VISIT)
    assert problem(site.hold("11:00", headers=VISIT)) == (409, None, "slot_taken")
    assert site.asking("10:00", headers=VISIT, holdId=first).status == 201


def test_one_address_holds_five_slots_however_many_visits_it_has(site: Site, clock: SetClock) -> None:
    visits = [{"x-visit-id": f"visit-{number:032}"} for number in range(6)]
    for number, visit in enumerate(visits[:5]):
        held(site, f"{9 + number}:00" if number else "09:00", visit)
    reply = site.hold("15:00", headers=visits[5])
    assert (reply.status, reply.error["details"][0]["code"]) == (429, "hold_limit")
    assert reply.headers["Retry-After"] == "600"
    assert "Retry-After" in reply.headers["Access-Control-Expose-Headers"]
    held(site, "15:30", visits[0])
    site.address = "192.0.2.77"
    held(site, "16:00", visits[5])
    site.address = "192.0.2.1"
    clock.advance(minutes=10)
    held(site, "15:00", {"x-visit-id": f"visit-{7:032}"})


def test_visitors_who_name_no_visit_share_their_address_and_replace_nothing(site: Site) -> None:
    assert site.hold("10:00").status == 201
    hold = site.hold("11:00").json["data"]["hold"]["id"]
    assert not {"10:00", "11:00"} & offered(site)
    assert site.asking("11:00", holdId=hold).status == 201


def test_a_visit_goes_on_at_another_address(site: Site) -> None:
    hold = held(site)
    site.address = "192.0.2.77"
    assert site.asking("10:00", headers=VISIT, holdId=hold).status == 201


def test_where_the_service_finds_the_agent_it_does_so_when_the_slot_is_held(site: Site) -> None:
    site.set_preset(assignment_mode="any_available")
    assert problem(site.hold(headers=VISIT)) == (400, "agentId", "not_allowed")
    reply = site.hold(headers=VISIT, agentId=None)
    hold = reply.json["data"]["hold"]
    assert problem(site.asking(headers=VISIT, holdId=hold["id"], assignedAgentId=None)) == (
        400,
        "assignedAgentId",
        "required",
    )
    call = site.asking(headers=VISIT, holdId=hold["id"], assignedAgentId=hold["agent_id"]).json["data"]["call"]
    assert call["assigned_agent_id"] == hold["agent_id"]
    (row,) = site.calls()
    assert row["assignment_method"] == "round_robin"
    path = f"{site.video}/scheduled-calls/{call['id']}"
    events = Endpoint("scheduled_calls/get", "GET", partner())(path).json["data"]["events"]
    assert events[-1]["payload"]["decision"]["winner"] == hold["agent_id"]
    again = site.asking("11:00", assignedAgentId=None).json["data"]["call"]
    assert again["assigned_agent_id"] != hold["agent_id"], "its turn was counted"


def test_a_held_agent_who_is_owed_a_turn_is_booked(site: Site) -> None:
    site.set_preset(assignment_mode="any_available", agent_ids=["agent-1"])
    first = site.asking("09:00", assignedAgentId=None).json["data"]["call"]
    cancelling = Endpoint("scheduled_calls/cancel", "DELETE", partner())
    assert cancelling(f"{site.video}/scheduled-calls/{first['id']}").status == 200
    hold = site.hold(headers=VISIT, agentId=None).json["data"]["hold"]
    booked = site.asking(headers=VISIT, holdId=hold["id"], assignedAgentId=hold["agent_id"])
    assert booked.status == 201, booked.text


def test_a_visits_first_hold_is_not_in_the_way_of_its_second_if_the_service_finds_the_agent(site: Site) -> None:
    site.set_preset(assignment_mode="any_available", agent_ids=["agent-1"])
    site.set_agent("agent-1", max_calls_per_day=1)
    held(site, "10:00", agentId=None)
    for at in ("10:15", "11:00"):  # one that overlaps it, and another call of the day
        assert site.hold(at, headers=VISIT, agentId=None).status == 201, at
    assert problem(site.hold("10:00", headers=OTHER_VISIT, agentId=None)) == (409, None, "no_agent_available")


def test_a_hold_of_a_service_whose_guests_choose_books_none_that_finds_the_agent(site: Site) -> None:
    """Else whoever is to have no choice would choose: by holding the time of the agent they want."""
    site.add_preset(slug="any", public=True, assignmentMode="any_available")
    hold = held(site)
    reply = site.asking(headers=VISIT, holdId=hold, presetId="any")
    assert problem(reply) == (400, "holdId", "hold_mismatch")
    assert site.asking(headers=VISIT, holdId=hold).status == 201


def test_another_visit_with_the_same_key_gets_no_hold_of_this_one(site: Site) -> None:
    key = {"idempotency-key": "1"}
    first = site.hold(headers=VISIT | key)
    assert site.hold(headers=VISIT | key).json == first.json
    assert problem(site.hold(headers=OTHER_VISIT | key)) == (409, None, "slot_taken")


@pytest.mark.parametrize("field", ["durationMinutes", "bufferBeforeMinutes", "bufferAfterMinutes"])
def test_the_service_says_how_long_it_is(site: Site, field: str) -> None:
    assert problem(site.hold(headers=VISIT, **{field: 30})) == (400, field, "not_allowed")


def test_the_rules_of_bookings_bind_holds(site: Site) -> None:
    assert problem(site.hold("18:00", headers=VISIT)) == (409, None, "outside_working_hours")
    hidden = site.add_preset(slug="internal")
    for name in (hidden, "internal", "never-was"):
        assert problem(site.hold(headers=VISIT, presetId=name)) == (400, "presetId", "unknown_preset")
    assert problem(site.hold(headers=VISIT, agentId=None)) == (400, "agentId", "required")
    assert problem(site.hold(headers=VISIT, agentId="nobody")) == (400, "agentId", "unknown_agent")


def test_a_partner_names_the_agent_and_may_hold_outside_working_hours(site: Site) -> None:
    hold = Endpoint("availability/hold", "POST", partner())
    path = f"{site.video}/holds"
    assert problem(hold(path, {"startUtc": f"{MONDAY}T10:00:00Z"})) == (400, "agentId", "missing")
    assert hold(path, {"agentId": "agent-1", "startUtc": f"{MONDAY}T18:00:00Z"}).status == 201


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_widget_key_reads_no_hold(site: Site, method: str) -> None:
    hold = held(site)
    assert site.send("availability/hold", method, f"/holds/{hold}", headers=VISIT).status == 401
