"""Domain things as plain JSON: what a receipt keeps of an answer, and what a view is made from."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from types import NoneType
from typing import Any

from slotline.domain.shared.instants import format_instant

_PLAIN = frozenset({str, int, float, bool, NoneType})
"""What is as it will be. Most values are of these, so they are asked for first."""
_MIXED = (Mapping, list, int, float)
"""What may be equal to something that JSON writes otherwise."""


def plain(value: object) -> Any:
    """The same as text, numbers, lists and objects; a field that is not set is null."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, Mapping):
        return {str(plain(name)): plain(inner) for name, inner in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value


def compact(value: object) -> str:
    """Plain JSON as text, in as few bytes as it takes. Raises ValueError for a number that JSON has no form for."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def is_same(one: object, other: object) -> bool:
    """Whether both are the same value, and the same JSON: to Python 1, 1.0 and True are equal."""
    return one == other and (not isinstance(one, _MIXED) or compact(one) == compact(other))
