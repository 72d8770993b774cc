"""What keeps a text from being a condition, and a condition from ever holding, in words for whoever sent it.

A rule that is never true is a slip that nobody would notice: no error, and no retry. So each comparison by itself must
be one that some call makes true. Whether several of them contradict one another is not looked for.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from slotline.conditions.asking import number_of
from slotline.conditions.results import TAKES, result_of
from slotline.conditions.shapes import (
    HOLDS,
    SCALAR,
    STATUS,
    Items,
    Kind,
    Null,
    Number,
    Object,
    Shape,
    Text,
    Truth,
    described,
    may_be_false,
    may_be_ordered,
    may_be_true,
    may_differ,
    may_equal,
    may_hold,
    numbers_among,
    of_literal,
    truth,
    values_of,
)
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
    NotACondition,
    Piped,
    Tree,
    shown,
    tree_of,
)
from slotline.domain.dialing.retry_rules import Reach
from slotline.domain.dialing.statuses import RETRIABLE, DialStatus
from slotline.domain.shared.closest import closest, did_you_mean

ROOTS = ("status", "attempt", "metadata", "params")
MOST_TAGS = 50
MOST_PARAMETERS = 200

_ITEMS_OF_TEXT = re.compile(r"[,;|/]")
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_KINDS: Mapping[str, Kind] = {"string": Text(), "number": Number(), "boolean": Truth(), "null": Null()}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a part of a condition may be. `names`: what of the call it depends on; none for what is always the same."""

    shape: Shape
    names: frozenset[str] = frozenset()
    label: str = ""


def flaw(query: str, reach: Reach) -> str | None:
    """What keeps a text from being a condition that some call within this reach makes true; None if nothing does."""
    try:
        tree = tree_of(query)
        found = _Judge(query).sees(tree, _whole_call(reach), decides=True)
        if not may_be_true(found.shape):
            return f"is never true: {shown(tree)}"
    except NotACondition as refused:
        return str(refused)
    return None


def _whole_call(reach: Reach) -> Seen:
    known = reach.parameters
    if known is None:
        params = Object(others=SCALAR, most=MOST_PARAMETERS)
    else:
        fields = {name: (*(_KINDS[kind] for kind in sorted(kinds - {"null"})), Null()) for name, kinds in known.items()}
        params = Object(fields=fields, most=len(fields))
    number = (Text(is_e164=True, longest=16),)
    metadata = Object(
        fields={
            "from": number,
            "to": number,
            "tags": (Items(item=(Text(longest=100),), most=MOST_TAGS),),
            "custom": (Object(others=(Text(longest=1_000), Null()), most=MOST_TAGS),),
        }
    )
    attempt = numbers_among(range(1, reach.attempts + 1))
    fields = {"status": (STATUS,), "attempt": (attempt,), "metadata": (metadata,), "params": (params,)}
    return Seen((Object(fields=fields),), frozenset({"@"}))


class _Judge:
    """Goes through a condition, and raises NotACondition for the first part that can never be what it has to be."""

    def __init__(self, query: str) -> None:
        self._query = query

    def sees(self, tree: Tree, here: Seen, *, decides: bool = False) -> Seen:  # noqa: C901 - one case for each part of a tree
        """What a part may be. `decides`: whether it is asked only if it is true."""
        match tree:
            case Current():
                return here
            case Literal(value):
                if decides and not isinstance(value, bool):
                    raise NotACondition(f"{shown(tree)} by itself is the same for every call{_meant_status(value)}")
                return Seen(of_literal(value))
            case Field(of, name):
                return self._field(self.sees(of, here), name)
            case Item(of, index):
                return _item(tree, self.sees(of, here), index)
            case Comparison():
                return self._comparison(tree, self.sees(tree.left, here), self.sees(tree.right, here))
            case Function(name, arguments):
                return _function(tree, [self.sees(one, here) for one in arguments], name)
            case Both(left, right):
                first, second = (self.sees(one, here, decides=decides) for one in (left, right))
                shape = (*may_be_false(first.shape), *(second.shape if may_be_true(first.shape) else ()))
                return Seen(shape, first.names | second.names)
            case Either(left, right):
                first, second = (self.sees(one, here, decides=decides) for one in (left, right))
                shape = (*may_be_true(first.shape), *(second.shape if may_be_false(first.shape) else ()))
                return Seen(shape, first.names | second.names)
            case Not(of):
                found = self.sees(of, here, decides=True)
                return Seen(
                    truth(may_be=bool(may_be_false(found.shape)), may_not_be=bool(may_be_true(found.shape))),
                    found.names,
                )
            case Piped(left, right):
                return self.sees(right, self.sees(left, here), decides=decides)

    def _field(self, of: Seen, name: str) -> Seen:
        label = f"{of.label}.{name}" if of.label else name
        objects = [kind for kind in of.shape if isinstance(kind, Object)]
        if not objects:
            raise NotACondition(f"{of.label or 'this'} is {described(of.shape)}; it has no {name}")
        found = [shape for kind in objects if (shape := kind.fields.get(name, kind.others)) is not None]
        if not found:
            raise NotACondition(self._unknown(of.label, name, [name for kind in objects for name in kind.fields]))
        nothing = () if len(objects) == len(of.shape) else (Null(),)
        return Seen((*(kind for shape in found for kind in shape), *nothing), frozenset({label}), label)

    def _unknown(self, where: str, name: str, known: list[str]) -> str:
        if where == "params":
            there = f"; there are {', '.join(sorted(known)[:20])}" if known else ""
            return f"no call has a parameter {name}{did_you_mean(name, known)}{there}"
        if where:
            return f"{where} has no {name}{did_you_mean(name, known)}; it has {', '.join(known)}"
        speaks_of = "a condition speaks of status, attempt, metadata and params"
        if status := DialStatus.named(name):
            return (
                f"there is no {name}: {speaks_of}, and a text stands in single quotes, as in status == '{status.value}'"
            )
        if f'"{name}"' in self._query:
            return f'there is no "{name}": {speaks_of}, and a text stands in single quotes'
        return f"there is no {name}{did_you_mean(name, ROOTS)}: {speaks_of}"

    def _comparison(self, tree: Comparison, left: Seen, right: Seen) -> Seen:
        sign, sides = tree.sign, [(tree.left, left), (tree.right, right)]
        _check_sides(tree, left, right)
        if sign in _OPPOSITE:
            for (side, seen), (_, other) in (sides, reversed(sides)):
                if not _has_numbers(seen.shape):
                    raise NotACondition(_no_order(side, seen, other))
            always = all(isinstance(kind, Number) for kind in (*left.shape, *right.shape))
            holds = may_be_ordered(sign, left.shape, right.shape)
            fails = may_be_ordered(_OPPOSITE[sign], left.shape, right.shape)
            shape: Shape = (*truth(may_be=holds, may_not_be=fails), *(() if always else (Null(),)))
        else:
            _check_literal(tree, tree.left, left, right)
            _check_literal(tree, tree.right, right, left)
            if any(isinstance(kind, Object) for seen in (left, right) for kind in seen.shape):
                raise NotACondition(f"{shown(tree)} compares an object; compare what is in it")
            equal, differ = may_equal(left.shape, right.shape), may_differ(left.shape, right.shape)
            holds = equal if sign == "==" else differ
            shape = truth(may_be=holds, may_not_be=differ if sign == "==" else equal)
        if not holds:
            raise NotACondition(_never(tree, sides))
        return Seen(shape, left.names | right.names)


def _check_sides(tree: Tree, left: Seen, right: Seen) -> None:
    if not left.names and not right.names:
        raise NotACondition(f"{shown(tree)} compares two literals, which is the same for every call")
    if same := left.names & right.names:
        raise NotACondition(f"{shown(tree)} compares {min(same)} with itself")


def _check_literal(tree: Comparison, side: Tree, literal: Seen, other: Seen) -> None:
    """What a literal may not be that is compared with a status or with the attempt's number."""
    if not isinstance(side, Literal):
        return
    if other.shape == (STATUS,):
        status = _status(side.value)
        if tree.sign == "==" and status not in RETRIABLE:
            raise NotACondition(f"{shown(tree)} never holds: calls that are {status} are never dialled again")
    if other.label == "attempt" and not _has_numbers(literal.shape):
        number = number_of(side.value)
        example = "3" if number is None else f"{number:g}"
        raise NotACondition(f"attempt is a number, and numbers stand in backticks, as in attempt == `{example}`")


def _status(value: Any) -> DialStatus:
    """The status that a literal names. Raises NotACondition."""
    if not isinstance(value, str):
        raise NotACondition(f"status is a text, one of {_statuses()}, and is never {shown(Literal(value))}")
    found = DialStatus.named(value)
    if found is None:
        raise NotACondition(
            f"there is no status {value[:60]}{did_you_mean(value, DialStatus)}; there are {_statuses()}"
        )
    return found


def _statuses() -> str:
    return ", ".join(sorted(RETRIABLE))


def _no_order(side: Tree, seen: Seen, other: Seen) -> str:
    """Why there is no order with this side, which is never a number."""
    if isinstance(side, Literal):
        number = number_of(side.value)
        hint = _to_number(other) if number is None else f": numbers stand in backticks, as in `{number:g}`"
        return f"{shown(side)} is no number, and only numbers have an order{hint}"
    return f"{shown(side)} is {described(seen.shape)}, and only numbers have an order{_to_number(seen)}"


def _to_number(seen: Seen) -> str:
    is_any_text = any(isinstance(kind, Text) and kind.among is None and not kind.is_e164 for kind in seen.shape)
    return f"; cells of a table are text: write to_number({seen.label})" if seen.label and is_any_text else ""


def _never(tree: Comparison | Function, parts: Iterable[tuple[Tree, Seen]]) -> str:
    facts = [
        f"{shown(part)} is {described(seen.shape)}{', by max_retries' if seen.label == 'attempt' else ''}"
        for part, seen in parts
        if seen.names
    ]
    hints = [_to_number(seen) for _, seen in parts if any(_has_numbers(other.shape) for _, other in parts)]
    return f"{shown(tree)} never holds: {' and '.join(facts)}{next(filter(None, hints), '')}"


def _has_numbers(shape: Shape) -> bool:
    return any(isinstance(kind, Number) for kind in shape)


def _meant_status(value: Any) -> str:
    status = DialStatus.named(value) if isinstance(value, str) else None
    return f"; did you mean status == '{status.value}'" if status else ""


def _item(tree: Item, of: Seen, index: int) -> Seen:
    lists = [kind for kind in of.shape if isinstance(kind, Items)]
    if not lists:
        raise NotACondition(f"{shown(tree.of)} is {described(of.shape)}; it has no [{index}]")
    shapes = [
        kind.item if kind.given is None else kind.given[index]
        for kind in lists
        if kind.given is None or -len(kind.given) <= index < len(kind.given)
    ]
    if not shapes or (of.names and not any(-kind.most <= index < kind.most for kind in lists)):
        raise NotACondition(f"{shown(tree.of)} never has a [{index}]")
    label = f"{of.label}[{index}]" if of.label else ""
    return Seen((*(kind for shape in shapes for kind in shape), Null()), of.names, label)


def _function(tree: Function, arguments: list[Seen], name: str) -> Seen:
    names = frozenset(name for one in arguments for name in one.names)
    if name in HOLDS:
        return Seen(_searched(tree, arguments[0], arguments[1]), names)
    if name == "not_null":
        return Seen(_first_not_null(arguments), names)
    (only,) = arguments
    found = result_of(name, only.shape)
    if found is None:
        hint = _to_number(only) if TAKES[name] == "a number" else ""
        given = f"{shown(tree.arguments[0])} is {described(only.shape)}"
        raise NotACondition(f"{name}() takes {TAKES[name]}, and {given}{hint}")
    return Seen(found, names)


def _first_not_null(arguments: Iterable[Seen]) -> Shape:
    """Nothing counts behind an argument that is always there."""
    kept: list[Kind] = []
    for one in arguments:
        there = [kind for kind in one.shape if not isinstance(kind, Null)]
        kept += there
        if len(there) == len(one.shape):
            return tuple(kept)
    return (*kept, Null())


def _searched(tree: Function, whole: Seen, part: Seen) -> Shape:
    """`contains`, `starts_with` and `ends_with`: what one of them may be. Raises NotACondition where it never holds."""
    name = tree.name
    _check_sides(tree, whole, part)
    if part.shape == (STATUS,) and isinstance(tree.arguments[0], Literal):
        _check_statuses_in(tree.arguments[0].value, name)
    pairs = [(one, other) for one in whole.shape for other in part.shape]
    if not any(_may_find(one, other, name) for one, other in pairs):
        raise NotACondition(_never_found(tree, whole, part))
    each = [*product(values_of(whole.shape) or (), values_of(part.shape) or ())]
    always = bool(each) and all(_may_find(one, other, name) for one, other in each)
    fits = all((isinstance(one, Text) and isinstance(other, Text)) or isinstance(one, Items) for one, other in pairs)
    return (*truth(may_be=True, may_not_be=not always), *(() if fits else (Null(),)))


def _may_find(whole: Kind, part: Kind, name: str) -> bool:
    if isinstance(whole, Items):
        return name == "contains" and whole.most > 0 and may_equal(whole.item, (part,))
    return isinstance(whole, Text) and isinstance(part, Text) and may_hold(whole, part, name)


def _check_statuses_in(value: Any, name: str) -> None:
    """Each status that a literal lists must be one. Raises NotACondition."""
    if isinstance(value, list):
        words = value
    else:
        words = (
            [word.strip() for word in _ITEMS_OF_TEXT.split(str(value)) if word.strip()] if name == "contains" else []
        )
    for word in words:
        _status(word)


def _never_found(tree: Function, whole: Seen, part: Seen) -> str:
    if whole.shape == (STATUS,) and isinstance(tree.arguments[1], Literal):
        meant = closest(str(tree.arguments[1].value), RETRIABLE)
        return (
            f"{shown(tree)} never holds{f'; did you mean {meant}' if meant else ''}: status is {described((STATUS,))}"
        )
    return _never(tree, [*zip(tree.arguments, (whole, part), strict=True)])
