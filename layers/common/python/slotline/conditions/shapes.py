"""What a part of a condition may be, whatever the call: the kinds of values, and their bounds where they have any.

A shape is a union of kinds. `may_equal` and the like answer for whole shapes: whether some value of the one and some
value of the other are so. What they deny can never be; what they grant may be, one comparison taken by itself.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, TypeAlias

from slotline.domain.dialing.statuses import RETRIABLE, plain_words

E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_E164_BEGINNING = re.compile(r"(\+([1-9]\d{0,14})?)?", re.ASCII)
_DIGITS = re.compile(r"\d{0,15}", re.ASCII)
INFINITY = math.inf


@dataclass(frozen=True, slots=True)
class Text:
    """Text: one of some, a phone number, or any of up to so many characters. A status is written as `plain_words`."""

    among: frozenset[str] | None = None
    is_e164: bool = False
    is_status: bool = False
    longest: int = 4_000


@dataclass(frozen=True, slots=True)
class Number:
    """A number: one of some, or any between two, which may have to be whole."""

    lowest: float = -INFINITY
    highest: float = INFINITY
    is_whole: bool = False
    among: frozenset[float] | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """True, false, or either."""

    among: frozenset[bool] = frozenset({True, False})


@dataclass(frozen=True, slots=True)
class Null:
    """Nothing is there."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list: this one, or any of up to so many such items."""

    item: "Shape" = ()
    most: int = 0
    given: "tuple[Shape, ...] | None" = None


@dataclass(frozen=True, slots=True)
class Object:
    """Names with values: these, and `others` where any name may be there."""

    fields: "Mapping[str, Shape]" = field(default_factory=dict)
    others: "Shape | None" = None
    most: int | None = None


Kind: TypeAlias = Text | Number | Truth | Null | Items | Object
Shape: TypeAlias = tuple[Kind, ...]

STATUS = Text(among=frozenset(plain_words(status.value) for status in RETRIABLE), is_status=True)
"""What a rule is asked about: calls that reached somebody are never dialled again."""
SCALAR: Shape = (Text(), Number(), Truth(), Null())


def of_literal(value: Any) -> Shape:
    """The shape of one value."""
    if value is None:
        return (Null(),)
    if isinstance(value, bool):
        return (Truth(frozenset({value})),)
    if isinstance(value, str):
        return (Text(among=frozenset({value}), longest=len(value)),)
    if isinstance(value, list):
        given = tuple(of_literal(one) for one in value)
        return (Items(item=tuple(kind for shape in given for kind in shape), most=len(given), given=given),)
    return (Number(value, value, among=frozenset({value})),)


def may_equal(left: Shape, right: Shape) -> bool:
    """Whether they may be equal."""
    return any(_kinds_may_equal(*pair) for pair in product(left, right))


def may_differ(left: Shape, right: Shape) -> bool:
    """Whether they may not be equal."""
    return any(_kinds_may_differ(*pair) for pair in product(left, right))


def may_be_ordered(sign: str, left: Shape, right: Shape) -> bool:
    """Whether both may be numbers of which this holds: `<`, `<=`, `>` or `>=`."""
    if sign in (">", ">="):
        left, right, sign = right, left, {">": "<", ">=": "<="}[sign]
    numbers = product(_numbers(left), _numbers(right))
    return any(low < high or (sign == "<=" and low == high) for (low, _), (_, high) in numbers)


Holds = Callable[[str, str], bool]


def may_hold(whole: Text, part: Text, function: str) -> bool:
    """Whether one text may contain, begin or end with another."""
    if whole.among is None:
        if not whole.is_e164 or part.among is None:
            return True
        return any(_is_in_e164(text, function) for text in part.among)
    if part.among is None:
        return not part.is_e164 or any(_has_e164(text, function) for text in whole.among)
    is_of_status = whole.is_status or part.is_status
    pairs = product(
        *(map(plain_words, kind.among or ()) if is_of_status else kind.among or () for kind in (whole, part))
    )
    return any(HOLDS[function](*pair) for pair in pairs)


def truth(*, may_be: bool, may_not_be: bool) -> Shape:
    """The shape of what may be true, and may be false."""
    among = frozenset(value for value, may in ((True, may_be), (False, may_not_be)) if may)
    return (Truth(among),) if among else ()


def numbers_among(numbers: Iterable[float]) -> Number:
    """One of these numbers."""
    among = frozenset(numbers)
    return Number(min(among), max(among), among=among)


def values_of(shape: Shape) -> list[Kind] | None:
    """A shape's values one by one, each as a kind of its own; None if they cannot be told."""
    found: list[Kind] = []
    for kind in shape:
        match kind:
            case Text(among=frozenset() as texts):
                found += [replace(kind, among=frozenset({text})) for text in texts]
            case Number(among=frozenset() as numbers):
                found += [numbers_among([number]) for number in numbers]
            case Items(given=tuple()):
                found.append(kind)
            case _:
                return None
    return found


def may_be_true(shape: Shape) -> Shape:
    """As much of a shape as is true."""
    return tuple(true for kind in shape if (true := _true_part(kind)) is not None)


def may_be_false(shape: Shape) -> Shape:
    """As much of a shape as is not true: nothing, false, and what is empty."""
    return tuple(false for kind in shape if (false := _false_part(kind)) is not None)


def described(shape: Shape) -> str:
    """In words for whoever wrote the condition."""
    words = list(dict.fromkeys(_described(kind) for kind in shape))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


HOLDS: Mapping[str, Holds] = {
    "contains": lambda whole, part: part in whole,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}


def _kinds_may_equal(left: Kind, right: Kind) -> bool:
    match left, right:
        case Text(), Text():
            return _texts_may_equal(left, right)
        case Number(), Number():
            return _numbers_may_equal(left, right)
        case Truth(), Truth():
            return bool(left.among & right.among)
        case Null(), Null():
            return True
        case Items(), Items():
            return _lists_may_equal(left, right)
    return False


def _texts_may_equal(left: Text, right: Text) -> bool:
    if left.among is None or right.among is None:
        one, other = (right, left) if left.among is None else (left, right)
        fits = E164.fullmatch if other.is_e164 else bool
        return one.among is None or not other.is_e164 or any(fits(text) for text in one.among)
    if left.is_status or right.is_status:
        return bool(
            {plain_words(text).strip() for text in left.among} & {plain_words(text).strip() for text in right.among}
        )
    return bool(left.among & right.among)


def _numbers_may_equal(left: Number, right: Number) -> bool:
    if left.among is None and right.among is None:
        low, high = max(left.lowest, right.lowest), min(left.highest, right.highest)
        return math.ceil(low) <= math.floor(high) if _is_whole_between(left, right, low, high) else low <= high
    few, many = (left, right) if right.among is None else (right, left)
    return any(_is_in(number, many) for number in few.among or ())


def _is_whole_between(left: Number, right: Number, low: float, high: float) -> bool:
    return (left.is_whole or right.is_whole) and math.isfinite(low) and math.isfinite(high)


def _is_in(number: float, kind: Number) -> bool:
    if kind.among is not None:
        return number in kind.among
    return kind.lowest <= number <= kind.highest and (not kind.is_whole or number == math.floor(number))


def _lists_may_equal(left: Items, right: Items) -> bool:
    if left.given is not None and right.given is not None:
        pairs = zip(left.given, right.given, strict=False)
        return len(left.given) == len(right.given) and all(may_equal(*pair) for pair in pairs)
    few, many = (left, right) if left.given is not None else (right, left)
    if few.given is None:
        return True  # both may be empty
    return len(few.given) <= many.most and all(may_equal(one, many.item) for one in few.given)


def _kinds_may_differ(left: Kind, right: Kind) -> bool:
    match left, right:
        case (Text(among=frozenset() as these), Text(among=frozenset() as those)) if left.is_status or right.is_status:
            return len({plain_words(text).strip() for text in these | those}) > 1
        case (Text(among=frozenset() as these), Text(among=frozenset() as those)):
            return len(these | those) > 1
        case (Number(among=frozenset() as these), Number(among=frozenset() as those)):
            return len(these | those) > 1
        case Truth(), Truth():
            return len(left.among | right.among) > 1
        case Null(), Null():
            return False
        case Items(given=tuple() as these), Items(given=tuple() as those):
            return len(these) != len(those) or any(may_differ(*pair) for pair in zip(these, those, strict=True))
    return True


def _numbers(shape: Shape) -> Iterator[tuple[float, float]]:
    for kind in shape:
        if isinstance(kind, Number):
            yield (min(kind.among), max(kind.among)) if kind.among else (kind.lowest, kind.highest)


def _is_in_e164(text: str, function: str) -> bool:
    if function == "ends_with":
        return bool(_DIGITS.fullmatch(text) or E164.fullmatch(text))
    return bool(_E164_BEGINNING.fullmatch(text) or (function == "contains" and _DIGITS.fullmatch(text)))


def _has_e164(text: str, function: str) -> bool:
    if function == "contains":
        return bool(E164.search(text))
    return (
        bool(E164.match(text)) if function == "starts_with" else bool(re.search(rf"{E164.pattern}\Z", text, re.ASCII))
    )


def _true_part(kind: Kind) -> Kind | None:
    match kind:
        case Null():
            return None
        case Truth():
            return Truth(frozenset({True})) if True in kind.among else None
        case Text(among=frozenset() as among):
            return kind if among - {""} else None
        case Items() | Object():
            return None if kind.most == 0 else kind
    return kind


def _false_part(kind: Kind) -> Kind | None:
    match kind:
        case Null():
            return kind
        case Truth():
            return Truth(frozenset({False})) if False in kind.among else None
        case Text():
            is_never_empty = kind.is_e164 or kind.is_status or (kind.among is not None and "" not in kind.among)
            return None if is_never_empty else Text(among=frozenset({""}))
        case Items():
            return None if kind.given else Items(given=())
        case Object():
            return None if kind.most is None else Object(most=0)
    return None


def _described(kind: Kind) -> str:  # noqa: C901 - one case for each kind
    match kind:
        case Text(is_status=True):
            return " or ".join(sorted(RETRIABLE))
        case Text(is_e164=True):
            return "a phone number such as +12025550143"
        case Text(among=frozenset() as among):
            return " or ".join(f"'{text}'" for text in sorted(among)[:10]) + (" and so on" if len(among) > 10 else "")
        case Text():
            return "a text"
        case Number(among=frozenset() as among) if len(among) - 1 != max(among) - min(among):
            return " or ".join(f"{number:g}" for number in sorted(among)[:10])
        case Number():
            return _interval(kind)
        case Truth():
            return "a boolean" if len(kind.among) > 1 else str(min(kind.among)).lower()
        case Null():
            return "null"
        case Items():
            return "a list"
        case Object():
            return "an object"


def _interval(kind: Number) -> str:
    low, high = next(_numbers((kind,)))
    if math.isfinite(low) and math.isfinite(high):
        return f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return f"a number of at least {low:g}" if math.isfinite(low) else "a number"
