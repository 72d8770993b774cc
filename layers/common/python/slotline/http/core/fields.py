"""The kinds of values that requests carry. Each says what is wrong with a bad one in words for its sender."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_after_validator_function, no_info_plain_validator_function

from slotline.domain.shared.emails import LONGEST as LONGEST_EMAIL
from slotline.domain.shared.emails import to_mailbox
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.instants import parse_instant
from slotline.domain.shared.names import check_name, check_prose
from slotline.domain.shared.phones import to_e164
from slotline.domain.shared.plain_json import compact
from slotline.domain.shared.zones import zone
from slotline.domain_names import to_ascii

_LOST_PLUS = re.compile(r"\d{4}-\d\d-\d\dT[\d:.,]+ \d\d:?\d\d", re.ASCII)
_LANGUAGE = re.compile(r"^(?=.{2,35}$)[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
_MOST_LANGUAGES = 20
LONGEST_URL = 2000
MOST_TAGS = 20
MOST_AGENTS = 100
"""That a request names."""
LARGEST_METADATA = 16 * 1024


def refused(code: str, message: str) -> PydanticCustomError:
    """What a validator raises. The message is shown as it is: braces would be taken for a template."""
    return PydanticCustomError("slotline", "{message}", {"message": message, "code": code})


def in_our_words(check: Callable[[str], object]) -> Callable[[str], str]:
    """A validator of what a rule of the core checks, and says what is wrong with."""

    def checked(value: str) -> str:
        try:
            check(value)
        except InvalidRequest as error:
            raise refused(error.details[0].code, error.details[0].message) from error
        return value

    return checked


def spelled(pattern: str, message: str) -> "Spelled":
    """On a text: it has this form, and `message` says in words which. Both are in the OpenAPI document."""
    return Spelled(re.compile(pattern), message)


@dataclass(frozen=True, slots=True)
class Spelled:
    """The form of a text. pydantic's own patterns are shown to whoever breaks them; this says what would be right."""

    pattern: re.Pattern[str]
    message: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "pattern": self.pattern.pattern}

    def _check(self, value: str) -> str:
        if not self.pattern.fullmatch(value):
            raise refused("string_pattern_mismatch", self.message)
        return value


@dataclass(frozen=True, slots=True)
class TextOrTexts:
    """On a text that people read: one for everybody, or an object of one a language, each as `check` has it."""

    check: Callable[[str], object]
    longest: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_plain_validator_function(self._checked)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        text = {"type": "string", "minLength": 1, "maxLength": self.longest}
        texts = {
            "type": "object",
            "minProperties": 1,
            "maxProperties": _MOST_LANGUAGES,
            "propertyNames": {"pattern": _LANGUAGE.pattern},
            "additionalProperties": text,
        }
        return {"anyOf": [text, texts]}

    def _checked(self, value: Any) -> str | dict[str, str]:
        if isinstance(value, str):
            return self._text(value, "")
        if not isinstance(value, dict) or not 1 <= len(value) <= _MOST_LANGUAGES:
            raise refused(
                "texts",
                f"must be a text, or an object of 1 to {_MOST_LANGUAGES} texts by language, such as en or es-CO",
            )
        if not all(isinstance(tag, str) and _LANGUAGE.fullmatch(tag) for tag in value):
            raise refused("language", "must name its texts by language tags such as es or es-CO")
        if len({tag.casefold() for tag in value}) < len(value):
            raise refused("repeated", "must name each language only once, not only in capital letters")
        return {tag: self._text(text, f" (language {tag})") for tag, text in value.items()}

    def _text(self, value: Any, of_language: str) -> str:
        if not isinstance(value, str) or not 1 <= len(value) <= self.longest:
            raise refused("text", f"must be text of 1 to {self.longest:,} characters{of_language}")
        try:
            self.check(value)
        except InvalidRequest as error:
            raise refused(error.details[0].code, error.details[0].message + of_language) from error
        return value


def _instant(value: Any) -> datetime:
    if not isinstance(value, str):
        raise refused("instant", "must be text: an ISO-8601 instant with Z or an offset")
    if _LOST_PLUS.fullmatch(value):
        raise refused("instant", "a bare + in a query means a space: write the offset's + as %2B, or send Z")
    try:
        return parse_instant(value)
    except ValueError as error:
        raise refused("instant", str(error)) from error


def _zone(value: str) -> str:
    try:
        return zone(value).key
    except InvalidRequest as error:
        raise refused(error.details[0].code, error.details[0].message) from error


def _email(value: str) -> str:
    try:
        return to_mailbox(value, to_ascii)
    except InvalidRequest as error:
        raise refused(error.details[0].code, error.details[0].message) from error


def _url(value: str) -> str:
    if any(not "!" <= character <= "~" for character in value):
        raise refused("url", "must be an https:// address without spaces or characters beyond ASCII")
    return value


def once_each(values: list[Any]) -> list[Any]:
    """A validator: no value of the list comes twice."""
    if len(set(values)) < len(values):
        raise refused("repeated", "must name each only once")
    return values


def _bounded_json(value: dict[str, Any]) -> dict[str, Any]:
    try:
        size = len(compact(value).encode())
    except ValueError as error:
        raise refused("number", "must hold no number that is too large for JSON's receivers") from error
    if size > LARGEST_METADATA:
        raise refused("too_large", f"must be at most {LARGEST_METADATA // 1024} KB as JSON")
    return value


def _whole_number(value: Any) -> Any:
    """JSON has one kind of number: 30.0 is 30. Text and booleans are no numbers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "description": "ISO-8601 with Z or an offset, e.g. 2026-05-01T15:00:00.000Z",
        }
    ),
]
Zone = Annotated[
    str,
    Field(max_length=64, strict=True, description="IANA time zone of a place, e.g. America/Bogota"),
    AfterValidator(_zone),
]
Phone = Annotated[
    str,
    Field(
        max_length=40,
        strict=True,
        description="+ and 7 to 15 digits; spaces, dots, dashes and parentheses may stand between them",
    ),
    AfterValidator(in_our_words(to_e164)),
]
Email = Annotated[
    str,
    Field(
        max_length=LONGEST_EMAIL,
        strict=True,
        description="An address that mail services deliver to; an international domain comes back in its ASCII form",
    ),
    AfterValidator(_email),
]
CustomerUrl = Annotated[
    str,
    Field(
        strict=True,
        min_length=1,
        max_length=LONGEST_URL,
        description="An https address. One that leads to a private network is refused",
        json_schema_extra={"format": "uri"},
    ),
    AfterValidator(_url),
]
OneLine = Annotated[str, Field(min_length=1, max_length=200, strict=True), AfterValidator(in_our_words(check_name))]
Notes = Annotated[str, Field(max_length=4000, strict=True), AfterValidator(in_our_words(check_prose))]
AgentId = Annotated[
    str,
    Field(strict=True),
    spelled(r"^[A-Za-z0-9_.:@|+-]{1,128}$", "must be 1 to 128 ASCII letters, digits or any of _ . : @ | + -"),
]
AgentIds = Annotated[list[AgentId], Field(max_length=MOST_AGENTS), AfterValidator(once_each)]
Language = Annotated[
    str,
    Field(strict=True, max_length=35, description="BCP 47, e.g. es-CO"),
    spelled(_LANGUAGE.pattern, "must be a language tag such as es or es-CO"),
]
Slug = Annotated[
    str,
    Field(strict=True, description="A name in addresses, one of its kind in the app; it may not look like an id"),
    spelled(
        r"^(?![0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{32}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$",
        "must be 1 to 63 small letters a to z, digits or hyphens between them, and may not look like an id",
    ),
]
PresetRef = Annotated[str, Field(strict=True, min_length=1, max_length=128)]
Tag = Annotated[
    str,
    Field(strict=True),
    spelled(r"^[^\s,]([^,]{0,48}[^\s,])?$", "must be 1 to 50 characters, without commas or spaces at the ends"),
    AfterValidator(in_our_words(check_name)),
]
Tags = Annotated[list[Tag], Field(max_length=MOST_TAGS), AfterValidator(once_each)]
ExternalId = Annotated[
    str,
    Field(min_length=1, max_length=200, strict=True, description="The id that your own system knows it by"),
    AfterValidator(in_our_words(check_name)),
]
Metadata = Annotated[dict[str, Any], Field(strict=True), AfterValidator(_bounded_json)]
VerificationId = Annotated[str, Field(strict=True, max_length=64, json_schema_extra={"format": "uuid"})]
Digits = Annotated[str, Field(strict=True), spelled(r"^[0-9]{6}$", "must be six digits")]
HoldId = Annotated[str, Field(strict=True, max_length=64, json_schema_extra={"format": "uuid"})]
Reason = Annotated[str, Field(max_length=500, strict=True), AfterValidator(in_our_words(check_prose))]
WholeNumber = Annotated[int, BeforeValidator(_whole_number), Field(strict=True)]
Duration = Annotated[WholeNumber, Field(ge=5, le=480, description="Minutes")]
Buffer = Annotated[WholeNumber, Field(ge=0, le=240, description="Minutes")]
Flag = Annotated[bool, Field(strict=True)]
StartTime = Annotated[
    str,
    Field(strict=True, description="HH:MM"),
    spelled(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", "must be a time of day with two digits each, such as 09:00"),
]
EndTime = Annotated[
    str,
    Field(strict=True, description="HH:MM; 24:00 ends the day"),
    spelled(
        r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
        "must be a time of day with two digits each, such as 17:00; 24:00 ends the day",
    ),
]
