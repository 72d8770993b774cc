"""Whether a condition holds for a call. It takes time and memory in proportion to the condition and what it speaks of.

A comparison of values that do not fit does not hold, and neither does one with what is not there: as in JMESPath it is
null, which is not true. A function that is given something else than it takes is null too, so that the other side of
an `||` still counts.
"""

import json
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from slotline.conditions.trees import (
    Both,
    Comparison,
    Current,
    Either,
    Field,
    Function,
    Item,
    Literal,
    Not,
    Piped,
    Tree,
    tree_of,
)
from slotline.domain.dialing.statuses import plain_words

LONGEST_NUMERAL = 40
NUMERAL = re.compile(r"[+-]?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
"""A number as people and tables write it. What has separators or a unit is none."""


class StatusWords(str):
    """A call's status. What it is compared with, and what is searched in it, is read as a status is."""

    __slots__ = ()


def matches(query: str, call: Mapping[str, object]) -> bool:
    """Whether the condition holds for a call, by JMESPath's truth: null, false, and what is empty are not true.

    Raises NotACondition for a text that is none; whoever keeps rules has them judged before.
    """
    status = call.get("status")
    asked = {**call, "status": StatusWords(status)} if isinstance(status, str) else call
    return is_true(value_of(tree_of(query), asked))


def value_of(tree: Tree, here: Any) -> Any:  # noqa: C901 - one case for each part of a tree
    """What a condition, or a part of one, is. `here`: what `@` is."""
    match tree:
        case Current():
            return here
        case Literal(value):
            return value
        case Field(of, name):
            inside = value_of(of, here)
            return inside.get(name) if isinstance(inside, Mapping) else None
        case Item(of, index):
            inside = value_of(of, here)
            return inside[index] if isinstance(inside, list | tuple) and -len(inside) <= index < len(inside) else None
        case Comparison(sign, left, right):
            return compared(sign, value_of(left, here), value_of(right, here))
        case Function(name, arguments):
            return applied(name, [value_of(one, here) for one in arguments])
        case Both(left, right):
            found = value_of(left, here)
            return value_of(right, here) if is_true(found) else found
        case Either(left, right):
            found = value_of(left, here)
            return found if is_true(found) else value_of(right, here)
        case Not(of):
            return not is_true(value_of(of, here))
        case Piped(left, right):
            return value_of(right, value_of(left, here))


def is_true(value: Any) -> bool:
    """JMESPath's truth: 0 is true."""
    return not (value is None or value is False or (isinstance(value, str | list | tuple | Mapping) and not value))


def is_number(value: Any) -> bool:
    """True and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def compared(sign: str, left: Any, right: Any) -> bool | None:
    """Only numbers have an order; None if the two have none."""
    if sign in ("==", "!="):
        return _are_equal(left, right) is (sign == "==")
    if not (is_number(left) and is_number(right)):
        return None
    return bool(_ORDERS[sign](left, right))


def applied(name: str, arguments: list[Any]) -> Any:
    """The result of a function; None if it does not take this."""
    return _FUNCTIONS[name](*arguments)


def kind_of(value: Any) -> str:
    """JMESPath's word for what a value is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if is_number(value):
        return "number"
    return "object" if isinstance(value, Mapping) else "array"


def number_of(value: Any) -> int | float | None:
    """The number that a text says, such as a table's cell; None if it says none."""
    if is_number(value):
        return value if isinstance(value, int) or math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    text = value.strip()
    if len(text) > LONGEST_NUMERAL or not NUMERAL.fullmatch(text):
        return None
    try:
        return int(text)
    except ValueError:
        found = float(text)
    return found if math.isfinite(found) else None


def _are_equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        if isinstance(left, StatusWords) or isinstance(right, StatusWords):
            return plain_words(left).strip() == plain_words(right).strip()
        return left == right
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(_are_equal(*pair) for pair in zip(left, right, strict=True))
    return kind_of(left) == kind_of(right) and bool(left == right)


def _contains(subject: Any, search: Any) -> bool | None:
    if isinstance(subject, list | tuple):
        return any(_are_equal(one, search) for one in subject)
    return _of_texts(subject, search, lambda whole, part: part in whole)


def _of_texts(whole: Any, part: Any, holds: Callable[[str, str], bool]) -> bool | None:
    if not (isinstance(whole, str) and isinstance(part, str)):
        return None
    if isinstance(whole, StatusWords) or isinstance(part, StatusWords):
        return holds(plain_words(whole), plain_words(part))
    return holds(whole, part)


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, str | list | tuple | Mapping) else None


def _to_string(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return None if isinstance(value, list | tuple | Mapping) else json.dumps(value)


def _of_number(calculate: Callable[[int | float], int | float]) -> Callable[[Any], int | float | None]:
    return lambda value: calculate(value) if is_number(value) else None


_ORDERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": _of_number(abs),
    "ceil": _of_number(math.ceil),
    "contains": _contains,
    "ends_with": lambda whole, part: _of_texts(whole, part, str.endswith),
    "floor": _of_number(math.floor),
    "length": _length,
    "not_null": lambda *values: next((value for value in values if value is not None), None),
    "starts_with": lambda whole, part: _of_texts(whole, part, str.startswith),
    "to_number": number_of,
    "to_string": _to_string,
    "type": kind_of,
}
