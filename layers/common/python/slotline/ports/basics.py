"""What every use case may need: the time, new ids, waiting, checks; and how storage says that it could not."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every door imports ports, and few need all that they speak of
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


class Backoff(Protocol):
    """The wait before a try that follows a lost race."""

    def pause(self, attempt: int) -> None:
        """Wait before the attempt after number `attempt` (from 1), with full jitter."""
        ...


class RateLimitCheck(Protocol):
    """Whether the client may send one more request; a use case that reads first calls it between reading and writing.

    The count is one request to the store. It is on its way while the use case reads, so nobody waits for both in turn;
    and what is refused has written nothing. What the reading itself decides (a repeat of an answered request) is
    answered whether or not the limit is reached.
    """

    def __call__(self) -> None:
        """Raises RateLimited over a limit, or StoreBusyError if the request could not be counted."""
        ...


class RaceLost(Exception):
    """The agent_days moved between the reading and the writing; nothing was written."""


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

    def keep(self, receipt: Receipt) -> None:
        """Keep a first answer; one that is there already stays. Raises StoreBusyError."""
        ...

    def complete(self, receipt: Receipt) -> None:
        """Put the whole answer in place of the part that committed with the effect. Raises StoreBusyError."""
        ...


class Waits(Protocol):
    """Waiting that is short enough to be done on the spot."""

    def until(self, at: datetime) -> None:
        """Return at this instant, or at once where it has passed."""
        ...
