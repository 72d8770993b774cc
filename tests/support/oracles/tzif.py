"""What clocks show by a file of zone rules, read by hand from the format (RFC 9636): an oracle beside `zoneinfo`.

python-dateutil will not do: it reads only the first block of a file, which is empty in the package `tzdata`, and takes
every such zone for UTC.
"""

import re
import struct
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

_HEADER = struct.Struct(">4sc15x6l")
_RULE = re.compile(r"M(\d+)\.(\d)\.(\d)(?:/(-?\d+)(?::(\d+))?(?::(\d+))?)?")
_OFFSET = r"([+-]?\d+)(?::(\d+))?(?::(\d+))?"
_NAME = r"(?:<[^>]+>|[A-Za-z]+)"
_FOOTER = re.compile(rf"{_NAME}{_OFFSET}(?:{_NAME}(?:{_OFFSET})?,([^,]+),([^,]+))?")


@dataclass(frozen=True)
class Clocks:
    """The clocks of one zone: moments of change with the offset from each on, and the rule for what follows."""

    moments: tuple[int, ...]
    offsets: tuple[int, ...]
    first: int
    footer: str

    @classmethod
    def of(cls, file: Path) -> "Clocks":
        """As the file says, by its second block of data."""
        data = file.read_bytes()
        _, second = _block(data, 0, wide=4)
        (times, kinds, offsets), end = _block(data, second, wide=8)
        footer = data[end:].strip(b"\n").decode()
        return cls(moments=times, offsets=tuple(offsets[kind] for kind in kinds), first=offsets[0], footer=footer)

    def show(self, instant: datetime) -> str:
        """The wall time at an instant, `2027-03-14T09:00`."""
        local = instant.astimezone(UTC).replace(tzinfo=None) + timedelta(seconds=self._offset(instant))
        return local.isoformat(timespec="minutes")

    def _offset(self, instant: datetime) -> int:
        at = int(instant.timestamp())
        place = bisect_right(self.moments, at)
        if place == len(self.moments) and self.footer:
            return _by_footer(self.footer, at)
        return self.offsets[place - 1] if place else self.first


def _block(data: bytes, start: int, *, wide: int) -> tuple[tuple[tuple[int, ...], bytes, list[int]], int]:
    magic, _, utc, std, leap, count, types, letters = _HEADER.unpack_from(data, start)
    assert magic == b"TZif"
    at = start + _HEADER.size
    times = struct.unpack_from(f">{count}{'q' if wide == 8 else 'l'}", data, at)
    at += count * wide
    kinds = data[at : at + count]
    at += count
    offsets = [struct.unpack_from(">l", data, at + 6 * number)[0] for number in range(types)]
    return (times, kinds, offsets), at + 6 * types + letters + leap * (wide + 4) + std + utc


def _by_footer(footer: str, at: int) -> int:
    """The offset by a rule as POSIX writes them, whose sign is the other way round."""
    found = _FOOTER.fullmatch(footer)
    assert found, footer
    standard = -_seconds(*found.group(1, 2, 3))
    if found.group(7) is None:
        return standard
    summer = -_seconds(*found.group(4, 5, 6)) if found.group(4) else standard + 3600
    year = datetime.fromtimestamp(at + standard, UTC).year
    begins, ends = (_moment(rule, year) for rule in found.group(7, 8))
    begins, ends = begins - standard, ends - summer
    is_summer = begins <= at < ends if begins < ends else not ends <= at < begins
    return summer if is_summer else standard


def _moment(rule: str, year: int) -> int:
    """Seconds since 1970 of the rule's wall time in that year, as if that were UTC."""
    found = _RULE.fullmatch(rule)
    assert found, rule
    month, week, weekday = (int(text) for text in found.group(1, 2, 3))
    first = date(year, month, 1)
    day = first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (week - 1))
    while day.month != month:
        day -= timedelta(days=7)
    clock = _seconds(*found.group(4, 5, 6)) if found.group(4) else 7200
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + clock


def _seconds(hours: str, minutes: str | None, seconds: str | None) -> int:
    sign = -1 if hours.startswith("-") else 1
    return sign * (abs(int(hours)) * 3600 + int(minutes or 0) * 60 + int(seconds or 0))
