"""Codes that prove addresses, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.booking.customer_limits import CustomerChange
from slotline.domain.booking.sent_codes import MOST_TRIES, SentCode
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.idempotency import Receipt
from slotline.ports.shared import AlreadyWritten, RaceLost
from slotline.store.dynamodb import keys
from tests.support.memory.store import MemoryStore


@dataclass
class MemorySentCodes:
    """`SentCodes` on a store in memory."""

    store: MemoryStore

    def add(self, sent: SentCode, counts: Sequence[CustomerChange], receipt: Receipt | None) -> None:
        with self.store.writing():
            if (sent.app_id, sent.id) in self.store.codes:
                raise AlreadyWritten
            self.store.check_receipt(receipt)
            if any(self.store.history(sent.app_id, one.identity).version != one.version for one in counts):
                raise RaceLost
            self.store.codes[sent.app_id, sent.id] = sent
            for one in counts:
                self.store.count(sent.app_id, one)
            self.store.keep(receipt)

    def wake_up(self, app_id: str, code_id: str, at: datetime) -> Due:
        return Due(kind=DueKind.CODE, **keys.sent_code(app_id, code_id), at=at)

    def due(self, due: Due) -> SentCode | None:
        with self.store.reading():
            for place, sent in self.store.codes.items():
                key = keys.sent_code(*place)
                if (key["pk"], key["sk"]) == (due.pk, due.sk):
                    return None if sent.sent_at or place in self.store.spent_codes else sent
            return None

    def was_sent(self, sent: SentCode, at: datetime) -> None:
        with self.store.writing():
            place = (sent.app_id, sent.id)
            if place in self.store.codes:
                self.store.codes[place] = replace(self.store.codes[place], sent_at=at)

    def take_try(self, app_id: str, code_id: str, now: datetime) -> SentCode | None:
        with self.store.writing():
            sent = self.store.codes.get((app_id, code_id))
            if sent is None or (app_id, code_id) in self.store.spent_codes:
                return None
            if now >= sent.expires_at or sent.tries >= MOST_TRIES:
                return None
            tried = replace(sent, tries=sent.tries + 1)
            self.store.codes[app_id, code_id] = tried
            return tried

    def give_back_try(self, sent: SentCode) -> None:
        with self.store.writing():
            there = self.store.codes.get((sent.app_id, sent.id))
            if there and there.tries > 0:
                self.store.codes[sent.app_id, sent.id] = replace(there, tries=there.tries - 1)
