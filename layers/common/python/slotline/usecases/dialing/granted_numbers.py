"""A number of an organization, and whether it may be called from: who adds one, who plans calls and who dials asks."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.dialing.numbers import Number, already_there, check_granted, counted_as, is_granted
from slotline.domain.shared.audit import Author
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.ports.dialing import NumberGrants, Numbers
from slotline.ports.shared import AlreadyWritten, Ids, RateLimitCheck
from slotline.usecases.dialing.keep_settings import checked, entry_of
from slotline.usecases.shared.once import Answered, Once


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNumber:
    """Add a number that the operator has granted to the organization."""

    numbers: Numbers
    grants: NumberGrants
    ids: Ids
    once: Once

    def __call__(
        self, number: Number, author: Author, key: IdempotencyKey | None, check_rate: RateLimitCheck
    ) -> Answered:
        """The number as it was added. Raises InvalidRequest, NumberNotGranted, or NumberIsThere."""
        number_id, audited = self.ids.new(), self.once.audited(author)

        def act(now: datetime) -> Mapping[str, object]:
            added = replace(number, id=number_id, created_at=now, updated_at=now)
            text = checked(added)
            grant = check_granted(added, self.grants.get(added.phone_number))
            there = self.numbers.get(added.organization_id, grant.number_id) if grant.number_id else None
            if there and there.id != added.id:
                raise already_there(there)
            receipt = Receipt(key=key, result={"setting": text}, answered_at=now) if key else None
            with suppress(AlreadyWritten):  # the id is new: an earlier try of this request got through
                self.grants.add_number(added, grant, receipt, entry_of(audited, "added", None, added))
            return {"setting": text}

        return self.once(key, check_rate, act)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindNumber:
    """Finds a number as it is now, and whether its organization may call from it."""

    numbers: Numbers
    grants: NumberGrants

    def __call__(self, organization_id: str, number_id: str) -> tuple[Number | None, bool]:
        """The number that counts, and whether it is granted. Raises StoreBusyError."""
        number = self.numbers.get(organization_id, number_id)
        if number is None:
            return None, False
        grant = self.grants.get(number.phone_number)
        counts = counted_as(number, grant)
        if counts != number.id:
            number = self.numbers.get(organization_id, counts) or number
        return number, is_granted(number, grant)
