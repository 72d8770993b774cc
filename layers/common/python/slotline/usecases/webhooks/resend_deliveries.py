"""Send on request: a test event, one delivery once more, or every delivery of a span of time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.shared.audit import Author
from slotline.domain.shared.errors import WebhookNotActive
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.plain_json import plain
from slotline.domain.webhooks.deliveries import Delivery, LogQuery, Place, delivery_to
from slotline.domain.webhooks.subscriptions import (
    Listener,
    OutboundEvent,
    Subject,
    SubjectKind,
    Subscription,
    WebhookEvent,
)
from slotline.ports.access import AuditLog
from slotline.ports.shared import Ids, RateLimitCheck, Receipts
from slotline.ports.webhooks import Deliveries, Webhooks
from slotline.usecases.shared.once import Answered, Once
from slotline.usecases.webhooks.keep_webhooks import webhook_of_app
from slotline.usecases.webhooks.read_deliveries import check_listener, read_delivery

REPLAYED_AT_ONCE = 200
"""Deliveries that one request makes due again; the cursor goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPing:
    """Send a test event to a subscription, even to one that is not active: so an owner tries a receiver."""

    webhooks: Webhooks
    deliveries: Deliveries
    ids: Ids
    once: Once

    def __call__(
        self,
        app_id: str,
        webhook_id: str,
        author: Author,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> Answered:
        """The delivery. Raises AppNotFound or NotFound."""
        event_id, audited = self.ids.new(), self.once.audited(author)

        def act(now: datetime) -> Mapping[str, object]:
            app, subscription = webhook_of_app(self.webhooks, app_id, webhook_id)
            ping = OutboundEvent(
                id=event_id,
                event=WebhookEvent.PING,
                subject=Subject(kind=SubjectKind.PING, id=event_id),
                sequence=0,
                occurred_at=now,
                payload={},
            )
            delivery = delivery_to(subscription, ping, now)
            answer = shown(delivery)
            receipt = Receipt(key=key, result=answer, answered_at=now) if key else None
            entry = audited.entry("webhook.tested", webhook_id, None, {"delivery_id": delivery.id}, of=app)
            self.deliveries.add(delivery, receipt, entry)
            return answer

        return self.once(key, check_rate, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resend:
    """Send one delivery once more, the same bytes. One that is on its way already is left alone."""

    webhooks: Webhooks
    deliveries: Deliveries
    once: Once

    def __call__(
        self,
        app_id: str,
        webhook_id: str,
        delivery_id: str,
        listener: Listener,
        author: Author,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> Answered:
        """The delivery as it is then. Raises AppNotFound, NotFound, Forbidden or WebhookNotActive."""
        audited = self.once.audited(author)

        def act(now: datetime) -> Mapping[str, object]:
            app, subscription = webhook_of_app(self.webhooks, app_id, webhook_id)
            there = read_delivery(self.webhooks, self.deliveries, app_id, webhook_id, delivery_id, listener)
            if not there.is_test:
                check_active(subscription)
            again = there.sent_anew(now)
            answer = shown(again)
            receipt = Receipt(key=key, result=answer, answered_at=now) if key else None
            said = {"delivery_id": delivery_id, "event": there.event}
            entry = audited.entry("webhook.resent", webhook_id, None, said, of=app) if again is not there else None
            if entry or receipt:
                self.deliveries.replace(there, again, receipt, entry)
            return answer

        return self.once(key, check_rate, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Send every delivery of a span once more, in order, as many as one request can see to."""

    webhooks: Webhooks
    deliveries: Deliveries
    receipts: Receipts
    audit: AuditLog
    once: Once

    def __call__(
        self,
        query: LogQuery,
        listener: Listener,
        author: Author,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> Answered:
        """How many were made due, and where to go on. Raises AppNotFound, NotFound, Forbidden or WebhookNotActive.

        Forbidden, before anything is sent, if the listener may not read what one of them tells. The audit log's entry
        comes first: it may name a replay that ended half-way, and misses none.
        """
        audited = self.once.audited(author)

        def act(now: datetime) -> Mapping[str, object]:
            app, subscription = webhook_of_app(self.webhooks, query.app_id, query.webhook_id)
            check_active(subscription)
            page = self.deliveries.log(replace(query, newest_first=False, limit=REPLAYED_AT_ONCE))
            check_listener(app, listener, page.deliveries)
            found = [delivery.place for delivery in page.deliveries if not delivery.is_test]
            if found:
                said = {"since": query.since, "until": query.until, "deliveries": len(found)}
                self.audit.append(audited.entry("webhook.replayed", query.webhook_id, None, said, of=app))
            count = sum(self._restart(place, now) for place in found)
            answer: dict[str, object] = {"replayed": count, "next": plain(page.next)}
            if key:
                self.receipts.keep(Receipt(key=key, result=answer, answered_at=now))
            return answer

        return self.once(key, check_rate, act)

    def _restart(self, place: Place, now: datetime) -> bool:
        """Whether there was anything to do. The log may be behind: the row itself is asked."""

        def act() -> bool:
            there = self.deliveries.get(place)
            again = there.sent_anew(now) if there else None
            if there is None or again is None or again is there:
                return False
            self.deliveries.replace(there, again)
            return True

        return self.once.retry(act)


def check_active(subscription: Subscription) -> None:
    """Raises WebhookNotActive: what is sent anew would only be held again."""
    if not subscription.is_active:
        raise WebhookNotActive(f"This webhook is {subscription.status}. Set its status to active first.")


def shown(delivery: Delivery) -> Mapping[str, object]:
    """A delivery as plain JSON: without the body, which the event's own surfaces show."""
    fields: dict[str, object] = plain(delivery)
    return {**{name: value for name, value in fields.items() if name != "body"}, "id": delivery.id}
