"""What the models of requests and answers are made of."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue

from slotline.domain.shared.errors import Detail, InvalidRequest

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Model(BaseModel):
    """Anything that a request or an answer is made of.

    It is built when it is first used, not when it is imported: a function has several routes, a cold start takes one.
    """

    model_config = ConfigDict(defer_build=True)

    def __repr__(self) -> str:
        """Its name alone: what it says is a guest's, and Powertools writes a handler's arguments for its debug log."""
        return f"{type(self).__name__}()"

    __str__ = __repr__


class Sent(Model):
    """What a request sends. An empty text says nothing, wherever a text may be left out: it is as if it were not sent.

    So in a PATCH it changes nothing; null alone clears.
    """

    @model_validator(mode="before")
    @classmethod
    def _without_empty_texts(cls, said: Any) -> Any:
        if not isinstance(said, dict) or "" not in said.values():
            return said
        optional = _optional_texts(cls)
        return {name: value for name, value in said.items() if value != "" or name not in optional}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The schema, which takes an empty text wherever the model does."""
        shown = handler(schema)
        properties = handler.resolve_ref_schema(shown).get("properties", {})
        for name in _optional_texts(cls) & properties.keys():
            properties[name] = _or_empty(properties[name])
        return shown


@cache
def _optional_texts(model: type[BaseModel]) -> frozenset[str]:
    """The fields that hold a text and may be left out, as requests spell them."""
    fields = model.model_fields.items()
    return frozenset(
        field.alias or name for name, field in fields if not field.is_required() and _is_text(field.annotation)
    )


def _or_empty(text: JsonSchemaValue) -> JsonSchemaValue:
    """The schema of a text that may be empty, too. One that may not be shorter than a character may be so plainly."""
    about = {name: value for name, value in text.items() if name in _ABOUT}
    kind = {name: value for name, value in text.items() if name not in _ABOUT}
    choices = [_of_any_length(choice) for choice in kind.get("anyOf", [kind])]
    if not any(_takes_empty(choice) for choice in choices):
        choices = [*choices, {"const": "", "type": "string"}]
    return {**about, **(choices[0] if len(choices) == 1 else {"anyOf": choices})}


def _of_any_length(kind: JsonSchemaValue) -> JsonSchemaValue:
    return {name: value for name, value in kind.items() if (name, value) != ("minLength", 1)}


def _takes_empty(kind: JsonSchemaValue) -> bool:
    return kind.get("type") == "string" and not kind.keys() & {"minLength", "pattern", "format", "enum", "const"}


def _is_text(annotation: Any) -> bool:
    """Whether its JSON may be a text: a text itself, one of some choices, a time; or else null, or one a language."""
    return any(isinstance(kind, str) or kind in _TEXTS or _is_choice(kind) for kind in _without_null(annotation))


def _without_null(annotation: Any) -> tuple[Any, ...]:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _without_null(inner[0])
    if origin in {Union, UnionType}:
        return tuple(kind for one in inner for kind in _without_null(one))
    return inner if origin is Literal else (annotation,)


def _is_choice(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


_TEXTS = (str, datetime, date)
_ABOUT = frozenset({"title", "description", "default", "examples"})
"""What a schema says of a field beside the values that it takes."""


class RequestBody(Sent):
    """A body in camelCase in which no field is unknown."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class DialBody(Sent):
    """A body in snake_case, as everything of dialing has it, in which no field is unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoFields(RequestBody):
    """The body of a request that has nothing more to say."""


def not_sent() -> Any:
    """The value of a field that was not sent: `model_fields_set` tells, and nobody reads it."""
    return None


def check_not_sent(sent: BaseModel, barred: Iterable[str], message: str) -> None:
    """Raises InvalidRequest that names each of these fields which was sent with a value."""
    found = [name for name in barred if name in sent.model_fields_set and getattr(sent, name) is not None]
    if found:
        details = [Detail(message, "not_allowed", to_camel(name)) for name in found]
        raise InvalidRequest(f"{details[0].field} {message}", details)
