"""A delivery is due: send it, and write down what became of it.

Whoever claims a delivery holds it for a lease; where they die on the way it is due again when that ends. The receiver's
answer is written to the subscription first, then to the delivery, and only then is the next of its subject woken: a
crash anywhere in between repeats or delays, and loses nothing.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.domain.shared.due import Due
from slotline.domain.webhooks.deliveries import GONE, Delivery, DeliveryAttempt, DeliveryStatus
from slotline.domain.webhooks.signing import signed_headers
from slotline.domain.webhooks.subscriptions import StatusReason, Subscription, WebhookStatus
from slotline.ports.shared import AddressRefused, Clock, Egress, EgressAnswer, EgressFailedError, Ids, RaceLost
from slotline.ports.webhooks import Deliveries, Webhooks

SUCCESS_NOTED_EVERY = timedelta(minutes=1)
"""How old a subscription's last success may become before a new one is written down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverEvent:
    """Sends a delivery that is due."""

    webhooks: Webhooks
    deliveries: Deliveries
    egress: Egress
    clock: Clock
    world: Clock
    """The time that receivers' own clocks show: it stamps what is signed."""
    ids: Ids

    def __call__(self, due: Due) -> DeliveryStatus | None:
        """What it has come to; None where it was not due any more, or somebody else was quicker.

        Raises StoreBusyError: it may be called again.
        """
        delivery = self.deliveries.due(due)
        if delivery is None:
            return None
        _, subscription = self.webhooks.find(delivery.place.app_id, delivery.place.webhook_id)
        if subscription is None or not _may_go(delivery, subscription):
            return self._write(delivery, delivery.held())
        now = self.clock.now()
        earlier = self.deliveries.waiting_before(delivery.place)
        if earlier is not None:
            return self._write(delivery, delivery.behind(earlier, now))
        claimed = delivery.claimed(self.ids.new(), now)
        if self._write(delivery, claimed) is None:
            return None
        return self._attempt(claimed, subscription, now)

    def _attempt(self, claimed: Delivery, subscription: Subscription, began: datetime) -> DeliveryStatus | None:
        answer, error = self._post(claimed, subscription, began)
        now = self.clock.now()
        attempt = DeliveryAttempt(
            number=claimed.attempts,
            at=began,
            duration_ms=(now - began) // timedelta(milliseconds=1),
            status=answer.status if answer else None,
            excerpt=answer.excerpt if answer else None,
            error=error,
        )
        if attempt.succeeded:
            after = claimed.succeeded(attempt, now)
        else:
            after = claimed.failed(attempt, answer.headers.get("retry-after") if answer else None, now)
        with suppress(RaceLost):  # the subscription has changed meanwhile, or is gone: its own word stands
            self._tell_subscription(after, attempt, subscription, now)
        status = self._write(claimed, after)
        if after.due_at is None:
            self._wake_next(after, now)
        return status

    def _post(
        self, claimed: Delivery, subscription: Subscription, at: datetime
    ) -> tuple[EgressAnswer | None, str | None]:
        body = claimed.body.encode()
        headers = signed_headers(
            event_id=claimed.event_id,
            event=claimed.event.value,
            delivery=f"{subscription.id}:{claimed.attempts}",
            body=body,
            secrets=subscription.secrets(at),
            at=self.world.now(),
        )
        try:
            return self.egress.post(subscription.url, headers, body), None
        except (AddressRefused, EgressFailedError) as error:
            return None, str(error)

    def _tell_subscription(self, after: Delivery, attempt: DeliveryAttempt, seen: Subscription, now: datetime) -> None:
        """Since when it fails, or when it last did not; and that it is paused, or disabled, where that follows."""
        if attempt.succeeded:
            last = seen.last_success_at
            if seen.first_failure_at or last is None or now - last > SUCCESS_NOTED_EVERY:
                self._change(seen, {"last_success_at": now, "first_failure_at": None})
            return
        values: dict[str, object] = {} if seen.first_failure_at else {"first_failure_at": attempt.at}
        if attempt.status == GONE:
            values |= _stopped(WebhookStatus.DISABLED, StatusReason.GONE, now)
        elif after.shows_dead(self._as_it_is(seen)):
            values |= _stopped(WebhookStatus.PAUSED, StatusReason.FAILING, now)
        if "status" in values:
            self._change(seen, values, {"status": WebhookStatus.ACTIVE, "url": seen.url})
        elif values:
            self._change(seen, values)

    def _as_it_is(self, seen: Subscription) -> Subscription:
        """Read anew: another delivery may have got through while this one was under way."""
        return self.webhooks.find(seen.app_id, seen.id)[1] or seen

    def _change(self, seen: Subscription, values: dict[str, object], expect: dict[str, object] | None = None) -> None:
        self.webhooks.change(seen.app_id, seen.id, values, expect)

    def _write(self, before: Delivery, after: Delivery) -> DeliveryStatus | None:
        try:
            self.deliveries.replace(before, after)
        except RaceLost:
            return None
        return after.status

    def _wake_next(self, through: Delivery, now: datetime) -> None:
        """The next one of the subject need not wait any longer. Where this fails it looks again by itself."""
        later = self.deliveries.waiting_after(through.place)
        if later is not None and (woken := later.now_due(now)) is not later:
            self._write(later, woken)


def _may_go(delivery: Delivery, subscription: Subscription) -> bool:
    return subscription.hears_of(delivery.place.subject) and (subscription.is_active or delivery.is_test)


def _stopped(status: WebhookStatus, reason: StatusReason, now: datetime) -> dict[str, object]:
    return {"status": status, "status_reason": reason, "status_since": now}
