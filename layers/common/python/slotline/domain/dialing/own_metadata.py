"""What senders want to find again with a call: tags, and fields of their own. Nothing here acts on it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from slotline.domain.shared.errors import InvalidRequest

MOST_TAGS = 50
LONGEST_TAG = 100
MOST_CUSTOM = 50
LONGEST_CUSTOM_NAME = 100
LONGEST_CUSTOM = 1_000
LARGEST = 16 * 1024
"""Bytes of all of it as JSON."""

METADATA, TAGS, CUSTOM = "metadata", "metadata.tags", "metadata.custom"
"""The field of a request or of a row in JSON, and the columns of a table: `metadata.tags`, `metadata.custom.NAME`."""
BETWEEN_TAGS = "|"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMetadata:
    """Tags in order, each once, and texts by name."""

    tags: tuple[str, ...] = ()
    custom: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Raises InvalidRequest where there is more of it than is kept."""
        if len(self.tags) > MOST_TAGS:
            raise InvalidRequest.of_field(TAGS, f"must be at most {MOST_TAGS} tags", "too_many")
        if not all(tag.strip() and len(tag) <= LONGEST_TAG for tag in self.tags):
            raise InvalidRequest.of_field(TAGS, f"must be tags of 1 to {LONGEST_TAG} characters each", "length")
        if len(self.custom) > MOST_CUSTOM:
            raise InvalidRequest.of_field(CUSTOM, f"must be at most {MOST_CUSTOM} fields", "too_many")
        for name, text in self.custom.items():
            if not name.strip() or len(name) > LONGEST_CUSTOM_NAME:
                message = f"names must have 1 to {LONGEST_CUSTOM_NAME} characters"
                raise InvalidRequest.of_field(CUSTOM, message, "name")
            if len(text) > LONGEST_CUSTOM:
                message = f"must have at most {LONGEST_CUSTOM} characters"
                raise InvalidRequest.of_field(f"{CUSTOM}.{name}", message, "too_long")
        if len(json.dumps([self.tags, dict(self.custom)], ensure_ascii=False).encode(errors="replace")) > LARGEST:
            raise InvalidRequest.of_field(METADATA, f"must be at most {LARGEST // 1024} KB", "too_large")

    def with_more(self, more: "OwnMetadata") -> "OwnMetadata":
        """Both: the other's tags come behind, and its fields go before those of the same name."""
        if more is NO_METADATA:
            return self
        return OwnMetadata(tags=tuple(dict.fromkeys((*self.tags, *more.tags))), custom={**self.custom, **more.custom})


NO_METADATA = OwnMetadata()


def metadata_of(cells: Mapping[str, object]) -> OwnMetadata:
    """What a row says of it: the field `metadata` of an object, or the columns of a table. Raises InvalidRequest."""
    if not any(map(is_metadata, cells)):
        return NO_METADATA
    given = cells.get(METADATA)
    said = NO_METADATA if given is None or given == "" else _of_object(given)
    for name, value in cells.items():
        if name == TAGS:
            said = said.with_more(OwnMetadata(tags=_split(value)))
        elif name.startswith(f"{CUSTOM}."):
            text = _text(name, value)
            said = said.with_more(OwnMetadata(custom={name[len(CUSTOM) + 1 :]: text} if text.strip() else {}))
        elif name.startswith(f"{METADATA}."):
            message = f"there is no such column: metadata has {TAGS} and {CUSTOM}.NAME"
            raise InvalidRequest.of_field(name[: len(METADATA) + LONGEST_CUSTOM_NAME], message, "unknown")
    said.check()
    return said


def is_metadata(name: str) -> bool:
    """True for what `metadata_of` reads."""
    return name.startswith(METADATA) and (name == METADATA or name[len(METADATA)] == ".")


def _of_object(given: object) -> OwnMetadata:
    if not isinstance(given, Mapping):
        message = f"must be an object with tags and custom; a table has the columns {TAGS} and {CUSTOM}.NAME"
        raise InvalidRequest.of_field(METADATA, message, "type")
    for name in given:
        if name not in ("tags", "custom"):
            message = "there is no such field: metadata has tags and custom"
            raise InvalidRequest.of_field(
                f"{METADATA}.{name}"[: len(METADATA) + LONGEST_CUSTOM_NAME], message, "unknown"
            )
    tags, custom = given.get("tags"), given.get("custom")
    tags, custom = [] if tags is None else tags, {} if custom is None else custom
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise InvalidRequest.of_field(TAGS, "must be a list of texts", "type")
    if not isinstance(custom, Mapping):
        raise InvalidRequest.of_field(CUSTOM, "must be an object of texts", "type")
    texts = {name: _text(f"{CUSTOM}.{name}", value) for name, value in custom.items()}
    return OwnMetadata(tags=tuple(dict.fromkeys(tags)), custom=texts)


def _split(value: object) -> tuple[str, ...]:
    tags = _text(TAGS, value).split(BETWEEN_TAGS)
    return tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidRequest.of_field(name[: len(CUSTOM) + LONGEST_CUSTOM_NAME], "must be text", "type")
    return value
