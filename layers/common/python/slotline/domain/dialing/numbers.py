"""Numbers to call from, and whose they are.

The rule guarded here: a number belongs to the organization that the operator granted it to, in the whole deployment.
Nobody else may add it or call from it, and who asks for another's number learns nothing about whose it is.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from slotline.domain.shared.errors import Detail, InvalidRequest, NumberIsThere, NumberNotGranted
from slotline.domain.shared.phones import to_e164

FASTEST = 100
"""Calls per second of one number: more than any carrier grants one."""
MOST_LINES = 1_000

NOT_GRANTED = "number_not_granted"
"""Why nobody is called from a number, in a word: for a call that waits, and for its campaign."""


class CarrierName(StrEnum):
    """Who places the calls of a number."""

    TWILIO = "twilio"
    CONNECT = "connect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number to call from: how many calls it may start a second, and how many it may hold at once."""

    id: str
    organization_id: str
    phone_number: str
    carrier: CarrierName
    name: str | None = None
    calls_per_second: int = 1
    lines: int = 10
    revision: int = 1
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def check(self) -> None:
        """Raises InvalidRequest where no calls could be placed from it. `phone_number` is kept in E.164."""
        to_e164(self.phone_number, "phone_number")
        if not 1 <= self.calls_per_second <= FASTEST:
            raise InvalidRequest.of_field("calls_per_second", f"must be 1 to {FASTEST}", "range")
        if not 1 <= self.lines <= MOST_LINES:
            raise InvalidRequest.of_field("lines", f"must be 1 to {MOST_LINES}", "range")


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberGrant:
    """Whom the operator granted a number to; there is one for a number in the whole deployment.

    `organization_id`: None where nobody has it, because it was revoked or because two organizations had added it before
    numbers were granted. `revoked_from`: who had it last. `number_id`: what the organization added it as. That may be
    deleted by now, and then it may add the number again.
    """

    phone_number: str
    organization_id: str | None
    number_id: str | None = None
    revoked_from: str | None = None
    revision: int = 1
    granted_at: datetime

    def revoked(self, at: datetime) -> "NumberGrant":
        """Nobody calls from it any more."""
        return replace(
            self,
            organization_id=None,
            number_id=None,
            revoked_from=self.organization_id,
            revision=self.revision + 1,
            granted_at=at,
        )

    def granted(self, organization_id: str, number_id: str | None, at: datetime) -> "NumberGrant":
        """The organization has it, and has added it as this already; None: it has not."""
        return replace(
            self,
            organization_id=organization_id,
            number_id=number_id,
            revoked_from=None,
            revision=self.revision + 1,
            granted_at=at,
        )

    def added(self, number: Number) -> "NumberGrant":
        """Its organization has added the number."""
        return replace(self, number_id=number.id, revision=self.revision + 1)


def is_granted(number: Number, grant: NumberGrant | None) -> bool:
    """Whether the number's organization may call from it.

    Without a grant it may: the number was added before numbers were granted, and the operator has not adopted it yet.
    Every number that was added since has a grant, and so has every number that was ever revoked.
    """
    return grant is None or grant.organization_id == number.organization_id


def counted_as(number: Number, grant: NumberGrant | None) -> str:
    """The id of the row whose pace and lines count for this one.

    An organization could once add a number twice. Calls may still name either row; the one that the grant names counts
    for both.
    """
    return grant.number_id if grant and grant.number_id and is_granted(number, grant) else number.id


def check_granted(number: Number, grant: NumberGrant | None) -> NumberGrant:
    """The grant by which the number may be added.

    Raises NumberNotGranted, in the same words whether or not another organization has the number.
    """
    if grant is None or grant.organization_id != number.organization_id:
        raise not_granted("phone_number")
    return grant


def not_granted(field: str) -> NumberNotGranted:
    """What whoever would use a number is told that the organization does not have. It is echoed nowhere."""
    message = "this number is not granted to your organization; ask the operator of this deployment for it"
    return NumberNotGranted(f"{field}: {message}", [Detail(message, NOT_GRANTED, field)])


def already_there(there: Number) -> NumberIsThere:
    """What whoever adds a number is told that the organization has added before."""
    message = f"your organization has this number already, as {there.id}; change it there"
    return NumberIsThere(f"phone_number: {message}", [Detail(message, NumberIsThere.code, "phone_number")])
