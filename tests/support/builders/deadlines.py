"""How much time is left, as a test says."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass
class SetDeadline:
    """`Deadline` that stays where it is put; at first far away."""

    seconds: float = 900

    def left(self) -> timedelta:
        """As it was said last."""
        return timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class Context:
    """As much of Lambda's context as handlers use."""

    milliseconds: int

    def get_remaining_time_in_millis(self) -> int:
        """Until the invocation is killed."""
        return self.milliseconds
