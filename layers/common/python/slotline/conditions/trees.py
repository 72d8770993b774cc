"""A condition as a tree: as much of JMESPath as a condition needs, and nothing whose result is longer than what it got.

jmespath reads the text; what it read is taken over part by part. Lists of names, projections, filters and the functions
that build lists, objects or long texts are left out: a few of these in a row take all memory there is. What remains is
bounded in length, in depth, and in its literals.
"""

import json
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from math import isfinite
from typing import Any, TypeAlias

import jmespath  # type: ignore[import-untyped] # has no types, and its stubs would be a dependency for two calls
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped] # as above

from slotline.domain.dialing.retry_rules import LONGEST_QUERY
from slotline.domain.shared.closest import did_you_mean

DEEPEST = 20
MOST_OPENED = 40
"""Brackets, parentheses and negations. Parsing goes one deeper with each, and parentheses leave nothing in the tree."""
MOST_ITEMS = 50
LARGEST_NUMBER = 10**15
FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "abs": (1, 1),
    "ceil": (1, 1),
    "contains": (2, 2),
    "ends_with": (2, 2),
    "floor": (1, 1),
    "length": (1, 1),
    "not_null": (1, 10),
    "starts_with": (2, 2),
    "to_number": (1, 1),
    "to_string": (1, 1),
    "type": (1, 1),
}
"""The functions of a condition, and how few and how many arguments each takes."""

_LEFT_OUT = {
    "expref": "&",
    "filter_projection": "[?…]",
    "flatten": "[]",
    "multi_select_dict": "{…}",
    "multi_select_list": "[…] around names; a list may hold literals",
    "projection": "[*] or a slice",
    "slice": "a slice",
    "value_projection": "*",
}


class NotACondition(Exception):
    """A text that is no condition. Its message says why, in words for whoever sent it."""


@dataclass(frozen=True, slots=True)
class Current:
    """`@`: the whole call, or what stands before the last `|`."""


@dataclass(frozen=True, slots=True)
class Field:
    """`of.name`."""

    of: "Tree"
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """`of[index]`."""

    of: "Tree"
    index: int


@dataclass(frozen=True, slots=True)
class Literal:
    """Text, a number, true, false, null, or a list of these."""

    value: Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left sign right`, where the sign is one of `==`, `!=`, `<`, `<=`, `>`, `>=`."""

    sign: str
    left: "Tree"
    right: "Tree"


@dataclass(frozen=True, slots=True)
class Function:
    """`name(arguments)`."""

    name: str
    arguments: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Both:
    """`left && right`."""

    left: "Tree"
    right: "Tree"


@dataclass(frozen=True, slots=True)
class Either:
    """`left || right`."""

    left: "Tree"
    right: "Tree"


@dataclass(frozen=True, slots=True)
class Not:
    """`!of`."""

    of: "Tree"


@dataclass(frozen=True, slots=True)
class Piped:
    """`left | right`: the right side speaks of what the left side is."""

    left: "Tree"
    right: "Tree"


Tree: TypeAlias = Current | Field | Item | Literal | Comparison | Function | Both | Either | Not | Piped

_NUMBER = re.compile(r"([=<>]|&&|\|\|)\s*[+-]?\d")
_ONE_EQUALS_SIGN = re.compile(r"(?<![=!<>])=(?!=)|===")
_WORDS = re.compile(r"\b(and|or|not)\b", re.IGNORECASE)
_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}

_PAIRS: Mapping[str, Callable[[Tree, Tree], Tree]] = {"and_expression": Both, "or_expression": Either, "pipe": Piped}


@lru_cache(maxsize=128)
def tree_of(query: str) -> Tree:
    """The condition that a text says. Raises NotACondition."""
    if len(query) > LONGEST_QUERY:
        raise NotACondition(f"must have at most {LONGEST_QUERY} characters")
    if sum(query.count(opened) for opened in "([{!") > MOST_OPENED:
        raise NotACondition(f"must have at most {MOST_OPENED} brackets, parentheses and negations")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `Busy` in backticks is read as text, as jmespath has long done
            parsed = jmespath.compile(query).parsed
    except (JMESPathError, RecursionError, ValueError) as error:
        raise NotACondition(f"is neither a list of statuses nor a JMESPath condition{_hint(query)}") from error
    finally:
        jmespath.parser.Parser.purge()  # its own cache keeps 512 trees of any size
    return _tree(parsed, 1)


def shown(tree: Tree) -> str:  # noqa: C901 - one case for each part of a tree
    """The condition as text again, without the parentheses that were in it."""
    match tree:
        case Current():
            return "@"
        case Field(Current(), name):
            return _name(name)
        case Field(of, name):
            return f"{shown(of)}.{_name(name)}"
        case Item(of, index):
            return f"{shown(of)}[{index}]"
        case Literal(str(text)):
            return f"'{text}'"
        case Literal(value):
            return f"`{json.dumps(value, ensure_ascii=False)}`"
        case Comparison(sign, left, right):
            return f"{shown(left)} {sign} {shown(right)}"
        case Function(name, arguments):
            return f"{name}({', '.join(shown(one) for one in arguments)})"
        case Both(left, right):
            return f"{shown(left)} && {shown(right)}"
        case Either(left, right):
            return f"{shown(left)} || {shown(right)}"
        case Not(Comparison() | Both() | Either() | Piped() as of):
            return f"!({shown(of)})"
        case Not(of):
            return f"!{shown(of)}"
        case Piped(left, right):
            return f"{shown(left)} | {shown(right)}"


def _tree(part: Mapping[str, Any], depth: int) -> Tree:  # noqa: C901 - one case for each part of what jmespath read
    if depth > DEEPEST:
        raise NotACondition(f"must not be nested more than {DEEPEST} deep")
    kind, children, value = part["type"], part.get("children", ()), part.get("value")
    if kind in ("current", "identity"):
        return Current()
    if kind == "field":
        return Field(Current(), str(value))
    if kind == "literal":
        return Literal(_checked(value))
    if kind == "multi_select_list" and all(child["type"] == "literal" for child in children):
        return Literal(_checked([child["value"] for child in children]))
    if kind in _LEFT_OUT:
        raise NotACondition(f"must be a condition without {_LEFT_OUT[kind]}")
    trees = tuple(_tree(child, depth + 1) for child in children if child["type"] != "index")
    if kind == "function_expression":
        return _function(str(value), trees)
    if kind == "index_expression":
        return _positions(trees[0], [int(child["value"]) for child in children[1:]])
    if kind == "not_expression":
        return Not(trees[0])
    if kind == "subexpression":
        return reduce(_inside, trees)
    left, right = trees
    if kind == "comparator":
        return Comparison(_SIGNS[str(value)], left, right)
    return _PAIRS[kind](left, right)


def _positions(of: Tree, indexes: Iterable[int]) -> Tree:
    for index in indexes:
        of = Item(of, index)
    return of


def _inside(of: Tree, path: Tree) -> Tree:
    """`of.path`. `!params.vip` is what everybody means by it: jmespath reads `(!params).vip`, which is always null."""
    if isinstance(of, Not):
        return Not(_inside(of.of, path))
    return _under(of, path) or Piped(of, path)


def _under(of: Tree, path: Tree) -> Tree | None:
    """The path from there on; None if it is not only names and positions."""
    match path:
        case Current():
            return of
        case Field(inner, name):
            found = _under(of, inner)
            return found and Field(found, name)
        case Item(inner, index):
            found = _under(of, inner)
            return found and Item(found, index)
    return None


def _function(name: str, arguments: tuple[Tree, ...]) -> Function:
    if name not in FUNCTIONS:
        meant = did_you_mean(name, FUNCTIONS)
        raise NotACondition(f"there is no function {name}() in conditions{meant}; there are {', '.join(FUNCTIONS)}")
    fewest, most = FUNCTIONS[name]
    if not fewest <= len(arguments) <= most:
        takes = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        raise NotACondition(f"{name}() takes {takes} argument{'s' if most > 1 else ''}, not {len(arguments)}")
    return Function(name, arguments)


def _checked(value: Any, *, in_list: bool = False) -> Any:
    if isinstance(value, list) and not in_list:
        if len(value) > MOST_ITEMS:
            raise NotACondition(f"a list in a condition must have at most {MOST_ITEMS} items")
        return [_checked(item, in_list=True) for item in value]
    if isinstance(value, int | float) and not (isfinite(value) and abs(value) <= LARGEST_NUMBER):
        raise NotACondition("a number in a condition must have at most 15 digits before the point")
    if value is None or isinstance(value, str | int | float):
        return value
    raise NotACondition("a literal in a condition must be text, a number, true, false, null, or a list of these")


def _name(name: str) -> str:
    return name if name.isascii() and name.isidentifier() else json.dumps(name, ensure_ascii=False)


def _hint(query: str) -> str:
    """What somebody who wrote this most likely has to change."""
    if _NUMBER.search(query):
        return ": numbers stand in backticks, as in attempt < `3`"
    if _ONE_EQUALS_SIGN.search(query):
        return ": things are compared with ==, as in status == 'Busy'"
    if _WORDS.search(query):
        return ": write && for and, || for or, ! for not"
    return ""
