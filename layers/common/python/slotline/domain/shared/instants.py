"""Instants as text: ISO-8601 with `Z` or an offset in, UTC with milliseconds and `Z` out."""

import re
from datetime import UTC, datetime

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)", re.ASCII)


def parse_instant(text: str) -> datetime:
    """The instant in UTC. Raises ValueError, with what would be right, for anything else.

    Digits beyond microseconds are cut off, as `datetime.fromisoformat` does. Years outside 1970-2199 are refused: no
    call is there, and arithmetic at the ends of the calendar overflows.
    """
    if not _ISO.fullmatch(text):
        raise ValueError("must be an ISO-8601 instant with Z or an offset, such as 2026-05-01T15:00:00.000Z")
    try:
        instant = datetime.fromisoformat(text.replace(",", ".")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("must be a date and time that exist, such as 2026-05-01T15:00:00.000Z") from error
    if not 1970 <= instant.year < 2200:
        raise ValueError("must be between the years 1970 and 2199")
    return instant


def format_instant(instant: datetime) -> str:
    """`2026-05-01T15:00:00.000Z`. Takes an aware datetime."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant_or_none(text: str | None) -> datetime | None:
    """The instant of a text that may be missing."""
    return None if text is None else parse_instant(text)
