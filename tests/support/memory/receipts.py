"""Answers to keys, in memory."""

from dataclasses import dataclass

from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from tests.support.memory.store import MemoryStore


@dataclass
class MemoryReceipts:
    """`Receipts`: answers whose effect is not one transaction."""

    store: MemoryStore

    def find(self, key: IdempotencyKey) -> Receipt | None:
        """The first answer to this key, while it is kept."""
        with self.store.reading():
            return self.store.live_receipt(key)

    def keep(self, receipt: Receipt) -> bool:
        """Keep a first answer; one that is there already stays."""
        with self.store.writing():
            if self.store.live_receipt(receipt.key) is not None:
                return False
            self.store.keep(receipt)
            return True

    def complete(self, receipt: Receipt) -> None:
        """The whole answer in place of what was there."""
        with self.store.writing():
            self.store.keep(receipt)
