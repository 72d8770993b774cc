"""A delivery is due: what is sent, what is written down, and what a crash in between makes of it."""

from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
import time_machine
from standardwebhooks import Webhook

from slotline.domain.webhooks.deliveries import DELAYS, LEASE, Delivery, DeliveryStatus
from slotline.domain.webhooks.subscriptions import (
    RetiringSecret,
    StatusReason,
    Subject,
    SubjectKind,
    Subscription,
    WebhookEvent,
    WebhookStatus,
)
from slotline.ports.shared import AddressRefused, EgressAnswer, EgressFailedError, StoreBusyError
from slotline.usecases.webhooks.deliver_event import DeliverEvent
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.bookings import APP_ID, an_app
from tests.support.memory.faults import Crashed, Fault, Faults
from tests.support.memory.running import NumberedIds
from tests.support.memory.store import MemoryStore
from tests.support.memory.webhooks import (
    OK,
    OTHER_SECRET,
    SECRET,
    WEBHOOK_ID,
    MemoryDeliveries,
    MemoryWebhooks,
    Receiver,
    a_delivery,
    a_place,
    a_subscription,
    answered,
    wake_up,
)

PING = a_delivery(
    0, "ping-1", place=a_place(0, subject=Subject(kind=SubjectKind.PING, id="ping-1")), event=WebhookEvent.PING
)


@dataclass
class Post:
    """The store, a receiver, and the queue: whatever is due is brought to the use case."""

    clock: SetClock = field(default_factory=SetClock)
    world: SetClock | None = None
    receiver: Receiver = field(default_factory=Receiver)
    ids: NumberedIds = field(default_factory=NumberedIds)
    store: MemoryStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = MemoryStore(self.clock)
        self.store.apps[APP_ID] = an_app()
        self.subscribe()

    def subscribe(self, **changes: object) -> None:
        self.store.webhooks[APP_ID, WEBHOOK_ID] = a_subscription(**changes)

    def put(self, *deliveries: Delivery) -> None:
        self.store.deliveries |= {delivery.place: delivery for delivery in deliveries}

    @property
    def subscription(self) -> Subscription:
        return self.store.webhooks[APP_ID, WEBHOOK_ID]

    def now_of(self, delivery: Delivery) -> Delivery:
        return self.store.deliveries[delivery.place]

    def deliver(self, delivery: Delivery, faults: Faults | None = None) -> DeliveryStatus | None:
        store = self.store.with_faults(faults or Faults())
        act = DeliverEvent(
            webhooks=MemoryWebhooks(store),
            deliveries=MemoryDeliveries(store),
            egress=self.receiver,
            clock=self.clock,
            world=self.world or self.clock,
            ids=self.ids,
        )
        return act(wake_up(delivery))

    def run(self, faults: Faults | None = None, *, until: timedelta = timedelta(days=30)) -> None:
        """Time passes, from one due row to the next, until nothing is due any more."""
        end = NOW + until
        for _ in range(1000):
            due = [one for one in self.store.deliveries.values() if one.due_at and one.due_at < end]
            if not due:
                return
            first = min(due, key=lambda one: (one.due_at, one.place.sequence))
            assert first.due_at
            self.clock.instant = max(self.clock.now(), first.due_at)
            with suppress(Crashed, StoreBusyError):
                self.deliver(first, faults)
        raise AssertionError("it never comes to an end")

    @property
    def sent(self) -> list[str]:
        """The events that reached the receiver, in order."""
        return [post.headers["webhook-id"] for post in self.receiver.posts]


@pytest.fixture
def post() -> Post:
    return Post()


class TestOneDelivery:
    def test_it_is_sent_signed_and_delivered(self, post: Post) -> None:
        post.put(a_delivery())
        post.clock.advance(seconds=3)
        assert post.deliver(a_delivery()) is DeliveryStatus.DELIVERED
        (sent,) = post.receiver.posts
        assert (sent.url, sent.body) == ("https://example.com/hooks", a_delivery().body.encode())
        assert sent.headers["x-slotline-delivery"] == f"{WEBHOOK_ID}:1"
        assert sent.headers["webhook-timestamp"] == str(int(post.clock.now().timestamp()))
        after = post.now_of(a_delivery())
        assert (after.status, after.due_at, after.delivered_at) == (
            DeliveryStatus.DELIVERED,
            None,
            post.clock.now(),
        )
        (attempt,) = after.log
        assert (attempt.number, attempt.status, attempt.excerpt) == (1, 200, "thanks")
        assert post.subscription.last_success_at == post.clock.now()

    def test_how_long_it_took_is_written_down(self, post: Post) -> None:
        def slowly() -> EgressAnswer:
            post.clock.advance(milliseconds=1234)
            return OK

        post.receiver.answers.append(slowly)
        post.put(a_delivery())
        post.deliver(a_delivery())
        after = post.now_of(a_delivery())
        assert (after.log[0].at, after.log[0].duration_ms) == (NOW, 1234)
        assert after.delivered_at == post.clock.now(), "when it was delivered, not when it was sent"

    def test_it_is_stamped_with_the_time_that_receivers_have(self, post: Post) -> None:
        """The system's own clock may have been moved on; a receiver refuses what is more than five minutes off."""
        post.world = SetClock(NOW - timedelta(days=30))
        post.put(a_delivery())
        post.deliver(a_delivery())
        (sent,) = post.receiver.posts
        assert sent.headers["webhook-timestamp"] == str(int(post.world.now().timestamp()))
        with time_machine.travel(post.world.now(), tick=False):
            Webhook(SECRET).verify(sent.body, dict(sent.headers))
        assert post.now_of(a_delivery()).delivered_at == post.clock.now()

    def test_a_second_message_for_it_does_nothing(self, post: Post) -> None:
        post.put(a_delivery())
        assert post.deliver(a_delivery()) is DeliveryStatus.DELIVERED
        assert post.deliver(a_delivery()) is None
        assert len(post.receiver.posts) == 1

    def test_a_message_that_comes_while_it_is_under_way_does_nothing(self, post: Post) -> None:
        again: list[DeliveryStatus | None] = []

        def meanwhile() -> EgressAnswer:
            again.append(post.deliver(a_delivery()))
            return OK

        post.receiver.answers.append(meanwhile)
        post.put(a_delivery())
        post.deliver(a_delivery())
        assert again == [None]
        assert len(post.receiver.posts) == 1

    def test_a_message_for_one_that_is_gone_does_nothing(self, post: Post) -> None:
        assert post.deliver(a_delivery()) is None
        assert post.receiver.posts == []

    def test_what_fails_is_tried_until_it_succeeds_with_the_same_bytes(self, post: Post) -> None:
        post.receiver.answers.extend(
            [answered(500), EgressFailedError("timed out"), answered(302), AddressRefused("private"), answered(404)]
        )
        post.put(a_delivery())
        post.run()
        assert len(post.receiver.posts) == 6
        assert len({sent.body for sent in post.receiver.posts}) == 1
        assert {sent.headers["webhook-id"] for sent in post.receiver.posts} == {"event-16"}
        assert [sent.headers["x-slotline-delivery"] for sent in post.receiver.posts] == [
            f"{WEBHOOK_ID}:{number}" for number in range(1, 7)
        ]
        after = post.now_of(a_delivery())
        assert after.status is DeliveryStatus.DELIVERED
        assert [(attempt.status, attempt.error) for attempt in after.log] == [
            (500, None),
            (None, "timed out"),
            (302, None),
            (None, "private"),
            (404, None),
            (200, None),
        ]

    def test_retry_after_is_waited_for(self, post: Post) -> None:
        post.receiver.answers.append(answered(503, retry_after="3600"))
        post.put(a_delivery())
        post.deliver(a_delivery())
        assert post.now_of(a_delivery()).due_at == NOW + timedelta(hours=1)

    def test_the_secrets_of_the_attempt_sign_it_not_those_of_the_event(self, post: Post) -> None:
        post.receiver.answers.append(answered(500))
        post.put(a_delivery())
        post.deliver(a_delivery())
        post.subscribe(secret=OTHER_SECRET, retiring=(RetiringSecret(secret=SECRET, until=NOW + timedelta(hours=1)),))
        post.run()
        first, second = (sent.headers["webhook-signature"].split(" ") for sent in post.receiver.posts)
        assert (len(first), len(second)) == (1, 2)


class TestTheSubscription:
    def test_the_first_failure_is_remembered_and_a_success_forgets_it(self, post: Post) -> None:
        post.receiver.answers.extend([answered(500), answered(500)])
        post.put(a_delivery())
        post.deliver(a_delivery())
        assert post.subscription.first_failure_at == NOW
        post.run()
        assert post.subscription.first_failure_at is None
        assert post.subscription.last_success_at == post.clock.now()

    def test_a_success_is_noted_once_a_minute(self, post: Post) -> None:
        for number, seconds in enumerate((0, 30, 90)):
            post.clock.instant = NOW + timedelta(seconds=seconds)
            post.put(a_delivery(16, f"call-{number}", due_at=post.clock.now()))
            post.deliver(a_delivery(16, f"call-{number}", due_at=post.clock.now()))
            assert post.subscription.last_success_at == NOW + timedelta(seconds=0 if seconds < 60 else 90)

    def test_410_disables_it_and_what_is_on_its_way_is_held(self, post: Post) -> None:
        post.receiver.otherwise = answered(410)
        post.put(a_delivery(16), a_delivery(17))
        post.run()
        assert post.sent == ["event-16"]
        assert post.subscription.status is WebhookStatus.DISABLED
        assert post.subscription.status_reason is StatusReason.GONE
        assert post.subscription.status_since == NOW
        assert post.now_of(a_delivery(16)).status is DeliveryStatus.FAILED
        assert post.now_of(a_delivery(17)).status is DeliveryStatus.HELD

    def test_where_nothing_gets_through_for_three_days_it_is_paused_and_says_why(self, post: Post) -> None:
        post.receiver.otherwise = answered(500)
        post.put(a_delivery(16), a_delivery(16, "call-2"))
        post.run()
        assert post.subscription.status is WebhookStatus.PAUSED
        assert post.subscription.status_reason is StatusReason.FAILING
        assert post.subscription.first_failure_at == NOW
        assert post.clock.now() - NOW > timedelta(days=2, hours=12)
        statuses = sorted(found.status for found in post.store.deliveries.values())
        assert statuses == [DeliveryStatus.FAILED, DeliveryStatus.HELD]

    def test_where_something_else_gets_through_it_is_not(self, post: Post) -> None:
        post.put(a_delivery(attempts=len(DELAYS) - 1, round_began_at=NOW - timedelta(days=3)))

        def meanwhile() -> EgressAnswer:
            post.subscribe(last_success_at=NOW)
            return answered(500)

        post.receiver.answers.append(meanwhile)
        assert post.deliver(a_delivery()) is DeliveryStatus.FAILED
        assert post.subscription.status is WebhookStatus.ACTIVE

    def test_a_new_address_is_not_paused_for_the_old_ones_failures(self, post: Post) -> None:
        post.put(a_delivery(attempts=len(DELAYS) - 1, round_began_at=NOW - timedelta(days=3)))

        def meanwhile() -> EgressAnswer:
            post.subscribe(url="https://example.com/new")
            return answered(410)

        post.receiver.answers.append(meanwhile)
        assert post.deliver(a_delivery()) is DeliveryStatus.FAILED
        assert post.subscription.status is WebhookStatus.ACTIVE

    def test_a_ping_that_gets_through_is_a_success(self, post: Post) -> None:
        post.subscribe(first_failure_at=NOW - timedelta(days=1))
        post.put(PING)
        post.deliver(PING)
        assert (post.subscription.last_success_at, post.subscription.first_failure_at) == (NOW, None)

    def test_a_ping_that_fails_is_a_failure_and_pauses_nothing(self, post: Post) -> None:
        post.receiver.otherwise = answered(500)
        post.put(PING)
        post.run()
        assert len(post.receiver.posts) == 1, "it is sent once"
        assert post.subscription.first_failure_at == NOW
        assert post.subscription.status is WebhookStatus.ACTIVE

    def test_410_to_a_ping_disables_it_too(self, post: Post) -> None:
        post.receiver.otherwise = answered(410)
        post.put(PING)
        post.run()
        assert (post.subscription.status, post.subscription.status_reason) == (
            WebhookStatus.DISABLED,
            StatusReason.GONE,
        )

    def test_a_webhook_that_was_paused_stays_so_whatever_a_ping_is_answered(self, post: Post) -> None:
        for answer in (answered(410), answered(500), OK):
            post.subscribe(status=WebhookStatus.PAUSED, status_reason=StatusReason.REQUESTED)
            post.receiver.otherwise = answer
            post.put(PING)
            post.run()
            assert post.subscription.status is WebhookStatus.PAUSED
        assert len(post.receiver.posts) == 3

    def test_while_it_is_paused_nothing_goes_out_and_all_is_kept(self, post: Post) -> None:
        post.subscribe(status=WebhookStatus.PAUSED)
        post.put(a_delivery(16), a_delivery(17))
        post.run()
        assert post.sent == []
        assert {found.status for found in post.store.deliveries.values()} == {DeliveryStatus.HELD}

    def test_once_it_is_gone_nothing_goes_out(self, post: Post) -> None:
        post.put(a_delivery())
        del post.store.webhooks[APP_ID, WEBHOOK_ID]
        post.run()
        assert post.sent == []


class TestOrder:
    def test_a_later_event_waits_for_an_earlier_one(self, post: Post) -> None:
        post.receiver.answers.extend([answered(500)] * 3)
        post.put(a_delivery(16), a_delivery(17), a_delivery(32))
        post.run()
        assert post.sent == ["event-16"] * 4 + ["event-17", "event-32"]

    def test_whatever_the_order_of_the_messages(self, post: Post) -> None:
        post.put(a_delivery(16), a_delivery(17))
        assert post.deliver(a_delivery(17)) is DeliveryStatus.PENDING
        assert post.sent == []
        assert post.deliver(a_delivery(16)) is DeliveryStatus.DELIVERED
        assert post.now_of(a_delivery(17)).due_at == post.clock.now()
        post.run()
        assert post.sent == ["event-16", "event-17"]

    def test_it_waits_no_longer_than_the_earlier_one_takes(self, post: Post) -> None:
        post.receiver.answers.extend([answered(500)] * 3)
        post.put(a_delivery(16), a_delivery(17))
        post.run()
        delivered = [post.now_of(a_delivery(sequence)).delivered_at for sequence in (16, 17)]
        assert delivered[0] == delivered[1]

    def test_one_that_was_given_up_holds_up_nobody(self, post: Post) -> None:
        post.subscribe(last_success_at=NOW + timedelta(days=9))
        post.receiver.answers.extend([answered(500)] * len(DELAYS))
        post.put(a_delivery(16), a_delivery(17))
        post.run()
        assert post.now_of(a_delivery(16)).status is DeliveryStatus.FAILED
        assert post.now_of(a_delivery(17)).status is DeliveryStatus.DELIVERED

    def test_another_call_is_not_held_up(self, post: Post) -> None:
        post.receiver.answers.append(answered(500))
        post.put(a_delivery(16), a_delivery(17, "call-2"))
        post.run(until=timedelta(seconds=1))
        assert post.sent == ["event-16", "event-17"]

    def test_one_that_is_sent_again_goes_before_a_later_one_that_waits(self, post: Post) -> None:
        post.put(a_delivery(16))
        post.run()
        post.put(
            post.now_of(a_delivery(16)).sent_anew(post.clock.now()),
            a_delivery(17, due_at=post.clock.now()),
        )
        post.deliver(a_delivery(17, due_at=post.clock.now()))
        post.run()
        assert post.sent == ["event-16", "event-16", "event-17"]


EFFECTS = range(8)
"""Of one kind, in one delivery: more than it has."""


def _looks(effect: int, fault: Fault) -> Faults:
    return Faults(reads=deque([*[None] * effect, fault]))


def _commits(effect: int, fault: Fault) -> Faults:
    return Faults(commits=deque([*[None] * effect, fault]))


class TestCrashes:
    @pytest.mark.parametrize("fault", Fault)
    @pytest.mark.parametrize("effect", EFFECTS)
    @pytest.mark.parametrize("faults", [_looks, _commits], ids=["readings", "writings"])
    @pytest.mark.parametrize(
        "answers",
        [[], [answered(500)], [answered(503, retry_after="60"), EgressFailedError("timed out")]],
        ids=["taken at once", "at the second attempt", "at the third"],
    )
    def test_whatever_fails_in_between_all_is_delivered_and_first_seen_in_order(
        self,
        post: Post,
        answers: Iterable[EgressAnswer],
        faults: Callable[[int, Fault], Faults],
        effect: int,
        fault: Fault,
    ) -> None:
        post.receiver.answers.extend(answers)
        post.put(a_delivery(16), a_delivery(17), a_delivery(32))
        post.run(faults(effect, fault))
        assert {found.status for found in post.store.deliveries.values()} == {DeliveryStatus.DELIVERED}
        assert list(dict.fromkeys(post.sent)) == ["event-16", "event-17", "event-32"]
        assert len(post.sent) <= 3 + len(list(answers)) + 1, "one crash repeats one attempt at most"
        numbers = [sent.headers["x-slotline-delivery"] for sent in post.receiver.posts]
        pairs = list(zip(post.sent, numbers, strict=True))
        assert len(set(pairs)) == len(pairs), "no two attempts have one number"
        assert post.subscription.status is WebhookStatus.ACTIVE

    @pytest.mark.parametrize("fault", Fault)
    @pytest.mark.parametrize("effect", EFFECTS)
    @pytest.mark.parametrize("faults", [_looks, _commits], ids=["readings", "writings"])
    @pytest.mark.parametrize(
        ("status", "expected"),
        [(410, WebhookStatus.DISABLED), (500, WebhookStatus.PAUSED)],
        ids=["gone", "failing"],
    )
    def test_whatever_fails_in_between_a_dead_receiver_is_left_in_peace(
        self,
        post: Post,
        status: int,
        expected: WebhookStatus,
        faults: Callable[[int, Fault], Faults],
        effect: int,
        fault: Fault,
    ) -> None:
        post.receiver.otherwise = answered(status)
        last = replace(a_delivery(16), attempts=len(DELAYS) - 1, round_began_at=NOW - timedelta(days=3))
        post.put(last, a_delivery(17))
        post.run(faults(effect, fault))
        assert post.subscription.status is expected
        assert {found.status for found in post.store.deliveries.values()} <= {
            DeliveryStatus.FAILED,
            DeliveryStatus.HELD,
        }
        assert len(post.receiver.posts) <= 3

    def test_a_process_that_dies_while_the_receiver_answers_leaves_it_due_when_the_lease_ends(self, post: Post) -> None:
        def dies() -> EgressAnswer:
            raise Crashed

        post.receiver.answers.append(dies)
        post.put(a_delivery())
        with pytest.raises(Crashed):
            post.deliver(a_delivery())
        assert post.now_of(a_delivery()).due_at == NOW + LEASE
        post.run()
        assert post.sent == ["event-16", "event-16"]
        assert post.now_of(a_delivery()).status is DeliveryStatus.DELIVERED
