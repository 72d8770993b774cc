"""Record a call: a file for each side and each start of its recorder, whose parts its own browser brings.

No file is begun before both have agreed, or once one of them is gone or has taken it back. Then pages stop by
themselves, and what was recorded until then is still brought.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from slotline.domain.access.identity import secret_hash
from slotline.domain.instant.doors import was_closed
from slotline.domain.instant.recordings import MOST_FILES, Progress, Recording, check_part
from slotline.domain.instant.rooms import holder_of
from slotline.domain.instant.seats import Seats, check_holds, check_sits
from slotline.domain.instant.visits import Page
from slotline.domain.shared.errors import Conflict, Detail, NotFound
from slotline.ports.instant import RecordingFiles, Recordings, Rooms, Seatings
from slotline.ports.shared import AlreadyWritten, Backoff, Clock, RaceLost
from slotline.usecases.instant.read_call import visit_room
from slotline.usecases.shared.retrying import retry


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRecording:
    """Begins a file."""

    rooms: Rooms
    seatings: Seatings
    recordings: Recordings
    files: RecordingFiles
    clock: Clock
    backoff: Backoff

    def __call__(self, call_id: str, page: Page, container: str, start: str = "") -> Recording:
        """The recording; of a start that was asked for before, the same. `start`: what the page calls it.

        Raises SeatLost, or Conflict while the call may not be recorded or has too many files.
        """
        now = self.clock.now()
        seats = self.seatings.read(call_id)
        check_sits(seats, page.side, secret_hash(page.secret), page.tab)
        call, app = visit_room(self.rooms, call_id)
        check_holds(seats, page.side, holder_of(call, page.side))
        if not seats.may_record(now) or was_closed(call):
            message = "The call is not recorded: not everybody has agreed."
            raise Conflict(message, [Detail(message, "not_agreed")])
        visitor = secret_hash(page.secret)

        def attempt() -> Recording:
            there = self.recordings.of(call_id)
            for one in there:
                if start and one.start == start and hmac.compare_digest(one.visitor, visitor):
                    return one
            number = len(there) + 1
            if number > MOST_FILES:
                message = f"A call has {MOST_FILES} recordings at most."
                raise Conflict(message, [Detail(message, "too_many_recordings")])
            draft = Recording(
                call_id=call_id,
                app_id=call.app_id,
                number=number,
                side=page.side,
                visitor=visitor,
                start=start,
                container=container,
                upload_id="",
                kept_for=timedelta(days=app.preset.recording_days),
                started_at=now,
                seen_at=now,
            )
            recording = replace(draft, upload_id=self.files.begin(draft))
            self.recordings.add(recording)
            return recording

        return retry(attempt, self.backoff, on=(AlreadyWritten,))


@dataclass(frozen=True, slots=True, kw_only=True)
class BringPart:
    """Says where the next part of a file is to be put: also once the call is over, or somebody else has the seat, for
    what was recorded before that is brought after it."""

    recordings: Recordings
    files: RecordingFiles
    clock: Clock

    def part(self, call_id: str, page: Page, progress: Progress, part: int, size: int) -> str:
        """The address. Raises NotFound, Conflict for a file that is complete, or InvalidRequest."""
        recording = heard(self.recordings, call_id, page, progress, self.clock.now())
        check_part(recording, part, size)
        return self.files.part_url(recording, part, size)

    def tail(self, call_id: str, page: Page, progress: Progress, after: int, size: int) -> str:
        """The same for what is not a part yet, behind so many parts."""
        recording = heard(self.recordings, call_id, page, progress, self.clock.now())
        check_part(recording, after + 1, size)
        return self.files.tail_url(recording, after, size)


def heard(recordings: Recordings, call_id: str, page: Page, progress: Progress, now: datetime) -> Recording:
    """A page's own recording, with what the page says of it now. Raises NotFound for somebody else's."""
    recording = recordings.find(call_id, progress.number)
    if recording is None or not hmac.compare_digest(recording.visitor, secret_hash(page.secret)):
        raise NotFound("There is no such recording of yours.")
    if not recording.is_open:
        return recording
    said = recording.heard(now, progress.recorded, progress.pieces, progress.gaps)
    recordings.heard(said)
    return said


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteRecordings:
    """Makes files of what was brought."""

    recordings: Recordings
    files: RecordingFiles
    clock: Clock

    def of_page(self, call_id: str, page: Page, progress: Progress) -> Recording:
        """The recording that its own page has come to the end of. Raises NotFound for another's."""
        return self._complete(heard(self.recordings, call_id, page, progress, self.clock.now()))

    def left(self, call_id: str, seats: Seats) -> Sequence[Recording]:
        """Those of a room whose pages will not come to the end of them."""
        now = self.clock.now()
        return [self._complete(one) for one in self.recordings.of(call_id) if one.is_left(seats, now)]

    def _complete(self, recording: Recording) -> Recording:
        if not recording.is_open:
            return recording
        completed = recording.completed(self.files.complete(recording), self.clock.now())
        try:
            self.recordings.keep(recording, completed)
        except RaceLost:
            return self.recordings.find(recording.call_id, recording.number) or completed
        return completed
