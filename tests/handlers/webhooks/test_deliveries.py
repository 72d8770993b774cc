"""From a booking to its receiver: fan-out, delivery, the log, tests, resending, replaying."""

import json

import pytest
import time_machine
from standardwebhooks import Webhook

from slotline.wiring import common
from tests.handlers.webhooks.conftest import (
    book,
    cancel,
    deliver,
    deliver_all,
    deliveries,
    due_rows,
    events_of,
    fan_out,
    message,
    path,
    reading,
    record,
    sending,
    subscribe,
    writing,
)
from tests.support.builders.apps import NOW
from tests.support.memory.webhooks import answered

pytestmark = pytest.mark.usefixtures("app")
KEY = {"idempotency-key": "k-1"}
ALL = ["scheduled.created", "scheduled.assigned", "scheduled.cancelled"]


def bodies(receiver):
    return [json.loads(post.body) for post in receiver.posts]


def delivery(webhook_id, delivery_id):
    reply = reading()(path(webhook_id, "deliveries", delivery_id))
    assert reply.status == 200, reply.text
    return reply.json["data"]["delivery"]


class TestFanOut:
    def test_an_event_reaches_the_receiver_signed_with_the_call_as_the_api_shows_it(self, ports, receiver):
        webhook = subscribe()
        call = book()
        fan_out(events_of(ports))
        deliver_all(ports)
        (post,) = receiver.posts
        with time_machine.travel(NOW, tick=False):
            said = Webhook(webhook["secret"]).verify(post.body, dict(post.headers))
        told = said["payload"]["scheduled_call"]
        of_answers_alone = {name: call[name] for name in ("guest_url", "host_join_url")}  # who has one acts as that
        assert told["host_join_url"] is None
        assert told | of_answers_alone == call
        assert "guest_url" not in said["payload"]["scheduled_call"]
        assert call["host_join_url"].startswith("https://video.example.com/c/")
        event = said["payload"]["event"]
        assert (said["id"], said["event"], said["occurred_at"]) == (
            event["id"],
            "scheduled.created",
            event["created_at"],
        )
        assert (event["event_type"], event["actor_type"], event["actor_id"]) == ("created", "api", "client-1")
        assert said["payload"]["scheduled_call"]["booking_source"] == "api"
        assert post.headers["x-slotline-event"] == "scheduled.created"
        assert post.headers["webhook-id"] == said["id"]

    def test_only_what_is_wanted_is_sent_to_each_that_wants_it(self, ports, receiver):
        one, two = subscribe(), subscribe(events=["scheduled.cancelled"], url="https://example.com/two")
        cancel(book())
        fan_out(events_of(ports))
        deliver_all(ports)
        sent = sorted((post.url, post.headers["x-slotline-event"]) for post in receiver.posts)
        assert sent == [
            (one["url"], "scheduled.cancelled"),
            (one["url"], "scheduled.created"),
            (two["url"], "scheduled.cancelled"),
        ]

    def test_a_calls_events_come_in_order_with_rising_sequences(self, ports, receiver):
        subscribe(events=ALL)
        cancel(book(assignedAgentId=None, assignmentMethod="round_robin", scheduledAtUtc="2026-05-04T10:00:00Z"))
        fan_out(events_of(ports))
        deliver_all(ports)
        said = bodies(receiver)
        assert [one["event"] for one in said] == ["scheduled.created", "scheduled.assigned", "scheduled.cancelled"]
        assert [one["sequence"] for one in said] == sorted({one["sequence"] for one in said})

    def test_records_that_come_again_change_nothing(self, ports, receiver):
        webhook = subscribe()
        book()
        for _ in range(2):
            fan_out(events_of(ports) * 2)
        deliver_all(ports)
        fan_out(events_of(ports))
        deliver_all(ports)
        assert len(receiver.posts) == len(deliveries(webhook["id"])) == 1

    def test_what_is_no_new_event_is_passed_over(self, ports):
        webhook = subscribe()
        book()
        (inserted,) = events_of(ports)
        new = inserted["dynamodb"]["NewImage"]
        fan_out([record(new, "MODIFY", OldImage=new), record(new, "REMOVE", OldImage=new, NewImage=None)])
        assert deliveries(webhook["id"]) == []

    def test_an_event_of_a_call_that_is_gone_is_passed_over(self, ports, dead_letters):
        webhook = subscribe()
        call = book()
        records = events_of(ports)
        for row in ports.rows():
            if call["id"] in row["pk"]:
                ports.drop(row)
        fan_out(records)
        assert deliveries(webhook["id"]) == []
        assert dead_letters.letters == []

    def test_a_record_that_nobody_can_read_is_put_aside_and_the_others_go_on(self, ports, dead_letters):
        webhook = subscribe()
        book()
        good = events_of(ports)
        poison = record({"pk": {"S": "APP#a"}, "sk": {"S": "EVENT#00000001#b"}, "event_type": {"S": "strange"}})
        fan_out([poison, *good])
        assert len(deliveries(webhook["id"])) == 1
        assert len(dead_letters.letters) == 1

    def test_an_event_whose_place_another_has_is_put_aside_and_not_lost_in_silence(self, ports, dead_letters):
        subscribe()
        book()
        (inserted,) = events_of(ports)
        fan_out([inserted])
        other = {**inserted["dynamodb"]["NewImage"], "id": {"S": "another"}}
        fan_out([record(other)])
        assert len(dead_letters.letters) == 1

    def test_a_paused_one_keeps_it_and_a_disabled_one_does_not(self, ports, receiver):
        paused, gone = subscribe(), subscribe()
        writing("PATCH")(path(paused["id"]), {"status": "paused"})
        receiver.otherwise = answered(410)
        book()
        fan_out(events_of(ports))
        deliver_all(ports)
        assert [found["status"] for found in deliveries(paused["id"])] == ["held"]
        assert reading()(path(gone["id"])).json["data"]["webhook"]["status"] == "disabled"
        book(scheduledAtUtc="2026-05-05T10:00:00Z")
        fan_out(events_of(ports))
        assert len(deliveries(gone["id"])) == 1


class TestDelivering:
    def test_a_message_that_comes_again_sends_nothing(self, ports, receiver):
        subscribe()
        book()
        fan_out(events_of(ports))
        (row,) = due_rows(ports)
        assert deliver([message(row)] * 2) == {"batchItemFailures": []}
        assert len(receiver.posts) == 1

    def test_a_message_that_nobody_can_read_fails_alone(self, ports, receiver):
        subscribe()
        book()
        fan_out(events_of(ports))
        (row,) = due_rows(ports)
        answer = deliver([{"messageId": "bad", "body": "{}"}, message(row)])
        assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
        assert len(receiver.posts) == 1

    def test_the_log_shows_what_the_receiver_answered(self, ports, receiver, clock):
        webhook = subscribe()
        call = book()
        receiver.answers.append(answered(503))
        fan_out(events_of(ports))
        deliver_all(ports)
        (shown,) = deliveries(webhook["id"])
        assert shown["id"] == f"call-{call['id']}-16"
        assert (shown["status"], shown["attempts"]) == ("pending", 1)
        assert shown["next_attempt_at"] > "2026-04-22T12:00:04"
        clock.advance(seconds=10)
        deliver_all(ports)
        after = delivery(webhook["id"], shown["id"])
        assert (after["status"], after["attempts"], after["next_attempt_at"]) == ("delivered", 2, None)
        assert [(one["number"], one["status"], one["excerpt"]) for one in after["log"]] == [
            (1, 503, "no"),
            (2, 200, "thanks"),
        ]
        assert after["body"].encode() == receiver.posts[0].body == receiver.posts[1].body

    def test_neither_secrets_nor_what_was_sent_are_logged(self, ports, receiver, capsys):
        webhook = subscribe(url="https://example.com/hooks?token=hidden")
        book()
        receiver.answers.append(answered(500))
        fan_out(events_of(ports))
        deliver_all(ports)
        printed = capsys.readouterr().out
        for hidden in (webhook["secret"], "jane@example.com", "Zoë", "hidden"):
            assert hidden not in printed


class TestLog:
    def test_by_status_and_by_page(self, ports, receiver, clock):
        webhook = subscribe()
        receiver.answers.append(answered(500))
        for day in range(4, 8):
            clock.advance(seconds=1)
            book(scheduledAtUtc=f"2026-05-0{day}T10:00:00Z")
        fan_out(events_of(ports))
        deliver_all(ports)
        newest_first = [found["id"] for found in deliveries(webhook["id"])]
        assert len(newest_first) == 4
        assert len(deliveries(webhook["id"], status="delivered")) == 3
        (pending,) = deliveries(webhook["id"], status="pending")
        assert pending["id"] in newest_first
        first = reading()(path(webhook["id"], "deliveries"), query={"limit": "3"}).json
        assert first["pagination"]["hasMore"] is True
        assert first["pagination"]["total"] is None
        rest = deliveries(webhook["id"], limit="3", cursor=first["pagination"]["nextCursor"])
        assert [found["id"] for found in first["data"]["deliveries"] + rest] == newest_first

    @pytest.mark.parametrize("query", [{"status": "lost"}, {"limit": "0"}, {"limit": "201"}, {"cursor": "x"}])
    def test_bad_questions(self, query):
        assert reading()(path(subscribe()["id"], "deliveries"), query=query).status == 400


class TestPing:
    def test_it_is_sent_and_its_outcome_is_in_the_log(self, ports, receiver):
        webhook = subscribe()
        reply = sending()(path(webhook["id"], "test"))
        assert (reply.status, reply.json["data"]["delivery"]["status"]) == (202, "pending")
        deliver_all(ports)
        (said,) = bodies(receiver)
        assert (said["event"], said["sequence"], said["payload"]) == ("ping", 0, {})
        after = delivery(webhook["id"], reply.json["data"]["delivery"]["id"])
        assert (after["event"], after["status"]) == ("ping", "delivered")

    def test_it_tries_a_paused_one_too(self, ports, receiver):
        webhook = subscribe()
        writing("PATCH")(path(webhook["id"]), {"status": "paused"})
        assert sending()(path(webhook["id"], "test")).status == 202
        deliver_all(ports)
        assert len(receiver.posts) == 1

    def test_the_same_key_sends_one(self, ports, receiver):
        webhook = subscribe()
        first, second = (sending()(path(webhook["id"], "test"), headers=KEY) for _ in range(2))
        assert first.text == second.text
        deliver_all(ports)
        assert len(receiver.posts) == 1


class TestResend:
    def test_a_delivered_one_is_sent_again_with_the_same_bytes(self, ports, receiver):
        webhook = subscribe()
        book()
        fan_out(events_of(ports))
        deliver_all(ports)
        (shown,) = deliveries(webhook["id"])
        reply = sending()(path(webhook["id"], "deliveries", shown["id"], "resend"))
        assert (reply.status, reply.json["data"]["delivery"]["status"]) == (202, "pending")
        deliver_all(ports)
        first, second = receiver.posts
        assert first.body == second.body
        assert second.headers["x-slotline-delivery"] == f"{webhook['id']}:2"
        (*_, entry) = ports.audited()
        assert (entry.action, entry.subject_id, entry.after["delivery_id"]) == (
            "webhook.resent",
            webhook["id"],
            shown["id"],
        )

    def test_one_that_is_due_is_left_alone(self, ports, receiver):
        webhook = subscribe()
        book()
        fan_out(events_of(ports))
        (row,) = due_rows(ports)
        (shown,) = deliveries(webhook["id"])
        for _ in range(2):
            assert sending()(path(webhook["id"], "deliveries", shown["id"], "resend"), headers=KEY).status == 202
        assert due_rows(ports) == [row]
        assert "webhook.resent" not in [entry.action for entry in ports.audited()]
        deliver_all(ports)
        assert len(receiver.posts) == 1

    def test_the_same_key_sends_it_once(self, ports, receiver):
        webhook = subscribe()
        book()
        fan_out(events_of(ports))
        deliver_all(ports)
        (shown,) = deliveries(webhook["id"])
        address = path(webhook["id"], "deliveries", shown["id"], "resend")
        first = sending()(address, headers=KEY)
        deliver_all(ports)
        second = sending()(address, headers=KEY)
        deliver_all(ports)
        assert first.text == second.text
        assert second.headers["Idempotency-Replayed"] == "true"
        assert len(receiver.posts) == 2

    def test_not_while_the_webhook_is_paused(self, ports):
        webhook = subscribe()
        book()
        fan_out(events_of(ports))
        (shown,) = deliveries(webhook["id"])
        writing("PATCH")(path(webhook["id"]), {"status": "paused"})
        for reply in (
            sending()(path(webhook["id"], "deliveries", shown["id"], "resend")),
            sending()(path(webhook["id"], "replay"), {"since": "2026-04-22T12:00:00Z"}),
        ):
            assert (reply.status, reply.error["details"][0]["code"]) == (409, "webhook_not_active")


class TestReplay:
    def replay(self, webhook, **body):
        reply = sending()(path(webhook["id"], "replay"), {"since": "2026-04-22T12:00:00Z", **body})
        assert reply.status == 202, reply.text
        return reply.json["data"]

    def test_what_was_held_while_it_was_paused_goes_out_in_order(self, ports, receiver):
        webhook = subscribe()
        writing("PATCH")(path(webhook["id"]), {"status": "paused"})
        cancel(book())
        fan_out(events_of(ports))
        deliver_all(ports)
        assert receiver.posts == []
        writing("PATCH")(path(webhook["id"]), {"status": "active"})
        assert self.replay(webhook) == {"replayed": 2, "next_cursor": None}
        deliver_all(ports)
        assert [said["event"] for said in bodies(receiver)] == ["scheduled.created", "scheduled.cancelled"]

    def test_of_the_span_asked_for(self, ports, receiver, clock):
        webhook = subscribe()
        for day in range(4, 7):
            book(scheduledAtUtc=f"2026-05-0{day}T10:00:00Z")
            clock.advance(minutes=1)
        fan_out(events_of(ports))
        deliver_all(ports)
        receiver.posts.clear()
        span = {"since": "2026-04-22T12:01:00Z", "until": "2026-04-22T12:02:00Z"}
        assert self.replay(webhook, **span) == {"replayed": 1, "next_cursor": None}
        deliver_all(ports)
        assert [said["occurred_at"] for said in bodies(receiver)] == ["2026-04-22T12:01:00.000Z"]
        (*_, entry) = ports.audited()
        assert (entry.action, entry.subject_id, entry.after["deliveries"]) == ("webhook.replayed", webhook["id"], 1)

    def test_as_many_as_one_request_can_see_to_and_the_rest_by_cursor(self, ports, receiver, monkeypatch):
        monkeypatch.setattr("slotline.usecases.webhooks.resend_deliveries.REPLAYED_AT_ONCE", 2)
        webhook = subscribe()
        for day in range(4, 7):
            book(scheduledAtUtc=f"2026-05-0{day}T10:00:00Z")
        fan_out(events_of(ports))
        deliver_all(ports)
        receiver.posts.clear()
        first = self.replay(webhook)
        assert first["replayed"] == 2
        assert self.replay(webhook, cursor=first["next_cursor"]) == {"replayed": 1, "next_cursor": None}
        deliver_all(ports)
        assert len({said["id"] for said in bodies(receiver)}) == len(receiver.posts) == 3

    def test_pings_are_left_out_and_what_is_due_is_left_alone(self, ports):
        webhook = subscribe()
        sending()(path(webhook["id"], "test"))
        book()
        fan_out(events_of(ports))
        assert self.replay(webhook) == {"replayed": 0, "next_cursor": None}

    def test_the_same_key_replays_once(self, ports, receiver):
        webhook = subscribe()
        book()
        fan_out(events_of(ports))
        deliver_all(ports)
        body = {"since": "2026-04-22T12:00:00Z"}
        first = sending()(path(webhook["id"], "replay"), body, headers=KEY)
        deliver_all(ports)
        second = sending()(path(webhook["id"], "replay"), body, headers=KEY)
        deliver_all(ports)
        assert first.text == second.text
        assert len(receiver.posts) == 2

    @pytest.mark.parametrize("body", [{}, {"since": "yesterday"}, {"since": "2026-04-22T12:00:00Z", "cursor": "x"}])
    def test_bad_spans(self, body):
        assert sending()(path(subscribe()["id"], "replay"), body).status == 400


def test_deliveries_are_kept_for_thirty_days(ports, clock):
    webhook = subscribe()
    book()
    fan_out(events_of(ports))
    deliver_all(ports)
    (row,) = [row for row in ports.rows() if row["sk"].startswith("DELIVERY#")]
    assert row["expires_at"] == int(NOW.timestamp()) + 30 * 24 * 3600
    clock.advance(days=30)
    assert common.clock().now() > NOW
    assert deliveries(webhook["id"]) == []
