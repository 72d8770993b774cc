"""What a website may book, and what it is told."""

import json
from typing import Any

import pytest

from slotline.store.dynamodb import keys
from tests.handlers.websites.conftest import MONDAY, Site, problem
from tests.support.handlers import APP_ID, Endpoint, partner
from tools.openapi import DOCUMENT

SECRETS = ("host_join_url", "secret-tag", "@example.com", "turns", "weight", "revision", "buffer")


def test_a_booking_is_the_guests_and_says_nothing_from_inside(site: Site) -> None:
    reply = site.asking(guestIntakeNotes="my notes")
    call = reply.json["data"]["call"]
    assert (call["booking_source"], call["status"]) == ("public_booking", "scheduled")
    assert call["guest_intake_notes"] == "my notes"
    assert not [secret for secret in SECRETS if secret in reply.text.replace("jane@example.com", "")]
    read = Endpoint("scheduled_calls/get", "GET", partner())(f"{site.video}/scheduled-calls/{call['id']}").json["data"]
    assert read["call"]["booking_source"] == "public_booking"
    assert [(event["actor_type"], event["actor_id"]) for event in read["events"]] == [("guest", None)]


@pytest.mark.parametrize("sent", [{}, {"answers": {}}, {"answers": {"size": None}}])
def test_a_guest_answers_what_must_be_answered_and_a_partner_need_not(site: Site, sent: dict[str, Any]) -> None:
    site.set_preset(questions=[{"key": "size", "label": "Size", "type": "short_text", "required": True}])
    reply = site.asking(**sent)
    assert (reply.status, reply.error["details"][0]["field"]) == (400, "answers.size"), reply.text
    assert site.asking(answers={"size": "M"}).json["data"]["call"]["answers"] == {"size": "M"}


def test_a_guests_agent_is_eligible_and_a_tag_narrows_the_choice(site: Site) -> None:
    site.set_preset(agent_ids=["agent-2"])
    site.set_agent("agent-2", tags=["spanish"])
    assert {slot["agentId"] for slot in site.search().json["data"]["slots"]} == {"agent-2"}
    assert problem(site.asking(assignedAgentId="agent-1")) == (409, None, "not_eligible")
    assert problem(site.hold()) == (409, None, "not_eligible")
    assert site.asking(assignedAgentId="agent-2", requiredTags=["spanish"]).status == 201


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("assignmentMethod", "manual"),
        ("durationMinutes", 60),
        ("bufferBeforeMinutes", 0),
        ("bufferAfterMinutes", 5),
        ("requireConfirmation", False),
        ("externalId", "deal-1"),
        ("metadata", {"a": 1}),
        ("agentIds", ["agent-2"]),
    ],
)
def test_what_the_service_decides_a_visitor_does_not(site: Site, field: str, value: object) -> None:
    assert problem(site.asking(**{field: value})) == (400, field, "not_allowed")
    assert site.calls() == []


@pytest.mark.parametrize("field", ["verificationId", "verificationCode"])
def test_a_partner_proves_no_contact(site: Site, field: str) -> None:
    body = {
        "guestName": "Jane Doe",
        "guestEmail": "jane@example.com",
        "appTimezone": "UTC",
        "scheduledAtUtc": f"{MONDAY}T10:00:00Z",
        field: "123456",
    }
    reply = Endpoint("scheduled_calls/create", "POST", partner())(f"{site.video}/scheduled-calls", body)
    assert problem(reply) == (400, field, "not_allowed")


def test_what_is_not_public_is_as_what_never_was(site: Site) -> None:
    hidden = site.add_preset(slug="internal")
    site.add_preset(slug="open", public=True)
    for ask in (site.asking, site.search, site.send_for_code):
        said = []
        for name in (hidden, "internal", "01890000-0000-7000-8000-00000000dead", "never-was"):
            reply = ask(presetId=name)
            assert problem(reply) == (400, "presetId", "unknown_preset"), ask
            said.append(reply.error["message"].replace(name, "it"))
        assert len(set(said)) == 1
    assert site.booked(presetId="open")["preset_id"] not in (None, hidden)


def test_where_the_active_preset_is_not_public_a_service_is_named(site: Site) -> None:
    site.set_preset(public=False)
    site.add_preset(slug="open", public=True)
    assert problem(site.asking()) == (400, "presetId", "required")
    assert problem(site.asking(presetId="preset-1")) == (400, "presetId", "unknown_preset")
    assert site.asking(presetId="open").status == 201


def test_guests_book_within_working_hours_and_partners_may_book_outside_them(site: Site) -> None:
    reply = site.asking("18:00")
    assert problem(reply) == (409, None, "outside_working_hours")
    assert site.asking("16:30").status == 201
    partners = Endpoint("scheduled_calls/create", "POST", partner())
    body = {
        "guestName": "Jane",
        "guestEmail": "jane@example.com",
        "appTimezone": "UTC",
        "scheduledAtUtc": f"{MONDAY}T18:00:00Z",
        "assignedAgentId": "agent-1",
    }
    assert partners(f"{site.video}/scheduled-calls", body).status == 201


@pytest.mark.parametrize(
    ("mode", "agent", "outcome"),
    [
        ("pick_from_options", "agent-2", "self_selected"),
        ("pick_from_options", None, "required"),
        ("url_forced", "agent-2", "self_selected"),
        ("url_forced", None, "required"),
        ("any_available", None, "round_robin"),
        ("any_available", "agent-2", "not_allowed"),
    ],
)
def test_the_services_mode_says_who_finds_the_agent(site: Site, mode: str, agent: str | None, outcome: str) -> None:
    site.set_preset(assignment_mode=mode)
    reply = site.asking(assignedAgentId=agent)
    if reply.status == 400:
        assert problem(reply) == (400, "assignedAgentId", outcome)
        return
    assert reply.status == 201, reply.text
    assert site.calls()[0]["assignment_method"] == outcome
    assert reply.json["data"]["call"]["assigned_agent_id"] in ("agent-1", "agent-2")


def test_customers_limits_bind_websites(site: Site) -> None:
    site.set_preset(customer_limits=[{"max_bookings": 1, "per": "day"}])
    site.booked("10:00")
    reply = site.asking("11:00")
    assert (reply.status, reply.error["details"][0]["code"]) == (429, "customer_limit")
    assert reply.headers["Retry-After"]
    assert "Retry-After" in reply.headers["Access-Control-Expose-Headers"]


def test_a_slot_is_given_once_whoever_books(site: Site) -> None:
    site.booked("10:00")
    assert problem(site.asking("10:00", guestEmail="joe@example.com")) == (409, None, "slot_taken")


def test_the_same_key_books_once(site: Site) -> None:
    headers = {"idempotency-key": "visit-1"}
    first, again = site.asking(headers=headers), site.asking(headers=headers)
    assert (again.status, again.json, again.headers["Idempotency-Replayed"]) == (201, first.json, "true")
    assert len(site.calls()) == 1


def test_another_visitor_with_the_same_key_and_body_gets_an_answer_of_their_own(site: Site) -> None:
    """Everybody has the widget key, and keys such as "1" are soon guessed: no guest's link goes to whoever does."""
    key, visit = {"idempotency-key": "1"}, {"x-visit-id": "01890000-0000-7000-8000-00000000ab01"}
    first = site.asking(headers=key | visit)
    other = {"x-visit-id": "01890000-0000-7000-8000-00000000ab02"}
    for stranger in (key | other, key):
        reply = site.asking(headers=stranger)
        assert problem(reply) == (409, None, "slot_taken")
        assert first.json["data"]["call"]["id"] not in reply.text
        assert site.asking("11:00", guestName="Joe", headers=stranger).status != 422, "nobody learns that it was used"
    site.address = "192.0.2.77"
    assert site.asking(headers=key | visit).json == first.json, "a visit goes on at another address"


def test_a_visitor_without_a_visit_is_told_by_the_address(site: Site) -> None:
    key = {"idempotency-key": "1"}
    first = site.asking(headers=key)
    assert site.asking(headers=key).json == first.json
    site.address = "192.0.2.77"
    assert problem(site.asking(headers=key)) == (409, None, "slot_taken")


class TestAvailability:
    """Of a service, as its guests choose."""

    def test_agents_are_shown_by_name_and_nothing_else(self, site: Site) -> None:
        reply = site.search()
        agents = reply.json["data"]["agents"]
        assert agents == [
            {"agentId": "agent-1", "name": "Agent-1", "photoUrl": None},
            {"agentId": "agent-2", "name": "Agent-2", "photoUrl": None},
        ]
        assert not [secret for secret in SECRETS if secret in reply.text]

    def test_where_the_service_finds_the_agent_each_time_is_shown_once(self, site: Site) -> None:
        site.set_preset(assignment_mode="any_available")
        slots = site.search(first="3").json["data"]["slots"]
        assert [slot["startUtc"][11:16] for slot in slots] == ["09:00", "09:30", "10:00"]
        assert all(set(slot) == {"startUtc", "endUtc"} for slot in slots)
        for name in ("agentId", "agentIds"):
            assert problem(site.search(**{name: "agent-1"})) == (400, name, "not_allowed"), "nobody's calendar is told"

    def test_a_service_with_one_agent_by_its_link_is_asked_for_with_the_agent(self, site: Site) -> None:
        site.set_preset(assignment_mode="url_forced")
        assert problem(site.search()) == (400, "agentId", "required")
        assert {slot["agentId"] for slot in site.search(agentId="agent-2").json["data"]["slots"]} == {"agent-2"}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("respectWorkingHours", "false"),
            ("explain", "true"),
            ("durationMinutes", "30"),
            ("bufferBeforeMinutes", "0"),
            ("bufferAfterMinutes", "0"),
        ],
    )
    def test_what_the_service_decides_is_not_asked(self, site: Site, name: str, value: str) -> None:
        assert problem(site.search(**{name: value})) == (400, name, "not_allowed")

    def test_what_is_offered_is_booked(self, site: Site) -> None:
        for slot in site.search().json["data"]["slots"]:
            at = slot["startUtc"][11:16]
            assert site.asking(at, assignedAgentId=slot["agentId"], guestEmail=f"{at[:2]}@example.com").status == 201
        assert site.search().json["data"]["slots"] == []


def test_another_apps_agent_is_none(site: Site) -> None:
    other: dict[str, Any] = keys.agent("01890000-0000-7000-8000-000000000002", "agent-9")
    site.ports.put({**other, "agent_id": "agent-9", "name": "Nine"})
    assert problem(site.asking(assignedAgentId="agent-9")) == (400, "assignedAgentId", "unknown_agent")
    assert site.app_id == APP_ID


@pytest.mark.parametrize("mode", ["pick_from_options", "any_available"])
def test_a_website_gets_what_is_documented_for_it_and_nothing_else(site: Site, mode: str) -> None:
    """The document has two shapes for one answer; whoever sends a widget key gets the second, whole."""
    site.set_preset(assignment_mode=mode)
    asked = None if mode == "any_available" else "agent-1"
    call = site.booked(assignedAgentId=asked)
    assert set(call) == set(schema_of("WebsiteCallView")["properties"]) == set(schema_of("WebsiteCallView")["required"])
    data = site.search().json["data"]
    assert set(data) == set(schema_of("WebsiteSlotsData")["required"])
    slot = schema_of("WebsiteSlotView")
    left_out = {"agentId"} if mode == "any_available" else set()
    assert {frozenset(one) for one in data["slots"]} == {frozenset(slot["properties"]) - left_out}
    assert set(slot["required"]) == {"startUtc", "endUtc"}
    assert all(set(one) == set(schema_of("WebsiteAgentView")["required"]) for one in data["agents"])
    assert bool(data["agents"]) != bool(left_out)


def schema_of(name: str) -> dict[str, Any]:
    """A schema of the OpenAPI document that is served."""
    schema: dict[str, Any] = json.loads(DOCUMENT.read_text())["components"]["schemas"][name]
    return schema
