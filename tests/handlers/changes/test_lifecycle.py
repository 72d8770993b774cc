"""DELETE, confirm and claim: how a call ends, and how it finds its agent."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from slotline.aws import LONGEST_REQUEST
from slotline.clock import FullJitter
from slotline.usecases.shared.retrying import MAX_TRIES
from slotline.wiring import common
from tests.handlers.changes.conftest import LATER, START, Calls, code_of, writes
from tests.support.aws.requests import Failing, refusal
from tests.support.builders.apps import SetClock, put_app
from tests.support.handlers import Endpoint, forget_wiring

POOL: dict[str, Any] = {"assignedAgentId": None, "assignmentMethod": "pool"}


@dataclass
class RunningOut:
    """`Deadline` with time for so many requests."""

    requests: int

    def begin(self, context: object) -> None:
        """As it was."""

    def left(self) -> timedelta:
        self.requests -= 1
        return LONGEST_REQUEST if self.requests >= 0 else timedelta(0)


class TestCancel:
    """The row stays; the time is given back."""

    def test_a_cancelled_call_is_there_and_its_time_is_free(self, calls: Calls, clock: SetClock) -> None:
        call = calls.book()
        clock.advance(minutes=5)
        reply = calls.cancel(call, {"reason": "changed plans"})
        cancelled = reply.json["data"]["call"]
        assert reply.status == 200
        assert (cancelled["status"], cancelled["revision"]) == ("cancelled", 2)
        assert cancelled["cancelled_at"] == cancelled["updated_at"] == "2026-04-22T12:05:00.000Z"
        assert cancelled["cancellation_reason"] == "changed plans"
        shown, events = calls.read(call)
        assert shown == cancelled
        assert (events[1]["event_type"], events[1]["payload"]) == ("cancelled", {"reason": "changed plans"})
        assert calls.day("agent-1", "2026-05-01") == {}
        assert calls.book()["id"] != call["id"]
        calls.check_days()

    def test_a_reason_comes_by_body_or_by_query_or_not_at_all(self, calls: Calls) -> None:
        reasons = [
            calls.cancel(calls.book(), body, query).json["data"]["call"]["cancellation_reason"]
            for body, query in [
                ({"reason": "by body"}, None),
                (None, {"reason": "by query"}),
                ({"reason": "by body"}, {"reason": "by query"}),
                ({}, {"reason": "by query"}),
                ({"reason": None}, None),
                (None, None),
            ]
        ]
        assert reasons == ["by body", "by query", "by body", "by query", None, None]

    @pytest.mark.usefixtures("tables")
    def test_again_is_unchanged(self, calls: Calls, clock: SetClock) -> None:
        call = calls.book()
        first = calls.cancel(call, {"reason": "first"}).json["data"]["call"]
        clock.advance(hours=1)
        with calls.counted() as requests:
            again = calls.cancel(call, {"reason": "second"})
        assert (again.status, again.json["data"]["call"]) == (200, first)
        assert writes(requests) == []
        assert calls.events(call) == ["created", "cancelled"]

    def test_again_gives_no_time_back_that_another_has_taken(self, calls: Calls) -> None:
        first = calls.book()
        calls.cancel(first)
        second = calls.book()
        calls.cancel(first)
        assert list(calls.day("agent-1", "2026-05-01")) == [second["id"]]

    def test_what_is_over_is_final(self, calls: Calls) -> None:
        call = calls.book()
        for status in ("completed", "no_show"):
            calls.overwrite(call, status=status)
            assert code_of(calls.cancel(call)) == (409, "conflict", "final_state")
            assert calls.read(call)[0]["status"] == status

    def test_who_may_not_and_what_is_not_there(self, calls: Calls, others: Calls) -> None:
        call = calls.book()
        assert calls.cancel(call, scopes="scheduling:read").status == 403
        assert Endpoint("scheduled_calls/cancel", "DELETE", None)(calls.at(call)).status == 401
        theirs = others.book(assignedAgentId=None)
        assert code_of(calls.cancel(theirs["id"]))[:2] == (404, "not_found")
        assert others.read(theirs)[0]["status"] == "scheduled"
        unknown = calls.cancel(call, {"reason": "x", "notify": True})
        assert (unknown.status, unknown.error["details"][0]["field"]) == (400, "notify")
        assert code_of(calls.cancel(call, {"reason": "x" * 501}))[0] == 400
        assert code_of(calls.cancel(call, query={"reason": "x" * 501}))[0] == 400
        assert calls.read(call)[0]["status"] == "scheduled"

    def test_a_call_over_midnight_is_taken_out_of_both_days(self, calls: Calls) -> None:
        call = calls.book(scheduledAtUtc="2026-05-01T23:50:00Z", bufferAfterMinutes=10)
        assert list(calls.day("agent-1", "2026-05-02")) == [call["id"]]
        calls.cancel(call)
        assert (calls.day("agent-1", "2026-05-01"), calls.day("agent-1", "2026-05-02")) == ({}, {})


class TestConfirm:
    """From pending_confirmation to confirmed."""

    @pytest.mark.parametrize("headers", [{}, {"idempotency-key": "confirm-1"}])
    @pytest.mark.parametrize("raw", ["{bad", '{"nope": 1}', "[1]", f'{{"n": {"9" * 5000}}}'])
    def test_a_body_that_says_something_else_is_a_400(self, calls: Calls, raw: str, headers: dict[str, str]) -> None:
        call = calls.book(requireConfirmation=True)
        reply = calls.endpoint("confirm", "POST")(calls.at(call, "confirm"), raw=raw, headers=headers)
        assert code_of(reply)[:2] == (400, "invalid_request")
        assert calls.read(call)[0]["status"] == "pending_confirmation"
        for nothing in (None, "null", "{}"):
            again = calls.endpoint("confirm", "POST")(calls.at(call, "confirm"), raw=nothing, headers=headers)
            assert again.status == 200, "nothing may be said in any way"

    def test_a_pending_call_is_confirmed_once(self, calls: Calls) -> None:
        call = calls.book(requireConfirmation=True)
        assert call["status"] == "pending_confirmation"
        reply = calls.confirm(call)
        assert (reply.status, reply.json["data"]["call"]["status"]) == (200, "confirmed")
        assert calls.confirm(call).json["data"]["call"] == reply.json["data"]["call"]
        assert calls.events(call) == ["created", "confirmed"]
        calls.check_days()

    def test_a_key_gets_the_first_answer_again(self, calls: Calls) -> None:
        call = calls.book(requireConfirmation=True)
        key = {"idempotency-key": "confirm-1"}
        first, again = calls.confirm(call, headers=key), calls.confirm(call, headers=key)
        assert again.json == first.json
        assert again.headers["Idempotency-Replayed"] == "true"
        assert "Idempotency-Replayed" not in first.headers

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            ("cancelled", "final_state"),
            ("completed", "final_state"),
            ("no_show", "final_state"),
            ("started", "already_started"),
        ],
    )
    def test_what_cannot_be_confirmed(self, calls: Calls, status: str, code: str) -> None:
        call = calls.book(requireConfirmation=True)
        calls.overwrite(call, status=status)
        assert code_of(calls.confirm(call)) == (409, "conflict", code)

    def test_who_may_not_and_what_is_not_there(self, calls: Calls, others: Calls) -> None:
        theirs = others.book(assignedAgentId=None, requireConfirmation=True)
        assert code_of(calls.confirm(theirs["id"]))[:2] == (404, "not_found")
        assert calls.confirm(calls.book(), scopes="scheduling:read").status == 403


class TestClaim:
    """The time that a pool held moves to who claims the call."""

    def test_the_pool_holds_time_and_shows_no_name(self, calls: Calls) -> None:
        call = calls.book(**POOL)
        assert (call["assignment_method"], call["assigned_agent_id"]) == ("pool", None)
        assert "held_agent_id" not in call
        assert list(calls.day("agent-1", "2026-05-01")) == [call["id"]]
        assert calls.stored(call)["held_agent_id"] == "agent-1"
        calls.check_days()

    @pytest.mark.parametrize("taker", ["agent-1", "agent-2"])
    def test_the_held_agent_or_another_claims(self, calls: Calls, taker: str) -> None:
        call = calls.book(**POOL)
        reply = calls.claim(call, taker)
        assert (reply.status, reply.json["data"]["call"]["assigned_agent_id"]) == (200, taker)
        event = calls.read(call)[1][-1]
        assert (event["event_type"], event["payload"]["new_agent_id"]) == ("assigned", taker)
        taken = {agent for agent in ("agent-1", "agent-2") if calls.day(agent, "2026-05-01")}
        assert taken == {taker}
        assert calls.claim(call, taker).json["data"]["call"]["revision"] == 2, "twice is once"
        calls.check_days()

    def test_what_cannot_be_claimed(self, calls: Calls) -> None:
        call = calls.book(**POOL)
        busy = calls.book(assignedAgentId="agent-2")
        assert code_of(calls.claim(call, "agent-2")) == (409, "conflict", "slot_taken")
        assert code_of(calls.claim(call, "nobody")) == (400, "invalid_request", "unknown_agent")
        assert code_of(calls.claim(busy, "agent-2")) == (409, "conflict", "not_in_pool")
        calls.claim(call, "agent-1")
        assert code_of(calls.claim(call, "agent-2")) == (409, "conflict", "already_claimed")
        final = calls.book(**POOL, scheduledAtUtc=LATER)
        calls.cancel(final)
        assert code_of(calls.claim(final, "agent-1")) == (409, "conflict", "final_state")
        calls.set_agent("gone", active=False)
        assert code_of(calls.claim(calls.book(**POOL, scheduledAtUtc=LATER), "gone"))[2] == "agent_inactive"
        assert calls.claim(call, "agent-1", scopes="scheduling:read").status == 403
        calls.check_days()

    def test_a_key_gets_the_first_answer_again_and_binds_one_body(self, calls: Calls) -> None:
        call = calls.book(**POOL)
        key = {"idempotency-key": "claim-1"}
        first, again = calls.claim(call, "agent-2", headers=key), calls.claim(call, "agent-2", headers=key)
        assert (again.json, again.headers.get("Idempotency-Replayed")) == (first.json, "true")
        assert calls.claim(call, "agent-1", headers=key).status == 422

    def test_a_full_pool_is_a_409(self, calls: Calls) -> None:
        calls.book(**POOL)
        calls.book(**POOL)
        assert code_of(calls.asking(**POOL)) == (409, "conflict", "no_agent_available")

    def test_a_cancelled_call_of_the_pool_gives_the_held_time_back(self, calls: Calls) -> None:
        calls.cancel(calls.book(**POOL))
        assert calls.day("agent-1", "2026-05-01") == {}

    def test_a_call_of_the_pool_can_be_given_to_somebody_by_name(self, calls: Calls) -> None:
        call = calls.book(**POOL)
        assert calls.patch(call, {"assignedAgentId": "agent-2"}).json["data"]["call"]["assigned_agent_id"] == "agent-2"
        assert calls.day("agent-1", "2026-05-01") == {}
        calls.check_days()

    def test_a_call_of_the_pool_moves_with_its_hold(self, calls: Calls) -> None:
        call = calls.book(**POOL)
        calls.book(scheduledAtUtc=LATER)
        assert calls.patch(call, {"scheduledAtUtc": LATER}).status == 200
        assert calls.stored(call)["held_agent_id"] == "agent-2"
        calls.check_days()


class TestBulk:
    """The same change for up to a hundred calls: a result each."""

    def test_calls_are_cancelled_each_on_its_own(self, calls: Calls, others: Calls) -> None:
        first, second, done = (calls.book(scheduledAtUtc=f"2026-05-0{day}T15:00:00Z") for day in (1, 2, 3))
        calls.overwrite(done, status="completed")
        theirs = others.book(assignedAgentId=None)
        ids = [first["id"], done["id"], theirs["id"], second["id"], "nonsense", first["id"]]
        reply = calls.bulk({"action": "cancel", "ids": ids, "reason": "storm"})
        assert reply.status == 200
        results = reply.json["data"]["results"]
        assert [(one["id"], one["ok"]) for one in results] == [
            (first["id"], True),
            (done["id"], False),
            (theirs["id"], False),
            (second["id"], True),
            ("nonsense", False),
        ]
        assert [one["error"]["type"] for one in results if not one["ok"]] == ["conflict", "not_found", "not_found"]
        assert results[0]["status"] == "cancelled"
        assert results[0]["revision"] == 2
        assert calls.read(second)[0]["cancellation_reason"] == "storm"
        assert others.read(theirs)[0]["status"] == "scheduled"

    def test_calls_are_given_to_another_agent_where_free(self, calls: Calls) -> None:
        free, taken = calls.book(), calls.book(scheduledAtUtc=LATER)
        calls.book(scheduledAtUtc=LATER, assignedAgentId="agent-2")
        body = {"action": "reassign", "ids": [free["id"], taken["id"]], "assignedAgentId": "agent-2", "reason": "ill"}
        results = calls.bulk(body).json["data"]["results"]
        assert [one["ok"] for one in results] == [True, False]
        assert results[1]["error"]["details"][0]["code"] == "slot_taken"
        assert calls.read(free)[0]["assigned_agent_id"] == "agent-2"
        assert calls.read(taken)[0]["assigned_agent_id"] == "agent-1"
        calls.check_days()

    def test_a_key_gets_the_first_results_again_and_binds_one_body(self, calls: Calls) -> None:
        first, second = calls.book(), calls.book(scheduledAtUtc=LATER)
        body = {"action": "cancel", "ids": [first["id"], second["id"], "nonsense"]}
        key = {"idempotency-key": "bulk-1"}
        replies = [calls.bulk(body, headers=key), calls.bulk(body, headers=key)]
        assert replies[0].json == replies[1].json
        assert [reply.headers.get("Idempotency-Replayed") for reply in replies] == [None, "true"]
        assert calls.bulk(body | {"reason": "other"}, headers=key).status == 422
        assert calls.events(first) == ["created", "cancelled"]

    def test_a_request_that_broke_off_half_way_is_finished_by_its_repeat(self, calls: Calls) -> None:
        first, second = calls.book(), calls.book(scheduledAtUtc=LATER)
        key = {"idempotency-key": "bulk-2"}
        body = {"action": "reassign", "ids": [first["id"], second["id"]], "assignedAgentId": "agent-2"}
        assert calls.bulk(body, headers=key).status == 200
        receipts = calls.ports.store.receipts
        (lost,) = [place for place, receipt in receipts.items() if "results" in receipt.result]
        del receipts[lost]  # as if the function had died before it kept the whole answer
        calls.patch(first, {"assignedAgentId": "agent-1"})
        again = calls.bulk(body, headers=key)
        assert [one["revision"] for one in again.json["data"]["results"]] == [2, 2], "each call's own receipt"
        assert calls.read(first)[0]["assigned_agent_id"] == "agent-1", "what came between is not undone"

    @pytest.mark.usefixtures("tables")
    def test_what_could_not_be_decided_is_tried_again_by_the_repeat(
        self, calls: Calls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = calls.book(), calls.book(scheduledAtUtc=LATER)
        body = {"action": "cancel", "ids": [first["id"], second["id"]]}
        key = {"idempotency-key": "bulk-3"}
        throttled = [None, *[lambda _: refusal("ThrottlingException")] * MAX_TRIES]
        failing = Failing(common.dynamodb(), transact_write_items=throttled)
        with monkeypatch.context() as patch:
            patch.setattr(common, "dynamodb", lambda: failing)
            forget_wiring()
            results = calls.bulk(body, headers=key).json["data"]["results"]
        forget_wiring()
        assert [one["ok"] for one in results] == [True, False]
        again = calls.bulk(body, headers=key)
        assert "Idempotency-Replayed" not in again.headers
        assert [one["ok"] for one in again.json["data"]["results"]] == [True, True]
        assert calls.events(first) == calls.events(second) == ["created", "cancelled"]

    @pytest.mark.usefixtures("tables")
    def test_what_there_was_no_time_for_is_named_and_done_by_the_repeat(
        self, calls: Calls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        booked = [calls.book(scheduledAtUtc=f"2026-05-01T{hour}:00:00.000Z") for hour in (10, 11, 12, 13)]
        body = {"action": "cancel", "ids": [call["id"] for call in booked]}
        key = {"idempotency-key": "bulk-4"}
        deadline = RunningOut(requests=6)  # the counter, the key, two calls
        with monkeypatch.context() as patch:
            patch.setattr(common, "deadline", lambda: deadline)
            patch.setattr(common, "backoff", lambda: FullJitter(deadline, first_seconds=0, a_try=LONGEST_REQUEST))
            forget_wiring()
            results = calls.bulk(body, headers=key).json["data"]["results"]
        deadline.requests = 1_000  # the client in memory stays the same
        forget_wiring()
        assert [one["ok"] for one in results] == [True, True, False, False]
        assert {one["error"]["type"] for one in results[2:]} == {"unavailable"}
        again = calls.bulk(body, headers=key)
        assert [one["ok"] for one in again.json["data"]["results"]] == [True] * 4
        assert [calls.events(call) for call in booked] == [["created", "cancelled"]] * 4

    def test_bad_requests(self, calls: Calls) -> None:
        call = calls.book()
        bad = [
            ({"action": "cancel", "ids": []}, "ids"),
            ({"action": "cancel", "ids": ["x"] * 101}, "ids"),
            ({"action": "cancel"}, "ids"),
            ({"action": "delete", "ids": [call["id"]]}, "action"),
            ({"action": "reassign", "ids": [call["id"]]}, None),
            ({"action": "cancel", "ids": [call["id"]], "assignedAgentId": "agent-2"}, None),
            ({"action": "cancel", "ids": [7]}, "ids.0"),
            ({"action": "cancel", "ids": [call["id"]], "force": True}, "force"),
        ]
        for body, field in bad:
            reply = calls.bulk(body)
            assert (reply.status, reply.error["type"]) == (400, "invalid_request"), body
            if field:
                assert reply.error["details"][0]["field"] == field
        assert calls.bulk({"action": "cancel", "ids": [call["id"]]}, scopes="scheduling:read").status == 403
        assert calls.read(call)[0]["status"] == "scheduled"

    def test_a_hundred_ids_are_taken(self, calls: Calls) -> None:
        reply = calls.bulk({"action": "cancel", "ids": [f"nonsense-{n}" for n in range(100)]})
        assert (reply.status, len(reply.json["data"]["results"])) == (200, 100)


def test_a_pending_call_of_a_strict_preset_goes_its_whole_way(calls: Calls) -> None:
    put_app(calls.ports, calls.app_id, require_confirmation=True)
    call = calls.book(scheduledAtUtc=START)
    calls.confirm(call)
    calls.patch(call, {"scheduledAtUtc": LATER, "guestName": "Joe"})
    calls.cancel(call, {"reason": "over"})
    shown, events = calls.read(call)
    assert (shown["status"], shown["revision"]) == ("cancelled", 4)
    assert [event["event_type"] for event in events] == [
        *("created", "confirmed", "rescheduled", "updated", "cancelled"),
    ]
    assert [event["created_at"] for event in events] == sorted(event["created_at"] for event in events)
