"""Times as Hypothesis draws them: whole minutes around one midnight, so that they often meet."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.shared.intervals import Interval

MIDNIGHT = datetime(2026, 5, 2, tzinfo=UTC)

starts = st.integers(-600, 600).map(lambda number: MIDNIGHT + timedelta(minutes=number))
lengths = st.integers(1, 480).map(lambda number: timedelta(minutes=number))
buffers = st.one_of(st.just(0), st.integers(0, 240)).map(lambda number: timedelta(minutes=number))
intervals = st.builds(Interval.starting, starts, lengths)


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    """A call's claim, with its own id."""
    return Claim(
        id=draw(st.uuids()).hex,
        kind=ClaimKind.CALL,
        meeting=draw(intervals),
        before=draw(buffers),
        after=draw(buffers),
    )


def minutes_of(interval: Interval) -> set[int]:
    """The minutes of an interval, counted from the midnight: the oracle that knows no arithmetic of ends."""
    first = int((interval.start - MIDNIGHT).total_seconds()) // 60
    return set(range(first, first + int(interval.length.total_seconds()) // 60))
