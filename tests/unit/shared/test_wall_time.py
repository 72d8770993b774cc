"""Wall times of every zone against an oracle that only reads clocks, minute by minute."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.wall_time import even_day, first_instant_from, instant_of
from tests.support.properties import tried

FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ZONES = sorted(available_timezones() - {"Factory", "localtime"})
ODD_ZONES = ["Africa/Casablanca", "America/Havana", "Antarctica/Troll", "Asia/Beirut", "Australia/Lord_Howe"]
"""Clocks that jump four times a year, at midnight, by two hours and by half an hour."""
EVERY = 50
"""The quick run looks at one of so many others; the slow one looks at all."""
WIDEST_GAP = 2 * HOUR
"""Antarctica/Troll's, the widest there is in these years (the oracle would notice a wider one)."""


def wall_clock(*parts: int) -> datetime:
    """What a clock on a wall shows: a time without a zone, on purpose."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[misc, arg-type] # year to second


def reads(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the zone's clocks show."""
    return instant.astimezone(zone).replace(tzinfo=None)


@cache
def jumps(name: str) -> tuple[datetime, ...]:
    """Every instant of these years at which the zone's offset changes, to the second."""
    zone, found = ZoneInfo(name), []
    step = timedelta(days=5)
    before, offset = FIRST, FIRST.astimezone(zone).utcoffset()
    while before < LAST:
        after = before + step
        if after.astimezone(zone).utcoffset() != offset:
            low, high = before, after
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                low, high = (middle, high) if middle.astimezone(zone).utcoffset() == offset else (low, middle)
            found.append(high)
            offset = after.astimezone(zone).utcoffset()
        before = after
    return tuple(found)


class Oracle:
    """The clocks around one moment, read every minute, in the order of time."""

    def __init__(self, zone: ZoneInfo, around: datetime, reach: timedelta) -> None:
        self.zone = zone
        start = around - reach
        self.instants = [start + n * MINUTE for n in range(2 * (reach // MINUTE) + 1)]
        self.readings = [reads(instant, zone) for instant in self.instants]

    def all_at(self, wall: datetime) -> list[datetime]:
        """Every instant at which the clocks show exactly this."""
        return [at for at, shown in zip(self.instants, self.readings, strict=True) if shown == wall]

    def first_from(self, wall: datetime) -> datetime:
        """The first instant at which they show this or later."""
        assert self.readings[0] < wall, "the scan began too late"
        return next(at for at, shown in zip(self.instants, self.readings, strict=True) if shown >= wall)


def check(wall: datetime, oracle: Oracle) -> None:
    """Both functions against the oracle."""
    zone = oracle.zone
    expected = oracle.all_at(wall)
    if expected:
        assert instant_of(wall, zone, "start") == expected[0], "the first reading, where there are two"
    else:
        with pytest.raises(InvalidRequest) as refused:
            instant_of(wall, zone, "start")
        check_gap(refused.value, wall, oracle)
    bound = oracle.first_from(wall)
    assert first_instant_from(wall.date(), wall.time(), zone) == bound
    if wall.time() == time.min:
        assert first_instant_from(wall.date() - timedelta(days=1), None, zone) == bound


def check_gap(refused: InvalidRequest, wall: datetime, oracle: Oracle) -> None:
    """The error names the zone, and the gap as its clocks show it."""
    after = oracle.first_from(wall)
    opens, closes = reads(after - MINUTE, oracle.zone) + MINUTE, reads(after, oracle.zone)
    assert opens <= wall < closes
    detail = refused.details[0]
    assert (detail.code, detail.field) == ("wall_time_gap", "start")
    assert oracle.zone.key in detail.message
    assert f"{opens:%H:%M} to {closes:%H:%M}" in detail.message


def walls_around(jump: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The wall times at which something could go wrong: the ends of the gap or fold, just off them, and within."""
    old, new = reads(jump - MINUTE, zone) + MINUTE, reads(jump, zone)
    low, high = min(old, new), max(old, new)
    middle = (low + (high - low) / 2).replace(second=0, microsecond=0)
    yield from sorted({low - MINUTE, low, low + MINUTE, middle, high - MINUTE, high, high + MINUTE})


def check_zones(names: Sequence[str]) -> int:
    """Every jump of these zones. Returns how many wall times were compared."""
    compared = 0
    for name in names:
        zone = ZoneInfo(name)
        for jump in jumps(name):
            assert jump.second == 0
            oracle = Oracle(zone, jump, 2 * WIDEST_GAP)
            for wall in walls_around(jump, zone):
                check(wall, oracle)
                compared += 1
    return compared


def test_every_jump_of_odd_clocks_and_of_some_others_is_read_as_its_clocks_show_it() -> None:
    compared = check_zones(ODD_ZONES + ZONES[::EVERY])
    assert compared > 1_000


@pytest.mark.slow
def test_every_jump_of_every_name_is_read_as_its_clocks_show_it() -> None:
    compared = check_zones(ZONES)
    assert compared > 20_000


@tried()
@given(
    st.sampled_from(ZONES),
    st.datetimes(wall_clock(2020, 1, 2), wall_clock(2035, 12, 30)).map(lambda at: at.replace(second=0, microsecond=0)),
)
@example("Pacific/Kiritimati", wall_clock(2024, 2, 29, 0, 0))
@example("Etc/GMT+12", wall_clock(2024, 2, 29, 23, 59))
@example("Australia/Lord_Howe", wall_clock(2026, 10, 4, 2, 15))
@example("Asia/Kathmandu", wall_clock(2028, 2, 29, 0, 0))
def test_any_wall_time_of_any_zone_is_the_first_instant_that_shows_it(name: str, wall: datetime) -> None:
    zone = ZoneInfo(name)
    about = wall.replace(tzinfo=UTC) - (wall.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta(0))
    check(wall, Oracle(zone, about, 2 * WIDEST_GAP))


def test_a_gap_is_named_with_its_zone_its_ends_and_its_date() -> None:
    with pytest.raises(InvalidRequest) as refused:
        instant_of(wall_clock(2026, 3, 29, 2, 30), ZoneInfo("Europe/Berlin"), "scheduledAt")
    assert refused.value.message == (
        "scheduledAt: does not exist in Europe/Berlin: clocks go forward from 02:00 to 03:00 on 2026-03-29"
    )


def test_lord_howes_gap_is_half_an_hour() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    with pytest.raises(InvalidRequest, match="02:00 to 02:30"):
        instant_of(wall_clock(2026, 10, 4, 2, 0), zone, "start")
    with pytest.raises(InvalidRequest, match="02:00 to 02:30"):
        instant_of(wall_clock(2026, 10, 4, 2, 29, 59), zone, "start")
    assert instant_of(wall_clock(2026, 10, 4, 2, 30), zone, "start") == datetime(2026, 10, 3, 15, 30, tzinfo=UTC)


def test_a_time_that_comes_twice_is_the_first() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert instant_of(wall_clock(2026, 10, 25, 2, 30), berlin, "start") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert first_instant_from(date(2026, 10, 25), time(2, 30), berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_bound_inside_a_gap_is_the_moment_of_the_jump() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert first_instant_from(date(2026, 3, 29), time(2, 30), berlin) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_midnight_that_the_clocks_jump_over_is_the_moment_of_the_jump() -> None:
    """Beirut's clocks go from 24:00 to 01:00."""
    beirut = ZoneInfo("Asia/Beirut")
    jump = next(at for at in jumps("Asia/Beirut") if at.year == 2026 and at.month < 7)
    day = reads(jump, beirut).date()
    assert reads(jump, beirut).time() == time(1, 0)
    assert first_instant_from(day, time(0, 0), beirut) == jump
    assert first_instant_from(day - timedelta(days=1), None, beirut) == jump
    with pytest.raises(InvalidRequest, match="00:00 to 01:00"):
        instant_of(datetime.combine(day, time(0, 30)), beirut, "start")


@given(
    st.sampled_from(sorted(available_timezones() - {"Factory", "localtime"})),
    st.dates(date(2020, 1, 1), date(2030, 12, 31)),
)
@example("America/New_York", date(2026, 11, 1))
@example("Asia/Beirut", date(2026, 10, 24))
@example("Pacific/Apia", date(2011, 12, 30))
def test_on_an_even_day_clocks_show_how_long_ago_it_began(name: str, day: date) -> None:
    whole = even_day(day, ZoneInfo(name))
    if whole is not None:
        for minutes in (0, 1, 179, 719, 1439):
            shown = (whole.start + timedelta(minutes=minutes)).astimezone(ZoneInfo(name))
            assert (shown.date(), shown.hour * 60 + shown.minute) == (day, minutes)


def test_a_day_on_which_clocks_change_is_not_even() -> None:
    for name, days in {
        "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
        "Asia/Beirut": (date(2026, 10, 24),),  # back over midnight: an hour more
        "Pacific/Apia": (date(2011, 12, 30),),  # a day that was left out
    }.items():
        assert [even_day(day, ZoneInfo(name)) for day in days] == [None] * len(days)
    assert even_day(date(2026, 3, 9), ZoneInfo("America/New_York"))
