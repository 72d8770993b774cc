"""The plain loop of what reads, decides and writes: again after a lost race, a bounded number of times and while time
is left.

`book_call` and `change_call` have loops of their own, because a try whose answer was lost may have been written.
"""

from collections.abc import Callable
from typing import TypeVar

from slotline.ports.shared import Backoff, RaceLost, StoreBusyError

MAX_TRIES = 8

Result = TypeVar("Result")


def retry(
    act: Callable[[], Result],
    backoff: Backoff,
    *,
    on: tuple[type[Exception], ...] = (RaceLost,),
    or_else: Exception | None = None,
) -> Result:
    """What `act` returns, called again after each of the exceptions `on`, with a pause between tries.

    Raises `or_else` after the last try: StoreBusyError unless another is given.
    """
    for attempt in range(1, MAX_TRIES + 1):
        try:
            return act()
        except on:
            if not backoff.pause(attempt):
                break
    raise or_else or StoreBusyError("others wrote to this row again and again")
