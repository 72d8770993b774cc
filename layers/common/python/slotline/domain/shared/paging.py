"""Pages of a list, whatever its rows are, and how many rows it has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

COUNTED_UP_TO = 1_000
"""Of what no counter knows: how many rows are counted, in two requests at most."""

Row_co = TypeVar("Row_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[Row_co]):
    """One page of a list that only goes on. `next` is where the page after it begins; None on the last one."""

    rows: Sequence[Row_co]
    next: str | None = None


def total_of(seen: int, *, is_whole: bool, count: Callable[[], int | None]) -> int | None:
    """How many rows a list has, of which so many were seen. None if they are more than are counted.

    What was seen counts itself, if it is the whole list. `count` is asked otherwise: it may be some seconds behind, so
    a list has at least what was seen of it.
    """
    if is_whole:
        return seen
    counted = count()
    return None if counted is None else max(counted, seen)


def total_with(page: Sequence[object], *, is_first: bool, is_last: bool, count: Callable[[], int | None]) -> int | None:
    """The same of a list that only goes on, by a page: behind one that is not the last there is a row at least."""
    return total_of(len(page) + (not is_last), is_whole=is_first and is_last, count=count)
