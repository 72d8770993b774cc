"""Rows as the release before keeps and reads them: a replaced secret in attributes of its own, events that it knows."""

from typing import Any

from slotline.domain.shared.plain_json import plain
from slotline.domain.webhooks.subscriptions import RetiringSecret, WebhookEvent
from slotline.store.webhooks.deliveries import delivery_from_item, delivery_to_item
from slotline.store.webhooks.subscriptions import subscription_from_item, subscription_to_item
from tests.support.builders.apps import NOW
from tests.support.memory.webhooks import OTHER_SECRET, SECRET, a_delivery, a_subscription


def former(**changes: Any) -> dict[str, Any]:
    row = {name: value for name, value in subscription_to_item(a_subscription()).items() if name != "retiring"}
    return {**row, "previous_secret": None, "previous_secret_until": None, **changes}


def test_a_row_without_a_replaced_secret_is_read() -> None:
    assert subscription_from_item(former()) == a_subscription()


def test_the_secret_that_was_replaced_signs_on() -> None:
    row = former(secret=OTHER_SECRET, previous_secret=SECRET, previous_secret_until=plain(NOW))
    found = subscription_from_item(row)
    assert found.retiring == (RetiringSecret(secret=SECRET, until=NOW),)
    assert found.secret == OTHER_SECRET


def test_a_subscription_is_one_that_the_release_before_can_read() -> None:
    """It knows no `scheduled.reopened`: what it reads leaves it out, and what we read does not."""
    wanted = (WebhookEvent.REOPENED, WebhookEvent.CREATED)
    row = subscription_to_item(a_subscription(events=wanted))
    assert row["events"] == ["scheduled.created"]
    assert subscription_from_item(row).events == wanted


def test_what_the_release_before_writes_over_the_events_holds() -> None:
    row = subscription_to_item(a_subscription(events=(WebhookEvent.REOPENED, WebhookEvent.CREATED)))
    assert subscription_from_item({**row, "events": ["scheduled.cancelled"]}).events == (WebhookEvent.CANCELLED,)


def test_a_delivery_is_one_that_the_release_before_can_send() -> None:
    reopened = a_delivery(event=WebhookEvent.REOPENED)
    row = delivery_to_item(reopened)
    assert row["event"] == "scheduled.updated"
    assert delivery_from_item(plain(row)) == reopened
