"""Read what became of the events that were sent to a webhook."""

from slotline.domain.shared.errors import NotFound
from slotline.domain.webhooks.deliveries import Delivery, LogPage, LogQuery, Place
from slotline.ports.webhooks import Deliveries, Webhooks
from slotline.usecases.webhooks.keep_webhooks import DialsFor, check_owner, read_webhook, webhook_of_app


def list_deliveries(webhooks: Webhooks, deliveries: Deliveries, query: LogQuery) -> LogPage:
    """A page of a subscription's log. Raises AppNotFound or NotFound."""
    read_webhook(webhooks, query.app_id, query.webhook_id)
    return deliveries.log(query)


def read_delivery(
    webhooks: Webhooks,
    deliveries: Deliveries,
    app_id: str,
    webhook_id: str,
    delivery_id: str,
    dials_for: DialsFor | None = None,
) -> Delivery:
    """One delivery, as it is now. Raises AppNotFound or NotFound.

    `dials_for`: whoever sees what was told of calls that are dialled needs the right to hear of them: else Forbidden.
    """
    app, _ = webhook_of_app(webhooks, app_id, webhook_id)
    place = Place.of_id(app_id, webhook_id, delivery_id)
    found = deliveries.get(place) if place else None
    if found is None:
        raise NotFound("There is no such delivery to this webhook. Deliveries are kept for 30 days.")
    if dials_for and found.place.subject.kind.is_dialing:
        check_owner(app, dials_for())
    return found
