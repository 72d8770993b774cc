"""What a function of a condition may return, by what it is given."""

import json
import math
from collections.abc import Callable, Mapping

from slotline.conditions.asking import number_of
from slotline.conditions.shapes import (
    INFINITY,
    Items,
    Kind,
    Null,
    Number,
    Object,
    Shape,
    Text,
    Truth,
    numbers_among,
)

MOST_ENUMERATED = 60
"""Numbers of which each one's text is looked at: enough for attempts that were not counted, and for tags."""

TAKES = {
    "abs": "a number",
    "ceil": "a number",
    "floor": "a number",
    "length": "a text, a list or an object",
    "to_number": "a text that may be a number",
    "to_string": "a text, or a number that is not calculated",
}
"""What each of these takes, in words."""


def result_of(name: str, given: Shape) -> Shape | None:
    """What it may be; None if it takes nothing of what it is given."""
    if name == "type":
        return (Text(among=frozenset(_WORDS[type(kind)] for kind in given)),)
    found = [_RESULTS[name](kind) for kind in given]
    if all(isinstance(kind, Null) for kind in found):
        return None
    return tuple(dict.fromkeys(found))


def _length(kind: Kind) -> Kind:
    match kind:
        case Text(among=frozenset() as among):
            return numbers_among({len(text) for text in among})
        case Text():
            return Number(8 if kind.is_e164 else 0, kind.longest, is_whole=True)
        case Items():
            return numbers_among({len(kind.given)}) if kind.given is not None else Number(0, kind.most, is_whole=True)
        case Object():
            fewest = 0 if kind.most is not None else len(kind.fields)
            return Number(fewest, len(kind.fields) if kind.most is None else kind.most, is_whole=True)
    return Null()


def _number(kind: Kind) -> Kind:
    match kind:
        case Number():
            return kind
        case Text(is_e164=True):
            return Number(10**6, 10**15 - 1, is_whole=True)
        case Text(among=frozenset() as among):
            numbers = {number for text in among if (number := number_of(text)) is not None}
            return numbers_among(numbers) if numbers else Null()
        case Text():
            return Number()
    return Null()


def _string(kind: Kind) -> Kind:
    """As text. A calculated number has no text that anybody would guess; a list or an object has none."""
    match kind:
        case Text():
            return kind
        case Number(among=frozenset() as among):
            return Text(among=frozenset(json.dumps(number) for number in among))
        case Number() if kind.is_whole and kind.highest - kind.lowest <= MOST_ENUMERATED:
            return Text(among=frozenset(str(n) for n in range(int(kind.lowest), int(kind.highest) + 1)))
        case Truth():
            return Text(among=frozenset("true" if value else "false" for value in kind.among))
        case Null():
            return Text(among=frozenset({"null"}))
    return Null()


def _of_number(calculate: Callable[[float], float], change: Callable[[Number], Number]) -> Callable[[Kind], Kind]:
    def applied(kind: Kind) -> Kind:
        if not isinstance(kind, Number):
            return Null()
        return change(kind) if kind.among is None else numbers_among({calculate(number) for number in kind.among})

    return applied


def _abs(kind: Number) -> Number:
    if kind.lowest >= 0:
        return kind
    return Number(0, INFINITY, is_whole=kind.is_whole)


def _whole(kind: Number) -> Number:
    return Number(kind.lowest, kind.highest, is_whole=True)


_WORDS: Mapping[type[Kind], str] = {
    Text: "string",
    Number: "number",
    Truth: "boolean",
    Null: "null",
    Items: "array",
    Object: "object",
}
_RESULTS: Mapping[str, Callable[[Kind], Kind]] = {
    "abs": _of_number(abs, _abs),
    "ceil": _of_number(math.ceil, _whole),
    "floor": _of_number(math.floor, _whole),
    "length": _length,
    "to_number": _number,
    "to_string": _string,
}
