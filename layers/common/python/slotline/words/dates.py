"""Times in words: in a reader's language and zone, with the catalogue's own way to write them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slotline.domain.shared.zone_places import place_of
from slotline.words.catalogue import Catalogue, fill
from slotline.words.direction import isolated

_TO = "\N{EN DASH}"


def moment_of(words: Catalogue, start: datetime) -> str:
    """`Thursday, December 3, 2026, 10:00 AM (Bogota time, UTC-5)`, for a start in its reader's zone."""
    dates = words.words["dates"]
    return fill(
        dates["moment"],
        {
            "weekday": dates["weekdays"][start.weekday()],
            "month": dates["months"][start.month - 1],
            "day": str(start.day),
            "year": str(start.year),
            "time": time_of(words, start),
            "zone": zone_of(words, start),
        },
    )


def zone_of(words: Catalogue, start: datetime) -> str:
    """`Bogota time, UTC-5`; of a zone without a city the offset alone."""
    place, offset = _place(start), isolated(offset_of(start), words.language)
    if not place:
        return offset
    return fill(words.words["dates"]["zone"], {"place": isolated(place, words.language), "offset": offset})


def day_of(words: Catalogue, day: date) -> str:
    """`Thursday, December 3`, without its year."""
    return _day(words, day, "day")


def date_of(words: Catalogue, day: date) -> str:
    """`Thursday, December 3, 2026`."""
    return _day(words, day, "date")


def _day(words: Catalogue, day: date, form: str) -> str:
    dates = words.words["dates"]
    values = {
        "weekday": dates["weekdays"][day.weekday()],
        "month": dates["months"][day.month - 1],
        "day": str(day.day),
        "year": str(day.year),
    }
    return fill(dates[form], values)


def month_of(words: Catalogue, day: date) -> str:
    """`December 2026`."""
    dates = words.words["dates"]
    return fill(dates["month"], {"month": dates["months"][day.month - 1], "year": str(day.year)})


def short_of(words: Catalogue, start: datetime) -> str:
    """`Thu Dec 3, 10:00 AM Bogota`."""
    place = isolated(_place(start) or offset_of(start), words.language)
    return fill(words.words["dates"]["short"], {**_short(words, start), "place": place})


def short_time_of(words: Catalogue, start: datetime) -> str:
    """`Thu Dec 3, 10:00 AM`, where the zone is said elsewhere."""
    return fill(words.words["dates"]["short_local"], _short(words, start))


def _short(words: Catalogue, start: datetime) -> dict[str, str]:
    dates = words.words["dates"]
    return {
        "weekday": dates["weekdays_short"][start.weekday()],
        "month": dates["months_short"][start.month - 1],
        "day": str(start.day),
        "time": time_of(words, start),
    }


def time_of(words: Catalogue, start: datetime) -> str:
    """`10:00 AM`, or `10:00` in a language that counts to 24."""
    dates = words.words["dates"]
    if dates["hours"] == 24:
        return f"{start:%H:%M}"
    return f"{start.hour % 12 or 12}:{start:%M} {dates['am'] if start.hour < 12 else dates['pm']}"


def span_of(words: Catalogue, start: datetime, end: datetime) -> str:
    """From one time to another, on a day that is said beside it."""
    return f"{time_of(words, start)} {_TO} {time_of(words, end)}"


def zone_or_utc(name: str) -> ZoneInfo:
    """The reader's zone; UTC, which the message then names, if the rules have no such zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _place(start: datetime) -> str | None:
    return place_of(str(start.tzinfo))


def offset_of(start: datetime) -> str:
    """`UTC`, `UTC-5`, `UTC+5:45`."""
    local, utc = start.replace(tzinfo=None), start.astimezone(UTC).replace(tzinfo=None)
    minutes = round((local - utc).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}" if minutes else "UTC"
