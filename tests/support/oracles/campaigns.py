"""What a campaign may do to a phone, worked out anew from its request and from what the carrier saw.

It shares no code with the product: hours are found by walking from minute to minute, rules are told in Python.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
ON_ITS_WAY = timedelta(seconds=3)
"""What was asked of the carrier this shortly before an evening may ring after it."""
HANGING_UP = timedelta(seconds=1)
"""An attempt that a machine answered is over when the carrier is told to hang up, which it does a moment later."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule of the request, with its query once more in Python: of an outcome and how many attempts there were."""

    query: str
    applies: Callable[[str, int], bool]
    period: timedelta
    most_a_day: int | None

    def as_json(self) -> dict[str, Any]:
        """As the request has it."""
        return {
            "query": self.query,
            "retry_period": self.period // MINUTE,
            "max_retry_per_day": self.most_a_day,
        }


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What was asked for. `opens` to `closes` are the use case's hours on the clocks of `zone`."""

    rules: Sequence[Rule]
    max_retries: int
    opens: time
    closes: time
    zone: str
    callee_opens: time = time(8)
    callee_closes: time = time(21)

    def first_open(self, at: datetime, callee_zone: str) -> datetime:
        """The first instant from this one on at which both clocks allow a call."""
        while not self.allow(at, callee_zone):
            at = at.replace(second=0, microsecond=0) + MINUTE
        return at

    def allow(self, at: datetime, callee_zone: str) -> bool:
        """True where a phone may ring at this instant."""
        ours, theirs = _clock(at, self.zone), _clock(at, callee_zone)
        return self.opens <= ours < self.closes and self.callee_opens <= theirs < self.callee_closes


@dataclass(frozen=True, kw_only=True)
class Ring:
    """A phone that rang, as the carrier saw it. `outcome`: a status of the API. `ended_at`: not before then."""

    at: datetime
    ended_at: datetime
    outcome: str


def ring_of(seen: Mapping[str, Any]) -> Ring:
    """A call of the local carrier, which is over."""
    if seen["status"] == "completed":
        outcome = "AMD Terminated" if seen["answered_by"] == "machine_start" else "Completed"
    else:
        outcome = {"busy": "Busy", "no-answer": "No answer", "failed": "Failed"}[seen["status"]]
    at, ended_at = (datetime.fromisoformat(seen[name]).astimezone(UTC) for name in ("at", "ended_at"))
    early = HANGING_UP if outcome == "AMD Terminated" else timedelta(0)
    return Ring(at=at, ended_at=ended_at - early, outcome=outcome)


def judge(
    rings: Sequence[Ring], terms: Terms, *, planned_at: datetime, callee_zone: str, until: datetime
) -> list[timedelta]:
    """How late each ring of one callee was, in order; fails where one was too soon, too many, or is missing.

    `planned_at`: when the call was to go out, hours apart. `until`: what was due by then must have rung.
    """
    late: list[timedelta] = []
    due: datetime | None = terms.first_open(planned_at, callee_zone)
    rings = sorted(rings, key=lambda ring: ring.at)
    for number, ring in enumerate(rings, start=1):
        assert due is not None, f"attempt {number} after an end that no rule follows, or beyond the limit"
        assert ring.at >= due, f"attempt {number} at {ring.at}, due at {due}"
        shortly_before = ring.at - ON_ITS_WAY
        assert terms.allow(ring.at, callee_zone) or terms.allow(shortly_before, callee_zone), f"rang at {ring.at}"
        late.append(ring.at - due)
        due = _next(ring, number, [one.at for one in rings[1:number]], terms, callee_zone)
    assert due is None or due > until, f"attempt {len(rings) + 1} was due at {due} and never came"
    return late


def _next(ring: Ring, number: int, retries: Sequence[datetime], terms: Terms, callee_zone: str) -> datetime | None:
    """When the attempt after this one is due; None where there is none."""
    if number > terms.max_retries:
        return None
    rule = next((rule for rule in terms.rules if rule.applies(ring.outcome, number)), None)
    if rule is None:
        return None
    at = terms.first_open(ring.ended_at + rule.period, callee_zone)
    days = [_day(retry, callee_zone) for retry in retries]
    while rule.most_a_day is not None and days.count(_day(at, callee_zone)) >= rule.most_a_day:
        tomorrow = datetime.combine(_day(at, callee_zone) + timedelta(days=1), time.min, ZoneInfo(callee_zone))
        at = terms.first_open(tomorrow.astimezone(UTC), callee_zone)
    return at


def _clock(at: datetime, zone: str) -> time:
    return _local(at.replace(second=0, microsecond=0), zone).time()


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


@cache
def _local(minute: datetime, zone: str) -> datetime:
    return minute.astimezone(ZoneInfo(zone))
