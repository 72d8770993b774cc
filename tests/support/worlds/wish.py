"""What every wish of the simulation is.

It runs the real use case. What it `explains` is a change of the rows that it asked for; a refusal is `true_at` a
moment at which something really stood against it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar, NamedTuple

from slotline.domain.shared.errors import DomainError
from slotline.domain.shared.idempotency import IdempotencyKey
from tests.support.oracles.moments import Moment
from tests.support.worlds.desk import Answer, Desk


class Change(NamedTuple):
    """One row that an effect made, changed or took away. `what`: a call, a hold, a block, or extra time."""

    what: str
    id: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Something that somebody asks for."""

    has_key: ClassVar[bool] = True
    """Whether its handler takes idempotency keys."""

    def settled(self, moment: Moment) -> "Wish | None":  # noqa: ARG002 - most depend on nothing
        """The wish in absolute terms, as it is asked then; None where there is nothing to ask it of."""
        return self

    def ask(self, desk: Desk, marker: str, key: IdempotencyKey | None) -> Answer:
        """Run the use case. The marker stands in what it makes."""
        raise NotImplementedError

    def explains(self, change: Change, marker: str) -> bool:
        """True where this change is what was asked for."""
        raise NotImplementedError

    def holds_at(self, moment: Moment, thing_id: str) -> bool:  # noqa: ARG002 - as above
        """True where there was nothing left to do for this thing."""
        return False

    def is_shown_by(self, answer: Answer, moment: Moment) -> bool:  # noqa: ARG002 - as above
        """False where the answer says otherwise than the rows do when it is given."""
        return True

    def true_at(self, refusal: DomainError, moment: Moment, thing_id: str | None = None) -> bool:
        """True where the refusal would have been right at this moment."""
        raise NotImplementedError


def start_of(moment: Moment, minutes: int) -> datetime:
    """So many minutes after the coming midnight."""
    return datetime.combine(moment.now.date() + timedelta(days=1), time(), UTC) + timedelta(minutes=minutes)


def picked(items: Sequence[Any], number: int) -> Any:
    """One of these, or None where there is none."""
    return items[number % len(items)] if items else None
