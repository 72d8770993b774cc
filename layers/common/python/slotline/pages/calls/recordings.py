"""The recordings of a call on pages that people sign in to: a table, and the way to each file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.domain.instant.recordings import Recording, RecordingState
from slotline.domain.shared.errors import NotFound
from slotline.domain.shared.instants import format_instant
from slotline.pages.kit import Redirect
from slotline.pages.signed import SignedIn
from slotline.usecases.instant.read_recordings import ReadRecordings

_MEGABYTE = 1_000_000
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRow:
    """A line of the table. `lost`: how many seconds of it were."""

    number: int
    side: str
    instant: str
    began: str
    length: str
    size: str
    lost: int
    state: RecordingState
    way: str | None
    until: str | None
    """When it is deleted."""


def recording_rows(
    recordings: Sequence[Recording], page: str, moment: Callable[[datetime], str]
) -> Sequence[RecordingRow]:
    """The lines, in the order of their starts. `page`: the address of the call's page; `moment`: writes an instant."""
    return [
        RecordingRow(
            number=one.number,
            side=one.side.value,
            instant=format_instant(one.started_at),
            began=moment(one.started_at),
            length=_length(one.recorded),
            size=f"{one.size / _MEGABYTE:.1f} MB" if one.size else "",
            lost=len(one.gaps),
            state=one.state,
            way=f"{page}/recordings/{one.number}" if one.state is RecordingState.COMPLETE else None,
            until=moment(one.deleted_at) if one.deleted_at else None,
        )
        for one in recordings
    ]


def download(signed: SignedIn, reading: ReadRecordings, call_id: str) -> Redirect:
    """The way to a file of a call that the reader may see. Raises NotFound."""
    number = signed.asked.part("number")
    if not (number.isascii() and number.isdigit() and len(number) <= 3):
        raise NotFound("There is no such recording.")
    return Redirect(reading.way_to(call_id, int(number), signed.app, signed.author), leaves=True)


def _length(recorded: timedelta) -> str:
    """`1:05:09`, or `5:09`."""
    minutes, seconds = divmod(recorded // _SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
