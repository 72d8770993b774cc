"""A receiver that takes connections and never answers, with thousands of deliveries queued: bookings do not notice.

HANGING_SLOW says how many deliveries.
"""

import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from threading import Thread
from typing import Any

import pytest

from local.host import shares
from local.options import DEFAULT_ENVIRONMENTS
from local.process import running_system
from slotline.clock import SystemClock
from slotline.domain.webhooks.deliveries import delivery_to
from slotline.domain.webhooks.subscriptions import OutboundEvent, Subject, SubjectKind, Subscription, WebhookEvent
from slotline.ids import new_id
from slotline.store.dynamodb.client import to_values
from slotline.store.webhooks.deliveries import delivery_to_item
from slotline.store.webhooks.subscriptions import DynamoWebhooks
from tests.support.worlds.api import Api, own_app
from tests.support.worlds.hooks import hooks
from tests.support.worlds.later import Later, percentile, until

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(900)]

QUEUED = int(os.environ.get("HANGING_SLOW", "5000"))
MEASURED = 120
MOST = 1.5
"""So many times as long a booking may take."""
TURNS = 4
"""How often both are measured until they are alike, since the machine may do something else meanwhile."""
WRITTEN_AT_ONCE = 25
"""Rows of one BatchWriteItem."""


@dataclass
class Hanging:
    """A receiver, and who was ever connected to it."""

    url: str
    connections: list[socket.socket] = field(default_factory=list)

    def waiting(self) -> int:
        """How many connections are open now: their clients have sent, and wait."""
        return sum(_is_open(connection) for connection in self.connections)


def _is_open(connection: socket.socket) -> bool:
    try:
        while connection.recv(65_536, socket.MSG_DONTWAIT):
            pass
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def a_hanging_receiver() -> Iterator[Hanging]:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        receiver = Hanging(f"http://127.0.0.1:{listening.getsockname()[1]}/hooks")

        def accept() -> None:
            with suppress(OSError):
                while True:
                    receiver.connections.append(listening.accept()[0])

        accepting = Thread(target=accept)
        accepting.start()
        try:
            yield receiver
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for connection in receiver.connections:
                connection.close()


def queue_deliveries(later: Later, subscription: Subscription, how_many: int) -> None:
    """Rows that are due now, each about a call of its own; their stream brings them to the queue."""
    dynamodb, table = later.client("dynamodb"), later.system.tables["scheduling"]
    now = later.now()
    for first in range(0, how_many, WRITTEN_AT_ONCE):
        rows = [an_item(subscription, now) for _ in range(min(WRITTEN_AT_ONCE, how_many - first))]
        answer = dynamodb.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": row}} for row in rows]})
        assert not answer["UnprocessedItems"]


def deliver(later: Later, *, on: bool) -> None:
    """Let the deliveries' queue be read, or lie."""
    client, queue = later.client("lambda"), later.system.system.resources["DeliveriesQueue"].rpartition("/")[2]
    (mapping,) = [
        one
        for one in client.list_event_source_mappings()["EventSourceMappings"]
        if one["EventSourceArn"].rpartition(":")[2] == queue
    ]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)


def an_item(subscription: Subscription, now: datetime) -> dict[str, Any]:
    event = OutboundEvent(
        id=new_id(),
        event=WebhookEvent.CREATED,
        subject=Subject(kind=SubjectKind.CALL, id=new_id()),
        sequence=1,
        occurred_at=now,
        payload={},
    )
    return to_values(delivery_to_item(delivery_to(subscription, event, now)))


class Bookings:
    """One after the other, each in half an hour of its own."""

    def __init__(self, api: Api, agent_id: str, first: datetime) -> None:
        self._api, self._agent_id, self._next = api, agent_id, first

    def measured(self, how_many: int) -> Sequence[float]:
        """The milliseconds that each took."""
        return [self._one() for _ in range(how_many)]

    def _one(self) -> float:
        began = time.perf_counter()
        self._api.book(self._agent_id, self._next, bufferBeforeMinutes=0, bufferAfterMinutes=0)
        self._next += timedelta(minutes=30)
        return (time.perf_counter() - began) * 1000


def test_a_booking_takes_as_long_while_a_receiver_hangs_with_thousands_of_deliveries_queued() -> None:
    with running_system(ready_timeout=120, webhooks_to="127.0.0.0/8") as system, a_hanging_receiver() as receiver:
        later, app = Later(system), own_app(system)
        start = later.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=10)
        with app.client() as api:
            bookings = Bookings(api, app.agent_ids[0], start)
            bookings.measured(MEASURED // 4)  # whatever is cold becomes warm
            without = bookings.measured(MEASURED)
            deliver(later, on=False)  # however long it takes to queue them, none is gone by then
            webhook = hooks(api, "POST", body={"url": receiver.url, "events": ["scheduled.created"]})
            tables = system.tables["scheduling"], system.tables["access"]
            webhooks = DynamoWebhooks(later.client("dynamodb"), *tables, SystemClock())
            _, subscription = webhooks.find(app.app_id, webhook["id"])
            assert subscription is not None
            queue_deliveries(later, subscription, QUEUED)
            until(lambda: later.in_queue("DeliveriesQueue") >= QUEUED * 0.95, "the deliveries in their queue", 300)
            share = shares.of_one_function(DEFAULT_ENVIRONMENTS)
            for turn in range(TURNS):
                if turn:
                    deliver(later, on=False)
                    until(lambda: receiver.waiting() == 0, "that nobody waits")
                    without = bookings.measured(MEASURED)
                deliver(later, on=True)
                until(lambda: receiver.waiting() == share, "as many deliveries at once as the local host allows")
                queued, hanging = later.in_queue("DeliveriesQueue"), receiver.waiting()
                during = bookings.measured(MEASURED)
                still_queued = later.in_queue("DeliveriesQueue")
                most = receiver.waiting()
                if median(during) <= MOST * median(without):
                    break
    print(  # noqa: T201 - shown by pytest -s
        f"\n{queued} to {still_queued} deliveries queued, {hanging} to {most} hanging: a booking takes "
        f"p50 {median(during):.1f} ms, p95 {percentile(during, 0.95):.1f} ms; without them "
        f"p50 {median(without):.1f} ms, p95 {percentile(without, 0.95):.1f} ms; {median(during) / median(without):.2f}"
    )
    assert still_queued > QUEUED * 0.8, "the receiver took them after all"
    assert most <= share
    assert median(during) <= MOST * median(without)
