"""PATCH a call: what changes, what is told on the timeline, and what is refused."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from slotline.domain.booking.slots import epoch_minute
from slotline.store.dynamodb import keys
from slotline.wiring import common
from tests.handlers.changes.conftest import LATER, NEXT_DAY, OTHER_APP_ID, START, Calls, code_of, writes
from tests.support.builders.apps import SetClock, put_app
from tests.support.handlers import Endpoint, partner

SEED = {"scheduledAtUtc": "2026-05-02T16:00:00.000Z", "reason": "Customer requested new time"}


def test_the_documented_request_gets_the_documented_answer_and_is_told_on_the_timeline(calls: Calls) -> None:
    call = calls.book()
    reply = calls.patch(call, SEED)
    assert reply.status == 200
    answer = reply.json["data"]["call"]
    assert {name: answer[name] for name in ("id", "scheduled_at", "status")} == {
        "id": call["id"],
        "scheduled_at": "2026-05-02T16:00:00.000Z",
        "status": "scheduled",
    }
    shown, events = calls.read(call)
    assert shown == answer
    assert [event["event_type"] for event in events] == ["created", "rescheduled"]
    assert events[1]["payload"] == {
        "old_scheduled_at": START,
        "new_scheduled_at": "2026-05-02T16:00:00.000Z",
        "reason": "Customer requested new time",
    }
    assert (events[1]["actor_type"], events[1]["actor_id"]) == ("api", "client-1")
    calls.check_days()


FIELDS: list[tuple[str, str, str]] = [
    ("guestName", "Joe Bloggs", "guest_name"),
    ("guestPhone", "+44 20 7946 0000", "guest_phone"),
    ("guestEmail", "joe@example.com", "guest_email"),
    ("guestTimezone", "Asia/Kathmandu", "guest_timezone"),
    ("guestLanguage", "pt-BR", "guest_language"),
    ("guestIntakeNotes", "brings a friend", "guest_intake_notes"),
]


def test_each_detail_of_the_guest_can_be_corrected(calls: Calls) -> None:
    before = calls.book(guestPhone="+573005550100")
    for field, value, name in FIELDS:
        answer = calls.patch(before, {field: value}).json["data"]["call"]
        assert answer[name] == value
        assert answer["revision"] == before["revision"] + 1
        link = {"guest_url"} if name in {"guest_phone", "guest_email"} else set()
        assert {key for key in before if before[key] != answer[key]} <= {name, "revision", "updated_at", *link}
        event = calls.read(before)[1][-1]
        assert (event["event_type"], event["payload"]) == ("updated", {"fields": [name], "reason": None}), (
            "and no personal data"
        )
        before = answer


@pytest.mark.usefixtures("tables")
def test_each_kind_of_change_is_its_own_event_and_all_are_one_revision_in_one_transaction(calls: Calls) -> None:
    call = calls.book()
    with calls.counted() as requests:
        reply = calls.patch(
            call, {"scheduledAtUtc": NEXT_DAY, "assignedAgentId": "agent-2", "guestName": "Joe", "reason": "swap"}
        )
    assert reply.json["data"]["call"]["revision"] == 2
    assert writes(requests) == ["TransactWriteItems"]
    events = calls.read(call)[1]
    assert [event["event_type"] for event in events] == ["created", "rescheduled", "assigned", "updated"]
    assert all(event["payload"]["reason"] == "swap" for event in events[1:])
    assert events[2]["payload"] == {
        "old_agent_id": "agent-1",
        "new_agent_id": "agent-2",
        "reason": "swap",
        "decision": None,
    }
    calls.check_days()


UNCHANGED: list[dict[str, Any]] = [
    {"scheduledAtUtc": START},
    {"scheduledAtUtc": "2026-05-01T10:00:00-05:00"},
    {"assignedAgentId": "agent-1"},
    {"guestName": "Jane Doe", "guestEmail": "jane@example.com"},
    {"guestPhone": None},
    {"scheduledAtUtc": START, "assignedAgentId": "agent-1", "guestName": "Jane Doe", "reason": "none"},
]


@pytest.mark.usefixtures("tables")
def test_values_that_are_there_already_make_no_new_revision(calls: Calls) -> None:
    call = calls.book()
    for body in UNCHANGED:
        with calls.counted() as requests:
            reply = calls.patch(call, body)
        assert (reply.status, reply.json["data"]["call"]) == (200, call), body
        assert writes(requests) == [], body
    assert calls.events(call) == ["created"]


def test_a_contact_can_be_cleared_while_another_is_left(calls: Calls) -> None:
    call = calls.book(guestPhone="+573005550100")
    assert calls.patch(call, {"guestPhone": None}).json["data"]["call"]["guest_phone"] is None
    both = calls.patch(call, {"guestEmail": None})
    assert code_of(both) == (400, "invalid_request", "required")
    assert calls.patch(call, {"guestEmail": None, "guestPhone": "+573005550199"}).status == 200


def test_both_contacts_cannot_be_cleared_at_once(calls: Calls) -> None:
    call = calls.book(guestPhone="+573005550100")
    assert code_of(calls.patch(call, {"guestPhone": None, "guestEmail": None})) == (400, "invalid_request", "required")
    assert calls.read(call)[0] == call


BAD: list[tuple[str, Any, str | None]] = [
    ("nothing", {}, None),
    ("a reason alone", {"reason": "because"}, None),
    ("an empty reason alone", {"reason": None}, None),
    ("no object", [], None),
    ("an unknown field", {"guestName": "Joe", "colour": "red"}, "colour"),
    ("a status", {"status": "completed"}, "status"),
    ("the source", {"guestName": "Joe", "bookingSource": "admin"}, "bookingSource"),
    ("no start", {"scheduledAtUtc": None}, "scheduledAtUtc"),
    ("no length", {"durationMinutes": None}, "durationMinutes"),
    ("a length too short", {"durationMinutes": 4}, "durationMinutes"),
    ("a length too long", {"durationMinutes": 481}, "durationMinutes"),
    ("no buffer", {"bufferAfterMinutes": None}, "bufferAfterMinutes"),
    ("a buffer below none", {"bufferBeforeMinutes": -1}, "bufferBeforeMinutes"),
    ("an external id too long", {"externalId": "x" * 201}, "externalId"),
    ("an external id of two lines", {"externalId": "a\nb"}, "externalId"),
    ("metadata that is no object", {"metadata": ["x"]}, "metadata"),
    ("metadata too large", {"metadata": {"x": "é" * 8192}}, "metadata"),
    ("a number in metadata that no program reads", {"metadata": {"x": float("1e999")}}, None),
    ("no answers", {"answers": None}, "answers"),
    ("answers that are no object", {"answers": ["x"]}, "answers"),
    ("an answer that nobody asked for", {"answers": {"company": "Acme"}}, "answers.company"),
    ("no name", {"guestName": None}, "guestName"),
    ("no zone", {"guestTimezone": None}, "guestTimezone"),
    ("no notes", {"guestIntakeNotes": None}, "guestIntakeNotes"),
    ("a blank name", {"guestName": " "}, "guestName"),
    ("a bad phone", {"guestPhone": "12"}, "guestPhone"),
    ("a bad address", {"guestEmail": "jane"}, "guestEmail"),
    ("an abbreviation for a zone", {"guestTimezone": "EST"}, "guestTimezone"),
    ("a bad zone", {"guestTimezone": "Mars/Olympus"}, "guestTimezone"),
    ("no language", {"guestLanguage": None}, "guestLanguage"),
    ("a language by its name", {"guestLanguage": "Spanish"}, "guestLanguage"),
    ("a start without a zone", {"scheduledAtUtc": "2026-05-02T16:00:00"}, "scheduledAtUtc"),
    ("a start in the past", {"scheduledAtUtc": "2026-04-22T11:59:00Z"}, "scheduledAtUtc"),
    ("a start off the minute", {"scheduledAtUtc": "2026-05-02T16:00:01Z"}, "scheduledAtUtc"),
    ("a start beyond the horizon", {"scheduledAtUtc": "2036-05-02T16:00:00Z"}, "scheduledAtUtc"),
    ("an agent of nobody", {"assignedAgentId": "nobody"}, "assignedAgentId"),
    ("notes too long", {"guestIntakeNotes": "x" * 4001}, "guestIntakeNotes"),
    ("a reason too long", {"guestName": "Joe", "reason": "x" * 501}, "reason"),
]


def test_a_bad_request_names_what_is_wrong_and_changes_nothing(calls: Calls) -> None:
    call = calls.book()
    for what, body, field in BAD:
        reply = calls.patch(call, body)
        assert (reply.status, reply.error["type"]) == (400, "invalid_request"), what
        if field:
            assert field in [detail.get("field") for detail in reply.error["details"]], what
    assert calls.read(call)[0] == call
    calls.check_days()


def test_an_agent_of_another_app_is_no_agent(calls: Calls, others: Calls) -> None:
    others.set_agent("theirs")
    assert code_of(calls.patch(calls.book(), {"assignedAgentId": "theirs"}))[::2] == (400, "unknown_agent")


def test_without_the_scope_or_the_app_it_is_forbidden(calls: Calls) -> None:
    call = calls.book()
    assert calls.patch(call, SEED, scopes="scheduling:read").status == 403
    stranger = Endpoint("scheduled_calls/update", "PATCH", partner(app_ids=OTHER_APP_ID))
    assert stranger(calls.at(call), SEED).status == 403
    assert Endpoint("scheduled_calls/update", "PATCH", None)(calls.at(call), SEED).status == 401


def test_a_call_of_another_app_is_not_found_like_one_that_never_was(calls: Calls, others: Calls) -> None:
    theirs = others.book(assignedAgentId=None)
    replies = [calls.patch(call_id, SEED) for call_id in (theirs["id"], "01970000-0000-7000-8000-0000000000ff", "x")]
    assert {code_of(reply)[:2] for reply in replies} == {(404, "not_found")}
    assert len({reply.error["message"] for reply in replies}) == 1
    assert others.read(theirs)[0] == theirs


def test_an_app_that_is_gone_is_not_found(calls: Calls) -> None:
    gone = Calls(calls.ports, OTHER_APP_ID)
    assert code_of(gone.patch("01970000-0000-7000-8000-0000000000ff", SEED))[:2] == (404, "app_not_found")


@pytest.mark.parametrize("status", ["cancelled", "completed", "no_show"])
def test_a_call_in_a_final_state_does_not_change(calls: Calls, status: str) -> None:
    call = calls.book()
    if status == "cancelled":
        assert calls.cancel(call).status == 200
    else:
        calls.overwrite(call, status=status)
    for body in (SEED, {"guestName": "Joe"}, {"assignedAgentId": "agent-2"}, {"scheduledAtUtc": START}):
        assert code_of(calls.patch(call, body)) == (409, "conflict", "final_state")
    assert calls.read(call)[0]["status"] == status


def test_the_new_slot_must_be_free(calls: Calls) -> None:
    call = calls.book()
    calls.book(scheduledAtUtc=LATER)
    assert code_of(calls.patch(call, {"scheduledAtUtc": LATER})) == (409, "conflict", "slot_taken")
    assert code_of(calls.patch(call, {"scheduledAtUtc": "2026-05-01T15:31:00Z"})) == (409, "conflict", "slot_taken")
    calls.book(assignedAgentId="agent-2")
    assert code_of(calls.patch(call, {"assignedAgentId": "agent-2"})) == (409, "conflict", "slot_taken")
    assert calls.read(call)[0] == call
    calls.check_days()


@pytest.mark.parametrize(("kind", "code"), [("dnd", "dnd"), ("blocked", "blocked")])
def test_time_that_is_blocked_or_undisturbed_refuses_a_move(calls: Calls, kind: str, code: str) -> None:
    call = calls.book()
    start = epoch_minute(datetime(2026, 5, 2, 16, tzinfo=UTC))
    claim = {"kind": kind, "start": start, "end": start + 60, "before": 0, "after": 0}
    calls.ports.put({**keys.agent_day(calls.app_id, "agent-1", date(2026, 5, 2)), "claim_x": claim})
    assert code_of(calls.patch(call, SEED)) == (409, "conflict", code)


def test_a_client_over_its_limit_is_refused_and_nothing_changes(calls: Calls) -> None:
    call = calls.book()
    limited = {"client_id": "client-9", "limit_minute": "1"}
    assert calls.patch(call, {"guestName": "One"}, **limited).status == 200
    reply = calls.patch(call, {"guestName": "Two"}, **limited)
    assert code_of(reply) == (429, "rate_limit_exceeded", "client_limit")
    assert int(reply.headers["Retry-After"]) >= 1
    assert calls.read(call)[0]["guest_name"] == "One"


MOVES: list[tuple[str, dict[str, str], int]] = [
    ("within its day", {"scheduledAtUtc": LATER}, 1),
    ("into its own time", {"scheduledAtUtc": "2026-05-01T15:10:00Z"}, 1),
    ("to another day", {"scheduledAtUtc": NEXT_DAY}, 2),
    ("over midnight", {"scheduledAtUtc": "2026-05-01T23:45:00Z"}, 2),
    ("to another agent", {"assignedAgentId": "agent-2"}, 2),
    ("to another agent and day", {"assignedAgentId": "agent-2", "scheduledAtUtc": NEXT_DAY}, 2),
]


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(("body", "day_updates"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES])
def test_a_move_takes_and_gives_back_in_one_transaction_and_touches_each_day_once(
    calls: Calls, monkeypatch: pytest.MonkeyPatch, body: dict[str, str], day_updates: int
) -> None:
    call = calls.book(bufferBeforeMinutes=10, bufferAfterMinutes=10)
    sent: list[Any] = []
    client = common.dynamodb()
    real = client.transact_write_items
    monkeypatch.setattr(client, "transact_write_items", lambda **request: (sent.append(request), real(**request))[1])
    assert calls.patch(call, body).status == 200
    (transaction,) = sent
    days = [
        part["Update"]["Key"]
        for part in transaction["TransactItems"]
        if "Update" in part and part["Update"]["Key"]["sk"]["S"].startswith("DAY#")
    ]
    assert len(days) == day_updates
    calls.check_days()


def test_links_and_id_survive_a_move(calls: Calls) -> None:
    call = calls.book()
    moved = calls.patch(call, {"scheduledAtUtc": NEXT_DAY}).json["data"]["call"]
    kept = ("id", "join_url", "host_join_url", "created_at", "booking_source", "assignment_method")
    assert {name: moved[name] for name in kept} == {name: call[name] for name in kept}
    assert (moved["revision"], moved["status"]) == (2, "scheduled")


def test_another_agent_has_another_hosts_link(calls: Calls) -> None:
    call = calls.book()
    given = calls.patch(call, {"assignedAgentId": "agent-2"}).json["data"]["call"]
    assert given["join_url"] == call["join_url"]
    assert given["host_join_url"] != call["host_join_url"]


def test_a_move_keeps_a_confirmation(calls: Calls) -> None:
    call = calls.book(requireConfirmation=True)
    assert calls.patch(call, {"scheduledAtUtc": LATER}).json["data"]["call"]["status"] == "pending_confirmation"
    calls.confirm(call)
    assert calls.patch(call, {"scheduledAtUtc": START}).json["data"]["call"]["status"] == "confirmed"


def test_a_moved_call_is_listed_where_it_is_now(calls: Calls) -> None:
    call = calls.book()
    calls.patch(call, {"scheduledAtUtc": "2026-07-01T15:00:00Z", "assignedAgentId": "agent-2"})
    listing = calls.endpoint("list", "GET")

    def found(**query: str) -> list[str]:
        return [one["id"] for one in listing(calls.path, query=query).json["data"]["calls"]]

    assert found(dateFrom="2026-05-01T00:00:00Z", dateTo="2026-06-01T00:00:00Z") == []
    assert found(dateFrom="2026-07-01T00:00:00Z", dateTo="2026-08-01T00:00:00Z") == [call["id"]]
    assert (found(agentId="agent-1"), found(agentId="agent-2")) == ([], [call["id"]])


def test_a_move_obeys_the_notice_and_the_horizon_of_the_preset(calls: Calls, clock: SetClock) -> None:
    put_app(calls.ports, calls.app_id, minimum_notice_minutes=60, horizon_days=30)
    call = calls.book()
    clock.advance(hours=1)
    assert code_of(calls.patch(call, {"scheduledAtUtc": "2026-04-22T13:59:00Z"}))[2] == "minimum_notice"
    assert calls.patch(call, {"scheduledAtUtc": "2026-04-22T14:00:00Z"}).status == 200
    assert code_of(calls.patch(call, {"scheduledAtUtc": "2026-05-22T13:01:00Z"}))[2] == "horizon"
    assert calls.patch(call, {"scheduledAtUtc": "2026-05-22T13:00:00Z"}).status == 200


def test_a_call_that_was_unassigned_gets_its_agent_and_takes_time_from_then_on(calls: Calls) -> None:
    call = calls.book(assignedAgentId=None)
    assert calls.day("agent-1", "2026-05-01") == {}
    assigned = calls.patch(call, {"assignedAgentId": "agent-1"}).json["data"]["call"]
    assert assigned["assigned_agent_id"] == "agent-1"
    assert list(calls.day("agent-1", "2026-05-01")) == [call["id"]]
    assert calls.read(call)[1][1]["payload"] == {
        "old_agent_id": None,
        "new_agent_id": "agent-1",
        "reason": None,
        "decision": None,
    }
