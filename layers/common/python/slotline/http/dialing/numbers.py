"""Numbers to call from, as they travel."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import ConfigDict, Field

from slotline.domain.dialing.numbers import FASTEST, MOST_LINES, CarrierName, Number
from slotline.domain.shared.phones import to_e164
from slotline.domain.shared.plain_json import plain
from slotline.http.core.changes import SomethingToChange
from slotline.http.core.fields import OneLine, Phone, WholeNumber
from slotline.http.core.models import DialBody, Model, Moment, not_sent

NumberInPath = Annotated[str, Path(description="The number to call from")]


class NumberChanges(SomethingToChange, DialBody):
    """The body of `PATCH numbers/{number_id}`: what is not sent stays."""

    name: OneLine | None = Field(default_factory=not_sent)
    calls_per_second: Annotated[WholeNumber, Field(ge=1, le=FASTEST)] = Field(
        default_factory=not_sent, description="How many calls it may start a second; at first 1"
    )
    lines: Annotated[WholeNumber, Field(ge=1, le=MOST_LINES)] = Field(
        default_factory=not_sent, description="How many calls it may hold at once; at first 10"
    )

    def to_values(self) -> Mapping[str, Any]:
        """The attributes that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class NewNumber(NumberChanges):
    """The body of `POST numbers`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"phone_number": "+12025550150", "carrier": "twilio", "name": "Sales"}]}
    )

    phone_number: Phone
    carrier: Literal["twilio", "connect"] = Field(description="Who places its calls")

    def to_number(self, organization_id: str) -> Number:
        """What the core is asked; the id is made there."""
        e164 = to_e164(self.phone_number, "phone_number")
        values = {**self.to_values(), "phone_number": e164, "carrier": CarrierName(self.carrier)}
        return Number(id="", organization_id=organization_id, **values)


class NumberView(Model):
    """A number to call from."""

    id: str
    organization_id: str
    phone_number: str
    carrier: str
    name: str | None
    calls_per_second: int
    lines: int
    created_at: Moment | None
    updated_at: Moment | None

    @classmethod
    def of(cls, number: Number) -> Self:
        """The view of a number."""
        return cls.of_fields(plain(number))

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """The view of a number as plain JSON."""
        return cls.model_validate(fields)


class NumberData(Model):
    """`data` of an answer with one number."""

    number: NumberView


class NumbersData(Model):
    """`data` of an answer with numbers."""

    numbers: list[NumberView]
