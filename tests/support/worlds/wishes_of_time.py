"""What agents ask of their own time, and what each may write and may be told, by minutes alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from slotline.domain.booking.agent_time import DoNotDisturbWindow, ExceptionKind, ScheduleException
from slotline.domain.shared.audit import Author
from slotline.domain.shared.errors import DomainError
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.domain.shared.intervals import Interval
from tests.support.builders.audit import AUTHOR
from tests.support.builders.bookings import APP_ID
from tests.support.oracles.moments import Moment, dated_ranges, minute_of
from tests.support.worlds.desk import Answer, Desk, no_gate
from tests.support.worlds.wish import Change, Wish, picked, start_of


@dataclass(frozen=True, kw_only=True)
class Disturb(Wish):
    """A while in which an agent is not to be disturbed."""

    start: int | datetime
    agent: str
    length: int = 60

    def settled(self, moment: Moment) -> Wish:
        return replace(self, start=start_of(moment, self.start)) if isinstance(self.start, int) else self

    def ask(self, desk: Desk, marker: str, key: IdempotencyKey | None) -> Answer:
        assert isinstance(self.start, datetime)
        interval = Interval.starting(self.start, timedelta(minutes=self.length))
        window = DoNotDisturbWindow(id="", interval=interval, label=marker)
        answered = desk.add_window(APP_ID, self.agent, window, AUTHOR, key, no_gate)
        shown: Any = answered.result
        return Answer((shown["window"]["id"],), shown, answered.replayed)

    def explains(self, change: Change, marker: str) -> bool:
        if change.what != "block" or change.before is not None:
            return False
        block = change.after
        return (block.agent_id, block.kind, block.ranges, block.label) == (self.agent, "dnd", self.ranges, marker)

    def true_at(self, refusal: DomainError, moment: Moment, thing_id: str | None = None) -> bool:  # noqa: ARG002 - as above
        return refusal.details[0].code == "past" and self.ranges[0][1] <= minute_of(moment.now)

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Its minutes."""
        assert isinstance(self.start, datetime)
        return ((minute_of(self.start), minute_of(self.start) + self.length),)


@dataclass(frozen=True, kw_only=True)
class Except(Wish):
    """Dates on which an agent works less, or more. The first is so many days from today, or a date."""

    agent: str
    first: int | date
    days: int = 1
    start: str = "00:00"
    end: str = "24:00"
    zone: str = "UTC"
    kind: ExceptionKind = ExceptionKind.BLOCKED

    def settled(self, moment: Moment) -> Wish:
        if not isinstance(self.first, int):
            return self
        return replace(self, first=moment.now.date() + timedelta(days=self.first))

    def ask(self, desk: Desk, marker: str, key: IdempotencyKey | None) -> Answer:
        assert isinstance(self.first, date)
        new = ScheduleException(
            id="",
            kind=self.kind,
            first=self.first,
            last=self.last,
            zone=self.zone,
            start=self.start,
            end=self.end,
            label=marker,
        )
        answered = desk.add_exception(APP_ID, self.agent, new, AUTHOR, key, no_gate)
        shown: Any = answered.result
        return Answer((shown["exception"]["id"],), shown, answered.replayed)

    def explains(self, change: Change, marker: str) -> bool:
        block, before = change.after, change.before
        if block is None or change.what != ("block" if self.kind is ExceptionKind.BLOCKED else "extra"):
            return False
        made = (self.agent, self.kind.value, self.ranges, marker)
        steps = {(None, "applying"), (None, "applied"), ("applying", "applied")}
        return (before.state if before else None, block.state) in steps and made == (
            block.agent_id,
            block.kind,
            block.ranges,
            block.label,
        )

    def is_shown_by(self, answer: Answer, moment: Moment) -> bool:
        block = moment.blocks.get(answer.ids[0])
        return block is None or block.state != "applying"

    def true_at(self, refusal: DomainError, moment: Moment, thing_id: str | None = None) -> bool:  # noqa: ARG002 - never refused
        return False

    @property
    def last(self) -> date:
        """The last date."""
        assert isinstance(self.first, date)
        return self.first + timedelta(days=self.days - 1)

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Its minutes."""
        assert isinstance(self.first, date)
        return dated_ranges(self.first, self.last, self.start, self.end, self.zone)


@dataclass(frozen=True, kw_only=True)
class GiveBack(Wish):
    """Take an exception or a window away."""

    has_key: ClassVar[bool] = False

    which: int
    thing_id: str = ""
    agent: str = ""
    kind: str = ""

    def settled(self, moment: Moment) -> Wish | None:
        there = {**moment.blocks, **moment.extra}
        thing_id = picked(sorted(there), self.which)
        if thing_id is None:
            return None
        return replace(self, thing_id=thing_id, agent=there[thing_id].agent_id, kind=there[thing_id].kind)

    def ask(self, desk: Desk, marker: str, key: IdempotencyKey | None) -> Answer:  # noqa: ARG002 - its handler takes none
        remove: Callable[[str, str, str, Author], Any] = (
            desk.remove_window if self.kind == "dnd" else desk.remove_exception
        )
        return Answer((remove(APP_ID, self.agent, self.thing_id, AUTHOR).id,), None)

    def explains(self, change: Change, marker: str) -> bool:  # noqa: ARG002 - as above
        gone = change.after is None or change.after.state == "removing"
        return change.id == self.thing_id and change.what in ("block", "extra") and gone

    def holds_at(self, moment: Moment, thing_id: str) -> bool:
        return thing_id not in moment.blocks and thing_id not in moment.extra

    def true_at(self, refusal: DomainError, moment: Moment, thing_id: str | None = None) -> bool:  # noqa: ARG002 - as above
        return refusal.code == "not_found" and self.holds_at(moment, self.thing_id)
