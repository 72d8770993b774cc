"""Which slots are free, by bitmaps of minutes.

A stretch of time is a Python int, bit *i* for its minute *i*. A month is 44,640 bits: an AND of two agents' months is
a microsecond. A slot of *n* minutes is free at *s* where the *n* bits from *s* are set, which doubling shifts find for
all *s* at once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from typing import NamedTuple

from slotline.domain.booking.apps import Agent
from slotline.domain.booking.claims import ClaimKind
from slotline.domain.shared.intervals import Interval

_BITS = bytes.maketrans(b"01", b"\0\1")


class Busy(NamedTuple):
    """A claim in epoch minutes, as the search needs it: the meeting `[start, end)`, its buffers, and whose it is."""

    start: int
    end: int
    before: int
    after: int
    kind: ClaimKind = ClaimKind.CALL
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotShape:
    """What is looked for: the length and buffers of a call, and how far apart starts are. All in minutes."""

    length: int
    before: int
    after: int
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCalendar:
    """What decides an agent's free slots: when they work (None: always), what is taken, and where the grid hangs.

    `grid`: the pieces of `slotline.domain.booking.slot_grid`, disjoint and in order.
    """

    worked: Sequence[Interval] | None
    busy: Sequence[Busy]
    grid: Sequence[Interval]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotQuery:
    """What is looked for. None: the preset's value, or for the step the duration."""

    app_id: str
    start: datetime
    end: datetime
    agent_id: str | None = None
    duration_minutes: int | None = None
    step_minutes: int | None = None
    buffer_before_minutes: int | None = None
    buffer_after_minutes: int | None = None
    respect_working_hours: bool = True
    required_tags: tuple[str, ...] = ()
    """That an agent must carry, beside the preset's."""
    agent_ids: tuple[str, ...] = ()
    """Only these, if any are named."""
    first: int | None = None
    explain: bool = False
    preset_id: str | None = None
    """The id or slug of the preset; None: the active one."""
    moving: str | None = None
    """The id of a call that would be moved: its own time is not in its way."""
    for_guests: bool = False
    """Whether guests who book for themselves are to choose from what is found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A start of the grid that is not offered: the rule that refuses it, and the record behind it, if one is."""

    start: datetime
    agent_id: str
    rule: str
    record_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """Free slots by start, then agent: epoch minutes with the agent's place in `agent_ids`."""

    agent_ids: Sequence[str]
    length_minutes: int
    starts: Sequence[tuple[int, int]]
    refused: Sequence[Refused] | None = None
    shown_to_guests: Sequence[Agent] | None = None
    """Whom guests choose from, if it is guests who asked; none where the service finds the agent."""


def epoch_minute(instant: datetime) -> int:
    """Minutes since 1970, rounded down."""
    return int(instant.timestamp()) // 60


def next_minute(instant: datetime) -> int:
    """Minutes since 1970, rounded up: what begins inside a minute has the next one whole."""
    return int(-(-instant.timestamp() // 60))


def free_starts(calendar: AgentCalendar, span: Interval, shape: SlotShape) -> list[int]:
    """The starts of the grid, in epoch minutes and ascending, at which a call of this shape may lie in the span whole.

    The same rule as the lock (`Claim.collides`): the meeting meets nobody's padded time, and its own padded time
    meets nobody's meeting; and all of the meeting is worked. Its buffers may reach beyond working time.
    """
    first = next_minute(span.start)
    size = epoch_minute(span.end) - first
    if size < shape.length:
        return []
    origin = first - shape.before  # bit 0 of the wide map
    wide = size + shape.before + shape.after
    meetings, padded = _busy_maps(calendar.busy, origin, wide)
    everything = (1 << wide) - 1
    open_time = (everything & ~padded) >> shape.before
    if calendar.worked is not None:
        open_time &= _worked_map(calendar.worked, first, size)
    # Bit i of each: a slot may begin at minute `first + i`.
    undisturbed = _runs(everything & ~meetings, shape.before + shape.length + shape.after)
    clear = _runs(open_time, shape.length)
    count = size - shape.length + 1
    free = undisturbed & clear & ((1 << count) - 1)
    return _on_grid(free, count, _minutes_from(first, calendar.grid), first, shape.step) if free else []


def still_free(starts: Sequence[int], busy: Iterable[Busy], shape: SlotShape) -> list[int]:
    """Those of some ascending starts at which a call of this shape meets nothing that is taken.

    The rule of `free_starts`, for whoever has candidates and asks about a few days: what is taken cuts a piece out.
    """
    free = bytearray(b"\1") * len(starts)
    for start, end, before, after, *_ in busy:
        ahead = before if before > shape.after else shape.after  # noqa: FURB136 - as in _minutes_of
        behind = after if after > shape.before else shape.before  # noqa: FURB136 - as in _minutes_of
        first = bisect_right(starts, start - shape.length - ahead)
        past = bisect_left(starts, end + behind, first)
        if first < past:
            free[first:past] = bytes(past - first)
    return list(compress(starts, free))


def _busy_maps(busy: Iterable[Busy], origin: int, size: int) -> tuple[int, int]:
    """The minutes of all meetings, and of all padded times."""
    meetings, padded = [], []
    for start, end, before, after, *_ in busy:
        meetings.append((start - origin, end - origin))
        padded.append((start - before - origin, end + after - origin))
    return _minutes_of(meetings, size), _minutes_of(padded, size)


def _worked_map(worked: Iterable[Interval], origin: int, size: int) -> int:
    return _minutes_of(_minutes_from(origin, worked), size)


def _minutes_from(origin: int, intervals: Iterable[Interval]) -> list[tuple[int, int]]:
    """The whole minutes of each."""
    return [(next_minute(interval.start) - origin, epoch_minute(interval.end) - origin) for interval in intervals]


def _minutes_of(stretches: list[tuple[int, int]], size: int) -> int:
    """A map of `size` minutes with the bits of every `[start, end)` set; what lies outside of it is cut off.

    The bits from `start` to `end` are 2**end - 2**start, and so for a sum over stretches that do not overlap. The ends
    and the starts are collected as bytes, in which one bit is cheap to set, and subtracted once.
    """
    ends, starts = bytearray(size // 8 + 1), bytearray(size // 8 + 1)
    reached = 0
    for start, end in sorted(stretches):
        begin = start if start > reached else reached  # noqa: FURB136 - the calls would cost half of the search
        finish = end if end < size else size  # noqa: FURB136 - as above
        if begin < finish:
            starts[begin >> 3] |= 1 << (begin & 7)
            ends[finish >> 3] |= 1 << (finish & 7)
            reached = finish
    return int.from_bytes(ends, "little") - int.from_bytes(starts, "little")


def _runs(free: int, length: int) -> int:
    """Bit *s* is set where the `length` bits of `free` from *s* are all set."""
    have = 1
    while have < length:
        shift = min(have, length - have)
        free &= free >> shift
        have += shift
    return free


def _on_grid(free: int, count: int, pieces: Iterable[tuple[int, int]], first: int, step: int) -> list[int]:
    """The set bits of `free`, of `count`, that are points of the grid; `first` is the minute of bit 0.

    Through text, whose slices are cut and searched in C.
    """
    text = f"{free:0{count + 1}b}".encode()  # bit i is at `count - i`; in front of the last is one 0 more
    found: list[int] = []
    for opening, closing in pieces:
        begin = opening if opening >= 0 else opening % step
        end = closing if closing < count else count  # noqa: FURB136 - as in _minutes_of
        if begin < end:
            bits = text[count - begin : count - end : -step].translate(_BITS)
            found += compress(range(first + begin, first + end, step), bits)
    return found
