"""Items in and out of DynamoDB's typed values, by one function a type: what boto3's serializers make, at a fraction.

The types, and how each is written: DynamoDB API reference, AttributeValue. A number has up to 38 digits (Amazon
DynamoDB Developer Guide, "Supported data types").
"""

from base64 import b64decode
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from decimal import Clamped, Context, Decimal, Inexact, Overflow, Rounded, Underflow
from types import NoneType
from typing import Any

from slotline.domain.shared.instants import format_instant

Item = dict[str, Any]
AttributeValues = dict[str, Any]

_DIGITS = 38
_SHORT = 10**_DIGITS
_NUMBERS = Context(prec=_DIGITS, Emin=-128, Emax=126, traps=[Clamped, Overflow, Inexact, Rounded, Underflow])
"""DynamoDB's numbers. What does not fit is refused here: it would come back as another number."""


def to_values(item: Mapping[str, object]) -> AttributeValues:
    """A plain mapping as DynamoDB's typed values. Instants become text; None is left out.

    Raises TypeError for a type that the tables have no form for, such as float, and ArithmeticError for a number of
    more digits than they keep.
    """
    return {name: _PACKERS[type(value)](value) for name, value in item.items() if value is not None}


def from_values(values: Mapping[str, Any]) -> Item:
    """DynamoDB's typed values as a plain mapping. Whole numbers come back as int."""
    # A loop over one thing costs less than a call of a function, and takes no value of two types, or of none.
    return {name: _UNPACKERS[kind](inner) for name, value in values.items() for ((kind, inner),) in (value.items(),)}


def _unpacked(value: Mapping[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    return _UNPACKERS[kind](inner)


def _packed(value: object) -> dict[str, Any]:
    return _PACKERS[type(value)](value)


def _number(value: int | Decimal) -> str:
    if type(value) is int and -_SHORT < value < _SHORT:
        return str(value)
    number = _NUMBERS.create_decimal(value)
    if not number.is_finite():
        raise TypeError("Infinity and NaN are no numbers to DynamoDB")
    return str(number)


def _set(values: AbstractSet[Any]) -> dict[str, Any]:
    if all(isinstance(value, int | Decimal) for value in values):
        return {"NS": [_number(value) for value in values]}
    if all(isinstance(value, str) for value in values):
        return {"SS": list(values)}
    if all(isinstance(value, bytes | bytearray) for value in values):
        return {"BS": list(values)}
    raise TypeError("a set holds numbers, or texts, or bytes, and no two kinds of them")


class _Packers(dict[type, Callable[[Any], dict[str, Any]]]):
    """By type. The first value of a subclass finds whose it is: of the types in their order, the first that fits."""

    def __missing__(self, kind: type) -> Callable[[Any], dict[str, Any]]:
        found = next((pack for known, pack in list(self.items()) if issubclass(kind, known)), None)
        if found is None:
            raise TypeError(f"DynamoDB has no form for {kind.__name__}")
        self[kind] = found
        return found


_PACKERS: _Packers = _Packers(
    {
        str: lambda value: {"S": value},
        bool: lambda value: {"BOOL": value},  # before int, which it is one of
        int: lambda value: {"N": _number(value)},
        Decimal: lambda value: {"N": _number(value)},
        NoneType: lambda _: {"NULL": True},
        datetime: lambda value: {"S": format_instant(value)},
        Mapping: lambda value: {"M": {name: _packed(inner) for name, inner in value.items()}},
        list: lambda value: {"L": [_packed(inner) for inner in value]},
        tuple: lambda value: {"L": [_packed(inner) for inner in value]},
        bytes: lambda value: {"B": value},
        bytearray: lambda value: {"B": value},
        AbstractSet: _set,
    }
)


def _whole_or_not(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        number = _NUMBERS.create_decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


def _bytes(value: bytes | str) -> bytes:
    """From boto3's client, which decodes them, or from JSON, which has them in base 64: a stream, or our own client."""
    return b64decode(value) if isinstance(value, str) else bytes(value)


_UNPACKERS: dict[str, Callable[[Any], Any]] = {
    "S": str,
    "N": _whole_or_not,
    "BOOL": bool,
    "NULL": lambda _: None,
    "M": from_values,
    "L": lambda values: [_unpacked(value) for value in values],
    "B": _bytes,
    "SS": set,
    "NS": lambda values: {_NUMBERS.create_decimal(value) for value in values},
    "BS": lambda values: {_bytes(value) for value in values},
}
