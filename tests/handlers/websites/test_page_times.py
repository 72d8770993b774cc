"""The days and times that the booking page shows are those that the API offers, as the guest's clocks show them.

The HTML and the data of its script are read, and held to the answer of `availability`, which zoneinfo converts. Agents,
zones and dates are random; those of zones whose rules changed in 2026 and days on which clocks change are among them.
"""

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slotline import zone_rules
from slotline.domain.booking.agent_days import AgentDay
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.shared.instants import parse_instant
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.zones_changed import ZONES as CHANGED
from tests.handlers.websites.conftest import KEY, Site
from tests.support.builders.apps import SetClock
from tests.support.handlers import APP_ID, Endpoint, partner

CASES = 200
ANY_ZONES = sorted(name for name in zone_rules.names() if "/" in name)
ODD_ZONES = ("Africa/Cairo", "America/New_York", "Asia/Beirut", "Asia/Calcutta", "Australia/Lord_Howe", "US/Pacific")
LANGUAGES = {"en": 6, "es": 0, "ar": 5}
"""And the weekday that their weeks begin with."""
WHOLE_DAYS = [{"weekday": day, "start": "00:00", "end": "24:00"} for day in range(7)]
OFFICE = [{"weekday": day, "start": "09:00", "end": "17:00"} for day in range(5)]
LATE = [{"weekday": day, "start": "22:30", "end": "24:00"} for day in range(7)]
PLENTY = partner(limit_minute="1000000", limit_hour="1000000", limit_day="1000000")


@dataclass(frozen=True)
class Shown:
    """What a page says: by the day, each start with the minute that clocks show; and the times of the chosen day."""

    days: Mapping[str, Sequence[tuple[int, int]]]
    linked: Mapping[str, int]
    """The column of each free day."""
    chosen: str | None
    times: Sequence[tuple[str, str]]
    clock: Mapping[str, Any]


def read(html: str) -> Shown:
    """What a guest sees, and what the page's script would show."""
    (text,) = re.findall(r'<script type="application/json" id="free">(.*?)</script>', html)
    data = json.loads(text)
    linked, chosen = {}, None
    for row in re.findall(r"<tr>(.*?)</tr>", html.partition("<tbody>")[2]):
        for column, cell in enumerate(re.findall(r"<td>(.*?)</td>", row)):
            if found := re.search(r'data-day="([^"]+)"', cell):
                linked[found[1]] = column
                chosen = found[1] if 'aria-current="date"' in cell else chosen
    times = re.findall(r'name="start" value="([^"]+)"><time datetime="\1">([^<]+)</time>', html)
    return Shown(
        days={day: [(start, clock) for start, clock, *_ in starts] for day, starts in data["days"].items()},
        linked=linked,
        chosen=chosen,
        times=[(start, unescape(said)) for start, said in times],
        clock={name: data[name] for name in ("hours", "am", "pm")},
    )


def wall(minute: int, clock: Mapping[str, Any]) -> str:
    """A minute of the day as a language writes it."""
    hour, past = divmod(minute, 60)
    if clock["hours"] == 24:
        return f"{hour:02d}:{past:02d}"
    return f"{hour % 12 or 12}:{past:02d} {clock['am' if hour < 12 else 'pm']}"


@dataclass
class Guest:
    """A guest in a zone, who looks at a month in a language."""

    zone: str
    month: date
    language: str = "en"

    def page(self) -> Shown:
        """The month as the page has it."""
        said = {"tz": self.zone, "lang": self.language, "month": f"{self.month:%Y-%m}", "agent": "agent-1"}
        reply = Endpoint("pages/book", "GET", None)(f"/book/{APP_ID}/visit", query={"widgetKey": KEY, **said})
        assert reply.status == 200, reply.text
        assert f'data-zone="{self.zone}"' in reply.text
        return read(reply.text)

    def offered(self) -> dict[str, list[tuple[int, int]]]:
        """The same month as the API has it, by the guest's clocks."""
        first = datetime.combine(self.month, datetime.min.time(), UTC)
        span = {"fromUtc": first - timedelta(days=2), "toUtc": first + timedelta(days=34)}
        reply = Endpoint("availability/search", "GET", PLENTY)(
            f"/api/v1/video/{APP_ID}/availability",
            query={"presetId": "visit", "agentId": "agent-1", **{name: f"{at:%FT%TZ}" for name, at in span.items()}},
        )
        assert reply.status == 200, reply.text
        days: dict[str, list[tuple[int, int]]] = {}
        for slot in reply.json["data"]["slots"]:
            start = parse_instant(slot["startUtc"])
            at = start.astimezone(ZoneInfo(self.zone))
            if (at.year, at.month) == (self.month.year, self.month.month):
                shown = int(start.timestamp()) // 60, at.hour * 60 + at.minute
                days.setdefault(at.date().isoformat(), []).append(shown)
        return days


def agree(guest: Guest) -> Shown:
    """Hold the page to the API's answer."""
    shown, offered = guest.page(), guest.offered()
    assert shown.days == offered
    first_weekday = LANGUAGES[guest.language]
    columns = {day: (date.fromisoformat(day).weekday() - first_weekday) % 7 for day in offered}
    assert shown.linked == columns
    assert shown.chosen == min(offered, default=None)
    clocks = dict(offered.get(shown.chosen or "", ()))
    starts = [int(parse_instant(start).timestamp()) // 60 for start, _ in shown.times]
    assert sorted(starts) == sorted(clocks)
    said = dict(zip(starts, (text for _, text in shown.times), strict=True))
    assert len(set(said.values())) == len(said), "two times look the same"
    twice = {clock for clock in clocks.values() if list(clocks.values()).count(clock) > 1}
    for start, clock in clocks.items():
        text, _, beside = said[start].partition(" (")
        assert (text, bool(beside)) == (wall(clock, shown.clock), clock in twice)
    return shown


@pytest.fixture
def service(site: Site) -> Site:
    """A service of half an hour whose guests choose the agent."""
    site.add_preset(slug="visit", public=True, durationMinutes=30, horizonDays=730, minimumNoticeMinutes=0)
    return site


def works(site: Site, hours: Sequence[Mapping[str, Any]], zone: str) -> None:
    """The agent's weekly hours."""
    site.set_agent("agent-1", working_hours=[{**one, "zone": zone} for one in hours])


def is_busy(site: Site, start: datetime, minutes: int) -> None:
    """The agent has a call."""
    meeting = Interval.starting(start, minutes * MINUTE)
    claim = Claim(id=f"call-{start:%m%d%H%M}-{minutes}", kind=ClaimKind.CALL, meeting=meeting)
    days = site.ports.store.days
    for day in meeting.utc_days():
        there = days.get((APP_ID, "agent-1", day), AgentDay(day=day))
        days[APP_ID, "agent-1", day] = replace(there, claims=(*there.claims, claim))


def changes_of(zone: str) -> list[datetime]:
    """Midnights of 2026 and 2027 after which a zone's clocks change."""
    days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(700)]
    offsets = [day.astimezone(ZoneInfo(zone)).utcoffset() for day in days]
    return [day for day, one, other in zip(days, offsets, offsets[1:], strict=False) if one != other]


def test_what_the_page_shows_is_what_the_api_offers_for_random_agents_zones_and_dates(
    service: Site, clock: SetClock
) -> None:
    chance, free, languages = random.Random(17), 0, list(LANGUAGES)
    changed = sorted(CHANGED)
    for case in range(CASES):
        zone = (
            changed[case % len(changed)] if case % 2 else chance.choice([*ODD_ZONES, *chance.choices(ANY_ZONES, k=6)])
        )
        change = chance.choice([*changes_of(zone), datetime(2026, chance.randrange(1, 13), 28, tzinfo=UTC)])
        clock.instant = change - timedelta(minutes=chance.randrange(3 * 1440), seconds=chance.choice([0, 1, 30]))
        works(service, chance.choice([WHOLE_DAYS, OFFICE, OFFICE, LATE]), chance.choice([zone, *ODD_ZONES]))
        service.ports.store.days.clear()
        for _ in range(chance.choice([0, 4, 40])):
            start = clock.instant.replace(second=0) + timedelta(minutes=chance.randrange(30 * 1440))
            is_busy(service, start, chance.choice([5, 45, 300]))
        month = (change + timedelta(days=chance.choice([0, 0, 31]))).astimezone(ZoneInfo(zone)).date().replace(day=1)
        free += bool(agree(Guest(zone, month, languages[case % 3])).days)
        service.ports.rates.counters.clear()
    assert free > CASES / 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_hours_of_a_fold_are_shown_and_told_apart(service: Site, clock: SetClock, language: str) -> None:
    clock.instant = datetime(2026, 10, 31, 12, tzinfo=UTC)
    works(service, WHOLE_DAYS, "America/New_York")
    shown = agree(Guest("America/New_York", date(2026, 11, 1), language))
    folded = [clock for _, clock in shown.days["2026-11-01"]]
    assert (len(folded), [minute for minute in folded if 60 <= minute < 120]) == (50, [60, 90, 60, 90])
    assert sum("UTC-" in said for _, said in shown.times) == 4


def test_an_hour_that_clocks_jump_over_is_not_shown(service: Site, clock: SetClock) -> None:
    clock.instant = datetime(2026, 3, 7, 12, tzinfo=UTC)
    works(service, WHOLE_DAYS, "America/New_York")
    shown = agree(Guest("America/New_York", date(2026, 3, 1)))
    skipped = [clock for _, clock in shown.days["2026-03-08"]]
    assert (len(skipped), [minute for minute in skipped if 120 <= minute < 180]) == (46, [])


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu", "Asia/Beirut"])
def test_a_month_begins_and_ends_at_the_guests_midnight(service: Site, clock: SetClock, zone: str) -> None:
    clock.instant = datetime(2026, 9, 20, 12, tzinfo=UTC)
    works(service, WHOLE_DAYS, zone)
    shown = agree(Guest(zone, date(2026, 10, 1)))
    assert (shown.days["2026-10-01"][0][1], shown.days["2026-10-31"][-1][1]) == (0, 1410)
    assert len(shown.days) == 31


@pytest.mark.parametrize("zone", sorted(CHANGED))
def test_zones_whose_rules_changed_in_2026_are_read_by_the_new_ones(service: Site, clock: SetClock, zone: str) -> None:
    clock.instant = datetime(2026, 12, 14, 12, tzinfo=UTC)
    works(service, OFFICE, "UTC")
    assert agree(Guest(zone, date(2026, 12, 1))).days
