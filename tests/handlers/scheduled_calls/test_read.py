"""Reading calls through their handlers: one with its timeline, and pages of the list."""

from typing import Any

import pytest

from tests.handlers.scheduled_calls.conftest import SEED, creating, getting, listing, path

BOOKINGS: list[dict[str, Any]] = [
    SEED | {"scheduledAtUtc": f"2026-05-{day:02d}T15:00:00Z", "guestName": name, "assignedAgentId": agent}
    for day, name, agent in (
        (3, "Cleo", "agent-1"),
        (1, "Anna", "agent-1"),
        (2, "Bert", "agent-2"),
        (5, "Emil", "agent-2"),
        (4, "Dora", "agent-1"),
    )
]


@pytest.fixture
def five(app: str) -> str:
    """An app with five calls, booked in no order."""
    for body in BOOKINGS:
        assert creating()(path(app), body).status == 201
    return app


def names(reply: Any) -> list[str]:
    assert reply.status == 200, reply.text
    return [call["guest_name"] for call in reply.json["data"]["calls"]]


def test_a_call_comes_with_what_happened_to_it(app: str) -> None:
    made = creating()(path(app), SEED).json["data"]["call"]
    reply = getting()(path(app, made["id"]))
    assert reply.status == 200
    assert reply.json["data"]["call"] == made
    (event,) = reply.json["data"]["events"]
    assert event.keys() == {"id", "event_type", "actor_type", "actor_id", "payload", "created_at"}
    assert (event["event_type"], event["actor_type"], event["actor_id"]) == ("created", "api", "client-1")
    assert event["payload"]["scheduled_at"] == "2026-05-01T15:00:00.000Z"
    assert "Jane" not in str(event)


def test_a_list_is_ascending_and_says_where_it_stands(five: str) -> None:
    reply = listing()(path(five))
    assert names(reply) == ["Anna", "Bert", "Cleo", "Dora", "Emil"]
    assert reply.json["pagination"] == {"total": 5, "limit": 50, "offset": 0, "hasMore": False, "nextCursor": None}
    assert reply.json["meta"].keys() == {"timestamp"}


QUERIES: list[tuple[dict[str, str], list[str]]] = [
    ({"agentId": "agent-2"}, ["Bert", "Emil"]),
    ({"agentId": "agent-1,agent-2"}, ["Anna", "Bert", "Cleo", "Dora", "Emil"]),
    ({"agentId": " agent-1 , agent-9 "}, ["Anna", "Cleo", "Dora"]),
    ({"status": "scheduled"}, ["Anna", "Bert", "Cleo", "Dora", "Emil"]),
    ({"status": "cancelled,no_show"}, []),
    ({"bookingSource": "api,admin"}, ["Anna", "Bert", "Cleo", "Dora", "Emil"]),
    ({"bookingSource": "admin"}, []),
    ({"dateFrom": "2026-05-02T15:00:00Z", "dateTo": "2026-05-04T15:00:00Z"}, ["Bert", "Cleo"]),
    ({"dateFrom": "2026-05-02T15:00:00.001Z"}, ["Cleo", "Dora", "Emil"]),
    ({"dateTo": "2026-05-02T15:00:00.001Z"}, ["Anna", "Bert"]),
    ({"dateFrom": "2026-05-04T20:00:00+05:00"}, ["Dora", "Emil"]),
    ({"search": "aNN"}, ["Anna"]),
    ({"search": "3005550100", "agentId": "agent-2"}, ["Bert", "Emil"]),
    ({"limit": "2"}, ["Anna", "Bert"]),
    ({"limit": "2", "offset": "4"}, ["Emil"]),
    ({"limit": "200", "offset": "10000"}, []),
    ({"search": "", "agentId": "", "status": ""}, ["Anna", "Bert", "Cleo", "Dora", "Emil"]),
]


@pytest.mark.parametrize(("query", "expected"), QUERIES, ids=[str(row[0]) for row in QUERIES])
def test_a_list_holds_what_was_asked_for(five: str, query: dict[str, str], expected: list[str]) -> None:
    assert names(listing()(path(five), query=query)) == expected


WHOLE = ["ana@bücher.example", "ANA@BÜCHER.EXAMPLE", "ana@xn--bcher-kva.example"]
MAY = {"dateFrom": "2026-05-01T00:00:00Z", "dateTo": "2026-06-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("search", "dates"),
    [
        *((search, {}) for search in WHOLE),
        *((search, MAY) for search in (*WHOLE, "na@bücher.example", "@bücher.example", "ana@xn--bcher-kva")),
    ],
)
def test_an_international_address_is_found_as_it_was_given_and_as_it_is_kept(
    app: str, search: str, dates: dict[str, str]
) -> None:
    assert creating()(path(app), SEED | {"guestEmail": "ana@bücher.example", "guestName": "Zoe"}).status == 201
    assert names(listing()(path(app), query={"search": search, **dates})) == ["Zoe"]


@pytest.mark.parametrize(
    ("search", "found"),
    [("ana", True), ("+57 300 555 0100", True), (" 573005550100", True), ("0300-5550100", True), ("na", False)],
)
def test_a_search_finds_whole_numbers_and_beginnings_of_words_at_any_time(app: str, search: str, found: bool) -> None:
    assert creating()(path(app), SEED | {"guestPhone": "+57 300 555 0100", "guestName": "Zoë Ana"}).status == 201
    for more in ({}, {"dateFrom": MAY["dateFrom"]}, {"dateTo": MAY["dateTo"]}):
        assert names(listing()(path(app), query={"search": search, **more})) == (["Zoë Ana"] if found else [])
    assert names(listing()(path(app), query={"search": search, **MAY})) == ["Zoë Ana"], "between two dates parts count"


def test_a_name_with_a_sign_like_an_addresss_is_found(app: str) -> None:
    assert creating()(path(app), SEED | {"guestName": "Ana @ Büro"}).status == 201
    assert names(listing()(path(app), query={"search": "a @ Büro"})) == ["Ana @ Büro"]


def test_pages_by_cursor_come_to_the_whole_list(five: str) -> None:
    seen, cursor = [], ""
    while True:
        reply = listing()(path(five), query={"limit": "2"} | ({"cursor": cursor} if cursor else {}))
        seen += names(reply)
        page = reply.json["pagination"]
        assert (page["total"], page["limit"], page["hasMore"]) == (5, 2, page["nextCursor"] is not None)
        if not page["hasMore"]:
            break
        cursor = page["nextCursor"]
    assert seen == ["Anna", "Bert", "Cleo", "Dora", "Emil"]


def test_an_app_without_calls_has_an_empty_list(app: str) -> None:
    reply = listing()(path(app))
    assert (names(reply), reply.json["pagination"]["total"]) == ([], 0)
