"""`presetId`: at every door that follows a preset it is an id or a slug, and what is not there is a 400 on it."""

from collections.abc import Callable

import pytest

from slotline.domain.booking.apps import Preset
from slotline.wiring import common
from tests.handlers.services.conftest import MONDAY, Shop, details
from tests.support.aws.requests import counted
from tests.support.builders.provisioned import FIRST_PRESET, SECOND_PRESET
from tests.support.handlers import APP_ID, Reply

DOORS: dict[str, Callable[[Shop, str], Reply]] = {
    "create": lambda shop, name: shop.book(presetId=name),
    "availability": lambda shop, name: shop.search(presetId=name),
    "availability of an agent": lambda shop, name: shop.search(presetId=name, agentId="agent-1"),
    "holds": lambda shop, name: shop.hold(presetId=name),
}
NOT_THERE = {
    "an id that never was": "01890000-0000-7000-8000-00000000dead",
    "a slug that never was": "second-visit",
    "a slug in capitals": "First-Visit",
    "spaces": "   ",
    "a key of another row": "first-visit#APP",
    "letters of everywhere": "pr\u00e9c\u00e9dent \U0001f600",
    "128 letters": "x" * 128,
}
each_door = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)


@each_door
@pytest.mark.parametrize("name", NOT_THERE.values(), ids=NOT_THERE)
def test_a_preset_that_is_not_there_is_a_400_on_the_field(shop: Shop, door: Callable[[Shop, str], Reply], name: str):
    shop.add(slug="first-visit")
    reply = door(shop, name)
    assert (reply.status, details(reply)) == (400, [("presetId", "unknown_preset")])


@each_door
def test_a_preset_that_was_deleted_is_a_400_under_its_id_and_its_slug(shop: Shop, door: Callable[[Shop, str], Reply]):
    preset_id = shop.add(slug="first-visit")
    assert door(shop, preset_id).status in (200, 201)
    shop.remove(preset_id)
    for name in (preset_id, "first-visit"):
        assert details(door(shop, name)) == [("presetId", "unknown_preset")]


@each_door
def test_scheduling_that_is_switched_off_on_the_named_preset_is_a_403_and_on_the_active_one_no_matter(
    shop: Shop, door: Callable[[Shop, str], Reply]
):
    shop.add(slug="closed", schedulingEnabled=False)
    shop.add(slug="open")
    shop.change(FIRST_PRESET, schedulingEnabled=False)
    for name, shown in (("closed", "First visit"), (FIRST_PRESET, "Default")):
        refused = door(shop, name)
        assert (refused.status, refused.error["type"], details(refused)) == (403, "forbidden", [])
        assert f"'{shown}'" in refused.error["message"]
    assert door(shop, "open").status in (200, 201)


@each_door
@pytest.mark.parametrize("name", ["x" * 129, "x" * 3_000])
def test_a_name_that_is_too_long_is_a_400_on_the_field(shop: Shop, door: Callable[[Shop, str], Reply], name: str):
    assert details(door(shop, name)) == [("presetId", "string_too_long")]


def test_an_empty_name_is_as_none(shop: Shop):
    assert shop.booked(presetId="")["preset_id"] == FIRST_PRESET
    assert shop.hold("11:00", presetId="").status == 201


@pytest.mark.usefixtures("tables")
def test_each_door_follows_the_rules_of_the_preset_it_names(shop: Shop):
    preset_id = shop.add(
        slug="first-visit", durationMinutes=60, bufferBeforeMinutes=15, requireConfirmation=True, noShowGraceMinutes=5
    )
    for at, name in (("09:15", preset_id), ("10:30", "first-visit")):
        call = shop.booked(at, presetId=name)
        assert (call["preset_id"], call["preset_revision"]) == (preset_id, 1)
        assert (call["duration_minutes"], call["buffer_before_minutes"]) == (60, 15)
        assert call["status"] == "pending_confirmation"
        slots = shop.search(presetId=name, agentId="agent-2").json["data"]["slots"]
        assert [slot["startUtc"][11:16] for slot in slots] == ["09:00", "10:00", "11:00"]
        held = shop.hold("13:00" if name == preset_id else "14:15", presetId=name).json["data"]["hold"]
        assert held["end"][11:16] == ("14:00" if name == preset_id else "15:15")
    unnamed = shop.booked("16:00")
    assert (unnamed["preset_id"], unnamed["duration_minutes"]) == (FIRST_PRESET, 30)


def test_the_active_preset_may_be_named_too(shop: Shop):
    shop.change(FIRST_PRESET, slug="standard")
    calls = [shop.booked(at, presetId=name) for at, name in (("10:00", FIRST_PRESET), ("11:00", "standard"))]
    assert [(call["preset_id"], call["preset_revision"]) for call in calls] == [(FIRST_PRESET, 2)] * 2


def test_an_id_wins_over_a_slug(shop: Shop):
    other = shop.add(slug="walk-in")
    kept = Preset(preset_id="walk-in", name="Its id was chosen by hand")
    shop.ports.presets.add(APP_ID, kept, shop.ports.clock.now(), None)
    assert shop.booked(presetId="walk-in")["preset_id"] == "walk-in"
    assert shop.booked("12:00", presetId=other)["preset_id"] == other


def test_the_notice_and_the_horizon_are_those_of_the_named_preset(shop: Shop):
    shop.add(slug="late", minimumNoticeMinutes=43_200)
    shop.add(slug="near", horizonDays=1)
    for door in (shop.book, shop.hold):
        assert [detail["code"] for detail in door(presetId="late").error["details"]] == ["minimum_notice"]
        assert [detail["code"] for detail in door(presetId="near").error["details"]] == ["horizon"]
    assert shop.search(presetId="late").json["data"]["slots"] == []


def test_customer_limits_are_those_of_the_named_preset(shop: Shop):
    shop.add(slug="once", customerLimits=[{"maxBookings": 1, "per": "day"}])
    shop.booked("10:00", presetId="once")
    refused = shop.book("11:00", presetId="once")
    assert (refused.status, details(refused)) == (429, [(None, "customer_limit")])
    assert shop.book("11:00").status == 201


def test_the_mode_of_the_named_preset_picks_the_agent(shop: Shop):
    shop.add(slug="anybody", assignmentMode="any_available")
    call = shop.booked(presetId="anybody", assignedAgentId=None)
    assert (call["assignment_method"], call["assigned_agent_id"]) == ("round_robin", "agent-1")


def test_a_repeat_is_answered_though_its_preset_is_gone(shop: Shop):
    preset_id = shop.add(slug="first-visit")
    key = {"idempotency-key": "k-1"}
    first = shop.book(presetId="first-visit", headers=key)
    shop.remove(preset_id)
    again = shop.book(presetId="first-visit", headers=key)
    assert (again.status, again.json["data"]) == (201, first.json["data"])


@pytest.mark.usefixtures("tables")
class TestWhatItCosts:
    """Naming a preset takes no further request: its row, or its slug's, is read with the rest."""

    @pytest.mark.parametrize("name", [SECOND_PRESET, "first-visit", FIRST_PRESET, "standard"])
    def test_a_booking_makes_three_requests(self, shop: Shop, name: str):
        shop.add(slug="first-visit")
        shop.change(FIRST_PRESET, slug="standard")
        with counted(common.dynamodb()) as requests:
            assert shop.book(presetId=name).status == 201
        assert sorted(requests.operations) == ["BatchGetItem", "TransactWriteItems", "UpdateItem"]
        assert requests.operations[-1] == "TransactWriteItems", "the rate's counter ran beside the reading"

    def test_a_hold_makes_three_requests(self, shop: Shop):
        shop.add(slug="first-visit")
        with counted(common.dynamodb()) as requests:
            assert shop.hold(presetId="first-visit").status == 201
        assert sorted(requests.operations) == ["BatchGetItem", "TransactWriteItems", "UpdateItem"]

    @pytest.mark.parametrize("of_agent", [{}, {"agentId": "agent-1"}])
    def test_a_search_makes_as_many_requests_as_without(self, shop: Shop, of_agent: dict[str, str]):
        shop.add(slug="first-visit")
        asked = []
        for named in ({}, {"presetId": "first-visit"}):
            with counted(common.dynamodb()) as requests:
                assert shop.search(**of_agent, **named).status == 200
            asked.append(sorted(requests.operations))
        assert asked[0] == asked[1]

    def test_a_change_of_a_call_of_the_active_preset_makes_no_further_request(self, shop: Shop):
        call = shop.booked()
        with counted(common.dynamodb()) as requests:
            assert shop.move(call["id"], scheduledAtUtc=f"{MONDAY}T12:00:00Z").status == 200
        assert requests.operations.count("BatchGetItem") == 2, "the call with its app, then the agent's days"

    def test_a_change_of_a_call_of_another_preset_makes_one_more_once(self, shop: Shop):
        shop.add(slug="first-visit")
        reads = []
        for at in ("12:00", "13:00"):
            call = shop.booked(at, presetId="first-visit")
            with counted(common.dynamodb()) as requests:
                assert shop.cancel(call["id"]).status == 200
            reads.append(requests.operations.count("BatchGetItem"))
        assert reads == [2, 1]
