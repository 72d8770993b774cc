"""Telling webhooks of a call, and keeping webhooks, while the store fails: nothing is lost and nothing made twice."""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.booking.calls import Call, TimelineEvent
from slotline.domain.shared.errors import TooManyWebhooks
from slotline.domain.webhooks.subscriptions import MOST_WEBHOOKS, WebhookEvent
from slotline.ports.shared import StoreBusyError
from slotline.usecases.shared.once import Once
from slotline.usecases.webhooks.fan_out import TOLD_WITHIN, FanOut, FanOutCallEvent
from slotline.usecases.webhooks.keep_webhooks import AddWebhook, RemoveWebhook, RotateSecret
from slotline.usecases.webhooks.resend_deliveries import SendPing
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.audit import AUTHOR
from tests.support.builders.bookings import APP_ID, a_call, a_key, an_app, an_event
from tests.support.memory.faults import Crashed, Fault, Faults
from tests.support.memory.receipts import MemoryReceipts
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.store import MemoryStore
from tests.support.memory.webhooks import (
    OTHER_SECRET,
    SECRET,
    WEBHOOK_ID,
    MemoryDeliveries,
    MemoryWebhooks,
    Receiver,
    a_listener,
    a_subscription,
)
from tests.support.worlds.desk import no_gate

CALL = a_call()
EVENT = an_event(CALL)
LOST = [Fault.BUSY, Fault.LOST_ANSWER]


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore(SetClock())
    store.apps[APP_ID] = an_app()
    store.calls[APP_ID, CALL.id] = CALL
    store.events[APP_ID, CALL.id] = (EVENT,)
    return store


def show(call: Call, event: TimelineEvent) -> dict[str, object]:
    return {"call": call.id, "event": event.id}


def tell(store: MemoryStore, faults: Faults | None = None, *, events: Sequence[TimelineEvent] = (EVENT,)) -> None:
    """Of a batch."""
    view = store.with_faults(faults or Faults())
    subscribers = FanOut(webhooks=MemoryWebhooks(view), deliveries=MemoryDeliveries(view), clock=view.clock)
    fan_out = FanOutCallEvent(fan_out=subscribers, calls=view, show=show)
    for event in events:
        fan_out(APP_ID, event)


@pytest.mark.parametrize(("age", "told"), [(TOLD_WITHIN - timedelta(minutes=1), 1), (TOLD_WITHIN, 0)])
def test_an_event_that_a_restore_has_written_again_is_not_told_again(
    store: MemoryStore, age: timedelta, told: int
) -> None:
    wishes("webhook-1", store=store)
    store.clock = SetClock(EVENT.created_at + age)
    tell(store)
    assert len(store.deliveries) == told


def once(store: MemoryStore) -> Once:
    return Once(receipts=MemoryReceipts(store), clock=store.clock, backoff=RecordedBackoff(), ids=NumberedIds())


def wishes(*subscriptions: str, store: MemoryStore) -> None:
    for webhook_id in subscriptions:
        store.webhooks[APP_ID, webhook_id] = a_subscription(id=webhook_id)


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("effect", range(4))
@pytest.mark.parametrize("kind", ["reads", "commits"])
def test_told_again_after_any_failure_every_webhook_has_one_delivery(
    store: MemoryStore, kind: str, effect: int, fault: Fault
) -> None:
    wishes("webhook-1", "webhook-2", "webhook-3", store=store)
    with suppress(Crashed, StoreBusyError):
        tell(store, Faults(**{kind: deque([*[None] * effect, fault])}))
    tell(store)
    assert sorted(place.webhook_id for place in store.deliveries) == ["webhook-1", "webhook-2", "webhook-3"]
    assert {(found.event_id, found.body) for found in store.deliveries.values()} == {
        (EVENT.id, next(iter(store.deliveries.values())).body)
    }


def test_the_words_are_chosen_once(store: MemoryStore) -> None:
    wishes("webhook-1", store=store)
    tell(store)
    before = dict(store.deliveries)
    store.calls[APP_ID, CALL.id] = replace(CALL, duration_minutes=60)
    tell(store)
    assert store.deliveries == before


def test_where_nobody_wants_it_the_call_is_not_read(store: MemoryStore) -> None:
    store.webhooks[APP_ID, WEBHOOK_ID] = a_subscription(events=(WebhookEvent.CANCELLED,))
    tell(store, Faults(reads=deque([None, Fault.BUSY])))
    assert store.deliveries == {}


def test_who_wants_it_is_read_once_for_a_batch(store: MemoryStore) -> None:
    reads: deque[Fault | None] = deque([None, Fault.BUSY])
    tell(store, Faults(reads=reads), events=[EVENT, replace(EVENT, id="another", sequence=EVENT.sequence + 1)])
    assert list(reads) == [Fault.BUSY]


def test_who_subscribes_is_told_from_the_next_batch_on(store: MemoryStore) -> None:
    tell(store)
    wishes("webhook-1", store=store)
    tell(store, events=[replace(EVENT, id="another", sequence=EVENT.sequence + 1)])
    assert [found.event_id for found in store.deliveries.values()] == ["another"]


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("with_key", [True, False])
def test_an_addition_whose_answer_was_lost_adds_one(store: MemoryStore, fault: Fault, with_key: bool) -> None:
    view = store.with_faults(Faults(commits=deque([fault])))
    add = AddWebhook(
        webhooks=MemoryWebhooks(view),
        egress=Receiver(),
        ids=NumberedIds(),
        once=once(view),
        new_secret=lambda: SECRET,
    )
    answer = add(a_subscription(id="", secret=""), a_listener(), AUTHOR, a_key() if with_key else None, no_gate)
    (added,) = store.webhooks.values()
    assert (answer.result["id"], answer.result["secret"]) == (added.id, SECRET)
    assert [entry.action for entry in store.audited] == ["webhook.added"]


def test_the_twentieth_whose_answer_was_lost_is_not_one_too_many(store: MemoryStore) -> None:
    wishes(*(f"webhook-{number}" for number in range(MOST_WEBHOOKS - 1)), store=store)
    view = store.with_faults(Faults(commits=deque([Fault.LOST_ANSWER])))
    parts = {"egress": Receiver(), "ids": NumberedIds(), "new_secret": lambda: SECRET}
    add = AddWebhook(webhooks=MemoryWebhooks(view), once=once(view), **parts)  # type: ignore[arg-type]
    add(a_subscription(id=""), a_listener(), AUTHOR, None, no_gate)
    assert len(store.webhooks) == MOST_WEBHOOKS
    with pytest.raises(TooManyWebhooks):
        add(a_subscription(id=""), a_listener(), AUTHOR, None, no_gate)


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("with_key", [True, False])
def test_a_rotation_whose_answer_was_lost_rotates_once(store: MemoryStore, fault: Fault, with_key: bool) -> None:
    wishes(WEBHOOK_ID, store=store)
    view = store.with_faults(Faults(commits=deque([fault])))
    rotate = RotateSecret(webhooks=MemoryWebhooks(view), once=once(view), new_secret=lambda: OTHER_SECRET)
    answer = rotate(APP_ID, WEBHOOK_ID, None, timedelta(days=1), AUTHOR, a_key() if with_key else None, no_gate)
    kept = store.webhooks[APP_ID, WEBHOOK_ID]
    assert (answer.result["secret"], *kept.secrets(NOW)) == (OTHER_SECRET, OTHER_SECRET, SECRET)
    assert [entry.action for entry in store.audited] == ["webhook.rotated"]


@pytest.mark.parametrize("fault", LOST)
def test_a_removal_whose_answer_was_lost_does_not_miss_what_it_removed(store: MemoryStore, fault: Fault) -> None:
    wishes(WEBHOOK_ID, store=store)
    view = store.with_faults(Faults(commits=deque([fault])))
    assert RemoveWebhook(webhooks=MemoryWebhooks(view), once=once(view))(APP_ID, WEBHOOK_ID, AUTHOR).id == WEBHOOK_ID
    assert store.webhooks == {}


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("with_key", [True, False])
def test_a_ping_whose_answer_was_lost_is_one_ping(store: MemoryStore, fault: Fault, with_key: bool) -> None:
    wishes(WEBHOOK_ID, store=store)
    view = store.with_faults(Faults(commits=deque([fault])))
    ping = SendPing(
        webhooks=MemoryWebhooks(view), deliveries=MemoryDeliveries(view), ids=NumberedIds(), once=once(view)
    )
    answer = ping(APP_ID, WEBHOOK_ID, AUTHOR, a_key() if with_key else None, no_gate)
    (sent,) = store.deliveries.values()
    assert answer.result["id"] == sent.id
    assert [entry.action for entry in store.audited] == ["webhook.tested"]
