"""Idempotency keys of what is not a booking."""

from functools import cache

from slotline.ports.shared import Receipts
from slotline.store.shared.receipts import DynamoReceipts
from slotline.usecases.shared.once import Once
from slotline.wiring import common


@cache
def receipts() -> Receipts:
    """Answers to idempotency keys, where the effect is many transactions."""
    return DynamoReceipts(common.dynamodb(), common.settings().access_table, common.clock())


@cache
def once() -> Once:
    """The loop that gives a key one effect."""
    return Once(receipts=receipts(), clock=common.clock(), backoff=common.backoff(), ids=common.ids())
