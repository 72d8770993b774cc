"""GET availability: what is offered, why the rest is not, and what a search costs."""

import json
from bisect import bisect_left
from datetime import UTC, datetime
from typing import Any

import pytest

from slotline.domain.booking.slots import Slots, epoch_minute
from slotline.domain.shared.errors import InvalidRequest
from slotline.http.booking.availability import slots_body
from slotline.http.core.carried import LARGEST_CARRIED
from tests.handlers.availability.conftest import MONDAY, Office, times
from tests.support.builders.apps import NOW, SetClock
from tests.support.handlers import APP_ID, Endpoint, partner

OTHER_APP_ID = "01890000-0000-7000-8000-000000000002"


def monday(hour: int, minute: int = 0) -> int:
    """Minutes since 1970."""
    return epoch_minute(datetime(2026, 5, 4, hour, minute, tzinfo=UTC))


def test_a_slot_has_its_start_its_end_and_its_agent(office: Office) -> None:
    reply = office.search(end=f"{MONDAY}T10:00:00Z")
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json == {
        "data": {
            "slots": [
                {
                    "startUtc": f"{MONDAY}T09:00:00.000Z",
                    "endUtc": f"{MONDAY}T09:30:00.000Z",
                    "agentId": "agent-1",
                },
                {
                    "startUtc": f"{MONDAY}T09:30:00.000Z",
                    "endUtc": f"{MONDAY}T10:00:00.000Z",
                    "agentId": "agent-1",
                },
            ]
        },
        "meta": {"timestamp": "2026-04-22T12:00:00.000Z"},
    }


def test_what_is_not_asked_comes_from_the_preset_and_the_step_from_the_duration(office: Office) -> None:
    office.preset(duration_minutes=60, buffer_before_minutes=15, buffer_after_minutes=5)
    assert times(office.search()) == ["09:00", "10:00", "11:00"]
    assert times(office.search(durationMinutes=90, bufferBeforeMinutes=0)) == ["09:00", "10:30"]
    assert times(office.search(bufferBeforeMinutes=0, stepMinutes=45)) == ["09:00", "09:45", "10:30"]


def test_buffers_keep_their_distance_from_calls_and_may_reach_beyond_working_time(office: Office) -> None:
    office.book(f"{MONDAY}T10:30:00Z", bufferAfterMinutes=20)
    assert times(office.search()) == ["09:00", "09:30", "10:00", "11:30"]
    assert times(office.search(bufferBeforeMinutes=10, bufferAfterMinutes=10)) == ["09:00", "09:30", "11:30"]
    evening = {"start": f"{MONDAY}T16:00:00Z", "end": f"{MONDAY}T18:00:00Z"}
    assert times(office.search(**evening, bufferAfterMinutes=240)) == ["16:00", "16:30"]
    assert times(office.search(end=f"{MONDAY}T11:00:00Z", stepMinutes=10, bufferAfterMinutes=10)) == [
        *("09:00", "09:10", "09:20", "09:30", "09:40", "09:50"),
    ]


@pytest.mark.parametrize("kind", ["call", "hold", "dnd", "blocked"])
def test_a_buffer_beyond_working_time_never_reaches_into_what_is_taken(office: Office, kind: str) -> None:
    office.put_claim("early-1", kind, monday(8), monday(8, 50), expires_at="2026-04-22T12:05:00.000Z")
    opening = {"end": f"{MONDAY}T10:00:00Z", "explain": "true"}
    assert times(office.search(**opening, bufferBeforeMinutes=10)) == ["09:00", "09:30"]
    reply = office.search(**opening, bufferBeforeMinutes=11)
    assert times(reply) == ["09:30"]
    (refused,) = reply.json["data"]["refused"]
    assert (refused["rule"], refused["recordId"]) == ("slot_taken" if kind in ("call", "hold") else kind, "early-1")


def test_hours_do_not_bind_where_they_are_not_to_be_respected(office: Office) -> None:
    night = {"start": f"{MONDAY}T00:00:00Z", "end": f"{MONDAY}T01:00:00Z"}
    assert times(office.search(**night)) == []
    assert times(office.search(**night, respectWorkingHours="false")) == ["00:00", "00:30"]


def test_all_active_agents_are_asked_or_one(office: Office) -> None:
    office.agents("agent-3", "agent-2")
    office.agents("gone", active=False)
    slots = office.search(end=f"{MONDAY}T10:00:00Z").json["data"]["slots"]
    assert [(slot["startUtc"][11:16], slot["agentId"]) for slot in slots] == [
        (start, agent) for start in ("09:00", "09:30") for agent in ("agent-1", "agent-2", "agent-3")
    ]
    assert {slot["agentId"] for slot in office.search(agentId="agent-2").json["data"]["slots"]} == {"agent-2"}
    assert len(office.search(first=4).json["data"]["slots"]) == 4
    for nobody in ("gone", "nobody"):
        reply = office.search(agentId=nobody)
        assert (reply.status, reply.error["type"]) == (404, "not_found")


def test_zones_of_windows_are_their_own(office: Office) -> None:
    office.agents(
        "agent-1",
        working_hours=[
            {"weekday": 0, "start": "00:00", "end": "01:00", "zone": "Pacific/Kiritimati"},
            {"weekday": 0, "start": "23:30", "end": "24:00", "zone": "Etc/GMT+12"},
        ],
    )
    reply = office.search("2026-05-03T00:00:00Z", "2026-05-06T00:00:00Z")
    assert [slot["startUtc"] for slot in reply.json["data"]["slots"]] == [
        "2026-05-03T10:00:00.000Z",
        "2026-05-03T10:30:00.000Z",
        "2026-05-05T11:30:00.000Z",
    ]


def test_what_is_refused_is_explained_by_the_rule_and_the_record(office: Office) -> None:
    call_id = office.book(f"{MONDAY}T09:30:00Z")
    office.put_claim("hold-1", "hold", monday(10), monday(10, 30), expires_at="2026-04-22T12:05:00.000Z")
    office.put_claim("dnd-1", "dnd", monday(10, 30), monday(11))
    office.put_claim("block-1.0", "blocked", monday(11), monday(11, 30))
    office.put_claim("hold-2", "hold", monday(11, 30), monday(12), expires_at="2026-04-22T12:00:00.000Z")
    reply = office.search(f"{MONDAY}T08:30:00Z", explain="true")
    assert times(reply) == ["09:00", "11:30"]
    assert [
        (one["startUtc"][11:16], one["agentId"], one["rule"], one["recordId"]) for one in reply.json["data"]["refused"]
    ] == [
        ("08:30", "agent-1", "outside_working_hours", None),
        ("09:30", "agent-1", "slot_taken", call_id),
        ("10:00", "agent-1", "slot_taken", "hold-1"),
        ("10:30", "agent-1", "dnd", "dnd-1"),
        ("11:00", "agent-1", "blocked", "block-1"),
    ]


def test_the_present_the_notice_and_the_horizon_bind(office: Office, clock: SetClock) -> None:
    office.preset(minimum_notice_minutes=45, horizon_days=1)
    everywhere = {"respectWorkingHours": "false", "explain": "true"}
    reply = office.search("2026-04-22T11:30:00Z", "2026-04-22T14:00:00Z", **everywhere)
    assert times(reply) == ["13:00", "13:30"]
    assert [(one["startUtc"][11:16], one["rule"]) for one in reply.json["data"]["refused"]] == [
        ("11:30", "past"),
        ("12:00", "past"),
        ("12:30", "minimum_notice"),
    ]
    reply = office.search("2026-04-23T11:30:00Z", "2026-04-23T13:00:00Z", **everywhere)
    assert times(reply) == ["11:30", "12:00"], "a call may start at the horizon, and end after it"
    assert [one["rule"] for one in reply.json["data"]["refused"]] == ["horizon"]
    clock.advance(seconds=59.5)
    office.preset(horizon_days=1)
    assert (
        times(
            office.search("2026-04-22T12:00:00Z", "2026-04-22T13:00:00Z", respectWorkingHours="false", stepMinutes=1)
        )[0]
        == "12:01"
    ), "the next minute is still ahead"


def test_a_cancelled_call_and_a_moved_one_leave_their_time_free(office: Office) -> None:
    cancelled, moved = office.book(f"{MONDAY}T09:00:00Z"), office.book(f"{MONDAY}T09:30:00Z")
    calls = f"/api/v1/video/{APP_ID}/scheduled-calls"
    Endpoint("scheduled_calls/cancel", "DELETE", partner())(f"{calls}/{cancelled}")
    patch = Endpoint("scheduled_calls/update", "PATCH", partner())
    assert patch(f"{calls}/{moved}", {"scheduledAtUtc": f"{MONDAY}T10:00:00Z"}).status == 200
    assert times(office.search(end=f"{MONDAY}T11:00:00Z")) == ["09:00", "09:30", "10:30"]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"start": "yesterday"}, "fromUtc"),
    ({"end": "2026-05-04"}, "toUtc"),
    ({"end": f"{MONDAY}T09:00:00Z"}, "toUtc"),
    ({"end": f"{MONDAY}T08:00:00Z"}, "toUtc"),
    ({"end": "2026-08-04T09:00:01Z"}, "toUtc"),
    ({"durationMinutes": 4}, "durationMinutes"),
    ({"durationMinutes": 481}, "durationMinutes"),
    ({"durationMinutes": "half"}, "durationMinutes"),
    ({"stepMinutes": 0}, "stepMinutes"),
    ({"bufferBeforeMinutes": -1}, "bufferBeforeMinutes"),
    ({"bufferAfterMinutes": 241}, "bufferAfterMinutes"),
    ({"first": 0}, "first"),
    ({"respectWorkingHours": "maybe"}, "respectWorkingHours"),
    ({"explain": "true", "stepMinutes": 1, "end": "2026-05-12T09:00:00Z"}, "explain"),
]


def test_bad_questions_name_the_field(office: Office) -> None:
    for query, field in BAD:
        reply = office.search(**query)
        assert (reply.status, reply.error["type"]) == (400, "invalid_request"), query
        assert reply.error["details"][0]["field"] == field, query
    assert office.search(end="2026-08-04T09:00:00Z").status == 200, "exactly 92 days"
    endpoint = Endpoint("availability/search", "GET", partner())
    missing = endpoint(office.path, query={"fromUtc": f"{MONDAY}T09:00:00Z"})
    assert (missing.status, missing.error["details"][0]["field"]) == (400, "toUtc")


def test_who_may_not_search(office: Office) -> None:
    query = {"fromUtc": f"{MONDAY}T09:00:00Z", "toUtc": f"{MONDAY}T12:00:00Z"}
    for caller, status in [
        (None, 401),
        (partner(scopes="scheduling:write"), 403),
        (partner(app_ids=OTHER_APP_ID), 403),
        (partner(scopes="scheduling:read"), 200),
    ]:
        assert Endpoint("availability/search", "GET", caller)(office.path, query=query).status == status
    gone = Endpoint("availability/search", "GET", partner(app_ids=OTHER_APP_ID))
    reply = gone(f"/api/v1/video/{OTHER_APP_ID}/availability", query=query)
    assert (reply.status, reply.error["type"]) == (404, "app_not_found")
    office.preset(scheduling_enabled=False)
    assert (office.search().status, office.search().error["type"]) == (403, "forbidden")


def test_a_client_over_its_limit_is_refused(office: Office) -> None:
    endpoint = Endpoint("availability/search", "GET", partner(limit_minute="1"))
    query = {"fromUtc": f"{MONDAY}T09:00:00Z", "toUtc": f"{MONDAY}T12:00:00Z"}
    assert [endpoint(office.path, query=query).status for _ in range(2)] == [200, 429]


def test_an_answer_at_the_bound_is_one_that_lambda_carries() -> None:
    """Lambda writes the handler's answer as JSON once more, and carries six megabytes of that."""
    agent_id = "01890000-0000-7000-8000-000000000001"
    midnight, sizes = monday(0), range(40_000, 60_000, 500)

    def body(slots: int) -> str:
        starts = [(midnight + n, 0) for n in range(slots)]
        return slots_body(Slots(agent_ids=[agent_id], length_minutes=5, starts=starts), NOW)

    def is_refused(slots: int) -> bool:
        try:
            body(slots)
        except InvalidRequest:
            return True
        return False

    longest = body(sizes[bisect_left(sizes, True, key=is_refused) - 1])
    carried = len(json.dumps({"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": longest}))
    assert 6_000_000 < carried < 6_291_556


def test_an_answer_that_would_not_fit_names_the_bound() -> None:
    """Lambda carries six megabytes."""
    found = Slots(agent_ids=["agent-1"], length_minutes=5, starts=[(monday(0) + n, 0) for n in range(70_000)])
    with pytest.raises(InvalidRequest, match=f"larger than {LARGEST_CARRIED} bytes, as Lambda counts; ask") as refused:
        slots_body(found, NOW)
    assert refused.value.details[0].code == "too_large"
    body = slots_body(Slots(agent_ids=['"\\x'], length_minutes=5, starts=[(monday(0), 0)], refused=[]), NOW)
    assert json.loads(body)["data"] == {
        "slots": [{"startUtc": f"{MONDAY}T00:00:00.000Z", "endUtc": f"{MONDAY}T00:05:00.000Z", "agentId": '"\\x'}],
        "refused": [],
    }


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("agents", [1, 12])
def test_a_month_costs_at_most_three_requests_more_than_there_are_agents(office: Office, agents: int) -> None:
    office.agents(*(f"agent-{n}" for n in range(1, agents + 1)))
    requests = office.requests_of(lambda: office.search("2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"))
    assert len(requests.operations) <= agents + 3
    assert sorted(set(requests.operations)) == ["BatchGetItem", "Query", "UpdateItem"]
    days_read = requests.operations.count("BatchGetItem")
    assert days_read == -(-agents * 33 // 100), "a hundred days a request: 31, and one on either side for the buffers"


@pytest.mark.usefixtures("tables")
def test_one_agent_s_day_costs_three_requests(office: Office) -> None:
    requests = office.requests_of(lambda: office.search(agentId="agent-1"))
    assert sorted(requests.operations) == ["BatchGetItem", "BatchGetItem", "UpdateItem"]


def agents_of(reply: Any) -> list[str]:
    assert reply.status == 200, reply.text
    return sorted({slot["agentId"] for slot in reply.json["data"]["slots"]})


def test_tags_and_agents_narrow_the_search_and_explain_says_who_is_not_eligible(office: Office) -> None:
    office.agents("agent-2", tags=["senior", "spanish"])
    assert agents_of(office.search()) == ["agent-1", "agent-2"]
    assert agents_of(office.search(requiredTags="senior,spanish")) == ["agent-2"]
    assert agents_of(office.search(agentIds="agent-1,agent-9")) == ["agent-1"]
    assert agents_of(office.search(agentId="agent-1", requiredTags="senior")) == []
    assert office.search(agentId="nobody", requiredTags="senior").status == 404
    explained = office.search(end=f"{MONDAY}T10:00:00Z", requiredTags="senior", explain="true")
    assert [(one["agentId"], one["rule"]) for one in explained.json["data"]["refused"]] == [
        ("agent-1", "not_eligible")
    ] * 2
    named = office.search(agentIds="agent-2", requiredTags="senior", explain="true").json["data"]["refused"]
    assert named == [], "whom the request itself left out is not explained"


def test_a_presets_agents_and_tags_narrow_the_search(office: Office) -> None:
    office.agents("agent-2", tags=["senior"])
    office.preset(agent_ids=["agent-1"])
    assert agents_of(office.search()) == ["agent-1"]
    assert agents_of(office.search(agentIds="agent-2")) == []
    office.preset(required_tags=["senior"])
    assert agents_of(office.search()) == ["agent-2"]


def test_a_full_local_day_offers_nothing_and_explain_says_so(office: Office) -> None:
    office.agents("agent-1", max_calls_per_day=1, timezone="Pacific/Auckland")
    office.book(f"{MONDAY}T13:00:00Z")  # already Tuesday in Auckland, whose day begins at 12:00 UTC
    assert times(office.search()) == ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]
    evening = {"start": f"{MONDAY}T12:00:00Z", "end": f"{MONDAY}T17:00:00Z"}
    assert times(office.search(**evening)) == []
    refused = office.search(**evening, explain="true").json["data"]["refused"]
    rules = {one["startUtc"][11:16]: one["rule"] for one in refused}
    assert (rules.pop("13:00"), set(rules.values())) == ("slot_taken", {"agent_day_full"})
    assert times(office.search(start="2026-05-05T09:00:00Z", end="2026-05-05T10:00:00Z")) == [], "nor on its rest"
    assert times(office.search(start="2026-05-05T12:00:00Z", end="2026-05-05T13:00:00Z")) == ["12:00", "12:30"]
