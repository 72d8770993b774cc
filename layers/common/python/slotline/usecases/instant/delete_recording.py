"""The days of a recording are over: its file goes."""

from dataclasses import dataclass

from slotline.domain.instant.recordings import Recording
from slotline.domain.shared.due import Due
from slotline.ports.instant import RecordingFiles, Recordings
from slotline.ports.shared import RaceLost


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRecording:
    """Deletes what is due."""

    recordings: Recordings
    files: RecordingFiles

    def __call__(self, due: Due) -> Recording | None:
        """The recording afterwards; None where it was not due any more. The file goes first: a process that dies
        after that is followed by another, which finds it gone."""
        recording = self.recordings.due(due)
        if recording is None:
            return None
        self.files.delete(recording)
        deleted = recording.deleted()
        try:
            self.recordings.keep(recording, deleted)
        except RaceLost:
            return None
        return deleted
