"""The same change of many calls, asked for once: a job, and a row with a result for each of its calls.

A job is drafted with its calls, so that whoever asks sees which ones they are. It runs once somebody starts it. A
worker goes through its rows in their order and keeps the results of a piece together with how far it came. So the
counts are those of the rows at any moment, and whoever comes after a worker that died does a piece again at most: each
call is changed under a key of its own, and a repeat finds the first answer.

A call that nobody could decide about, because the store was busy, is not refused: it is passed over, and comes again
when the others are done.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.booking.calls import Actor
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.idempotency import IdempotencyKey

MOST_CALLS = 2_000
"""Of one job."""
LONGEST_REASON = 500
DRAFT_LASTS = timedelta(days=1)
KEPT_FOR = timedelta(days=30)
"""How long a job can be read after it was started."""
GIVES_UP_AFTER = timedelta(hours=6)
"""How long a call that could not be decided about comes again: well within the time that keys are remembered."""
_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(minutes=5)
ROUTE = "bulk"


class BulkAction(StrEnum):
    """What is done with each call."""

    CANCEL = "cancel"
    REASSIGN = "reassign"


class BulkState(StrEnum):
    """Where a job is in its life."""

    DRAFT = "draft"
    RUNNING = "running"
    STOPPING = "stopping"
    """Somebody stopped it. What may have been done meanwhile is looked up, so that no result is lost."""
    DONE = "done"
    STOPPED = "stopped"


class RowState(StrEnum):
    """What became of one call. In a job that was stopped, what is still pending was not done."""

    PENDING = "pending"
    DONE = "done"
    UNCHANGED = "unchanged"
    """It was so already."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkChange:
    """What is asked for. `agent_id`: who gets the calls; None in a reassignment: whoever is free, for each call."""

    action: BulkAction
    agent_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRow:
    """One call of a job. `number`: its place, from 1. `code` and `message`: of a refusal."""

    number: int
    call_id: str
    state: RowState = RowState.PENDING
    code: str | None = None
    message: str | None = None

    def refused(self, code: str, message: str) -> "BulkRow":
        """The row of a call that the rules refuse to change."""
        return replace(self, state=RowState.REFUSED, code=code, message=message)


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkJob:
    """A job. `actor`: who drafted it, and then who started it. `rows_id`: whose rows they are.

    `place`: the number of the last row that was gone through; `passes`: how often all were, and some were left;
    `reach`: up to which row something may have been done when the job was stopped. `claim_id`: in whose hands it is,
    until `due_at`. `revision` is its optimistic lock.
    """

    id: str
    app_id: str
    rows_id: str
    total: int
    actor: Actor
    created_at: datetime
    change: BulkChange | None = None
    state: BulkState = BulkState.DRAFT
    is_to_stop: bool = False
    started_at: datetime | None = None
    ended_at: datetime | None = None
    place: int = 0
    reach: int | None = None
    passes: int = 0
    done: int = 0
    unchanged: int = 0
    refused: int = 0
    due_at: datetime | None = None
    claim_id: str | None = None
    revision: int = 1

    @property
    def pending(self) -> int:
        """How many calls have no result."""
        return self.total - self.done - self.unchanged - self.refused

    @property
    def is_under_way(self) -> bool:
        """Whether a worker has something to do."""
        return self.state in (BulkState.RUNNING, BulkState.STOPPING)

    @property
    def expires_at(self) -> datetime:
        """When nobody needs it any more."""
        return self.started_at + KEPT_FOR if self.started_at else self.created_at + DRAFT_LASTS

    @property
    def rows_expire_at(self) -> datetime:
        """When nobody needs its rows any more, whenever it was started."""
        return self.created_at + DRAFT_LASTS + KEPT_FOR

    def started(self, change: BulkChange, actor: Actor, now: datetime) -> "BulkJob":
        """Due at once."""
        running = BulkState.RUNNING
        return replace(self, change=change, actor=actor, state=running, started_at=now, due_at=now)

    def stopping(self, piece: int) -> "BulkJob":
        """From the beginning once more, to look up what may have been done since the last results were kept."""
        return replace(self, state=BulkState.STOPPING, reach=self.place + piece, place=0)

    def after(self, place: int, results: Sequence[BulkRow]) -> "BulkJob":
        """With the results of a piece."""
        states = [row.state for row in results]
        return replace(
            self,
            place=place,
            done=self.done + states.count(RowState.DONE),
            unchanged=self.unchanged + states.count(RowState.UNCHANGED),
            refused=self.refused + states.count(RowState.REFUSED),
        )

    def from_the_beginning(self) -> "BulkJob":
        """For the calls that nobody could decide about."""
        return replace(self, place=0, passes=self.passes + 1)

    def ended(self, now: datetime) -> "BulkJob":
        """There is nothing left to do."""
        state = BulkState.STOPPED if self.state is BulkState.STOPPING else BulkState.DONE
        return replace(self, state=state, ended_at=now, claim_id=None)

    def let_go(self) -> "BulkJob":
        """In nobody's hands: whoever comes when it is due goes on."""
        return replace(self, claim_id=None)

    @property
    def pause(self) -> timedelta:
        """How long to wait before calls come again that could not be decided about."""
        doubled: int = 2 ** min(self.passes, 5)
        return min(_FIRST_PAUSE * doubled, _LONGEST_PAUSE)

    def gives_up(self, now: datetime) -> bool:
        """Whether what could not be decided about by now is not tried any more."""
        return self.started_at is not None and now >= self.started_at + GIVES_UP_AFTER

    def key_of(self, row: BulkRow) -> IdempotencyKey:
        """The key of one call's change: whoever does it again finds the first answer."""
        return IdempotencyKey(principal=f"{ROUTE}:{self.id}", route=ROUTE, key=row.call_id, fingerprint=self.id)


def checked_change(action: str, agent_id: str | None, reason: str | None) -> BulkChange:
    """What a form asks for. Raises InvalidRequest."""
    if action not in set(BulkAction):
        raise InvalidRequest.of_field("action", "must be cancel or reassign")
    if reason and len(reason) > LONGEST_REASON:
        raise InvalidRequest.of_field("reason", f"must have at most {LONGEST_REASON} characters", "too_long")
    chosen = BulkAction(action)
    of_agent = agent_id or None if chosen is BulkAction.REASSIGN else None
    return BulkChange(action=chosen, agent_id=of_agent, reason=reason or None)


def rows_of(call_ids: Sequence[str]) -> Sequence[BulkRow]:
    """A row for each call, in this order. Raises InvalidRequest for none, or too many."""
    found = list(dict.fromkeys(call_ids))
    if not found:
        raise InvalidRequest.of_field("calls", "no call is chosen", "none")
    if len(found) > MOST_CALLS:
        raise InvalidRequest.of_field("calls", f"at most {MOST_CALLS:,} calls can be changed at once", "too_many")
    return [BulkRow(number=number, call_id=call_id) for number, call_id in enumerate(found, start=1)]
