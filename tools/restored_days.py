"""Agents' days and apps' calendars, put right after rows came back.

An agent's day is the lock against double bookings: one row, in which all that takes the day's time has its claim. Rows
that come back one by one can leave it behind: a day that was there stays, and knows nothing of the calls that came
back; a day that came back knows nothing of what was booked or called off since. So what takes time is read from the
calls, windows and exceptions themselves, as they are now, and the days are made to say the same. Holds are left alone:
they last minutes. The months of an app's calendar are such a row, too.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from slotline.domain.booking.agent_days import DayChange
from slotline.domain.booking.agent_time import ExceptionState
from slotline.domain.booking.blocks import DayBlock
from slotline.domain.booking.call_json import call_from_json
from slotline.domain.booking.calls import Call
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.store.booking import items, writes
from slotline.store.dynamodb.client import Item
from slotline.store.dynamodb.parts import Part

KINDS = frozenset({"CALL", "DND", "AGENT", "DAY", "MONTHS"})
"""Rows that this looks at, by the first word of their sort key."""

_Day = tuple[str, str, date]


@dataclass(slots=True, kw_only=True)
class TakenTime:
    """What takes agents' time from now on, by app, agent and day, beside what their days say of it."""

    now: datetime
    owed: defaultdict[_Day, dict[str, Claim]] = field(default_factory=lambda: defaultdict(dict))
    written: dict[_Day, Mapping[str, Claim]] = field(default_factory=dict)
    leaving: set[tuple[str, str]] = field(default_factory=set)
    """Exceptions that are being removed, day by day: their claims may be there or not."""
    months: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    listed: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Item], now: datetime) -> "TakenTime":
        """Read from all rows of SchedulingTable."""
        taken = cls(now=now)
        for row in rows:
            taken._read(row)
        return taken

    def changes(self, table: str) -> Iterator[tuple[str, Part]]:
        """The writes after which the days and calendars say what the calls say, by the kind of row."""
        for day in sorted({*self.owed, *self.written}):
            app_id, agent_id, at = day
            owed, there = self.owed.get(day, {}), self.written.get(day, {})
            put = tuple(claim for claim in owed.values() if not _is_there(claim, there))
            if put:
                yield "DAY", writes.block_day(table, app_id, DayBlock(agent_id=agent_id, day=at, claims=put))
            drop = tuple(claim.id for claim in there.values() if claim.id not in owed and self._is_stale(app_id, claim))
            if drop:
                gone = DayChange(agent_id=agent_id, day=at, guards={}, drop=drop)
                yield "DAY", writes.change_day(table, app_id, gone)
        for app_id, months in sorted(self.months.items()):
            if missing := months - self.listed.get(app_id, frozenset()):
                yield "MONTHS", writes.list_months(table, app_id, sorted(missing))

    def overlapping(self) -> list[str]:
        """Calls of one agent that cannot both be kept: one was booked while the other was gone."""
        calls: defaultdict[tuple[str, str], dict[str, Claim]] = defaultdict(dict)
        for (app_id, agent_id, _), owed in self.owed.items():
            calls[app_id, agent_id] |= {one.id: one for one in owed.values() if one.kind is ClaimKind.CALL}
        return sorted(
            f"{app_id}/{first.id} {app_id}/{second.id}"
            for (app_id, _), claims in calls.items()
            for first, second in _collisions(claims.values())
        )

    def _read(self, row: Item) -> None:
        match str(row["sk"]).partition("#")[0], str(row["pk"]).split("#"):
            case "CALL", _:
                self._read_call(call_from_json(row))
            case "DND", ["APP", app_id, "AGENT", agent_id]:
                self._owe(app_id, agent_id, items.do_not_disturb_from_item(row).claim)
            case "AGENT", ["APP", app_id]:
                self._read_exceptions(app_id, row)
            case "DAY", ["APP", app_id, "AGENT", agent_id]:
                day = date.fromisoformat(row["sk"].partition("#")[2])
                if day >= self.now.date():
                    claims = items.agent_day_from_item(day, row).claims
                    self.written[app_id, agent_id, day] = {claim.id: claim for claim in claims}
            case "MONTHS", ["APP", app_id]:
                self.listed[app_id] = frozenset(row["months"])

    def _read_call(self, call: Call) -> None:
        self.months[call.app_id].add(call.month)
        if not call.is_final and call.agent_with_time:
            self._owe(call.app_id, call.agent_with_time, call.claim)

    def _read_exceptions(self, app_id: str, row: Mapping[str, Any]) -> None:
        for fields in row.get("exceptions", {}).values():
            exception = items.exception_from_map(fields)
            for claim in exception.claims:
                if exception.state is ExceptionState.REMOVING:
                    self.leaving.add((app_id, claim.id))
                else:
                    self._owe(app_id, row["agent_id"], claim)

    def _owe(self, app_id: str, agent_id: str, claim: Claim) -> None:
        if claim.padded.end <= self.now:
            return  # nobody can take that time any more
        for day in claim.padded.utc_days():
            if day >= self.now.date():
                self.owed[app_id, agent_id, day][claim.id] = claim

    def _is_stale(self, app_id: str, claim: Claim) -> bool:
        is_over = claim.padded.end <= self.now
        return claim.kind is not ClaimKind.HOLD and not is_over and (app_id, claim.id) not in self.leaving


def _is_there(claim: Claim, there: Mapping[str, Claim]) -> bool:
    """Whether the day has it. A call's claim moves with it; that of an exception may be of the zone rules of then."""
    is_same = claim.id in there and items.claim_to_value(there[claim.id]) == items.claim_to_value(claim)
    return is_same if claim.kind is ClaimKind.CALL else claim.id in there


def _collisions(claims: Iterable[Claim]) -> Iterator[tuple[Claim, Claim]]:
    near: list[Claim] = []
    for claim in sorted(claims, key=lambda one: one.padded):
        near = [other for other in near if other.padded.end > claim.padded.start]
        yield from ((other, claim) for other in near if other.collides(claim))
        near.append(claim)
