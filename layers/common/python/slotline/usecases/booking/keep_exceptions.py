"""Block an agent's dates, or add time on them, and take that back.

What is blocked stands in the agent's days, where bookings look. A long block is several transactions, in order; each
may be sent again, so that a repeat of the request finishes what a broken one began, and a removal cleans it up.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from slotline.domain.booking.agent_time import ExceptionState, ScheduleException
from slotline.domain.booking.blocks import DayBlock, block, unblock
from slotline.domain.booking.claims import Claim
from slotline.domain.shared.audit import Audited, Author
from slotline.domain.shared.errors import Conflict, Detail, NotFound
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.plain_json import plain
from slotline.ports.apps import Agents, AgentTime
from slotline.ports.booking import Bookings
from slotline.ports.shared import Ids, RaceLost, RateLimitCheck
from slotline.usecases.booking.block_time import BlockTime
from slotline.usecases.booking.keep_agents import read_agent
from slotline.usecases.shared.once import Answered, Once

MOST_EXCEPTIONS = 200
"""Of one agent: they stand in one row."""
DAYS_AT_ONCE = 90
"""Of the hundred items that a transaction holds; the record, the receipt and the audit log need three."""

HIDDEN = frozenset({"label"})
"""What an exception is called may tell why somebody is away."""

_Day = TypeVar("_Day")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddException:
    """Adds an exception to an agent's hours."""

    agents: Agents
    agent_time: AgentTime
    ids: Ids
    once: Once
    block_time: BlockTime

    def __call__(
        self,
        app_id: str,
        agent_id: str,
        new: ScheduleException,
        author: Author,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> Answered:
        """The exception, with an id and, where it says none, the app's zone; and the calls it affects.

        Raises AppNotFound, NotFound, InvalidRequest or Conflict.
        """
        exception, audited = replace(new, id=self.ids.new()), self.once.audited(author)

        def record(now: datetime) -> Mapping[str, object]:
            return self._record(app_id, agent_id, exception, audited, key, now)

        def finish(result: Mapping[str, object]) -> Sequence[Claim]:
            return self._finish(app_id, agent_id, result)

        return self.block_time(app_id, agent_id, key, check_rate, record, finish)

    def _record(
        self,
        app_id: str,
        agent_id: str,
        new: ScheduleException,
        audited: Audited,
        key: IdempotencyKey | None,
        now: datetime,
    ) -> Mapping[str, object]:
        """Write the record, with as many days as go into its transaction."""
        app, agent = read_agent(self.agents, app_id, agent_id)
        exception = replace(new, zone=new.zone or app.timezone)
        exception.check()
        shown = {"exception": plain(exception)}
        if any(there.id == exception.id for there in agent.exceptions):
            return shown  # an earlier try of this request got through
        if len(agent.exceptions) >= MOST_EXCEPTIONS:
            message = f"The agent has {MOST_EXCEPTIONS} exceptions, the most there can be. Delete some that are over."
            raise Conflict(message, [Detail(message, "too_many_exceptions")])
        first, *rest = _days_at_once(block(agent_id, exception.claims)) or [()]
        kept = replace(exception, state=ExceptionState.APPLYING) if rest else exception
        receipt = Receipt(key=key, result=shown, answered_at=now) if key else None
        entry = audited.entry(
            "exception.added", exception.id, None, said_of(agent_id, exception), of=app, hidden=HIDDEN
        )
        self.agent_time.add_exception(app_id, agent_id, kept, first, receipt, entry)
        return shown

    def _finish(self, app_id: str, agent_id: str, result: Mapping[str, object]) -> Sequence[Claim]:
        """Write what days are left. Nothing is blocked by an exception that was removed meanwhile."""
        shown = result["exception"]
        assert isinstance(shown, Mapping)  # noqa: S101 - for the type checker: `_record` made it
        _, agent = self.once.retry(lambda: read_agent(self.agents, app_id, agent_id))
        exception = next((there for there in agent.exceptions if there.id == shown["id"]), None)
        if exception is None:
            return ()
        if exception.state is ExceptionState.APPLYING:
            self._go_on(app_id, agent_id, exception)
        return exception.claims

    def _go_on(self, app_id: str, agent_id: str, exception: ScheduleException) -> None:
        _, *rest = _days_at_once(block(agent_id, exception.claims))
        for number, days in enumerate(rest, 1):
            if not self._write(app_id, agent_id, exception, days, last=number == len(rest)):
                return

    def _write(
        self, app_id: str, agent_id: str, exception: ScheduleException, days: Sequence[DayBlock], *, last: bool
    ) -> bool:
        """False where nobody waits for these days any more: they are written, or the exception is being removed."""

        def write() -> bool:
            try:
                self.agent_time.go_on(app_id, agent_id, exception.id, days, last=last)
            except RaceLost:
                return False
            return True

        return self.once.retry(write)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveException:
    """Give the time back, and take the exception away. One that was half written, or half removed, goes too."""

    agents: Agents
    agent_time: AgentTime
    bookings: Bookings
    once: Once

    def __call__(self, app_id: str, agent_id: str, exception_id: str, author: Author) -> ScheduleException:
        """The exception as it was. Raises AppNotFound or NotFound."""
        audited = self.once.audited(author)
        app, agent = self.once.retry(lambda: read_agent(self.agents, app_id, agent_id))
        exception = next((there for there in agent.exceptions if there.id == exception_id), None)
        if exception is None:
            raise NotFound("The agent has no such exception.")
        *before, last = _days_at_once(unblock(agent_id, exception.claims)) or [()]
        steps = [partial(self.bookings.take_time, app_id, days) for days in before]
        if before:
            steps.insert(0, partial(self.agent_time.start_removing, app_id, agent_id, exception_id))
        said = said_of(agent_id, exception)
        entry = audited.entry("exception.removed", exception_id, said, None, of=app, hidden=HIDDEN)
        steps.append(partial(self.agent_time.remove_exception, app_id, agent_id, exception_id, last, entry))
        for step in steps:
            self.once.retry(partial(_unless_gone, step))
        return exception


def _unless_gone(step: Callable[[], None]) -> None:
    """Take a step of a removal, unless another request, or a try whose answer was lost, has been there before."""
    with suppress(RaceLost):
        step()


def said_of(agent_id: str, exception: ScheduleException) -> Mapping[str, object]:
    """What the audit log says of an exception: whose it is, and what it is but how far it has got."""
    fields: Mapping[str, object] = plain(exception)
    return {"agent_id": agent_id} | {name: value for name, value in fields.items() if name not in {"id", "state"}}


def _days_at_once(days: Sequence[_Day]) -> list[Sequence[_Day]]:
    return [days[start : start + DAYS_AT_ONCE] for start in range(0, len(days), DAYS_AT_ONCE)]
