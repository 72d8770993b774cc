"""Pages of a list, whatever its rows are, and how many rows it has."""

from collections.abc import Callable, Sequence, Sized
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


def total_of(page: Sized, *, is_first: bool, is_last: bool, count: Callable[[], int | None]) -> int | None:
    """How many rows a list has, of which this is a page. None if they are more than are counted.

    A page that is all there is counts itself. `count` is asked for others: it may be some seconds behind, so a list has
    at least what is shown of it.
    """
    if is_first and is_last:
        return len(page)
    counted = count()
    return None if counted is None else max(counted, len(page) + (not is_last))
