"""This process's clock, moved on from the machine's: for a demonstration, tomorrow's reminder can be seen today.

All processes of the local system are moved together (`local.clock`), the emulator's among them, so that what waits for
a time comes about as it would in a day. Only the time of day moves; what is measured or waited for does not. Receivers
of webhooks are not of the system: what they compare with their own clocks is stamped by `MachineClock`.
"""

import time
from datetime import UTC, datetime

import time_machine

_real = time_machine.escape_hatch.time
"""The machine's clock, once this process is moved on from it: before that there is nothing to escape from."""
_offset = 0.0
_traveller: time_machine.Traveller | None = None


class MachineClock:
    """`Clock` of the machine, however far this process is ahead of it."""

    def now(self) -> datetime:
        """The machine's present instant, in UTC."""
        return datetime.fromtimestamp(time.time() if _traveller is None else _real.time(), UTC)


def move_to(offset: float) -> None:
    """Be this many seconds ahead of the machine's clock."""
    global _offset, _traveller  # noqa: PLW0603 - the time of a process is the process's own state
    if offset == _offset:
        return
    if _traveller is None:
        _traveller = time_machine.travel(time.time() + offset, tick=True).start()
        # Its time passes from the first look at it on: whoever looked later would be behind everybody else for good.
        _traveller.shift(_behind(offset))
    else:
        _traveller.shift(offset - _offset)
    _offset = offset


def _behind(offset: float) -> float:
    """How many seconds this process has yet to be moved on."""
    while True:
        before, shown, after = _real.time(), time.time(), _real.time()
        if after - before < 0.001:  # else the machine did something else in between
            return before + offset - shown
