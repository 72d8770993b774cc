"""Keep the list of numbers that an organization does not call. A number is on it from the moment the request ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.dialing.do_not_call import DoNotCallEntry
from slotline.domain.shared.audit import Author, Organization
from slotline.domain.shared.errors import NotFound
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.ports.dialing import DoNotCallList
from slotline.ports.shared import RateLimitCheck
from slotline.usecases.shared.once import Answered, Once


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNumbers:
    """Put numbers on the list."""

    do_not_call: DoNotCallList
    once: Once

    def __call__(
        self,
        organization_id: str,
        numbers: Sequence[str],
        reason: str | None,
        author: Author,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> Answered:
        """How many different numbers were put on it; listing one again changes nothing but when and why.

        The audit log says how many, and not which: they are people's.
        """
        audited = self.once.audited(author)

        def act(now: datetime) -> Mapping[str, object]:
            once = dict.fromkeys(numbers)
            entries = [DoNotCallEntry(e164=e164, reason=reason, listed_at=now) for e164 in once]
            of = Organization(organization_id=organization_id)
            said = audited.entry("do_not_call.listed", organization_id, None, {"numbers": len(entries)}, of=of)
            self.do_not_call.add(organization_id, entries, said)
            answer = {"listed": len(entries)}
            if key is not None:
                self.once.receipts.keep(Receipt(key=key, result=answer, answered_at=now))
            return answer

        return self.once(key, check_rate, act)


def unlist_number(do_not_call: DoNotCallList, once: Once, organization_id: str, e164: str, author: Author) -> None:
    """Take a number off the list. Raises NotFound where it is not on it."""
    of = Organization(organization_id=organization_id)
    entry = once.audited(author).entry("do_not_call.unlisted", organization_id, {"numbers": 1}, None, of=of)
    if not once.retry(lambda: do_not_call.remove(organization_id, e164, entry)):
        raise NotFound("This number is not on the list.")
