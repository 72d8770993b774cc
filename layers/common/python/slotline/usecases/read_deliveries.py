"""Read what became of the events that were sent to a webhook."""

from slotline.domain.deliveries import Delivery, LogPage, LogQuery, Place
from slotline.domain.errors import NotFound
from slotline.ports import Deliveries, Webhooks
from slotline.usecases.keep_webhooks import read_webhook


def list_deliveries(webhooks: Webhooks, deliveries: Deliveries, query: LogQuery) -> LogPage:
    """A page of a subscription's log. Raises AppNotFound or NotFound."""
    read_webhook(webhooks, query.app_id, query.webhook_id)
    return deliveries.log(query)


def read_delivery(
    webhooks: Webhooks, deliveries: Deliveries, app_id: str, webhook_id: str, delivery_id: str
) -> Delivery:
    """One delivery, as it is now. Raises AppNotFound or NotFound."""
    read_webhook(webhooks, app_id, webhook_id)
    place = Place.of_id(app_id, webhook_id, delivery_id)
    found = deliveries.get(place) if place else None
    if found is None:
        raise NotFound("There is no such delivery to this webhook. Deliveries are kept for 30 days.")
    return found
