"""Sliding windows: at most so many of something in any stretch of a length."""

from collections.abc import Iterable
from datetime import datetime, timedelta


def next_allowed(times: Iterable[datetime], most: int, length: timedelta, now: datetime) -> datetime | None:
    """None where one more now stays within the bound; else the first instant at which it does.

    What happened at *t* counts while the present is before *t* + length.
    """
    counted = sorted(at for at in times if at > now - length)
    if len(counted) < most:
        return None
    return counted[len(counted) - most] + length if most else now + length
