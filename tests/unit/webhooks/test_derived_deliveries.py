"""What is counted of deliveries: what each has come to, once, in whatever order its changes come."""

import random
from dataclasses import replace
from datetime import timedelta

from slotline.domain.webhooks.deliveries import Delivery, DeliveryStatus
from slotline.domain.webhooks.subscriptions import WebhookEvent
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import from_values, to_values
from slotline.store.shared.derived import DynamoDerivations
from slotline.store.webhooks.deliveries import delivery_to_item
from slotline.store.webhooks.derived import OUTLIVES_BY, derived_of_delivery
from tests.support.aws.small_dynamodb import SmallDynamoDB
from tests.support.builders.apps import SetClock
from tests.support.memory.webhooks import a_delivery
from tools.counters import Recount, deliveries

STATUSES = list(DeliveryStatus)


def life(number: int, drawn: random.Random) -> list[Delivery]:
    """A delivery from its making on, at each of its revisions."""
    states = [replace(a_delivery(16 * number), status=DeliveryStatus.PENDING)]
    for _ in range(drawn.randint(0, 6)):
        states.append(replace(states[-1], status=drawn.choice(STATUSES)).following(states[-1]))
    return states


def counted(table: SmallDynamoDB, app_id: str, month: str) -> dict[str, int]:
    derivations = DynamoDerivations(table, "table", SetClock())  # type: ignore[arg-type] # all it asks
    return dict(derivations.counts(keys.rolled_up(app_id), f"MESSAGES#{month}"))


def expected(lives: list[list[Delivery]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for states in lives:
        last = states[-1]
        if last.status is not DeliveryStatus.PENDING:
            name = f"{last.occurred_at.day:02}.webhook.{last.status}"
            found[name] = found.get(name, 0) + 1
    return found


def test_each_delivery_counts_as_what_it_has_come_to_however_often_and_in_what_order_its_changes_come() -> None:
    drawn, table = random.Random(18), SmallDynamoDB()
    lives = [life(number, drawn) for number in range(60)]
    changes = [state for states in lives for state in states] * 2
    drawn.shuffle(changes)
    derivations = DynamoDerivations(table, "table", SetClock())  # type: ignore[arg-type] # all it asks
    for at in range(0, len(changes), 50):
        derivations.apply([derived_of_delivery(one) for one in changes[at : at + 50]])
    one = lives[0][0]
    assert counted(table, one.place.app_id, one.occurred_at.strftime("%Y-%m")) == expected(lives)


def test_a_recount_finds_what_was_lost_and_leaves_what_has_expired_as_it_was_counted() -> None:
    drawn, table, clock = random.Random(19), SmallDynamoDB(), SetClock()
    lives = [life(number, drawn) for number in range(40)]
    derivations = DynamoDerivations(table, "table", clock)  # type: ignore[arg-type] # all it asks
    for number, states in enumerate(lives):
        table.put_item(Item=to_values(delivery_to_item(states[-1])))
        if number % 2:
            derivations.apply([derived_of_delivery(states[-1])])
    one = lives[0][0]
    where = (table, one.place.app_id, one.occurred_at.strftime("%Y-%m"))
    assert counted(*where) != expected(lives)
    for _ in range(2):
        Recount(table, deliveries("table", clock), "access", derivations, page=30)()
        assert counted(*where) == expected(lives)
    for key in [place for place in table.rows if keys.is_delivery(place[1])]:
        del table.rows[key]
    Recount(table, deliveries("table", clock), "access", derivations)()
    assert counted(*where) == expected(lives)


def test_the_record_of_a_delivery_outlives_it_by_some_days() -> None:
    table, delivery = SmallDynamoDB(), replace(a_delivery(), status=DeliveryStatus.FAILED)
    derived = derived_of_delivery(delivery)
    DynamoDerivations(table, "table", SetClock()).apply([derived])  # type: ignore[arg-type] # all it asks
    key = keys.derived(derived.subject)
    record = from_values(table.rows[key["pk"], key["sk"]])
    assert record["expires_at"] == int((delivery.expires_at + OUTLIVES_BY).timestamp())
    assert timedelta(days=2) < OUTLIVES_BY, "DynamoDB takes rows away within two days of their time"


def test_a_ping_counts_nowhere() -> None:
    assert not derived_of_delivery(
        replace(a_delivery(), event=WebhookEvent.PING, status=DeliveryStatus.DELIVERED)
    ).counters
