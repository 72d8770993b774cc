"""The course of a delivery: when it is tried again, when it is given up, and in which order."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.booking.calls import EventType
from slotline.domain.webhooks.deliveries import (
    ATTEMPTS_KEPT,
    DELAYS,
    KEPT_FOR,
    LEASE,
    LONGEST_EXCERPT,
    SPREAD,
    Delivery,
    DeliveryAttempt,
    DeliveryStatus,
    Place,
    delivery_to,
)
from slotline.domain.webhooks.subscriptions import (
    DIAL_EVENTS,
    SUBSCRIBABLE,
    OutboundEvent,
    Subject,
    SubjectKind,
    WebhookEvent,
    WebhookStatus,
    webhook_event_of,
)
from tests.support.builders.apps import NOW
from tests.support.memory.webhooks import a_delivery, a_subscription

ERROR = DeliveryAttempt(number=1, at=NOW, duration_ms=5, status=500, excerpt="no")
OK = replace(ERROR, status=200)


def failed(tries: int, retry_after: str | None = None, **changes: object) -> Delivery:
    """A delivery after so many attempts of its round, all in vain."""
    return a_delivery(attempts=tries, round_began_at=NOW, **changes).failed(ERROR, retry_after, NOW)


class TestSchedule:
    @pytest.mark.parametrize("tries", range(1, len(DELAYS)))
    def test_after_each_failure_it_waits_for_the_next_delay_give_or_take_a_tenth(self, tries: int) -> None:
        after = failed(tries)
        assert after.status is DeliveryStatus.PENDING
        assert after.due_at
        assert DELAYS[tries] * (1 - SPREAD) <= after.due_at - NOW <= DELAYS[tries] * (1 + SPREAD)

    def test_all_delays_together_are_about_three_days(self) -> None:
        assert timedelta(days=3) <= sum(DELAYS, timedelta(0)) <= timedelta(days=3, hours=12)
        assert list(DELAYS) == sorted(DELAYS)

    def test_after_the_last_delay_it_is_given_up(self) -> None:
        after = failed(len(DELAYS))
        assert (after.status, after.due_at) == (DeliveryStatus.FAILED, None)

    def test_two_deliveries_do_not_wait_equally_long_and_one_always_does(self) -> None:
        waits = {failed(4, event_id=f"event-{number}").due_at for number in range(20)}
        assert len(waits) > 15
        assert failed(4) == failed(4)

    def test_many_deliveries_wait_anything_from_a_tenth_less_to_a_tenth_more(self) -> None:
        due = [failed(4, event_id=f"event-{number}").due_at for number in range(2_000)]
        shares = [(at - NOW) / DELAYS[4] for at in due if at]
        assert min(shares) < 1 - 0.9 * SPREAD
        assert max(shares) > 1 + 0.9 * SPREAD

    @given(st.text(alphabet="abcdef0123456789-", min_size=1))
    def test_the_spread_is_never_more_than_a_tenth(self, event_id: str) -> None:
        due_at = failed(5, event_id=event_id).due_at
        assert due_at
        assert abs((due_at - NOW) / DELAYS[5] - 1) <= SPREAD

    @pytest.mark.parametrize("status", [100, 199, 300, 301, 307, 400, 404, 429, 500, 503])
    def test_only_2xx_is_success(self, status: int) -> None:
        assert not replace(ERROR, status=status).succeeded

    @pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
    def test_any_2xx_is_success(self, status: int) -> None:
        assert replace(ERROR, status=status).succeeded

    def test_no_answer_is_no_success(self) -> None:
        assert not DeliveryAttempt(number=1, at=NOW, duration_ms=5, error="timed out").succeeded

    def test_who_is_gone_is_not_tried_again(self) -> None:
        after = a_delivery(attempts=1).failed(replace(ERROR, status=410), "60", NOW)
        assert (after.status, after.due_at) == (DeliveryStatus.FAILED, None)

    def test_a_ping_is_sent_once(self) -> None:
        assert failed(1, event=WebhookEvent.PING).status is DeliveryStatus.FAILED


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("3600", 3600),
            (" 3600 ", 3600),
            ("Wed, 22 Apr 2026 13:00:00 GMT", 3600),
            ("Wed, 22 Apr 2026 13:00:00 -0000", 3600),
            ("Wed, 22 Apr 2026 15:00:00 +0200", 3600),
            ("999999999999999999999", 24 * 3600),
            ("172800", 24 * 3600),
            ("Wed, 22 Apr 2099 13:00:00 GMT", 24 * 3600),
        ],
    )
    def test_it_puts_the_next_attempt_off_by_a_day_at_most(self, header: str, seconds: int) -> None:
        assert failed(1, header).due_at == NOW + timedelta(seconds=seconds)

    @pytest.mark.parametrize(
        "header",
        ["0", "1", "-5", "soon", "", "1.5", "Wed, 22 Apr 2020 13:00:00 GMT", "Wed, 99 Apr 2026 99:00:00 GMT", "١٢"],
    )
    def test_it_never_brings_it_nearer_and_nonsense_says_nothing(self, header: str) -> None:
        assert failed(1, header) == failed(1)

    @given(st.text(max_size=40))
    def test_whatever_a_receiver_says_there_is_a_next_attempt_within_a_day_and_a_bit(self, header: str) -> None:
        due_at = failed(1, header).due_at
        assert due_at
        assert NOW < due_at <= NOW + timedelta(hours=24)

    def test_it_does_not_give_another_attempt(self) -> None:
        assert failed(len(DELAYS), "60").status is DeliveryStatus.FAILED


class TestClaim:
    def test_it_counts_the_attempt_and_is_due_again_when_the_lease_ends(self) -> None:
        claimed = a_delivery().claimed("claim", NOW)
        assert (claimed.attempts, claimed.tries, claimed.due_at) == (1, 1, NOW + LEASE)
        assert claimed.round_began_at == NOW
        later = claimed.claimed("claim", NOW + LEASE)
        assert (later.attempts, later.round_began_at) == (2, NOW)


class TestOrder:
    def test_who_waits_looks_again_after_the_one_before(self) -> None:
        earlier = a_delivery(16, due_at=NOW + timedelta(hours=2))
        due_at = a_delivery(17).behind(earlier, NOW).due_at
        assert due_at
        assert earlier.due_at
        assert earlier.due_at < due_at < earlier.due_at + LEASE

    def test_it_waits_even_for_one_that_should_have_gone_long_ago(self) -> None:
        due_at = a_delivery(17).behind(a_delivery(16, due_at=NOW - timedelta(hours=2)), NOW).due_at
        assert due_at
        assert due_at > NOW

    def test_who_has_only_waited_is_woken(self) -> None:
        waiting = a_delivery(due_at=NOW + timedelta(hours=2))
        assert waiting.now_due(NOW).due_at == NOW

    @pytest.mark.parametrize(
        "other",
        [
            a_delivery().claimed("claim", NOW),
            failed(3),
            a_delivery(due_at=NOW),
            a_delivery(status=DeliveryStatus.DELIVERED, due_at=None),
            a_delivery(status=DeliveryStatus.HELD, due_at=None),
        ],
        ids=["under way", "failing by itself", "due", "delivered", "held"],
    )
    def test_nobody_else_is(self, other: Delivery) -> None:
        assert other.now_due(NOW) is other


class TestAgain:
    @pytest.mark.parametrize(
        "before",
        [
            a_delivery(status=DeliveryStatus.DELIVERED, due_at=None, attempts=3, round_began_at=NOW, log=(OK,)),
            a_delivery(status=DeliveryStatus.FAILED, due_at=None, attempts=10, round_began_at=NOW),
            a_delivery(status=DeliveryStatus.HELD, due_at=None),
            failed(3),
        ],
        ids=["delivered", "failed", "held", "waiting for its next attempt"],
    )
    def test_it_is_due_at_once_with_all_attempts_before_it(self, before: Delivery) -> None:
        again = before.sent_anew(NOW)
        assert (again.status, again.due_at, again.tries) == (DeliveryStatus.PENDING, NOW, 0)
        assert (again.attempts, again.body, again.log) == (before.attempts, before.body, before.log)
        assert again.round_began_at is None, "a new round, in which a success may show a living receiver"
        claimed = again.claimed("claim", NOW)
        assert claimed.failed(ERROR, None, NOW).due_at == again.claimed("claim", NOW).failed(ERROR, None, NOW).due_at
        assert (claimed.attempts, claimed.tries) == (before.attempts + 1, 1)

    @pytest.mark.parametrize(
        "before",
        [a_delivery(), a_delivery().claimed("claim", NOW), a_delivery(due_at=NOW + timedelta(hours=2))],
        ids=["due", "under way", "waiting for an earlier one"],
    )
    def test_one_on_its_way_is_left_alone(self, before: Delivery) -> None:
        assert before.sent_anew(NOW) is before

    def test_it_is_kept_as_long_as_it_may_be_tried(self) -> None:
        old = a_delivery(status=DeliveryStatus.HELD, due_at=None, expires_at=NOW + timedelta(days=1))
        assert old.sent_anew(NOW).expires_at == NOW + KEPT_FOR


class TestDeadReceivers:
    GIVEN_UP = failed(len(DELAYS))

    def test_one_given_up_with_no_success_since_its_first_attempt_shows_a_dead_receiver(self) -> None:
        assert self.GIVEN_UP.shows_dead(a_subscription())
        assert self.GIVEN_UP.shows_dead(a_subscription(last_success_at=NOW - timedelta(seconds=1)))

    def test_a_success_since_then_shows_a_living_one(self) -> None:
        assert not self.GIVEN_UP.shows_dead(a_subscription(last_success_at=NOW))

    def test_one_that_is_tried_again_shows_nothing_and_neither_does_a_ping(self) -> None:
        assert not failed(3).shows_dead(a_subscription())
        assert not failed(1, event=WebhookEvent.PING).shows_dead(a_subscription())


class TestLog:
    def test_it_keeps_the_last_attempts_and_the_start_of_what_was_said(self) -> None:
        delivery = a_delivery()
        for number in range(1, ATTEMPTS_KEPT + 6):
            delivery = delivery.failed(replace(ERROR, number=number, excerpt="x" * 2048), None, NOW)
        assert [attempt.number for attempt in delivery.log] == list(range(6, ATTEMPTS_KEPT + 6))
        assert {len(attempt.excerpt or "") for attempt in delivery.log} == {LONGEST_EXCERPT}


class TestIds:
    @pytest.mark.parametrize("subject_id", ["01968c2e-7a00-7000-8000-00000000ca11", "call_1", "a"])
    def test_an_id_names_its_place(self, subject_id: str) -> None:
        place = a_delivery(17, subject_id).place
        assert Place.of_id(place.app_id, place.webhook_id, place.id) == place

    @pytest.mark.parametrize(
        "bad",
        [
            "",
            "call",
            "call-1",
            "call-a-",
            "call-a-x",
            "call-a-017",
            "call--1",
            "call-a#b-1",
            "guest-a-1",
            "call-a-1234567890123",
        ],
    )
    def test_what_is_no_id_names_none(self, bad: str) -> None:
        assert Place.of_id("app", "webhook", bad) is None

    @given(st.text(max_size=60))
    def test_no_two_ids_name_one_place(self, text: str) -> None:
        place = Place.of_id("app", "webhook", text)
        assert place is None or place.id == text


def happened(**changes: object) -> OutboundEvent:
    values: dict[str, object] = {
        "id": "event-1",
        "event": WebhookEvent.CREATED,
        "subject": Subject(kind=SubjectKind.CALL, id="call-1"),
        "sequence": 17,
        "occurred_at": NOW,
        "payload": {"scheduled_call": {"guest_name": "Zoë"}},
        **changes,
    }
    return OutboundEvent(**values)  # type: ignore[arg-type]


def test_the_body_says_what_happened_in_utf_8() -> None:
    assert happened().body == (
        '{"id":"event-1","event":"scheduled.created","occurred_at":"2026-04-22T12:00:00.000Z","sequence":17,'
        '"payload":{"scheduled_call":{"guest_name":"Zoë"}}}'
    )


def test_an_active_subscription_gets_it_at_once_and_a_paused_one_keeps_it() -> None:
    at_once = delivery_to(a_subscription(), happened(), NOW)
    assert (at_once.status, at_once.due_at, at_once.body) == (DeliveryStatus.PENDING, NOW, happened().body)
    assert (at_once.event, at_once.event_id, at_once.occurred_at) == (WebhookEvent.CREATED, "event-1", NOW)
    kept = delivery_to(a_subscription(status=WebhookStatus.PAUSED), happened(), NOW)
    assert (kept.status, kept.due_at) == (DeliveryStatus.HELD, None)


def test_a_ping_goes_out_whatever_the_status() -> None:
    for status in WebhookStatus:
        sent = delivery_to(a_subscription(status=status), happened(event=WebhookEvent.PING), NOW)
        assert sent.status is DeliveryStatus.PENDING


def test_a_subscription_wants_what_it_names_and_a_disabled_one_nothing() -> None:
    created = a_subscription(events=(WebhookEvent.CREATED,))
    assert created.wants(WebhookEvent.CREATED)
    assert not created.wants(WebhookEvent.CANCELLED)
    assert replace(created, status=WebhookStatus.PAUSED).wants(WebhookEvent.CREATED)
    assert not replace(created, status=WebhookStatus.DISABLED).wants(WebhookEvent.CREATED)


@pytest.mark.parametrize("kind", list(SubjectKind))
def test_what_is_dialled_goes_only_where_dials_are_told_of(kind: SubjectKind) -> None:
    subject = Subject(kind=kind, id="subject-1")
    assert a_subscription(dials_of="org").hears_of(subject)
    assert a_subscription(dials_of=None).hears_of(subject) == (not kind.is_dialing)


def test_every_event_of_a_timeline_has_a_name() -> None:
    names = {webhook_event_of(event_type) for event_type in EventType}
    assert names == set(SUBSCRIBABLE) - DIAL_EVENTS
    assert webhook_event_of(EventType.NO_SHOW) is WebhookEvent.NO_SHOW
    assert webhook_event_of(EventType.REMINDER_SENT) is WebhookEvent.REMINDER_SENT
