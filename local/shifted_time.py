"""This process's clock, moved on from the machine's: for a demonstration, tomorrow's reminder can be seen today.

All processes of the local system are moved together (`local.clock`), the emulator's among them, so that what waits for
a time comes about as it would in a day. Only the time of day moves; what is measured or waited for does not.
"""

from datetime import UTC, datetime, timedelta

import time_machine

_offset = 0.0
_traveller: time_machine.Traveller | None = None


def move_to(offset: float) -> None:
    """Be this many seconds ahead of the machine's clock."""
    global _offset, _traveller  # noqa: PLW0603 - the time of a process is the process's own state
    if offset == _offset:
        return
    if _traveller is None:
        _traveller = time_machine.travel(datetime.now(UTC) + timedelta(seconds=offset), tick=True).start()
    else:
        _traveller.shift(offset - _offset)
    _offset = offset
