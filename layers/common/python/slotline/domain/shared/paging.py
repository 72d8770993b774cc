"""Pages of a list that only goes on, whatever its rows are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row_co = TypeVar("Row_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[Row_co]):
    """One page of a list that only goes on. `next` is where the page after it begins; None on the last one."""

    rows: Sequence[Row_co]
    next: str | None = None
