"""Read what became of the events that were sent to a webhook."""

from collections.abc import Sequence

from slotline.domain.booking.apps import App
from slotline.domain.shared.errors import NotFound
from slotline.domain.webhooks.deliveries import Delivery, LogPage, LogQuery, Place
from slotline.domain.webhooks.subscriptions import Listener, Subject, Subscription
from slotline.ports.webhooks import Deliveries, Webhooks
from slotline.usecases.webhooks.keep_webhooks import check_owner, read_webhook, webhook_of_app


def list_deliveries(webhooks: Webhooks, deliveries: Deliveries, query: LogQuery) -> LogPage:
    """A page of a subscription's log. Raises AppNotFound or NotFound."""
    read_webhook(webhooks, query.app_id, query.webhook_id)
    return deliveries.log(query)


def deliveries_about(
    webhooks: Webhooks, deliveries: Deliveries, app_id: str, subject: Subject
) -> Sequence[tuple[Subscription, Sequence[Delivery]]]:
    """What was sent about one subject, by the subscription; none that was told nothing. One read for each."""
    found = ((one, deliveries.of_subject(app_id, one.id, subject)) for one in webhooks.of_app(app_id))
    return [(subscription, told) for subscription, told in found if told]


def read_delivery(
    webhooks: Webhooks,
    deliveries: Deliveries,
    app_id: str,
    webhook_id: str,
    delivery_id: str,
    listener: Listener,
) -> Delivery:
    """One delivery, as it is now. Raises AppNotFound, NotFound, or Forbidden to whom it may not be told."""
    app, _ = webhook_of_app(webhooks, app_id, webhook_id)
    place = Place.of_id(app_id, webhook_id, delivery_id)
    found = deliveries.get(place) if place else None
    if found is None:
        raise NotFound("There is no such delivery to this webhook. Deliveries are kept for 30 days.")
    check_listener(app, listener, [found])
    return found


def check_listener(app: App, listener: Listener, deliveries: Sequence[Delivery]) -> None:
    """Raises Forbidden unless the listener may read what each of these tells."""
    listener.check(delivery.event for delivery in deliveries)
    if any(delivery.place.subject.kind.is_dialing for delivery in deliveries):
        check_owner(app, listener.organization_id)
