"""The recordings of a call, and the way to their files, of which the audit log knows who was given it."""

from collections.abc import Sequence
from dataclasses import dataclass

from slotline.domain.instant.recordings import Downloadable, Recording, RecordingState
from slotline.domain.shared.audit import Audited, Author, Owner
from slotline.domain.shared.errors import NotFound
from slotline.ports.access import AuditLog
from slotline.ports.instant import RecordingFiles, Recordings
from slotline.ports.shared import Clock, Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRecordings:
    """Lists recordings, and hands out the way to their files."""

    recordings: Recordings
    files: RecordingFiles
    audit: AuditLog
    clock: Clock
    ids: Ids

    def listed(self, call_id: str) -> Sequence[Recording]:
        """Those of a call, in the order of their starts."""
        return self.recordings.of(call_id)

    def downloadable(self, call_id: str, of: Owner, author: Author) -> Sequence[Downloadable]:
        """The same with the ways to their files. The audit log has that before anybody gets them."""
        found = self.recordings.of(call_id)
        there = [one for one in found if one.state is RecordingState.COMPLETE]
        if there:
            self._note(call_id, there, of, author)
        return [
            Downloadable(recording=one, url=self.files.download_url(one) if one in there else None) for one in found
        ]

    def way_to(self, call_id: str, number: int, of: Owner, author: Author) -> str:
        """The way to one file, for somebody who asked for it. Raises NotFound."""
        recording = self.recordings.find(call_id, number)
        if recording is None or recording.state is not RecordingState.COMPLETE:
            raise NotFound("There is no such recording, or it is there no more.")
        self._note(call_id, [recording], of, author)
        return self.files.download_url(recording)

    def _note(self, call_id: str, given: Sequence[Recording], of: Owner, author: Author) -> None:
        act = Audited(id=self.ids.new(), at=self.clock.now(), author=author)
        said = {"numbers": [one.number for one in given]}
        self.audit.append(act.entry("recording.downloaded", call_id, None, said, of=of))
