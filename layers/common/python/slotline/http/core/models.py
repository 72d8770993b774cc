"""What the models of requests and answers are made of."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Model(BaseModel):
    """Anything that a request or an answer is made of.

    It is built when it is first used, not when it is imported: a function has several routes, a cold start takes one.
    """

    model_config = ConfigDict(defer_build=True)


class RequestBody(Model):
    """A body in camelCase in which no field is unknown."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class DialBody(Model):
    """A body in snake_case, as everything of dialing has it, in which no field is unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoFields(RequestBody):
    """The body of a request that has nothing more to say."""


def not_sent() -> Any:
    """The value of a field that was not sent: `model_fields_set` tells, and nobody reads it."""
    return None
