"""Free times for whoever books or moves a call for somebody else, and why a time is refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from slotline.domain.booking.slots import Refused, SlotQuery, Slots
from slotline.domain.shared.errors import DomainError
from slotline.domain.shared.instants import format_instant
from slotline.pages.calls.forms import Chosen
from slotline.pages.calls.shown import CallWords
from slotline.ports.booking import Calendars
from slotline.ports.shared import Clock
from slotline.usecases.booking.search_slots import search_slots
from slotline.words.dates import day_of, time_of

MOST_SHOWN = 60
"""Times of a day that are offered as buttons; any other can be typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeTimes:
    """Searches the calendars of an app."""

    calendars: Callable[[], Calendars]
    clock: Clock

    def of_day(self, query: SlotQuery, day: date, zone: ZoneInfo, words: CallWords) -> Mapping[str, Any]:
        """The free times of a day in a zone, each once, with the ways to the days beside it."""
        start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
        found = self._found(replace(query, start=start, end=end))
        starts = sorted({minute for minute, _ in found.starts})[:MOST_SHOWN] if found else []
        at = [datetime.fromtimestamp(minute * 60, UTC) for minute in starts]
        return {
            "name": day_of(words.dates, day),
            "date": str(day),
            "before": str(day - timedelta(days=1)),
            "after": str(day + timedelta(days=1)),
            "times": [{"value": format_instant(one), "text": time_of(words.dates, one.astimezone(zone))} for one in at],
        }

    def refusals(self, query: SlotQuery, start: datetime) -> Mapping[str, Refused]:
        """Why a call cannot start then, by the agent, of those whom the query is about."""
        length = query.duration_minutes
        if length is None:
            raise LookupError("a refusal is explained for a call of some length")
        around = replace(
            query, start=start, end=start + timedelta(minutes=length), step_minutes=1, explain=True, first=None
        )
        found = self._found(around)
        return {one.agent_id: one for one in (found.refused or ()) if one.start == start} if found else {}

    def free_at(self, query: SlotQuery, start: datetime) -> frozenset[str]:
        """The agents who are free then."""
        length = query.duration_minutes
        if length is None:
            raise LookupError("whether somebody is free is asked for a call of some length")
        found = self._found(replace(query, start=start, end=start + timedelta(minutes=length), step_minutes=1))
        minute = int(start.timestamp()) // 60
        return frozenset(found.agent_ids[place] for at, place in found.starts if at == minute) if found else frozenset()

    def _found(self, query: SlotQuery) -> Slots | None:
        """What the search finds; None where it refuses to look, such as a service that is gone."""
        try:
            return search_slots(self.calendars(), self.clock, query)
        except DomainError:
            return None


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in a zone, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def typed_start(day: str, at: str, zone: ZoneInfo) -> datetime:
    """The instant of a date and a time as they were typed. Raises InvalidRequest, also for a time that clocks skip."""
    return Chosen(day, at).instant(zone)


def explained(found: Mapping[str, Refused], words: CallWords) -> Sequence[Mapping[str, Any]]:
    """Each agent with the rule that refuses the time, and what stands behind it, for a table."""
    rows = [
        {
            "agent": words.agent(agent_id),
            "rule": words.texts.text("rule", refused.rule),
            "record": refused.record_id,
            "is_call": refused.rule == "slot_taken",
        }
        for agent_id, refused in found.items()
    ]
    return sorted(rows, key=lambda row: str(row["agent"]))
