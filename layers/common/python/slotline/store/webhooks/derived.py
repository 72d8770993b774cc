"""What is derived from deliveries: on the day of its event, what a delivery has come to.

One that is pending counts nowhere, nor does a ping. A delivery expires, and what it came to stays counted: its record
expires a few days later, and nothing is taken off.
"""

from datetime import timedelta

from slotline.domain.webhooks.deliveries import Delivery, DeliveryStatus
from slotline.ports.shared import Derived
from slotline.store.booking.rollups import MESSAGES, WEBHOOK, on_day
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.streams import Change
from slotline.store.webhooks.deliveries import delivery_from_item, key_of

OUTLIVES_BY = timedelta(days=3)
"""How much longer than a delivery its record is kept: DynamoDB takes a row away within two days of its time."""


def derived_of_delivery(delivery: Delivery) -> Derived:
    """What follows from a delivery as it is."""
    place = delivery.place
    has_come_to_something = delivery.status is not DeliveryStatus.PENDING and not delivery.is_test
    day, names = delivery.occurred_at.date(), (WEBHOOK, delivery.status.value)
    counters = {on_day(keys.rolled_up(place.app_id), MESSAGES, day, *names)} if has_come_to_something else set()
    return Derived(
        subject=keys.as_subject(key_of(place)),
        version=delivery.revision,
        counters=frozenset(counters),
        expires_at=delivery.expires_at + OUTLIVES_BY,
    )


def changed_delivery(change: Change) -> Derived | None:
    """What follows from a delivery that was made or changed; None for any other row."""
    row = change.new
    return derived_of_delivery(delivery_from_item(row)) if row and keys.is_delivery(row["sk"]) else None
