"""Dates and times of day as people write them, and as their spreadsheets do.

A date has one form, because `03/04/2027` is one day in Boston and another in Berlin. A time of day is the same in every
form in which spreadsheets show it.
"""

import re
from datetime import date, time

from slotline.domain.shared.errors import InvalidRequest

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9]))?")
_HALF_DAY_TIME = re.compile(r"([0-9]{1,2})(?::([0-5][0-9])(?::([0-5][0-9]))?)?\s?([ap])\.?\s?m\.?", re.IGNORECASE)
"""`9:00 AM`, `9:00:30 pm`, `9 a. m.`, with any kind of space."""


def date_of(text: str, field: str) -> date:
    """The date that the text names. Raises InvalidRequest where it is in another form, or does not exist."""
    if not _DATE.fullmatch(text):
        message = "other forms are read differently from country to country: say YYYY-MM-DD, such as 2027-12-25"
        raise InvalidRequest.of_field(field, message, "date")
    try:
        if 1970 <= (day := date.fromisoformat(text)).year < 2200:
            return day
    except ValueError:
        pass
    raise InvalidRequest.of_field(field, "must be a date that exists: say YYYY-MM-DD", "date")


def time_of(text: str, field: str) -> time:
    """The time of day that the text names, such as `09:00`, `9:00`, `9:00:30` or `9:00 AM`. Raises InvalidRequest."""
    try:
        if written := _TIME.fullmatch(text):
            hour, minute, second = (int(part or 0) for part in written.groups())
            return time(hour, minute, second)
        if written := _HALF_DAY_TIME.fullmatch(text):
            *parts, half = written.groups()
            hour, minute, second = (int(part or 0) for part in parts)
            if 1 <= hour <= 12:
                return time(hour % 12 + (12 if half in "pP" else 0), minute, second)
    except ValueError:
        pass
    raise InvalidRequest.of_field(field, "must be a time of day, such as 09:00, 09:00:30 or 9:00 AM", "time")
