"""Webhooks in memory, receivers that answer as told, and subscriptions and deliveries with sensible values."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slotline.domain.access.scopes import Scope
from slotline.domain.booking.apps import App
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.errors import Forbidden
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.webhooks.deliveries import (
    KEPT_FOR,
    Delivery,
    DeliveryStatus,
    LogPage,
    LogPosition,
    LogQuery,
    Place,
)
from slotline.domain.webhooks.subscriptions import (
    DIAL_EVENTS,
    MOST_WEBHOOKS,
    SUBSCRIBABLE,
    Listener,
    Subject,
    SubjectKind,
    Subscription,
    WebhookEvent,
)
from slotline.ports.shared import AddressRefused, AlreadyWritten, EgressAnswer, EgressFailedError, RaceLost
from slotline.store.webhooks.deliveries import delivery_to_item
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import APP_ID
from tests.support.memory.agents import with_values
from tests.support.memory.store import MemoryStore, is_due
from tests.support.memory.tokens import transaction

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER_SECRET = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
URL = "https://example.com/hooks"
WEBHOOK_ID = "webhook-1"
OK = EgressAnswer(status=200, headers={}, excerpt="thanks")


def a_subscription(**changes: Any) -> Subscription:
    """An active subscription to everything that happens in its app."""
    return Subscription(
        **{
            "id": WEBHOOK_ID,
            "app_id": APP_ID,
            "url": URL,
            "events": tuple(event for event in SUBSCRIBABLE if event not in DIAL_EVENTS),
            "secret": SECRET,
            "created_at": NOW,
            "updated_at": NOW,
            **changes,
        }
    )


def a_place(sequence: int = 16, subject_id: str = "call-1", **changes: Any) -> Place:
    """The place of an event of a call."""
    subject = Subject(kind=SubjectKind.CALL, id=subject_id)
    return Place(**{"app_id": APP_ID, "webhook_id": WEBHOOK_ID, "subject": subject, "sequence": sequence, **changes})


def a_delivery(sequence: int = 16, subject_id: str = "call-1", **changes: Any) -> Delivery:
    """A delivery that is due."""
    return Delivery(
        **{
            "place": a_place(sequence, subject_id),
            "event": WebhookEvent.CREATED,
            "event_id": f"event-{sequence}",
            "occurred_at": NOW,
            "body": '{"id":"event-1"}',
            "status": DeliveryStatus.PENDING,
            "due_at": NOW,
            "expires_at": NOW + KEPT_FOR,
            **changes,
        }
    )


def a_listener(*scopes: Scope, organization_id: str = "organization-1") -> Listener:
    """Somebody with these scopes; with all of them if none is named."""

    def needs(scope: Scope) -> None:
        if scope not in (scopes or Scope):
            raise Forbidden(f"This needs the scope {scope}.")

    return Listener(organization_id=organization_id, needs=needs)


def wake_up(delivery: Delivery) -> Due:
    """What its queue brings when it is due."""
    item = delivery_to_item(delivery)
    return Due(kind=DueKind.DELIVERY, pk=item["pk"], sk=item["sk"], at=delivery.due_at or NOW)


@dataclass
class Post:
    """One request that reached a receiver."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """`Egress` to receivers that answer as told, one entry a request, and at the end as `otherwise` says."""

    otherwise: EgressAnswer | Exception = OK
    answers: deque[EgressAnswer | Exception | Callable[[], EgressAnswer]] = field(default_factory=deque)
    posts: list[Post] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    def check(self, url: str) -> None:
        """Refuses what it was told to refuse."""
        if url in self.refused:
            raise AddressRefused("the address is a private one")

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> EgressAnswer:
        """The next answer."""
        self.posts.append(Post(url, headers, body))
        answer = self.answers.popleft() if self.answers else self.otherwise
        if isinstance(answer, AddressRefused | EgressFailedError):
            raise answer
        assert not isinstance(answer, Exception)
        return answer if isinstance(answer, EgressAnswer) else answer()


def answered(status: int, **headers: str) -> EgressAnswer:
    """What a receiver says with this status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return EgressAnswer(status=status, headers=named, excerpt="no")


@dataclass
class MemoryWebhooks:
    """`Webhooks` on a store in memory."""

    store: MemoryStore

    def find(self, app_id: str, webhook_id: str | None) -> tuple[App | None, Subscription | None]:
        """One instant of the whole store."""
        with self.store.reading():
            return self.store.apps.get(app_id), self.store.webhooks.get((app_id, webhook_id or ""))

    def of_app(self, app_id: str) -> Sequence[Subscription]:
        """One instant of the whole store."""
        with self.store.reading():
            return [found for (owner, _), found in sorted(self.store.webhooks.items()) if owner == app_id]

    def of_organization(self, organization_id: str) -> Sequence[Subscription]:
        """One instant of the whole store."""
        with self.store.reading():
            return [found for _, found in sorted(self.store.webhooks.items()) if found.dials_of == organization_id]

    @transaction
    def add(self, subscription: Subscription, receipt: Receipt | None, entry: AuditEntry | None = None) -> None:
        """All or nothing, under one lock."""
        self.store.check_receipt(receipt)
        place = (subscription.app_id, subscription.id)
        if place in self.store.webhooks:
            raise AlreadyWritten
        beside = [app_id for app_id, _ in self.store.webhooks if app_id == subscription.app_id]
        app = self.store.apps.get(subscription.app_id)
        if app is None or len(beside) >= MOST_WEBHOOKS:
            raise RaceLost
        if subscription.dials_of not in (None, app.organization_id):
            raise RaceLost
        self.store.webhooks[place] = subscription
        self.store.keep(receipt)
        self.store.append(entry)

    def change(
        self,
        app_id: str,
        webhook_id: str,
        values: Mapping[str, object],
        expect: Mapping[str, object] | None = None,
        receipt: Receipt | None = None,
        entry: AuditEntry | None = None,
    ) -> None:
        """All or nothing, under one lock."""
        with self.store.writing():
            self.store.check_receipt(receipt)
            there = self.store.webhooks.get((app_id, webhook_id))
            if there is None or any(getattr(there, name) != value for name, value in (expect or {}).items()):
                raise RaceLost
            events = values.get("events", there.events)
            assert isinstance(events, list | tuple)
            self.store.webhooks[app_id, webhook_id] = with_values(there, {**values, "events": tuple(events)})
            self.store.keep(receipt)
            self.store.append(entry)

    @transaction
    def remove(
        self, app_id: str, webhook_id: str, dials_of: str | None = None, entry: AuditEntry | None = None
    ) -> None:
        """All or nothing, under one lock."""
        there = self.store.webhooks.get((app_id, webhook_id))
        if there is None or there.dials_of != dials_of:
            raise RaceLost
        del self.store.webhooks[app_id, webhook_id]
        self.store.append(entry)


@dataclass
class MemoryDeliveries:
    """`Deliveries` on a store in memory."""

    store: MemoryStore

    def add(self, delivery: Delivery, receipt: Receipt | None = None, entry: AuditEntry | None = None) -> None:
        """All or nothing, under one lock."""
        with self.store.writing():
            self.store.check_receipt(receipt)
            there = self._live(delivery.place)
            if there is not None and there.event_id != delivery.event_id:
                raise AlreadyWritten
            if there is None:
                self.store.deliveries[delivery.place] = delivery
                self.store.keep(receipt)
                self.store.append(entry)

    def due(self, due: Due) -> Delivery | None:
        """One instant of the whole store."""
        with self.store.reading():
            for delivery in self.store.deliveries.values():
                item = delivery_to_item(delivery)
                if (item["pk"], item["sk"]) == (due.pk, due.sk):
                    return delivery if is_due(delivery.due_at, due) else None
            return None

    def get(self, place: Place) -> Delivery | None:
        """One instant of the whole store."""
        with self.store.reading():
            return self._live(place)

    def waiting_before(self, place: Place) -> Delivery | None:
        """One instant of the whole store."""
        with self.store.reading():
            before = [found for found in self._waiting(place) if found.place.sequence < place.sequence]
            return before[-1] if before else None

    def waiting_after(self, place: Place) -> Delivery | None:
        """One instant of the whole store."""
        with self.store.reading():
            after = [found for found in self._waiting(place) if found.place.sequence > place.sequence]
            return after[0] if after else None

    def replace(
        self, before: Delivery, after: Delivery, receipt: Receipt | None = None, entry: AuditEntry | None = None
    ) -> None:
        """All or nothing, under one lock."""
        with self.store.writing():
            self.store.check_receipt(receipt)
            there = self.store.deliveries.get(before.place)
            if there is None or (there.due_at, there.attempts) != (before.due_at, before.attempts):
                raise RaceLost
            self.store.deliveries[before.place] = after.following(before)
            self.store.keep(receipt)
            self.store.append(entry)

    def of_subject(self, app_id: str, webhook_id: str, subject: Subject) -> Sequence[Delivery]:
        """One instant of the whole store."""
        with self.store.reading():
            places = [
                place
                for place in self.store.deliveries
                if (place.app_id, place.webhook_id, place.subject) == (app_id, webhook_id, subject)
            ]
            found = [self._live(place) for place in sorted(places, key=lambda place: place.sequence)]
            return [one for one in found if one]

    def log(self, query: LogQuery) -> LogPage:
        """One page, from a full sort."""
        with self.store.reading():
            found = sorted(
                (
                    delivery
                    for place, delivery in self.store.deliveries.items()
                    if (place.app_id, place.webhook_id) == (query.app_id, query.webhook_id)
                    and self._live(place)
                    and query.status in (None, delivery.status)
                    and (query.since is None or query.since <= delivery.occurred_at)
                    and (query.until is None or delivery.occurred_at < query.until)
                ),
                key=_moment,
                reverse=query.newest_first,
            )
        if query.after:
            at = (query.after.occurred_at, query.after.event_id)
            found = [one for one in found if (_moment(one) < at if query.newest_first else _moment(one) > at)]
        shown, more = found[: query.limit], len(found) > query.limit
        last = LogPosition(occurred_at=shown[-1].occurred_at, event_id=shown[-1].event_id) if more else None
        return LogPage(deliveries=shown, next=last)

    def _live(self, place: Place) -> Delivery | None:
        found = self.store.deliveries.get(place)
        return found if found and found.expires_at > self.store.clock.now() else None

    def _waiting(self, place: Place) -> Sequence[Delivery]:
        same = [
            found
            for other, found in self.store.deliveries.items()
            if (other.app_id, other.webhook_id, other.subject) == (place.app_id, place.webhook_id, place.subject)
            and found.status is DeliveryStatus.PENDING
            and self._live(other)
        ]
        return sorted(same, key=lambda found: found.place.sequence)


def _moment(delivery: Delivery) -> tuple[datetime, str]:
    return delivery.occurred_at, delivery.event_id
