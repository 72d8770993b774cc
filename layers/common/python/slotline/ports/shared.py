"""What every context needs: time, ids, waiting, idempotency records; due rows, queues, schedules; derived rows; the way
out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:  # every handler imports ports, and few need all that they speak of
    from slotline.domain.shared.due import Due
    from slotline.domain.shared.idempotency import IdempotencyKey, Receipt


class Clock(Protocol):
    """Now."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...


class Ids(Protocol):
    """New identifiers."""

    def new(self) -> str:
        """A UUID (v7, RFC 9562) that no other thing has; later ones sort later."""
        ...


class Deadline(Protocol):
    """The end of the time that the present work may take. Whoever goes on beyond it is killed in the middle."""

    def left(self) -> timedelta:
        """The time that work may still take; what the answer itself needs is taken off already. Never below zero."""
        ...


class Backoff(Protocol):
    """The wait before a try that follows a lost race."""

    def pause(self, attempt: int) -> bool:
        """Wait before the attempt after number `attempt` (from 1), with full jitter.

        False, at once, if no further attempt fits into the time that is left.
        """
        ...


class RateLimitCheck(Protocol):
    """Whether the client may send one more request; a use case that reads first calls it between reading and writing.

    The count is one request to the store. It is on its way while the use case reads, so that nobody waits for one after
    the other; and it is awaited before the writing, so that a request over its limit has written nothing.
    """

    def __call__(self) -> None:
        """Raises RateLimited over a limit, or StoreBusyError if the request could not be counted."""
        ...


class RaceLost(Exception):
    """A row changed between the reading and the writing; nothing was written."""


class AlreadyAnswered(Exception):
    """Another request with the same idempotency key committed first; nothing was written."""


class AlreadyWritten(Exception):
    """The call of this id is already there."""


class StoreBusyError(Exception):
    """Throttled, or in another transaction's way: nothing was written, and the decision may still be right."""


class Receipts(Protocol):
    """Answers to idempotency keys whose effect is not one transaction."""

    def find(self, key: IdempotencyKey) -> Receipt | None:
        """The first answer to this key, while it is kept. Raises StoreBusyError."""
        ...

    def keep(self, receipt: Receipt) -> bool:
        """Keep a first answer; one that is there already stays. Raises StoreBusyError.

        True: it is this one. False: one was there, which may be this very one if an answer of the store was lost.
        """
        ...

    def complete(self, receipt: Receipt) -> None:
        """Put the whole answer in place of the part that committed with the effect. Raises StoreBusyError."""
        ...


class Waits(Protocol):
    """Waiting that is short enough to be done on the spot."""

    def until(self, at: datetime) -> None:
        """Return at this instant, or at once where it has passed."""
        ...


class QueueBusyError(Exception):
    """A wake-up may not have been sent, or not be scheduled; it may be sent again."""


class Queues(Protocol):
    """Where what is due waits for the function that does it."""

    def send(self, due: Sequence[Due], now: datetime) -> None:
        """Send each to the queue of its kind, held back until it is due, and 15 minutes at most.

        Raises QueueBusyError; some may have been sent by then.
        """
        ...


class Schedules(Protocol):
    """What wakes the system up at a minute."""

    def wake(self, minute: datetime) -> None:
        """Have `FireDue` run for this minute, ahead of it; once, however often this is asked. Raises QueueBusyError."""
        ...


class Timers(Protocol):
    """The rows that act later, by the time they are due. Every method may raise StoreBusyError."""

    def between(self, start: datetime, end: datetime) -> Iterator[Sequence[Due]]:
        """What is due from `start` up to but not at `end`, a page at a time; what was written just now may be missing.

        Both are in one hour.
        """
        ...

    def claim_minute(self, minute: datetime, now: datetime) -> bool:
        """Whether the minute's schedule is the caller's to make; False where it is made.

        Raises QueueBusyError while another is making it.
        """
        ...

    def minute_made(self, minute: datetime) -> None:
        """The minute has its schedule."""
        ...

    def swept_until(self) -> datetime | None:
        """The moment up to which everything due was looked for; None before the first time."""
        ...

    def swept(self, until: datetime) -> None:
        """Everything due before this moment was looked for."""
        ...


class DeadLetters(Protocol):
    """Where what nobody can act on is put aside for a person."""

    def put(self, letter: Mapping[str, object]) -> None:
        """Put it aside. Raises QueueBusyError."""
        ...


class Counter(NamedTuple):
    """One number: how many subjects are counted under a name, in a row of a partition.

    A partition's rows are read together, in order. All names of a row are read with it: a few dozen, or as many as a
    month has days for what is read as a period.
    """

    partition: str
    row: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """All that follows from a subject at one version: what counts it, and the rows by which it is found.

    `subject`: its partition, which is its own. `rows`: whole, with `pk` and `sk`; nobody else's. `is_gone`: the subject
    was deleted at this version, so nothing counts it or finds it any more. `expires_at`: when it is forgotten what is
    counted of it, which then stays counted.
    """

    subject: str
    version: int
    counters: frozenset[Counter] = frozenset()
    rows: Sequence[Mapping[str, object]] = ()
    is_gone: bool = False
    expires_at: datetime | None = None


class Underivable(Exception):
    """The store takes no such rows of a subject, however often they are sent: a mistake of ours, to be seen."""


class Derivations(Protocol):
    """What is derived from subjects: counters and search rows. It follows them by some seconds, and by stream.

    Beside each subject is kept what of it is counted and which rows it has. That changes in one transaction with the
    counters and the rows. So the counters are the sums over all subjects at any moment, and what comes again, or comes
    after something newer, changes nothing.
    """

    def apply(self, changes: Sequence[Derived]) -> None:
        """Bring subjects to these versions; only the newest of each counts. A version that is not newer does nothing.

        Raises StoreBusyError, or Underivable where one of them can never be written; some may have been by then.
        """
        ...

    def mend(self, subjects: Sequence[tuple[Mapping[str, str], Derived]]) -> int:
        """How many of these subjects had anything else than follows from them as they are; now none does.

        Each comes with the key of its row, read just now; its `version` is the row's `revision`, and one that `is_gone`
        has none. Raises RaceLost for one that has changed since, StoreBusyError or Underivable.
        """
        ...

    def counts(self, partition: str, first: str, last: str | None = None) -> Mapping[str, int]:
        """The sums of a row by name, or of all rows from the first to the last: one request for a megabyte of rows.

        None of them is zero. Raises StoreBusyError.
        """
        ...


class AddressRefused(Exception):
    """The URL, or an address it leads to, is not one that requests may go to: the text says why.

    It reads on from a field's name ("must begin with https://") and holds neither the URL nor an address.
    """


class EgressFailedError(Exception):
    """No answer came: connection, TLS or time; the text says which, without the URL's query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressAnswer:
    """What a receiver answered.

    The names of headers are in lower case. `excerpt` is the beginning of the body (2 KB), for the log.
    """

    status: int
    headers: Mapping[str, str]
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What was asked for: up to 64 KB of it, with its headers. What is longer ends there."""

    status: int
    body: bytes


class Egress(Protocol):
    """Requests to URLs that customers gave."""

    def check(self, url: str) -> None:
        """Raises AddressRefused for a URL that may not be called, or whose host cannot be resolved.

        Raises StoreBusyError if there was no time to find out.
        """
        ...

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> EgressAnswer:
        """One request, redirects not followed. Raises AddressRefused or EgressFailedError."""
        ...

    def fetch(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Fetched:
        """The same by any method, for an answer that is read and not only noted."""
        ...
