"""Where a dial call is in its life.

The rule guarded here: what a carrier reports about an attempt moves it forward or not at all. Reports come twice, late
and in any order, and an attempt that is over stays as it ended.
"""

import re
from enum import StrEnum

_BETWEEN_WORDS = re.compile(r"[\s_-]+")


class DialStatus(StrEnum):
    """Where a call to be dialled, or an attempt at it, is. Unknown: the carrier was asked and its answer was lost."""

    SCHEDULED = "Scheduled"
    QUEUED = "Queued"
    INITIATED = "Initiated"
    RINGING = "Ringing"
    IN_PROGRESS = "In progress"
    TRANSFERRED = "Transferred"
    COMPLETED = "Completed"
    AMD_TERMINATED = "AMD Terminated"
    BUSY = "Busy"
    NO_ANSWER = "No answer"
    CANCELED = "Canceled"
    FAILED = "Failed"
    UNKNOWN = "Unknown"

    @classmethod
    def named(cls, text: str) -> "DialStatus | None":
        """The status that people write so: `No answer`, `no-answer` and `NO_ANSWER` are one. None if there is none."""
        return _BY_WORDS.get(plain_words(text).strip())

    @property
    def is_final(self) -> bool:
        """True where an attempt with it is over. Unknown is not: the carrier can still be asked."""
        return self in FINAL

    @property
    def is_retriable(self) -> bool:
        """True where nobody was reached and dialling again may help. Never Unknown: the phone may have rung."""
        return self in RETRIABLE

    def after(self, reported: "DialStatus") -> "DialStatus":
        """The status after a report: the reported one where that is later in a call's life, else this one.

        What is final stays. Anything a carrier knows about a call replaces Unknown; Unknown replaces only what came
        before the carrier was asked.
        """
        return reported if _PLACE[reported] > _PLACE[self] else self


def plain_words(text: str) -> str:
    """A status, or a part of one, as it is compared: case does not matter, and `_` and `-` are read as a space."""
    return _BETWEEN_WORDS.sub(" ", text.casefold())


_BY_WORDS = {plain_words(status.value): status for status in DialStatus}
RETRIABLE = frozenset({DialStatus.AMD_TERMINATED, DialStatus.BUSY, DialStatus.NO_ANSWER, DialStatus.FAILED})
UNSUCCESSFUL = RETRIABLE | {DialStatus.CANCELED}
FINAL = UNSUCCESSFUL | {DialStatus.COMPLETED}
_PLACE = {
    DialStatus.SCHEDULED: 0,
    DialStatus.QUEUED: 1,
    DialStatus.UNKNOWN: 2,
    DialStatus.INITIATED: 3,
    DialStatus.RINGING: 4,
    DialStatus.IN_PROGRESS: 5,
    DialStatus.TRANSFERRED: 6,
    **dict.fromkeys(FINAL, 7),
}
"""The order of a call's life. Reports are applied only upwards, so the first final one stays."""
