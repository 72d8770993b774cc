"""Conditions on calls, in JMESPath: as much of it as a condition needs, and nothing that could grow without end."""

from collections.abc import Iterator, Mapping
from typing import Any

import jmespath  # type: ignore[import-untyped] # has no types, and its stubs would be a dependency for two calls
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped] # as above

from slotline.domain.dialing.statuses import DialStatus

DEEPEST = 20
MOST_PARENTHESES = 40
"""They leave nothing in what is parsed, and parsing goes one deeper with each."""
_SAMPLE = {"status": DialStatus.BUSY.value, "attempt": 1, "metadata": {}, "params": {}}
_PARTS = frozenset(
    {
        "and_expression",
        "comparator",
        "current",
        "field",
        "function_expression",
        "identity",
        "index",
        "index_expression",
        "literal",
        "not_expression",
        "or_expression",
        "pipe",
        "subexpression",
    }
)
"""No lists, projections or flattening: a few of these in a row take all memory there is."""


def flaw(query: str) -> str | None:
    """What keeps a text from being a condition, in words for its sender; None where nothing does."""
    if query.count("(") > MOST_PARENTHESES:
        return f"must have at most {MOST_PARENTHESES} parentheses"
    try:
        expression = jmespath.compile(query)
        for part, depth in _parts(expression.parsed):
            if part not in _PARTS:
                return f"must be a condition without {part.replace('_', ' ')}s"
            if depth > DEEPEST:
                return f"must not be nested more than {DEEPEST} deep"
        expression.search(_SAMPLE)
    except jmespath.exceptions.JMESPathTypeError:
        return None  # as it may be with other parameters than the sample's
    except jmespath.exceptions.UnknownFunctionError:
        return "uses a function that JMESPath does not have"
    except jmespath.exceptions.ArityError:
        return "gives a function too many arguments, or too few"
    except (JMESPathError, RecursionError, ValueError):
        return "is neither a list of statuses nor a JMESPath condition"
    return None


def matches(query: str, call: Mapping[str, object]) -> bool:
    """Whether the condition holds: JMESPath's truth, by which what is null, empty or false is not true.

    A condition that cannot be worked out for this call does not hold for it.
    """
    try:
        found = jmespath.search(query, call)
    except (JMESPathError, RecursionError):
        return False
    return found is not False and found not in (None, "", [], {})


def _parts(tree: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The kind of every part of a parsed expression, with how deep it stands."""
    waiting = [(tree, 1)]
    while waiting:
        part, depth = waiting.pop()
        yield str(part["type"]), depth
        waiting += [(child, depth + 1) for child in part["children"]]
