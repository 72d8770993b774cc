"""Instants and time zones as people write them."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.domain.shared.zones import PLACES_BY_ABBREVIATION, zone

THREE = datetime(2026, 5, 1, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-05-01T15:00:00.000Z", THREE),
        ("2026-05-01T15:00Z", THREE),
        ("2026-05-01T15:00:00Z", THREE),
        ("2026-05-01T10:00:00-05:00", THREE),
        ("2026-05-01T20:45:00+0545", THREE),
        ("2026-05-02T05:00:00+14:00", THREE),
        ("2026-05-01T15:00:00,5Z", THREE + timedelta(milliseconds=500)),
        ("2026-05-01T15:00:00.123456789Z", THREE + timedelta(microseconds=123456)),
        ("2028-02-29T00:00:00Z", datetime(2028, 2, 29, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2199-12-31T23:59:59.999Z", datetime(2199, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)),
    ],
)
def test_an_instant_has_z_or_an_offset(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant
    assert parse_instant(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-05-01",
        "2026-05-01T15:00:00",
        "2026-05-01T15Z",
        "20260501T150000Z",
        "2026-05-01 15:00:00Z",
        "2026-05-01T15:00:00z",
        "2026-05-01T15:00:00 Z",
        " 2026-05-01T15:00:00Z",
        "2026-05-01T15:00:00Z\n",
        "2026-5-1T15:00:00Z",
        "2026-02-30T15:00:00Z",
        "2027-02-29T15:00:00Z",
        "2026-13-01T15:00:00Z",
        "2026-05-01T25:00:00Z",
        "2026-05-01T15:60:00Z",
        "2026-05-01T15:00:60Z",
        "2026-05-01T15:00:00+24:00",
        "2026-05-01T15:00:00+5",
        "2026-05-01T15:00:00[Europe/Paris]",
        "1777647600",
        "1969-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "2199-12-31T23:59:00-01:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:00-14:00",
        "\u0662\u0660\u0662\u0666-05-01T15:00:00Z",
    ],
)
def test_anything_else_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        parse_instant(text)


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30)),  # noqa: DTZ001 - the zone is drawn apart
    st.integers(-14 * 60, 14 * 60),
)
def test_an_instant_comes_back_as_it_was_to_the_millisecond(moment: datetime, offset: int) -> None:
    instant = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    text = format_instant(instant)
    assert text.endswith("Z")
    assert len(text) == len("2026-05-01T15:00:00.000Z")
    assert parse_instant(text) == instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    assert parse_instant(instant.isoformat()) == instant


@given(st.text(max_size=40))
def test_no_text_makes_parsing_fail_otherwise(text: str) -> None:
    with suppress(ValueError):
        assert parse_instant(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "name", ["UTC", "America/Bogota", "America/Argentina/Buenos_Aires", "Etc/GMT+12", "Asia/Kolkata"]
)
def test_a_zone_has_an_iana_name(name: str) -> None:
    assert zone(name).key == name


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("EST", "America/New_York"),
        ("EST", "America/Panama"),
        ("est", "America/New_York"),
        ("EDT", "America/New_York"),
        ("EST5EDT", "America/New_York"),
        ("MST", "America/Phoenix"),
        ("PST", "America/Los_Angeles"),
        ("HST", "Pacific/Honolulu"),
        ("CET", "Europe/Berlin"),
        ("GMT", "Europe/London"),
        ("IST", "Asia/Kolkata"),
    ],
)
def test_an_abbreviation_is_refused_with_the_place_to_say(name: str, place: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        zone(name, "timezone")
    (detail,) = refused.value.details
    assert (detail.field, detail.code) == ("timezone", "timezone")
    assert place in detail.message


def test_every_place_that_stands_for_an_abbreviation_is_a_zone_itself() -> None:
    said = " ".join(PLACES_BY_ABBREVIATION.values()).replace(",", " ").split()
    places = {word for word in said if "/" in word}
    assert len(places) > 30
    assert {zone(place).key for place in places} == places


def test_no_zone_that_is_taken_goes_by_its_own_abbreviation_but_utc() -> None:
    seasons = [datetime(2027, month, 1, tzinfo=UTC) for month in (1, 7)]

    def is_taken(name: str) -> bool:
        with suppress(InvalidRequest):
            return bool(zone(name))
        return False

    shown = {name: {at.astimezone(ZoneInfo(name)).tzname() for at in seasons} for name in available_timezones()}
    assert {name for name, abbreviations in shown.items() if name in abbreviations and is_taken(name)} == {"UTC"}


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Olympus",
        "america/bogota",
        "AMERICA/BOGOTA",
        "../etc/passwd",
        "../../usr/share/zoneinfo/UTC",
        "/usr/share/zoneinfo/UTC",
        "America/../UTC",
        "America",
        "America/",
        "posix/UTC",
        "right/UTC",
        "posixrules",
        "localtime",
        "Factory",
        "zone.tab",
        "+02:00",
        "UTC+2",
        "UTC ",
        "UTC\0",
        "x" * 10_000,
    ],
)
def test_anything_else_is_no_zone(name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        zone(name, "appTimezone")
    assert (refused.value.details[0].field, refused.value.details[0].code) == ("appTimezone", "timezone")
