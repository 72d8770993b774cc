"""The do-not-call list as it travels."""

from typing import Self

from pydantic import ConfigDict, Field, model_validator

from slotline.domain.dialing.do_not_call import DoNotCallEntry
from slotline.domain.shared.phones import to_e164
from slotline.domain.shared.plain_json import plain
from slotline.http.core.fields import Phone, Reason, refused
from slotline.http.core.models import DialBody, Model, Moment

MOST_LISTED = 1_000
"""Numbers of one request to the do-not-call list."""


class NotToBeCalled(DialBody):
    """The body of `POST do-not-call`: one number, or many."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"phone_number": "+573005550100", "reason": "asked"}]})

    phone_number: Phone | None = None
    phone_numbers: list[Phone] = Field(default_factory=list, max_length=MOST_LISTED)
    reason: Reason | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if (self.phone_number is None) == (not self.phone_numbers):
            raise refused("required", "either phone_number or phone_numbers is required")
        return self

    def to_numbers(self) -> list[str]:
        """The numbers in E.164."""
        given = self.phone_numbers or [self.phone_number or ""]
        return [to_e164(number, "phone_number") for number in given]


class BarredNumberView(Model):
    """A number that is not called."""

    phone_number: str
    reason: str | None
    listed_at: Moment

    @classmethod
    def of(cls, number: DoNotCallEntry) -> Self:
        """The view of a number."""
        fields = plain(number)
        return cls(phone_number=fields["e164"], reason=fields["reason"], listed_at=fields["listed_at"])


class ListedData(Model):
    """`data` of the answer to numbers that were put on the list."""

    listed: int


class BarredNumberData(Model):
    """`data` of the answer to a number that was taken off the list."""

    phone_number: str


class BarredNumbersData(Model):
    """`data` of an answer with the list."""

    numbers: list[BarredNumberView]
