"""Rows of counters that are made to be read as a period of days: a row a month with a name for each day of it.

A call is in three of them, beside the rows that lists are counted by: the month of its start, the month in which it was
booked, and its agent's. Agents are counted in a row a day and a row a week, under their ids: a quarter is twenty rows
of either kind (`Period.parts`), however many agents there are. So a dashboard is one BatchGetItem.

Each row has two shards, and not eight: two are little to read, and enough for twenty transactions a second.
"""

from collections import Counter as Sums
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from slotline.domain.booking.calls import Call, TimelineEvent
from slotline.domain.booking.rollups import (
    Counts,
    Daily,
    Period,
    Rollups,
    Week,
    lead_of,
    loads_of,
    month_of,
    outcome_of,
)
from slotline.domain.shared.instants import parse_instant
from slotline.ports.shared import Counter
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient
from slotline.store.dynamodb.rows import Key, Rows, get_rows, row_of
from slotline.store.shared.derived import SINCE, counts_in, shards_of

CALLS, BOOKED, MESSAGES = "CALLS", "BOOKED", "MESSAGES"
"""What a row a month counts."""
WEBHOOK = "webhook"
"""Among the channels of messages: what deliveries have come to."""
_BY_SOURCE, _BY_LEAD = "from", "ahead"


def month_row(what: str, month: str) -> str:
    """The row of counters of one month."""
    return f"{what}#{month}"


def part_row(part: Week | date) -> str:
    """The row of agents' counters of one day or one week."""
    return f"WEEK#{part.first.isoformat()}" if isinstance(part, Week) else f"DAY#{part.isoformat()}"


def counters_of_call(call: Call) -> Iterator[Counter]:
    """All that counts a call for dashboards."""
    app, start, booked = keys.rolled_up(call.app_id), call.scheduled_at.date(), call.created_at.date()
    yield on_day(app, CALLS, start, call.status.value, call.booking_source.value)
    yield on_day(app, BOOKED, booked, _BY_SOURCE, call.booking_source.value)
    yield on_day(app, BOOKED, booked, _BY_LEAD, lead_of(call).value)
    agents = keys.rolled_up_agents(call.app_id)
    for load in loads_of(call):
        for part in (start, Week.of(start)):
            yield Counter(agents, part_row(part), f"{load.value}.{call.assigned_agent_id or ''}")


def counter_of_event(app_id: str, event: TimelineEvent) -> Counter | None:
    """What counts something that happened to a message; None for any other event."""
    found = outcome_of(event)
    if found is None:
        return None
    channel, outcome = found
    return on_day(keys.rolled_up(app_id), MESSAGES, event.created_at.date(), channel, outcome.value)


def on_day(partition: str, what: str, day: date, *parts: str) -> Counter:
    """The counter of one day in the row of its month."""
    return Counter(partition, month_row(what, month_of(day)), ".".join((f"{day.day:02d}", *parts)))


@dataclass(frozen=True, slots=True)
class DynamoRollups:
    """`AppRollups` on SchedulingTable, and on DialingTable for what the app's organization dials."""

    client: DynamoDBClient
    table: str
    dialing_table: str

    def read(self, app_id: str, organization_id: str | None, period: Period) -> Rollups:
        """One consistent BatchGetItem, of both tables."""
        both = Period(period.before.first, period.last)
        app, agents = keys.rolled_up(app_id), keys.rolled_up_agents(app_id)
        parts = period.parts
        marks = [keys.is_rolled_up(app_id)]
        wanted: dict[str, Sequence[Key]] = {
            self.table: [
                *marks,
                *(key for what in (CALLS, BOOKED) for month in both.months for key in _shards(app, what, month)),
                *(key for month in period.months for key in _shards(app, MESSAGES, month)),
                *(key for part in parts for key in shards_of(agents, part_row(part))),
            ]
        }
        dialed = keys.rolled_up_dials(organization_id) if organization_id else None
        if dialed:
            marks.append(keys.dials_are_rolled_up())
            months = [key for month in period.months for key in shards_of(dialed, month)]
            wanted[self.dialing_table] = [keys.dials_are_rolled_up(), *months]
        found = get_rows(self.client, wanted)
        booked = _daily(found, app, [(month, month_row(BOOKED, month)) for month in both.months])
        sent = _daily(found, app, [(month, month_row(MESSAGES, month)) for month in period.months])
        is_whole = all(row_of(found, mark) for mark in marks)
        return Rollups(
            period=period,
            calls=_daily(found, app, [(month, month_row(CALLS, month)) for month in both.months]),
            booked=_under(booked, _BY_SOURCE),
            leads=_under(booked, _BY_LEAD),
            messages=_without(sent, WEBHOOK),
            deliveries=_under(sent, WEBHOOK),
            dialed=_daily(found, dialed, [(month, month) for month in period.months]) if dialed else {},
            loads=_loads(found, agents, parts),
            is_whole=is_whole,
            since=_since(found),
        )

    def names(self, app_id: str, agent_ids: Sequence[str]) -> Mapping[str, str]:
        """One consistent BatchGetItem."""
        places = {agent_id: keys.agent(app_id, agent_id) for agent_id in agent_ids}
        found = get_rows(self.client, {self.table: list(places.values())}) if places else {}
        rows = {agent_id: row_of(found, key) for agent_id, key in places.items()}
        return {agent_id: str(row["name"]) for agent_id, row in rows.items() if row}


def _shards(partition: str, what: str, month: str) -> Sequence[Key]:
    return shards_of(partition, month_row(what, month))


def _counts(found: Rows, partition: str, row: str) -> Counts:
    return counts_in(one for key in shards_of(partition, row) if (one := row_of(found, key)))


def _daily(found: Rows, partition: str, rows: Sequence[tuple[str, str]]) -> Daily:
    """`rows`: each with its month."""
    daily: dict[date, dict[str, int]] = {}
    for month, row in rows:
        for name, amount in _counts(found, partition, row).items():
            number, _, rest = name.partition(".")
            daily.setdefault(date.fromisoformat(f"{month}-{number}"), {})[rest] = amount
    return daily


def _under(daily: Daily, first: str) -> Daily:
    """Those whose names begin with this part, without it."""
    return {
        day: {name.removeprefix(f"{first}."): amount for name, amount in counts.items() if name.startswith(f"{first}.")}
        for day, counts in daily.items()
    }


def _without(daily: Daily, first: str) -> Daily:
    """Those whose names do not begin with this part."""
    return {
        day: {name: amount for name, amount in counts.items() if not name.startswith(f"{first}.")}
        for day, counts in daily.items()
    }


def _loads(found: Rows, partition: str, parts: Mapping[Week | date, int]) -> Mapping[str, Counts]:
    sums: Sums[str] = Sums()
    for part, sign in parts.items():
        for name, amount in _counts(found, partition, part_row(part)).items():
            sums[name] += sign * amount
    loads: dict[str, dict[str, int]] = {}
    for name, amount in (+sums).items():
        load, _, agent_id = name.partition(".")
        loads.setdefault(agent_id, {})[load] = amount
    return loads


def _since(found: Mapping[Any, Mapping[str, Any]]) -> datetime | None:
    """When the first of these rows was written."""
    known = [parse_instant(row[SINCE]["S"]) for row in found.values() if SINCE in row]
    return min(known, default=None)
