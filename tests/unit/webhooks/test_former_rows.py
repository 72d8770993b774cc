"""Rows of subscriptions as they were kept before: one secret that was replaced, in attributes of its own."""

from typing import Any

from slotline.domain.shared.plain_json import plain
from slotline.domain.webhooks.subscriptions import RetiringSecret
from slotline.store.webhooks.subscriptions import subscription_from_item, subscription_to_item
from tests.support.builders.apps import NOW
from tests.support.memory.webhooks import OTHER_SECRET, SECRET, a_subscription


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
