"""A number's starts and lines, given out to attempts and taken back."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from slotline.domain.dialing.attempted_calls import line_held_for
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.pace import SLACK, Pace, Start, Wait, ask, give_back, wait_in_line
from slotline.ports.dialing import KeptPace, Paces
from slotline.ports.shared import Backoff, Clock, RaceLost, StoreBusyError
from slotline.usecases.shared.retrying import retry

PATIENCE = timedelta(seconds=2)
"""How long an attempt waits on the spot for its start: as exact as a queue that holds back by whole seconds is not."""

CROWDED_FOR = timedelta(seconds=5)
"""When to come again where everybody asks at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPace:
    """Gives out a number's starts and lines, and takes them back."""

    paces: Paces
    clock: Clock
    backoff: Backoff

    def take(
        self,
        call: DialCall,
        attempt: int,
        number: Number,
        patience: timedelta = PATIENCE,
        seen: KeptPace | None = None,
    ) -> Start | Wait:
        """A start for an attempt, at most the patience ahead, with a line; or when to ask again.

        `seen`: the number's pace, if it was read just now. It is read again if it has changed since.
        Raises StoreBusyError. A start that the attempt has and has missed is given out once more.
        """
        name = _name(call, attempt)
        in_hand = [seen] if seen else []

        def act() -> Start | Wait:
            kept = in_hand.pop() if in_hand else self.paces.read(number.phone_number)
            now = self.clock.now()
            pace = kept.pace
            if (lease := pace.leases.get(name)) and lease.starts_at + SLACK < now:
                pace = give_back(pace, name)
            answer = _asked(pace, name, call, number, now, patience)
            given = answer if isinstance(answer, Start) else _in_line(pace, answer, number, now)
            if given.pace != kept.pace:
                self.paces.write(number.phone_number, replace(kept, pace=given.pace))
            return given if isinstance(answer, Start) else Wait(until=given.at)

        try:
            return retry(act, self.backoff, or_else=RaceLost())
        except RaceLost:
            return Wait(until=self.clock.now() + CROWDED_FOR)

    def give_back(self, call: DialCall, attempt: int) -> None:
        """The attempt's line. One that cannot be given back now is free when its lease ends."""
        with suppress(StoreBusyError):
            self.paces.give_back(call.calls_from, _name(call, attempt))


def _asked(pace: Pace, name: str, call: DialCall, number: Number, now: datetime, patience: timedelta) -> Start | Wait:
    return ask(
        pace,
        name,
        now,
        calls_per_second=number.calls_per_second,
        lines=number.lines,
        hold=line_held_for(call),
        patience=patience,
    )


def _in_line(pace: Pace, wait: Wait, number: Number, now: datetime) -> Start:
    return wait_in_line(pace, wait, now, calls_per_second=number.calls_per_second)


def _name(call: DialCall, attempt: int) -> str:
    return f"{call.id}.{attempt}"
